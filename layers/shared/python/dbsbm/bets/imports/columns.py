"""The columns of a file, and the names that other trackers give them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from dbsbm.betting.settlement import Grade

COLUMNS = ("date", "league", "event", "pick", "odds", "stake", "result", "profit", "book", "reference")
"""Of the template, in order."""
REQUIRED = ("date", "pick", "odds", "stake", "result")
TEMPLATE = (
    COLUMNS,
    ("2026-01-11 13:00", "nfl", "Chiefs @ Raiders", "Chiefs -3", "-110", "2", "won", "1.82", "Book A", "1001"),
    ("2026-01-12", "nba", "Lakers @ Celtics", "Over 224.5", "1.91", "1", "lost", "-1", "", ""),
)
_NAMES: Mapping[str, Sequence[str]] = {
    "date": (
        *("starts at", "date", "event date", "game date", "start time", "event time", "settled at", "date settled"),
        *("time settled iso", "time settled", "settled", "date placed", "placed at", "placed", "time placed iso"),
        *("time placed", "bet date", "posted at", "created at", "time"),
    ),
    "league": ("league", "leagues", "competition", "sport", "sports"),
    "event": ("event", "matchup", "match", "game", "fixture", "event name", "teams"),
    "pick": ("pick", "selection", "bet info", "bet details", "bet name", "bet", "description", "wager"),
    "odds": ("odds", "price", "american odds", "odds american", "decimal odds", "odds decimal"),
    "stake": (
        *("stake", "risk", "risk units", "stake units", "units", "units risked", "units bet", "amount"),
        *("wager amount", "bet amount", "risk amount", "wagered"),
    ),
    "result": ("result", "grade", "status", "bet result", "bet status", "outcome", "win loss", "w l"),
    "profit": ("profit", "profit units", "net profit", "net", "profit loss", "p l", "pnl", "units won"),
    "book": ("book", "sportsbook", "bookmaker", "site"),
    "reference": ("reference", "bet id", "ticket id", "ref", "id", "bet"),
}
"""For each column the names it goes by, the best first: a name is used once."""

_RESULTS = {
    Grade.WON: ("won", "win", "w", "winner", "settled win"),
    Grade.LOST: ("lost", "loss", "lose", "l", "loser", "settled loss"),
    Grade.PUSH: ("push", "pushed", "p", "tie", "settled push"),
    Grade.VOID: ("void", "voided", "cancelled", "canceled", "no action", "refund", "refunded", "settled void"),
    Grade.HALF_WON: ("half won", "half win", "hw", "win half"),
    Grade.HALF_LOST: ("half lost", "half loss", "hl", "lose half"),
}
_GRADES = {word: grade for grade, words in _RESULTS.items() for word in words}
_BETWEEN = re.compile(r"[^a-z0-9]+")


def plain(text: str) -> str:
    """Lower-case words with single spaces: "P/L" and "p_l" are the same name."""
    return _BETWEEN.sub(" ", text.lower()).strip()


def places(header: Sequence[str]) -> dict[str, int]:
    """Where each column stands; those that are not there are left out."""
    names = [plain(cell) for cell in header]
    found: dict[str, int] = {}
    for column in COLUMNS:
        free = (name for name in _NAMES[column] if name in names and names.index(name) not in found.values())
        name = next(free, None)
        if name is not None:
            found[column] = names.index(name)
    return found


def grade_of(typed: str) -> Grade | None:
    """The grade a word of a tracker means, None for one that is not known or not decided."""
    return _GRADES.get(plain(typed))
