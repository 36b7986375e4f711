"""Every fact that controls of data are judged by, out of a real database: rows that are right, and one that is not.

The rules have their own tests; here a fact that is not read as it stands in the tables turns nothing up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dbsbm.compliance.controls import CONTROLS
from dbsbm.compliance.evidence.collecting import Collector, Places
from dbsbm.compliance.model import State, judge
from dbsbm.core.aws import Account, Credentials
from dbsbm.core.bucket import Aws, Bucket
from dbsbm.core.http import HttpRequest, HttpResponse, TransportError
from dbsbm.database.database import Database
from dbsbm.database.session import Session
from tests.integration.moments import HandClock, open_database

pytestmark = pytest.mark.slow
AT = datetime(2026, 9, 13, 12, 0, tzinfo=UTC)
GUILD, HELD = 7, 8
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
CARD = "4111 1111 1111 1111"
EMPTY: Mapping[str, Any] = {"datetime": AT, "longtext": "{}", "date": AT.date()}
"""What a column that must have a value is given where a case does not say: text is empty and a number is 0 besides."""


@dataclass(frozen=True)
class Row:
    table: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """``good`` is satisfied; ``bad``, beside it or ``instead`` of it, is not."""

    control: str
    what: str
    good: Sequence[Row]
    bad: Sequence[Row]
    instead: bool = False


def row(table: str, **values: Any) -> Row:
    return Row(table, values)


def erasure(number: int, state: str, **values: Any) -> Row:
    return row("privacy_requests", request_id=number, kind="delete", state=state, **values)


def flow(number: int, state: str, decided_by: str = "otto", **values: Any) -> Row:
    decided = {"decided_by": decided_by, "decided_at": AT - 10 * DAY}
    return row("compliance_workflows", workflow_id=number, state=state, asked_by="opal", **{**decided, **values})


def standing(number: int, ends_at: datetime | None) -> Row:
    return flow(number, "standing", ends_at=ends_at)


def post(number: int, state: str, at: datetime, guild_id: int = GUILD) -> Row:
    return row("outbox", id=str(number), target_key=str(number), state=state, next_attempt_at=at, guild_id=guild_id)


def key(kind: str, due_at: datetime | None, seen_at: datetime = AT - DAY) -> Row:
    return row("key_ages", kind=kind, name=f"{due_at} {seen_at}", due_at=due_at, seen_at=seen_at)


def reveal(number: int, approved_by: str, shown: timedelta | None, since: timedelta) -> Row:
    approved_at = AT - since
    hidden_at = None if shown is None else approved_at + shown
    who = {"asked_by": "opal", "approved_by": approved_by}
    return row("reveals", reveal_id=number, approved_at=approved_at, hidden_at=hidden_at, **who)


def hold(guild_id: int, placed_at: datetime, released_at: datetime | None = None) -> Row:
    return row("legal_holds", guild_id=guild_id, case_id=str(placed_at), placed_at=placed_at, released_at=released_at)


def endpoint(number: int, url: str, **values: Any) -> Row:
    return row("webhook_endpoints", guild_id=GUILD, endpoint_id=number, url=url, **values)


def entry(number: int, grade: str, bets: int, profit: int) -> Row:
    counted = {"bets": bets, "profit_micro": profit}
    return row("ledger_entries", guild_id=GUILD, bet_id=number, capper_id=1, grade=grade, **counted)


def claimed(number: int, at: datetime, guild_id: int = GUILD) -> Row:
    return row("interactions", interaction_id=number, claimed_at=at, guild_id=guild_id)


def told(number: int, state: str, at: datetime, guild_id: int = GUILD) -> Row:
    return row("webhook_events", guild_id=guild_id, event_id=str(number), state=state, occurred_at=at)


def looked(checked: int, since: datetime) -> Row:
    return row("audit_log", log_id=1, published_size=9, checked_size=checked, checked_since=since)


COMMUNITY = row("guilds", guild_id=GUILD)
COPY = row("privacy_requests", request_id=1, kind="export", state="done", counts='{"parts": 1}')
ERASURES = (
    erasure(1, "working", answer_by=AT + MINUTE, begins_at=AT - 9 * DAY),
    erasure(2, "waiting", answer_by=AT + DAY, begins_at=AT - 23 * HOUR),
    erasure(3, "done", answer_by=AT - DAY, begins_at=AT - 9 * DAY),
)
APPROVED = (flow(1, "done"), flow(2, "rejected", decided_by="opal"))
EXCEPTED = (
    standing(1, AT - 10 * DAY + 90 * DAY),
    standing(2, AT - 23 * HOUR),
    flow(3, "expired", ends_at=AT - 9 * DAY),
)
FINDING = {"state": "open", "due_at": AT}
DELIVERIES = (post(1, "pending", AT - 59 * MINUTE), post(2, "sent", AT - DAY), post(3, "pending", AT + DAY))
SEALED = (
    row("audit_events", leaf_index=0, at=AT - DAY, kind="bet.posted"),
    row("audit_events", at=AT - 14 * MINUTE, kind="bet.posted"),
)
OLD = row("audit_checkpoints", tree_size=5, kept_at=AT - 10 * DAY)
ENDPOINTS = (COMMUNITY, endpoint(1, "https://x"), endpoint(2, "http://x", state="removed", plain_http=1))
KEYS = (key("data", AT + MINUTE), key("kms", None, AT - 9 * DAY))
SHREDDED = (
    row("shredded_keys", kid=b"1" * 8, condemned_at=AT - 9 * DAY, gone_at=AT - 8 * DAY),
    row("shredded_keys", kid=b"2" * 8, condemned_at=AT - 23 * HOUR),
)
REVEALS = (reveal(1, "otto", 47 * HOUR, 9 * DAY), reveal(2, "otto", None, 47 * HOUR))
HOLDS = (hold(GUILD, AT - 364 * DAY), hold(GUILD, AT - 900 * DAY, AT - DAY))
TEXTS = (COMMUNITY, row("cappers", guild_id=GUILD, user_id=1, display_name="Sharp Al, id 123456789012345678"))
LEDGER = (
    COMMUNITY,
    row("capper_totals", guild_id=GUILD, span="all", since=AT.date(), capper_id=1, bets=2, profit_micro=5),
    *(entry(1, "won", 1, 9), entry(2, "lost", 1, -4), entry(3, "void", 1, 100)),
)
RETAINED = (
    *(claimed(1, AT - 25 * HOUR), post(1, "sent", AT - 7 * DAY), post(2, "overtaken", AT - 7 * DAY)),
    *(told(1, "sent", AT - 30 * DAY), told(2, "parked", AT - 90 * DAY)),
    *(hold(HELD, AT - 90 * DAY), claimed(9, AT - 80 * DAY, HELD), post(9, "sent", AT - 80 * DAY, HELD)),
    *(post(8, "overtaken", AT - 80 * DAY, HELD), told(9, "sent", AT - 80 * DAY, HELD)),
)
CASES = (
    Case("erasures-in-time", "being done", ERASURES, [erasure(9, "working", answer_by=AT - MINUTE)]),
    Case("erasures-in-time", "waiting", ERASURES, [erasure(9, "waiting", answer_by=AT - MINUTE)]),
    Case("erasures-begin", "stuck", ERASURES, [erasure(9, "waiting", answer_by=AT + DAY, begins_at=AT - 25 * HOUR)]),
    Case("erased-forgotten", "named", ERASURES, [erasure(9, "done", user_id=4)]),
    Case("access-in-time", "no part", [COPY], [row("privacy_requests", request_id=9, kind="export", state="waiting")]),
    *(
        Case("two-people", state, APPROVED, [flow(9, state, decided_by="opal")])
        for state in ("standing", "done", "expired", "failed", "open")
    ),
    Case("exceptions-end", "no end", EXCEPTED, [standing(9, None)]),
    Case("exceptions-end", "past its end", EXCEPTED, [standing(9, AT - 25 * HOUR)]),
    Case("exceptions-end", "too long", EXCEPTED, [standing(9, AT - 10 * DAY + 91 * DAY)]),
    Case(
        "findings-looked-after",
        "twice overdue",
        [row("compliance_findings", finding_id=1, state="open", opened_at=AT - 19 * HOUR, due_at=AT - 9 * HOUR)],
        [row("compliance_findings", finding_id=9, state="open", opened_at=AT - 21 * HOUR, due_at=AT - 11 * HOUR)],
    ),
    Case("deliveries-flow", "due", DELIVERIES, [post(9, "pending", AT - 61 * MINUTE)]),
    Case("deliveries-flow", "given up", DELIVERIES, [post(n, ("dead", "unknown")[n % 2], AT) for n in range(10, 110)]),
    Case("audit-sealed", "waiting", SEALED, [SEALED[0], row("audit_events", at=AT - 16 * MINUTE)], instead=True),
    Case("audit-checked", "not all", [OLD, looked(5, AT - DAY)], [OLD, looked(4, AT - DAY)], instead=True),
    Case("audit-checked", "long ago", [OLD, looked(5, AT - DAY)], [OLD, looked(5, AT - 30 * DAY)], instead=True),
    Case("webhooks-encrypted", "sealed address", ENDPOINTS, [endpoint(9, "", plain_http=1)]),
    Case("webhooks-encrypted", "open address", ENDPOINTS, [endpoint(9, "http://x")]),
    *(Case("keys-in-time", kind, KEYS, [key(kind, AT - MINUTE)]) for kind in ("data", "kms", "signer", "secret")),
    Case("keys-in-time", "not looked at", KEYS, [key("data", AT + DAY, AT - 3 * DAY)], instead=True),
    Case("keys-shredded", "pending", SHREDDED, [row("shredded_keys", kid=b"9" * 8, condemned_at=AT - 25 * HOUR)]),
    Case("reveals-by-two", "alone", REVEALS, [reveal(9, "opal", HOUR, 9 * DAY)]),
    Case("reveals-by-two", "hidden late", REVEALS, [reveal(9, "otto", 49 * HOUR, 9 * DAY)]),
    Case("reveals-by-two", "never hidden", REVEALS, [reveal(9, "otto", None, 49 * HOUR)]),
    Case("holds-looked-at", "long", HOLDS, [hold(GUILD, AT - 366 * DAY)]),
    Case("no-card-numbers", "name", TEXTS, [row("cappers", guild_id=GUILD, user_id=9, display_name=CARD)]),
    Case("no-card-numbers", "notice", TEXTS, [row("community_plans", guild_id=GUILD, notice=f"pay {CARD}")]),
    Case("ledger-agrees", "profit", LEDGER, [entry(9, "won", 0, 1)]),
    Case("ledger-agrees", "bets", LEDGER, [entry(9, "won", 1, 0)]),
    Case("retention-runs", "interactions", RETAINED, [claimed(5, AT - 27 * HOUR)]),
    Case("retention-runs", "sent", RETAINED, [post(5, "sent", AT - 9 * DAY)]),
    Case("retention-runs", "overtaken", RETAINED, [post(5, "overtaken", AT - 9 * DAY)]),
    Case("retention-runs", "told", RETAINED, [told(5, "sent", AT - 32 * DAY)]),
)
DDL = (
    ("columns-classified", "ALTER TABLE bets ADD COLUMN shoe_size INT NULL", "ALTER TABLE bets DROP COLUMN shoe_size"),
    (
        "columns-classified",
        "ALTER TABLE bets DROP COLUMN public_key",
        "ALTER TABLE bets ADD COLUMN public_key VARCHAR(22) NULL",
    ),
    (
        "schema-as-released",
        "UPDATE schema_migrations SET finished_at = NULL WHERE version = 3",
        "UPDATE schema_migrations SET finished_at = UTC_TIMESTAMP(3) WHERE version = 3",
    ),
    (
        "schema-as-released",
        "UPDATE schema_migrations SET checksum = REVERSE(checksum) WHERE version = 3",
        "UPDATE schema_migrations SET checksum = REVERSE(checksum) WHERE version = 3",
    ),
)
"""Control, what breaks it, what mends it again."""


def nowhere(request: HttpRequest) -> HttpResponse:
    raise TransportError(f"{request.url}: facts are in the database", sent=False)


@pytest.fixture(scope="module")
def database(module_database_url: str) -> Database:
    return open_database(module_database_url, HandClock(AT))


def judged(database: Database, control: str) -> State:
    aws = Aws(nowhere, Account("us-east-1", Credentials("k", "s"), {"": "http://127.0.0.1"}))
    collector = Collector(database, aws, Bucket(aws, "evidence"), Places("prod", {}, {}, {}, {}, {}), 0)
    name = CONTROLS[control].evidence
    return judge(CONTROLS[control], collector.collect([name], lambda: AT)[name]).state


def plant(session: Session, each: Row) -> None:
    """A row with a value in every column that must have one."""
    wanted = session.all(
        "SELECT column_name AS name, data_type AS kind FROM information_schema.columns "
        "WHERE table_schema = DATABASE() AND table_name = %s AND is_nullable = 'NO' AND column_default IS NULL "
        "AND extra = ''",
        (each.table,),
    )
    text = ("varchar", "varbinary", "char", "binary")
    filled = {str(one["name"]): EMPTY.get(one["kind"], "" if one["kind"] in text else 0) for one in wanted}
    values = {**filled, **each.values}
    places = ", ".join(["%s"] * len(values))
    session.execute(f"INSERT INTO {each.table} ({', '.join(values)}) VALUES ({places})", tuple(values.values()))


def judged_with(database: Database, control: str, rows: Sequence[Row]) -> State:
    with database.transaction() as session:
        for each in rows:
            plant(session, each)
    try:
        return judged(database, control)
    finally:
        with database.transaction() as session:
            for table in {each.table for each in rows}:
                session.execute(f"DELETE FROM {table}")


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.control}: {case.what}")
def test_a_row_that_is_not_right_turns_its_control(database: Database, case: Case) -> None:
    assert judged_with(database, case.control, []) is State.NOT_APPLICABLE
    assert judged_with(database, case.control, case.good) is State.SATISFIED
    bad = case.bad if case.instead else [*case.good, *case.bad]
    assert judged_with(database, case.control, bad) is State.NOT_SATISFIED


@pytest.mark.parametrize(("control", "broken", "mended"), DDL)
def test_a_schema_that_is_not_the_releases_turns_its_control(
    database: Database, control: str, broken: str, mended: str
) -> None:
    for statement, state in ((broken, State.NOT_SATISFIED), (mended, State.SATISFIED)):
        with database.transaction() as session:
            session.execute(statement)
        assert judged(database, control) is state
