"""Documents of The Odds API: what is read, and how a bad entry is named while its neighbours are kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbsbm.betting.markets import Market, Side
from dbsbm.providers.errors import ProviderDocumentError
from dbsbm.providers.leagues import FeedLeague, feed_leagues
from dbsbm.providers.odds_api_documents import COVERS, read_odds, read_scores

NFL = FeedLeague("americanfootball_nfl", "nfl", "us", "american")
EPL = FeedLeague("soccer_epl", "epl", "uk", "decimal")
FETCHED = datetime(2022, 9, 8, 12, 0, tzinfo=UTC)


def event(**changes: Any) -> dict[str, Any]:
    return {
        "id": "e1",
        "sport_key": "americanfootball_nfl",
        "commence_time": "2022-09-09T00:20:00Z",
        "home_team": "Los Angeles Rams",
        "away_team": "Buffalo Bills",
        "bookmakers": [book()],
        **changes,
    }


def book(**changes: Any) -> dict[str, Any]:
    return {
        "key": "alpha",
        "title": "Alpha",
        "last_update": "2022-09-08T11:58:00Z",
        "markets": [h2h(), spreads(), totals()],
        **changes,
    }


def h2h(home: Any = 106, away: Any = -117) -> dict[str, Any]:
    outcomes = [{"name": "Los Angeles Rams", "price": home}, {"name": "Buffalo Bills", "price": away}]
    return {"key": "h2h", "last_update": "2022-09-08T11:59:00Z", "outcomes": outcomes}


def spreads(point: Any = 2.5) -> dict[str, Any]:
    outcomes = [
        {"name": "Los Angeles Rams", "price": -110, "point": point},
        {"name": "Buffalo Bills", "price": -110, "point": -2.5},
    ]
    return {"key": "spreads", "outcomes": outcomes}


def totals(over: str = "Over") -> dict[str, Any]:
    outcomes = [{"name": over, "price": -111, "point": 52}, {"name": "Under", "price": -101, "point": 52}]
    return {"key": "totals", "outcomes": outcomes}


def body(*events: Any) -> bytes:
    return json.dumps(events).encode()


def test_an_event_gives_a_game_and_the_prices_of_three_markets() -> None:
    read = read_odds(body(event()), NFL, FETCHED)

    (game,) = read.reports
    assert read.problems == ()
    assert (game.league, game.home, game.away) == ("nfl", "Los Angeles Rams", "Buffalo Bills")
    assert game.starts_at == datetime(2022, 9, 9, 0, 20, tzinfo=UTC)
    assert game.covers == COVERS
    assert [(o.market, o.side, o.line_q, o.odds.num, o.odds.den) for o in game.offers] == [
        (Market.MONEYLINE, Side.HOME, 0, 103, 50),
        (Market.MONEYLINE, Side.AWAY, 0, 217, 117),
        (Market.SPREAD, Side.HOME, 10, 21, 11),
        (Market.SPREAD, Side.AWAY, -10, 21, 11),
        (Market.TOTAL, Side.OVER, 208, 211, 111),
        (Market.TOTAL, Side.UNDER, 208, 201, 101),
    ]


def test_a_price_is_as_old_as_its_market_or_else_its_book() -> None:
    (game,) = read_odds(body(event()), NFL, FETCHED).reports

    assert game.offers[0].taken_at == datetime(2022, 9, 8, 11, 59, tzinfo=UTC)
    assert game.offers[2].taken_at == datetime(2022, 9, 8, 11, 58, tzinfo=UTC)


def test_a_draw_makes_a_three_way_market_and_decimal_prices_stay_exact() -> None:
    text = """[{"id": "e2", "sport_key": "soccer_epl", "commence_time": "2022-09-10T14:00:00+00:00",
        "home_team": "Luton", "away_team": "Leeds", "bookmakers": [{"key": "beta", "markets": [
        {"key": "h2h", "last_update": "2022-09-08T11:00:00Z", "outcomes": [{"name": "Luton", "price": 2.34},
         {"name": "Leeds", "price": 3}, {"name": "Draw", "price": 3.3000}]},
        {"key": "spreads", "last_update": "2022-09-08T11:00:00Z", "outcomes": [
         {"name": "Luton", "price": 1.909, "point": -0.25}, {"name": "Leeds", "price": 2.01, "point": 0.25}]}]}]}]"""
    (game,) = read_odds(text.encode(), EPL, FETCHED).reports

    assert [(o.market, o.side, o.line_q, f"{o.odds.num}/{o.odds.den}") for o in game.offers] == [
        (Market.MONEYLINE_3WAY, Side.HOME, 0, "117/50"),
        (Market.MONEYLINE_3WAY, Side.AWAY, 0, "3/1"),
        (Market.MONEYLINE_3WAY, Side.DRAW, 0, "33/10"),
        (Market.SPREAD, Side.HOME, -1, "1909/1000"),
        (Market.SPREAD, Side.AWAY, 1, "201/100"),
    ]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"id": None}, "id 'None' is not a text"),
        ({"id": "x" * 65}, "is not a text of 1 to 64 characters"),
        ({"sport_key": "basketball_nba"}, "e1: sport 'basketball_nba' instead of americanfootball_nfl"),
        ({"home_team": ""}, "e1: home_team '' is not a text"),
        ({"home_team": "Buffalo Bills"}, "e1: 'Buffalo Bills' plays itself"),
        ({"commence_time": "tomorrow"}, "e1: commence_time 'tomorrow' is not a time with a zone"),
        ({"commence_time": "2022-09-09T00:20:00"}, "is not a time with a zone"),
        ({"commence_time": 1662682800}, "is not a time with a zone"),
    ],
)
def test_a_bad_event_is_named_and_the_others_are_kept(changes: dict[str, Any], problem: str) -> None:
    read = read_odds(body(event(id="before"), event(**changes), event(id="after")), NFL, FETCHED)

    assert [game.provider_game_id for game in read.reports] == ["before", "after"]
    (error,) = read.problems
    assert error.detail.startswith("event 1: ")
    assert problem in error.detail


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        (h2h(home=50), "event e1, alpha: h2h: price 50 American odds are +100 or more"),
        (h2h(home=None), "event e1, alpha: h2h: price None is not a number"),
        (h2h(home=True), "event e1, alpha: h2h: price True is not a number"),
        (h2h(home=-110.5), "event e1, alpha: h2h: American price '-110.5' is not whole"),
        (spreads(point=2.3), "event e1, alpha: spreads: point '2.3' is not a multiple of a quarter"),
        (spreads(point=None), "event e1, alpha: spreads: point None is not a number"),
        (totals(over="Yes"), "event e1, alpha: totals: no side is called 'Yes'"),
        ({"key": "h2h", "outcomes": []}, "event e1, alpha: h2h: outcomes is not a list"),
        ("h2h", "event e1, alpha: market is not an object"),
    ],
)
def test_a_bad_market_is_named_and_costs_neither_its_book_nor_what_is_known(bad: Any, problem: str) -> None:
    other = {"key": "totals", "outcomes": [{"name": "Over", "price": 100, "point": 40}]}
    games = [event(bookmakers=[book(markets=[bad, other]), book(key="beta")])]

    read = read_odds(body(*games), NFL, FETCHED)

    (game,) = read.reports
    assert [error.detail[: len(problem)] for error in read.problems] == [problem]
    assert [(o.book, o.market) for o in game.offers if o.book == "alpha"] == [("alpha", Market.TOTAL)]
    assert len([offer for offer in game.offers if offer.book == "beta"]) == 6
    assert game.covers == frozenset(), "nothing may be taken down on the word of a spoiled document"


def test_markets_that_were_not_asked_for_are_passed_over() -> None:
    games = [event(bookmakers=[book(markets=[{"key": "h2h_lay", "outcomes": "?"}, h2h()])])]

    read = read_odds(body(*games), NFL, FETCHED)

    assert read.problems == ()
    assert len(read.reports[0].offers) == 2


@pytest.mark.parametrize("text", [b"", b"[", b'{"message": "x"}', b"<html>", b"null", b"[" * 100_000, b"\xff\xfe"])
def test_a_document_that_is_no_list_of_events_is_refused_as_a_whole(text: bytes) -> None:
    with pytest.raises(ProviderDocumentError):
        read_odds(text, NFL, FETCHED)


def score(**changes: Any) -> dict[str, Any]:
    scores = [{"name": "Los Angeles Rams", "score": "10"}, {"name": "Buffalo Bills", "score": "31"}]
    updated = "2022-09-09T03:40:00Z"
    return event(**{"completed": True, "scores": scores, "last_update": updated, **changes})


def test_a_score_names_home_and_away_by_team_whatever_their_order() -> None:
    swapped = score(scores=list(reversed(score()["scores"])))

    (report,) = read_scores(body(swapped), NFL, FETCHED).reports

    assert (report.home_score, report.away_score, report.final) == (10, 31, True)
    assert report.scored_at == datetime(2022, 9, 9, 3, 40, tzinfo=UTC)


def test_a_game_that_has_not_begun_has_no_score_to_report() -> None:
    read = read_scores(body(score(completed=False, scores=None, last_update=None)), NFL, FETCHED)

    assert read.reports == ()
    assert read.problems == ()


def test_a_running_score_is_not_final() -> None:
    (report,) = read_scores(body(score(completed=False, last_update=None)), NFL, FETCHED).reports

    assert not report.final
    assert report.scored_at == FETCHED


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"scores": None}, "event 0: e1: completed without scores"),
        ({"completed": "yes"}, "event 0: e1: completed 'yes' is not true or false"),
        ({"scores": [{"name": "Los Angeles Rams", "score": "10"}]}, "instead of the two teams"),
        (
            {"scores": [{"name": "Los Angeles Rams", "score": "1-0"}, {"name": "Buffalo Bills", "score": "31"}]},
            "score '1-0' is not a number of points",
        ),
        (
            {"scores": [{"name": "Los Angeles Rams", "score": -1}, {"name": "Buffalo Bills", "score": "31"}]},
            "score -1 is not a number of points",
        ),
    ],
)
def test_a_bad_score_is_named_and_the_others_are_kept(changes: dict[str, Any], problem: str) -> None:
    read = read_scores(body(score(**changes), score(id="good")), NFL, FETCHED)

    assert [report.provider_game_id for report in read.reports] == ["good"]
    assert problem in read.problems[0].detail


def test_each_league_is_fetched_once() -> None:
    leagues = feed_leagues()

    assert len({row.league for row in leagues}) == len({row.sport_key for row in leagues}) == len(leagues)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(deadline=None, derandomize=True, max_examples=300)
@given(path=st.lists(st.integers(0, 20), max_size=6), value=_json)
def test_one_field_of_nonsense_never_costs_a_neighbour(path: list[int], value: Any) -> None:
    spoiled = _replaced(event(), path, value)

    for read in (
        read_odds(body(event(id="before"), spoiled, event(id="after")), NFL, FETCHED),
        read_scores(body(score(id="before"), _replaced(score(), path, value), score(id="after")), NFL, FETCHED),
    ):
        ids = [report.provider_game_id for report in read.reports]
        assert ids[0] == "before"
        assert ids[-1] == "after"


def _replaced(tree: Any, path: list[int], value: Any) -> Any:
    """The tree with the node at a path, taken modulo what is there, exchanged."""
    if not path or not isinstance(tree, dict | list) or not tree:
        return value
    if isinstance(tree, dict):
        name = sorted(tree)[path[0] % len(tree)]
        return {**tree, name: _replaced(tree[name], path[1:], value)}
    index = path[0] % len(tree)
    return [*tree[:index], _replaced(tree[index], path[1:], value), *tree[index + 1 :]]
