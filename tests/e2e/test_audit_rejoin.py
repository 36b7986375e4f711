"""After a restore the audit log is shorter than what is signed: it is brought back from the bucket, and goes on."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import pytest

from dbsbm.audit.rejoin import Rejoined, RejoinError, rejoin
from dbsbm.audit.stored import StoredLog
from dbsbm.core.aws import Account, Credentials
from dbsbm.core.bucket import Aws, Bucket
from dbsbm.database.session import Row, Session
from local.cloud.execution import Names
from local.run.audit import brought_back, fsck, search
from tests.e2e.test_audit import posted, sealed
from tests.e2e.world import QUIET, World, distinct_pick, opened

pytestmark = pytest.mark.slow
TABLES = ("audit_events", "audit_tiles", "audit_log", "audit_checkpoints")


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url, catalog=QUIET) as world:
        yield world.set_up()


def log_of(world: World) -> StoredLog:
    account = Account("us-east-1", Credentials("k", "s"), {"": "http://127.0.0.1"})
    audit, locked = (Bucket(Aws(world.cloud.aws, account), Names().of(name)) for name in ("audit", "checkpoints"))
    return StoredLog(world.database, audit, locked, "dbsbm-local-audit", world.clock.now())


def rows_of(world: World) -> dict[str, tuple[Row, ...]]:
    return {name: tuple(world.rows(f"SELECT * FROM {name} ORDER BY 1, 2")) for name in TABLES}


def restored(world: World, rows: dict[str, tuple[Row, ...]]) -> None:
    """The log as a backup had it."""

    def changed(session: Session) -> None:
        for name, held in rows.items():
            session.execute(f"DELETE FROM {name}")
            if held:
                marks = ", ".join(["%s"] * len(held[0]))
                session.execute_many(f"INSERT INTO {name} VALUES ({marks})", [tuple(row.values()) for row in held])

    world.database.run(changed)


def lost(world: World, entries: int) -> tuple[int, int]:
    """A backup with an event that waits; then ``entries`` more, all of it signed, and the backup is restored."""
    sealed(world)
    posted(world)
    backup = rows_of(world)
    for number in range(1, entries + 1):
        posted(world, distinct_pick(number))
    signed = sealed(world)["signed"]
    restored(world, backup)
    return len(backup["audit_events"]), signed


def test_what_was_signed_since_a_backup_comes_back(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    before = rows_of(world)
    kept, signed = lost(world, 2)
    size = world.rows("SELECT tree_size FROM audit_log")[0]["tree_size"]
    missing = world.rows("SELECT MAX(event_id) AS last FROM audit_events")[0]["last"] + 1
    posted(world, distinct_pick(9))  # after the restore, under the number of an entry that is lost
    events = world.rows("SELECT event_id FROM audit_events WHERE event_id >= %s ORDER BY event_id", missing)
    world.database.run(
        lambda session: [
            session.execute(
                "UPDATE audit_events SET event_id = %s WHERE event_id = %s", (missing + at, row["event_id"])
            )
            for at, row in enumerate(events)
        ]
    )
    log = log_of(world)
    assert fsck(log) == 1
    assert brought_back(log) == 0
    assert f"{signed - size} entries brought back, {signed} are signed" in capsys.readouterr().out
    assert rejoin(log) == Rejoined(signed, 0, 0), "once"
    ran = sealed(world)
    assert ran["signed"] == ran["size"] == signed + len(events)
    assert fsck(log) == 0
    assert world.cloud.invoke("job_audit_check", {})["checked"] == ran["size"]
    ids = [row["event_id"] for row in world.rows("SELECT event_id FROM audit_events ORDER BY leaf_index")]
    assert len(set(ids)) == ran["size"] > kept > len(before["audit_events"])


def test_leaves_that_are_not_those_that_were_signed_are_not_taken(world: World) -> None:
    lost(world, 1)
    log, before = log_of(world), rows_of(world)
    [bundle] = [key for _, key in log.bucket.listed() if key.startswith("tile/entries/")][-1:]
    whole = log.bucket.get(bundle) or b""
    for wrong in (whole.replace(b"bet.posted", b"bet.revise"), whole[:-3], b""):
        log.bucket.put(bundle, wrong)
        with pytest.raises(Exception, match=r"root that is signed|leaves of|middle of a leaf"):
            rejoin(log)
        assert rows_of(world) == before
    log.bucket.put(bundle, whole)
    assert rejoin(log).brought > 0
    assert issubclass(RejoinError, Exception)


def test_entries_are_found_from_the_command_line(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    number = posted(world)
    nothing = {"actor": None, "bet": None, "object": None, "kind": None, "since": None, "until": None, "limit": 50}

    def found(**wanted: object) -> list[str]:
        assert search(world.database, argparse.Namespace(**nothing | {"guild": world.guild.id} | wanted)) == 0
        return capsys.readouterr().out.splitlines()

    whole = found()
    assert len(found(bet=number)) == len(found(kind="bet.posted")) == 1
    assert "bet.posted" in found(bet=number)[0]
    assert found(actor=world.ann.user_id) == found(bet=number)
    assert "capper.put" in found(object=str(world.ann.user_id))[0]
    assert 0 < len(found(object="guild")) < len(whole)
    assert found(until="2020-01-01") == found(actor=7) == []
    assert found(since="2020-01-01") == whole
