"""The sums beside the ledger: equal to the ledger whatever happens, and read by an index."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from dbsbm.bets import grading
from dbsbm.bets.grading import Decider, Ruling
from dbsbm.bets.repository import BetRepository
from dbsbm.bets.standings.board import board
from dbsbm.bets.standings.model import Category, Period, Span, Stretch, stretch
from dbsbm.bets.standings.repository import BOARD, StandingsRepository
from dbsbm.betting.rating import rating, shrunk_roi
from dbsbm.betting.settlement import Grade
from dbsbm.betting.stakes import MICRO
from dbsbm.betting.statistics import GradedBet
from dbsbm.database.connection import connect_from_url
from dbsbm.database.database import Database
from dbsbm.database.session import Session
from dbsbm.guilds.repository import GuildRepository
from tests.integration.history import Written, write
from tests.integration.moments import HandClock
from tests.integration.stage import NOW

GUILD, OTHER = 5001, 5002
CAPPERS = (11, 12, 13)
_GRADES = list(Grade)
_ALWAYS = Stretch(Span.ALL, datetime(1970, 1, 1, tzinfo=UTC).date(), datetime(9999, 1, 1, tzinfo=UTC).date())


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(lambda: connect_from_url(database_url), HandClock(NOW))
    yield database
    database.close()


def people(session: Session) -> None:
    for guild_id in (GUILD, OTHER):
        guilds = GuildRepository(session, guild_id)
        guilds.revive(NOW)
        for capper_id in CAPPERS:
            guilds.put_capper(capper_id, f"Capper {capper_id}", "https://a.example/a.png", 1, NOW)


def live(session: Session, chance: Random, steps: int) -> None:
    """A random history in two guilds: bets of all kinds posted, graded, graded again, taken back."""
    people(session)
    known: list[tuple[int, int]] = []
    for number in range(steps):
        if not known or chance.random() < 0.5:
            bet = Written(
                guild_id=chance.choice((GUILD, GUILD, OTHER)),
                capper_id=chance.choice(CAPPERS),
                starts_at=NOW + timedelta(hours=chance.randint(-24 * 200, 24 * 40)),
                league=chance.choice(("nfl", "mlb", "nba")),
                market=chance.choice(("spread", "total", "moneyline", "manual")),
                side="away",
                risk_micro=chance.randint(1, 9) * 333_333,
                num=chance.randint(12, 60),
                den=11,
                price_check=chance.choice(("verified", "near", "unchecked", "unseen")),
            )
            known.append((bet.guild_id, write(session, bet)))
        guild_id, bet_id = chance.choice(known)
        bets = BetRepository(session, guild_id)
        bet_now = bets.bet(bet_id)
        by = Decider(1, NOW + timedelta(seconds=number), number)
        if bet_now.grade is not None and chance.random() < 0.3:
            grading.undo(bets, bet_id, bet_now.grade_seq, Decider(1, NOW, number))
        else:
            grading.grade(bets, bet_id, bet_now.grade_seq, Ruling(chance.choice(_GRADES)), by)


def reckoned(session: Session) -> dict[tuple[Any, ...], list[int]]:
    """The sums by brute force: every standing grade of every bet, added up here."""
    rows = session.all(
        """SELECT b.guild_id, b.capper_id, b.sports_day, b.grade, r.price_check, l.league, l.market, e.risk_micro,
           e.profit_micro FROM bets b JOIN bet_revisions r USING (guild_id, bet_id)
           JOIN bet_legs l ON l.guild_id = b.guild_id AND l.bet_id = b.bet_id
           JOIN ledger_entries e ON e.guild_id = b.guild_id AND e.bet_id = b.bet_id AND e.grade_seq = b.grade_seq
           AND e.kind = 'grade' WHERE b.grade IS NOT NULL"""
    )
    sums: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0] * 10)
    for row in rows:
        category = "manual" if row["market"] == "manual" else "unseen" if row["price_check"] == "unseen" else "priced"
        day = row["sports_day"]
        for span, since in (("day", day), ("month", day.replace(day=1)), ("all", _ALWAYS.first)):
            for league in ("", row["league"]):
                for market in ("", row["market"]):
                    key = (row["guild_id"], category, span, league, market, since, row["capper_id"])
                    sums[key] = [a + b for a, b in zip(sums[key], counted(row), strict=True)]
    return {key: value for key, value in sums.items() if any(value)}


def counted(row: Mapping[str, Any]) -> list[int]:
    grade = Grade(row["grade"])
    order = (Grade.WON, Grade.HALF_WON, Grade.LOST, Grade.HALF_LOST, Grade.PUSH, Grade.VOID)
    counts = [int(grade is each) for each in order]
    if grade is Grade.VOID:
        return [0, *counts, 0, 0, 0]
    flat = int(Fraction(row["profit_micro"] * MICRO, row["risk_micro"]))
    return [1, *counts, row["risk_micro"], row["profit_micro"], flat]


def kept(session: Session) -> dict[tuple[Any, ...], list[int]]:
    rows = session.all("SELECT * FROM capper_totals")
    key = ("guild_id", "category", "span", "league", "market", "since", "capper_id")
    sums = (
        *("bets", "won", "half_won", "lost", "half_lost", "pushed", "voided"),
        *("risk_micro", "profit_micro", "flat_micro"),
    )
    found = {tuple(row[name] for name in key): [int(row[name]) for name in sums] for row in rows}
    return {name: value for name, value in found.items() if any(value)}


@pytest.mark.parametrize("seed", range(2))
def test_sums_are_what_the_standing_grades_add_up_to(database: Database, seed: int) -> None:
    database.run(lambda session: live(session, Random(seed), 45))
    with database.read() as session:
        expected = reckoned(session)
        assert kept(session) == expected
        assert expected


def test_rebuilt_sums_are_the_kept_ones(database: Database) -> None:
    def rebuilt(session: Session) -> None:
        live(session, Random(9), 40)
        before = kept(session)
        session.execute("UPDATE capper_totals SET profit_micro = profit_micro + 7, bets = bets + 1")
        assert kept(session) != before
        for guild_id in (GUILD, OTHER):
            for capper_id in CAPPERS:
                StandingsRepository(session, guild_id).rebuild(capper_id)
        assert kept(session) == before

    database.run(rebuilt)


def test_a_board_shows_its_own_guild_alone(database: Database) -> None:
    def one_bet(session: Session) -> None:
        people(session)
        bets = BetRepository(session, OTHER)
        grading.grade(bets, write(session, Written(OTHER, 11)), 0, Ruling(Grade.WON), Decider(1, NOW, 1))

    database.run(one_bet)
    with database.read() as session:
        assert StandingsRepository(session, GUILD).board(Category.PRICED, _ALWAYS) == []
        assert [total.bets for total in StandingsRepository(session, OTHER).board(Category.PRICED, _ALWAYS)] == [1]


def test_the_shrunk_roi_is_the_ratings(database: Database) -> None:
    database.run(lambda session: live(session, Random(3), 50))
    with database.read() as session:
        totals = StandingsRepository(session, GUILD).board(Category.PRICED, _ALWAYS)
        rows = session.all(
            """SELECT b.bet_id, b.capper_id, b.grade, e.risk_micro, e.profit_micro FROM bets b
               JOIN bet_revisions r USING (guild_id, bet_id) JOIN bet_legs l USING (guild_id, bet_id)
               JOIN ledger_entries e ON e.guild_id = b.guild_id AND e.bet_id = b.bet_id AND e.grade_seq = b.grade_seq
               AND e.kind = 'grade' WHERE b.guild_id = %s AND b.grade IS NOT NULL AND r.price_check <> 'unseen'
               AND l.market <> 'manual'""",
            (GUILD,),
        )
    for total in totals:
        own = [
            GradedBet(row["bet_id"], NOW, Grade(row["grade"]), row["risk_micro"], row["profit_micro"])
            for row in rows
            if row["capper_id"] == total.capper_id
        ]
        assert rating(own).shrunk_roi == shrunk_roi(total.risk_micro, total.profit_micro)
        assert rating(own).bets == total.bets
    assert totals
    assert board(totals).ranked == ()


def test_the_board_is_read_by_its_key(database: Database) -> None:
    def filled(session: Session) -> None:
        live(session, Random(1), 60)
        session.execute("ANALYZE TABLE capper_totals")
        when = stretch(Period.WEEK, NOW.date())
        plan = session.all(f"EXPLAIN {BOARD}", (GUILD, "priced", "day", "nfl", "", when.first, when.last))
        assert {row["table"]: row["key"] for row in plan if row["table"] in ("t", "c")} == {
            "t": "PRIMARY",
            "c": "PRIMARY",
        }
        assert "ALL" not in [row["type"] for row in plan]

    database.run(filled)


def test_periods_begin_where_people_think_they_do() -> None:
    day = datetime(2026, 9, 13, tzinfo=UTC).date()
    assert stretch(Period.WEEK, day).first.isoformat() == "2026-09-07"
    assert stretch(Period.WEEK, day).last.isoformat() == "2026-09-13"
    assert stretch(Period.MONTH, day).first.isoformat() == "2026-09-01"
    assert stretch(Period.SEASON, day, "nfl").first.isoformat() == "2026-08-01"
    assert stretch(Period.SEASON, day, "mlb").first.isoformat() == "2026-01-01"
    assert stretch(Period.SEASON, day.replace(month=2)).first.isoformat() == "2025-08-01"
    assert stretch(Period.SEASON, day.replace(month=2)).last.isoformat() == "2026-02-01"
