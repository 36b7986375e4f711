"""Interactions through the simulated Discord: what people can send, what may answer, and when."""

from __future__ import annotations

from typing import Any

import pytest
from discord_interactions import verify_key

from dbsbm.core.http import HttpRequest, HttpResponse, TransportError
from local.discord_simulator import ClientRefusalError, Delivery, Upload
from local.discord_simulator.cdn import solid_png
from tests.integration.discord_world import (
    PRIVATE,
    V2,
    World,
    button,
    code,
    document,
    gallery,
    message,
    reply,
    row,
    text,
)

Json = dict[str, Any]
PNG = Upload("slip.png", "image/png", solid_png(8, 4, (1, 2, 3)))
MODAL = {
    "type": 9,
    "data": {
        "title": "New bet",
        "custom_id": "v1:new",
        "components": [
            {"type": 18, "label": "Stake", "component": {"type": 4, "style": 1, "custom_id": "stake", "max_length": 5}},
            {"type": 18, "label": "Photo", "component": {"type": 19, "custom_id": "photo", "required": False}},
            {
                "type": 18,
                "label": "Result",
                "component": {
                    "type": 21,
                    "custom_id": "result",
                    "required": False,
                    "options": [{"label": "Won", "value": "won"}, {"label": "Lost", "value": "lost"}],
                },
            },
            {"type": 18, "label": "Channel", "component": {"type": 8, "custom_id": "channel", "required": False}},
        ],
    },
}


def deferred(_: Json) -> HttpResponse:
    return reply({"type": 5, "data": {"flags": PRIVATE}})


# --- what the client lets people send -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "values"),
    [
        ("bet", {}),
        ("bet", {"pick": "x" * 301}),
        ("bet", {"pick": "chiefs", "nonsense": 1}),
        ("bet", {"pick": "chiefs", "units": 11}),
        ("bet", {"pick": "chiefs", "units": "2"}),
        ("bet", {"pick": "chiefs", "mode": "risk"}),
        ("bet", {"pick": "chiefs", "proof": "slip.png"}),
        ("bet", {"pick": "chiefs", "live": 1}),
        ("capper", {}),
        ("bets", {}),
        ("Log as bet", {}),
    ],
)
def test_the_client_does_not_send_what_the_definition_excludes(command: str, values: Json) -> None:
    world = World()
    with pytest.raises(ClientRefusalError):
        world.ann.slash(command, **values)
    assert world.received == []


def test_default_permissions_hide_a_command_from_members_and_show_it_to_admins() -> None:
    world = World()
    with pytest.raises(ClientRefusalError):
        world.ann.slash("capper add", user=world.bob)
    world.guild.user("ada", role="admin").slash("capper add", user=world.bob)
    data = world.received[0]["data"]
    assert data["options"][0] == {
        "name": "add",
        "type": 1,
        "options": [{"name": "user", "type": 6, "value": str(world.bob.user_id)}],
    }
    assert data["resolved"]["users"][str(world.bob.user_id)]["username"] == "bob"


def test_a_channel_option_carries_what_the_bot_may_do_there() -> None:
    world = World()
    world.slips.overwrite("bot", deny=("SEND_MESSAGES",))
    world.ann.slash("bet", pick="chiefs", where=world.slips)
    channel = world.received[0]["data"]["resolved"]["channels"][str(world.slips.id)]
    assert not int(channel["app_permissions"]) & 1 << 11
    assert int(channel["permissions"]) & 1 << 11


def test_a_file_option_arrives_as_an_address_that_expires() -> None:
    world = World()
    world.ann.slash("bet", pick="chiefs", proof=PNG)
    (attachment,) = world.received[0]["data"]["resolved"]["attachments"].values()
    assert (attachment["width"], attachment["height"], attachment["ephemeral"]) == (8, 4, True)
    assert world.simulator.handle(HttpRequest("GET", attachment["url"])).body == PNG.data
    assert world.simulator.handle(HttpRequest("GET", attachment["url"].split("?")[0])).status == 404
    world.clock.advance(25 * 3600)
    assert world.simulator.handle(HttpRequest("GET", attachment["url"])).status == 404


def test_autocomplete_sends_what_is_typed_and_offers_the_choices() -> None:
    world = World(lambda _: reply({"type": 8, "data": {"choices": [{"name": "Chiefs −3", "value": "kc-3"}]}}))
    assert [choice.value for choice in world.ann.autocomplete("bet", "pick", "chi", units=2)] == ["kc-3"]
    option = world.received[0]["data"]["options"][0]
    assert option == {"name": "pick", "type": 3, "value": "chi", "focused": True}
    with pytest.raises(ClientRefusalError):
        world.ann.autocomplete("bet", "mode", "x")


def test_a_message_command_carries_the_message() -> None:
    world = World()
    pasted = world.bob.says("chiefs -3", PNG)
    world.ann.message_command("Log as bet", pasted)
    data = world.received[0]["data"]
    assert data["resolved"]["messages"][data["target_id"]]["content"] == "chiefs -3"
    assert data["resolved"]["messages"][data["target_id"]]["attachments"][0]["filename"] == "slip.png"


# --- signatures ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("delivery", "good"),
    [
        (Delivery(), True),
        (Delivery(headers="lower"), True),
        (Delivery(headers="upper"), True),
        (Delivery(timestamp_age_s=900), True),
        (Delivery(signature="bad"), False),
        (Delivery(truncate=40), False),
        (Delivery(body=b"not json"), True),
    ],
)
def test_the_official_library_agrees_on_our_signatures(delivery: Delivery, good: bool) -> None:
    world = World()
    request = world.ann.sending(Delivery(**{**vars_of(delivery), "hold": True})).slash("bet", pick="chiefs").request
    assert request is not None
    headers = {name.lower(): value for name, value in request.headers.items()}
    signature, stamp = headers["x-signature-ed25519"], headers["x-signature-timestamp"]
    assert verify_key(request.body, signature, stamp, world.simulator.public_key_hex) is good
    assert world.received == []


def vars_of(delivery: Delivery) -> Json:
    return {name: getattr(delivery, name) for name in Delivery.__slots__}


def test_headers_can_be_missing_and_garbled() -> None:
    world = World()
    missing = world.ann.sending(Delivery(signature="missing", timestamp="missing", hold=True)).slash("bet", pick="x")
    garbled = world.ann.sending(Delivery(signature="garbled", hold=True)).slash("bet", pick="x")
    assert missing.request is not None
    assert garbled.request is not None
    assert not {"X-Signature-Ed25519", "X-Signature-Timestamp"} & set(missing.request.headers)
    assert garbled.request.headers["X-Signature-Ed25519"].startswith("zz")


def test_the_same_interaction_can_arrive_many_times() -> None:
    world = World()
    seen = world.ann.sending(Delivery(repeat=5)).slash("bet", pick="chiefs")
    assert len({item["id"] for item in world.received}) == 1
    assert len(seen.responses) == len(world.received) == 5
    assert len(world.ann.sees()) == 1


def test_the_portal_accepts_a_good_endpoint_and_names_what_is_wrong_with_another() -> None:
    world = World()
    key = world.simulator.public_key_hex

    def good(request: Any) -> HttpResponse:
        headers = request.headers
        if not verify_key(request.body, headers["X-Signature-Ed25519"], headers["X-Signature-Timestamp"], key):
            return HttpResponse(401)
        return reply({"type": 1})

    world.simulator.connect(good)
    assert world.simulator.validate_endpoint() == []
    url = {"interactions_endpoint_url": "https://dbsbm.example/discord/interactions"}
    assert world.patch("/applications/@me", url).status == 200
    world.simulator.connect(lambda _: reply({"type": 1}))
    assert world.simulator.validate_endpoint() == ["a bad signature was answered 200, not 401"]
    assert code(world.patch("/applications/@me", url)) == 50035


# --- answers ------------------------------------------------------------------------------------------------------


def test_a_private_answer_is_seen_by_nobody_else() -> None:
    world = World(lambda _: reply(message(text("only you"), row(button("Post")))))
    seen = world.ann.slash("bet", pick="chiefs")
    assert (seen.text, seen.private, seen.buttons) == ("only you", True, ["Post"])
    assert len(world.slips.seen_by(world.ann)) == 1
    assert world.slips.seen_by(world.bob) == []
    with pytest.raises(ClientRefusalError):
        seen.by(world.bob)


def test_a_deferred_answer_reads_as_thinking_until_it_arrives() -> None:
    world = World(deferred)
    seen = world.ann.slash("bet", pick="chiefs")
    assert (seen.thinking, seen.private) == (True, True)
    assert seen.exchange is not None
    path = world.original(seen.exchange.token)
    body = {"flags": V2, "components": [text("Chiefs −3"), gallery("slip.png", "Chiefs −3 slip")]}
    response = world.patch(path, body, {0: PNG})
    assert response.status == 200
    assert document(response)["attachments"] == []
    assert (seen.thinking, seen.text, seen.images[0].alt) == (False, "Chiefs −3", "Chiefs −3 slip")
    assert seen.images[0].data == PNG.data
    assert world.slips.seen_by(world.bob) == []


def test_a_late_answer_fails_and_kills_the_token() -> None:
    world = World()

    def slow(_: Json) -> HttpResponse:
        world.clock.advance(3.1)
        return reply(message(text("late")))

    world.answers = slow
    seen = world.ann.slash("bet", pick="chiefs")
    assert (seen.failed, seen.text) == (True, "The application did not respond")
    assert seen.exchange is not None
    callback = f"/interactions/{seen.exchange.id}/{seen.exchange.token}/callback"
    assert code(world.post(callback, message(text("x")))) == 10062
    assert code(world.patch(world.original(seen.exchange.token), {"content": "x"})) == 10015


def test_only_one_acknowledgement_counts() -> None:
    world = World()
    seen = world.ann.slash("bet", pick="chiefs")
    assert seen.exchange is not None
    callback = f"/interactions/{seen.exchange.id}/{seen.exchange.token}/callback"
    assert code(world.post(callback, message(text("x")))) == 40060


def test_answering_over_rest_then_202() -> None:
    world = World()
    answers: list[HttpResponse] = []

    def over_rest(interaction: Json) -> HttpResponse:
        path = f"/interactions/{interaction['id']}/{interaction['token']}/callback?with_response=true"
        answers.append(world.post(path, message(text("over REST"))))
        return HttpResponse(202)

    world.answers = over_rest
    assert world.ann.slash("bet", pick="chiefs").text == "over REST"
    assert document(answers[0])["resource"]["message"]["flags"] & V2


def test_the_token_opens_nothing_before_the_answer_has_been_taken_in() -> None:
    world = World(deferred, {"acknowledgement_delay_s": (2.0, 4.0)})
    seen = world.ann.slash("bet", pick="chiefs")
    assert seen.exchange is not None
    path = world.original(seen.exchange.token)
    assert code(world.patch(path, {"content": "x"})) == 10015
    world.clock.advance(4)
    assert world.patch(path, {"content": "x"}).status == 200


def test_a_token_is_worth_nothing_after_a_quarter_of_an_hour() -> None:
    world = World(deferred)
    seen = world.ann.slash("bet", pick="chiefs")
    assert seen.exchange is not None
    world.clock.advance(15 * 60 + 1)
    assert code(world.patch(world.original(seen.exchange.token), {"content": "x"})) == 50027


@pytest.mark.parametrize("response", [HttpResponse(500), HttpResponse(401), HttpResponse(204), reply({"ok": True})])
def test_other_answers_fail(response: HttpResponse) -> None:
    world = World(lambda _: response)
    assert world.ann.slash("bet", pick="chiefs").failed
    assert len(world.simulator.problems) == 1


def test_an_unreachable_endpoint_fails() -> None:
    world = World()

    def broken(_: Json) -> HttpResponse:
        raise TransportError("connection refused", sent=False)

    world.answers = broken
    assert world.ann.slash("bet", pick="chiefs").failed


@pytest.mark.parametrize("kind", [6, 7, 8])
def test_a_command_cannot_be_answered_with_an_update(kind: int) -> None:
    world = World(lambda _: reply({"type": kind, "data": {"choices": []} if kind == 8 else {}}))
    assert world.ann.slash("bet", pick="chiefs").failed


def test_privacy_is_fixed_by_the_first_answer() -> None:
    world = World(lambda _: reply({"type": 5}))
    seen = world.ann.slash("bet", pick="chiefs")
    assert seen.exchange is not None
    assert world.patch(world.original(seen.exchange.token), {"content": "x", "flags": PRIVATE}).status == 200
    assert not seen.private
    assert len(world.slips.seen_by(world.bob)) == 1


# --- clicks, selects, modals, follow-ups --------------------------------------------------------------------------


def test_a_click_carries_the_message_and_may_change_it() -> None:
    world = World(lambda _: reply(message(text("Post?"), row(button("Post")), flags=0)))
    seen = world.ann.slash("bet", pick="chiefs")
    world.answers = lambda _: reply({"type": 7, "data": {"components": [text("Posted")]}})
    clicked = seen.by(world.bob).click("Post")
    assert world.received[-1]["message"]["id"] == str(seen.message_id)
    assert world.received[-1]["data"]["custom_id"] == "v1:post"
    assert world.received[-1]["member"]["user"]["username"] == "bob"
    assert clicked.text == seen.text == "Posted"
    with pytest.raises(ClientRefusalError):
        seen.click("Post")


def test_a_silent_deferral_changes_the_message_or_follows_up() -> None:
    world = World(lambda _: reply(message(text("Post?"), row(button("Post")), flags=0)))
    seen = world.ann.slash("bet", pick="chiefs")
    world.answers = lambda _: reply({"type": 6})
    clicked = seen.click("Post")
    assert (clicked.thinking, clicked.text) == (False, "Post?")
    assert clicked.exchange is not None
    token = clicked.exchange.token
    world.patch(world.original(token), {"components": [text("Posted")]})
    assert seen.text == "Posted"
    body = {"flags": V2 | PRIVATE, "components": [text("only for you")]}
    assert world.post(f"/webhooks/{world.app}/{token}", body).status == 200
    assert (clicked.text, clicked.private) == ("only for you", True)
    assert len(world.slips.seen_by(world.bob)) == 1


def test_selects_send_values_and_refuse_what_is_not_offered() -> None:
    stake = {
        "type": 3,
        "custom_id": "v1:stake",
        "placeholder": "Stake",
        "options": [{"label": "2 units", "value": "2"}],
    }
    people = {"type": 5, "custom_id": "v1:who", "max_values": 2}
    world = World(lambda _: reply(message(text("Pick"), row(stake), row(people))))
    seen = world.ann.slash("bet", pick="chiefs")
    seen.select("Stake", "2 units")
    assert world.received[-1]["data"]["values"] == ["2"]
    seen.select("v1:who", world.bob, world.ann)
    assert set(world.received[-1]["data"]["resolved"]["users"]) == {str(world.bob.user_id), str(world.ann.user_id)}
    for wrong in (("Stake", "9"), ("Stake",), ("v1:who", 1)):
        with pytest.raises(ClientRefusalError):
            seen.select(*wrong)


def test_a_modal_is_filled_in_and_sent() -> None:
    world = World(lambda _: reply(MODAL))
    opened = world.ann.slash("bet", pick="chiefs")
    assert opened.modal is not None
    assert opened.modal.labels == ["Stake", "Photo", "Result", "Channel"]
    with pytest.raises(ClientRefusalError):
        opened.submit_modal({"Stake": "123456"})
    with pytest.raises(ClientRefusalError):
        opened.submit_modal({"Nothing": "x"})
    world.answers = lambda _: reply(message(text("noted")))
    seen = opened.submit_modal({"Stake": "2u", "Photo": PNG, "Result": "Won", "Channel": world.slips})
    assert seen.text == "noted"
    data = world.received[-1]["data"]
    values = [item["component"].get("value", item["component"].get("values")) for item in data["components"]]
    assert values[0] == "2u"
    assert values[2] == "won"
    assert values[1] == list(data["resolved"]["attachments"])
    assert values[3] == [str(world.slips.id)]


def test_a_modal_cannot_answer_a_modal() -> None:
    world = World(lambda _: reply(MODAL))
    assert world.ann.slash("bet", pick="chiefs").submit_modal({"Stake": "2u"}).failed


def test_followups_are_edited_and_deleted_by_the_token() -> None:
    world = World()
    seen = world.ann.slash("bet", pick="chiefs")
    assert seen.exchange is not None
    base = f"/webhooks/{world.app}/{seen.exchange.token}"
    made = document(world.post(base, {"content": "more", "flags": PRIVATE}))
    assert [item.text for item in seen.followups] == ["more"]
    assert world.patch(f"{base}/messages/{made['id']}", {"content": "other"}).status == 200
    assert world.delete(f"{base}/messages/{made['id']}").status == 204
    assert seen.followups == []
    assert code(world.get(f"{base}/messages/{made['id']}")) == 10008
    assert world.delete(f"{base}/messages/@original").status == 204
    assert code(world.get(f"{base}/messages/@original")) == 10008


def test_outside_a_guild_the_person_is_a_user_and_not_a_member() -> None:
    world = World()
    world.simulator.person("zoe").slash("bet", pick="chiefs")
    sent = world.received[0]
    assert sent["context"] == 1
    assert sent["user"]["username"] == "zoe"
    assert "member" not in sent
    assert "guild_id" not in sent


def test_the_same_seed_says_the_same() -> None:
    def run() -> tuple[Json, list[Json]]:
        world = World()
        world.ann.slash("bet", pick="chiefs")
        return world.simulator.transcript(), world.received

    assert run() == run()
