"""Scoreboards of ESPN as reports. The shape is as observed: ``events[].competitions[0].{competitors, status}``."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dbsbm.games.model import EventReport, EventState
from dbsbm.providers.errors import ProviderDocumentError
from dbsbm.providers.espn import PROVIDER, EspnLeague
from dbsbm.providers.reading import Read, count, mapping, moment, read_entries, read_json, text

_MAX_ID = 64
_MAX_TEAM = 100
_MAX_SCORE = 10_000
_MAX_PERIODS = 40
_REGULATION_HALVES = 2
_STATES = {"pre": EventState.SCHEDULED, "in": EventState.LIVE, "post": EventState.FINAL}
_NAMED = {
    "STATUS_POSTPONED": EventState.POSTPONED,
    "STATUS_CANCELED": EventState.CANCELLED,
    "STATUS_FORFEIT": EventState.CANCELLED,
    "STATUS_ABANDONED": EventState.SUSPENDED,
    "STATUS_SUSPENDED": EventState.SUSPENDED,
}
"""Statuses whose ``state`` says less than their name: a postponed game is ``post``, a suspended one ``in`` or ``post``.

Whether an abandoned or forfeited game counts is for the rules and a person, so neither is a final score.
"""
AFTER_REGULATION = frozenset({"STATUS_FINAL_AET", "STATUS_FINAL_PEN"})


def read_scoreboard(body: bytes, league: EspnLeague, fetched_at: datetime) -> Read[EventReport]:
    """The games of a scoreboard.

    Raises
    ------
    ProviderDocumentError
        When the document as a whole is not a scoreboard.
    """
    document = mapping(read_json(body), "scoreboard")
    return read_entries(document.get("events"), lambda entry, _: _event(entry, league, fetched_at))


def _event(entry: Any, league: EspnLeague, fetched_at: datetime) -> EventReport:
    fields = mapping(entry, "event")
    event_id = text(fields, "id", _MAX_ID)
    try:
        return _report(event_id, fields, league, fetched_at)
    except ProviderDocumentError as error:
        raise ProviderDocumentError(f"{event_id}: {error.detail}") from error


def _report(event_id: str, fields: dict[str, Any], league: EspnLeague, fetched_at: datetime) -> EventReport:
    competition = _first(fields.get("competitions"), "competitions")
    sides = _competitors(competition)
    status = mapping(competition.get("status") or fields.get("status"), "status")
    kind = mapping(status.get("type"), "status type")
    state = _state(kind)
    home, away = sides["home"], sides["away"]
    home_periods, away_periods = _periods(home), _periods(away)
    scores: tuple[int | None, int | None] = (None, None)
    if state in (EventState.LIVE, EventState.SUSPENDED, EventState.FINAL):
        scores = _score(home), _score(away)
        if league.soccer and kind.get("name") in AFTER_REGULATION:
            scores = _regulation(home_periods), _regulation(away_periods)
    return EventReport(
        PROVIDER,
        event_id,
        league.league,
        _names(home),
        _names(away),
        moment(competition if competition.get("date") else fields, "date"),
        fetched_at,
        state,
        *scores,
        home_periods,
        away_periods,
    )


def _state(kind: dict[str, Any]) -> EventState:
    named = _NAMED.get(str(kind.get("name")))
    if named is not None:
        return named
    state = _STATES.get(str(kind.get("state")))
    if state is None:
        raise ProviderDocumentError(f"state {str(kind.get('state'))[:40]!r} is none we know")
    if state is EventState.FINAL and kind.get("completed") is not True:
        return EventState.LIVE
    return state


def _competitors(competition: dict[str, Any]) -> dict[str, dict[str, Any]]:
    rows = competition.get("competitors")
    if not isinstance(rows, list) or len(rows) != 2:
        raise ProviderDocumentError("competitors are not two")
    sides = {str(row.get("homeAway")): row for row in (mapping(row, "competitor") for row in rows)}
    if sides.keys() != {"home", "away"}:
        raise ProviderDocumentError(f"competitors are {sorted(sides)}")
    return sides


def _names(competitor: dict[str, Any]) -> tuple[str, ...]:
    team = mapping(competitor.get("team") or competitor.get("athlete"), "team")
    names = [text(team, "displayName", _MAX_TEAM)]
    for key in ("shortDisplayName", "location", "name"):
        other = team.get(key)
        if isinstance(other, str) and 0 < len(other) <= _MAX_TEAM and other not in names:
            names.append(other)
    return tuple(names)


def _score(competitor: dict[str, Any]) -> int:
    """A score is text, "24", on the scoreboard; an object with a value elsewhere."""
    given = competitor.get("score")
    points = count(given.get("value") if isinstance(given, dict) else given, _MAX_SCORE)
    if points is None:
        raise ProviderDocumentError(f"score {str(given)[:40]!r} is not a number of points")
    return points


def _periods(competitor: dict[str, Any]) -> tuple[int, ...]:
    rows = competitor.get("linescores") or []
    if not isinstance(rows, list) or len(rows) > _MAX_PERIODS:
        return ()
    points = [count(row.get("value"), _MAX_SCORE) if isinstance(row, dict) else None for row in rows]
    found = tuple(each for each in points if each is not None)
    return found if len(found) == len(rows) else ()


def _regulation(periods: tuple[int, ...]) -> int:
    """Soccer is settled on ninety minutes; the score there includes extra time."""
    if len(periods) < _REGULATION_HALVES:
        raise ProviderDocumentError("ended after extra time, and the halves are not told")
    return sum(periods[:_REGULATION_HALVES])


def _first(rows: Any, what: str) -> dict[str, Any]:
    if not isinstance(rows, list) or not rows:
        raise ProviderDocumentError(f"{what} is empty")
    return mapping(rows[0], what)
