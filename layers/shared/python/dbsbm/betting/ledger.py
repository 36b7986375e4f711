"""Ledger arithmetic: a grade is an entry, a correction reverses and adds, nothing is ever changed.

Entries of one bet come in ``grade_seq`` order; at most one of them stands (is not reversed). The sums over all entries
are what the standing ones alone would give.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from dbsbm.betting.outcome import Grade
from dbsbm.betting.settlement import Settlement
from dbsbm.core.errors import ConflictError


class EntryKind(StrEnum):
    """A grade entered, or one taken back."""

    GRADE = "grade"
    REVERSAL = "reversal"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line, amounts in micro-units; a reversal has every sign turned, ``bets`` included."""

    bet_id: int
    grade_seq: int
    kind: EntryKind
    grade: Grade
    bets: int
    risk_micro: int
    return_micro: int
    profit_micro: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over entries."""

    bets: int
    risk_micro: int
    return_micro: int
    profit_micro: int


def grade_entries(bet_id: int, before: Sequence[Entry], settlement: Settlement) -> tuple[Entry, ...]:
    """What a grade adds: the reversal of the one that stands, if any, and the new one."""
    entry = _entry(bet_id, _next_seq(before), settlement)
    current = standing(before)
    return (entry,) if current is None else (reversal(current, entry.grade_seq), entry)


def undo_entries(before: Sequence[Entry]) -> tuple[Entry, ...]:
    """What taking back the last decision adds: its reversal, and the grade that stood before it, if one did.

    Taking back an undo brings back what it undid. Raises ConflictError when nothing stands.
    """
    current = standing(before)
    if current is None:
        raise ConflictError("the bet is not graded")
    sequence = _next_seq(before)
    earlier = replaced(before)
    if earlier is None:
        return (reversal(current, sequence),)
    return reversal(current, sequence), replace(earlier, grade_seq=sequence)


def standing(entries: Sequence[Entry]) -> Entry | None:
    """The grade that stands, or None."""
    last = max(entries, key=lambda entry: (entry.grade_seq, entry.kind is EntryKind.GRADE), default=None)
    return last if last is not None and last.kind is EntryKind.GRADE else None


def replaced(entries: Sequence[Entry]) -> Entry | None:
    """The grade that the standing one took the place of: what taking that back brings back. None if there is none."""
    current = standing(entries)
    if current is None or not any(
        entry.grade_seq == current.grade_seq and entry.kind is EntryKind.REVERSAL for entry in entries
    ):
        return None
    earlier = [entry for entry in entries if entry.grade_seq < current.grade_seq and entry.kind is EntryKind.GRADE]
    return max(earlier, key=lambda entry: entry.grade_seq)


def reversal(entry: Entry, grade_seq: int) -> Entry:
    """The entry that takes another one back."""
    return Entry(
        entry.bet_id,
        grade_seq,
        EntryKind.REVERSAL,
        entry.grade,
        -entry.bets,
        -entry.risk_micro,
        -entry.return_micro,
        -entry.profit_micro,
    )


def totals(entries: Iterable[Entry]) -> Totals:
    """Sums; profit is always return less risk."""
    bets = risk = returned = profit = 0
    for entry in entries:
        bets += entry.bets
        risk += entry.risk_micro
        returned += entry.return_micro
        profit += entry.profit_micro
    return Totals(bets, risk, returned, profit)


def _entry(bet_id: int, grade_seq: int, settlement: Settlement) -> Entry:
    returned, profit = settlement.return_micro, settlement.profit_micro
    return Entry(bet_id, grade_seq, EntryKind.GRADE, settlement.grade, 1, returned - profit, returned, profit)


def _next_seq(entries: Sequence[Entry]) -> int:
    return max((entry.grade_seq for entry in entries), default=0) + 1
