"""What sources tell of a game besides its score: points by period, and what each player did."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

Q = 4
"""Statistics are kept in quarter units, as lines are: half a sack is 2."""
FINISH = "finish"
"""The statistic that is a place in a race, from 1."""


@dataclass(frozen=True, slots=True)
class Periods:
    """Points of each period begun, as one source has them."""

    provider: str
    home: tuple[int, ...]
    away: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PlayerLine:
    """What a player did, in quarter units. ``participated`` and ``started`` are None where the source does not say."""

    name: str
    team: str
    participated: bool | None
    started: bool | None
    stats: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BoxReport:
    """A source's box score of a game that is over. A statistic that it ``covers`` and a line lacks is 0 there."""

    provider: str
    provider_game_id: str
    reported_at: datetime
    covers: frozenset[str]
    lines: Sequence[PlayerLine]

    @property
    def digest(self) -> int:
        """Changes when anything that could change a grade does."""
        said = [[each.name, each.participated, each.started, sorted(each.stats.items())] for each in self.lines]
        return zlib.crc32(json.dumps([sorted(self.covers), said], ensure_ascii=False).encode())


@dataclass(frozen=True, slots=True)
class Box:
    """A box score as it is kept. ``names`` is what a person said this source calls players, by our name."""

    provider: str
    covers: frozenset[str]
    lines: tuple[PlayerLine, ...]
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is told of one game."""

    periods: tuple[Periods, ...] = ()
    boxes: tuple[Box, ...] = ()


NOTHING = Facts()
