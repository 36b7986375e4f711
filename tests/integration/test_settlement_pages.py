"""A run goes through its bets page by page: wherever a page ends, every bet is graded once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import product

import pytest

from dbsbm.betting.markets import Market, Side
from dbsbm.settlement import applying
from dbsbm.settlement.applying import Run, Settled, notice, settle_finished, settle_noticed
from tests.integration.moments import HandClock, open_database
from tests.integration.test_settlement_grades import APPLICATION, AWAY_SPREAD, BETS, OVER, Season

GAMES = ("g", "h", "i")


@pytest.fixture
def season(database_url: str) -> Iterator[Season]:
    clock = HandClock()
    season = Season(open_database(database_url, clock), clock)
    yield season
    season.database.close()


@pytest.mark.parametrize(("bets", "games"), [(1, 200), (2, 2), (5, 1), (7, 200), (14, 3)])
def test_wherever_a_page_ends_every_bet_is_graded_once(
    season: Season, monkeypatch: pytest.MonkeyPatch, bets: int, games: int
) -> None:
    monkeypatch.setattr(applying, "BETS_PER_TRANSACTION", bets)
    monkeypatch.setattr(applying, "GAMES_TOGETHER", games)
    season.opened(games=(*GAMES, "empty"))
    for game, terms in product(GAMES, BETS):
        season.bet(terms, game=game)
    season.parlay(("g", *AWAY_SPREAD), ("h", *AWAY_SPREAD))
    season.parlay(("i", Market.SPREAD, Side.HOME, 12), ("g", *AWAY_SPREAD))
    for game, source in product((*GAMES, "empty"), ("one", "two")):
        season.final(source, 27, 20, game=game)

    done = season.run()

    assert done.graded == len(GAMES) * len(BETS) + 2
    assert season.rows("SELECT COUNT(*), COUNT(DISTINCT bet_id) FROM ledger_entries") == [(14, 14)]
    assert season.rows("SELECT DISTINCT state FROM game_settlements") == [("done",)]
    assert season.run(OVER + timedelta(minutes=5)).graded == 0
    kept = season.rows("SELECT SUM(bets) FROM capper_totals WHERE span = 'all' AND league = '' AND market = ''")
    assert kept == [(14,)]


def test_a_game_begun_among_others_is_gone_on_with_where_it_stands(
    season: Season, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a run was killed, and a game before the one it was at has a result now."""
    monkeypatch.setattr(applying, "BETS_PER_TRANSACTION", 3)
    season.opened(games=GAMES)
    for game, terms in product(GAMES, BETS):
        season.bet(terms, game=game)
    for source in ("one", "two"):
        season.final(source, 27, 20, game="i")
    turns = iter((True, False))
    settle_finished(season.database, Run(OVER, APPLICATION, season.ids), lambda: next(turns))
    assert season.rows("SELECT COUNT(*) FROM game_settlements WHERE state = 'open' AND cursor_bet > 0") == [(1,)]
    for game, source in product(("g", "h"), ("one", "two")):
        season.final(source, 27, 20, game=game)

    season.run()

    assert season.rows("SELECT COUNT(*), COUNT(DISTINCT bet_id) FROM ledger_entries") == [(12, 12)]
    assert season.rows("SELECT DISTINCT state FROM game_settlements") == [("done",)]


def test_a_standing_that_changes_between_two_pages_is_taken_to_every_bet(
    season: Season, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applying, "BETS_PER_TRANSACTION", 3)
    season.opened(games=GAMES)
    for game, terms in product(GAMES, BETS):
        season.bet(terms, game=game)
    for game, source in product(GAMES, ("one", "two")):
        season.final(source, 27, 20, game=game)
    turns = iter((True, True, False))
    settle_finished(season.database, Run(OVER, APPLICATION, season.ids), lambda: next(turns))
    for source in ("one", "two"):
        season.final(source, 3, 20, OVER + timedelta(minutes=1), game="h")

    settle_noticed(season.database, Run(OVER + timedelta(minutes=5), APPLICATION, season.ids), lambda: True)

    assert season.rows("SELECT DISTINCT state FROM game_settlements") == [("done",)]
    results = season.rows(
        "SELECT s.provider_game_id, p.result, COUNT(*) FROM bet_proposals p "
        "JOIN bet_legs l ON l.guild_id = p.guild_id AND l.bet_id = p.bet_id "
        "JOIN game_sources s ON s.game_id = l.game_id AND s.provider = 'one' GROUP BY 1, 2 ORDER BY 1"
    )
    assert results == [("g", "27-20", len(BETS)), ("h", "3-20", len(BETS)), ("i", "27-20", len(BETS))]
    kept = season.rows("SELECT SUM(bets) FROM capper_totals WHERE span = 'all' AND league = '' AND market = ''")
    assert kept == [(len(GAMES) * len(BETS),)]


def test_two_runs_side_by_side_grade_every_bet_once(
    season: Season, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applying, "BETS_PER_TRANSACTION", 5)
    monkeypatch.setattr(applying, "GAMES_TOGETHER", 1)
    games = tuple(f"game {number}" for number in range(12))
    season.opened(games=games)
    for game, terms in product(games, BETS):
        season.bet(terms, game=game)
    for game, source in product(games, ("one", "two")):
        season.final(source, 27, 20, game=game)
    assert notice(season.database, OVER) == len(games)

    def settled(_: int) -> Settled:
        database = open_database(database_url, season.clock)
        try:
            return settle_noticed(database, Run(OVER, APPLICATION, season.ids), lambda: True)
        finally:
            database.close()

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(settled, range(2)))

    bets = len(games) * len(BETS)
    assert sum(each.graded for each in done) == bets
    assert season.rows("SELECT COUNT(*), COUNT(DISTINCT bet_id) FROM ledger_entries") == [(bets, bets)]
    assert season.rows("SELECT DISTINCT state FROM game_settlements") == [("done",)]
    kept = season.rows("SELECT SUM(bets) FROM capper_totals WHERE span = 'all' AND league = '' AND market = ''")
    assert kept == [(bets,)]
