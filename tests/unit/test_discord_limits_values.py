"""A value of the wrong kind is named by the place it stands at, with Discord's own code, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dbsbm.discord import limits, limits_commands

Json = dict[str, Any]
Found = Callable[[Any], list[limits.Problem]]
TEXT: Json = {"type": 10, "content": "Chiefs"}


def message(**more: Any) -> Json:
    return {"content": "x", **more}


def in_row(*components: Json) -> Json:
    return message(components=[{"type": 1, "components": list(components)}])


def link(url: Any) -> Json:
    return in_row({"type": 2, "style": 5, "label": "Odds", "url": url})


def channels(**more: Any) -> Json:
    return in_row({"type": 8, "custom_id": "c", **more})


def posted(emoji: Any) -> Json:
    return in_row({"type": 2, "style": 1, "label": "Post", "custom_id": "p", "emoji": emoji})


def choice(value: Any, kind: int = 3) -> Json:
    return command(options=[{**option(kind), "choices": [{"name": "a", "value": value}]}])


def option(kind: int = 3, **more: Any) -> Json:
    return {"type": kind, "name": "o", "description": "d", **more}


def command(**more: Any) -> Json:
    return {"name": "bet", "description": "Post a bet", **more}


def modal(*components: Json) -> Json:
    return {"title": "t", "custom_id": "m", "components": list(components)}


def embedded(**more: Any) -> Json:
    return message(embeds=[{"title": "t", **more}])


MESSAGES: list[tuple[Json, str, str]] = [
    (message(nonce="n" * 26), "nonce", "NONCE_TYPE_INVALID_NONCE"),
    (message(nonce=True), "nonce", "NONCE_TYPE_INVALID_NONCE"),
    (message(attachments=["a"]), "attachments/0", "DICT_TYPE_CONVERT"),
    (message(attachments=[{"id": "slip"}]), "attachments/0/id", "NUMBER_TYPE_COERCE"),
    (message(allowed_mentions="none"), "allowed_mentions", "DICT_TYPE_CONVERT"),
    (message(allowed_mentions={"users": ["ann"]}), "allowed_mentions/users", "NUMBER_TYPE_COERCE"),
    (message(allowed_mentions={"users": ["5", "5"]}), "allowed_mentions/users", "SET_TYPE_ALREADY_CONTAINS_VALUE"),
    (embedded(timestamp="tomorrow"), "embeds/0/timestamp", "DATE_TIME_TYPE_PARSE"),
    (embedded(timestamp="2026-01-01T00:00:00"), "embeds/0/timestamp", "DATE_TIME_TYPE_PARSE"),
    (link("ftp://a.example"), "components/0/components/0/url", "URL_TYPE_INVALID_SCHEME"),
    (link("https://"), "components/0/components/0/url", "URL_TYPE_INVALID_URL"),
    (link("https://a.example/x y"), "components/0/components/0/url", "URL_TYPE_INVALID_URL"),
    (link("https://[::1"), "components/0/components/0/url", "URL_TYPE_INVALID_URL"),
    (posted("fire"), "components/0/components/0/emoji", "DICT_TYPE_CONVERT"),
    (posted({"name": "fire", "id": "x"}), "components/0/components/0/emoji/id", "NUMBER_TYPE_COERCE"),
    (in_row({"type": 2, "style": 6}), "components/0/components/0/sku_id", "BASE_TYPE_REQUIRED"),
    (channels(channel_types=[99]), "components/0/components/0/channel_types", "BASE_TYPE_CHOICES"),
    (channels(channel_types=[0, 0]), "components/0/components/0/channel_types", "SET_TYPE_ALREADY_CONTAINS_VALUE"),
    (channels(default_values=["5"]), "components/0/components/0/default_values/0", "DICT_TYPE_CONVERT"),
    (
        channels(default_values=[{"type": "channel", "id": 5}]),
        "components/0/components/0/default_values/0/id",
        "NUMBER_TYPE_COERCE",
    ),
    (
        {"flags": limits.IS_COMPONENTS_V2, "components": [{"type": 9, "components": [TEXT]}]},
        "components/0/accessory",
        "BASE_TYPE_REQUIRED",
    ),
]

COMMANDS: list[tuple[Any, str, str]] = [
    ("bet", "", "DICT_TYPE_CONVERT"),
    (choice(None), "options/0/choices/0/value", "BASE_TYPE_REQUIRED"),
    (choice("a", kind=4), "options/0/choices/0/value", "NUMBER_TYPE_COERCE"),
    (choice(1.5, kind=4), "options/0/choices/0/value", "NUMBER_TYPE_COERCE"),
    (choice(1 << 60, kind=4), "options/0/choices/0/value", "NUMBER_TYPE_COERCE"),
    (choice(""), "options/0/choices/0/value", "BASE_TYPE_BAD_LENGTH"),
    (
        {"name": "Log", "type": 3, "options": [option()]},
        "options",
        "APPLICATION_COMMAND_OPTIONS_NOT_ALLOWED",
    ),
    (command(default_member_permissions="all"), "default_member_permissions", "PERMISSIONS_TYPE_CONVERT"),
    (command(contexts=[7]), "contexts", "ENUM_TYPE_COERCE"),
    (command(contexts=[0, 0]), "contexts", "SET_TYPE_ALREADY_CONTAINS_VALUE"),
    (
        command(options=[option(min_length=5, max_length=2)]),
        "options/0/min_length",
        "APPLICATION_COMMAND_OPTIONS_MIN_OVER_MAX",
    ),
]

MODALS: list[tuple[Any, str, str]] = [
    ([], "", "DICT_TYPE_CONVERT"),
    (
        modal({"type": 1, "components": [{"type": 4, "style": 1, "custom_id": "f"}]}),
        "components/0/components/0/label",
        "BASE_TYPE_REQUIRED",
    ),
]


def _places(found: list[limits.Problem]) -> list[tuple[str, str]]:
    return [(problem.path, problem.code) for problem in found]


@pytest.mark.parametrize(("body", "path", "code"), MESSAGES)
def test_a_wrong_value_of_a_message_is_named(body: Json, path: str, code: str) -> None:
    assert _places(limits.check_message(body)) == [(path, code)]


@pytest.mark.parametrize(("body", "path", "code"), COMMANDS)
def test_a_wrong_value_of_a_command_is_named(body: Any, path: str, code: str) -> None:
    assert _places(limits.check_command(body)) == [(path, code)]


@pytest.mark.parametrize(("body", "path", "code"), MODALS)
def test_a_wrong_value_of_a_modal_is_named(body: Any, path: str, code: str) -> None:
    assert _places(limits.check_modal(body)) == [(path, code)]


def test_a_form_may_ask_for_no_more_boxes_than_it_takes() -> None:
    boxes = {"type": 22, "custom_id": "c", "min_values": 3, "max_values": 2}
    options = [{"label": each, "value": each} for each in "abc"]
    found = limits.check_modal(modal({"type": 18, "label": "l", "component": {**boxes, "options": options}}))
    assert [problem.path.rpartition("/")[2] for problem in found] == ["min_values"]


def test_an_answer_and_a_webhooks_message_are_objects() -> None:
    assert _places(limits.check_callback("pong")) == [("", "DICT_TYPE_CONVERT")]
    assert _places(limits.check_webhook_message([])) == [("", "DICT_TYPE_CONVERT")]


def test_commands_are_overwritten_as_a_list_and_each_is_named_by_its_place_in_it() -> None:
    assert _places(limits_commands.check_commands({"name": "bet"})) == [("", "LIST_TYPE_CONVERT")]
    found = limits_commands.check_commands([command(), "bet", command(name="Bet", type=9)])
    assert _places(found)[0] == ("1", "DICT_TYPE_CONVERT")
    assert {problem.path.partition("/")[0] for problem in found} == {"1", "2"}
