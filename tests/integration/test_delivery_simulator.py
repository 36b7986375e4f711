"""Delivery against the Discord simulator: its rate limits, permissions, webhooks and races, whole runs at a time."""

from __future__ import annotations

import json
from datetime import timedelta
from random import Random
from typing import Any, Literal

import pytest

from dbsbm.core.http import HttpRequest, HttpResponse
from dbsbm.database.exchange import Claim, Deferred
from dbsbm.delivery.assembly import delivery_of
from dbsbm.discord.definitions import Image, Post, Reply, Result
from dbsbm.environment import Environment
from dbsbm.wiring import build
from local.discord_simulator.faults import Fault
from local.discord_simulator.places import ChannelPlace, GuildPlace
from local.discord_simulator.simulator import Simulator
from tests.integration.delivery_world import VirtualClock, render


class Guild:
    """A guild in the simulator with a slip channel, and environments that deliver to it."""

    def __init__(self, database_url: str, **simulator: Any) -> None:
        self.database_url = database_url
        self.clock = VirtualClock()
        self.simulator = Simulator(self.clock, 1, **simulator)
        self.place: GuildPlace = self.simulator.guild("Sharp Side")
        self.slips: ChannelPlace = self.place.channel("slips")
        self.ann = self.place.user("ann").at("slips")
        self._runs = 0

    def environment(self) -> Environment:
        return build(
            {
                "DATABASE_URL": self.database_url,
                "TOKEN_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
                "DISCORD_BOT_TOKEN": self.simulator.bot_token,
                "DISCORD_APPLICATION_ID": str(self.simulator.application_id),
                "DISCORD_API_BASE_URL": "https://discord.test/api/v10",
            },
            clock=self.clock,
            random=Random(5),
            transport=self.simulator.handle,
        )

    def post(self, *posts: Post, cause: int = 1) -> None:
        claim = Claim(cause, self.place.id, self.ann.user_id, "bet")
        environment = self.environment()
        environment.database.exchange(claim, lambda _session: Result(Reply("message", text("done")), posts))
        environment.database.close()

    def deliver(self) -> dict[str, int]:
        environment = self.environment()
        self._runs += 1
        counts = delivery_of(environment, f"run {self._runs}", render).run(None, lambda: True)
        environment.database.close()
        return counts

    def shown(self) -> list[str]:
        return [seen.text for seen in self.slips.seen_by(self.ann)]

    def statuses(self) -> list[int]:
        return [status for _, _, status in self.simulator.requests]

    def states(self) -> dict[str, str]:
        environment = self.environment()
        with environment.database.read() as session:
            found = {row["id"]: row["state"] for row in session.all("SELECT id, state FROM outbox")}
        environment.database.close()
        return found


def text(content: str, bet: int | None = None, *, picture: bool = False) -> dict[str, Any]:
    components: list[dict[str, Any]] = [{"type": 10, "content": content}]
    if picture:
        media = {"url": "attachment://slip.png"}
        components.append({"type": 12, "items": [{"media": media, "description": content}]})
    if bet is not None:
        button = {"type": 2, "style": 1, "label": "Tail", "custom_id": f"v1:tail:{bet:013d}"}
        components.append({"type": 1, "components": [button]})
    return {"components": components}


def picture(content: str) -> Image:
    return Image("slip.png", content, "slip", {"pick": content})


@pytest.fixture
def guild(database_url: str) -> Guild:
    return Guild(database_url)


def slip(guild: Guild, content: str, bet: int = 1) -> Post:
    target = {"channel_id": str(guild.slips.id), "username": "Ann", "avatar_url": "https://cdn.test/ann.png"}
    return Post("slip.post", f"bet:{bet}", target, text(content, bet, picture=True), (picture(content),))


def stamp(content: str, bet: int = 1) -> Post:
    return Post("message.edit", f"bet:{bet}", {}, text(content, bet, picture=True), (picture(content),))


def test_slip_with_its_picture_is_posted_and_stamped(guild: Guild) -> None:
    guild.post(slip(guild, "Chiefs −3"))
    assert guild.deliver() == {"sent": 1}
    guild.post(stamp("Chiefs −3 ✔"), cause=2)
    assert guild.deliver() == {"sent": 1}
    (seen,) = guild.slips.seen_by(guild.ann)
    assert "Chiefs −3 ✔" in seen.text
    assert [shown.alt for shown in seen.images] == ["Chiefs −3 ✔"]
    assert guild.simulator.problems == []


def test_forty_slips_arrive_once_each_through_real_rate_limits(guild: Guild) -> None:
    for number in range(1, 41):
        guild.post(slip(guild, f"slip {number}", number), cause=number)
    for _ in range(8):
        guild.deliver()
        guild.clock.sleep(60)
    assert len(guild.shown()) == 40
    assert len(set(guild.shown())) == 40
    assert set(guild.states().values()) == {"sent"}
    assert guild.statuses().count(429) <= 20


@pytest.mark.parametrize("lost", ["before", "after"])
def test_slip_whose_answer_was_lost_stands_once(guild: Guild, lost: Literal["before", "after"]) -> None:
    guild.simulator.faults.append(Fault("POST", r"/webhooks/\d+/", drop=lost))
    guild.post(slip(guild, "Chiefs −3"))
    guild.deliver()
    assert len(guild.shown()) == 1
    assert guild.states() == {"1:1": "sent"}


def test_bot_message_whose_answer_was_lost_stands_once(guild: Guild) -> None:
    guild.simulator.faults.append(Fault("POST", "/messages", drop="after"))
    guild.post(Post("message.post", "card:1", {"channel_id": str(guild.slips.id)}, text("recap")))
    guild.deliver()
    assert len(guild.shown()) == 1


def test_cloudflares_ban_keeps_us_away_for_minutes(guild: Guild) -> None:
    guild.simulator.faults.append(Fault("POST", r"/webhooks/\d+/", status=429))
    guild.post(slip(guild, "Chiefs −3"))
    assert guild.deliver() == {"postponed": 1}
    guild.clock.sleep(299)
    assert guild.deliver() == {}
    guild.clock.sleep(1)
    assert guild.deliver() == {"sent": 1}


def test_slip_in_doubt_without_history_rights_is_unknown(guild: Guild) -> None:
    guild.slips.overwrite("bot", deny=("READ_MESSAGE_HISTORY",))
    guild.simulator.faults.append(Fault("POST", r"/webhooks/\d+/", drop="after"))
    guild.post(slip(guild, "Chiefs −3"))
    guild.deliver()
    assert guild.states() == {"1:1": "unknown"}
    assert len(guild.shown()) == 1


def test_missing_right_to_webhooks_marks_the_channel(guild: Guild) -> None:
    guild.slips.overwrite("bot", deny=("MANAGE_WEBHOOKS",))
    guild.post(slip(guild, "Chiefs −3"))
    assert guild.deliver() == {"dead": 1}
    with guild.environment().database.read() as session:
        row = session.one("SELECT channel_id, discord_code FROM unreachable_channels")
    assert row == {"channel_id": guild.slips.id, "discord_code": 50013}


def test_guild_without_the_bot_is_dead_at_once(guild: Guild) -> None:
    guild.place.remove_bot()
    guild.post(slip(guild, "Chiefs −3"))
    assert guild.deliver() == {"dead": 1}


def test_deleted_webhook_is_replaced_and_its_slips_are_unstampable(guild: Guild) -> None:
    guild.post(slip(guild, "Chiefs −3"))
    guild.deliver()
    guild.simulator.state.webhooks.clear()
    guild.post(slip(guild, "Raiders +3", bet=2), cause=2)
    guild.post(stamp("Chiefs −3 ✔"), cause=3)
    assert guild.deliver() == {"dead": 1, "sent": 1}
    assert len(guild.shown()) == 2


def test_old_slip_is_stamped_within_discords_budget_for_old_messages(guild: Guild) -> None:
    for number in range(1, 7):
        post = Post("message.post", f"card:{number}", {"channel_id": str(guild.slips.id)}, text(f"open {number}"))
        guild.post(post, cause=number)
    guild.deliver()
    guild.clock.sleep(7200)
    for number in range(1, 7):
        guild.post(Post("message.edit", f"card:{number}", {}, text(f"graded {number}")), cause=100 + number)
    for _ in range(4):
        guild.deliver()
        guild.clock.sleep(60)
    assert all("graded" in shown for shown in guild.shown())


def test_reply_that_outruns_the_deferral_arrives_in_the_end(database_url: str) -> None:
    guild = Guild(database_url, acknowledgement_delay_s=(3.0, 8.0))
    environment = guild.environment()

    def front_door(request: HttpRequest) -> HttpResponse:
        interaction = json.loads(request.body)
        if interaction["type"] == 1:
            return HttpResponse(200, {"content-type": "application/json"}, b'{"type": 1}')
        expires_at = guild.clock.now() + timedelta(minutes=15)
        deferred = Deferred(guild.simulator.application_id, interaction["token"], 5, expires_at)
        claim = Claim(int(interaction["id"]), guild.place.id, guild.ann.user_id, "stats", deferred)
        reply = Reply("message", text("your card", picture=True), (picture("your card"),))
        environment.database.exchange(claim, lambda _session: Result(reply))
        deferral = {"type": 5, "data": {"flags": 64}}
        return HttpResponse(200, {"content-type": "application/json"}, json.dumps(deferral).encode())

    guild.simulator.connect(front_door)
    command = {"name": "stats", "description": "Your record", "type": 1}
    path = f"/applications/{guild.simulator.application_id}/commands"
    environment.discord.call("POST", path, command)
    seen = guild.ann.slash("stats")
    counts = guild.deliver()
    assert counts["sent"] == 1
    assert counts["postponed"] >= 1
    assert "your card" in seen.text
    assert seen.private
