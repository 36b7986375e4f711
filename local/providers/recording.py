"""A recorded season in The Odds API's shape, moved to another time: what its books and scores say at any moment.

A recording is a folder with ``odds_*.json`` and ``scores.json``. A bookmaker's prices appear at their ``last_update``,
a final score at its own. Pure: the clock is the caller's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

Json = dict[str, Any]

DAY = timedelta(days=1)
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Appearance:
    """Something that becomes known at ``at``: a bookmaker's prices of a game, or its final score."""

    at: datetime
    kind: str
    """``odds`` or ``score``."""
    game: str
    """"Buffalo Bills @ Los Angeles Rams"."""
    event_id: str
    what: str
    """The bookmaker, or the score as "31–10"."""


class Recording:
    """The documents of a folder, every time in them moved by ``shift``."""

    def __init__(self, events: Sequence[Json], shift: timedelta = timedelta(0)) -> None:
        """``events`` as :func:`read_events` gives them."""
        self.shift = shift
        self._events = sorted((_moved(event, shift) for event in events), key=lambda event: event["commence_time"])
        self.appearances = tuple(sorted(_appearances(self._events), key=lambda appearance: appearance.at))

    @classmethod
    def load(cls, directory: Path, shift: timedelta = timedelta(0)) -> Recording:
        return cls(read_events(directory), shift)

    @classmethod
    def starting(cls, directory: Path, now: datetime) -> Recording:
        """The recording moved so that its first week starts at ``now``: see :func:`shift_to`."""
        events = read_events(directory)
        recording = cls(events)
        first_start = datetime.fromisoformat(recording._events[0]["commence_time"])
        return cls(events, shift_to(recording.appearances[0].at, first_start, now))

    def documents_until(self, now: datetime) -> tuple[Appearance, ...]:
        """What has appeared by ``now``, oldest first."""
        return tuple(appearance for appearance in self.appearances if appearance.at <= now)

    def sports(self) -> dict[str, str]:
        """Titles by sport key."""
        return {event["sport_key"]: event["sport_title"] for event in self._events}

    def odds(self, sport_key: str, now: datetime) -> list[Json]:
        """Games that somebody prices and that are not over, with the books that have appeared."""
        found = []
        for event in self._events:
            books = [book for book in event["bookmakers"] if _seen(book["last_update"], now)]
            over = event["scores"] is not None and _seen(event["scored_at"], now)
            if event["sport_key"] == sport_key and books and not over:
                found.append({**_facts(event), "bookmakers": books})
        return found

    def players(self, _sport_key: str, _event_id: str, _now: datetime) -> list[Json]:
        """None: the recordings have no markets on players."""
        return []

    def scores(self, sport_key: str, now: datetime, days: int) -> list[Json]:
        """Games known by now: without a score until it appears, gone ``days`` days after their start."""
        found = []
        for event in self._events:
            start = datetime.fromisoformat(event["commence_time"])
            known = any(_seen(book["last_update"], now) for book in event["bookmakers"]) or start <= now
            if event["sport_key"] != sport_key or not known or start < now - days * DAY:
                continue
            over = event["scores"] is not None and _seen(event["scored_at"], now)
            found.append(
                {
                    **_facts(event),
                    "completed": over,
                    "scores": event["scores"] if over else None,
                    "last_update": event["scored_at"] if over else None,
                }
            )
        return found


def read_events(directory: Path) -> list[Json]:
    """The folder's documents, one entry per game with all its bookmakers and its final score.

    Raises
    ------
    FileNotFoundError
        When the folder is no recording.
    """
    files = sorted(directory.glob("odds_*.json"))
    if not files:
        raise FileNotFoundError(f"{directory} is no recording: it has no odds_*.json")
    events: dict[str, Json] = {}
    for file in files:
        for entry in json.loads(file.read_text()):
            event = events.setdefault(entry["id"], {**_facts(entry), "bookmakers": [], "scores": None})
            event["bookmakers"].extend(entry["bookmakers"])
    for entry in json.loads((directory / "scores.json").read_text()):
        event = events.setdefault(entry["id"], {**_facts(entry), "bookmakers": [], "scores": None})
        if entry["completed"]:
            event.update(scores=entry["scores"], scored_at=entry["last_update"])
    return list(events.values())


def shift_to(first_document: datetime, first_start: datetime, now: datetime) -> timedelta:
    """By how much to move a recording so that its first documents are just out and its first games ahead.

    Whole weeks, which keep weekday and time of day, when that leaves the first start ahead; else whole days.
    """
    weeks = (now - first_document) // WEEK * WEEK
    return weeks if first_start + weeks > now else (now - first_document) // DAY * DAY


def _facts(entry: Json) -> Json:
    names = ("id", "sport_key", "sport_title", "commence_time", "home_team", "away_team")
    return {name: entry[name] for name in names}


def _moved(event: Json, shift: timedelta) -> Json:
    moved = {**event, "commence_time": _later(event["commence_time"], shift)}
    moved["bookmakers"] = [
        {
            **book,
            "last_update": _later(book["last_update"], shift),
            "markets": [{**market, "last_update": _later(market["last_update"], shift)} for market in book["markets"]],
        }
        for book in event["bookmakers"]
    ]
    if event["scores"] is not None:
        moved["scored_at"] = _later(event["scored_at"], shift)
    return moved


def _later(text: str, shift: timedelta) -> str:
    return (datetime.fromisoformat(text) + shift).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _seen(text: str, now: datetime) -> bool:
    return datetime.fromisoformat(text) <= now


def _appearances(events: Sequence[Json]) -> Iterator[Appearance]:
    for event in events:
        game = f"{event['away_team']} @ {event['home_team']}"
        for book in event["bookmakers"]:
            yield Appearance(datetime.fromisoformat(book["last_update"]), "odds", game, event["id"], book["key"])
        if event["scores"] is not None:
            points = {row["name"]: row["score"] for row in event["scores"]}
            score = f"{points[event['away_team']]}–{points[event['home_team']]}"
            yield Appearance(datetime.fromisoformat(event["scored_at"]), "score", game, event["id"], score)
