"""Games, prices and scores in a real database: what reports do to them, in whatever order they come."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dbsbm.betting.markets import Market, Side
from dbsbm.betting.odds import Odds
from dbsbm.cache.cache import LocalCache
from dbsbm.cache.client import build_cache
from dbsbm.core import metrics
from dbsbm.core.errors import NotFoundError
from dbsbm.core.ids import Ids
from dbsbm.database.errors import ContentionError
from dbsbm.database.session import Row
from dbsbm.games import service
from dbsbm.games.feed.repository import FeedRepository
from dbsbm.games.model import GameReport, GameState, Offer, ScoreReport, best_prices
from dbsbm.games.repository import GameRepository
from dbsbm.games.service import Ingested, ingest, upcoming_board, warm
from tests.integration.moments import MONDAY, HandClock, open_database

START = MONDAY + timedelta(days=3)
FEATURED = frozenset({Market.MONEYLINE, Market.SPREAD, Market.TOTAL})


class World:
    """A database with the feed's write side and the readers' read side."""

    def __init__(self, url: str) -> None:
        self.clock = HandClock()
        self.ids = Ids(self.clock, Random(1))
        self.database = open_database(url, self.clock)
        self.cache = LocalCache(self.clock, self.ids)

    def take(self, *games: GameReport, scores: Sequence[ScoreReport] = ()) -> Ingested:
        return ingest(self.database.run, self.cache, self.ids, games, scores)

    def rows(self, sql: str) -> Sequence[Row]:
        with self.database.read() as session:
            return session.all(sql)


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    world = World(database_url)
    yield world
    world.database.close()


def chiefs_raiders(at: datetime = MONDAY, *offers: Offer, **changes: object) -> GameReport:
    report = GameReport("test", "g1", "nfl", "Las Vegas Raiders", "Kansas City Chiefs", START, at, offers, FEATURED)
    return replace(report, **changes)  # type: ignore[arg-type]


def spread(american: int, line_q: int, at: datetime = MONDAY, book: str = "alpha", side: Side = Side.AWAY) -> Offer:
    return Offer(book, Market.SPREAD, side, line_q, Odds.from_american(american), at)


def score(home: int, away: int, at: datetime, *, final: bool) -> ScoreReport:
    teams = ("Las Vegas Raiders", "Kansas City Chiefs")
    return ScoreReport("test", "g1", "nfl", *teams, START, at, at, home, away, final)


def minutes(count: float) -> datetime:
    return MONDAY + timedelta(minutes=count)


def only_game(world: World) -> tuple[str, str, datetime, GameState, int | None, int | None]:
    with world.database.read() as session:
        repository = GameRepository(session)
        game_id = repository.find_source("test", "g1")
        assert game_id is not None
        game = repository.game(game_id)
    return game.home, game.away, game.starts_at, game.state, game.home_score, game.away_score


def prices_now(world: World) -> set[tuple[str, str, str, int, str]]:
    with world.database.read() as session:
        repository = GameRepository(session)
        game_id = repository.find_source("test", "g1")
        assert game_id is not None
        return {
            (p.book, p.market.value, p.side.value, p.line_q, f"{p.odds.num}/{p.odds.den}")
            for p in repository.prices([game_id])
        }


def test_a_report_becomes_a_game_with_its_prices(world: World) -> None:
    done = world.take(chiefs_raiders(MONDAY, spread(-110, -12), spread(-110, 12, side=Side.HOME)))

    assert done == Ingested(games=1, prices=2)
    assert only_game(world)[:4] == ("Las Vegas Raiders", "Kansas City Chiefs", START, GameState.SCHEDULED)
    assert prices_now(world) == {
        ("alpha", "spread", "away", -12, "21/11"),
        ("alpha", "spread", "home", 12, "21/11"),
    }


def test_the_same_document_twice_changes_nothing(world: World) -> None:
    report = chiefs_raiders(MONDAY, spread(-110, -12))
    world.take(report)

    assert world.take(report) == Ingested()
    assert len(world.rows("SELECT * FROM odds_snapshots")) == 1
    assert len(world.rows("SELECT * FROM games")) == 1


def test_unchanged_odds_append_nothing_but_stay_fresh(world: World) -> None:
    world.take(chiefs_raiders(MONDAY, spread(-110, -12)))

    done = world.take(chiefs_raiders(minutes(5), spread(-110, -12, minutes(5))))

    assert done == Ingested()
    assert [row["taken_at"] for row in world.rows("SELECT taken_at FROM odds_snapshots")] == [MONDAY]
    assert [row["taken_at"] for row in world.rows("SELECT taken_at FROM current_odds")] == [minutes(5)]


def test_a_moved_line_is_appended_and_becomes_the_current_one(world: World) -> None:
    world.take(chiefs_raiders(MONDAY, spread(-110, -12)))

    assert world.take(chiefs_raiders(minutes(5), spread(-105, -14, minutes(5)))).prices == 1
    history = world.rows("SELECT line_q, price_num, price_den FROM odds_snapshots ORDER BY taken_at")
    assert [tuple(row.values()) for row in history] == [(-12, 21, 11), (-14, 41, 21)]
    assert prices_now(world) == {("alpha", "spread", "away", -14, "41/21")}


def test_an_older_document_never_overwrites_a_newer_one(world: World) -> None:
    moved = START + timedelta(hours=1)
    world.take(chiefs_raiders(minutes(10), spread(-105, -14, minutes(10)), starts_at=moved))

    done = world.take(chiefs_raiders(MONDAY, spread(-120, -12), home="Oakland Raiders"))

    assert done.games == 0
    assert only_game(world)[:3] == ("Las Vegas Raiders", "Kansas City Chiefs", moved)
    assert prices_now(world) == {("alpha", "spread", "away", -14, "41/21")}
    history = world.rows("SELECT line_q FROM odds_snapshots ORDER BY taken_at")
    assert [row["line_q"] for row in history] == [-12, -14]


def test_a_late_document_that_repeats_what_stood_before_adds_no_history(world: World) -> None:
    world.take(chiefs_raiders(MONDAY, spread(-110, -12)))
    world.take(chiefs_raiders(minutes(10), spread(-105, -14, minutes(10))))

    world.take(chiefs_raiders(minutes(5), spread(-110, -12, minutes(5))))

    assert len(world.rows("SELECT * FROM odds_snapshots")) == 2


def test_a_price_taken_down_is_no_longer_offered_and_history_says_when(world: World) -> None:
    world.take(chiefs_raiders(MONDAY, spread(-110, -12), spread(100, -12, book="beta")))

    assert world.take(chiefs_raiders(minutes(5), spread(-110, -12, minutes(5)))).prices == 1
    assert prices_now(world) == {("alpha", "spread", "away", -12, "21/11")}
    down = world.rows("SELECT taken_at FROM odds_snapshots WHERE book = 'beta' AND price_num IS NULL")
    assert [row["taken_at"] for row in down] == [minutes(5)]

    world.take(chiefs_raiders(minutes(10), spread(-110, -12, minutes(10)), spread(100, -12, minutes(9), "beta")))
    assert ("beta", "spread", "away", -12, "2/1") in prices_now(world)


def test_a_document_that_did_not_say_everything_takes_nothing_down(world: World) -> None:
    world.take(chiefs_raiders(MONDAY, spread(-110, -12)))

    world.take(chiefs_raiders(minutes(5), covers=frozenset()))
    world.take(chiefs_raiders(minutes(6), covers=frozenset({Market.TOTAL})))

    assert prices_now(world) == {("alpha", "spread", "away", -12, "21/11")}


def test_a_price_changed_under_an_unmoved_provider_clock_is_timed_by_the_document(world: World) -> None:
    world.take(chiefs_raiders(MONDAY, spread(-110, -12)))

    world.take(chiefs_raiders(minutes(5), spread(-115, -12, MONDAY)))

    times = [row["taken_at"] for row in world.rows("SELECT taken_at FROM odds_snapshots ORDER BY taken_at")]
    assert times == [MONDAY, minutes(5)]
    assert prices_now(world) == {("alpha", "spread", "away", -12, "43/23")}


def test_scores_go_from_live_to_final_and_every_report_is_kept(world: World) -> None:
    world.take(chiefs_raiders())
    live, final = START + timedelta(hours=1), START + timedelta(hours=3)

    assert world.take(scores=[score(7, 10, live, final=False)]).scores == 1
    assert only_game(world)[3:] == (GameState.LIVE, 7, 10)
    assert world.take(scores=[score(20, 27, final, final=True)]).scores == 1
    assert only_game(world)[3:] == (GameState.FINAL, 20, 27)
    assert len(world.rows("SELECT * FROM game_scores")) == 2


def test_an_older_score_never_overwrites_a_newer_one(world: World) -> None:
    final, live = START + timedelta(hours=3), START + timedelta(hours=1)
    world.take(scores=[score(20, 27, final, final=True)])

    assert world.take(scores=[score(7, 10, live, final=False)]).scores == 0
    assert only_game(world)[3:] == (GameState.FINAL, 20, 27)


def test_a_corrected_final_replaces_the_first_and_both_stay(world: World) -> None:
    world.take(scores=[score(20, 27, START + timedelta(hours=3), final=True)])

    assert world.take(scores=[score(21, 27, START + timedelta(hours=5), final=True)]).scores == 1
    assert only_game(world)[3:] == (GameState.FINAL, 21, 27)
    assert len(world.rows("SELECT * FROM game_scores")) == 2


def test_odds_after_the_final_whistle_do_not_reopen_a_game(world: World) -> None:
    world.take(scores=[score(20, 27, START + timedelta(hours=3), final=True)])
    world.take(chiefs_raiders(START + timedelta(hours=4), spread(-110, -12, START + timedelta(hours=4))))

    assert only_game(world)[3:] == (GameState.FINAL, 20, 27)


def test_upcoming_lists_scheduled_games_in_order_of_their_start(world: World) -> None:
    def game(number: int, league: str, hours: float) -> GameReport:
        start = MONDAY + timedelta(hours=hours)
        return GameReport("test", f"g{number}", league, f"Home {number}", f"Away {number}", start, MONDAY)

    world.take(game(1, "nfl", 5), game(2, "nba", 2), game(3, "nfl", 2.5), game(4, "nfl", -1))

    with world.database.read() as session:
        repository = GameRepository(session)
        assert [g.home for g in repository.upcoming(MONDAY)] == ["Home 2", "Home 3", "Home 1"]
        assert [g.home for g in repository.upcoming(MONDAY, limit=1)] == ["Home 2"]
        assert [g.home for g in repository.upcoming(MONDAY, leagues={"nfl"})] == ["Home 3", "Home 1"]
        assert repository.upcoming(MONDAY, leagues=()) == []
        assert repository.games([]) == {}
        assert repository.prices([]) == []
        with pytest.raises(NotFoundError):
            repository.game(1)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(
    offers=st.lists(
        st.tuples(
            st.sampled_from("abcdef"),
            st.sampled_from([Side.HOME, Side.AWAY]),
            st.sampled_from([-110, -105, 100, 2000, 2005]),
            st.sampled_from([-12, 0, 12]),
            st.integers(0, 2),
        ),
        max_size=12,
        unique_by=lambda offer: offer[:2],
    )
)
def test_the_database_finds_the_same_best_prices(world: World, offers: list[tuple[str, Side, int, int, int]]) -> None:
    with world.database.transaction() as session:
        for table in ("games", "game_sources", "odds_snapshots", "current_odds"):
            session.execute(f"DELETE FROM {table}")
    world.take(
        chiefs_raiders(
            minutes(5),
            *(spread(american, line_q, minutes(at), book, side) for book, side, american, line_q, at in offers),
        )
    )

    with world.database.read() as session:
        repository = GameRepository(session)
        game_id = repository.find_source("test", "g1") or 0
        best = repository.best_prices([game_id])
        assert set(best) == set(best_prices(repository.prices([game_id])).values())


def test_two_runs_at_once_give_a_game_one_id(world: World, database_url: str) -> None:
    """The second waits for the first's claim of the provider's id and takes over its game."""
    first, second = open_database(database_url, world.clock), open_database(database_url, world.clock)
    with first.transaction() as session:
        FeedRepository(session, world.ids).upsert_games([chiefs_raiders()])
        with pytest.raises(ContentionError), second.transaction() as other:
            FeedRepository(other, world.ids).upsert_games([chiefs_raiders()])
    with second.transaction() as session:
        FeedRepository(session, world.ids).upsert_games([chiefs_raiders()])
    first.close()
    second.close()
    assert len(world.rows("SELECT * FROM game_sources")) == len(world.rows("SELECT * FROM games")) == 1


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(
    moves=st.lists(st.tuples(st.sampled_from([-110, -105, 100]), st.sampled_from([-12, -14])), min_size=1, max_size=6),
    seed=st.integers(0, 1_000_000),
)
def test_whatever_the_order_of_documents_the_newest_one_stands(
    world: World, moves: list[tuple[int, int]], seed: int
) -> None:
    with world.database.transaction() as session:
        for table in ("games", "game_sources", "odds_snapshots", "current_odds"):
            session.execute(f"DELETE FROM {table}")
    documents = [
        chiefs_raiders(minutes(n), spread(american, line_q, minutes(n)), starts_at=START + timedelta(hours=n))
        for n, (american, line_q) in enumerate(moves)
    ]
    random.Random(seed).shuffle(documents)

    for document in documents:
        world.take(document)

    american, line_q = moves[-1]
    odds = Odds.from_american(american)
    assert prices_now(world) == {("alpha", "spread", "away", line_q, f"{odds.num}/{odds.den}")}
    assert only_game(world)[2] == START + timedelta(hours=len(moves) - 1)


def test_a_board_that_is_warm_is_loaded_by_nobody_who_types(world: World, redis_url: str) -> None:
    world.take(chiefs_raiders(MONDAY, spread(-110, -12)))
    feeding = build_cache(redis_url, world.clock, Ids(world.clock, Random(6)))
    typing = build_cache(redis_url, world.clock, Ids(world.clock, Random(7)))
    warm(feeding, world.database.read, MONDAY)
    service._boards.clear()  # another process has none
    with metrics.collected() as samples, world.database.read() as session:
        assert len(upcoming_board(typing, session, MONDAY).games) == 1
    assert [sample.values for sample in samples if sample.metric is metrics.CACHE] == [("games", "hit")]
