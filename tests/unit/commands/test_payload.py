"""Reading the signed payload, strictly."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbsbm.commands.payload import PayloadError, command_name, read_envelope, resolved_channel, resolved_person

EVENTS = Path(__file__).parents[3] / "events"
SAMPLES = {path.stem: json.loads(path.read_text()) for path in EVENTS.glob("command_*.json")}


def test_there_is_a_sample_for_each_command_function() -> None:
    assert set(SAMPLES) == {"command_guild", "command_betting", "command_stats"}


def test_a_slash_command_reads_as_its_options() -> None:
    envelope = read_envelope(SAMPLES["command_betting"])
    assert command_name(envelope.interaction) == "bet"
    assert envelope.interaction.options == {"pick": "chiefs -3 -110 2u"}
    assert envelope.interaction.created_at.isoformat() == "2026-09-13T15:00:01+00:00"
    assert (envelope.mode, envelope.deferral) == ("inline", 0)


def test_a_channel_option_is_a_number_with_its_resolved_rights() -> None:
    interaction = read_envelope(SAMPLES["command_guild"]).interaction
    channel_id = interaction.options["slip_channel"]
    assert isinstance(channel_id, int)
    assert resolved_channel(interaction, channel_id)["app_permissions"] == "537258048"


def test_a_user_that_discord_did_not_resolve_is_an_error() -> None:
    interaction = read_envelope(SAMPLES["command_guild"]).interaction
    with pytest.raises(PayloadError):
        resolved_person(interaction, 5)
    with pytest.raises(PayloadError):
        resolved_channel(interaction, 5)


def test_subcommands_are_part_of_the_name_and_their_options_flat() -> None:
    event = copy.deepcopy(SAMPLES["command_guild"])
    event["interaction"]["data"] = {
        "name": "capper",
        "options": [{"type": 1, "name": "add", "options": [{"type": 6, "name": "user", "value": "42"}]}],
        "resolved": {"users": {"42": {"id": "42", "username": "kim", "global_name": "Kim", "avatar": "abc"}}},
    }
    interaction = read_envelope(event).interaction
    assert command_name(interaction) == "capper add"
    person = resolved_person(interaction, interaction.options["user"])
    assert (person.name, person.avatar_url) == ("Kim", "https://cdn.discordapp.com/avatars/42/abc.png")


def test_the_server_name_and_picture_come_first() -> None:
    event = copy.deepcopy(SAMPLES["command_betting"])
    event["interaction"]["member"].update(nick="Annie", avatar="xyz")
    person = read_envelope(event).interaction.person
    assert person.name == "Annie"
    assert person.avatar_url.endswith(f"/users/{person.user_id}/avatars/xyz.png")


def test_fields_of_a_modal_come_by_their_custom_id() -> None:
    event = copy.deepcopy(SAMPLES["command_betting"])
    event["interaction"]["type"] = 5
    event["interaction"]["data"] = {
        "custom_id": "v1:x",
        "components": [
            {"type": 18, "component": {"type": 4, "custom_id": "odds", "value": "-110"}},
            {"type": 18, "component": {"type": 3, "custom_id": "book", "values": ["a"]}},
            {"type": 1, "components": [{"type": 4, "custom_id": "note", "value": "hi"}]},
            {"type": 10, "content": "text"},
        ],
    }
    assert read_envelope(event).interaction.options == {"odds": "-110", "book": ["a"], "note": "hi"}


def paths(document: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [here] if here else []
    items = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, value in items:
        found += paths(value, (*here, key))
    return found


@given(st.data())
def test_a_damaged_payload_is_read_or_refused_but_never_breaks(data: st.DataObject) -> None:
    event = copy.deepcopy(data.draw(st.sampled_from(list(SAMPLES.values()))))
    *way, last = data.draw(st.sampled_from(paths(event)))
    place = event
    for key in way:
        place = place[key]
    place[last] = data.draw(st.sampled_from([None, "", "x", -1, [], {}, [{}], True]))
    try:
        interaction = read_envelope(event).interaction
        command_name(interaction)
    except PayloadError:
        return
    assert interaction.id > 0
