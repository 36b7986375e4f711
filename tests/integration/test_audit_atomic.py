"""A change and its event are one: whichever of them fails, neither is there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from dbsbm.anonymity.reveals.repository import Asked, RevealRepository
from dbsbm.audit.events import Kind, Subject, bet, fingerprint, person
from dbsbm.audit.repository import AuditRepository, Search
from dbsbm.bets.evening.repository import EveningRepository
from dbsbm.bets.repository import BetRepository
from dbsbm.compliance.store.repository import ReportRepository
from dbsbm.core.clock import Clock
from dbsbm.database.connection import connect_from_url
from dbsbm.database.database import Database
from dbsbm.database.session import Cause, Row, Session
from dbsbm.games.facts.repository import FactsRepository, Named
from dbsbm.games.sources.identity import Match
from dbsbm.games.sources.repository import SourceRepository
from dbsbm.guilds.model import Setting
from dbsbm.guilds.repository import GuildRepository
from dbsbm.keys.repository import KeyRepository
from dbsbm.retention.repository import HoldRepository
from local.cloud import VirtualClock
from tests.keyring import HeldRing

GUILD, ANN = 70, 7001
NOW = datetime(2026, 9, 13, 15, 0, tzinfo=UTC)


class FailedError(Exception):
    """The statement that was to fail."""


class Failing:
    """A session whose ``last``-th changing statement fails."""

    def __init__(self, session: Session, last: int) -> None:
        self.cause, self.keyring = session.cause, session.keyring
        self.done = 0
        self._session, self._last = session, last

    def one(self, sql: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> Row | None:
        return self._session.one(sql, params)

    def all(self, sql: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> Sequence[Row]:
        return self._session.all(sql, params)

    def execute(self, sql: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> int:
        self._count()
        return self._session.execute(sql, params)

    def execute_many(self, sql: str, params: Sequence[Sequence[Any]]) -> int:
        self._count()
        return self._session.execute_many(sql, params)

    def lines(self, sql: str, params: Sequence[Any] = ()) -> Iterator[bytes | None]:
        return self._session.lines(sql, params)

    def load(self, sql: str, blocks: Iterable[bytes]) -> int:
        self._count()
        return self._session.load(sql, blocks)

    def _count(self) -> None:
        self.done += 1
        if self.done == self._last:
            raise FailedError


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    clock: Clock = VirtualClock(NOW)
    found = Database(lambda: connect_from_url(database_url), clock, keyring=HeldRing())
    found.run(lambda session: GuildRepository(session, GUILD).revive(NOW))
    found.run(lambda session: GuildRepository(session, GUILD).put_capper(ANN, "Ann", "", 1, NOW))
    found.run(_with_a_bet)
    found.run(_with_an_event)
    found.run(_with_keys)
    yield found
    found.close()


def _with_a_bet(session: Session) -> None:
    session.execute(
        "INSERT INTO bets (guild_id, bet_id, capper_id, starts_at, sports_day, posted_at, channel_id) "
        "VALUES (%s, 1, %s, %s, %s, %s, 5)",
        (GUILD, ANN, NOW, NOW.date(), NOW),
    )


def _with_an_event(session: Session) -> None:
    """A game, and an event of a source that nobody has matched."""
    session.execute(
        "INSERT INTO games (game_id, league, home, away, starts_at, source_updated_at) "
        "VALUES (5, 'nfl', 'Las Vegas Raiders', 'Kansas City Chiefs', %s, %s)",
        (NOW, NOW),
    )
    session.execute(
        "INSERT INTO source_events (provider, provider_game_id, league, home, away, starts_at, state, first_seen_at, "
        "last_seen_at) VALUES ('espn', 'e1', 'nfl', 'Raiders', 'Chiefs', %s, 'scheduled', %s, %s)",
        (NOW, NOW, NOW),
    )
    session.execute(
        "INSERT INTO box_scores (game_id, provider, reported_at, covers, digest) VALUES (5, 'espn', %s, '', 1)", (NOW,)
    )


def _with_keys(session: Session) -> None:
    """Ann's, and one that is condemned."""
    session.execute("INSERT INTO data_keys (user_id, version, kid, made_at) VALUES (%s, 1, %s, %s)", (ANN, HELD, NOW))
    session.execute("INSERT INTO shredded_keys (kid, request_id, condemned_at) VALUES ('key-gone', 0, %s)", (NOW,))


HELD = b"key-held"
MAHOMES = Named("espn", "nfl", "Patrick Mahomes", "P. Mahomes", "olga")
CHANGES: Mapping[str, Callable[[Session], object]] = {
    "setting": lambda s: GuildRepository(s, GUILD).set_setting(Setting.MAX_OPEN_BETS, 9, NOW),
    "channel": lambda s: GuildRepository(s, GUILD).set_slip_channel(11, NOW),
    "capper": lambda s: GuildRepository(s, GUILD).put_capper(8002, "Bea", "", 1, NOW),
    "profile": lambda s: GuildRepository(s, GUILD).set_profile(ANN, "Annie", ""),
    "removal": lambda s: GuildRepository(s, GUILD).remove_capper(ANN),
    "withdrawal": lambda s: BetRepository(s, GUILD).withdraw(1, "withdrawn"),
    "review": lambda s: BetRepository(s, GUILD).set_under_review(1, disputed=True),
    "batch": lambda s: EveningRepository(s, GUILD).add_batch(3, 1, NOW, [(1, 1)]),
    "match": lambda s: SourceRepository(s).assign("espn", "e1", Match(5, False), "olga"),
    "player": lambda s: FactsRepository(s).say_name(MAHOMES, [5], NOW),
    "reveal": lambda s: RevealRepository(s).ask(Asked(1, "case-7", "2026-09", "mfrggzdfmztwq2lk", "opal"), NOW),
    "hold": lambda s: HoldRepository(s, GUILD).place("case-7", "opal", NOW),
    "key": lambda s: KeyRepository(s).add(ANN, b"key-two!", NOW),
    "key that is not wanted": lambda s: KeyRepository(s).condemn_one(HELD, NOW),
    "keys of somebody": lambda s: KeyRepository(s).condemn(ANN, 9, NOW),
    "key that is gone": lambda s: KeyRepository(s).gone(b"key-gone", 2, NOW),
    "recipient": lambda s: ReportRepository(s).add_recipient("weekly", "opal"),
}
TABLES = (
    *("guilds", "cappers", "bets", "grade_batches", "grade_batch_bets", "source_events", "game_sources"),
    *(
        "data_keys",
        "shredded_keys",
        "player_names",
        "box_scores",
        "reveals",
        "legal_holds",
        "compliance_recipients",
        "audit_events",
        "audit_secrets",
    ),
)


def everything(database: Database) -> dict[str, object]:
    """What the tables that change here hold."""
    with database.read() as session:
        return {table: [dict(row) for row in session.all(f"SELECT * FROM {table}")] for table in TABLES}


@pytest.mark.parametrize("name", CHANGES)
def test_a_fault_at_any_statement_leaves_neither_the_change_nor_its_event(database: Database, name: str) -> None:
    before, last = everything(database), 0
    while True:
        last += 1
        failing: list[Failing] = []

        def work(session: Session, at: int = last, kept: list[Failing] = failing) -> None:
            kept.append(Failing(session, at))
            CHANGES[name](kept[0])

        try:
            database.run(work)
        except FailedError:
            assert everything(database) == before
            continue
        break
    assert last > 2, "the change, and its event"
    after = everything(database)
    changed = {table for table in before if before[table] != after[table]}
    assert "audit_events" in changed
    assert changed - {"audit_events", "audit_secrets"}


def test_what_people_say_of_games_and_players_is_in_the_log_without_names(database: Database) -> None:
    database.run(CHANGES["match"])
    database.run(CHANGES["player"])
    with database.read() as session:
        matched, named = reversed(AuditRepository(session, 0).search(Search(limit=2)))
    assert (matched.kind, matched.object) == ("game.matched", "game:5")
    assert json.loads(matched.details) == {"provider": "espn", "event": "e1", "swapped": 0}
    said = fingerprint({"player": "Patrick Mahomes", "name": "P. Mahomes"})
    assert (named.kind, named.object) == ("player.named", "names:espn")
    assert json.loads(named.details) == {"league": "nfl", "said": said, "games": 1}


def test_entries_are_found_by_whom_what_which_and_when(database: Database) -> None:
    def work(session: Session) -> None:
        session.cause = Cause(ANN, 99, NOW)
        BetRepository(session, GUILD).withdraw(1, "withdrawn")

    database.run(work)
    with database.read() as session:
        audit = AuditRepository(session, GUILD)
        everything_of = [entry.kind for entry in audit.search(Search())]
        assert everything_of == ["bet.withdrawn", "capper.put", "guild.installed"]
        assert [entry.kind for entry in audit.search(Search(actor=ANN))] == ["bet.withdrawn"]
        assert [entry.kind for entry in audit.search(Search(subject=person(ANN)))] == ["capper.put"]
        assert [entry.cause for entry in audit.search(Search(subject=bet(1, ANN)))] == [99]
        assert [entry.kind for entry in audit.search(Search(kind=Kind.GUILD_INSTALLED))] == ["guild.installed"]
        assert len(audit.search(Search(subject=Subject("guild"), since=NOW, limit=5))) == 1
        assert audit.search(Search(until=NOW)) == []
        assert audit.search(Search(actor=12345)) == []
        assert AuditRepository(session, GUILD + 1).search(Search(subject=bet(1, ANN))) == []


def test_a_person_is_another_one_in_another_guild_and_after_being_forgotten(database: Database) -> None:
    def work(session: Session) -> None:
        session.cause = Cause(ANN, 99, NOW)
        for guild_id in (GUILD, GUILD + 1):
            AuditRepository(session, guild_id).append(Kind.GUILD_STATE, Subject("guild"))

    database.run(work)
    database.run(lambda session: session.execute("DELETE FROM audit_secrets"))
    database.run(work)
    with database.read() as session:
        rows = session.all("SELECT actor FROM audit_events WHERE cause = 99")
        assert len({row["actor"] for row in rows}) == 4
        assert len(AuditRepository(session, GUILD).search(Search(actor=ANN))) == 1
