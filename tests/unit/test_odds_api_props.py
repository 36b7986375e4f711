"""The Odds API's event documents: what books offer on a game's players."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from dbsbm.betting.catalogue import catalogue
from dbsbm.betting.markets import Market, Side
from dbsbm.betting.odds import Odds
from dbsbm.games.leagues import catalogue_id
from dbsbm.games.model import Offer
from dbsbm.providers.errors import ProviderDocumentError
from dbsbm.providers.leagues import FeedLeague, feed_leagues
from dbsbm.providers.odds_api_props import read_props
from dbsbm.providers.prop_markets import prop_markets

NFL = FeedLeague("americanfootball_nfl", "nfl", "us", "american")
AT = datetime(2026, 11, 22, 17, 50, tzinfo=UTC)
UPDATED = datetime(2026, 11, 22, 17, 48, tzinfo=UTC)


def document(*markets: Any, **changed: Any) -> bytes:
    """As the provider documents it: an event, its bookmakers, their markets with a time each."""
    event = {
        "id": "a512a48a58c4329048174217b2cc7ce0",
        "sport_key": "americanfootball_nfl",
        "sport_title": "NFL",
        "commence_time": "2026-11-22T18:00:00Z",
        "home_team": "Las Vegas Raiders",
        "away_team": "Kansas City Chiefs",
        "bookmakers": [{"key": "fanduel", "title": "FanDuel", "markets": list(markets)}],
    }
    return json.dumps({**event, **changed}).encode()


def market(key: str, *outcomes: dict[str, Any]) -> dict[str, Any]:
    return {"key": key, "last_update": "2026-11-22T17:48:00Z", "outcomes": list(outcomes)}


def outcome(name: str, player: str, price: float, point: float | None = None) -> dict[str, Any]:
    said = {"name": name, "description": player, "price": price}
    return said if point is None else {**said, "point": point}


def over_under(player: str, point: float, over: int = -115, under: int = -105) -> list[dict[str, Any]]:
    return [outcome("Over", player, over, point), outcome("Under", player, under, point)]


def test_both_sides_of_every_player_with_line_and_price() -> None:
    body = document(
        market("player_pass_yds", *over_under("Patrick Mahomes", 268.5), *over_under("Geno Smith", 221.5)),
        market("player_anytime_td", outcome("Yes", "Travis Kelce", 165)),
    )

    read = read_props(body, NFL, AT)

    (report,) = read.reports
    assert read.problems == ()
    assert report.covers == set(prop_markets("americanfootball_nfl").values())
    assert report.offers["Patrick Mahomes", "passing_yards"] == (
        Offer("fanduel", Market.PLAYER_PROP, Side.OVER, 1074, Odds.from_american(-115), UPDATED),
        Offer("fanduel", Market.PLAYER_PROP, Side.UNDER, 1074, Odds.from_american(-105), UPDATED),
    )
    assert [(offer.side, offer.line_q) for offer in report.offers["Travis Kelce", "anytime_touchdown"]] == [
        (Side.YES, 0)
    ]


def test_a_name_is_written_as_our_roster_writes_it() -> None:
    body = document(market("player_reception_yds", *over_under("AJ Brown", 66.5), *over_under("Nobody  Known", 20.5)))

    (report,) = read_props(body, NFL, AT).reports

    assert {player for player, _ in report.offers} == {"A.J. Brown", "Nobody Known"}


@pytest.mark.parametrize(
    "spoilt",
    [
        outcome("Maybe", "Patrick Mahomes", -110, 268.5),
        outcome("Over", "", -110, 268.5),
        outcome("Over", "Patrick Mahomes", -110, 268.3),
        outcome("Over", "Patrick Mahomes", -110),
        outcome("Over", "Patrick Mahomes", 0, 268.5),
        "not an outcome",
    ],
)
def test_a_market_that_cannot_be_read_is_named_and_takes_nothing_down(spoilt: Any) -> None:
    body = document(market("player_pass_yds", spoilt), market("player_receptions", *over_under("Travis Kelce", 4.5)))

    read = read_props(body, NFL, AT)

    assert len(read.problems) == 1
    assert "fanduel" in read.problems[0].detail
    assert read.reports[0].covers == frozenset()
    assert {stat for _, stat in read.reports[0].offers} == {"receptions"}


def test_markets_that_were_not_asked_for_are_passed_over() -> None:
    body = document(market("h2h", {"name": "Kansas City Chiefs", "price": -160}))

    read = read_props(body, NFL, AT)

    assert (read.reports[0].offers, read.problems) == ({}, ())


@pytest.mark.parametrize("body", [b"[]", b"{", document(sport_key="basketball_nba"), document(commence_time="soon")])
def test_what_is_no_event_of_the_league_is_refused(body: bytes) -> None:
    with pytest.raises(ProviderDocumentError):
        read_props(body, NFL, AT)


def test_every_market_asked_for_is_a_statistic_of_its_sport() -> None:
    for league in (each for each in feed_leagues() if prop_markets(each.sport_key)):
        sport = catalogue().leagues[catalogue_id(league.league)].sport.sport_id
        for stat_id in prop_markets(league.sport_key).values():
            assert sport in catalogue().stat(stat_id).sports


@pytest.mark.parametrize(
    ("bookmakers", "says"),
    [
        ({"fanduel": []}, "bookmakers is not a list of at most"),
        ([{"key": "b", "markets": []}] * 1000, "bookmakers is not a list of at most"),
        (["fanduel"], "a512a48a58c4329048174217b2cc7ce0: bookmaker"),
        ([{"key": "fanduel", "markets": {"player_pass_yds": []}}], "fanduel: markets is not a list"),
    ],
)
def test_books_that_cannot_be_read_are_named_and_nothing_is_covered(bookmakers: Any, says: str) -> None:
    read = read_props(document(bookmakers=bookmakers), NFL, AT)

    (problem,) = read.problems
    assert says in problem.detail
    assert (read.reports[0].offers, read.reports[0].covers) == ({}, frozenset())


def test_a_book_that_cannot_be_read_costs_no_other_its_prices() -> None:
    whole = {"key": "draftkings", "markets": [market("player_pass_yds", *over_under("Patrick Mahomes", 268.5))]}

    read = read_props(document(bookmakers=[{"key": "fanduel"}, whole]), NFL, AT)

    assert [problem.detail for problem in read.problems] == [
        "a512a48a58c4329048174217b2cc7ce0, fanduel: markets is not a list"
    ]
    assert [offer.book for offer in read.reports[0].offers["Patrick Mahomes", "passing_yards"]] == ["draftkings"] * 2
