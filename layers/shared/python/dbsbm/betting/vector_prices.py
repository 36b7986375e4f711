"""How the categories about prices and probabilities are put to the engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import prod
from typing import Any

from dbsbm.betting.closing import no_vig_clv, normal_line_value, price_clv, probability_clv
from dbsbm.betting.fair import Method, fair
from dbsbm.betting.odds import Odds, OddsFormat
from dbsbm.betting.stakes import to_micro
from dbsbm.betting.value import break_even, expected_value, kelly, log_growth

Case = Mapping[str, Any]
_NAMES = {"american": "american", "fractional": "fractional", "hk": "hong_kong", "indo": "indonesian", "malay": "malay"}


def _odds(case: Case) -> dict[str, Any]:
    (name, typed), *_ = case["input"].items()
    odds = Odds.parse(f"{typed:+d}" if name == "american" else typed, OddsFormat(_NAMES.get(name, name)))
    computed: dict[str, Any] = {name: odds.value(OddsFormat(long)) for name, long in _NAMES.items()}
    fraction = computed["fractional"]
    return computed | {
        "fractional": f"{fraction.numerator}/{fraction.denominator}",
        "decimal": odds.price,
        "implied_prob": odds.implied,
        "american_exact": computed["american"],
        "american_display": int(odds.shown(OddsFormat.AMERICAN)),
    }


def _devig(case: Case) -> dict[str, Any]:
    prices = [Odds.from_fraction(Fraction(each)) for each in case["input"]["decimal_odds"]]
    views = {method: fair(prices, method) for method in Method}
    return {str(method): list(view.probabilities) for method, view in views.items()} | {
        "overround": views[Method.MULTIPLICATIVE].overround,
        "power_k": views[Method.POWER].parameter,
        "shin_z": views[Method.SHIN].parameter,
        "odds_ratio_c": views[Method.ODDS_RATIO].parameter,
        "worst_case_sum": sum(views[Method.WORST_CASE].probabilities),
    }


def _ev_kelly(case: Case) -> dict[str, Any]:
    given = case["input"]
    odds = Odds.from_fraction(Fraction(given["decimal"]))
    win, push = Fraction(given.get("prob") or given["p_win"]), Fraction(given.get("p_push", 0))
    share = kelly(win, odds, push)
    return {
        "ev_per_unit": expected_value(win, odds, push),
        "full_kelly": share,
        "half_kelly": share / 2,
        "quarter_kelly": share / 4,
        "log_growth": log_growth(win, odds, share),
        "breakeven_prob": break_even(odds),
    }


def _clv(case: Case) -> dict[str, Any]:
    given = case["input"]
    if "sd" in given:
        taken, close_q = (int(4 * Fraction(str(given[name]))) for name in ("bet_line", "close_line"))
        value = normal_line_value(taken, close_q, Odds.from_american(given["price"]), given["sd"])
        return {"line_clv_points": value.points, "p_cover_at_close": value.win, "ev_at_close": value.value}
    bet, close = (Odds.from_fraction(Fraction(given[name])) for name in ("bet_decimal", "close_decimal"))
    computed = {"price_clv": price_clv(bet, close), "prob_clv": probability_clv(bet, close)}
    if given["close_fair_prob"] is not None:
        computed["novig_clv_ev"] = no_vig_clv(bet, Fraction(given["close_fair_prob"]))
    return computed


def _money(case: Case) -> dict[str, Any]:
    given = case["input"]
    if "units" in given:
        return {"micro_units": Fraction(to_micro(Fraction(given["units"])))}
    legs = [Odds.parse(each) for each in given["legs"]]
    exact = prod((each.price for each in legs), start=Fraction(1))
    shown = [Odds.from_decimal(each.shown(OddsFormat.DECIMAL)) for each in legs]
    rounded = prod((each.price for each in shown), start=Fraction(1))
    return {"exact": exact, "rounded_each_leg": rounded, "difference": rounded - exact}


PRICE_RUNNERS: dict[str, Callable[[Case], dict[str, Any]]] = {
    "clv": _clv,
    "devig": _devig,
    "ev_kelly": _ev_kelly,
    "money": _money,
    "odds": _odds,
}
