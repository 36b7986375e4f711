"""Whether a value that others made opens what it should: one cheap question to whoever made it.

Discord: "Get Current Application". The Odds API: "GET sports", which costs no credits. WeatherAPI.com: "Realtime API".
API-Sports: "/status", which does not count. Addresses with a key in them never reach an error's text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from dbsbm.core.http import HttpRequest, HttpResponse, Transport, TransportError
from dbsbm.core.settings import Settings
from dbsbm.discord.rest import USER_AGENT
from dbsbm.rotation.errors import RotationError, UnhealthyError
from dbsbm.rotation.staged import Check

_TIMEOUT_S = 8.0
_REFUSED = frozenset({400, 401, 403})
_SPORT_HOST = "v1.american-football"


@dataclass(frozen=True, slots=True)
class Checks:
    """By the secret's setting name; None where there is nobody to ask: no address is set, or the secret is our own."""

    transport: Transport
    settings: Settings

    def of(self, name: str) -> Check | None:
        address, check = self._known().get(name, ("", None))
        return check if address else None

    def unused(self, name: str) -> bool:
        """Whether it is the key of a provider that is not asked."""
        return name in self._known() and self.of(name) is None

    def _known(self) -> Mapping[str, tuple[str, Check]]:
        settings = self.settings
        return {
            "discord_bot_token": (settings.discord_api_base_url, self._discord),
            "odds_api_key": (settings.odds_api_base_url, self._odds_api),
            "weather_api_key": (settings.weather_api_base_url, self._weather_api),
            "api_sports_key": (settings.api_sports_base_url, self._api_sports),
        }

    def _discord(self, value: str) -> None:
        headers = {"authorization": f"Bot {value}", "user-agent": USER_AGENT}  # without one Discord refuses any token
        answer = self._ask(f"{self.settings.discord_api_base_url}/applications/@me", headers)
        wanted = self.settings.discord_application_id
        if wanted and str(_document(answer).get("id")) != wanted:
            raise UnhealthyError("the token is another application's")

    def _odds_api(self, value: str) -> None:
        self._ask(f"{self.settings.odds_api_base_url}/v4/sports?apiKey={quote(value, safe='')}", {})

    def _weather_api(self, value: str) -> None:
        self._ask(f"{self.settings.weather_api_base_url}/v1/current.json?key={quote(value, safe='')}&q=0,0", {})

    def _api_sports(self, value: str) -> None:
        base = self.settings.api_sports_base_url.replace("{host}", _SPORT_HOST)
        if _document(self._ask(f"{base}/status", {"x-apisports-key": value})).get("errors"):
            raise UnhealthyError("the key is refused")

    def _ask(self, url: str, headers: Mapping[str, str]) -> HttpResponse:
        request = HttpRequest("GET", url, {"accept": "application/json", **headers}, timeout_s=_TIMEOUT_S)
        try:
            answer = self.transport(request)
        except TransportError as error:
            raise RotationError("nobody answered: not tested") from error
        if answer.status in _REFUSED:
            raise UnhealthyError(f"the value is refused: status {answer.status}")
        if answer.status != 200:
            raise RotationError(f"not tested: status {answer.status}")
        return answer


def _document(answer: HttpResponse) -> Mapping[str, object]:
    try:
        found = json.loads(answer.body)
    except ValueError as error:
        raise RotationError("not tested: the answer is no JSON") from error
    return found if isinstance(found, dict) else {}
