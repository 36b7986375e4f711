"""ESPN's game summaries as box scores. The shape is as observed, for want of a documented one:
``boxscore.players[].statistics[].{name | type, keys, athletes[].{athlete, starter, didNotPlay, stats}}``, for soccer
``rosters[].roster[].{athlete, starter, subbedIn, stats[].{name, value}}``; ``header.competitions[0].status`` says
whether it is over.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from dbsbm.games.facts.model import BoxReport
from dbsbm.providers.box_stats import Groups, Line, groups, told, values, with_derived
from dbsbm.providers.errors import ProviderDocumentError
from dbsbm.providers.espn import PROVIDER, EspnLeague
from dbsbm.providers.espn_documents import AFTER_REGULATION
from dbsbm.providers.reading import mapping, read_json, text

_MAX_NAME = 100
_NO_TIME = frozenset({"", "0:00", "00:00", "--"})


def read_summary(body: bytes, league: EspnLeague, event_id: str, fetched_at: datetime) -> BoxReport | None:
    """The box score of a game that is over, None of one that is not.

    Soccer after extra time has one that covers nothing: bets end with normal time, and what was done in it is not told.

    Raises
    ------
    ProviderDocumentError
        When the document is no summary of this event.
    """
    document = mapping(read_json(body), "summary")
    header = mapping(document.get("header"), "header")
    if str(header.get("id")) != event_id:
        raise ProviderDocumentError(f"a summary of {str(header.get('id'))[:40]!r}, not of {event_id}")
    competitions = header.get("competitions")
    if not isinstance(competitions, list) or not competitions:
        raise ProviderDocumentError(f"{event_id}: competitions is empty")
    kind = mapping(mapping(mapping(competitions[0], "competition").get("status"), "status").get("type"), "status type")
    if kind.get("completed") is not True:
        return None
    lines: dict[str, Line] = {}
    covers: set[str] = set()
    if league.soccer:
        if kind.get("name") not in AFTER_REGULATION:
            _rosters(document, groups(PROVIDER, "soccer"), lines, covers)
    else:
        _tables(document, groups(PROVIDER, league.sport), league.sport, lines, covers)
    known = with_derived(frozenset(covers))
    return BoxReport(PROVIDER, event_id, fetched_at, known, [line.done(frozenset(covers)) for line in lines.values()])


def _tables(document: dict[str, Any], wanted: Groups, sport: str, lines: dict[str, Line], covers: set[str]) -> None:
    for team, table in _rows(mapping(document.get("boxscore") or {}, "boxscore").get("players"), "statistics"):
        keys = [str(key) for key in table.get("keys") or ()]
        group = str(table.get("name") or table.get("type") or "")
        for key in keys:
            covers.update(told(wanted, group, key))
        for row in table.get("athletes") or ():
            line = _line(row, team, lines)
            said = dict(zip(keys, (str(each) for each in row.get("stats") or ()), strict=False))
            _played(line, row, said, sport)
            for key, value in said.items():
                stats = told(wanted, group, key)
                line.add(stats, values(key, value, len(stats)))


def _rosters(document: dict[str, Any], wanted: Groups, lines: dict[str, Line], covers: set[str]) -> None:
    for team, row in _rows(document.get("rosters"), "roster"):
        line = _line(row, team, lines)
        subbed = row.get("subbedIn")
        came_on = subbed is True or (isinstance(subbed, dict) and subbed.get("didSub") is True)
        line.started = row.get("starter") is True
        line.participated = line.started or came_on
        for stat in row.get("stats") or ():
            name = str(stat.get("name"))
            ours = told(wanted, "", name)
            covers.update(ours)
            given = stat.get("value")
            line.add(ours, values(name, str(stat.get("displayValue") if given is None else given), len(ours)))


def _rows(teams: Any, below: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each table or player with the name of its team."""
    for entry in teams if isinstance(teams, list) else ():
        side = mapping(entry, "side")
        team = mapping(side.get("team"), "team").get("displayName")
        for row in side.get(below) or ():
            yield str(team or "")[:_MAX_NAME], mapping(row, below)


def _line(row: Any, team: str, lines: dict[str, Line]) -> Line:
    athlete = mapping(mapping(row, "athlete row").get("athlete"), "athlete")
    name = text(athlete, "displayName", _MAX_NAME)
    return lines.setdefault(f"{team} {athlete.get('id') or name}", Line(name, team))


def _played(line: Line, row: dict[str, Any], said: dict[str, str], sport: str) -> None:
    """Any row is of somebody who played, but for those on the bench. Whether somebody came to the plate is not told of
    a batter who was hit, walked off as a runner or only fielded: that stays open.
    """
    if isinstance(row.get("starter"), bool):
        line.started = line.started is True or row["starter"]
    if row.get("didNotPlay") is True:
        line.participated = line.participated is True
        return
    if not said:
        return
    played: bool | None = True
    if sport == "hockey" and "timeOnIce" in said:
        played = said["timeOnIce"] not in _NO_TIME
    elif sport == "baseball" and "atBats" in said:
        came_up = any(said.get(key, "0") not in ("0", "") for key in ("atBats", "walks"))
        played = True if came_up or line.started else None
    line.participated = True if line.participated is True else played
