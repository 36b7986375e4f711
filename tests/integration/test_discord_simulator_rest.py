"""Discord's REST API as the simulator plays it: what it refuses, forgets, limits and keeps."""

from __future__ import annotations

from typing import Any

import pytest

from dbsbm.core.http import HttpRequest, HttpResponse, TransportError
from local.discord_simulator import Fault, Upload
from local.discord_simulator.cdn import solid_png
from tests import discord_schema
from tests.integration.discord_world import (
    BET,
    V2,
    World,
    button,
    code,
    document,
    errors,
    gallery,
    message,
    reply,
    row,
    text,
)
from tests.unit.test_discord_limits import CALLBACKS, COMMANDS, MESSAGES, MODALS

Json = dict[str, Any]


def png(name: str = "slip.png") -> Upload:
    return Upload(name, "image/png", solid_png(8, 4, (1, 2, 3)))


# --- each limit the official description does not express, refused where it would be sent ----------------------------


@pytest.mark.parametrize("name", MESSAGES)
def test_no_message_over_a_limit_is_posted(name: str) -> None:
    world = World(options={"rate_limits": False})
    before = len(world.slips.seen_by(world.bob))
    for path in (f"/channels/{world.slips.id}/messages", world.webhook()):
        response = world.post(path, MESSAGES[name])
        assert (response.status, code(response)) in ((400, 50035), (400, 50006))
    assert len(world.slips.seen_by(world.bob)) == before


@pytest.mark.parametrize("name", MESSAGES)
def test_no_message_over_a_limit_answers_an_interaction(name: str) -> None:
    world = World(lambda _: reply({"type": 4, "data": MESSAGES[name]}))
    assert world.ann.slash("bet", pick="chiefs").failed


@pytest.mark.parametrize("name", MODALS)
def test_no_modal_over_a_limit_opens(name: str) -> None:
    world = World(lambda _: reply({"type": 9, "data": MODALS[name]}))
    seen = world.ann.slash("bet", pick="chiefs")
    assert (seen.failed, seen.modal) == (True, None)


@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_over_a_limit_is_registered(name: str) -> None:
    world = World()
    path = f"/applications/{world.app}/commands"
    assert errors(world.post(path, COMMANDS[name]))
    assert errors(world.put(path, [COMMANDS[name]]))
    assert len(document(world.get(path))) == 3


@pytest.mark.parametrize("name", [name for name in CALLBACKS if not CALLBACKS[name][1]])
def test_no_callback_over_a_limit_is_taken(name: str) -> None:
    world = World(lambda _: reply(CALLBACKS[name][0]))
    assert world.ann.slash("bet", pick="chiefs").failed


def test_the_tree_of_a_50035_leads_to_the_place() -> None:
    world = World()
    body = {"flags": V2, "components": [row(button("Post", "x" * 101))]}
    tree = errors(world.post(f"/channels/{world.slips.id}/messages", body))
    leaf = tree["components"]["0"]["components"]["0"]["custom_id"]["_errors"][0]
    assert leaf == {"code": "BASE_TYPE_BAD_LENGTH", "message": "Must be between 1 and 100 in length."}


# --- the way in -----------------------------------------------------------------------------------------------------


def test_requests_need_a_token_a_user_agent_and_a_route() -> None:
    world = World()
    assert world.rest("GET", "/users/@me", headers={"authorization": "Bot wrong"}).status == 401
    assert code(world.rest("GET", "/users/@me", headers={"user-agent": "python-urllib3/2"})) == 40333
    assert world.get("/nothing").status == 404
    assert world.put("/users/@me").status == 405
    assert world.get("/users/@me").status == 200
    broken = {"content-type": "application/json"}
    request = HttpRequest("POST", f"https://d.test/api/v10/channels/{world.slips.id}/messages", broken, b"{")
    headers = {"user-agent": "DiscordBot (x, 1)", "authorization": f"Bot {world.simulator.bot_token}"}
    response = world.simulator.handle(HttpRequest(request.method, request.url, {**broken, **headers}, b"{"))
    assert code(response) == 50109


def test_files_have_a_limit_each_and_together() -> None:
    world = World()
    large = Upload("a.png", "image/png", b"x" * (10 * 1024 * 1024 + 1))
    path = f"/channels/{world.slips.id}/messages"
    assert code(world.post(path, {"content": "x"}, {0: large})) == 40005
    half = Upload("a.png", "image/png", b"x" * (9 * 1024 * 1024))
    assert code(world.post(path, {"content": "x"}, {0: half, 1: half, 2: half})) == 40005


# --- commands -------------------------------------------------------------------------------------------------------


def test_overwriting_keeps_ids_and_versions_of_what_did_not_change() -> None:
    world = World()
    path = f"/applications/{world.app}/commands"
    before = {item["name"]: item for item in document(world.get(path))}
    changed = {**BET, "description": "Post another bet"}
    after = {item["name"]: item for item in document(world.put(path, [changed, {"name": "Log as bet", "type": 3}]))}
    assert after["bet"]["id"] == before["bet"]["id"]
    assert after["bet"]["version"] > before["bet"]["version"]
    assert after["Log as bet"]["version"] == before["Log as bet"]["version"]
    assert "capper" not in after


def test_localizations_are_listed_only_on_request() -> None:
    world = World()
    path = f"/applications/{world.app}/commands"
    world.post(path, {**BET, "name_localizations": {"de": "wette"}})
    assert "name_localizations" not in document(world.get(path))[0]
    found = {item["name"]: item for item in document(world.get(f"{path}?with_localizations=true"))}
    assert found["bet"]["name_localizations"] == {"de": "wette"}


def test_posting_an_existing_name_updates_it_and_a_day_has_200_creations() -> None:
    world = World(options={"rate_limits": False})
    path = f"/applications/{world.app}/guilds/{world.guild.id}/commands"
    assert [world.post(path, BET).status for _ in range(2)] == [201, 200]
    for number in range(199):
        made = document(world.post(path, {"name": f"c{number}", "description": "x"}))
        assert world.delete(f"{path}/{made['id']}").status == 204
    assert code(world.post(path, {"name": "late", "description": "x"})) == 30034
    world.clock.advance(86_401)
    assert world.post(path, {"name": "late", "description": "x"}).status == 201


def test_a_guild_command_hides_the_global_one_of_its_name() -> None:
    world = World()
    made = document(world.post(f"/applications/{world.app}/guilds/{world.guild.id}/commands", {**BET, "options": []}))
    world.ann.slash("bet")
    assert world.received[0]["data"]["id"] == made["id"]


# --- webhooks -------------------------------------------------------------------------------------------------------


def test_a_webhook_posts_under_a_name_and_edits_its_own() -> None:
    world = World()
    path = world.webhook()
    body = {"username": "Ann", "avatar_url": "https://a.example/a.png", "flags": V2, "components": [text("Chiefs −3")]}
    posted = document(world.post(f"{path}?wait=true", body))
    seen = world.slips.seen_by(world.bob)[-1]
    assert (seen.author, seen.avatar_url, seen.text) == ("Ann", "https://a.example/a.png", "Chiefs −3")
    assert world.patch(f"{path}/messages/{posted['id']}", {"components": [text("WON")]}).status == 200
    assert seen.text == "WON"
    assert world.post(path, body).status == 204
    other = world.webhook("another")
    assert code(world.patch(f"{other}/messages/{posted['id']}", {"components": [text("x")]})) == 10008


def test_webhook_names_and_numbers_are_limited() -> None:
    world = World(options={"rate_limits": False})
    path = f"/channels/{world.slips.id}/webhooks"
    assert "name" in errors(world.post(path, {"name": "Discord slips"}))
    assert "username" in errors(world.post(world.webhook(), {"content": "x", "username": "Clyde"}))
    for _ in range(14):
        assert world.post(path, {"name": "slips"}).status == 200
    assert code(world.post(path, {"name": "slips"})) == 30007
    assert len(document(world.get(path))) == 15


def test_a_lost_webhook_is_unknown_and_a_wrong_token_invalid() -> None:
    world = World()
    path = world.webhook()
    assert code(world.post(path + "x", {"content": "x"})) == 50027
    world.slips.delete_webhooks()
    assert code(world.post(path, {"content": "x"})) == 10015


# --- messages -------------------------------------------------------------------------------------------------------


def test_an_enforced_nonce_gives_back_the_message_for_a_while() -> None:
    world = World()
    path = f"/channels/{world.slips.id}/messages"
    body = {"content": "x", "nonce": "bet-1", "enforce_nonce": True}
    first, second = document(world.post(path, body)), document(world.post(path, body))
    assert first["id"] == second["id"]
    world.clock.advance(600)
    assert document(world.post(path, body))["id"] != first["id"]


def test_messages_are_listed_newest_first_and_private_ones_not_at_all() -> None:
    world = World()
    path = f"/channels/{world.slips.id}/messages"
    ids = [document(world.post(path, {"content": str(number)}))["id"] for number in range(4)]
    world.ann.slash("bet", pick="chiefs")
    assert [item["id"] for item in document(world.get(path))] == ids[::-1]
    assert [item["id"] for item in document(world.get(f"{path}?limit=2&after={ids[0]}"))] == [ids[2], ids[1]]
    world.clock.advance(2)
    assert [item["id"] for item in document(world.get(f"{path}?limit=1&before={ids[2]}"))] == [ids[1]]
    assert code(world.get(f"{path}?limit=101")) == 50035


def test_the_bot_edits_and_deletes_only_its_own() -> None:
    world = World()
    path = f"/channels/{world.slips.id}/messages"
    made = document(world.post(path, {"content": "x"}))["id"]
    said = world.bob.says("hello").message_id
    assert document(world.patch(f"{path}/{made}", {"content": "y"}))["content"] == "y"
    assert code(world.patch(f"{path}/{said}", {"content": "y"})) == 50005
    assert code(world.delete(f"{path}/{said}")) == 50013
    assert world.delete(f"{path}/{made}").status == 204
    assert code(world.get(f"{path}/{made}")) == 10008


def test_attachments_that_an_edit_does_not_list_are_gone() -> None:
    world = World()
    path = f"/channels/{world.slips.id}/messages"
    listed = {"content": "x", "attachments": [{"id": 0, "description": "first"}, {"id": 1}]}
    made = document(world.post(path, listed, {0: png("a.png"), 1: png("b.png")}))
    first, second = made["attachments"]
    assert first["description"] == "first"
    one = f"{path}/{made['id']}"
    assert len(document(world.patch(one, {"content": "y"}))["attachments"]) == 2
    kept = document(world.patch(one, {"attachments": [{"id": second["id"]}, {"id": 0}]}, {0: png("c.png")}))
    assert [item["filename"] for item in kept["attachments"]] == ["b.png", "c.png"]
    assert "attachments" in errors(world.patch(one, {"attachments": [{"id": first["id"]}]}))
    assert document(world.patch(one, {"attachments": []}))["attachments"] == []


def test_new_components_show_files_only_where_they_are_used() -> None:
    world = World()
    path = f"/channels/{world.slips.id}/messages"
    body = {"flags": V2, "components": [gallery("slip.png", "Chiefs −3")]}
    made = document(world.post(path, body, {0: png()}))
    assert made["attachments"] == []
    media = made["components"][0]["items"][0]["media"]
    assert world.simulator.handle(HttpRequest("GET", media["url"])).body == png().data
    assert "components" in errors(world.post(path, body))
    again = {"components": [gallery("stamp.png")], "attachments": [{"id": 0}]}
    edited = document(world.patch(f"{path}/{made['id']}", again, {0: png("stamp.png")}))
    assert "stamp.png" in edited["components"][0]["items"][0]["media"]["url"]


def test_a_message_turns_to_new_components_only_when_emptied_and_never_back() -> None:
    world = World()
    path = f"/channels/{world.slips.id}/messages"
    one = f"{path}/{document(world.post(path, {'content': 'x'}))['id']}"
    body = {"flags": V2, "components": [text("new")]}
    assert "content" in errors(world.patch(one, body))
    assert world.patch(one, {**body, "content": None, "embeds": []}).status == 200
    assert "content" in errors(world.patch(one, {"content": "back", "flags": 0}))


def test_only_allowed_mentions_ping() -> None:
    world = World()
    role = world.guild.role("capper")
    words = f"<@&{role.id}> <@{world.bob.user_id}> @everyone"
    path = f"/channels/{world.slips.id}/messages"
    made = document(world.post(path, {"content": words}))
    assert (made["mention_everyone"], made["mention_roles"]) == (True, [str(role.id)])
    allowed = {"parse": [], "roles": [str(role.id)]}
    made = document(world.post(path, {"content": words, "allowed_mentions": allowed}))
    assert (made["mention_everyone"], made["mention_roles"], made["mentions"]) == (False, [str(role.id)], [])
    made = document(world.post(f"{world.webhook()}?wait=true", {"content": words}))
    assert (made["mention_everyone"], made["mention_roles"], len(made["mentions"])) == (False, [], 1)


def test_a_direct_message_reaches_the_person_alone() -> None:
    world = World()
    channel = document(world.post("/users/@me/channels", {"recipient_id": str(world.bob.user_id)}))
    assert world.post(f"/channels/{channel['id']}/messages", {"content": "won"}).status == 200
    assert [seen.text for seen in world.bob.in_direct().sees()] == ["won"]


# --- rights ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("right", "method", "path", "body", "expected"),
    [
        ("VIEW_CHANNEL", "GET", "", None, 50001),
        ("VIEW_CHANNEL", "POST", "/messages", {"content": "x"}, 50001),
        ("SEND_MESSAGES", "POST", "/messages", {"content": "x"}, 50013),
        ("READ_MESSAGE_HISTORY", "GET", "/messages/1", None, 50013),
        ("MANAGE_WEBHOOKS", "POST", "/webhooks", {"name": "x"}, 50013),
        ("MANAGE_WEBHOOKS", "GET", "/webhooks", None, 50013),
        ("MANAGE_CHANNELS", "PATCH", "", {"name": "x"}, 50013),
    ],
)
def test_what_the_bot_may_not_do_fails(right: str, method: str, path: str, body: Any, expected: int) -> None:
    world = World()
    world.slips.overwrite("bot", deny=(right,))
    assert code(world.rest(method, f"/channels/{world.slips.id}{path}", body)) == expected


def test_without_history_the_list_is_empty() -> None:
    world = World()
    world.bob.says("hello")
    world.slips.overwrite("bot", deny=("READ_MESSAGE_HISTORY",))
    assert document(world.get(f"/channels/{world.slips.id}/messages")) == []


def test_a_removed_bot_reaches_nothing_until_it_is_added_again() -> None:
    world = World()
    hook = world.webhook()
    world.guild.remove_bot()
    assert code(world.get(f"/guilds/{world.guild.id}")) == 10004
    assert code(world.post(f"/channels/{world.slips.id}/messages", {"content": "x"})) == 50001
    assert code(world.post(hook, {"content": "x"})) == 10015
    world.guild.add_bot()
    assert world.get(f"/guilds/{world.guild.id}").status == 200


def test_roles_below_its_own_can_be_given_and_taken() -> None:
    world = World()
    role = world.guild.role("top capper")
    path = f"/guilds/{world.guild.id}/members/{world.bob.user_id}"
    assert world.put(f"{path}/roles/{role.id}").status == 204
    assert document(world.get(path))["roles"] == [str(role.id)]
    assert world.delete(f"{path}/roles/{role.id}").status == 204
    assert code(world.put(f"{path}/roles/1")) == 10011
    managed = next(role for role in world.guild.guild.roles.values() if role.managed)
    assert code(world.put(f"{path}/roles/{managed.id}")) == 50013


def test_entitlements_ride_on_interactions() -> None:
    world = World()
    path = f"/applications/{world.app}/entitlements"
    made = document(world.post(path, {"sku_id": "5", "owner_id": str(world.guild.id), "owner_type": 1}))
    world.ann.slash("bet", pick="chiefs")
    assert [item["id"] for item in world.received[0]["entitlements"]] == [made["id"]]
    assert [item["id"] for item in document(world.get(f"{path}?guild_id={world.guild.id}"))] == [made["id"]]
    assert world.delete(f"{path}/{made['id']}").status == 204
    assert document(world.get(path)) == []


# --- rate limits and faults -----------------------------------------------------------------------------------------


def test_a_route_bucket_says_how_long_to_wait_and_opens_again() -> None:
    world = World()
    path = f"/channels/{world.slips.id}/messages"
    answers = [world.post(path, {"content": str(number)}) for number in range(6)]
    assert [answer.headers["x-ratelimit-remaining"] for answer in answers] == ["4", "3", "2", "1", "0", "0"]
    refused = answers[-1]
    assert (refused.status, refused.headers["x-ratelimit-scope"]) == (429, "user")
    wait = document(refused)["retry_after"]
    assert 0 < wait <= float(refused.headers["retry-after"])
    other = world.guild.channel("general")
    assert world.post(f"/channels/{other.id}/messages", {"content": "x"}).status == 200
    world.clock.advance(wait)
    assert world.post(path, {"content": "x"}).status == 200


def test_the_global_limit_spares_interaction_routes() -> None:
    world = World(lambda _: reply({"type": 5, "data": {"flags": 64}}))
    seen = world.ann.slash("bet", pick="chiefs")
    assert seen.exchange is not None
    world.clock.advance(1)
    statuses = {world.get(path).status for path in ["/users/@me"] * 25 + ["/applications/@me"] * 25}
    assert statuses == {200}
    refused = world.get(f"/channels/{world.slips.id}")
    assert (refused.status, document(refused)["global"], refused.headers["x-ratelimit-global"]) == (429, True, "true")
    assert world.patch(world.original(seen.exchange.token), {"content": "x"}).status == 200


def test_renaming_has_a_limit_no_header_tells_of() -> None:
    world = World()
    path = f"/channels/{world.slips.id}"
    assert [world.patch(path, {"name": name}).status for name in ("a", "b")] == [200, 200]
    assert int(world.get(path).headers["x-ratelimit-remaining"]) > 0
    refused = world.patch(path, {"topic": "c"})
    assert (refused.status, document(refused)["retry_after"]) == (429, 600)
    world.clock.advance(600)
    assert world.patch(path, {"name": "c"}).status == 200


def test_old_messages_can_be_edited_three_times_in_twenty_seconds() -> None:
    world = World()
    path = f"/channels/{world.slips.id}/messages"
    one = f"{path}/{document(world.post(path, {'content': 'x'}))['id']}"
    world.clock.advance(3601)
    assert [world.patch(one, {"content": str(number)}).status for number in range(3)] == [200] * 3
    refused = world.patch(one, {"content": "4"})
    assert (refused.status, code(refused)) == (429, 30046)


def test_webhook_messages_of_a_channel_share_a_limit() -> None:
    world = World()
    paths = [world.webhook(f"slips {number}") for number in range(7)]
    answers = [world.post(path, {"content": "x"}) for path in paths for _ in range(5)]
    refused = [answer for answer in answers if answer.status == 429]
    assert len(answers) - len(refused) == 30
    assert {answer.headers["x-ratelimit-scope"] for answer in refused} == {"shared"}


def test_ten_thousand_refused_requests_are_a_ban_without_headers() -> None:
    world = World()
    for _ in range(10_000):
        world.rest("GET", "/users/@me", headers={"authorization": "Bot wrong"})
    banned = world.get("/users/@me")
    assert (banned.status, "retry-after" in banned.headers, banned.body[:1]) == (429, False, b"<")
    world.clock.advance(601)
    assert world.get("/users/@me").status == 200


def test_faults_strike_as_often_as_they_are_told() -> None:
    world = World()
    path = f"/channels/{world.slips.id}/messages"
    world.simulator.faults += [Fault("POST", "/messages$", status=503), Fault("POST", "/messages$", status=429)]
    first, second, third = (world.post(path, {"content": "x"}) for _ in range(3))
    assert (first.status, second.status, third.status) == (503, 429, 200)
    assert "retry-after" not in second.headers


def test_a_lost_answer_leaves_its_effect_and_a_lost_request_none() -> None:
    world = World()
    path = f"/channels/{world.slips.id}/messages"
    world.simulator.faults += [Fault(drop="before"), Fault(drop="after"), Fault(slow_s=7)]
    for expected in (0, 1):
        with pytest.raises(TransportError):
            world.post(path, {"content": "x"})
        assert len(world.slips.seen_by(world.bob)) == expected
    before = world.clock.now()
    world.post(path, {"content": "x"})
    assert (world.clock.now() - before).total_seconds() == 7


# --- webhook events -------------------------------------------------------------------------------------------------


def test_events_are_repeated_until_acknowledged_and_given_up_after_ten_minutes() -> None:
    world = World()
    answers = [HttpResponse(500), HttpResponse(204)]
    world.simulator.events.connect(lambda _: answers.pop(0))
    world.simulator.events.send("APPLICATION_AUTHORIZED", {"guild": {"id": str(world.guild.id)}})
    assert world.simulator.events.run_due() == 1
    assert world.simulator.events.run_due() == 0
    world.clock.advance(5)
    world.simulator.events.run_due()
    assert (world.simulator.events.delivered, world.simulator.events.attempts) == (1, 2)
    world.simulator.events.connect(lambda _: HttpResponse(500))
    world.simulator.events.send("ENTITLEMENT_CREATE", {"id": "1"})
    for _ in range(200):
        world.simulator.events.run_due()
        world.clock.advance(5)
    assert len(world.simulator.events.given_up) == 1


# --- answers against the official description -----------------------------------------------------------------------


def test_answers_have_the_described_shapes() -> None:
    discord_schema.require()
    world = World(lambda _: reply(message(text("hello"), row(button("Post")), flags=0)))
    path = f"/channels/{world.slips.id}"
    world.ann.slash("bet", pick="chiefs")
    body = {"flags": V2, "components": [gallery("slip.png"), {"type": 14}]}
    world.post(f"{path}/messages", body, {0: png()})
    world.post(world.webhook(), {"content": "x"}, {0: png()})
    messages = document(world.get(f"{path}/messages"))
    assert len(messages) == 3
    for item in messages:
        assert discord_schema.response_errors("MessageResponse", item) == []
    for item in document(world.get(f"/applications/{world.app}/commands?with_localizations=true")):
        assert discord_schema.response_errors("ApplicationCommandResponse", item) == []
    assert discord_schema.response_errors("GuildChannelResponse", document(world.get(path))) == []
    guild = f"/guilds/{world.guild.id}"
    assert discord_schema.response_errors("GuildRoleResponse", document(world.get(f"{guild}/roles"))[0]) == []
    member = document(world.get(f"{guild}/members/{world.bob.user_id}"))
    assert discord_schema.response_errors("GuildMemberResponse", member) == []
    assert discord_schema.response_errors("GuildResponse", document(world.get(guild))) == []
    assert discord_schema.response_errors("ErrorResponse", document(world.get("/channels/1"))) == []
