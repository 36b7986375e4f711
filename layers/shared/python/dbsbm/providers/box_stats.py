"""Statistics of box scores in our own names, from the data file: what a source calls them, and what sums up of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from dbsbm.games.facts.model import PlayerLine, Q

_FILE = Path(__file__).parent / "data" / "box_stats.json"
_MOST = 10_000
_OUTS = "fullInnings.partInnings"
"""Innings pitched as "6.1": six full ones and one out."""
Groups = Mapping[str, Mapping[str, Sequence[str]]]
"""Our statistics by the source's group and key; the group "" stands for any."""


@cache
def groups(provider: str, sport: str) -> Groups:
    """What a source tells of a sport; empty where it tells nothing that we can read."""
    found: Groups = _document().get(provider, {}).get(sport, {})
    return found


def told(mapping: Groups, group: str, key: str) -> Sequence[str]:
    """Which of our statistics a key of a group is."""
    return mapping.get(group, {}).get(key) or mapping.get("", {}).get(key, ())


def values(key: str, text: str, wanted: int) -> list[int]:
    """A value in quarter units, or several of "21/35"; empty when it is none.

    A made-and-tried pair under a key of one statistic gives what was made.
    """
    if key == _OUTS:
        full, _, part = text.partition(".")
        return [Q * (3 * int(full) + int(part or 0))] if full.isdecimal() and (part or "0") in "012" else []
    pair = "/" in text or (text.count("-") == 1 and not text.startswith("-"))
    parts = text.replace("/", "-").split("-") if pair else [text]
    found = [_quarters(each) for each in parts[:wanted]]
    return [each for each in found if each is not None] if None not in found and len(found) == wanted else []


def _quarters(text: str) -> int | None:
    try:
        value = Fraction(text.strip()) * Q
    except (ValueError, ZeroDivisionError):
        return None
    return int(value) if value.denominator == 1 and abs(value) <= _MOST * Q else None


@dataclass(slots=True)
class Line:
    """A player's line while it is put together from several groups."""

    name: str
    team: str
    participated: bool | None = None
    started: bool | None = None
    stats: dict[str, int] = field(default_factory=dict)

    def add(self, stats: Sequence[str], found: Sequence[int]) -> None:
        """Returns of kicks and punts are one statistic: what comes twice adds up."""
        for stat, value in zip(stats, found, strict=False):
            self.stats[stat] = self.stats.get(stat, 0) + value

    def done(self, covers: frozenset[str]) -> PlayerLine:
        """With everything that sums up of what is covered; zeros are left out."""
        whole = {**self.stats, **_derived(self.stats, covers)}
        kept = {stat: value for stat, value in whole.items() if value}
        return PlayerLine(self.name, self.team, self.participated, self.started, kept)


def with_derived(covers: frozenset[str]) -> frozenset[str]:
    """What is covered, and what sums up of it."""
    return covers | frozenset(_derived({}, covers))


def _derived(stats: Mapping[str, int], covers: frozenset[str]) -> dict[str, int]:
    rules = _document()["derived"]
    found: dict[str, int] = {}
    for stat, parts in rules["sum"].items():
        if covers.issuperset(parts):
            found[stat] = sum(stats.get(part, 0) for part in parts)
    for stat, parts in rules["once"].items():
        if covers.issuperset(parts):
            more = rules["also"].get(stat, ())
            found[stat] = Q * any(stats.get(part, 0) > 0 for part in (*parts, *more))
    if covers.issuperset(rules["tens_of"]):
        tens = sum(stats.get(part, 0) >= 10 * Q for part in rules["tens_of"])
        found |= {stat: Q * (tens >= least) for stat, least in rules["tens"].items()}
    return found


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return document
