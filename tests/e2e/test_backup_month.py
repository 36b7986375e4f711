"""Six weeks of nights: a community that never stands still, and every one of the last 35 days as it was.

The nights of ``RESTORED`` are brought back into a database and compared with what a plain SELECT said that night; all
35 are opened and compared line by line. ``DBSBM_NIGHTLY=1`` brings back every one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from random import Random

import pytest

from dbsbm.backup import dump, restore
from dbsbm.backup.model import Manifest
from dbsbm.backup.repository import TableRepository
from dbsbm.backup.store import Store
from dbsbm.core.clock import SystemClock
from dbsbm.database.connection import connect_from_url
from dbsbm.database.database import Database
from dbsbm.database.session import Row, Session
from tests.e2e.backups import store_of
from tests.e2e.world import World, on_schedule, opened
from tests.schemas import Schemas

pytestmark = pytest.mark.slow
NIGHTS, KEPT = 43, 35
EVERY = os.environ.get("DBSBM_NIGHTLY") == "1"
RESTORED = range(1, KEPT + 1) if EVERY else (1, 7, 35)
"""How many nights back; the newest is 1."""
AWKWARD = "\t\n\\ \\N \\n ' \" ; \r \0 \U0001f9fe é"
GUILDS = (7001, 7002, 7003)

Night = Mapping[str, Sequence[bytes]]


def changed(session: Session, random: Random, night: int) -> None:
    """What a day does: rows come, change and go, in one community mostly."""
    for number in range(random.randrange(5, 40)):
        guild_id, bet_id = random.choices(GUILDS, (8, 1, 1))[0], night * 1000 + number
        session.execute(
            "INSERT INTO bet_revisions (guild_id, bet_id, revision, stake_mode, risk_micro, to_win_micro, odds_typed, "
            "odds_format, rule_profile_version, rule_profile, write_up, priced_at, written_at, written_by) VALUES "
            "(%s, %s, 1, 'risk', %s, 1, '', 'american', 1, %s, %s, '2026-01-01', '2026-01-01', 1)",
            (guild_id, bet_id, random.getrandbits(40), "{}" * random.randrange(9), _text(random)),
        )
    session.execute(
        "UPDATE bet_revisions SET write_up = %s, terms = %s WHERE guild_id = %s AND bet_id %% 17 = %s",
        (_text(random), random.choice((None, "", "\\N", AWKWARD)), random.choice(GUILDS), random.randrange(17)),
    )
    session.execute(
        "DELETE FROM bet_revisions WHERE guild_id = %s AND bet_id %% 23 = %s",
        (random.choice(GUILDS), random.randrange(23)),
    )
    secret = random.randbytes(random.randrange(33))
    session.execute("REPLACE INTO audit_secrets VALUES (%s, %s, '2026-01-01')", (random.randrange(1, 60), secret))
    session.execute("DELETE FROM audit_secrets WHERE user_id = %s", (random.randrange(1, 60),))


def _text(random: Random) -> str:
    return "".join(random.choices(AWKWARD, k=random.randrange(60)))


@pytest.fixture
def target(mariadb_server: str) -> Iterator[tuple[Database, str]]:
    """A schema to restore into, again and again."""
    schemas = Schemas(mariadb_server)
    with schemas.migrated() as url:
        database = Database(lambda: connect_from_url(url, loads=True), SystemClock())
        yield database, url
        database.close()
    schemas.close()


def test_any_of_the_last_35_days_comes_back_as_it_was(
    database_url: str, target: tuple[Database, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dump, "CUT_MASK", 0x0F)  # many runs of few rows, as in a large community
    random, nights = Random(35), list[tuple[Night, Mapping[str, Sequence[Row]]]]()
    with opened(database_url, catalog=on_schedule(job_backup="cron(15 3 * * ? *)")) as world:
        world.cloud.advance(timedelta(hours=12, minutes=14).total_seconds())  # to 03:14
        for night in range(NIGHTS):
            world.database.run(lambda session, at=night: changed(session, random, at))  # type: ignore[misc]
            nights.append(_as_it_is(world))
            world.cloud.advance(timedelta(days=1).total_seconds())
        store, now = store_of(world), world.clock.now()
        kinds = [store.manifest(name).kind for name in store.names()]
        assert kinds == ["increment" if night % 7 else "full" for night in range(NIGHTS)]
        for back in range(1, KEPT + 1):
            manifest = store.at(now - timedelta(days=back - 1))
            lines, rows = nights[-back]
            for table in manifest.tables:
                found = b"".join(store.lines(manifest, table)).split(b"\n")[:-1]
                assert found == lines[table.name], (back, table.name)
            if back in RESTORED:
                _brought_back(store, manifest, target, rows)
        increment = store.at(now - timedelta(days=1))
        named = sum(run.source > 0 for _, run in increment.runs())
        assert named, "what did not change is named where it lies"


def _as_it_is(world: World) -> tuple[Night, Mapping[str, Sequence[Row]]]:
    with world.database.read() as session:
        repository = TableRepository(session)
        lines = {table.name: list(repository.lines(table)) for table in repository.tables()}
    rows = {name: world.rows(f"SELECT * FROM {name} ORDER BY 1, 2") for name in ("bet_revisions", "audit_secrets")}
    return lines, rows


def _brought_back(
    store: Store, manifest: Manifest, target: tuple[Database, str], rows: Mapping[str, Sequence[Row]]
) -> None:
    database, url = target
    restore.restore(store, manifest, [database], url)
    with database.transaction(statement_s=60) as session:
        for name, wanted in rows.items():
            assert session.all(f"SELECT * FROM {name} ORDER BY 1, 2") == wanted
        for dumped in manifest.tables:
            session.execute(f"DELETE FROM `{dumped.name}`")
