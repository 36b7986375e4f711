"""Single cells: times, prices, amounts."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from fractions import Fraction
from zoneinfo import ZoneInfo

from dbsbm.betting.odds import Odds
from dbsbm.core.errors import InputError

_SLASHED = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})(?:[ ,T]+(.+))?", re.ASCII)
_CLOCK = ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M%p", "%I:%M:%S %p")
_NOON = time(12)
_UNSIGNED = re.compile(r"\d{3,6}", re.ASCII)
_WHOLE = re.compile(r"([-+]\d{3,6}|\d{3,6})\.0{1,2}", re.ASCII)
_SMALL = re.compile(r"\d{1,2}", re.ASCII)
_COMMA = re.compile(r"[-+]?\d+,\d{1,3}", re.ASCII)
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)
_NUMBER = re.compile(r"[-+]?(\d{1,12}(\.\d{0,8})?|\.\d{1,8})", re.ASCII)
_CURRENCY = re.compile(r"[$€£]|\b(?:usd|eur|gbp)\b", re.IGNORECASE)
_UNITS = re.compile(r"(?:units?|un|u)$", re.IGNORECASE)


class CellError(Exception):
    """A cell cannot be read; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def day_first(dates: list[str]) -> bool | None:
    """Whether 03/04/2026 is the third of April, told by dates that can only be one; dots always mean it is.

    None when no date is written so; month first when nothing decides.

    Raises
    ------
    CellError
        When some can only be the one and some only the other.
    """
    found = [match for match in (_SLASHED.fullmatch(text) for text in dates) if match and "/" in match[0]]
    if not found:
        return None
    days = any(int(match[1]) > 12 for match in found)
    months = any(int(match[2]) > 12 for match in found)
    if days and months:
        raise CellError("mixed_dates")
    return days


def moment(text: str, zone: ZoneInfo, *, days_first: bool) -> datetime:
    """A time in UTC; without a zone of its own it is the guild's, without a time it is noon.

    Raises
    ------
    CellError
        When it is not a date.
    """
    slashed = _SLASHED.fullmatch(text)
    try:
        if slashed is None:
            found = datetime.fromisoformat(text)
            if len(text) <= 10:
                found = datetime.combine(found, _NOON)
        else:
            first, second = int(slashed[1]), int(slashed[2])
            day, month = (first, second) if days_first or "." in text[:5] else (second, first)
            found = datetime.combine(datetime(int(slashed[3]), month, day), _clock(slashed[4]))  # noqa: DTZ001 — below
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise CellError("date") from error


def _clock(text: str | None) -> time:
    if not text:
        return _NOON
    for shape in _CLOCK:
        try:
            return datetime.strptime(text.strip().upper(), shape).time()  # noqa: DTZ007 — a time of day alone
        except ValueError:
            continue
    raise ValueError(text)


def odds(text: str) -> Odds:
    """A price. Files lose the plus of American odds and the point of whole decimals; both are read.

    Raises
    ------
    CellError
        When it is no price.
    """
    typed = text.replace(",", ".") if _COMMA.fullmatch(text) else text.replace(" ", "")
    whole = _WHOLE.fullmatch(typed)  # American odds that a spreadsheet took for a number
    typed = whole[1] if whole else typed
    if _UNSIGNED.fullmatch(typed):
        typed = f"+{typed}"
    elif _SMALL.fullmatch(typed):
        typed = f"{typed}.0"
    try:
        return Odds.parse(typed)
    except InputError as error:
        raise CellError("odds") from error


def amount(text: str, unit: Fraction) -> Fraction:
    """A number of units; ``unit`` is what one of them is in the file's money, 1 when it counts in units.

    Raises
    ------
    CellError
        ``money`` when a currency stands there and nothing says what a unit is.
    """
    money = _CURRENCY.search(text) is not None
    if money and unit == 1:
        raise CellError("money")
    typed = _UNITS.sub("", _CURRENCY.sub("", text).strip()).replace(" ", "")
    if typed.startswith("(") and typed.endswith(")"):
        typed = f"-{typed[1:-1]}"
    if _THOUSANDS.fullmatch(typed):
        typed = typed.replace(",", "")
    elif _COMMA.fullmatch(typed):
        typed = typed.replace(",", ".")
    if not _NUMBER.fullmatch(typed):
        raise CellError("number")
    return Fraction(typed) / unit
