"""Rows are archived before they go: killed at any step none is lost, and none goes without an archive that was read."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from dbsbm.core.aws import Account, Credentials
from dbsbm.core.bucket import Aws, Bucket
from dbsbm.core.http import HttpRequest, HttpResponse
from dbsbm.database.connection import connect_from_url
from dbsbm.database.database import Database
from dbsbm.privacy.inventory import TABLES
from dbsbm.retention.archive import ArchiveBrokenError, Batch, moved
from dbsbm.retention.policies import POLICIES, Table
from dbsbm.retention.repository import ARCHIVED, HoldRepository
from dbsbm.retention.service import Retention
from infra.catalog import CATALOG
from local.cloud.aws import MotoInside, create_resources
from local.cloud.execution import Names
from tests.integration.delivery_world import START, CountedConnection, Crossings, Killed, VirtualClock

ROWS = 12
KILLS = int(os.environ.get("DBSBM_ARCHIVE_KILLS", "16"))
"""Times that each step is killed; 100 by night, which takes minutes."""


_STATES = {Table.OUTBOX: "dead", Table.WEBHOOK_EVENTS: "sent"}


@dataclass
class Archiving:
    url: str
    clock: VirtualClock
    aws: MotoInside
    broken: Callable[[HttpRequest, HttpResponse], HttpResponse] | None = None
    seen: set[str] = field(default_factory=set)
    found: dict[str, dict[str, Any]] = field(default_factory=dict)

    def bucket(self, crossings: Crossings) -> Bucket:
        def carry(request: HttpRequest) -> HttpResponse:
            answer = crossings.cross(lambda: self.aws(request))
            return answer if self.broken is None else self.broken(request, answer)

        account = Account("us-east-1", Credentials("k", "s"), {"": "http://127.0.0.1"})
        return Bucket(Aws(carry, account), Names().of("archive"))

    def move(self, crossings: Crossings, table: Table = Table.OUTBOX) -> None:
        """One batch and nothing else."""
        database = Database(lambda: CountedConnection(connect_from_url(self.url), crossings), self.clock)  # type: ignore[arg-type, return-value]
        try:
            moved(database, self.bucket(crossings), Batch(table, _STATES[table], self.clock.now(), 500))
        finally:
            database.close()

    def run(self, crossings: Crossings | None = None) -> dict[str, int]:
        counted = crossings or Crossings()
        database = Database(lambda: CountedConnection(connect_from_url(self.url), counted), self.clock)  # type: ignore[arg-type, return-value]
        try:
            return Retention(database, self.clock, lambda: True, self.bucket(counted)).run()
        finally:
            database.close()

    def fill(self, prefix: str, at: datetime, guild_id: int = 7) -> set[str]:
        """Given-up posts of a time, each with a name in it."""
        ids = {f"{prefix}:{number}" for number in range(ROWS)}
        with self.plain().transaction() as session:
            session.execute_many(
                "INSERT INTO outbox (id, guild_id, kind, target_key, seq, target, content, images, state, "
                "next_attempt_at, created_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                [(i, guild_id, "slip.post", i, 1, "{}", '"Ann the Sharp"', "[]", "dead", at, at) for i in sorted(ids)],
            )
        return ids

    def fill_told(self, prefix: str, at: datetime, guild_id: int = 7) -> set[str]:
        """What an endpoint was told at a time."""
        ids = {f"{prefix}:{number}" for number in range(3)}
        with self.plain().transaction() as session:
            session.execute_many(
                "INSERT INTO webhook_events (guild_id, endpoint_id, event_id, event, subject_id, seq, occurred_at, "
                "body, state) VALUES (%s, 1, %s, 'bet.posted', 5, 1, %s, '{}', 'sent')",
                [(guild_id, event_id, at) for event_id in sorted(ids)],
            )
        return ids

    def plain(self) -> Database:
        return Database(lambda: connect_from_url(self.url), self.clock)

    def left(self) -> set[str]:
        with self.plain().read() as session:
            return {row["id"] for row in session.all("SELECT id FROM outbox UNION SELECT event_id FROM webhook_events")}

    def archived(self) -> dict[str, dict[str, Any]]:
        """Every row of every archive that the manifest names."""
        bucket = self.bucket(Crossings())
        with self.plain().read() as session:
            manifest = session.all("SELECT * FROM archive_manifest")
        for entry in manifest:
            if entry["digest"] in self.seen:
                continue
            self.seen.add(entry["digest"])
            packed = bucket.get(f"{entry['table_name']}/{entry['digest']}.jsonl.gz")
            assert packed is not None
            lines = gzip.decompress(packed).splitlines()
            assert len(lines) == entry["rows_kept"]
            self.found.update({row.get("id") or row["event_id"]: row for row in map(json.loads, lines)})
        return self.found


@pytest.fixture
def archiving(database_url: str) -> Iterator[Archiving]:
    aws = MotoInside()
    create_resources(replace(CATALOG, functions=(), secrets=(), keys=(), queues=()), Names(), {}, aws)
    clock = VirtualClock()
    clock.moment = START + timedelta(days=100)
    yield Archiving(database_url, clock, aws)


@pytest.mark.parametrize("table", list(_STATES))
def test_killed_at_each_step_no_row_is_lost_and_none_goes_unarchived(
    archiving: Archiving, table: Table, figure: Any
) -> None:
    fill = archiving.fill if table is Table.OUTBOX else archiving.fill_told
    written = fill("first", START)
    whole, killed = Crossings(), 0
    archiving.move(whole, table)
    for turn in range(KILLS):
        for step in range(1, whole.count + 1):
            written |= fill(f"{turn}-{step}", START)
            crossings = Crossings(kill_at=step, when=("before", "after")[turn % 2])
            try:
                archiving.move(crossings, table)
            except Killed:
                killed += 1
            gone = written - archiving.left()
            assert gone <= set(archiving.archived()), "deleted without an archive"
        archiving.move(Crossings(), table)
    assert killed == KILLS * whole.count
    assert archiving.left() == set()
    assert set(archiving.archived()) == written, "lost"
    figure(
        f"retention of {table} killed {killed} times at {whole.count} crossings: {len(written)} rows, 0 lost, "
        "0 without an archive"
    )


def test_an_archive_holds_nothing_of_a_person(archiving: Archiving) -> None:
    archiving.fill("a", START)
    archiving.run()
    assert "Ann" not in json.dumps(archiving.archived())
    allowed = {table.name: set(f"{table.plain} {table.behavioural}".split()) for table in TABLES}
    for table, sql in ARCHIVED.items():
        columns = {
            name.strip().partition(".")[2] for name in sql.partition("SELECT")[2].partition("FROM")[0].split(",")
        }
        assert columns <= allowed[table]
    assert {policy.table.value for policy in POLICIES if policy.archived} == set(ARCHIVED)


def test_bytes_that_come_back_otherwise_delete_nothing(archiving: Archiving) -> None:
    ids = archiving.fill("a", START)
    archiving.broken = lambda request, answer: (
        replace(answer, body=answer.body[:-1] + b"x") if request.method == "GET" else answer
    )
    with pytest.raises(ArchiveBrokenError):
        archiving.run()
    assert archiving.left() == ids
    archiving.broken = lambda request, answer: replace(answer, status=503) if request.method == "PUT" else answer
    with pytest.raises(Exception, match="503"):
        archiving.run()
    assert archiving.left() == ids


@pytest.mark.parametrize("table", list(_STATES))
def test_a_hold_that_comes_between_archive_and_removal_keeps_the_rows(archiving: Archiving, table: Table) -> None:
    fill = archiving.fill if table is Table.OUTBOX else archiving.fill_told
    held, free = fill("held", START, guild_id=8), fill("free", START)
    database = archiving.plain()

    def placed(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
        if request.method == "PUT":
            database.run(lambda session: HoldRepository(session, 8).place("case", "olga", archiving.clock.now()))
        return answer

    archiving.broken = placed
    archiving.move(Crossings(), table)
    assert archiving.left() == held
    assert set(archiving.archived()) == held | free


def test_what_a_case_needs_stays_until_its_hold_ends(archiving: Archiving) -> None:
    held, free = archiving.fill("held", START, guild_id=8), archiving.fill("free", START)
    database = archiving.plain()
    database.run(lambda session: HoldRepository(session, 8).place("case-1", "olga", archiving.clock.now()))
    database.run(lambda session: HoldRepository(session, 8).place("case-2", "olga", archiving.clock.now()))
    archiving.run()
    assert archiving.left() == held
    assert set(archiving.archived()) == free
    assert database.run(lambda session: HoldRepository(session, 8).release("case-1", archiving.clock.now())) == 1
    archiving.run()
    assert archiving.left() == held, "the other case needs it still"
    database.run(lambda session: HoldRepository(session, 8).release("case-2", archiving.clock.now()))
    archiving.run()
    assert archiving.left() == set()
    with database.read() as session:
        kinds = [
            row["details"] for row in session.all("SELECT details FROM audit_events WHERE kind = 'guild.legal_hold'")
        ]
    assert len(kinds) == 4
