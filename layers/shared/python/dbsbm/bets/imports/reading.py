"""From the bytes of a CSV file to bets, row by row; what cannot be taken is named with its line. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from dbsbm.bets.imports import cells
from dbsbm.bets.imports.cells import CellError
from dbsbm.bets.imports.columns import REQUIRED, grade_of, places
from dbsbm.bets.imports.model import MAX_ROWS, ImportedBet, Problem, Reading
from dbsbm.betting.odds import Odds
from dbsbm.betting.settlement import settle_as
from dbsbm.betting.stakes import MICRO, Stake, StakeMode, format_units, to_micro
from dbsbm.core.errors import InputError

_FIRST = datetime(1990, 1, 1, tzinfo=UTC)
_DELIMITERS = (",", ";", "\t")
_WIDTH = {"league": 32, "event": 100, "pick": 100, "book": 60, "reference": 100}
_CENT = MICRO // 50
"""Trackers round to a cent of a unit, and some reckon with rounded prices."""


class FileError(Exception):
    """The file as a whole cannot be read; ``code`` and ``values`` say why."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


def read(content: bytes, zone: ZoneInfo, unit: Fraction, now: datetime) -> Reading:
    """Read a file. Times without a zone are in ``zone``; nothing after ``now`` can have been decided.

    Raises
    ------
    FileError
        When it is no table, lacks a column, or has too many rows.
    """
    rows = _rows(_text(content))
    _, header = next(rows, (0, []))
    columns = places(header)
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        raise FileError("columns", missing=", ".join(missing))
    records: list[tuple[int, dict[str, str]]] = []
    for line, row in rows:
        if len(records) == MAX_ROWS:
            raise FileError("rows", most=MAX_ROWS)
        records.append((line, {name: _cell(row, place) for name, place in columns.items()}))
    if not records:
        raise FileError("empty")
    try:
        days_first = cells.day_first([record["date"] for _, record in records])
    except CellError as error:
        raise FileError(error.code) from error
    return _judged(records, _Rules(zone, unit, now, bool(days_first)), days_first)


class _Rules:
    """How the rows of one file are read."""

    def __init__(self, zone: ZoneInfo, unit: Fraction, now: datetime, days_first: bool) -> None:
        self.zone = zone
        self.unit = unit
        self.now = now
        self.days_first = days_first


def _judged(records: Sequence[tuple[int, dict[str, str]]], rules: _Rules, days_first: bool | None) -> Reading:
    bets: dict[str, ImportedBet] = {}
    problems: list[Problem] = []
    repeated = 0
    for line, record in records:
        found = _bet(line, record, rules)
        if isinstance(found, Problem):
            problems.append(found)
            continue
        key = found.key
        repeated += key in bets
        bets.setdefault(key, found)
    return Reading(len(records), tuple(bets.values()), tuple(problems), repeated, days_first)


def _bet(line: int, record: Mapping[str, str], rules: _Rules) -> ImportedBet | Problem:
    column = ""
    try:
        for column in REQUIRED:
            if not record[column]:
                raise CellError("empty")
        column = "date"
        at = cells.moment(record["date"], rules.zone, days_first=rules.days_first)
        if not _FIRST <= at <= rules.now:
            raise CellError("when")
        column = "result"
        grade = grade_of(record["result"])
        if grade is None:
            raise CellError("result")
        column = "odds"
        odds = cells.odds(record["odds"])
        column = "stake"
        stake = _stake(record["stake"], odds, rules.unit)
        column = "profit"
        returned, profit = settle_as(stake, odds, grade)
        if not _agrees(record.get("profit", ""), profit, rules.unit):
            return Problem(line, column, record["profit"], "profit", format_units(profit, signed=True))
    except CellError as error:
        return Problem(line, column, record.get(column, ""), error.code)
    texts = {name: " ".join(record.get(name, "").split())[:width] for name, width in _WIDTH.items()}
    return ImportedBet(
        line=line,
        at=at,
        league=texts["league"].lower() or "other",
        event=texts["event"] or texts["pick"],
        pick=texts["pick"],
        odds=odds,
        stake=stake,
        grade=grade,
        return_micro=returned,
        profit_micro=profit,
        book=texts["book"],
        reference=texts["reference"],
    )


def _stake(text: str, odds: Odds, unit: Fraction) -> Stake:
    typed = cells.amount(text, unit)
    try:
        return Stake.of(StakeMode.RISK, to_micro(typed), odds)
    except InputError as error:
        raise CellError("stake") from error


def _agrees(text: str, profit_micro: int, unit: Fraction) -> bool:
    """Whether a file's own profit is what price, stake and result make; an empty one says nothing."""
    if not text:
        return True
    said = to_micro(cells.amount(text, unit))
    return abs(said - profit_micro) <= max(_CENT, abs(profit_micro) // 50)


def _text(content: bytes) -> str:
    for encoding in ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileError("text")


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that hold anything, with the line each begins on. Raises FileError."""
    first = text.lstrip().partition("\n")[0]
    if "\0" in text:
        raise FileError("text")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(_DELIMITERS, key=first.count))
    line = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise FileError("broken", line=line) from error


def _cell(row: Sequence[str], place: int) -> str:
    """A cell's text; the apostrophe that keeps spreadsheets from running a formula is no part of it."""
    return row[place].strip().removeprefix("'").strip() if place < len(row) else ""
