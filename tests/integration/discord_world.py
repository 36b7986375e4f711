"""A simulated Discord with a virtual clock, a scripted application, and calls to its REST API."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dbsbm.core.http import HttpRequest, HttpResponse
from local.cloud.clock import VirtualClock
from local.discord_simulator import Simulator, Upload, multipart

Json = dict[str, Any]
V2 = 1 << 15
PRIVATE = 64

BET: Json = {
    "name": "bet",
    "description": "Post a bet",
    "options": [
        {
            "name": "pick",
            "description": "What you bet",
            "type": 3,
            "required": True,
            "autocomplete": True,
            "max_length": 300,
        },
        {"name": "units", "description": "Units", "type": 4, "min_value": 1, "max_value": 10},
        {"name": "mode", "description": "Mode", "type": 3, "choices": [{"name": "To win", "value": "to_win"}]},
        {"name": "proof", "description": "Photo", "type": 11},
        {"name": "where", "description": "Channel", "type": 7, "channel_types": [0]},
        {"name": "who", "description": "User", "type": 6},
        {"name": "live", "description": "Live", "type": 5},
    ],
}
CAPPER: Json = {
    "name": "capper",
    "description": "Cappers",
    "default_member_permissions": "32",
    "options": [
        {
            "name": "add",
            "description": "Add",
            "type": 1,
            "options": [{"name": "user", "description": "Who", "type": 6, "required": True}],
        }
    ],
}
LOG: Json = {"name": "Log as bet", "type": 3}


def reply(document: Json, status: int = 200) -> HttpResponse:
    return HttpResponse(status, {"content-type": "application/json"}, json.dumps(document).encode())


def button(label: str, custom_id: str | None = None, **more: Any) -> Json:
    return {"type": 2, "style": 1, "label": label, "custom_id": custom_id or f"v1:{label.lower()}", **more}


def row(*children: Json) -> Json:
    return {"type": 1, "components": list(children)}


def text(content: str) -> Json:
    return {"type": 10, "content": content}


def gallery(name: str, alt: str = "a slip") -> Json:
    return {"type": 12, "items": [{"media": {"url": f"attachment://{name}"}, "description": alt}]}


def message(*components: Json, flags: int = PRIVATE) -> Json:
    return {"type": 4, "data": {"flags": flags | V2, "components": list(components)}}


@dataclass
class World:
    """``answers`` gets the interaction's document; what it returns is the application's answer."""

    answers: Callable[[Json], HttpResponse] = field(default=lambda _: reply(message(text("done"))))
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock = VirtualClock()
        self.simulator = Simulator(self.clock, 7, **self.options)
        self.received: list[Json] = []
        self.simulator.connect(self.endpoint)
        self.guild = self.simulator.guild("Sharp Side")
        self.slips = self.guild.channel("slips")
        self.ann = self.guild.user("ann", role="capper").at("slips")
        self.bob = self.guild.user("bob").at("slips")
        self.app = self.simulator.application_id
        assert self.put(f"/applications/{self.app}/commands", [BET, CAPPER, LOG]).status == 200

    def endpoint(self, request: HttpRequest) -> HttpResponse:
        document = json.loads(request.body)
        self.received.append(document)
        return self.answers(document)

    def rest(
        self,
        method: str,
        path: str,
        body: Any = None,
        files: Mapping[int, Upload] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HttpResponse:
        sent = {
            "user-agent": "DiscordBot (https://dbsbm.example, 1.0)",
            "authorization": f"Bot {self.simulator.bot_token}",
        }
        raw = b""
        if files:
            sent["content-type"], raw = multipart.write(body, files)
        elif body is not None:
            sent["content-type"], raw = "application/json", json.dumps(body).encode()
        url = f"https://discord.test/api/v10{path}"
        return self.simulator.handle(HttpRequest(method, url, {**sent, **(headers or {})}, raw))

    def get(self, path: str) -> HttpResponse:
        return self.rest("GET", path)

    def post(self, path: str, body: Any = None, files: Mapping[int, Upload] | None = None) -> HttpResponse:
        return self.rest("POST", path, body, files)

    def put(self, path: str, body: Any = None) -> HttpResponse:
        return self.rest("PUT", path, body)

    def patch(self, path: str, body: Any = None, files: Mapping[int, Upload] | None = None) -> HttpResponse:
        return self.rest("PATCH", path, body, files)

    def delete(self, path: str) -> HttpResponse:
        return self.rest("DELETE", path)

    def webhook(self, name: str = "DBSBM slips") -> str:
        """The path of a new webhook of the slip channel."""
        made = document(self.post(f"/channels/{self.slips.id}/webhooks", {"name": name}))
        return f"/webhooks/{made['id']}/{made['token']}"

    def original(self, token: str) -> str:
        return f"/webhooks/{self.app}/{token}/messages/@original"


def document(response: HttpResponse) -> Any:
    return json.loads(response.body)


def code(response: HttpResponse) -> int:
    """The JSON code of an error."""
    return int(document(response)["code"])


def errors(response: HttpResponse) -> Json:
    """The tree of a 50035."""
    assert code(response) == 50035
    tree: Json = document(response)["errors"]
    return tree
