"""Prices as exact rationals, read and shown in six formats.

Conventions (sources in docs/betting.md): American a > 0 is 1 + a/100, a < 0 is 1 + 100/|a|, −100 and +100 are one
price; Hong Kong is decimal − 1; Indonesian is American ÷ 100; Malay is the reverse in sign: positive is the favourite.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import gcd

from dbsbm.core.errors import InputError

MAX_TYPED = 24
MAX_PRICE = 1_000_000
"""Longest price that can be typed, as decimal."""
MAX_COMPUTED = 10**15
"""Longest product of prices."""

_DECIMAL = re.compile(r"\d{0,7}\.\d{1,12}|\d{1,7}\.", re.ASCII)
_PLAIN = re.compile(r"[+-]?(?:\d{1,9}(?:\.\d{0,12})?|\.\d{1,12})", re.ASCII)
_FRACTIONAL = re.compile(r"(\d{1,7})/(\d{1,7})", re.ASCII)
_EVEN = frozenset({"even", "evens", "ev", "evs", "pk", "pick", "pickem"})
_DASHES = str.maketrans("−–—‒", "----")


class OddsFormat(StrEnum):
    """How a price was typed, or is to be shown."""

    AMERICAN = "american"
    DECIMAL = "decimal"
    FRACTIONAL = "fractional"
    HONG_KONG = "hong_kong"
    INDONESIAN = "indonesian"
    MALAY = "malay"


class OddsError(InputError):
    """A price that cannot be taken; ``field`` is always ``odds``."""

    def __init__(self, typed: str, problem: str) -> None:
        super().__init__("odds", typed, problem, "-110, 1.91 or 10/11")


@dataclass(frozen=True, slots=True)
class Odds:
    """A decimal price ``num/den`` > 1 in lowest terms, with the text and the format it was typed in."""

    num: int
    den: int
    typed: str
    format: OddsFormat

    @classmethod
    def parse(cls, text: str, format: OddsFormat | None = None) -> Odds:  # noqa: A002 - the field's own name
        """Read a typed price; without ``format`` by its look: sign and |n| ≥ 100, a point, a slash, or "even".

        Raises OddsError for anything else.
        """
        typed = text.strip().translate(_DASHES)
        if not typed or len(typed) > MAX_TYPED:
            raise OddsError(text[:MAX_TYPED], "is not a price")
        if typed.lower() in _EVEN:
            return cls._of(Fraction(2), typed, format or OddsFormat.AMERICAN)
        chosen = format or _look(typed)
        price = _decimal_price(_number(typed, chosen), chosen, typed)
        if price > MAX_PRICE:
            raise OddsError(typed, "is longer than a million to one")
        return cls._of(price, typed, chosen)

    @classmethod
    def from_american(cls, n: int) -> Odds:
        """Price of American odds ``n``, |n| ≥ 100. Raises OddsError."""
        return cls.parse(f"{n:+d}", OddsFormat.AMERICAN)

    @classmethod
    def from_decimal(cls, text: str) -> Odds:
        """Price of a decimal such as "1.91" or "2". Raises OddsError."""
        return cls.parse(text, OddsFormat.DECIMAL)

    @classmethod
    def from_fraction(cls, price: Fraction, format: OddsFormat = OddsFormat.DECIMAL) -> Odds:  # noqa: A002
        """A computed decimal price (a parlay's product, a feed's), kept exactly. Raises OddsError."""
        if price > MAX_COMPUTED:
            raise OddsError(f"{price.numerator}/{price.denominator}"[:MAX_TYPED], "is too long a price")
        return cls._of(price, _shown(price, format) if price > 1 else str(price), format)

    @classmethod
    def from_value(cls, value: Fraction, format: OddsFormat) -> Odds:  # noqa: A002
        """Inverse of ``value``: the price whose number in ``format`` is ``value``. Raises OddsError."""
        return cls.from_fraction(_decimal_price(value, format, str(value)), format)

    @classmethod
    def _of(cls, price: Fraction, typed: str, format: OddsFormat) -> Odds:  # noqa: A002
        if price <= 1:
            raise OddsError(typed, "must pay more than the stake")
        return cls(price.numerator, price.denominator, typed, format)

    @property
    def price(self) -> Fraction:
        """The decimal price."""
        return Fraction(self.num, self.den)

    @property
    def implied(self) -> Fraction:
        """Implied probability, the bookmaker's margin included."""
        return Fraction(self.den, self.num)

    def value(self, format: OddsFormat) -> Fraction:  # noqa: A002
        """The exact number in ``format`` (for fractional: the fraction itself)."""
        return _value(self.price, format)

    def shown(self, format: OddsFormat) -> str:  # noqa: A002
        """For people: as typed in its own format, otherwise rounded for display only."""
        if format is self.format and self.typed[:1] in "+-.0123456789":
            return self.typed
        return _shown(self.price, format)


def lowest(num: int, den: int) -> tuple[int, int]:
    """``num/den`` in lowest terms."""
    common = gcd(num, den)
    return num // common, den // common


def _look(typed: str) -> OddsFormat:
    if "/" in typed:
        return OddsFormat.FRACTIONAL
    if typed[0] in "+-":
        return OddsFormat.AMERICAN
    if _DECIMAL.fullmatch(typed):
        return OddsFormat.DECIMAL
    if _PLAIN.fullmatch(typed):
        raise OddsError(typed, "needs a sign (+150), a point (2.50) or a slash (3/2)")
    raise OddsError(typed, "is not a price")


def _number(typed: str, format: OddsFormat) -> Fraction:  # noqa: A002
    if format is OddsFormat.FRACTIONAL:
        parts = _FRACTIONAL.fullmatch(typed)
        if parts is None or int(parts[2]) == 0:
            raise OddsError(typed, "is not a fraction such as 10/11")
        return Fraction(int(parts[1]), int(parts[2]))
    if not _PLAIN.fullmatch(typed):
        raise OddsError(typed, "is not a number")
    return Fraction(typed)


def _decimal_price(value: Fraction, format: OddsFormat, typed: str) -> Fraction:  # noqa: A002
    match format:
        case OddsFormat.AMERICAN:
            if abs(value) < 100:
                raise OddsError(typed, "American odds are +100 or more, or -100 or less")
            return 1 + value / 100 if value > 0 else 1 - 100 / value
        case OddsFormat.DECIMAL:
            return value
        case OddsFormat.FRACTIONAL | OddsFormat.HONG_KONG:
            return 1 + value
        case OddsFormat.INDONESIAN:
            if abs(value) < 1:
                raise OddsError(typed, "Indonesian odds are 1 or more, or -1 or less")
            return 1 + value if value > 0 else 1 - 1 / value
        case OddsFormat.MALAY:
            if value == 0 or abs(value) > 1:
                raise OddsError(typed, "Malay odds lie between -1 and 1, and are not 0")
            return 1 + value if value > 0 else 1 - 1 / value


def _value(price: Fraction, format: OddsFormat) -> Fraction:  # noqa: A002
    net = price - 1
    match format:
        case OddsFormat.AMERICAN:
            return 100 * net if net >= 1 else -100 / net
        case OddsFormat.DECIMAL:
            return price
        case OddsFormat.FRACTIONAL | OddsFormat.HONG_KONG:
            return net
        case OddsFormat.INDONESIAN:
            return net if net >= 1 else -1 / net
        case OddsFormat.MALAY:
            return net if net <= 1 else -1 / net


def _shown(price: Fraction, format: OddsFormat) -> str:  # noqa: A002
    value = _value(price, format)
    match format:
        case OddsFormat.AMERICAN:
            return f"{round(value):+d}"
        case OddsFormat.FRACTIONAL:
            return f"{value.numerator}/{value.denominator}"
        case OddsFormat.DECIMAL:
            places = 2 if round(value, 2) > 1 else 6
        case _:
            places = 2 if abs(round(value, 2)) > 0 else 6
    rounded = round(value * 10**places)
    sign, digits = "-" if rounded < 0 else "", f"{abs(rounded):0{places + 1}d}"
    return f"{sign}{digits[:-places]}.{digits[-places:]}"
