"""The words that are drawn on pictures: the renderer knows none."""

from __future__ import annotations

from collections.abc import Iterable

from dbsbm.betting.settlement import Grade
from dbsbm.commands.words.catalogue import Words


def slip_state(grade: str, words: Words, *, draft: bool) -> str:
    """The word of the pill: what the bet came to, else that it is open or not posted yet."""
    if grade:
        return words.plain(f"picture.state_{grade}")
    return words.plain("picture.state_draft" if draft else "picture.state_open")


def money_headings(words: Words) -> tuple[str, ...]:
    """Of risk, to win and profit."""
    return tuple(words.plain(f"picture.{name}") for name in ("risk", "to_win", "profit"))


def record_headings(words: Words) -> tuple[str, ...]:
    """Of record, ROI, win rate, risked and streak."""
    return tuple(words.plain(f"picture.{name}") for name in ("record", "roi", "win_rate", "risked", "streak"))


def graded_bets(count: int, words: Words) -> str:
    return words.plain("picture.one_bet") if count == 1 else words.plain("picture.bets", count=count)


def form(grades: Iterable[Grade], words: Words) -> tuple[tuple[str, str], ...]:
    """Grades with the letter each is drawn with."""
    return tuple((grade.value, words.plain(f"picture.letter_{grade.value}")) for grade in grades)
