"""Sports, leagues, periods, statistics and teaser cards: data files, validated when they are read.

A league is a row in ``data/leagues.json``; adding one touches no code.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from dbsbm.betting.markets import parse_line
from dbsbm.core.errors import DbsbmError, InputError

Row = TypeVar("Row")
DATA = Path(__file__).parent / "data"
GAME = "game"
REGULATION = "reg"
SETS = "sets"
"""Tennis lines are in games unless the leg's period says sets."""


class CatalogueError(DbsbmError):
    """A data file is wrong; ``detail`` names the file, the row and the field."""

    code = "catalogue"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a game: regulation periods ``first`` … ``last`` (from 1), and overtime or not."""

    first: int
    last: int
    overtime: bool


@dataclass(frozen=True, slots=True)
class Sport:
    """How a sport is divided. ``regulation_only``: every market ends with normal time (soccer)."""

    sport_id: str
    periods: int
    regulation_only: bool
    draws: bool
    spans: Mapping[str, Span]


@dataclass(frozen=True, slots=True)
class League:
    """A league. Totals and spreads outside ``total_q`` / ``spread_q`` (quarter points) belong to another one.

    ``minimum_minutes`` / ``minimum_half_innings``: from when an unfinished game is official; None = only when finished.
    """

    league_id: str
    name: str
    sport: Sport
    aliases: tuple[str, ...]
    feeds: Mapping[str, str]
    minimum_minutes: int | None
    minimum_half_innings: int | None
    total_q: tuple[int, int]
    spread_q: int
    has: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class StatType:
    """A statistic. ``grows``: it never falls during a game, so a line once passed is decided (yards can fall)."""

    stat_id: str
    name: str
    sports: frozenset[str]
    aliases: tuple[str, ...]
    yes_no: bool
    grows: bool


@dataclass(frozen=True, slots=True)
class TeaserCard:
    """What a teaser pays by number of legs, as decimal prices."""

    card_id: str
    name: str
    sport: str
    points_q: int
    source: str
    pays: Mapping[int, Fraction]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything the data files say."""

    sports: Mapping[str, Sport]
    leagues: Mapping[str, League]
    stats: Mapping[str, StatType]
    teasers: Mapping[str, TeaserCard]

    def league(self, league_id: str) -> League:
        """Raises InputError (field ``league``)."""
        if league_id not in self.leagues:
            raise InputError("league", league_id[:32], "is not a league here", "NFL")
        return self.leagues[league_id]

    def stat(self, stat_id: str) -> StatType:
        """Raises InputError (field ``stat``)."""
        if stat_id not in self.stats:
            raise InputError("stat", stat_id[:32], "is not a statistic here", "passing_yards")
        return self.stats[stat_id]

    def span(self, league_id: str, period: str) -> Span:
        """The stretch that ``period`` means in this league. Raises InputError (field ``period``)."""
        spans = self.league(league_id).sport.spans
        if period not in spans:
            raise InputError("period", period[:16], f"is no period in {league_id}", next(iter(spans)))
        return spans[period]


def load(directory: Path) -> Catalogue:
    """Read and check the four files. Raises CatalogueError."""
    sports = _rows(directory / "sports.json", _sport)
    return Catalogue(
        sports=sports,
        leagues=_rows(directory / "leagues.json", lambda name, row: _league(name, row, sports)),
        stats=_rows(directory / "stats.json", lambda name, row: _stat(name, row, sports)),
        teasers=_rows(directory / "teasers.json", lambda name, row: _teaser(name, row, sports)),
    )


@cache
def catalogue() -> Catalogue:
    """The catalogue beside this module, read once."""
    return load(DATA)


def _rows(path: Path, make: Callable[[str, Any], Row]) -> dict[str, Row]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CatalogueError(f"{path.name}: {error}") from error
    pairs = document.items() if isinstance(document, dict) else ((row.get("id"), row) for row in document)
    rows: dict[str, Row] = {}
    for name, row in pairs:
        if not isinstance(name, str) or not name or name in rows:
            raise CatalogueError(f"{path.name}: {name!r}: missing or repeated id")
        try:
            rows[name] = make(name, row)
        except (KeyError, TypeError, ValueError, InputError) as error:
            raise CatalogueError(f"{path.name}: {name}: {error!r}") from error
    return rows


def _sport(name: str, row: Any) -> Sport:
    spans = {period: Span(*span) for period, span in row["spans"].items()}
    for period, span in spans.items():
        if not 1 <= span.first <= span.last <= row["periods"] or not isinstance(span.overtime, bool):
            raise ValueError(f"period {period}")
    return Sport(name, row["periods"], bool(row["regulation_only"]), bool(row["draws"]), spans)


def _league(name: str, row: Any, sports: Mapping[str, Sport]) -> League:
    minimum = row["minimum_play"] or {}
    low, high = (parse_line(str(bound)) for bound in row["total"])
    if not 0 <= low <= high or len(name) > 32:
        raise ValueError("total or id")
    if set(minimum) - {"minutes", "half_innings"} or not all(isinstance(most, int) for most in minimum.values()):
        raise ValueError("minimum_play")
    return League(
        league_id=name,
        name=row["name"],
        sport=sports[row["sport"]],
        aliases=tuple(row["aliases"]),
        feeds=dict(row["feeds"]),
        minimum_minutes=minimum.get("minutes"),
        minimum_half_innings=minimum.get("half_innings"),
        total_q=(low, high),
        spread_q=parse_line(str(row["spread"])),
        has={what: bool(row["has"][what]) for what in ("prices", "scores", "box_scores")},
    )


def _stat(name: str, row: Any, sports: Mapping[str, Sport]) -> StatType:
    unknown = set(row["sports"]) - set(sports)
    if unknown or not row["sports"] or row["kind"] not in {"count", "yes_no"}:
        raise ValueError(f"sports {sorted(unknown)} or kind {row['kind']!r}")
    aliases = tuple(row["aliases"])
    return StatType(name, row["name"], frozenset(row["sports"]), aliases, row["kind"] == "yes_no", bool(row["grows"]))


def _teaser(name: str, row: Any, sports: Mapping[str, Sport]) -> TeaserCard:
    pays = {int(legs): 1 + Fraction(price) for legs, price in row["pays"].items()}
    if row["sport"] not in sports or not row["source"] or any(legs < 2 or price <= 1 for legs, price in pays.items()):
        raise ValueError("sport, source or pays")
    return TeaserCard(name, row["name"], row["sport"], parse_line(row["points"]), row["source"], pays)
