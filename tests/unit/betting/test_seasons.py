"""Two recorded seasons graded for every market in them, on every side, against an independent reckoning."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from dbsbm.betting.legs import Leg, Straight
from dbsbm.betting.markets import Market, Side
from dbsbm.betting.odds import Odds
from dbsbm.betting.outcome import Grade
from dbsbm.betting.profile import DEFAULT_PROFILE
from dbsbm.betting.results import GameResult
from dbsbm.betting.settlement import settle
from dbsbm.betting.stakes import MICRO, Stake, StakeMode

SEASONS = [
    ("nfl_2022", "NFL", ("odds_open.json", "odds_close.json")),
    ("efl_championship_2019_20", "EFL_CHAMP", ("odds_open.json", "odds_close.json")),
]
_SIDES = {"Over": Side.OVER, "Under": Side.UNDER, "Draw": Side.DRAW}


@pytest.mark.parametrize(("season", "league", "files"), SEASONS)
def test_a_season_comes_to_the_independent_total(
    shared_data: Path, season: str, league: str, files: tuple[str, ...]
) -> None:
    folder = shared_data / "feeds" / "the_odds_api_v4" / season
    scores = {game["id"]: _score(game) for game in json.loads((folder / "scores.json").read_text())}
    returned: dict[str, int] = {}
    expected: dict[str, Fraction] = {}
    bets: dict[str, int] = {}
    for file in files:
        for key, outcome, game in _offers(folder / file):
            home, away = scores[game["id"]]
            market, side, odds = _meaning(key, outcome, game, league)
            line = Fraction(str(outcome.get("point", 0)))
            leg = Leg(market, side, odds, int(4 * line), league)
            bet = Straight(leg, Stake.of(StakeMode.RISK, MICRO, odds))
            settled = settle(bet, GameResult(home, away), DEFAULT_PROFILE)
            exact = MICRO * _independent(key, outcome, game, odds, (home, away))
            assert abs(settled.return_micro - exact) <= Fraction(1, 2)
            assert settled.profit_micro == settled.return_micro - MICRO
            returned[market] = returned.get(market, 0) + settled.return_micro
            expected[market] = expected.get(market, Fraction(0)) + exact
            bets[market] = bets.get(market, 0) + 1
    for name, total in expected.items():
        print(f"{season} {name}: {bets[name]} bets, returned {returned[name]} µu, exactly {float(total):.3f}")  # noqa: T201
        assert abs(returned[name] - total) <= Fraction(bets[name], 2)
    assert sum(bets.values()) > 2_000


@pytest.mark.parametrize(("season", "league", "files"), SEASONS)
def test_both_sides_of_a_handicap_mirror(shared_data: Path, season: str, league: str, files: tuple[str, ...]) -> None:
    folder = shared_data / "feeds" / "the_odds_api_v4" / season
    scores = {game["id"]: _score(game) for game in json.loads((folder / "scores.json").read_text())}
    fractions: dict[tuple[str, str, Fraction], list[Fraction]] = {}
    for file in files:
        for key, outcome, game in _offers(folder / file):
            if key != "spreads":
                continue
            home, away = scores[game["id"]]
            _, side, odds = _meaning(key, outcome, game, league)
            line = Fraction(str(outcome["point"]))
            bet = Straight(Leg(Market.SPREAD, side, odds, int(4 * line)), Stake.of(StakeMode.RISK, MICRO, odds))
            grade = settle(bet, GameResult(home, away), DEFAULT_PROFILE).grade
            own = {Grade.WON: 2, Grade.HALF_WON: 1, Grade.PUSH: 0, Grade.HALF_LOST: -1, Grade.LOST: -2}[grade]
            place = (file, game["id"], abs(line))
            fractions.setdefault(place, []).append(Fraction(own, 2))
    assert len(fractions) > 400
    assert all(len(pair) == 2 and sum(pair) == 0 for pair in fractions.values())


def _offers(path: Path) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    for game in json.loads(path.read_text()):
        for book in game["bookmakers"]:
            for market in book["markets"]:
                for outcome in market["outcomes"]:
                    yield market["key"], outcome, game


def _score(game: dict[str, Any]) -> tuple[int, int]:
    by_name = {each["name"]: int(each["score"]) for each in game["scores"]}
    return by_name[game["home_team"]], by_name[game["away_team"]]


def _meaning(key: str, outcome: dict[str, Any], game: dict[str, Any], league: str) -> tuple[Market, Side, Odds]:
    price = outcome["price"]
    odds = Odds.from_american(price) if isinstance(price, int) and abs(price) >= 100 else Odds.from_decimal(str(price))
    named = Side.HOME if outcome["name"] == game["home_team"] else Side.AWAY
    side = _SIDES.get(outcome["name"], named)
    winner = Market.MONEYLINE if league == "NFL" else Market.MONEYLINE_3WAY
    return {"h2h": winner, "spreads": Market.SPREAD, "totals": Market.TOTAL}[key], side, odds


def _independent(
    key: str, outcome: dict[str, Any], game: dict[str, Any], odds: Odds, score: tuple[int, int]
) -> Fraction:
    """Return per unit, by the textbook: split a quarter line in two, pay each part on its own."""
    home, away = score
    name, line = outcome["name"], Fraction(str(outcome.get("point", 0)))
    if key == "h2h":
        drawn = home == away
        if drawn and not any(
            o["name"] == "Draw" for b in game["bookmakers"] for m in b["markets"] for o in m["outcomes"]
        ):
            return Fraction(1)
        winner = "Draw" if drawn else game["home_team"] if home > away else game["away_team"]
        return odds.price if winner == name else Fraction(0)
    quarter = 4 * line % 2
    parts = [line - Fraction(1, 4), line + Fraction(1, 4)] if quarter else [line]
    total = Fraction(0)
    for part in parts:
        if key == "totals":
            past = home + away - part if name == "Over" else part - home - away
        else:
            past = (home - away if name == game["home_team"] else away - home) + part
        total += odds.price if past > 0 else 1 if past == 0 else 0
    return total / len(parts)
