"""The Odds API v4 over HTTP. Reference: https://the-odds-api.com/liveapi/guides/v4/ and its page of error codes."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode

from dbsbm.core.errors import ProviderError, ProviderUnavailableError
from dbsbm.core.http import HttpResponse
from dbsbm.providers.errors import (
    ProviderDocumentError,
    ProviderKeyError,
    ProviderNotFoundError,
    ProviderQuotaError,
    ProviderRateError,
    ProviderRequestError,
)
from dbsbm.providers.fetching import Client, asked, fetched_now, plain, seconds
from dbsbm.providers.leagues import FeedLeague
from dbsbm.providers.reading import read_json

PROVIDER = "the_odds_api"
SCORE_DAYS = 3
"""The provider keeps final scores three days."""


@dataclass(frozen=True, slots=True)
class Quota:
    """Credits of the provider's month as its headers tell them; None where a header was missing."""

    remaining: int | None
    used: int | None
    last: int | None


@dataclass(frozen=True, slots=True)
class Document:
    """A body as it was served, and when."""

    body: bytes
    fetched_at: datetime
    quota: Quota


class OddsApi(Client):
    """Fetches documents. The key travels in the query, so no URL of ours is ever put into an error or a log."""

    def active_sports(self) -> tuple[frozenset[str], Quota]:
        """Sport keys in season. Costs no credit.

        Raises
        ------
        ProviderError
            One of ``providers.errors``, or ProviderUnavailableError.
        """
        document = self._get("/v4/sports", {})
        rows = read_json(document.body)
        if not isinstance(rows, list):
            raise ProviderDocumentError("sports: not a list")
        active = {row.get("key") for row in rows if isinstance(row, dict) and row.get("active")}
        return frozenset(key for key in active if isinstance(key, str)), document.quota

    def odds(self, league: FeedLeague) -> Document:
        """Games that have not ended, with their featured markets. A credit per market and region, none when empty.

        Raises as ``active_sports``.
        """
        query = {
            "regions": league.regions,
            "markets": league.markets,
            "oddsFormat": league.odds_format,
            "dateFormat": "iso",
        }
        return self._get(f"/v4/sports/{league.sport_key}/odds", query)

    def event_odds(self, league: FeedLeague, event_id: str, markets: Sequence[str]) -> Document:
        """One game with any markets, here those on players. Costs a credit per market and region that has prices.

        Raises as ``active_sports``.
        """
        query = {
            "regions": league.regions,
            "markets": ",".join(markets),
            "oddsFormat": league.odds_format,
            "dateFormat": "iso",
        }
        return self._get(f"/v4/sports/{league.sport_key}/events/{quote(event_id, safe='')}/odds", query)

    def scores(self, league: FeedLeague) -> Document:
        """Scores of running games and of those ended in the last three days. Costs 2 credits.

        Raises as ``active_sports``.
        """
        query = {"daysFrom": str(SCORE_DAYS), "dateFormat": "iso"}
        return self._get(f"/v4/sports/{league.sport_key}/scores", query)

    def _get(self, path: str, query: Mapping[str, str]) -> Document:
        url = f"{self._base_url}{path}?{urlencode({'apiKey': self._key(), **query})}"
        response = asked(self._transport, path, url, {}, self._timeout_s)
        if response.status != 200:
            raise _refusal(path, response)
        return Document(plain(path, response), fetched_now(self._clock), _quota(response.headers))


def _refusal(path: str, response: HttpResponse) -> ProviderError:
    code, message = _said(response)
    detail = f"{path}: {response.status} {code} {message}".rstrip()
    if response.status == 401:
        used_up = code == "OUT_OF_USAGE_CREDITS" or _quota(response.headers).remaining == 0
        return ProviderQuotaError(detail) if used_up else ProviderKeyError(detail)
    if response.status == 429:
        return ProviderRateError(detail, retry_after_s=seconds(response.headers.get("retry-after")))
    if response.status >= 500:
        return ProviderUnavailableError(detail)
    known = {404: ProviderNotFoundError, 400: ProviderRequestError, 422: ProviderRequestError}
    return known.get(response.status, ProviderError)(detail)


def _said(response: HttpResponse) -> tuple[str, str]:
    """Error code and message of a refusal's body, as far as it has them."""
    try:
        body = json.loads(gzip.decompress(response.body) if response.body[:2] == b"\x1f\x8b" else response.body)
    except (ValueError, OSError, EOFError, zlib.error):
        return "", ""
    if not isinstance(body, dict):
        return "", ""
    return str(body.get("error_code") or ""), str(body.get("message") or "")[:200]


def _quota(headers: Mapping[str, str]) -> Quota:
    return Quota(*(_count(headers.get(f"x-requests-{name}")) for name in ("remaining", "used", "last")))


def _count(text: str | None) -> int | None:
    try:
        return None if text is None else int(float(text))
    except (ValueError, OverflowError):
        return None
