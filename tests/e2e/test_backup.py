"""Backups from the schedule to the bucket and back: every row, sealed, proven before anything is written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from random import Random
from typing import Any

import pytest

from dbsbm.backup import dump, restore
from dbsbm.backup.check import Checked, check_newest
from dbsbm.backup.model import BackupError
from dbsbm.backup.residues import Search
from dbsbm.core import upload
from dbsbm.core.clock import SystemClock
from dbsbm.database.connection import connect_from_url
from dbsbm.database.database import Database
from infra.catalog import CATALOG, Schedule
from local.cloud import Faults
from local.cloud.errors import FunctionError
from tests.e2e.backups import backed_up, raw, store_of
from tests.e2e.world import World, after, distinct_pick, on_schedule, opened
from tests.schemas import Schemas

pytestmark = pytest.mark.slow


def _expression(name: str) -> str:
    [schedule] = [each for each in CATALOG.function(name).triggers if isinstance(each, Schedule)]
    return schedule.expression


NIGHTLY = on_schedule(
    job_backup=_expression("job_backup"), job_restore_check=_expression("job_restore_check"), delivery="rate(6 hours)"
)


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url, catalog=NIGHTLY) as world:
        yield world.set_up()


def posted(world: World, number: int = 0) -> None:
    world.settled(world.ann.slash("bet", pick=distinct_pick(number)).click("Post"))


@pytest.fixture
def target(mariadb_server: str) -> Iterator[tuple[Database, str]]:
    """An empty schema and a way to load into it."""
    schemas = Schemas(mariadb_server)
    with schemas.blank() as url:
        database = Database(lambda: connect_from_url(url, loads=True), SystemClock())
        yield database, url
        database.close()
    schemas.close()


def test_a_night_is_backed_up_and_proven_without_anybody(world: World) -> None:
    posted(world)
    world.cloud.advance(13 * 3600)  # 15:00 → 04:00
    store = store_of(world)
    [name] = store.names()
    manifest = store.manifest(name)
    assert (manifest.kind, manifest.base, name[9:13]) == ("full", name, "0315")
    rows = {table.name: table.rows for table in manifest.tables}
    assert rows["bets"] == rows["bet_revisions"] == 1
    assert "schema_migrations" not in rows
    assert store.notes(name)["whole"] is True
    assert (
        world.rows("SELECT 1 FROM information_schema.schemata WHERE schema_name = CONCAT(DATABASE(), '_restore_check')")
        == ()
    )
    assert world.cloud.invoke("job_restore_check", {})["rows"] == 0
    world.olga.slash("capper add", user=world.bob)
    world.cloud.advance(24 * 3600)
    newest = store.manifest(store.names()[-1])
    assert (newest.kind, newest.base) == ("increment", name)
    assert newest.written < manifest.written


def test_what_comes_back_is_what_was_there(world: World, target: tuple[Database, str]) -> None:
    for number in range(3):
        posted(world, number)
    awkward = "\t\n\\ \\N \\n ' \" ; \r \x00 \U0001f9fe DROP TABLE bets"
    world.database.run(lambda session: session.execute("UPDATE bet_revisions SET write_up = %s", (awkward,)))
    made = backed_up(world)
    database, url = target
    store = store_of(world)
    manifest = store.manifest(made["backup"])
    came = restore.restore(store, manifest, [database], url)
    assert came.rows == made["rows"]
    for table in manifest.tables:
        sql = f"SELECT * FROM `{table.name}` ORDER BY {', '.join(f'`{column}`' for column in table.columns)}"
        with database.read() as session:
            assert session.all(sql) == world.rows(sql), table.name
    with pytest.raises(restore.RestoreRefusedError, match="rows already"):
        restore.restore(store, manifest, [database], url)


def test_a_proof_that_runs_out_of_time_goes_on_where_it_was(world: World, database_url: str) -> None:
    posted(world)
    made = backed_up(world)
    store, runs, searched = store_of(world), list[Checked](), list[Search]()
    tables = len(store.manifest(made["backup"]).tables)
    while not (runs and runs[-1].whole):
        left = partial(next, iter([True] * 25), False)
        came = check_newest(store, database_url, world.clock, lambda _: (), told=searched.append, has_time=left)
        assert came is not None
        runs.append(came)
        assert store.notes(made["backup"])["whole"] is came.whole
    assert [run.done for run in runs] == [*range(25, tables, 25), tables]
    assert sum(run.rows for run in runs) == made["rows"], "each table once"
    assert len(searched) == 1


def test_a_proof_that_is_killed_loses_the_one_table_it_was_at(world: World) -> None:
    posted(world)
    backed_up(world)
    world.cloud.arm(Faults())
    assert world.cloud.invoke("job_restore_check", {})["rows"] > 0
    noted = [each.number for each in world.cloud.crossings if "/checks/" in each.detail and "PUT" in each.detail]
    made = backed_up(world)
    store, before, killed = store_of(world), 0, 0
    for crossing in (noted[0] - 1, noted[len(noted) // 2], noted[1]):
        world.cloud.arm(Faults.kill(crossing=crossing, when="after"))
        world.cloud.invoke("job_restore_check", {}, asynchronous=True)
        world.cloud.run_until_idle()
        world.cloud.arm(Faults())
        done = len(store.notes(made["backup"]).get("tables", []))
        assert before <= done < len(noted)
        killed += done > before
        before = done
    assert killed == 2
    left = world.cloud.invoke("job_restore_check", {})
    assert (left["done"], left["tables"]) == (len(noted), len(noted))
    assert left["rows"] < made["rows"]
    assert store.notes(made["backup"])["whole"] is True


def test_a_backup_is_of_one_moment_whatever_is_written_between_two_tables(world: World, database_url: str) -> None:
    posted(world)
    written = list[int]()

    def meanwhile() -> bool:
        """Asked at each run of the dump, in its midst; others write over connections of their own."""
        if not written:
            written.append(1)
            posted(world, 1)
        return True

    store, reader = store_of(world), Database(lambda: connect_from_url(database_url), world.clock)
    before = counted(world)
    manifest = dump.back_up(reader, store, dump.Order(world.clock.now(), has_time=meanwhile))
    reader.close()
    assert counted(world)["bets"] == 2, "it was written"
    assert {table.name: table.rows for table in manifest.tables} == before


def counted(world: World) -> dict[str, int]:
    names = [
        row["name"]
        for row in world.rows(
            "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()"
        )
    ]
    counts = {name: int(world.rows(f"SELECT COUNT(*) AS n FROM `{name}`")[0]["n"]) for name in sorted(names)}
    del counts["schema_migrations"]
    return counts


CHANGED = {
    "a word": "UPDATE bet_revisions SET write_up = 'x'",
    "a row more": "INSERT INTO bet_revisions SELECT guild_id, bet_id + 1, {} FROM bet_revisions LIMIT 1",
}


@pytest.mark.parametrize("what", CHANGED)
def test_what_the_server_made_of_the_rows_is_compared_with_the_backup(
    world: World, target: tuple[Database, str], monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    posted(world)
    made = backed_up(world)
    others = [
        row["name"]
        for row in world.rows(
            "SELECT column_name AS name FROM information_schema.columns WHERE table_schema = DATABASE() "
            "AND table_name = 'bet_revisions' AND column_name NOT IN ('guild_id', 'bet_id') ORDER BY ordinal_position"
        )
    ]
    loaded = restore.load

    def otherwise(dumped: Any, lines: Any, database: Database, table: Any) -> None:
        loaded(dumped, lines, database, table)
        if table.name == "bet_revisions":
            database.run(lambda session: session.execute(CHANGED[what].format(", ".join(others))))

    monkeypatch.setattr(restore, "load", otherwise)
    database, url = target
    store = store_of(world)
    with pytest.raises(BackupError, match=r"bet_revisions: row \d is not what came back"):
        restore.restore(store, store.manifest(made["backup"]), [database], url)
    with pytest.raises(FunctionError, match="BackupError"):
        world.cloud.invoke("job_restore_check", {})


def test_the_erased_canary_is_looked_for_in_every_backup(world: World) -> None:
    posted(world)
    canary = {"v": 1, "canary": True}
    backed_up(world)
    assert world.cloud.invoke("job_restore_check", {})["residues"] is None, "nobody was erased yet"
    world.cloud.invoke("job_privacy", canary)
    [planted] = world.rows("SELECT user_id FROM privacy_requests")
    for minutes in (5, 21):
        after(world, minutes=minutes)
        residues = world.cloud.invoke("job_privacy", canary)["residues"]
    assert residues == []
    backed_up(world)
    assert world.cloud.invoke("job_restore_check", {})["residues"] == []
    left = f"by {planted['user_id']}"
    world.database.run(lambda session: session.execute("UPDATE bet_revisions SET write_up = %s", (left,)))
    backed_up(world)
    assert world.cloud.invoke("job_restore_check", {})["residues"] == ["bet_revisions"]


def test_nobody_reads_a_backup_without_its_key(world: World) -> None:
    posted(world)
    made = backed_up(world)
    stored = raw(world, "GET", f"data/{made['backup']}") + raw(world, "GET", f"manifests/{made['backup']}.json")
    for person in (world.ann, world.olga):
        assert str(person.user_id).encode() not in stored
    assert b"Sharp" not in stored


def test_what_is_wrong_is_found_before_a_row_is_written(world: World, target: tuple[Database, str]) -> None:
    posted(world)
    first = backed_up(world)["backup"]
    posted(world, 1)
    name = backed_up(world)["backup"]
    database, url = target
    store, spoiled = store_of(world), Spoiled(world, name, first)
    for what, spoil in spoiled.ways().items():
        spoil()
        with pytest.raises(BackupError) as found:
            restore.restore(store, store.manifest(name), [database], url)
        assert name in found.value.detail or first in found.value.detail, (what, found.value.detail)
        with database.read() as session:
            assert session.all("SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE()") == (), what
        with pytest.raises(FunctionError, match="BackupError"):
            world.cloud.invoke("job_restore_check", {})
        spoiled.mend()
    assert restore.restore(store, store.manifest(name), [database], url).rows > 0


class Spoiled:
    """One increment, with one thing wrong at a time."""

    def __init__(self, world: World, name: str, first: str) -> None:
        self._world, self._first = world, first
        self._data, self._base, self._key = f"data/{name}", f"data/{first}", f"manifests/{name}.json"
        self._before = {key: raw(world, "GET", key) for key in (self._data, self._base, self._key)}

    def mend(self) -> None:
        for key, body in self._before.items():
            raw(self._world, "PUT", key, body)

    def ways(self) -> dict[str, Callable[[], object]]:
        data, base = self._before[self._data], self._before[self._base]
        used = next(run for table in json.loads(self._before[self._key])["tables"] for run in table["runs"] if run[0])
        flipped = base[: used[2]] + bytes([base[used[2]] ^ 1]) + base[used[2] + 1 :]
        return {
            "a flipped byte": lambda: raw(self._world, "PUT", self._data, bytes([data[0] ^ 128]) + data[1:]),
            "a flipped byte of the full one": lambda: raw(self._world, "PUT", self._base, flipped),
            "cut off": lambda: raw(self._world, "PUT", self._data, data[:-1]),
            "more than there was": lambda: raw(self._world, "PUT", self._data, data + b"x"),
            "gone": lambda: raw(self._world, "DELETE", self._data),
            "a part of the full one gone": lambda: raw(self._world, "DELETE", self._base),
            "another backup's data": lambda: raw(self._world, "PUT", self._data, base[: len(data)].ljust(len(data))),
            "another backup's manifest": self._other_manifest,
            "rows of a table": lambda: self._manifest(lambda document: document["tables"][3].update(rows=7)),
            "another key": lambda: self._manifest(lambda document: document["sources"].reverse()),
            "a table less": lambda: self._manifest(lambda document: document["tables"].pop()),
            "another schema": lambda: self._manifest(lambda document: document["schema"].update(sha256="0" * 64)),
            "another moment": lambda: self._manifest(lambda document: document.update(at="2020-01-01T00:00:00Z")),
            "no manifest": lambda: raw(self._world, "PUT", self._key, f"{self._key} {{}}".encode()),
        }

    def _other_manifest(self) -> None:
        raw(self._world, "PUT", self._key, raw(self._world, "GET", f"manifests/{self._first}.json"))

    def _manifest(self, change: Callable[[dict[str, Any]], object]) -> None:
        document = json.loads(self._before[self._key])
        change(document)
        raw(self._world, "PUT", self._key, json.dumps(document).encode())


def test_a_backup_that_cannot_be_built_upon_is_followed_by_a_whole_one(world: World) -> None:
    posted(world)
    first = backed_up(world)
    raw(world, "DELETE", f"data/{first['backup']}")
    assert backed_up(world)["kind"] == "full"
    assert backed_up(world)["kind"] == "increment"
    assert backed_up(world, full=True)["kind"] == "full"
    assert world.cloud.invoke("job_restore_check", {})["rows"] > 0


def test_large_rows_go_in_parts_and_a_failure_leaves_nothing(world: World, target: tuple[Database, str]) -> None:
    """Twelve files of 1 MiB that no compression makes smaller: more than one part of the upload."""
    now, random = world.clock.now(), Random(1)
    sql = (
        "INSERT INTO imports (guild_id, import_id, capper_id, requested_by, filename, zone, unit_cents, content, "
        "created_at) VALUES (%s, %s, 1, 1, 'a\tb\\\\c\n\\\\N', 'UTC', 100, %s, %s)"
    )
    for number in range(12):
        values = (world.guild.id, number, random.randbytes(1 << 20), now)
        world.database.run(lambda session, row=values: session.execute(sql, row))  # type: ignore[misc]
    made = backed_up(world)
    assert made["bytes"] > upload.PART_BYTES
    store, (database, url) = store_of(world), target
    restore.restore(store, store.manifest(made["backup"]), [database], url)
    before = store.names()
    world.database.run(lambda session: session.execute("UPDATE imports SET content = REVERSE(content)"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dump, "fingerprint", _fails)
        with pytest.raises(FunctionError):
            world.cloud.invoke("job_backup", {})
    assert store.names() == before
    assert b"<UploadId>" not in raw(world, "GET", "", query="?uploads=")


def _fails(_version: int) -> str:
    raise BackupError("as late as it may be")
