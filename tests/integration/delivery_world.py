"""What the delivery tests stand on: a clock, a small Discord, and kills at every crossing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Literal

from dbsbm.core.http import HttpRequest, HttpResponse, TransportError
from dbsbm.core.ids import EPOCH_MS
from dbsbm.database.connection import connect_from_url
from dbsbm.delivery.assembly import delivery_of
from dbsbm.discord.definitions import Post, Reply, Result
from dbsbm.environment import Environment
from dbsbm.wiring import build

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
APPLICATION = 3
GUILD = 7
CHANNEL = 50
PNG = b"\x89PNG\r\n\x1a\n"


class VirtualClock:
    """Stands still until told otherwise; sleeping moves it."""

    def __init__(self) -> None:
        self.moment = START

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


class Killed(BaseException):
    """The execution environment is gone."""


@dataclass
class Crossings:
    """Counts statements, commits and calls; kills before or after the n-th. Once dead, nothing passes."""

    kill_at: int = 0
    when: Literal["before", "after"] = "before"
    count: int = 0
    dead: bool = False

    def cross(self, call: Callable[[], Any]) -> Any:
        self.count += 1
        if self.dead or (self.count == self.kill_at and self.when == "before"):
            self.dead = True
            raise Killed
        answer = call()
        if self.count == self.kill_at:
            self.dead = True
            raise Killed
        return answer


class CountedConnection:
    """PyMySQL's connection with every statement and commit a crossing."""

    def __init__(self, connection: Any, crossings: Crossings) -> None:
        self._connection = connection
        self._crossings = crossings

    def cursor(self) -> Any:
        cursor, crossings = self._connection.cursor(), self._crossings
        execute = cursor.execute
        cursor.execute = lambda *args: crossings.cross(lambda: execute(*args))
        return cursor

    def commit(self) -> None:
        self._crossings.cross(self._connection.commit)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


@dataclass
class Fault:
    """What happens to the next call that matches. ``effect``: whether Discord does it all the same."""

    pattern: str
    response: HttpResponse | None
    effect: bool = False
    times: int = 1


def refusal(status: int, code: int = 0, headers: Mapping[str, str] | None = None, **body: Any) -> HttpResponse:
    document = {"message": "refused", "code": code, **body}
    return HttpResponse(status, {"content-type": "application/json", **(headers or {})}, json.dumps(document).encode())


@dataclass
class SmallDiscord:
    """Channels with webhooks and messages, and the faults of the road to it. A state machine, no network."""

    clock: VirtualClock
    messages: dict[int, list[dict[str, Any]]] = field(default_factory=lambda: {CHANNEL: []})
    webhooks: dict[int, dict[str, Any]] = field(default_factory=dict)
    originals: dict[str, dict[str, Any]] = field(default_factory=dict)
    followups: list[dict[str, Any]] = field(default_factory=list)
    channels: dict[int, dict[str, Any]] = field(default_factory=dict)
    """Those that were made."""
    roles: list[dict[str, Any]] = field(
        default_factory=lambda: [
            {"id": "9", "position": 1, "permissions": "0", "managed": False},
            {"id": "90", "position": 5, "permissions": "0", "managed": True},
        ]
    )
    """90 is the bot's own."""
    history_readable: bool = True
    faults: list[Fault] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    routed: dict[str, Callable[..., Any]] = field(default_factory=dict)
    """Replacements a test puts in a route's place."""
    _serial: int = 0

    def fail(self, pattern: str, response: HttpResponse | None, *, effect: bool = False, times: int = 1) -> None:
        """``response`` None: no answer at all."""
        self.faults.append(Fault(pattern, response, effect, times))

    def __call__(self, request: HttpRequest) -> HttpResponse:
        call = f"{request.method} {request.url.partition('/api/v10')[2]}"
        self.calls.append(call)
        self.bodies.append(request.body)
        fault = next((fault for fault in self.faults if fault.times and re.search(fault.pattern, call)), None)
        if fault is None:
            return self._do(call, request)
        fault.times -= 1
        if fault.effect:
            self._do(call, request)
        if fault.response is None:
            raise TransportError("no answer", sent=fault.effect)
        return fault.response

    def shown(self, channel_id: int = CHANNEL) -> list[str]:
        """The texts a reader of the channel sees."""
        return [message["components"][0]["content"] for message in self.messages[channel_id]]

    def _do(self, call: str, request: HttpRequest) -> HttpResponse:
        for pattern, answer in _ROUTES:
            match = re.fullmatch(pattern, call)
            if match:
                document = answer(self, _payload(request), *match.groups())
                if isinstance(document, HttpResponse):
                    return document
                return HttpResponse(200, {}, json.dumps(document).encode())
        return refusal(404, 0, path=call)

    def new_id(self) -> str:
        self._serial += 1
        milliseconds = int(self.clock.now().timestamp() * 1000)
        return str((milliseconds - EPOCH_MS) << 22 | self._serial)

    def _post(self, body: dict[str, Any], channel_id: str) -> Any:
        channel = self.messages.get(int(channel_id))
        if channel is None:
            return refusal(404, 10003)
        for message in channel:
            recent = self.clock.now() - message["at"] < timedelta(minutes=3)
            if body.get("enforce_nonce") and message.get("nonce") == body["nonce"] and recent:
                return _seen(message)
        message = {**body, "id": self.new_id(), "author": {"id": str(APPLICATION)}, "at": self.clock.now()}
        channel.append(message)
        return _seen(message)

    def _execute(self, body: dict[str, Any], webhook_id: str, token: str) -> Any:
        webhook = self.webhooks.get(int(webhook_id))
        if webhook is None:
            return self._interaction_post(body, webhook_id, token)
        if webhook["token"] != token:
            return refusal(401, 50027)
        author = {"id": webhook_id, "username": body.get("username")}
        message = {**body, "id": self.new_id(), "author": author, "webhook_id": webhook_id, "at": self.clock.now()}
        self.messages[webhook["channel"]].append(message)
        return {**_seen(message), "channel_id": str(webhook["channel"])}

    def _interaction_post(self, body: dict[str, Any], application_id: str, token: str) -> Any:
        if int(application_id) != APPLICATION or token not in self.originals:
            return refusal(404, 10015)
        self.followups.append(body)
        return {"id": self.new_id()}

    def _edit_webhook_message(self, body: dict[str, Any], webhook_id: str, token: str, message_id: str) -> Any:
        if int(webhook_id) not in self.webhooks:
            return refusal(404, 10015)
        return self._edit(body, str(self.webhooks[int(webhook_id)]["channel"]), message_id)

    def _edit(self, body: dict[str, Any], channel_id: str, message_id: str) -> Any:
        for message in self.messages[int(channel_id)]:
            if message["id"] == message_id:
                message.update(body)
                return _seen(message)
        return refusal(404, 10008)

    def _edit_original(self, body: dict[str, Any], application_id: str, token: str) -> Any:
        if token not in self.originals:
            return refusal(404, 10015)
        self.originals[token] = body
        return {"id": self.new_id()}

    def _history(self, _body: Any, channel_id: str, after: str, limit: str) -> Any:
        if not self.history_readable:
            return []
        found = [message for message in self.messages[int(channel_id)] if int(message["id"]) > int(after)]
        return [_seen(message) for message in found[: int(limit)]][::-1]

    def _message(self, _body: Any, channel_id: str, message_id: str) -> Any:
        return refusal(404, 10008) if self.history_readable else refusal(403, 50001)

    def _channel_webhooks(self, _body: Any, channel_id: str) -> Any:
        owned = {"application_id": str(APPLICATION)}
        return [
            {"id": str(key), "token": webhook["token"], **owned}
            for key, webhook in self.webhooks.items()
            if webhook["channel"] == int(channel_id)
        ]

    def _create_webhook(self, body: dict[str, Any], channel_id: str) -> Any:
        if int(channel_id) not in self.messages:
            return refusal(404, 10003)
        key = self.new_id()
        self.webhooks[int(key)] = {"channel": int(channel_id), "token": f"webhook-token-{key}"}
        return {"id": key, "token": f"webhook-token-{key}", "application_id": str(APPLICATION)}

    def _make_webhook(self, body: dict[str, Any], channel_id: str) -> Any:
        create: Callable[..., Any] = self.routed.get("create_webhook") or self._create_webhook
        return create(body, channel_id)

    def _delete_webhook(self, _body: Any, webhook_id: str) -> Any:
        del self.webhooks[int(webhook_id)]
        return HttpResponse(204)

    def _rename(self, body: dict[str, Any], channel_id: str) -> Any:
        self.channels[int(channel_id)] |= body
        return self.channels[int(channel_id)]

    def _direct(self, body: dict[str, Any]) -> Any:
        channel_id = int(body["recipient_id"]) + 1000
        self.messages.setdefault(channel_id, [])
        return {"id": str(channel_id)}

    def _role(self, _body: Any) -> Any:
        return HttpResponse(204)

    def _roles(self, _body: Any) -> Any:
        return self.roles

    def _member(self, _body: Any) -> Any:
        return {"roles": ["90"]}

    def _channels(self, _body: Any) -> Any:
        return list(self.channels.values())

    def _create_channel(self, body: dict[str, Any]) -> Any:
        channel = {**body, "id": self.new_id()}
        self.channels[int(channel["id"])] = channel
        return channel

    def _delete_channel(self, _body: Any, channel_id: str) -> Any:
        return self.channels.pop(int(channel_id), None) or refusal(404, 10003)


_ROUTES: list[tuple[str, Callable[..., Any]]] = [
    (r"POST /channels/(\d+)/messages", SmallDiscord._post),
    (r"GET /channels/(\d+)/messages\?after=(\d+)&limit=(\d+)", SmallDiscord._history),
    (r"GET /channels/(\d+)/messages/(\d+)", SmallDiscord._message),
    (r"PATCH /channels/(\d+)/messages/(\d+)", SmallDiscord._edit),
    (r"GET /channels/(\d+)/webhooks", SmallDiscord._channel_webhooks),
    (r"POST /channels/(\d+)/webhooks", SmallDiscord._make_webhook),
    (r"DELETE /webhooks/(\d+)/[^/]+", SmallDiscord._delete_webhook),
    (r"PATCH /channels/(\d+)", SmallDiscord._rename),
    (r"POST /webhooks/(\d+)/([^/?]+)(?:\?.*)?", SmallDiscord._execute),
    (r"PATCH /webhooks/(\d+)/([^/]+)/messages/@original", SmallDiscord._edit_original),
    (r"PATCH /webhooks/(\d+)/([^/]+)/messages/(\d+)(?:\?.*)?", SmallDiscord._edit_webhook_message),
    (r"POST /users/@me/channels", SmallDiscord._direct),
    (r"GET /guilds/\d+/roles", SmallDiscord._roles),
    (r"GET /guilds/\d+/members/\d+", SmallDiscord._member),
    (r"GET /guilds/\d+/channels", SmallDiscord._channels),
    (r"POST /guilds/\d+/channels", SmallDiscord._create_channel),
    (r"DELETE /channels/(\d+)", SmallDiscord._delete_channel),
    (r"(?:PUT|DELETE) /guilds/\d+/members/\d+/roles/\d+", SmallDiscord._role),
]


def _payload(request: HttpRequest) -> Any:
    if "multipart" in request.headers.get("content-type", ""):
        return json.loads(request.body.split(b"\r\n\r\n", 1)[1].split(b"\r\n--", 1)[0])
    return json.loads(request.body) if request.body else None


def _seen(message: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in message.items() if name not in {"at", "nonce"}}


def render(template: str, view: Mapping[str, Any]) -> bytes:
    return PNG + json.dumps([template, dict(view)]).encode()


@dataclass
class World:
    """One guild's Discord and our database; environments come and go."""

    database_url: str
    clock: VirtualClock = field(default_factory=VirtualClock)
    discord: SmallDiscord = field(init=False)
    _runs: int = 0

    def __post_init__(self) -> None:
        self.discord = SmallDiscord(self.clock)

    def environment(self, crossings: Crossings | None = None) -> Environment:
        """A fresh execution environment, with a counter at every way out."""
        counted = crossings or Crossings()

        def connect(_url: str) -> Any:
            return CountedConnection(connect_from_url(self.database_url), counted)

        return build(
            {
                "TOKEN_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
                "DISCORD_BOT_TOKEN": "bot-token",
                "DISCORD_APPLICATION_ID": str(APPLICATION),
                "DISCORD_API_BASE_URL": "https://discord.test/api/v10",
            },
            clock=self.clock,
            random=Random(7),
            connect=connect,
            transport=lambda request: counted.cross(lambda: self.discord(request)),
        )

    def enqueue(self, cause: int, *posts: Post) -> None:
        environment = self.environment()
        with environment.database.transaction() as session:
            outbox = environment.database.outbox
            assert outbox is not None
            outbox.enqueue(session, str(cause), GUILD, posts, self.clock.now())
        environment.database.close()

    def deliver(self, *keys: str, crossings: Crossings | None = None) -> dict[str, int]:
        environment = self.environment(crossings)
        self._runs += 1
        counts = delivery_of(environment, f"run {self._runs}", render).run(keys or None, lambda: True)
        environment.database.close()
        return counts

    def rows(self) -> dict[str, Mapping[str, Any]]:
        environment = self.environment()
        with environment.database.read() as session:
            found = {row["id"]: row for row in session.all("SELECT * FROM outbox ORDER BY target_key, seq")}
        environment.database.close()
        return found

    def states(self) -> dict[str, str]:
        return {row_id: row["state"] for row_id, row in self.rows().items()}


def text(content: str, custom_id: str | None = None) -> dict[str, Any]:
    components: list[dict[str, Any]] = [{"type": 10, "content": content}]
    if custom_id:
        button = {"type": 2, "style": 1, "label": "Tail", "custom_id": custom_id}
        components.append({"type": 1, "components": [button]})
    return {"components": components}


def slip(content: str, bet: int = 1) -> Post:
    target = {"channel_id": CHANNEL, "username": "Sharp Ann", "avatar_url": "https://cdn.test/ann.png"}
    return Post("slip.post", f"bet:{bet}", target, text(content, f"v1:tail:{bet:013d}"))


def stamp(content: str, bet: int = 1) -> Post:
    return Post("message.edit", f"bet:{bet}", {}, text(content, f"v1:tail:{bet:013d}"))


def message(content: str, key: str = "card:1") -> Post:
    return Post("message.post", key, {"channel_id": CHANNEL}, text(content))


def answered(*posts: Post) -> Result:
    return Result(Reply("message", text("done")), posts)
