"""API-Sports over HTTP, one adapter for its sports. Reference: https://api-sports.io/documentation, one page per sport.

The key goes in the header ``x-apisports-key`` and nothing else may be added. A key that is refused, a used-up quota and
a plan that does not cover a day are all answered with status 200 and ``errors`` filled.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode

from dbsbm.core.clock import Clock
from dbsbm.core.errors import ProviderError, ProviderUnavailableError
from dbsbm.core.http import Transport
from dbsbm.providers.errors import (
    ProviderKeyError,
    ProviderNotFoundError,
    ProviderQuotaError,
    ProviderRateError,
    ProviderRequestError,
)
from dbsbm.providers.fetching import REQUEST_S, Client, Served, asked, fetched_now, plain, seconds
from dbsbm.providers.reading import count, mapping, read_json

PROVIDER = "api_sports"
Shape = Literal["football", "american_football", "basketball", "baseball", "hockey", "mma", "formula_1"]
_FILE = Path(__file__).parent / "data" / "api_sports.json"
_MOST = 1_000_000
_ERRORS: tuple[tuple[str, type[ProviderError]], ...] = (
    ("token", ProviderKeyError),
    ("access", ProviderKeyError),
    ("plan", ProviderKeyError),
    ("requests", ProviderQuotaError),
    ("rateLimit", ProviderRateError),
    ("bug", ProviderUnavailableError),
    ("report", ProviderUnavailableError),
)
"""Keys of ``errors``; any other names a parameter of ours."""


@dataclass(frozen=True, slots=True)
class SportHost:
    """A sport's own host with its own quota. ``leagues``: the provider's number by our league.

    A fight and a race name no league there: all of a host's are one league here, and its number means nothing.
    """

    host: str
    path: str
    shape: Shape
    leagues: Mapping[str, int]


@cache
def sport_hosts() -> tuple[SportHost, ...]:
    """All rows of the data file."""
    return tuple(SportHost(host, **row) for host, row in json.loads(_FILE.read_text()).items())


class ApiSports(Client):
    """Fetches a sport's games of a day, all leagues in one request."""

    def __init__(
        self,
        transport: Transport,
        base_url: str,
        key: Callable[[], str],
        clock: Clock,
        *,
        timeout_s: float = REQUEST_S,
    ) -> None:
        """``base_url`` holds ``{host}`` where a sport's host stands."""
        super().__init__(transport, base_url, key, clock, timeout_s=timeout_s)
        self.requests = 0
        self.remaining: int | None = None
        """Requests left today at the host asked last, as its headers say."""

    def games(self, sport: SportHost, day: date) -> Served:
        """Every game that starts on a UTC day; one of the day's requests.

        Raises
        ------
        ProviderError
            One of ``providers.errors``, or ProviderUnavailableError.
        """
        query = {"date": f"{day:%Y-%m-%d}", "timezone": "UTC"}
        return self._get(sport, sport.path, {**query, "type": "Race"} if sport.shape == "formula_1" else query)

    def season(self, sport: SportHost, year: int) -> Served:
        """Every race of a season; one of the day's requests. Raises as ``games``."""
        return self._get(sport, sport.path, {"season": f"{year}", "timezone": "UTC", "type": "Race"})

    def players(self, sport: SportHost, path: str, number: str) -> Served:
        """What the players of one event did; one of the day's requests. Raises as ``games``."""
        return self._get(sport, path, {"race" if sport.shape == "formula_1" else "id": number})

    def _get(self, sport: SportHost, path: str, query: Mapping[str, str]) -> Served:
        url = f"{self._base_url.replace('{host}', sport.host)}{path}?{urlencode(query)}"
        where = f"{sport.host}{path}"
        self.requests += 1
        response = asked(self._transport, where, url, {"x-apisports-key": self._key()}, self._timeout_s)
        self.remaining = count(response.headers.get("x-ratelimit-requests-remaining"), _MOST)
        if response.status != 200:
            raise _refusal(where, response.status, response.headers)
        body = plain(where, response)
        _check(where, mapping(read_json(body), "envelope").get("errors"))
        return Served(body, fetched_now(self._clock))


def _check(where: str, errors: Any) -> None:
    """``errors`` is an empty list or object when all is well, else an object or list of sentences."""
    if not errors:
        return
    said = errors if isinstance(errors, dict) else {"": errors}
    detail = f"{where}: {json.dumps(said)[:300]}"
    for key, error in _ERRORS:
        if key in said:
            raise error(detail)
    raise ProviderRequestError(detail)


def _refusal(where: str, status: int, headers: Mapping[str, str]) -> ProviderError:
    detail = f"{where}: {status}"
    if status in (401, 403):
        return ProviderKeyError(detail)
    if status == 429:
        return ProviderRateError(detail, retry_after_s=seconds(headers.get("retry-after")))
    if status >= 500 or status == 499:  # 499: their own time-out
        return ProviderUnavailableError(detail)
    return ProviderNotFoundError(detail) if status == 404 else ProviderRequestError(detail)
