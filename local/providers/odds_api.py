"""The Odds API v4 as a state machine: parameters, refusals, quota headers and formats as the real one has them.

What it serves comes from a :class:`Source`: a recording, or the demo's slate.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from dbsbm.betting.odds import Odds, OddsFormat
from dbsbm.core.clock import Clock
from dbsbm.core.http import HttpRequest, HttpResponse

Json = dict[str, Any]

_FEATURED = ("h2h", "spreads", "totals")
_REGIONS = {"us", "us2", "uk", "eu", "au"}
_FORMATS = {"american": OddsFormat.AMERICAN, "decimal": OddsFormat.DECIMAL}
_COST_OF_SCORES = 2


class Source(Protocol):
    """What a provider knows at a moment, in its own JSON."""

    def sports(self) -> dict[str, str]: ...

    def odds(self, sport_key: str, now: datetime) -> list[Json]: ...

    def players(self, sport_key: str, event_id: str, now: datetime) -> list[Json]:
        """Bookmakers of one game with their markets on players."""
        ...

    def scores(self, sport_key: str, now: datetime, days: int) -> list[Json]: ...


class OddsApiProvider:
    """Answers requests. ``key`` is the only one taken, any when None; ``credits`` is the month's quota."""

    def __init__(self, source: Source, clock: Clock, *, key: str | None = None, credits_: int = 20_000) -> None:
        self.source = source
        self.clock = clock
        self._key = key
        self._credits = credits_
        self._used = 0
        self.requests: list[str] = []
        """Paths asked for, without their query."""

    def spend_all(self) -> None:
        """Use up the month's credits."""
        self._used = self._credits

    def handle(self, request: HttpRequest) -> HttpResponse:
        parts = urlsplit(request.url)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        self.requests.append(parts.path)
        refusal = self._refusal(request.method, query)
        status, document, cost = refusal or self._answer(parts.path, query)
        if self._used + cost > self._credits:
            status, document = _refused(401, "OUT_OF_USAGE_CREDITS", "Usage quota has been reached.")
            cost = 0
        self._used += cost
        return self._response(status, document, cost, request.headers)

    def _refusal(self, method: str, query: Mapping[str, str]) -> tuple[int, Any, int] | None:
        if method != "GET":
            return *_refused(405, "METHOD_NOT_ALLOWED", "Only GET is allowed."), 0
        key = query.get("apiKey")
        if not key:
            return *_refused(401, "MISSING_KEY", "API key is missing."), 0
        if self._key is not None and key != self._key:
            return *_refused(401, "INVALID_KEY", "API key is not valid."), 0
        return None

    def _answer(self, path: str, query: Mapping[str, str]) -> tuple[int, Any, int]:
        match path.strip("/").split("/"):
            case ["v4", "sports"]:
                return 200, [_sport(key, title) for key, title in sorted(self.source.sports().items())], 0
            case ["v4", "sports", sport_key, kind] if kind in ("odds", "scores", "events"):
                if sport_key not in self.source.sports():
                    return *_refused(404, "UNKNOWN_SPORT", "Unknown sport."), 0
                return {"odds": self._odds, "scores": self._scores, "events": self._events}[kind](sport_key, query)
            case ["v4", "sports", sport_key, "events", event_id, "odds"]:
                return self._event_odds(sport_key, unquote(event_id), query)
        return *_refused(404, "NOT_FOUND", "Not found."), 0

    def _event_odds(self, sport_key: str, event_id: str, query: Mapping[str, str]) -> tuple[int, Any, int]:
        regions = set(filter(None, query.get("regions", "").split(",")))
        markets = list(filter(None, query.get("markets", "h2h").split(",")))
        refusal = _unfit(regions, query.get("oddsFormat", "decimal"))
        if refusal is not None:
            return refusal
        now = self.clock.now()
        game = next((game for game in self.source.odds(sport_key, now) if game["id"] == event_id), None)
        if game is None:
            return *_refused(404, "EVENT_NOT_FOUND", "Event not found."), 0
        books = [*game["bookmakers"], *self.source.players(sport_key, event_id, now)]
        found = _priced({**game, "bookmakers": books}, markets, _FORMATS[query.get("oddsFormat", "decimal")])
        offered = {market["key"] for book in found["bookmakers"] for market in book["markets"]}
        return 200, found, len(offered) * len(regions)

    def _odds(self, sport_key: str, query: Mapping[str, str]) -> tuple[int, Any, int]:
        regions = set(filter(None, query.get("regions", "").split(",")))
        markets = list(filter(None, query.get("markets", "h2h").split(",")))
        wanted = query.get("oddsFormat", "decimal")
        refusal = _unfit(regions, wanted)
        if refusal is not None:
            return refusal
        if not set(markets) <= set(_FEATURED):
            return *_refused(422, "INVALID_MARKET", "Markets not supported by this endpoint."), 0
        games = [_priced(game, markets, _FORMATS[wanted]) for game in self.source.odds(sport_key, self.clock.now())]
        return 200, games, len(markets) * len(regions) if games else 0

    def _scores(self, sport_key: str, query: Mapping[str, str]) -> tuple[int, Any, int]:
        days = query.get("daysFrom", "1")
        if days not in ("1", "2", "3"):
            return *_refused(422, "INVALID_SCORES_DAYS_FROM", "Invalid daysFrom parameter."), 0
        return 200, self.source.scores(sport_key, self.clock.now(), int(days)), _COST_OF_SCORES

    def _events(self, sport_key: str, _query: Mapping[str, str]) -> tuple[int, Any, int]:
        games = self.source.odds(sport_key, self.clock.now())
        return 200, [{name: game[name] for name in game if name != "bookmakers"} for game in games], 0

    def _response(self, status: int, document: Any, cost: int, asked: Mapping[str, str]) -> HttpResponse:
        body = json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
        headers = {
            "content-type": "application/json; charset=utf-8",
            "x-requests-remaining": str(self._credits - self._used),
            "x-requests-used": str(self._used),
            "x-requests-last": str(cost),
        }
        if "gzip" in asked.get("accept-encoding", ""):
            body = gzip.compress(body, 6, mtime=0)
            headers["content-encoding"] = "gzip"
        return HttpResponse(status, headers, body)


def _unfit(regions: set[str], odds_format: str) -> tuple[int, Any, int] | None:
    if not regions:
        return *_refused(422, "MISSING_REGION", "regions is missing."), 0
    if not regions <= _REGIONS:
        return *_refused(422, "INVALID_REGION", "Invalid regions parameter."), 0
    if odds_format not in _FORMATS:
        return *_refused(422, "INVALID_ODDS_FORMAT", "Invalid oddsFormat parameter."), 0
    return None


def _refused(status: int, code: str, message: str) -> tuple[int, Json]:
    return status, {"message": message, "error_code": code, "details_url": f"https://the-odds-api.com/#{code.lower()}"}


def _sport(key: str, title: str) -> Json:
    group = key.split("_", maxsplit=1)[0].title()
    return {"key": key, "group": group, "title": title, "description": title, "active": True, "has_outrights": False}


def _priced(game: Json, markets: list[str], wanted: OddsFormat) -> Json:
    books = [
        {
            **book,
            "markets": [
                {**market, "outcomes": [_outcome(outcome, wanted) for outcome in market["outcomes"]]}
                for market in book["markets"]
                if market["key"] in markets
            ],
        }
        for book in game["bookmakers"]
    ]
    return {**game, "bookmakers": [book for book in books if book["markets"]]}


def _outcome(outcome: Json, wanted: OddsFormat) -> Json:
    """An outcome with its price in the format asked for; as it stands when it is in that format already."""
    price = outcome["price"]
    american = abs(price) >= 100
    if american == (wanted is OddsFormat.AMERICAN):
        return outcome
    odds = Odds.from_american(price) if american else Odds.from_fraction(Fraction(str(price)))
    value = odds.value(wanted)
    return {**outcome, "price": round(value) if wanted is OddsFormat.AMERICAN else float(round(value, 2))}
