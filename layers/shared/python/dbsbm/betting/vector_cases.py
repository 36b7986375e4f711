"""How each category of a vector file is put to the engine.

Stakes go in as integers of 10⁻¹² instead of 10⁻⁶ units: settlement knows integers only, so that its one rounding falls
on the twelfth place, where the expected numbers stand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import prod
from typing import Any

from dbsbm.betting.catalogue import GAME, catalogue
from dbsbm.betting.legs import Leg, Straight
from dbsbm.betting.markets import Market, Side
from dbsbm.betting.odds import Odds, OddsFormat
from dbsbm.betting.outcome import Grade
from dbsbm.betting.profile import (
    DEFAULT_PROFILE,
    FutureNonStarter,
    Pitcher,
    RuleProfile,
    SameGameVoid,
    TeaserPush,
    TennisRetirement,
    TotalEarly,
)
from dbsbm.betting.results import (
    Course,
    GameResult,
    OutrightResult,
    PlayerResult,
    Result,
    SeasonResult,
    Status,
    TennisResult,
)
from dbsbm.betting.settlement import Settlement, settle
from dbsbm.betting.stakes import Stake, StakeMode, reckoned
from dbsbm.betting.tickets import EachWay, Parlay, RoundRobin, Teaser, combinations, teased
from dbsbm.betting.vector_prices import PRICE_RUNNERS

SCALE = 10**12
Case = Mapping[str, Any]
_WORDS = {
    Grade.WON: "win",
    Grade.LOST: "loss",
    Grade.PUSH: "push",
    Grade.VOID: "void",
    Grade.HALF_WON: "half_win",
    Grade.HALF_LOST: "half_loss",
}
_STOPPED = {"ABD": Status.SUSPENDED, "SUSP": Status.SUSPENDED, "PST": Status.POSTPONED, "CANC": Status.CANCELLED}
_LETTERS: dict[tuple[str, ...], tuple[int, int]] = {
    ("W",): (0, 1),
    ("P",): (0, 0),
    ("L",): (0, -1),
    ("W", "P"): (-3, 1),
    ("L", "P"): (-1, 0),
}
"""Line in quarter points and margin that give a leg these outcomes of its halves."""


def price(text: str) -> Odds:
    """A decimal price given as "21/11", "1.95" or "2"."""
    return Odds.from_fraction(Fraction(text))


def quarter(text: str) -> int:
    """A line given as "-0.25", "-7/2" or "+2.5", in quarter points."""
    line_q = Fraction(text) * 4
    if line_q.denominator != 1:
        raise ValueError(f"line {text}")
    return line_q.numerator


def stake(text: str, odds: Odds) -> Stake:
    """A risk stake in twelfth places."""
    return reckoned(StakeMode.RISK, int(Fraction(text) * SCALE), odds)


def straight(
    given: Case, market: Market, side: Side, result: Result, profile: RuleProfile = DEFAULT_PROFILE, **leg: Any
) -> dict[str, Any]:
    """Settle one straight bet of the case."""
    odds = price(given["decimal"])
    bet = Straight(Leg(market, side, odds, **leg), stake(given["stake"], odds))
    return money(settle(bet, result, profile))


def money(settled: Settlement) -> dict[str, Any]:
    """A settlement under the names that expected values have."""
    return {
        "result": _WORDS[settled.grade],
        "ret": Fraction(settled.return_micro, SCALE),
        "profit": Fraction(settled.profit_micro, SCALE),
    }


def margin(points: int) -> GameResult:
    """A final score with this margin for the home side."""
    return GameResult(max(points, 0), max(-points, 0))


def _asian_handicap(case: Case) -> dict[str, Any]:
    given = case["input"]
    return straight(given, Market.SPREAD, Side.HOME, margin(given["margin_for_pick"]), line_q=quarter(given["line"]))


def _score(case: Case, market: Market, **leg: Any) -> dict[str, Any]:
    given = case["input"]
    side = Side(given.get("pick", "home"))
    if "line" in given:
        leg["line_q"] = quarter(given["line"])
    return straight(given, market, side, GameResult(given["home"], given["away"]), **leg)


def _moneyline(case: Case) -> dict[str, Any]:
    return _score(case, Market.MONEYLINE)


def _spread(case: Case) -> dict[str, Any]:
    return _score(case, Market.SPREAD)


def _soccer(case: Case) -> dict[str, Any]:
    if case["description"].startswith("Draw no bet"):
        return _score(case, Market.DRAW_NO_BET)
    given = case["input"]
    double = {"1X": Side.HOME_DRAW, "X2": Side.DRAW_AWAY, "12": Side.HOME_AWAY}.get(given["pick"])
    if double is None:
        return _score(case, Market.MONEYLINE_3WAY)
    return straight(given, Market.DOUBLE_CHANCE, double, GameResult(given["home"], given["away"]))


def _total(case: Case) -> dict[str, Any]:
    given = case["input"]
    result = GameResult(given["total"], 0)
    return straight(given, Market.TOTAL, Side(given["side"]), result, line_q=quarter(given["line"]))


def _team_total(case: Case) -> dict[str, Any]:
    given = case["input"]
    side = Side(f"{'away' if case['description'].startswith('away') else 'home'}_{given['side']}")
    result = GameResult(given["home"], given["away"])
    return straight(given, Market.TEAM_TOTAL, side, result, line_q=quarter(given["line"]))


def _period(case: Case) -> dict[str, Any]:
    given = case["input"]
    period = given.get("period", GAME).lower()
    if period == GAME:
        return _score(case, Market.SPREAD, league="NHL")
    if period == "f5":
        result = GameResult(given["home"], given["away"], periods=((given["home"], given["away"]), *(((0, 0),) * 4)))
        return straight(given, Market.MONEYLINE, Side.HOME, result, league="MLB", period=period)
    span = catalogue().span("NFL", period)
    quarters = [0] * 4
    quarters[span.first - 1 : span.last] = given["points"]
    overtime = given.get("ot", 0)
    result = GameResult(
        sum(quarters) + overtime,
        0,
        periods=tuple((points, 0) for points in quarters),
        overtime=(overtime, 0),
    )
    side, line_q = Side(given.get("side", "over")), quarter(given["line"])
    return straight(given, Market.TOTAL, side, result, line_q=line_q, league="NFL", period=period)


def _player_prop(case: Case) -> dict[str, Any]:
    given = case["input"]
    result = PlayerResult(4 * given["stat"], participated=given["played"])
    line_q = quarter(given["line"])
    return straight(given, Market.PLAYER_PROP, Side(given["side"]), result, line_q=line_q, stat="points")


def _mlb(case: Case) -> dict[str, Any]:
    given = case["input"]
    if "listed_pitchers" in given:
        listed = given["listed_pitchers"]
        profile = RuleProfile(pitcher=Pitcher.LISTED_BOTH if listed else Pitcher.ACTION)
        starters = ("named", "other") if given["starter_changed"] else ("named", "also named")
        result = GameResult(given.get("home", 1), given.get("away", 0), course=Course(starters=starters))
        return straight(
            given, Market.MONEYLINE, Side.HOME, result, profile, league="MLB", listed=("named", "also named")
        )
    course = Course(half_innings=int(Fraction(str(given["innings"])) * 2))
    if "total" in given:
        early = TotalEarly.VOID if given.get("rule") == "must_complete" else TotalEarly.STAND
        result = GameResult(given["total"], 0, course=course)
        side, line_q = Side(given["side"]), quarter(given["line"])
        return straight(
            given, Market.TOTAL, side, result, RuleProfile(mlb_total_early=early), league="MLB", line_q=line_q
        )
    result = GameResult(given["home"], given["away"], course=course)
    market = Market.SPREAD if "line" in given else Market.MONEYLINE
    line_q = quarter(given.get("line", "0"))
    return straight(given, market, Side(given["pick"]), result, league="MLB", line_q=line_q)


def _suspended(case: Case) -> dict[str, Any]:
    given = case["input"]
    status, league = _STOPPED[given["status"]], "NFL" if "minutes" in given else "EPL"
    course = Course(given.get("minutes"), delay_h=given.get("reschedule_h"))
    if given.get("resumed") or (course.delay_h is not None and course.delay_h <= DEFAULT_PROFILE.resume_window_h):
        status = Status.FINAL
    side = Side(given.get("side") or given.get("pick", "home"))
    if "total" in given:
        result = GameResult(given["total"], 0, status, course=course)
        return straight(given, Market.TOTAL, side, result, league=league, line_q=quarter(given["line"]))
    result = GameResult(given.get("home", 0), given.get("away", 0), status, course=course)
    return straight(given, Market.MONEYLINE if league == "NFL" else Market.MONEYLINE_3WAY, side, result, league=league)


def _tennis(case: Case) -> dict[str, Any]:
    given = case["input"]
    words = given["score"].split()
    sets = tuple((int(a), int(b)) for a, _, b in (word.partition("-") for word in words if word[0].isdigit()))
    status = Status.RETIRED if "ret" in words else Status.FINAL if sets else Status.WALKOVER
    result = TennisResult(sets, Side.HOME, status, given.get("best_of", 3))
    if "line" not in given:
        profile = RuleProfile(tennis_retirement=TennisRetirement(given.get("rule", "one_set")))
        side = Side.HOME if given.get("pick", "advances") == "advances" else Side.AWAY
        return straight(given, Market.MONEYLINE, side, result, profile, league="ATP")
    market = Market.TOTAL if "side" in given else Market.SPREAD
    leg = {"line_q": quarter(given["line"]), "period": given.get("scope", GAME), "league": "ATP"}
    return straight(given, market, Side(given.get("side", "home")), result, **leg)


def _futures(case: Case) -> dict[str, Any]:
    given = case["input"]
    if "wins" in given:
        season = SeasonResult(given["wins"], given["games"], given["games"])
        return straight(given, Market.SEASON_TOTAL, Side.OVER, season, line_q=quarter(given["line"]))
    if "started" in given:
        profile = RuleProfile(future_non_starter=FutureNonStarter(given["rule"]))
        return straight(given, Market.FUTURE, Side.YES, OutrightResult((0, 1), started=given["started"]), profile)
    return straight(given, Market.FUTURE, Side.YES, OutrightResult((int(given["winner"] == given["pick"]), 1)))


def _dead_heat(case: Case) -> dict[str, Any]:
    given = case["input"]
    return straight(given, Market.FUTURE, Side.YES, OutrightResult((given["places_available"], given["tied"])))


def _rule4(case: Case) -> dict[str, Any]:
    given = case["input"]
    deduction = Fraction(given["deduction"]).as_integer_ratio()
    return straight(given, Market.FUTURE, Side.YES, OutrightResult((1, 1), deduction=deduction))


def _each_way(case: Case) -> dict[str, Any]:
    given = case["input"]
    shares = [
        Fraction(given[share] if given[happened] else 0).as_integer_ratio()
        for happened, share in (("won", "win_dh"), ("placed", "place_dh"))
    ]
    terms = Fraction(given["place_fraction"]).as_integer_ratio()
    leg = Leg(Market.FUTURE, Side.YES, price(given["decimal"]))
    bet = EachWay(leg, int(Fraction(given["stake_each"]) * SCALE), terms)
    settled = settle(bet, OutrightResult(shares[0], shares[1]), DEFAULT_PROFILE)
    return money(settled) | {"total_stake": Fraction(bet.risk_micro, SCALE)}


def _leg(given: Case, number: int) -> tuple[Leg, GameResult]:
    outcomes = tuple(given["outcomes"])
    if outcomes == ("V",):
        return Leg(Market.MONEYLINE, Side.HOME, price(given["decimal"]), game_id=number), GameResult(
            0, 0, Status.CANCELLED
        )
    line_q, points = _LETTERS[outcomes]
    return Leg(Market.SPREAD, Side.HOME, price(given["decimal"]), line_q, game_id=number), margin(points)


def _parlay(case: Case) -> dict[str, Any]:
    given = case["input"]
    if "policy" in given:
        return _same_game(given)
    legs, results = zip(*(_leg(each, number) for number, each in enumerate(given["legs"], 1)), strict=True)
    odds = Odds.from_fraction(prod((leg.odds.price for leg in legs if leg.odds), start=Fraction(1)))
    bet = Parlay(legs, stake(given["stake"], odds), odds)
    settled = settle(bet, results, DEFAULT_PROFILE)
    exact = Fraction(settled.return_micro, bet.stake.risk_micro)
    effective = _exact_parlay_price(bet, results, exact)
    computed = money(settled) | {"effective_decimal": effective}
    if effective > 1:
        computed["american"] = Odds.from_fraction(effective).value(OddsFormat.AMERICAN)
    return computed


def _exact_parlay_price(bet: Parlay, results: tuple[GameResult, ...], rounded: Fraction) -> Fraction:
    """The effective price before rounding: the same bet at a stake that leaves no remainder."""
    if rounded == 0:
        return rounded
    whole = prod((2 * leg.odds.den for leg in bet.legs if leg.odds), start=1)
    exact = Parlay(bet.legs, reckoned(StakeMode.RISK, whole, bet.odds), bet.odds)
    return Fraction(settle(exact, results, DEFAULT_PROFILE).return_micro, whole)


def _same_game(given: Case) -> dict[str, Any]:
    odds = price(given["quoted"])
    legs = tuple(Leg(Market.MONEYLINE, Side.HOME, None, game_id=1, period=each) for each in (GAME, "1h"))
    bet = Parlay(legs, stake(given["stake"], odds), odds, same_game=True)
    results = (GameResult(1, 0), GameResult(0, 0, Status.CANCELLED))
    return money(settle(bet, results, RuleProfile(same_game_void=SameGameVoid(given["policy"]))))


def _teaser(case: Case) -> dict[str, Any]:
    given = case["input"]
    if "points" in given:
        leg = Leg(Market.SPREAD, Side.HOME, price(given["decimal"]), quarter(given["line"]))
        line_q = teased(leg, 4 * given["points"]).line_q
        return straight(given, Market.SPREAD, Side.HOME, margin(given["margin"]), line_q=line_q)
    card = given["table"].partition(":")[2]
    pays = {int(legs): 1 + Fraction(pay) for legs, _, pay in (each.strip().partition("=") for each in card.split(","))}
    legs, results = zip(
        *(_leg({"decimal": "2", "outcomes": [each]}, number) for number, each in enumerate(given["outcomes"], 1)),
        strict=True,
    )
    odds = Odds.from_fraction(pays[len(legs)])
    bet = Teaser(legs, stake(given["stake"], odds), pays)
    return money(settle(bet, results, RuleProfile(teaser_push=TeaserPush(given["push_rule"]))))


def _round_robin(case: Case) -> dict[str, Any]:
    given = case["input"]
    if "n" in given:
        return {"count": Fraction(combinations(given["n"], [given["k"]]))}
    legs, results = zip(*(_leg(each, number) for number, each in enumerate(given["legs"], 1)), strict=True)
    bet = RoundRobin(legs, tuple(given["sizes"]), int(Fraction(given["unit_per_parlay"]) * SCALE))
    return money(settle(bet, results, DEFAULT_PROFILE)) | {"total_stake": Fraction(bet.risk_micro, SCALE)}


def _units(case: Case) -> dict[str, Any]:
    given = case["input"]
    placed = reckoned(StakeMode(given["mode"]), int(Fraction(given["units"]) * SCALE), price(given["decimal"]))
    return {"risk": Fraction(placed.risk_micro, SCALE), "to_win": Fraction(placed.to_win_micro, SCALE)}


RUNNERS: dict[str, Callable[[Case], dict[str, Any]]] = {
    **PRICE_RUNNERS,
    "asian_handicap": _asian_handicap,
    "dead_heat": _dead_heat,
    "each_way": _each_way,
    "futures": _futures,
    "mlb": _mlb,
    "moneyline2": _moneyline,
    "parlay": _parlay,
    "period": _period,
    "player_prop": _player_prop,
    "round_robin": _round_robin,
    "rule4": _rule4,
    "soccer": _soccer,
    "spread": _spread,
    "suspended": _suspended,
    "team_total": _team_total,
    "teaser": _teaser,
    "tennis": _tennis,
    "total": _total,
    "units": _units,
}
