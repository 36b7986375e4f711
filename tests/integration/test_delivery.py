"""Delivery brings Discord to the desired states, once, through whatever Discord and the road do."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from dbsbm.core.http import HttpResponse
from dbsbm.database.exchange import Claim, Deferred
from dbsbm.delivery.repository import WebhookRepository
from dbsbm.discord.definitions import Image, Post
from dbsbm.environment import installed
from dbsbm.outbox.repository import OutboxQueue
from dbsbm.render.views import LegView, SlipView
from delivery.handler import handler
from tests.integration.delivery_world import (
    APPLICATION,
    CHANNEL,
    GUILD,
    PNG,
    START,
    World,
    answered,
    message,
    refusal,
    slip,
    stamp,
    text,
)

POST_SLIP = r"POST /webhooks/\d+/[^/?]+\?"


@pytest.fixture
def world(database_url: str) -> World:
    return World(database_url)


def later(world: World, **delta: float) -> None:
    world.clock.moment += timedelta(**delta)


def test_slip_is_posted_under_the_cappers_name_and_stamped_by_the_same_webhook(world: World) -> None:
    world.enqueue(1, slip("Chiefs −3"))
    assert world.deliver("bet:1") == {"sent": 1}
    world.enqueue(2, stamp("Chiefs −3 ✔ +1.82u"))
    assert world.deliver("bet:1") == {"sent": 1}
    assert world.discord.shown() == ["Chiefs −3 ✔ +1.82u"]
    assert world.discord.messages[CHANNEL][0]["author"]["username"] == "Sharp Ann"
    assert len(world.discord.webhooks) == 1


def test_webhook_that_was_made_but_not_stored_is_found_again(world: World) -> None:
    world.discord.webhooks[99] = {"channel": CHANNEL, "token": "kept"}
    world.enqueue(1, slip("a"), slip("b", bet=2))
    assert world.deliver() == {"sent": 2}
    assert list(world.discord.webhooks) == [99]


def test_webhook_that_another_run_made_first_is_used_and_ours_removed(world: World) -> None:
    """The other run's slip comes between our look at the channel and our webhook."""
    create = world.discord._create_webhook
    made: list[str] = []

    def meanwhile(body: dict[str, Any], channel_id: str) -> Any:
        ours = create(body, channel_id)
        made.append(ours["id"])
        if len(made) == 1:
            with world.environment().database.transaction() as session:
                theirs = create(body, channel_id)
                cipher = world.environment().tokens.seal(theirs["token"], f"channel_webhooks|{theirs['id']}")
                WebhookRepository(session).add(GUILD, CHANNEL, int(theirs["id"]), cipher, START)
        return ours

    world.discord.routed["create_webhook"] = meanwhile
    world.enqueue(1, slip("a"))
    assert world.deliver() == {"sent": 1}
    assert list(world.discord.webhooks) == [int(world.discord.messages[CHANNEL][0]["webhook_id"])]
    assert made[0] not in map(str, world.discord.webhooks)


def test_webhook_token_is_sealed_at_rest(world: World) -> None:
    world.enqueue(1, slip("a"))
    world.deliver()
    with world.environment().database.read() as session:
        row = session.one("SELECT token_cipher FROM channel_webhooks")
    assert row is not None
    assert b"webhook-token" not in row["token_cipher"]


def test_edit_before_the_post_went_out_becomes_the_post(world: World) -> None:
    first = slip("open")
    first.data["pings"] = {"roles": [4]}
    world.enqueue(1, first)
    world.enqueue(2, stamp("graded"))
    world.enqueue(3, stamp("graded again"))
    assert world.deliver("bet:1") == {"overtaken": 2, "sent": 1}
    assert world.discord.shown() == ["graded again"]
    assert world.discord.messages[CHANNEL][0]["allowed_mentions"] == {"parse": [], "roles": ["4"]}
    assert world.states() == {"1:1": "sent", "2:1": "overtaken", "3:1": "overtaken"}


def test_of_several_edits_only_the_newest_goes_out(world: World) -> None:
    world.enqueue(1, message("one"))
    world.deliver()
    for number, content in enumerate(["two", "three", "four"], start=2):
        world.enqueue(number, Post("message.edit", "card:1", {}, text(content)))
    assert world.deliver() == {"overtaken": 2, "sent": 1}
    assert world.discord.shown() == ["four"]


def test_edit_of_what_was_never_posted_is_dead(world: World) -> None:
    world.enqueue(1, stamp("graded"))
    assert world.deliver() == {"dead": 1}


def test_picture_is_uploaded_with_its_description_and_again_with_each_edit(world: World) -> None:
    image = Image("slip.png", "Chiefs −3", "slip", {"capper": "ann"})
    post = slip("Chiefs −3")
    world.enqueue(1, Post(post.kind, post.target_key, post.target, post.data, (image,)))
    world.enqueue(2, Post("message.edit", "bet:2", {}, {}))
    world.deliver("bet:1")
    edit = stamp("graded")
    world.enqueue(3, Post(edit.kind, edit.target_key, {}, edit.data, (image,)))
    world.deliver("bet:1")
    uploads = [body for body in world.discord.bodies if PNG in body]
    assert len(uploads) == 2
    for body in uploads:
        listed = json.loads(body.split(b"\r\n\r\n", 1)[1].split(b"\r\n--", 1)[0])["attachments"]
        assert listed == [{"id": 0, "filename": "slip.png", "description": "Chiefs −3"}]


def test_posted_slip_whose_answer_was_lost_is_adopted(world: World) -> None:
    world.enqueue(1, slip("Chiefs −3"))
    world.discord.fail(POST_SLIP, None, effect=True)
    assert world.deliver() == {"postponed": 1, "sent": 1}
    assert world.discord.shown() == ["Chiefs −3"]
    world.enqueue(2, stamp("graded"))
    world.deliver()
    assert world.discord.shown() == ["graded"]


def test_server_error_that_hid_a_slip_does_not_double_it(world: World) -> None:
    world.enqueue(1, slip("Chiefs −3"))
    world.discord.fail(POST_SLIP, refusal(502), effect=True)
    world.deliver()
    assert world.discord.shown() == ["Chiefs −3"]
    assert world.states() == {"1:1": "sent"}


def test_server_error_before_a_slip_posts_it_in_the_end(world: World) -> None:
    world.enqueue(1, slip("Chiefs −3"))
    world.discord.fail(POST_SLIP, refusal(503))
    world.deliver()
    assert world.discord.shown() == ["Chiefs −3"]


def test_slip_in_doubt_is_not_taken_for_another_bets_slip(world: World) -> None:
    world.enqueue(1, slip("Chiefs −3", bet=1))
    world.deliver()
    world.enqueue(2, slip("Chiefs −3", bet=2))
    world.discord.fail(POST_SLIP, refusal(500))
    world.deliver()
    assert world.discord.shown() == ["Chiefs −3", "Chiefs −3"]


def test_slip_stays_in_doubt_while_it_cannot_be_looked_up(world: World) -> None:
    world.enqueue(1, slip("Chiefs −3"))
    world.discord.fail(POST_SLIP, None, effect=True)
    world.discord.fail(r"GET .*/messages", refusal(429, 0, {"retry-after": "30"}))
    assert world.deliver() == {"postponed": 2}
    later(world, seconds=30)
    assert world.deliver() == {"sent": 1}
    assert world.discord.shown() == ["Chiefs −3"]


def test_slip_in_doubt_is_told_from_one_with_the_same_words(world: World) -> None:
    """Both attempts got no answer: the first bet's slip is there, the second's is not."""
    world.enqueue(1, slip("Chiefs −3", bet=1))
    world.discord.fail(POST_SLIP, refusal(500), effect=True)
    world.discord.fail(r"GET .*/messages", refusal(429, 0, {"retry-after": "60"}))
    world.deliver("bet:1")
    world.enqueue(2, slip("Chiefs −3", bet=2))
    world.discord.fail(POST_SLIP, refusal(500))
    world.deliver("bet:2")
    later(world, minutes=2)
    world.deliver()
    world.enqueue(3, stamp("one ✔", bet=1), stamp("two ✔", bet=2))
    world.deliver()
    assert world.discord.shown() == ["one ✔", "two ✔"]


def test_message_in_doubt_is_not_taken_for_an_earlier_one_with_the_same_words(world: World) -> None:
    world.enqueue(1, message("nothing new", key="card:1"))
    world.deliver()
    world.enqueue(2, message("nothing new", key="card:2"))
    with world.environment().database.transaction() as session:
        queue = OutboxQueue(session)
        queue.mark_sending(queue.open_rows("card:2")[0], START)
    later(world, minutes=5)
    world.deliver()
    assert world.discord.shown() == ["nothing new", "nothing new"]


def test_nonce_window_counts_from_the_first_attempt(world: World) -> None:
    world.enqueue(1, message("recap"))
    environment = world.environment()
    with environment.database.transaction() as session:
        queue = OutboxQueue(session)
        for moment in (START, START + timedelta(seconds=100)):  # the first arrived, neither was answered
            queue.mark_sending(queue.open_rows("card:1")[0], moment)
    world.discord._post(text("recap"), str(CHANNEL))
    later(world, seconds=190)
    world.deliver()
    assert world.discord.shown() == ["recap"]


def test_slip_in_doubt_is_unknown_when_history_is_not_readable(world: World) -> None:
    world.enqueue(1, slip("Chiefs −3"))
    world.discord.history_readable = False
    world.discord.fail(POST_SLIP, refusal(500), effect=True)
    assert world.deliver() == {"postponed": 1, "unknown": 1}
    assert world.discord.shown() == ["Chiefs −3"]
    assert "not readable" in world.rows()["1:1"]["last_error"]


def test_bot_message_in_doubt_is_repeated_under_the_same_nonce(world: World) -> None:
    world.enqueue(1, message("recap"))
    world.discord.fail(r"POST /channels/\d+/messages", None, effect=True)
    assert world.deliver() == {"postponed": 1, "sent": 1}
    assert world.discord.shown() == ["recap"]
    posts = [body for body in world.discord.bodies if b"recap" in body]
    assert len(posts) == 2
    assert len({json.loads(body)["nonce"] for body in posts}) == 1
    assert len(json.loads(posts[0])["nonce"]) <= 25


def test_bot_message_in_doubt_beyond_the_nonce_window_is_looked_up(world: World) -> None:
    world.enqueue(1, message("recap"))
    environment = world.environment()
    with environment.database.transaction() as session:
        queue = OutboxQueue(session)
        queue.lease("card:1", "dead run", START, START + timedelta(seconds=45))
        (row,) = queue.open_rows("card:1")
        queue.mark_sending(row, START)
    world.discord._post(text("recap") | {"nonce": "x"}, str(CHANNEL))
    later(world, minutes=5)
    world.deliver()
    assert world.discord.shown() == ["recap"]
    assert world.states() == {"1:1": "sent"}


def test_direct_message_goes_to_the_persons_channel(world: World) -> None:
    world.enqueue(1, Post("direct.post", "direct:1", {"user_id": 8}, text("you tailed a winner")))
    assert world.deliver() == {"sent": 1}
    assert world.discord.shown(1008) == ["you tailed a winner"]


def test_role_is_given_and_taken(world: World) -> None:
    world.enqueue(
        1,
        Post("role.set", "role:1", {"user_id": 8, "role_id": 9, "held": True}, {}),
        Post("role.set", "role:2", {"user_id": 8, "role_id": 9, "held": False}, {}),
    )
    assert world.deliver() == {"sent": 2}
    assert f"PUT /guilds/{GUILD}/members/8/roles/9" in world.discord.calls
    assert f"DELETE /guilds/{GUILD}/members/8/roles/9" in world.discord.calls


def defer(world: World, deferral: int = 5, token: str = "interaction-token") -> None:
    expires_at = world.clock.now() + timedelta(minutes=15)
    number: Any = deferral
    claim = Claim(900, GUILD, 8, "bet", Deferred(APPLICATION, token, number, expires_at))
    world.environment().database.exchange(claim, lambda session: answered())


@pytest.mark.parametrize("code", [10015, 10062, 10008])
def test_reply_that_outruns_its_deferral_is_tried_until_discord_knows_it(world: World, code: int) -> None:
    defer(world)
    world.discord.originals["interaction-token"] = {}
    world.discord.fail(r"PATCH .*@original", refusal(404, code), times=3)
    assert world.deliver("reply:900") == {"postponed": 3, "sent": 1}
    assert world.discord.originals["interaction-token"]["components"] == text("done")["components"]
    assert world.clock.now() - START <= timedelta(seconds=10)


def test_reply_expires_with_its_token_and_the_token_is_gone(world: World) -> None:
    defer(world)
    world.discord.fail(r"PATCH .*@original", refusal(500), times=1000)
    world.deliver()
    assert "token_cipher" in world.rows()["900:reply"]["target"]
    later(world, minutes=15)
    assert world.deliver() == {"expired": 1}
    assert "token_cipher" not in world.rows()["900:reply"]["target"]


def test_reply_whose_token_ended_by_discords_clock_needs_nobody(world: World) -> None:
    """Our clock is behind: Discord's fifteen minutes are over before ours. A dead row would ask for a person."""
    defer(world)
    world.discord.fail(r"PATCH .*@original", refusal(401, 50027))
    assert world.deliver() == {"expired": 1}
    row = world.rows()["900:reply"]
    assert "50027" in row["last_error"]
    assert "token_cipher" not in row["target"]


def test_sent_reply_keeps_no_token(world: World) -> None:
    defer(world)
    world.discord.originals["interaction-token"] = {}
    assert world.deliver() == {"sent": 1}
    assert "token_cipher" not in world.rows()["900:reply"]["target"]


def test_followup_is_private_and_never_repeated_blindly(world: World) -> None:
    defer(world, deferral=6)
    world.discord.originals["interaction-token"] = {}
    world.discord.fail(r"POST /webhooks/3", refusal(502), effect=True)
    assert world.deliver() == {"postponed": 1, "unknown": 1}
    (followup,) = world.discord.followups
    assert followup["flags"] & 64


def test_leased_target_is_left_alone_until_the_lease_ends(world: World) -> None:
    world.enqueue(1, slip("a"))
    with world.environment().database.transaction() as session:
        assert OutboxQueue(session).lease("bet:1", "another run", START, START + timedelta(seconds=45))
    assert world.deliver("bet:1") == {}
    assert world.deliver() == {}
    later(world, seconds=45)
    assert world.deliver() == {"sent": 1}


def test_fault_in_one_target_does_not_keep_others_from_going_out(world: World) -> None:
    world.enqueue(1, Post("role.set", "role:1", {"user_id": "not a number", "role_id": 1, "held": True}, {}))
    world.enqueue(2, slip("a"))
    assert world.deliver() == {"failed": 1, "sent": 1}
    assert world.states()["1:1"] == "sending"


def test_connection_refused_is_tried_again(world: World) -> None:
    world.enqueue(1, slip("a"))
    world.discord.fail(POST_SLIP, None, effect=False)
    world.deliver()
    assert world.discord.shown() == ["a"]


def test_wrong_bot_token_backs_off_slowly(world: World) -> None:
    world.enqueue(1, message("a"))
    world.discord.fail(r"POST /channels", refusal(401, 0))
    assert world.deliver() == {"postponed": 1}
    assert world.rows()["1:1"]["next_attempt_at"] == START + timedelta(minutes=5)


def test_outage_of_a_day_is_given_up(world: World) -> None:
    world.enqueue(1, message("a"))
    world.discord.fail(r"POST /channels", refusal(429, 0, {"retry-after": "60"}), times=10_000)
    world.deliver()
    later(world, hours=24)
    assert world.deliver() == {"dead": 1}
    assert world.rows()["1:1"]["last_error"].startswith("given up")


def test_page_of_a_proxy_reads_as_unavailable(world: World) -> None:
    world.enqueue(1, message("a"))
    world.discord.fail(r"POST /channels", HttpResponse(502, {"content-type": "text/html"}, b"<html>Bad gateway"))
    assert world.deliver() == {"postponed": 1, "sent": 1}


@dataclass(frozen=True)
class LambdaContext:
    """What Lambda passes beside the event."""

    remaining_ms: int = 60_000
    aws_request_id: str = "request-1"

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining_ms


def invoke(world: World, event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    environment = world.environment()
    with installed(environment):
        answer: dict[str, Any] = handler(event, context)
    environment.database.close()
    return answer


def test_nudge_delivers_what_it_names_and_the_schedule_sweeps_the_rest(world: World) -> None:
    world.enqueue(1, slip("a"), message("b"))
    assert invoke(world, {"v": 1, "target_keys": ["bet:1"]}, LambdaContext()) == {"v": 1, "counts": {"sent": 1}}
    assert world.discord.shown() == ["a"]
    assert invoke(world, {"version": "0", "source": "aws.scheduler"}, LambdaContext()) == {
        "v": 1,
        "counts": {"sent": 1},
    }
    assert world.discord.shown() == ["a", "b"]


def test_run_that_is_nearly_over_starts_nothing(world: World) -> None:
    world.enqueue(1, slip("a"))
    assert invoke(world, {}, LambdaContext(remaining_ms=14_000)) == {"v": 1, "counts": {}}
    assert world.states() == {"1:1": "pending"}


def test_slip_is_drawn_when_it_is_sent(world: World) -> None:
    view = SlipView(
        capper="Sharp Ann",
        ticket="Straight",
        legs=(LegView("NFL", "Chiefs −3", "Spread", "Chiefs @ Raiders", "Sun 8:20 PM ET", "-110"),),
        odds="-110",
        risk="2u",
        to_win="1.82u",
        posted="Sun 6:00 PM ET",
        bet_ref="abc",
        state="OPEN",
        title="",
        headings=("RISK", "TO WIN", "PROFIT"),
    )
    post = slip("Chiefs −3")
    image = Image("slip.png", "Chiefs −3", "slip", view.to_json())
    world.enqueue(1, Post(post.kind, post.target_key, post.target, post.data, (image,)))
    assert invoke(world, {}, LambdaContext())["counts"] == {"sent": 1}
    assert any(PNG in body for body in world.discord.bodies)
