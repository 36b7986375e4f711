"""Where teams play at home, and whether the sky can reach the field: a data file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from dbsbm.betting.names import load_roster
from dbsbm.games.leagues import catalogue_id

_FILE = Path(__file__).parent / "data" / "venues.json"


class Roof(StrEnum):
    OPEN = "open"
    RETRACTABLE = "retractable"
    """Open or shut, decided on the day: the forecast matters only when it is open."""
    FIXED = "fixed"


@dataclass(frozen=True, slots=True)
class Venue:
    """A stadium; degrees north and east, to some hundred metres."""

    name: str
    latitude: float
    longitude: float
    roof: Roof


def venue_of(league: str, home: str) -> Venue | None:
    """The home team's usual stadium; None where the file has none. A game at a neutral site is not known here."""
    known = _venues().get(league, {})
    if home in known:
        return known[home]
    team = load_roster().team(catalogue_id(league), home)
    return known.get(team.name) if team else None


def leagues() -> tuple[str, ...]:
    """The leagues whose stadiums are known."""
    return tuple(_venues())


@cache
def _venues() -> dict[str, dict[str, Venue]]:
    document = json.loads(_FILE.read_text(encoding="utf-8"))
    return {
        league: {team: Venue(row[0], row[1], row[2], Roof(row[3])) for team, row in teams.items()}
        for league, teams in document.items()
    }
