"""ESPN's scoreboards over the same games: the shape as observed, the names and numbers of the odds provider's source.

A source knows scores when games are over, so nothing is served as in progress unless it is ordered.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from dbsbm.core.clock import Clock
from dbsbm.core.http import HttpRequest, HttpResponse
from dbsbm.providers.espn import day_of, espn_leagues
from dbsbm.providers.leagues import feed_leagues
from local.providers.odds_api import Json, Source

PREFIX = "/apis/site/v2/sports/"
_SCORE_DAYS = 3
_TYPES = {
    "scheduled": ("1", "STATUS_SCHEDULED", "pre", False),
    "in": ("2", "STATUS_IN_PROGRESS", "in", False),
    "final": ("3", "STATUS_FINAL", "post", True),
    "postponed": ("6", "STATUS_POSTPONED", "post", False),
    "canceled": ("5", "STATUS_CANCELED", "post", False),
    "suspended": ("49", "STATUS_SUSPENDED", "in", False),
}


class EspnProvider:
    """Answers scoreboards and summaries. ``orders`` change what is said of an event: see :meth:`order`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._orders: dict[str, Json] = {}
        keys = {row.league: row.sport_key for row in feed_leagues()}
        self._sport_keys = {row.path: keys[row.league] for row in espn_leagues()}

    def order(self, home: str, **facts: Any) -> None:
        """From now on say of the home team's next or last event: ``state``, ``date``, ``score`` (home, away),
        ``periods`` (home, away), ``name`` (of the home team), ``box`` (``boxscore.players`` of its summary).
        """
        self._orders.setdefault(home, {}).update(facts)

    def handle(self, source: Source, request: HttpRequest) -> HttpResponse:
        parts = urlsplit(request.url)
        path, _, what = parts.path.removeprefix(PREFIX).rpartition("/")
        sport_key = self._sport_keys.get(path)
        if sport_key is None or what not in ("scoreboard", "summary"):
            return _not_found()
        if what == "summary":
            return self._summary(source, sport_key, parse_qs(parts.query).get("event", [""])[-1])
        wanted = parse_qs(parts.query).get("dates", [f"{day_of(self._clock.now()):%Y%m%d}"])[-1]
        events = [] if sport_key not in source.sports() else list(self._events(source, sport_key, wanted))
        board = {"leagues": [{"slug": path.split("/")[-1]}], "day": {"date": wanted}, "events": events}
        return _named(request, _answer(200, board))

    def _summary(self, source: Source, sport_key: str, wanted: str) -> HttpResponse:
        """The box score as ordered, of an event that is there."""
        for game in self._games(source, sport_key):
            event = self._event(game)
            if event["id"] == wanted:
                players = self._orders.get(game["home_team"], {}).get("box", [])
                header = {"id": wanted, "competitions": event["competitions"]}
                return _answer(200, {"boxscore": {"teams": [], "players": players}, "header": header})
        return _not_found()

    def _games(self, source: Source, sport_key: str) -> list[Json]:
        now = self._clock.now()
        games = {game["id"]: game for game in source.odds(sport_key, now)}
        games |= {game["id"]: game for game in source.scores(sport_key, now, _SCORE_DAYS)}
        return sorted(games.values(), key=lambda game: (game["commence_time"], game["id"]))

    def _events(self, source: Source, sport_key: str, wanted: str) -> Iterator[Json]:
        for game in self._games(source, sport_key):
            event = self._event(game)
            if f"{day_of(datetime.fromisoformat(event['date'])):%Y%m%d}" == wanted:
                yield event

    def _event(self, game: Json) -> Json:
        order: Json = self._orders.get(game["home_team"], {})
        points = {row["name"]: row["score"] for row in game.get("scores") or ()}
        state = order.get("state", "final" if points else "scheduled")
        start = datetime.fromisoformat(str(order.get("date", game["commence_time"])))
        home, away = order.get("score", (points.get(game["home_team"], "0"), points.get(game["away_team"], "0")))
        periods = order.get("periods", ((), ()))
        sides = [
            _competitor("home", str(order.get("name", game["home_team"])), home, periods[0]),
            _competitor("away", game["away_team"], away, periods[1]),
        ]
        date = f"{start:%Y-%m-%dT%H:%MZ}"
        number, name, phase, completed = _TYPES[state]
        status = {"type": {"id": number, "name": name, "state": phase, "completed": completed}}
        event_id = str(400_000_000 + zlib.crc32(game["id"].encode()) % 100_000_000)
        competition = {"id": event_id, "date": date, "neutralSite": False, "competitors": sides, "status": status}
        title = f"{game['away_team']} at {game['home_team']}"
        return {"id": event_id, "date": date, "name": title, "competitions": [competition], "status": status}


def _competitor(where: str, name: str, score: object, periods: tuple[int, ...]) -> Json:
    built: Json = {
        "homeAway": where,
        "team": {
            "displayName": name,
            "shortDisplayName": name.rsplit(maxsplit=1)[-1],
            "name": name.rsplit(maxsplit=1)[-1],
        },
        "score": str(score),
    }
    return {**built, "linescores": [{"value": float(points)} for points in periods]} if periods else built


def _named(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """The answer with its entity tag, or that it is the one the caller has."""
    etag = f'W/"{zlib.crc32(answer.body):08x}"'
    if request.headers.get("if-none-match") == etag:
        return HttpResponse(304, {"etag": etag})
    return HttpResponse(answer.status, {**answer.headers, "etag": etag}, answer.body)


def _not_found() -> HttpResponse:
    return _answer(404, {"code": 404, "message": "Not Found"})


def _answer(status: int, document: Json) -> HttpResponse:
    body = json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
    return HttpResponse(status, {"content-type": "application/json;charset=UTF-8"}, body)
