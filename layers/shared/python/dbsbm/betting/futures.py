"""What can be won over a season or a tournament, as data: by league, and whether a team or a player wins it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dbsbm.betting.catalogue import DATA, CatalogueError, catalogue

_OF = frozenset({"team", "player"})


@dataclass(frozen=True, slots=True)
class Future:
    """A market of a league. ``of`` is "team" (in single sports: a person) or "player".

    ``places``: of each race, won by who comes in within so many; 0 of a whole season or tournament.
    """

    league: str
    name: str
    of: str
    places: int = 0


@cache
def load_futures(path: Path = DATA / "futures.json") -> tuple[Future, ...]:
    """Read and check the data file. Raises CatalogueError naming the row."""
    leagues = catalogue().leagues
    found: list[Future] = []
    for row in json.loads(path.read_text(encoding="utf-8")):
        try:
            future = Future(row["league"], row["name"], row["of"], row.get("places", 0))
        except (KeyError, TypeError) as error:
            raise CatalogueError(f"{path.name}: {row!r}: {error!r}") from error
        if future.league not in leagues or future.of not in _OF or future in found:
            raise CatalogueError(f"{path.name}: {row!r}: unknown league or kind, or stands twice")
        found.append(future)
    return tuple(found)
