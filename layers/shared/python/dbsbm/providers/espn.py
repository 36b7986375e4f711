"""ESPN's public scoreboards over HTTP: undocumented and without a promise, so a second source only.

``GET /apis/site/v2/sports/<sport>/<league>/scoreboard?dates=YYYYMMDD``; the day is one of US Eastern time.
``GET …/summary?event=<id>`` holds the box score of one event.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from dbsbm.core.clock import Clock
from dbsbm.core.errors import ProviderError, ProviderUnavailableError
from dbsbm.core.http import Transport
from dbsbm.providers.errors import ProviderNotFoundError, ProviderRateError, ProviderRequestError
from dbsbm.providers.fetching import REQUEST_S, Served, asked, fetched_now, plain, seconds

PROVIDER = "espn"
_FILE = Path(__file__).parent / "data" / "espn_leagues.json"
_DAYS_OF = ZoneInfo("America/New_York")


@dataclass(frozen=True, slots=True)
class EspnLeague:
    """``path`` is ESPN's name, "football/nfl"; ``league`` ours; ``query`` what a full day's answer takes."""

    path: str
    league: str
    query: Mapping[str, str]

    @property
    def soccer(self) -> bool:
        return self.path.startswith("soccer/")

    @property
    def sport(self) -> str:
        """As the data file of box scores has it."""
        sport = self.path.split("/")[0]
        return "american_football" if sport == "football" else sport


@cache
def espn_leagues() -> tuple[EspnLeague, ...]:
    """All rows of the data file."""
    return tuple(EspnLeague(**row) for row in json.loads(_FILE.read_text()))


def day_of(moment: datetime) -> date:
    """The day under which ESPN lists what starts at ``moment``."""
    return moment.astimezone(_DAYS_OF).date()


class Espn:
    """Fetches scoreboards. There is no key and no quota; a refusal is an answer that the next run may not get."""

    def __init__(self, transport: Transport, base_url: str, clock: Clock, *, timeout_s: float = REQUEST_S) -> None:
        self._transport = transport
        self._base_url = base_url.rstrip("/")
        self._clock = clock
        self._timeout_s = timeout_s

    def scoreboard(self, league: EspnLeague, day: date, etag: str = "") -> Served:
        """The scoreboard of one day, unless it is still the one called ``etag``.

        Raises
        ------
        ProviderError
            One of ``providers.errors``, or ProviderUnavailableError.
        """
        return self._get(
            f"/apis/site/v2/sports/{league.path}/scoreboard", {"dates": f"{day:%Y%m%d}", **league.query}, etag
        )

    def summary(self, league: EspnLeague, event_id: str) -> Served:
        """The box score of one event. Raises as ``scoreboard``."""
        return self._get(f"/apis/site/v2/sports/{league.path}/summary", {"event": event_id})

    def _get(self, path: str, query: Mapping[str, str], etag: str = "") -> Served:
        url = f"{self._base_url}{path}?{urlencode(query)}"
        headers = {"if-none-match": etag} if etag else {}
        response = asked(self._transport, path, url, headers, self._timeout_s)
        if response.status == 304 and etag:
            return Served(b"", fetched_now(self._clock), etag, unchanged=True)
        if response.status != 200:
            raise _refusal(path, response.status, response.headers)
        return Served(plain(path, response), fetched_now(self._clock), response.headers.get("etag", ""))


def _refusal(path: str, status: int, headers: Mapping[str, str]) -> ProviderError:
    detail = f"{path}: {status}"
    if status in (403, 429):
        return ProviderRateError(detail, retry_after_s=seconds(headers.get("retry-after")))
    if status >= 500:
        return ProviderUnavailableError(detail)
    return ProviderNotFoundError(detail) if status == 404 else ProviderRequestError(detail)
