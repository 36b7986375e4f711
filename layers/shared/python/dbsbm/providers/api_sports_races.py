"""Formula 1 of API-Sports: the season's races, a race's state, and who came in where.

``/races?season=|date=`` lists races, ``/rankings/races?race=`` is one race's classification, in which every driver has
a place of his own. Reference: https://api-sports.io/documentation/formula-1/v1.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from dbsbm.games.facts.model import FINISH, PlayerLine, Q
from dbsbm.games.model import EventReport, EventState, GameReport
from dbsbm.providers.api_sports import PROVIDER, SportHost
from dbsbm.providers.errors import ProviderDocumentError
from dbsbm.providers.reading import Read, count, mapping, moment, read_entries, read_json, text

LISTED = timedelta(days=60)
"""Races further ahead are not taken in yet: a calendar still changes then."""
_MAX_ID = 10**9
_MAX_PLACE = 60
_MAX_NAME = 100
_STATES = {
    **dict.fromkeys(("scheduled", "not started", "upcoming"), EventState.SCHEDULED),
    **dict.fromkeys(("live", "in progress"), EventState.LIVE),
    **dict.fromkeys(("suspended", "interrupted"), EventState.SUSPENDED),
    "completed": EventState.FINAL,
    "postponed": EventState.POSTPONED,
    **dict.fromkeys(("cancelled", "canceled"), EventState.CANCELLED),
}


def race_event(fields: dict[str, Any], sport: SportHost, league: str, fetched_at: datetime) -> EventReport | None:
    """A race's state; None of a qualifying, a sprint or a practice. A race has no score: nil to nil says it is over.

    Raises
    ------
    ProviderDocumentError
        Naming what cannot be read.
    """
    if fields.get("type") != "Race":
        return None
    status = str(fields.get("status")).lower()
    if status not in _STATES:
        raise ProviderDocumentError(f"status {status[:20]!r} is none we know")
    state = _STATES[status]
    score = 0 if state is EventState.FINAL else None
    return EventReport(
        PROVIDER,
        f"{sport.host}-{_number(fields)}",
        league,
        (_name(fields),),
        ("",),
        moment(fields, "date"),
        fetched_at,
        state,
        score,
        score,
    )


def read_calendar(body: bytes, sport: SportHost, league: str, fetched_at: datetime) -> Read[GameReport]:
    """The season's races of the next sixty days and the last four, as games without a visiting side.

    Raises
    ------
    ProviderDocumentError
        When the document as a whole is not an envelope.
    """

    def entry(row: Any, _problems: object) -> GameReport | None:
        event = race_event(mapping(row, "race"), sport, league, fetched_at)
        if event is None or not fetched_at - timedelta(days=4) <= event.starts_at <= fetched_at + LISTED:
            return None
        if event.state in (EventState.POSTPONED, EventState.CANCELLED):
            return None  # the day's document says so of a race that is known
        return GameReport(PROVIDER, event.provider_game_id, league, event.home[0], "", event.starts_at, fetched_at)

    return read_entries(mapping(read_json(body), "envelope").get("response"), entry)


def classification(rows: list[Any]) -> list[PlayerLine]:
    """Who came in where. Raises ProviderDocumentError where two share a place, which no race has."""
    lines: list[PlayerLine] = []
    for row in rows:
        fields = mapping(row, "place")
        place = count(fields.get("position"), _MAX_PLACE)
        if not place:
            continue  # who has no place is not told of
        driver = text(mapping(fields.get("driver"), "driver"), "name", _MAX_NAME)
        team = str(mapping(fields.get("team") or {}, "team").get("name") or "")[:_MAX_NAME]
        lines.append(PlayerLine(driver, team, True, True, {FINISH: place * Q}))
    if len({line.stats[FINISH] for line in lines}) < len(lines):
        raise ProviderDocumentError("two drivers share a place")
    return lines


def _number(fields: dict[str, Any]) -> int:
    number = count(fields.get("id"), _MAX_ID)
    if number is None:
        raise ProviderDocumentError(f"id {fields.get('id')!r} is not a number")
    return number


def _name(fields: dict[str, Any]) -> str:
    return text(mapping(fields.get("competition"), "competition"), "name", _MAX_NAME)
