"""Players' statistics of API-Sports: American football, basketball and soccer; its baseball and hockey have none.

American football ``/games/statistics/players?id=``: teams with groups of players with named statistics. Basketball
``/games/statistics/players?id=``: a flat list. Soccer ``/fixtures?id=``, which holds the players beside the status.
Formula 1 ``/rankings/races?race=``: the drivers' places.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from dbsbm.games.facts.model import FINISH, BoxReport
from dbsbm.providers.api_sports import PROVIDER, SportHost
from dbsbm.providers.api_sports_races import classification
from dbsbm.providers.box_stats import Groups, Line, groups, told, values, with_derived
from dbsbm.providers.reading import mapping, read_json, text

_MAX_NAME = 100
PATHS = {
    "american_football": "/games/statistics/players",
    "basketball": "/games/statistics/players",
    "football": "/fixtures",
    "formula_1": "/rankings/races",
}


def read_players(body: bytes, sport: SportHost, event_id: str, fetched_at: datetime) -> BoxReport | None:
    """The box score of an event that is over; None of a soccer game that is not, or while nothing is told.

    Raises
    ------
    ProviderDocumentError
        When the document is not an envelope of players.
    """
    response = mapping(read_json(body), "envelope").get("response")
    if not isinstance(response, list) or not response:
        return None
    if sport.shape == "formula_1":
        return BoxReport(PROVIDER, event_id, fetched_at, frozenset({FINISH}), classification(response))
    wanted, lines, covers = groups(PROVIDER, sport.shape), list[Line](), set[str]()
    if sport.shape == "football":
        fixture = mapping(response[0], "fixture")
        status = mapping(mapping(fixture.get("fixture"), "fixture").get("status"), "status").get("short")
        if status not in ("FT", "AET", "PEN"):
            return None
        if status == "FT":  # what was done after normal time does not count, and is not told apart
            lines = list(_soccer(fixture.get("players"), wanted, covers))
    elif sport.shape == "basketball":
        lines = [_flat(mapping(row, "player"), wanted, covers) for row in response]
    else:
        lines = list(_grouped(response, wanted, covers))
    known = with_derived(frozenset(covers))
    return BoxReport(PROVIDER, event_id, fetched_at, known, [line.done(frozenset(covers)) for line in lines])


def _grouped(teams: Any, wanted: Groups, covers: set[str]) -> Iterator[Line]:
    """A player stands in as many groups as he did something in."""
    lines: dict[str, Line] = {}
    for entry in teams:
        side = mapping(entry, "side")
        team = str(mapping(side.get("team"), "team").get("name") or "")[:_MAX_NAME]
        for table in side.get("groups") or ():
            group = str(table.get("name") or "").lower()
            for row in table.get("players") or ():
                player = mapping(mapping(row, "row").get("player"), "player")
                name = text(player, "name", _MAX_NAME)
                line = lines.setdefault(f"{team} {player.get('id') or name}", Line(name, team, participated=True))
                for stat in row.get("statistics") or ():
                    _add(line, wanted, covers, (group, str(stat.get("name"))), stat.get("value"))
    yield from lines.values()


def _flat(row: dict[str, Any], wanted: Groups, covers: set[str]) -> Line:
    player = mapping(row.get("player"), "player")
    minutes = str(row.get("minutes") or "")
    played = any(digit in "123456789" for digit in minutes)
    line = Line(text(player, "name", _MAX_NAME), "", participated=played, started=row.get("type") == "starters")
    for key, value in row.items():
        if isinstance(value, dict):
            for inner, count in value.items():
                _add(line, wanted, covers, (key, inner), count)
        else:
            _add(line, wanted, covers, ("", key), value)
    return line


def _soccer(teams: Any, wanted: Groups, covers: set[str]) -> Iterator[Line]:
    for entry in teams if isinstance(teams, list) else ():
        side = mapping(entry, "side")
        team = str(mapping(side.get("team"), "team").get("name") or "")[:_MAX_NAME]
        for row in side.get("players") or ():
            name = text(mapping(mapping(row, "row").get("player"), "player"), "name", _MAX_NAME)
            facts = mapping((row.get("statistics") or [{}])[0], "statistics")
            games = mapping(facts.get("games") or {}, "games")
            played = bool(games.get("minutes"))
            line = Line(name, team, participated=played, started=played and games.get("substitute") is False)
            for group, inner in facts.items():
                for key, value in inner.items() if isinstance(inner, dict) else ():
                    _add(line, wanted, covers, (group, key), value)
            yield line


def _add(line: Line, wanted: Groups, covers: set[str], where: tuple[str, str], value: Any) -> None:
    """``where``: group and key. Nothing told of a covered statistic is none of it."""
    stats = told(wanted, *where)
    covers.update(stats)
    if value is not None:
        line.add(stats, values(where[1], str(value), len(stats)))
