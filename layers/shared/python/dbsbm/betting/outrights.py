"""Futures, dead heats, Rule 4, and season totals."""

from __future__ import annotations

from dbsbm.betting.legs import Leg
from dbsbm.betting.markets import Market, Side
from dbsbm.betting.outcome import Grade, Outcome, ladder, outcome, reach, rung, void
from dbsbm.betting.profile import FutureNonStarter, RuleProfile
from dbsbm.betting.results import OutrightResult, SeasonResult, Status
from dbsbm.core.errors import InputError

_SEASON = ladder("SEASON-FINAL")


def grade_outright(leg: Leg, result: OutrightResult, profile: RuleProfile) -> Outcome:
    """Grade a selection to win. Raises InputError (field ``market``) for another market."""
    if leg.market is not Market.FUTURE:
        raise InputError("market", str(leg.market), "is not an outright")
    early = _not_run(result, profile)
    if early is not None:
        return early if leg.side is Side.YES or early.grade is Grade.VOID else outcome(Grade.WON, early.rule)
    share, of = result.win_share
    return shared(share if leg.side is Side.YES else of - share, of, result.deduction)


def finished(position: int, tied: int, places: int) -> OutrightResult:
    """The result of a selection that came in at ``position`` (from 1) with ``tied`` on it, itself included.

    A dead heat shares what the tied ones hold of the first place and of the ``places``.
    """
    room = min(tied, max(0, places - position + 1))
    return OutrightResult((1, tied) if position == 1 else (0, 1), (room, tied) if room else (0, 1))


def grade_place(result: OutrightResult, profile: RuleProfile, terms: tuple[int, int]) -> Outcome:
    """Grade the place part of an each-way bet at ``terms`` (1, 5) of the odds: R = 1 + (d − 1) · terms on its share."""
    early = _not_run(result, profile)
    if early is not None:
        return early
    placed = shared(*result.place_share, result.deduction)
    part, whole = terms
    return Outcome(
        placed.grade,
        placed.rule,
        placed.win * part,
        placed.push * whole + placed.win * (whole - part),
        placed.of * whole,
    )


def shared(share: int, of: int, deduction: tuple[int, int]) -> Outcome:
    """``share`` of ``of`` parts of the stake won, at odds whose winnings lose ``deduction``; the rest lost."""
    part, whole = deduction
    if share == 0:
        return outcome(Grade.LOST, "FUTURE-FINAL")
    rule = "FUTURE-RULE4" if part else "FUTURE-DEAD-HEAT" if share < of else "FUTURE-FINAL"
    return Outcome(Grade.WON, rule, share * (whole - part), share * part, of * whole)


def grade_season(leg: Leg, result: SeasonResult, profile: RuleProfile) -> Outcome:  # noqa: ARG001 - one signature
    """Grade a season count; a schedule cut short needs the missing games to be unable to matter."""
    if leg.market is not Market.SEASON_TOTAL:
        raise InputError("market", str(leg.market), "is not a season total")
    past_q = 4 * result.value - leg.line_q
    is_over = leg.side is Side.OVER
    if result.played >= result.required:
        return rung(_SEASON, past_q if is_over else -past_q)
    best_q = past_q + 4 * (result.required - result.played)
    return reach(*((past_q, best_q) if is_over else (-best_q, -past_q)), "SEASON-DETERMINED", "SEASON-VOID")


def _not_run(result: OutrightResult, profile: RuleProfile) -> Outcome | None:
    if result.status is not Status.FINAL:
        return void("FUTURE-CANCELLED")
    if result.started:
        return None
    if profile.future_non_starter is FutureNonStarter.ALL_IN:
        return outcome(Grade.LOST, "FUTURE-ALL-IN")
    return void("FUTURE-NON-RUNNER")
