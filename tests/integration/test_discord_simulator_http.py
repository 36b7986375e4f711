"""The simulator over HTTP: an independent client drives it, and the page gets what it needs."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from unittest.mock import Mock

import hikari
import pytest
from discord_interactions import verify_key
from hikari.impl import EntityFactoryImpl, RESTApp

from dbsbm.core.clock import SystemClock
from dbsbm.core.http import HttpRequest
from local.discord_simulator import Simulator
from local.discord_simulator.cdn import solid_png
from local.discord_simulator.server import SimulatorServer, http_endpoint
from tests.integration.discord_world import BET, LOG, V2, World, button, message, reply, row, text

Json = dict[str, Any]


class Application(BaseHTTPRequestHandler):
    """A small application: verifies with the official library, and answers everything the same way."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    public_key = ""
    received: list[Json]
    answer: Json

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        stamp, signature = self.headers["X-Signature-Timestamp"], self.headers["X-Signature-Ed25519"]
        document = json.loads(body)
        if not verify_key(body, signature, stamp, self.public_key):
            self._send(401, {})
            return
        self.received.append(document)
        self._send(200, {"type": 1} if document["type"] == 1 else self.answer)

    def _send(self, status: int, document: Json) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        """Nothing."""


class Running:
    def __init__(self, server: SimulatorServer, application: type[Application], url: str) -> None:
        self.server, self.application, self.application_url = server, application, url
        self.simulator: Simulator = server.simulator

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        connection = HTTPConnection("127.0.0.1", self.server.port, timeout=10)
        connection.request(method, path, json.dumps(body) if body is not None else None)
        response = connection.getresponse()
        raw = response.read()
        connection.close()
        is_json = (response.getheader("content-type") or "").startswith("application/json")
        return response.status, json.loads(raw) if is_json else raw


@pytest.fixture
def running() -> Iterator[Running]:
    simulator = Simulator(SystemClock(), 3, rate_limits=False)
    members = {
        "public_key": simulator.public_key_hex,
        "received": [],
        "answer": message(text("done"), row(button("Post"))),
    }
    application = type("ThisApplication", (Application,), members)
    endpoint = ThreadingHTTPServer(("127.0.0.1", 0), application)
    Thread(target=endpoint.serve_forever, args=(0.02,), daemon=True).start()
    url = f"http://127.0.0.1:{endpoint.server_address[1]}/discord/interactions"
    simulator.connect(http_endpoint(url))
    simulator.endpoint_at = http_endpoint
    server = SimulatorServer(simulator, 0)
    simulator.cdn.base_url = f"http://127.0.0.1:{server.port}"
    server.start()
    yield Running(server, application, url)
    server.stop()
    endpoint.shutdown()
    endpoint.server_close()


@pytest.fixture
def seeded(running: Running) -> Json:
    """A guild made the way the demo makes it, with two commands."""
    for definition in (BET, LOG):
        name = f"/applications/{running.simulator.application_id}/commands"
        headers = {
            "user-agent": "DiscordBot (https://dbsbm.example, 1)",
            "authorization": f"Bot {running.simulator.bot_token}",
            "content-type": "application/json",
        }
        request = HttpRequest("POST", f"{running.url}/api/v10{name}", headers, json.dumps(definition).encode())
        assert running.simulator.handle(request).status == 201
    users = [{"name": "ann", "role": "capper"}, {"name": "bob"}]
    status, made = running.call(
        "POST", "/sim/seed", {"guild": "Sharp Side", "channels": [{"name": "slips"}], "users": users}
    )
    assert status == 200
    result: Json = made
    return result


# --- hikari as an independent client --------------------------------------------------------------------------------


async def drive(running: Running, guild_id: int, channel_id: int, token: str) -> Json:
    app = RESTApp(url=f"{running.url}/api/v10", max_retries=0)
    await app.start()
    try:
        async with app.acquire(running.simulator.bot_token, hikari.TokenType.BOT) as rest:
            me = await rest.fetch_my_user()
            builder = rest.slash_command_builder("stats", "A record")
            builder.add_option(hikari.CommandOption(type=hikari.OptionType.USER, name="who", description="Whose"))
            commands = await rest.set_application_commands(me.id, [builder])
            guild = await rest.fetch_guild(guild_id)
            sent = await rest.create_message(
                channel_id, "hello", attachment=hikari.Bytes(solid_png(4, 4, (1, 2, 3)), "a.png")
            )
            edited = await rest.edit_message(channel_id, sent, "changed")
            webhook = await rest.create_webhook(channel_id, "slips")
            posted = await rest.execute_webhook(webhook, webhook.token or "", "by Ann", username="Ann")
            member = await rest.fetch_member(guild_id, running.simulator.user("bob").id)
            channel = await rest.edit_channel(channel_id, name="slips-2")
            original = await rest.edit_interaction_response(
                me.id, token, attachment=hikari.Bytes(solid_png(4, 4, (9, 9, 9)), "b.png"), components=[]
            )
            fetched = [item.content async for item in rest.fetch_messages(channel_id).limit(5)]
            await rest.delete_message(channel_id, sent)
            with pytest.raises(hikari.NotFoundError) as gone:
                await rest.fetch_message(channel_id, sent)
            with pytest.raises(hikari.BadRequestError) as bad:
                await rest.create_message(channel_id, "x" * 2001)
            return {
                "commands": [item.name for item in commands],
                "guild": guild.name,
                "edited": (edited.content, edited.attachments[0].filename, edited.attachments[0].width),
                "posted": (posted.author.username, posted.webhook_id == webhook.id),
                "member": member.username,
                "channel": channel.name,
                "original": original.attachments[0].filename,
                "fetched": fetched,
                "gone": gone.value.code,
                "bad": bad.value.code,
                "tree": list(bad.value.errors or {}),
            }
    finally:
        await app.close()


def test_hikari_drives_the_rest_side(running: Running, seeded: Json) -> None:
    type.__setattr__(running.application, "answer", {"type": 5, "data": {"flags": 64}})
    ann = running.simulator.guild("Sharp Side").user("ann").at("slips")
    seen = ann.slash("bet", pick="chiefs -3")
    assert seen.exchange is not None
    done = asyncio.run(drive(running, int(seeded["guild_id"]), int(seeded["channels"]["slips"]), seen.exchange.token))
    assert done == {
        "commands": ["stats"],
        "guild": "Sharp Side",
        "edited": ("changed", "a.png", 4),
        "posted": ("Ann", True),
        "member": "bob",
        "channel": "slips-2",
        "original": "b.png",
        "fetched": ["by Ann", "changed"],
        "gone": 10008,
        "bad": 50035,
        "tree": ["content"],
    }
    assert seen.images[0].filename == "b.png"


def test_hikari_reads_the_interactions_we_send() -> None:
    world = World(lambda _: reply(message(text("done"), row(button("Post")), flags=0)))
    pasted = world.bob.says("chiefs -3")
    seen = world.ann.slash("bet", pick="chiefs", units=2, where=world.slips, who=world.bob, live=True)
    seen.click("Post")
    world.ann.message_command("Log as bet", pasted)
    world.simulator.person("zoe").slash("bet", pick="chiefs")
    world.ann.autocomplete("bet", "pick", "chi")
    factory = EntityFactoryImpl(Mock())
    read = [factory.deserialize_interaction(item) for item in world.received]
    slash, click, context, direct, completing = read
    assert isinstance(slash, hikari.CommandInteraction)
    assert isinstance(click, hikari.ComponentInteraction)
    assert isinstance(context, hikari.CommandInteraction)
    assert isinstance(direct, hikari.CommandInteraction)
    assert isinstance(completing, hikari.AutocompleteInteraction)
    assert [option.value for option in slash.options or ()][:2] == ["chiefs", 2]
    assert slash.resolved is not None
    assert [member.username for member in slash.resolved.members.values()] == ["bob"]
    assert click.message.id == seen.message_id
    assert context.target_id == pasted.message_id
    assert (direct.member, direct.user.username) == (None, "zoe")
    assert [option.is_focused for option in completing.options] == [True]


# --- the page -------------------------------------------------------------------------------------------------------


def act(running: Running, seeded: Json, verb: str, who: str = "ann", **more: Any) -> tuple[int, Any]:
    where = {"user_id": seeded["users"][who], "channel_id": seeded["channels"]["slips"]}
    return running.call("POST", "/sim/act", {"verb": verb, **where, **more})


def test_a_user_acts_through_the_page_and_sees_their_own(running: Running, seeded: Json) -> None:
    status, used = act(running, seeded, "slash", command="bet", options={"pick": "chiefs -3", "units": 2})
    assert (status, used["status"], used["text"]) == (200, "acknowledged", "done")
    slips = seeded["channels"]["slips"]
    mine = running.call("GET", f"/sim/state?user={seeded['users']['ann']}")[1]
    others = running.call("GET", f"/sim/state?user={seeded['users']['bob']}")[1]
    (shown,) = mine["messages"][slips]
    assert shown["sim"] == {"private": True, "thinking": False, "webhook": False, "used_by": "Ann", "command": "bet"}
    assert others["messages"][slips] == []
    status, clicked = act(running, seeded, "click", message_id=used["message_id"], custom_id="v1:post")
    assert (status, clicked["failed"]) == (200, False)
    assert running.application.received[-1]["data"]["custom_id"] == "v1:post"
    status, refused = act(running, seeded, "click", "bob", message_id=used["message_id"], custom_id="v1:post")
    assert (status, refused["error"]) == (409, "the message is not there")
    assert act(running, seeded, "dismiss", message_id=used["message_id"])[0] == 200


def test_the_page_gets_modals_choices_uploads_and_refusals(running: Running, seeded: Json) -> None:
    field = {"type": 18, "label": "Photo", "component": {"type": 19, "custom_id": "photo"}}
    modal = {"type": 9, "data": {"title": "Proof", "custom_id": "v1:proof", "components": [field]}}
    type.__setattr__(running.application, "answer", modal)
    _, opened = act(running, seeded, "slash", command="bet", options={"pick": "x"})
    assert opened["modal"]["title"] == "Proof"
    type.__setattr__(running.application, "answer", message(text("thanks")))
    photo = {
        "filename": "a.png",
        "content_type": "image/png",
        "base64": base64.b64encode(solid_png(4, 4, (1, 2, 3))).decode(),
    }
    _, sent = act(running, seeded, "modal", interaction_id=opened["interaction_id"], fields={"photo": [photo]})
    assert sent["text"] == "thanks"
    (attachment,) = running.application.received[-1]["data"]["resolved"]["attachments"].values()
    path = attachment["url"].removeprefix(running.url)
    assert running.call("GET", path)[1] == solid_png(4, 4, (1, 2, 3))
    type.__setattr__(
        running.application, "answer", {"type": 8, "data": {"choices": [{"name": "Chiefs", "value": "kc"}]}}
    )
    _, offered = act(running, seeded, "autocomplete", command="bet", option="pick", typed="ch")
    assert offered == {"choices": [{"name": "Chiefs", "value": "kc"}]}
    assert act(running, seeded, "slash", command="bet") == (409, {"error": "option 'pick' is required"})
    assert act(running, seeded, "nothing")[0] == 400


def test_changes_are_pushed_and_other_peoples_private_ones_are_not(running: Running, seeded: Json) -> None:
    connection = HTTPConnection("127.0.0.1", running.server.port, timeout=10)
    connection.request("GET", f"/sim/events?user={seeded['users']['bob']}")
    stream = connection.getresponse()
    assert stream.getheader("content-type") == "text/event-stream"
    assert stream.readline() == b": connected\n"
    act(running, seeded, "slash", command="bet", options={"pick": "private"})
    act(running, seeded, "say", content="to everybody")
    seen: list[Json] = []
    while not seen or seen[-1]["kind"] != "message":
        line = stream.readline()
        if line.startswith(b"data:"):
            seen.append(json.loads(line.removeprefix(b"data:")))
    assert seen[-1]["message"]["content"] == "to everybody"
    assert not [event for event in seen if event["kind"] == "interaction"]
    connection.close()


def test_the_server_gives_out_the_page_and_nothing_beside_it(running: Running) -> None:
    for path in ("/../server.py", "/%2e%2e/server.py", "/../../../pyproject.toml", "/nothing.js"):
        assert running.call("GET", path)[0] == 404
    status, picture = running.call("GET", "/cdn/embed/avatars/3.png")
    assert (status, picture[:4]) == (200, b"\x89PNG")


def test_saving_the_endpoint_calls_it(running: Running) -> None:
    async def save(url: str) -> hikari.HTTPError | None:
        headers = {
            "user-agent": "DiscordBot (https://dbsbm.example, 1)",
            "authorization": f"Bot {running.simulator.bot_token}",
            "content-type": "application/json",
        }
        body = json.dumps({"interactions_endpoint_url": url}).encode()
        request = HttpRequest("PATCH", f"{running.url}/api/v10/applications/@me", headers, body)
        response = await asyncio.to_thread(running.simulator.handle, request)
        return None if response.status == 200 else hikari.HTTPError(response.body.decode())

    assert asyncio.run(save(running.application_url)) is None
    assert running.application.received[-1]["type"] == 1
    assert asyncio.run(save("http://127.0.0.1:9/nothing")) is not None


def test_v2_flag_travels_over_http(running: Running, seeded: Json) -> None:
    _, used = act(running, seeded, "slash", command="bet", options={"pick": "x"})
    _, state = running.call("GET", f"/sim/state?user={seeded['users']['ann']}")
    (shown,) = state["messages"][seeded["channels"]["slips"]]
    assert shown["flags"] & V2
    assert shown["id"] == used["message_id"]
