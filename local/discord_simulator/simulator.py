"""The simulator itself: state, keys, clock, and the ways in and out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from random import Random
from threading import RLock
from typing import Any, ClassVar
from urllib.parse import urlsplit

from nacl.signing import SigningKey

from dbsbm.core.clock import Clock
from dbsbm.core.http import HttpRequest, HttpResponse, TransportError
from local.discord_simulator import gateway, rest
from local.discord_simulator.cdn import Cdn
from local.discord_simulator.errors import ApiError
from local.discord_simulator.events import EventSender
from local.discord_simulator.faults import Fault
from local.discord_simulator.ids import Snowflakes, token
from local.discord_simulator.permissions import BOT, EVERYONE
from local.discord_simulator.person import Person
from local.discord_simulator.places import GuildPlace
from local.discord_simulator.ratelimit import RateLimiter
from local.discord_simulator.shop import Shop
from local.discord_simulator.state import DM, Channel, Exchange, Guild, Json, Member, Role, State, User
from local.discord_simulator.transcript import transcript

Endpoint = Callable[[HttpRequest], HttpResponse]
Observer = Callable[[str, Any, bool], None]
Listener = Callable[[Json], None]
_BOT_POSITION = 1000  # above every role that is made: the bot may give them


class Simulator:
    """Discord for one application.

    Parameters
    ----------
    clock
        Where the time comes from; the virtual one in tests.
    seed
        Fixes keys, tokens and delays.
    base_url
        Where the CDN's addresses point.
    rate_limits
        False answers as if there were none.
    acknowledgement_delay_s
        The range from which the delay is drawn after which an inline answer opens its webhook (discord-api-docs #7220).
    """

    on_creation: ClassVar[list[Callable[[Simulator], None]]] = []
    """Called with each new simulator: how the test suite observes all of them."""

    def __init__(
        self,
        clock: Clock,
        seed: int = 0,
        *,
        base_url: str = "http://127.0.0.1:8090",
        rate_limits: bool = True,
        acknowledgement_delay_s: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        self.clock = clock
        self.random = Random(seed)  # noqa: S311 - reproducible on purpose, nothing here guards anything
        self.lock = RLock()
        self.state = State()
        self.snowflakes = Snowflakes(clock)
        self.signing_key = SigningKey(hashlib.sha256(f"dbsbm-simulator:{seed}".encode()).digest())
        self.public_key_hex = self.signing_key.verify_key.encode().hex()
        self.application_id = 1_100_000_000_000_000_000 + self.random.getrandbits(50)
        self.bot_token = f"{token(self.random, self.application_id, size=3)}.sim.{self.random.randbytes(19).hex()}"
        self.application: Json = {"interactions_endpoint_url": None, "event_webhooks_url": None}
        self.limits = RateLimiter(enabled=rate_limits)
        self.cdn = Cdn(base_url, self.random.randbytes(32))
        self.faults: list[Fault] = []
        self.observers: list[Observer] = []
        self.listeners: list[Listener] = []
        self.problems: list[str] = []
        """What a developer would want to know: failed interactions, refused answers."""
        self.requests: list[tuple[str, str, int]] = []
        """Every REST request: method, path, status."""
        self.endpoint: Endpoint | None = None
        self.endpoint_at: Callable[[str], Endpoint] | None = None
        """Finds the endpoint behind an URL that the application sets; None: it is whatever is connected."""
        self.events = EventSender(self)
        self.shop = Shop(self)
        self._acknowledgement_delay_s = acknowledgement_delay_s
        self.state.users[self.application_id] = User(self.application_id, "DBSBM", None, bot=True)
        for created in self.on_creation:
            created(self)

    # --- the application's side ---------------------------------------------------------------------------------

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer a REST or CDN request.

        Raises
        ------
        TransportError
            When a fault drops the request or its answer.
        """
        path = urlsplit(request.url).path
        fault = next((fault for fault in self.faults if fault.strikes(request.method, path)), None)
        if fault is None:
            return self._handle(request, path)
        if fault.slow_s:
            self.clock.sleep(fault.slow_s)
        if fault.drop == "before":
            raise TransportError(f"dropped {request.method} {path}", sent=True)
        if fault.status is not None:
            return self._faulty(fault)
        response = self._handle(request, path)
        if fault.drop == "after":
            raise TransportError(f"dropped the answer to {request.method} {path}", sent=True)
        return response

    def _handle(self, request: HttpRequest, path: str) -> HttpResponse:
        with self.lock:
            if path.startswith("/cdn/"):
                return self.cdn.serve(self, request)
            response = rest.answer(self, request)
            self.requests.append((request.method, path, response.status))
            return response

    def _faulty(self, fault: Fault) -> HttpResponse:
        status = fault.status or 500
        if status == 429 and fault.retry_after_s is not None:
            error = ApiError(
                429,
                fault.code,
                "You are being rate limited.",
                headers={"retry-after": str(max(1, round(fault.retry_after_s))), "x-ratelimit-scope": "user"},
                extra={"retry_after": fault.retry_after_s, "global": False},
            )
            return rest.error_response(error)
        if status == 429:
            return HttpResponse(429, {"content-type": "text/html"}, b"<html>error code: 1015</html>")
        return rest.error_response(ApiError(status, 0, f"{status}: Simulated Fault"))

    def connect(self, endpoint: Endpoint) -> None:
        """Where signed interactions go from now on."""
        self.endpoint = endpoint

    def validate_endpoint(self) -> list[str]:
        """A PING with a good and one with a bad signature, as when the URL is saved; what is wrong, or nothing."""
        return gateway.validate(self, self.endpoint)

    # --- the people's side --------------------------------------------------------------------------------------

    def guild(self, name: str) -> GuildPlace:
        """The guild of that name, with the bot in it; made when it is new."""
        with self.lock:
            known = next((guild for guild in self.state.guilds.values() if guild.name == name), None)
            if known is not None:
                return GuildPlace(self, known.id)
            owner = self.user("owner")
            guild = Guild(self.snowflakes.new(), name, owner.id)
            guild.roles[guild.id] = Role(guild.id, "@everyone", EVERYONE, 0)
            guild.members[owner.id] = Member(owner.id, self.clock.now())
            self.state.guilds[guild.id] = guild
            self.install(guild)
            place = GuildPlace(self, guild.id)
            place.channel("general")
            return place

    def install(self, guild: Guild) -> None:
        """Put the bot into a guild with its managed role."""
        managed = Role(self.snowflakes.new(), "DBSBM", BOT, _BOT_POSITION, managed=True)
        guild.roles[managed.id] = managed
        guild.members[self.application_id] = Member(self.application_id, self.clock.now(), [managed.id])

    def person(self, name: str) -> Person:
        """A user who is in no guild: acts in the direct channel with the bot."""
        with self.lock:
            user = self.user(name)
            return Person(self, user.id, None, self.direct_channel(user.id).id)

    def user(self, name: str) -> User:
        """The user of that name; made when it is new."""
        known = next((user for user in self.state.users.values() if user.name == name), None)
        if known is None:
            known = User(self.snowflakes.new(), name, name.title())
            self.state.users[known.id] = known
        return known

    def direct_channel(self, user_id: int) -> Channel:
        """The channel between the bot and a user; made when it is new."""
        channel = self.state.direct_channel(user_id)
        if channel is None:
            channel = Channel(self.snowflakes.new(), None, "", DM, recipient_id=user_id)
            self.state.channels[channel.id] = channel
        return channel

    def new_exchange(self, exchange_type: int, person: Person, payload: Json, source: int | None) -> Exchange:
        """Remember an interaction that is about to be sent."""
        interaction_id = self.snowflakes.new()
        secret = token(self.random, "interaction", interaction_id, size=120)
        exchange = Exchange(
            id=interaction_id,
            token=secret,
            type=exchange_type,
            user_id=person.user_id,
            guild_id=person.guild_id,
            channel_id=person.channel_id,
            created_at=self.clock.now(),
            payload=payload | {"id": str(interaction_id), "token": secret},
            source_message_id=source,
        )
        self.state.exchanges[interaction_id] = exchange
        self.state.tokens[secret] = interaction_id
        return exchange

    def transcript(self) -> Json:
        """All that was said, channel by channel: ``{"channels": […], "text": "…"}``."""
        with self.lock:
            return transcript(self)

    # --- what the parts tell each other -------------------------------------------------------------------------

    def acknowledgement_delay(self) -> timedelta:
        low, high = self._acknowledgement_delay_s
        return timedelta(seconds=self.random.uniform(low, high) if high else 0.0)

    def observe(self, kind: str, body: Any, *, refused: bool) -> None:
        """Tell observers of a body the application sent: what it is, and whether it was refused as malformed."""
        for observer in self.observers:
            observer(kind, json.loads(json.dumps(body)), refused)

    def note(self, problem: str) -> None:
        self.problems.append(problem)

    def changed(self, kind: str, **ids: int) -> None:
        """Tell listeners that something looks different now."""
        for listener in tuple(self.listeners):
            listener({"kind": kind, **{key: str(value) for key, value in ids.items()}})
