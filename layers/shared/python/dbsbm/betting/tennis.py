"""Tennis: matches, sets and games, and the four ways books treat a retirement.

A match that stopped is graded by what every continuation would have given: from 4–4 a set has at least ten games, so
over 9.5 has won and over 10.5 has not.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from dbsbm.betting.catalogue import GAME, SETS
from dbsbm.betting.legs import Leg
from dbsbm.betting.markets import Market, Side
from dbsbm.betting.outcome import Grade, Outcome, ladder, outcome, reach, rung, void
from dbsbm.betting.profile import RuleProfile, TennisDerived, TennisRetirement
from dbsbm.betting.results import Status, TennisResult
from dbsbm.core.errors import InputError

_WINNER = ladder("TENNIS-ML-FINAL")
_GAMES = ladder("TENNIS-GAMES-FINAL")
_SETS = ladder("TENNIS-SETS-FINAL")
_ONE_SET = ladder("TENNIS-SET-FINAL")
_RETIREMENT = {
    TennisRetirement.ONE_SET: "TENNIS-RET-ONE-SET",
    TennisRetirement.FULL: "TENNIS-RET-FULL",
    TennisRetirement.ONE_BALL: "TENNIS-RET-ONE-BALL",
    TennisRetirement.LOSER_VOID: "TENNIS-RET-LOSER-VOID",
}
_LOVE_TO_FOUR = tuple(score for games in range(5) for score in ((6, games), (games, 6)))
_SET_SCORES = (*_LOVE_TO_FOUR, (7, 5), (5, 7), (7, 6), (6, 7))
_TIEBREAK_SCORES = ((1, 0), (0, 1))


def grade_tennis(leg: Leg, result: TennisResult, profile: RuleProfile) -> Outcome:
    """Grade a leg on a match. Raises InputError for markets tennis has no rule for, or a result without its winner."""
    if result.status in {Status.WALKOVER, Status.CANCELLED, Status.POSTPONED}:
        return void("TENNIS-WALKOVER")
    if leg.period not in {GAME, SETS}:
        return _set(leg, result, profile)
    if leg.market is Market.MONEYLINE:
        return _match_winner(leg, result, profile)
    if result.status is Status.FINAL:
        return _counted(leg, _tally(result.sets, leg.period), _SETS if leg.period == SETS else _GAMES)
    return _stopped(leg, _match_ranges(result, leg.period), profile)


@dataclass(frozen=True, slots=True)
class _Range:
    """What home and away games (or sets) can still come to, as bounds of each combination a line can be on."""

    home: tuple[int, int]
    away: tuple[int, int]
    margin: tuple[int, int]
    total: tuple[int, int]


def is_complete(games: tuple[int, int], *, tiebreak: bool = False) -> bool:
    """Whether a set's games are a finished set."""
    return games in _SET_SCORES or (tiebreak and games in _TIEBREAK_SCORES)


def _match_winner(leg: Leg, result: TennisResult, profile: RuleProfile) -> Outcome:
    if result.status is Status.FINAL:
        return _won_by(leg, result, _WINNER[0].rule)
    family = profile.tennis_retirement
    rule = _RETIREMENT[family]
    if result.status is not Status.RETIRED or family is TennisRetirement.FULL:
        return void("TENNIS-RET-FULL" if family is TennisRetirement.FULL else "TENNIS-RET-VOID")
    one_set = bool(result.sets) and is_complete(result.sets[0])
    if family is not TennisRetirement.ONE_BALL and not one_set:
        return void(rule)
    if family is TennisRetirement.LOSER_VOID and leg.side is not result.winner:
        return void(rule)
    return _won_by(leg, result, rule)


def _won_by(leg: Leg, result: TennisResult, rule: str) -> Outcome:
    if result.winner is None:
        raise InputError("winner", "", "the winner is not known")
    return outcome(Grade.WON if leg.side is result.winner else Grade.LOST, rule)


def _set(leg: Leg, result: TennisResult, profile: RuleProfile) -> Outcome:
    number = int(leg.period[3:]) if leg.period[:3] == "set" and leg.period[3:].isdigit() else 0
    if not 1 <= number <= result.best_of:
        raise InputError("period", leg.period[:16], "is no set of this match", "set1")
    tiebreak = result.deciding_tiebreak and number == result.best_of
    games = result.sets[number - 1] if number <= len(result.sets) else None
    if games is None or not is_complete(games, tiebreak=tiebreak):
        if games is None or result.status is Status.FINAL:
            return void("PERIOD-INCOMPLETE")
        return _stopped(leg, _span(_set_finishes(games, tiebreak=tiebreak)), profile)
    if leg.market is Market.MONEYLINE:
        return rung(_ONE_SET, 4 * (games[0] - games[1]) * (1 if leg.side is Side.HOME else -1))
    return _counted(leg, games, _ONE_SET)


def _tally(sets: tuple[tuple[int, int], ...], period: str) -> tuple[int, int]:
    if period == SETS:
        return sum(home > away for home, away in sets), sum(away > home for home, away in sets)
    return sum(home for home, _ in sets), sum(away for _, away in sets)


def _counted(leg: Leg, score: tuple[int, int], steps: tuple[Outcome, Outcome, Outcome, Outcome, Outcome]) -> Outcome:
    low, _ = _difference(leg, _span([score]))
    return rung(steps, low)


def _stopped(leg: Leg, ranges: _Range, profile: RuleProfile) -> Outcome:
    if profile.tennis_derived is TennisDerived.VOID or leg.market is Market.MONEYLINE:
        return void("TENNIS-RET-VOID")
    return reach(*_difference(leg, ranges), "TENNIS-DETERMINED", "TENNIS-RET-VOID")


def _difference(leg: Leg, ranges: _Range) -> tuple[int, int]:
    """Bounds of the side's difference to its line, in quarter points."""
    match leg.market:
        case Market.SPREAD:
            low, high = ranges.margin if leg.side is Side.HOME else (-ranges.margin[1], -ranges.margin[0])
            return 4 * low + leg.line_q, 4 * high + leg.line_q
        case Market.TOTAL:
            low, high = ranges.total
        case Market.TEAM_TOTAL:
            low, high = ranges.home if leg.side in {Side.HOME_OVER, Side.HOME_UNDER} else ranges.away
        case _:
            raise InputError("market", str(leg.market), "has no rule in tennis")
    low, high = 4 * low - leg.line_q, 4 * high - leg.line_q
    return (low, high) if leg.side in {Side.OVER, Side.HOME_OVER, Side.AWAY_OVER} else (-high, -low)


def _span(scores: list[tuple[int, int]]) -> _Range:
    homes, aways = [home for home, _ in scores], [away for _, away in scores]
    margins, totals = [home - away for home, away in scores], [home + away for home, away in scores]
    return _Range(*((min(each), max(each)) for each in (homes, aways, margins, totals)))


def _set_finishes(games: tuple[int, int], *, tiebreak: bool) -> list[tuple[int, int]]:
    scores = _TIEBREAK_SCORES if tiebreak else _SET_SCORES
    return [score for score in scores if score[0] >= games[0] and score[1] >= games[1]]


def _match_ranges(result: TennisResult, period: str) -> _Range:
    """Every way a match can end from here, as bounds; each set to come is one of its finishing scores."""
    done = [
        games for number, games in enumerate(result.sets, 1) if is_complete(games, tiebreak=_decides(result, number))
    ]
    current = result.sets[len(done)] if len(result.sets) > len(done) else (0, 0)
    ends: list[tuple[int, int]] = []
    for rest in _orders(result, done):
        finishes = []
        for offset, home_wins in enumerate(rest):
            number = len(done) + offset + 1
            start = current if offset == 0 else (0, 0)
            ways = _set_finishes(start, tiebreak=_decides(result, number))
            finishes.append([way for way in ways if (way[0] > way[1]) is home_wins])
        if all(finishes):
            ends.extend(_extremes(_tally(tuple(done), period), finishes, period))
    return _span(ends)


def _decides(result: TennisResult, number: int) -> bool:
    return result.deciding_tiebreak and number == result.best_of


def _orders(result: TennisResult, done: list[tuple[int, int]]) -> list[tuple[bool, ...]]:
    """Who can win each set still to be played, True for home, until one side has enough."""
    needed = result.best_of // 2 + 1
    home, away = _tally(tuple(done), SETS)
    left = result.best_of - len(done)
    orders: set[tuple[bool, ...]] = set()
    for wins in product((True, False), repeat=left):
        sets = [home, away]
        for played, home_wins in enumerate(wins):
            if max(sets) == needed:
                orders.add(wins[:played])
                break
            sets[0 if home_wins else 1] += 1
        else:
            orders.add(wins)
    return sorted(orders)


def _extremes(so_far: tuple[int, int], finishes: list[list[tuple[int, int]]], period: str) -> list[tuple[int, int]]:
    """End scores that reach every bound: each set's extreme of home, away, margin and total, taken together."""
    counted = [[(int(a > b), int(b > a)) for a, b in ways] if period == SETS else ways for ways in finishes]
    ends = []
    for weight in ((1, 0), (0, 1), (1, -1), (1, 1)):
        for pick in (min, max):
            chosen = [pick(ways, key=lambda score: weight[0] * score[0] + weight[1] * score[1]) for ways in counted]
            ends.append((so_far[0] + sum(a for a, _ in chosen), so_far[1] + sum(b for _, b in chosen)))
    return ends
