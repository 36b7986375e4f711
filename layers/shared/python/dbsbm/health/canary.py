"""An interaction of our own, each minute, by the road that people's take; and whether Discord still points at us.

Discord is asked where it sends interactions; a PING and a command go there, signed with a key of the canary's own. Only
a front door of ours takes that key, and for nothing but a PING and the canary's guild (``CANARY_PUBLIC_KEY``,
``CANARY_GUILD_ID`` of the front door), so an answer shows that the address is ours, and that command and database work.
"""

from __future__ import annotations

import base64
import json
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from nacl.bindings import crypto_sign, crypto_sign_seed_keypair

from dbsbm.core import metrics
from dbsbm.core.clock import Clock
from dbsbm.core.errors import DiscordError
from dbsbm.core.http import HttpRequest, HttpResponse, Transport, TransportError
from dbsbm.core.ids import Ids
from dbsbm.discord.rest import DiscordClient
from dbsbm.environment import Environment

logger = logging.getLogger(__name__)

COMMAND = "tier"
"""It reads the database, is answered at once, and changes nothing."""
WITHIN_S = 3.0
"""As long as Discord waits."""
_MANAGE_GUILD = "32"
_PONG, _MESSAGE = 1, 4

Json = dict[str, Any]
Answered = Callable[[str], bool]
"""Whether a text is what the command answers, and not an apology."""


class Flight(NamedTuple):
    """One run. ``failed`` is where it ended: ``endpoint``, ``ping``, ``command``; empty when all is well."""

    failed: str = ""
    reason: str = ""
    took_ms: float = 0.0


class Canary(NamedTuple):
    """Whose key it is (32 bytes, its seed) and where it lives."""

    seed: bytes
    guild_id: str
    application_id: str
    transport: Transport
    clock: Clock
    ids: Ids

    def fly(self, url: str, answered: Answered) -> Flight:
        """A PING and a command to ``url``."""
        pong = self._sent(url, {"type": 1, "id": str(self.ids.new())})
        if isinstance(pong, str) or pong.get("type") != _PONG:
            return Flight("ping", pong if isinstance(pong, str) else "no PONG")
        began = time.perf_counter()
        answer = self._sent(url, self._interaction())
        took_ms = (time.perf_counter() - began) * 1000
        if isinstance(answer, str):
            return Flight("command", answer, took_ms)
        if answer.get("type") != _MESSAGE or not any(answered(text) for text in _texts(answer.get("data", {}))):
            return Flight("command", f"answered with type {answer.get('type')}", took_ms)
        return Flight(took_ms=took_ms)

    def _interaction(self) -> Json:
        number = str(self.ids.new())
        user = {"id": self.application_id, "username": "canary", "discriminator": "0", "avatar": None}
        member: Json = {"user": user, "roles": [], "permissions": _MANAGE_GUILD, "nick": None, "joined_at": None}
        return {
            "id": number,
            "application_id": self.application_id,
            "type": 2,
            "token": f"canary-{number}",
            "version": 1,
            "guild_id": self.guild_id,
            "guild": {"id": self.guild_id, "locale": "en-US", "features": []},
            "channel_id": self.guild_id,
            "channel": {"id": self.guild_id, "type": 0, "name": "canary"},
            "member": member,
            "locale": "en-US",
            "guild_locale": "en-US",
            "app_permissions": "0",
            "entitlements": [],
            "authorizing_integration_owners": {"0": self.guild_id},
            "context": 0,
            "data": {"id": number, "name": COMMAND, "type": 1, "options": []},
        }

    def _sent(self, url: str, document: Mapping[str, Any]) -> Json | str:
        """The answer, or why there is none that can be used."""
        body = json.dumps(document, separators=(",", ":")).encode()
        stamp = str(int(self.clock.now().timestamp()))
        secret = crypto_sign_seed_keypair(self.seed)[1]
        headers = {
            "content-type": "application/json",
            "x-signature-ed25519": crypto_sign(stamp.encode() + body, secret)[:64].hex(),
            "x-signature-timestamp": stamp,
        }
        try:
            answer = self.transport(HttpRequest("POST", url, headers, body, WITHIN_S))
        except TransportError as error:
            return error.code if not error.detail else error.detail
        return _document(answer)


def endpoint_of(discord: DiscordClient) -> str:
    """Where Discord sends the application's interactions; empty: nowhere.

    Raises
    ------
    DiscordError
        When Discord does not say.
    """
    application = discord.call("GET", "/applications/@me")
    return str(application.get("interactions_endpoint_url") or "")


def watch(environment: Environment, answered: Answered) -> Flight:
    """One flight, counted. A Discord that does not answer is no failure of ours: delivery's figures tell of it."""
    settings = environment.settings
    try:
        url = endpoint_of(environment.discord)
    except DiscordError as error:
        logger.warning("Discord does not say where it points: %s", error.code)
        return Flight()
    if not url:
        return _counted(Flight("endpoint", "Discord has no endpoint of ours"))
    if not settings.canary_guild_id:
        return Flight(reason="no guild for a canary")
    canary = Canary(
        base64.b64decode(environment.secret("canary_key")),
        settings.canary_guild_id,
        settings.discord_application_id,
        environment.transport,
        environment.clock,
        environment.ids,
    )
    return _counted(canary.fly(url, answered))


def _counted(flight: Flight) -> Flight:
    if flight.took_ms:
        metrics.record(metrics.CANARY, flight.took_ms)
    if flight.failed:
        metrics.record(metrics.CANARY_FAILURES, what=flight.failed)
        logger.error("canary: %s: %s", flight.failed, flight.reason)
    return flight


def _document(answer: HttpResponse) -> Json | str:
    if answer.status != 200:
        return f"status {answer.status}"
    try:
        document = json.loads(answer.body)
    except ValueError:
        return "the answer is not JSON"
    return document if isinstance(document, dict) else "the answer is not an object"


def _texts(data: Mapping[str, Any]) -> list[str]:
    return [str(each.get("content", "")) for each in data.get("components", ()) if isinstance(each, dict)]
