"""What can be bet on, and on which side."""

from __future__ import annotations

import re
from enum import StrEnum

from dbsbm.core.errors import InputError

MAX_LINE_Q = 4 * 10_000
_LINE = re.compile(r"[+-]?(?:\d{1,5}(?:\.\d{0,2})?|\.\d{1,2})", re.ASCII)


class Market(StrEnum):
    """A kind of bet. What is scored (score, statistic, place) and how, follows from it."""

    MONEYLINE = "moneyline"
    MONEYLINE_3WAY = "moneyline_3way"
    DRAW_NO_BET = "draw_no_bet"
    DOUBLE_CHANCE = "double_chance"
    SPREAD = "spread"
    TOTAL = "total"
    TEAM_TOTAL = "team_total"
    PLAYER_PROP = "player_prop"
    FUTURE = "future"
    SEASON_TOTAL = "season_total"
    MANUAL = "manual"


class Side(StrEnum):
    """The side taken; a team total names the team and the direction, double chance two results out of three."""

    HOME = "home"
    AWAY = "away"
    DRAW = "draw"
    OVER = "over"
    UNDER = "under"
    YES = "yes"
    NO = "no"
    HOME_OVER = "home_over"
    HOME_UNDER = "home_under"
    AWAY_OVER = "away_over"
    AWAY_UNDER = "away_under"
    HOME_DRAW = "home_draw"
    DRAW_AWAY = "draw_away"
    HOME_AWAY = "home_away"


SIDES: dict[Market, frozenset[Side]] = {
    Market.MONEYLINE: frozenset({Side.HOME, Side.AWAY}),
    Market.MONEYLINE_3WAY: frozenset({Side.HOME, Side.DRAW, Side.AWAY}),
    Market.DRAW_NO_BET: frozenset({Side.HOME, Side.AWAY}),
    Market.DOUBLE_CHANCE: frozenset({Side.HOME_DRAW, Side.DRAW_AWAY, Side.HOME_AWAY}),
    Market.SPREAD: frozenset({Side.HOME, Side.AWAY}),
    Market.TOTAL: frozenset({Side.OVER, Side.UNDER}),
    Market.TEAM_TOTAL: frozenset({Side.HOME_OVER, Side.HOME_UNDER, Side.AWAY_OVER, Side.AWAY_UNDER}),
    Market.PLAYER_PROP: frozenset({Side.OVER, Side.UNDER, Side.YES, Side.NO}),
    Market.FUTURE: frozenset({Side.YES, Side.NO}),
    Market.SEASON_TOTAL: frozenset({Side.OVER, Side.UNDER}),
    Market.MANUAL: frozenset({Side.YES, Side.NO}),
}

LINED = frozenset({Market.SPREAD, Market.TOTAL, Market.TEAM_TOTAL, Market.PLAYER_PROP, Market.SEASON_TOTAL})
"""Markets that have a line."""


def parse_line(text: str) -> int:
    """A line in points, "-3.5", "pk", "+0.25" → quarter points. Raises InputError (field ``line``)."""
    typed = text.strip().lower().replace("−", "-").replace("½", ".5")
    if typed in {"pk", "pick", "pickem"}:
        return 0
    if not _LINE.fullmatch(typed):
        raise _line_error(text, "is not a line")
    digits = typed.lstrip("+-")
    whole, _, part = digits.partition(".")
    hundredths = int(whole or "0") * 100 + int((part + "00")[:2])
    if hundredths % 25:
        raise _line_error(text, "must be a multiple of a quarter point")
    line_q = hundredths // 25
    if line_q > MAX_LINE_Q:
        raise _line_error(text, "is too large")
    return -line_q if typed.startswith("-") else line_q


def format_line(line_q: int, *, signed: bool = True) -> str:
    """−14 → "-3.5", 0 → "PK" when signed, 882 unsigned → "220.5"."""
    if signed and line_q == 0:
        return "PK"
    whole, quarter = divmod(abs(line_q), 4)
    number = f"{whole}{('', '.25', '.5', '.75')[quarter]}"
    sign = "-" if line_q < 0 else "+" if signed else ""
    return sign + number


def _line_error(typed: str, problem: str) -> InputError:
    return InputError("line", typed[:32], problem, "-3.5 or 220.5")
