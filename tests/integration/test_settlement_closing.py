"""Closing lines and closing line value, on a real database: frozen at the real start, once, whatever runs when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from dbsbm.bets.model import Pick, Selection
from dbsbm.bets.posting import Moment, NewBet, post
from dbsbm.bets.values.repository import GuildValueRepository, StoredValue
from dbsbm.betting.markets import Market, Side
from dbsbm.betting.odds import Odds
from dbsbm.betting.stakes import StakeMode
from dbsbm.core.ids import Ids
from dbsbm.database.database import Database
from dbsbm.games.model import GameReport, Offer, ScoreReport
from dbsbm.games.repository import GameRepository
from dbsbm.games.service import store_games, store_scores
from dbsbm.guilds.repository import GuildRepository
from dbsbm.settlement.closing import Closed, close_started
from dbsbm.settlement.valuing import value_closed
from tests.integration.moments import MONDAY, HandClock, open_database

START = MONDAY + timedelta(days=3)
MINUTE = timedelta(minutes=1)
GUILD, ANN = 5001, 9002
COVERS = frozenset({Market.MONEYLINE, Market.SPREAD, Market.TOTAL})


@dataclass
class Board:
    """One game, what books say of it, and what was bet on it."""

    database: Database
    clock: HandClock
    ids: Ids = field(init=False)

    def __post_init__(self) -> None:
        self.ids = Ids(self.clock, Random(5))

    def offered(self, at: datetime, *offers: tuple[str, Market, Side, int, int], starts_at: datetime = START) -> None:
        """A document fetched at ``at`` with these offers: book, market, side, line in quarters, American price."""
        quoted = [
            Offer(book, market, side, line, Odds.from_american(price), at) for book, market, side, line, price in offers
        ]
        report = GameReport("test", "g", "nfl", "Raiders", "Chiefs", starts_at, at, quoted, COVERS)
        self.database.run(lambda session: store_games(session, self.ids, [report]))

    def scored(self, at: datetime, away: int, home: int, *, final: bool) -> None:
        report = ScoreReport("test", "g", "nfl", "Raiders", "Chiefs", START, at, at, home, away, final)
        self.database.run(lambda session: store_scores(session, self.ids, [report]))

    def close(self, at: datetime) -> Closed:
        self.clock.set(at)
        closed = close_started(self.database, at, 100)
        value_closed(self.database, at, lambda: True)
        return closed

    def bet(self, market: Market, side: Side, line_q: int, american: int, at: datetime = MONDAY) -> int:
        with self.database.transaction() as session:
            GuildRepository(session, GUILD).revive(MONDAY)
            guild = GuildRepository(session, GUILD).guild()
            assert guild is not None
            games = GameRepository(session)
            game = games.game(games.find_source("test", "g") or 0)
            selection = Selection.of(game, market, side, line_q, Odds.from_american(american))
            new = NewBet(self.ids.new(), ANN, 7001, Pick(selection, 1_000_000, StakeMode.RISK).ticket)
            return post(session, guild, new, Moment(at, at)).bet_id

    def value(self, bet_id: int) -> StoredValue:
        with self.database.read() as session:
            found = GuildValueRepository(session, GUILD).of_bet(bet_id, 1)
        assert found is not None
        return found

    def rows(self, sql: str, *params: Any) -> list[tuple[Any, ...]]:
        with self.database.read() as session:
            return [tuple(row.values()) for row in session.all(sql, params)]

    def lines(self, closing: int = 1) -> list[tuple[Any, ...]]:
        return self.rows(
            "SELECT book, side, line_q, seen_at, stale FROM closing_lines WHERE closing = %s ORDER BY book, side",
            closing,
        )


@pytest.fixture
def board(database_url: str) -> Iterator[Board]:
    clock = HandClock()
    board = Board(open_database(database_url, clock), clock)
    yield board
    board.database.close()


def spread(
    away_line_q: int, away: int = -110, home: int = -110, book: str = "a"
) -> tuple[tuple[str, Market, Side, int, int], ...]:
    return (
        (book, Market.SPREAD, Side.AWAY, away_line_q, away),
        (book, Market.SPREAD, Side.HOME, -away_line_q, home),
    )


def test_the_last_price_before_the_start_is_frozen_once(board: Board) -> None:
    board.offered(START - 60 * MINUTE, *spread(-10))
    board.offered(START - 2 * MINUTE, *spread(-12))
    assert board.close(START - MINUTE) == Closed()
    assert board.close(START) == Closed(1, 2)
    board.offered(START + 5 * MINUTE, *spread(-20))
    assert board.close(START + 6 * MINUTE) == Closed()
    assert [(side, line, stale) for _, side, line, _, stale in board.lines()] == [("away", -12, 0), ("home", 12, 0)]


def test_a_close_frozen_late_is_the_same(board: Board) -> None:
    """The price stood until two minutes before the start and changed in play before the job ran."""
    board.offered(START - 60 * MINUTE, *spread(-12))
    board.offered(START - 2 * MINUTE, *spread(-12))
    board.offered(START + 5 * MINUTE, *spread(-20))
    board.close(START + 60 * MINUTE)
    assert board.lines() == [
        ("a", "away", -12, START - 2 * MINUTE, 0),
        ("a", "home", 12, START - 2 * MINUTE, 0),
    ]


@pytest.mark.parametrize(("minutes", "stale"), [(15, 0), (16, 1)])
def test_a_price_last_seen_more_than_fifteen_minutes_before_is_stale(board: Board, minutes: int, stale: int) -> None:
    board.offered(START - minutes * MINUTE, *spread(-12))
    board.offered(START + MINUTE)  # taken down
    board.close(START + 2 * MINUTE)
    assert [row[-1] for row in board.lines()] == [stale, stale]


def test_a_price_taken_down_just_before_the_start_was_the_last_word(board: Board) -> None:
    board.offered(START - 4 * MINUTE, *spread(-12))
    board.offered(START - MINUTE)
    board.close(START)
    assert [(row[2], row[3]) for row in board.lines()] == [(-12, START - 4 * MINUTE), (12, START - 4 * MINUTE)]


def test_a_moved_game_is_closed_again_until_play_is_reported(board: Board) -> None:
    board.offered(START - MINUTE, *spread(-12))
    assert board.close(START) == Closed(1, 2)
    moved = START + timedelta(hours=2)
    board.offered(START + 5 * MINUTE, *spread(-14), starts_at=moved)
    assert board.close(START + 6 * MINUTE) == Closed()
    board.offered(moved - MINUTE, *spread(-16), starts_at=moved)
    assert board.close(moved) == Closed(1, 2)
    assert [row[2] for row in board.lines(2)] == [-16, 16]
    assert [row[2] for row in board.lines(1)] == [-12, 12]


def test_play_reported_ends_the_moves(board: Board) -> None:
    board.offered(START - MINUTE, *spread(-12))
    board.scored(START + MINUTE, 0, 0, final=False)
    assert board.close(START + 2 * MINUTE) == Closed(1, 2)
    board.offered(START + 5 * MINUTE, *spread(-20), starts_at=START + 10 * MINUTE)
    assert board.close(START + 20 * MINUTE) == Closed()


def test_play_before_the_scheduled_start_closes_at_once(board: Board) -> None:
    board.offered(START - 20 * MINUTE, *spread(-12))
    board.offered(START - 12 * MINUTE, *spread(-20))
    board.scored(START - 13 * MINUTE, 0, 0, final=False)
    assert board.close(START - 12 * MINUTE) == Closed(1, 2)
    assert [row[2] for row in board.lines()] == [-12, 12]


def test_on_the_same_line_the_value_is_the_price_times_the_fair_chance(board: Board) -> None:
    board.offered(MONDAY, *spread(-12))
    bet_id = board.bet(Market.SPREAD, Side.AWAY, -12, +105)
    board.offered(START - MINUTE, *spread(-12, away=-120, home=100, book="pinnacle"))
    board.close(START)
    implied = (Decimal(120) / 220, Decimal(1) / 2)
    expected = Decimal("2.05") * implied[0] / sum(implied) - 1
    found = board.value(bet_id)
    assert found.value == round(expected, 6)
    assert (found.book, found.method, found.reason) == ("pinnacle", "multiplicative", "")


def test_a_moved_spread_is_valued_by_the_table_of_margins(board: Board) -> None:
    board.offered(MONDAY, *spread(-10))
    bet_id = board.bet(Market.SPREAD, Side.AWAY, -10, -110)
    board.offered(START - MINUTE, *spread(-14))
    board.close(START)
    found = board.value(bet_id)
    assert found.method == "multiplicative+margins"
    assert found.close_line_q == -14
    assert found.value is not None
    assert Decimal("0.05") < found.value < Decimal("0.2")  # from −3.5 to −2.5 across the 3


def test_a_total_whose_line_moved_has_no_comparable_close(board: Board) -> None:
    total = [("a", Market.TOTAL, Side.OVER, 178, -110), ("a", Market.TOTAL, Side.UNDER, 178, -110)]
    board.offered(MONDAY, *total)
    bet_id = board.bet(Market.TOTAL, Side.OVER, 178, -110)
    board.offered(START - MINUTE, *[(book, market, side, 184, price) for book, market, side, _, price in total])
    board.close(START)
    assert (board.value(bet_id).value, board.value(bet_id).reason) == (None, "line_moved")


def test_another_book_that_closed_on_the_line_is_comparable(board: Board) -> None:
    board.offered(MONDAY, ("a", Market.TOTAL, Side.OVER, 178, -110))
    bet_id = board.bet(Market.TOTAL, Side.OVER, 178, -110)
    board.offered(
        START - MINUTE,
        *[("pinnacle", Market.TOTAL, side, 184, -105) for side in (Side.OVER, Side.UNDER)],
        *[("b", Market.TOTAL, side, 178, -110) for side in (Side.OVER, Side.UNDER)],
    )
    board.close(START)
    assert board.value(bet_id).book == "b"
    assert board.value(bet_id).value == round(Decimal(21) / 22 - 1, 6)


@pytest.mark.parametrize(
    ("offers", "at", "reason"),
    [
        (spread(-12), START - 40 * MINUTE, "stale"),
        (spread(-12)[:1], START - MINUTE, "incomplete"),
        ((("a", Market.MONEYLINE, Side.HOME, 0, 120),), START - MINUTE, "no_close"),
    ],
)
def test_without_a_close_the_reason_is_kept_and_no_zero(
    board: Board, offers: tuple[tuple[str, Market, Side, int, int], ...], at: datetime, reason: str
) -> None:
    board.offered(MONDAY)
    bet_id = board.bet(Market.SPREAD, Side.AWAY, -12, -110)
    board.offered(at, *offers)
    board.offered(START + MINUTE)
    board.close(START + 2 * MINUTE)
    assert (board.value(bet_id).value, board.value(bet_id).reason) == (None, reason)
    with board.database.read() as session:
        average = GuildValueRepository(session, GUILD).average(ANN)
    assert (average.mean, average.bets) == (None, 0)


def test_a_game_closed_anew_values_its_bets_anew(board: Board) -> None:
    board.offered(MONDAY, *spread(-12))
    bet_id = board.bet(Market.SPREAD, Side.AWAY, -12, -110)
    board.offered(START - MINUTE, *spread(-12))
    board.close(START)
    first = board.value(bet_id)
    moved = START + timedelta(hours=2)
    board.offered(moved - MINUTE, *spread(-12, away=-130, home=110), starts_at=moved)
    board.close(moved)
    board.close(moved + 20 * MINUTE)
    second = board.value(bet_id)
    assert first.value is not None
    assert second.value is not None
    assert second.value > first.value
    assert board.rows("SELECT DISTINCT clv_done FROM game_closings") == [(1,)]
