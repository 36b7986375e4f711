"""Units as integers of micro-units, and the three ways a stake is meant.

The typed number is exact; the other one is rounded half-even at entry. The mode is kept with both numbers, because 1 u
at −150 is "risk 1 to win 0.67" or "risk 1.5 to win 1", and mixing them changes a record.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from dbsbm.betting.odds import Odds
from dbsbm.core.errors import InputError

MICRO = 1_000_000
MAX_MICRO = 10_000 * MICRO
"""Hard limit of one typed amount, 10,000 u; a guild's own limits are far below."""
MAX_TO_WIN_MICRO = 1 << 62
"""What a BIGINT column holds with room for a sum."""

_UNITS = re.compile(r"(\d{1,9})?(?:\.(\d{0,12}))?\s*(?:u|un|unit|units)?", re.IGNORECASE | re.ASCII)


class StakeMode(StrEnum):
    """What the typed amount is: the money at risk, the money to be won, or the smaller of the two by custom."""

    RISK = "risk"
    TO_WIN = "to_win"
    BASE_UNIT = "base_unit"


@dataclass(frozen=True, slots=True)
class Stake:
    """Both numbers in micro-units; a full win pays exactly ``to_win_micro``."""

    mode: StakeMode
    risk_micro: int
    to_win_micro: int

    @classmethod
    def of(cls, mode: StakeMode, amount_micro: int, odds: Odds) -> Stake:
        """Both numbers from the typed one. *Base unit*: a favourite (below 2.0) is to win, an underdog is risk.

        Raises InputError (field ``stake``) outside 1 micro-unit … 10,000 u, or when the other number would round to 0.
        """
        if not 0 < amount_micro <= MAX_MICRO:
            raise _stake_error(format_units(amount_micro), "must be above 0 and at most 10,000u")
        stake = reckoned(mode, amount_micro, odds)
        if not 0 < stake.risk_micro <= MAX_TO_WIN_MICRO or not 0 < stake.to_win_micro <= MAX_TO_WIN_MICRO:
            raise _stake_error(format_units(amount_micro), "cannot be reckoned at this price")
        return stake


def reckoned(mode: StakeMode, amount: int, odds: Odds) -> Stake:
    """The stake of a typed ``amount``, unchecked: the other number rounded half-even in the amount's own unit."""
    net = odds.num - odds.den
    if typed_is_to_win(mode, odds):
        return Stake(mode, half_even(amount * odds.den, net), amount)
    return Stake(mode, amount, half_even(amount * net, odds.den))


def typed_is_to_win(mode: StakeMode, odds: Odds) -> bool:
    """Whether the exact number of such a stake is the one to be won."""
    return mode is StakeMode.TO_WIN or (mode is StakeMode.BASE_UNIT and odds.num < 2 * odds.den)


def half_even(num: int, den: int) -> int:
    """``num/den`` (``den`` > 0) rounded to an integer, halves to even."""
    quotient, rest = divmod(num, den)
    twice = 2 * rest
    if twice > den or (twice == den and quotient & 1):
        return quotient + 1
    return quotient


def to_micro(units: Fraction) -> int:
    """Units to micro-units, rounded half-even."""
    return half_even(units.numerator * MICRO, units.denominator)


def parse_units(text: str) -> int:
    """ "2u", "1.5", ".5 units" → micro-units, exact or rounded half-even below a micro-unit.

    Raises InputError (field ``stake``) when it is no amount, not above 0, or above 10,000 u.
    """
    typed = text.strip()
    parts = _UNITS.fullmatch(typed) if len(typed) <= 32 else None
    if parts is None or not (parts[1] or parts[2]):
        raise _stake_error(typed[:32], "is not an amount of units")
    decimals = parts[2] or ""
    micro = half_even(int((parts[1] or "0") + decimals) * MICRO, 10 ** len(decimals))
    if not 0 < micro <= MAX_MICRO:
        raise _stake_error(typed, "must be above 0 and at most 10,000u")
    return micro


def format_units(micro: int, *, signed: bool = False) -> str:
    """For people, to a hundredth: 1,500,000 → "1.5u", signed 1,818,182 → "+1.82u"."""
    cents = half_even(abs(micro), MICRO // 100)
    whole, rest = divmod(cents, 100)
    number = f"{whole}.{rest:02d}".rstrip("0").rstrip(".")
    if cents == 0:
        return "0u"
    sign = "-" if micro < 0 else "+" if signed else ""
    return f"{sign}{number}u"


def _stake_error(typed: str, problem: str) -> InputError:
    return InputError("stake", typed, problem, "2u or 1.5u to win")
