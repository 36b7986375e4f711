"""One test for each thing Discord refuses and its official description does not say."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbsbm.discord import limits
from dbsbm.discord.limits_commands import is_command_name
from tests import discord_schema

Json = dict[str, Any]
V2 = limits.IS_COMPONENTS_V2


def button(custom_id: str = "v1:post", **more: Any) -> Json:
    return {"type": 2, "style": 1, "label": "Post", "custom_id": custom_id, **more}


def row(*children: Json) -> Json:
    return {"type": 1, "components": list(children)}


def text(content: str = "Chiefs −3 (−110) 2u") -> Json:
    return {"type": 10, "content": content}


def select(custom_id: str = "v1:stake", **more: Any) -> Json:
    options = [{"label": f"{number}u", "value": str(number)} for number in range(1, 4)]
    return {"type": 3, "custom_id": custom_id, "options": options, **more}


def v2(*components: Json, **more: Any) -> Json:
    return {"flags": V2, "components": list(components), **more}


def label(component: Json, **more: Any) -> Json:
    return {"type": 18, "label": "Stake", "component": component, **more}


def field(custom_id: str = "stake", **more: Any) -> Json:
    return {"type": 4, "style": 1, "custom_id": custom_id, **more}


def modal(*components: Json, **more: Any) -> Json:
    return {"title": "New bet", "custom_id": "v1:bet", "components": list(components), **more}


def command(**more: Any) -> Json:
    return {"name": "bet", "description": "Post a bet", **more}


def option(name: str = "pick", **more: Any) -> Json:
    return {"name": name, "description": "What you bet", "type": 3, **more}


def answer(kind: int, **data: Any) -> Json:
    return {"type": kind, "data": data}


def wrap(text_count: int) -> Json:
    return v2(*(text(f"line {number}") for number in range(text_count)))


THUMBNAIL: Json = {"type": 11, "media": {"url": "attachment://a.png"}, "description": "d", "spoiler": True}
CHECKBOXES: list[Json] = [
    {"label": "a", "value": "a", "description": "d", "default": True},
    {"label": "b", "value": "b"},
]
SUBCOMMAND: Json = {
    "type": 1,
    "name": "s",
    "description": "d",
    "options": [
        option("n", type=4, min_value=1, max_value=5, required=True),
        option("c", type=7, channel_types=[0]),
        option("t", min_length=0, max_length=6000, choices=[{"name": "a", "value": "b"}]),
    ],
}

GOOD: list[tuple[str, Json]] = [
    ("message", {"content": "hello"}),
    ("message", v2({"type": 17, "components": [text(), {"type": 14, "divider": True}, row(button())]})),
    ("message", v2({"type": 9, "components": [text()], "accessory": button()}, row(select()))),
    ("message", v2({"type": 12, "items": [{"media": {"url": "attachment://slip.png"}, "description": "slip"}]})),
    ("message", {"components": [row(*(button(f"v1:{number}") for number in range(5)))]}),
    ("message", {"embeds": [{"title": "Parlay", "fields": [{"name": "LAL ML", "value": "-110"}]}]}),
    ("message", v2({"type": 13, "file": {"url": "attachment://export.csv"}})),
    ("modal", modal(label(field()), label({"type": 19, "custom_id": "proof", "required": False}))),
    (
        "modal",
        modal(text(), label({"type": 21, "custom_id": "r", "options": [{"label": x, "value": x} for x in "ab"]})),
    ),
    ("command", command(options=[option(required=True, autocomplete=True), option("stake")])),
    ("command", {"name": "Log as bet", "type": 3}),
    (
        "message",
        v2(
            {
                "type": 17,
                "accent_color": 5,
                "components": [{"type": 9, "components": [text()], "accessory": THUMBNAIL}],
            },
            row({"type": 2, "style": 5, "label": "Odds", "url": "https://a.example/x", "emoji": {"name": "🔥"}}),
            row(
                {"type": 8, "custom_id": "c", "channel_types": [0], "default_values": [{"id": "5", "type": "channel"}]}
            ),
            allowed_mentions={"parse": ["users"], "roles": ["55"]},
            attachments=[{"id": 0, "filename": "a.png", "description": "x"}],
        ),
    ),
    (
        "message",
        {
            "embeds": [
                {
                    "timestamp": "2026-01-01T00:00:00Z",
                    "author": {"name": "a"},
                    "footer": {"text": "f"},
                    "image": {"url": "attachment://a.png"},
                    "fields": [{"name": "n", "value": "v", "inline": True}],
                }
            ]
        },
    ),
    (
        "modal",
        modal(
            label(field(min_length=1, max_length=5, placeholder="p", value="v", required=True), description="d"),
            label({"type": 22, "custom_id": "c", "min_values": 1, "max_values": 2, "options": CHECKBOXES}),
            label({"type": 23, "custom_id": "cb", "default": True}),
        ),
    ),
    (
        "command",
        command(
            default_member_permissions="32",
            contexts=[0, 1],
            integration_types=[0],
            name_localizations={"de": "wette"},
            options=[{"type": 2, "name": "g", "description": "d", "options": [SUBCOMMAND]}],
        ),
    ),
    ("callback", answer(5, flags=64)),
    ("callback", {"type": 6}),
    ("callback", answer(8, choices=[{"name": "Chiefs −3", "value": "kc"}])),
]

MESSAGES: dict[str, Json] = {
    "button without custom id": v2(row({"type": 2, "style": 1, "label": "Post"})),
    "link with a custom id": v2(
        row({"type": 2, "style": 5, "label": "Odds", "url": "https://a.example", "custom_id": "x"})
    ),
    "button without label or emoji": v2(row({"type": 2, "style": 1, "custom_id": "x"})),
    "premium button with a label": v2(row({"type": 2, "style": 6, "sku_id": "1", "label": "Buy"})),
    "the same custom id twice": v2(row(button("x"), button("x"))),
    "the same select value twice": v2(
        row(select(options=[{"label": "a", "value": "1"}, {"label": "b", "value": "1"}]))
    ),
    "six rows": {"components": [row(button(f"v1:{number}")) for number in range(6)]},
    "two selects in a row": v2(row(select("a"), select("b"))),
    "a select beside a button": v2(row(select("a"), button("b"))),
    "new components without their flag": {"components": [text()]},
    "content beside new components": v2(text(), content="hello"),
    "embeds beside new components": v2(text(), embeds=[{"title": "x"}]),
    "an empty message": {},
    "an empty message of new components": {"flags": V2, "components": []},
    "more than 6000 characters of embeds": {"embeds": [{"description": "x" * 3001}, {"description": "y" * 3000}]},
    "more than 40 components": wrap(41),
    "more than 40 components nested": v2(
        {"type": 17, "components": [row(*(button(f"{n}:{m}") for m in range(5))) for n in range(7)]}
    ),
    "more than 4000 characters of text": v2(text("x" * 2500), text("y" * 2500)),
    "min_values over the options": v2(row(select(min_values=4, max_values=5))),
    "min_values over max_values": v2(row(select(min_values=3, max_values=2))),
    "more defaults than max_values": v2(row(select(options=[{"label": x, "value": x, "default": True} for x in "ab"]))),
    "a file that is no attachment": v2({"type": 13, "file": {"url": "https://a.example/x.csv"}}),
    "a container in a container": v2({"type": 17, "components": [{"type": 17, "components": [text()]}]}),
    "parse and a list of users": {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
    "a media address without a scheme": v2({"type": 12, "items": [{"media": {"url": "slip.png"}}]}),
    "the same component id twice": v2(text() | {"id": 4}, text() | {"id": 4}),
    "the same attachment id twice": {"content": "x", "attachments": [{"id": 0}, {"id": "0"}]},
}

MODALS: dict[str, Json] = {
    "six labels": modal(*(label(field(f"f{number}")) for number in range(6))),
    "a text input with a label of its own": modal(label(field(label="Stake"))),
    "something disabled": modal(label(select(disabled=True))),
    "nothing required yet min_values 0": modal(label(select(min_values=0))),
    "a button": modal(row(button())),
    "two fields of one custom id": modal(label(field("a")), label(field("a"))),
    "a value longer than its own maximum": modal(label(field(max_length=2, value="abc"))),
    "min_length over max_length": modal(label(field(min_length=5, max_length=2))),
    "one radio choice": modal(label({"type": 21, "custom_id": "r", "options": [{"label": "a", "value": "a"}]})),
}

COMMANDS: dict[str, Json] = {
    "an upper-case name": command(name="Bet"),
    "a name with a space": command(name="my bet"),
    "no description": {"name": "bet"},
    "required after optional": command(options=[option("a"), option("b", required=True)]),
    "autocomplete and choices": command(options=[option(autocomplete=True, choices=[{"name": "a", "value": "a"}])]),
    "subcommands beside options": command(options=[{"type": 1, "name": "add", "description": "x"}, option()]),
    "a group in a group": command(
        options=[
            {"type": 2, "name": "a", "description": "x", "options": [{"type": 2, "name": "b", "description": "x"}]}
        ]
    ),
    "a choice of 101 characters": command(options=[option(choices=[{"name": "a", "value": "x" * 101}])]),
    "an unknown locale": command(name_localizations={"xx": "wette"}),
    "more than 8000 characters": command(
        options=[
            option(
                f"o{number}",
                description="d" * 100,
                choices=[{"name": f"{n}" + "n" * 90, "value": f"{n}" + "v" * 90} for n in range(10)],
            )
            for number in range(5)
        ]
    ),
    "two options of one name": command(options=[option("a"), option("a")]),
    "a number as the choice of a text": command(options=[option(choices=[{"name": "a", "value": 1}])]),
    "choices on a user option": command(options=[option(type=6, choices=[{"name": "a", "value": "a"}])]),
    "min_value over max_value": command(options=[option(type=4, min_value=5, max_value=1)]),
    "a description on a context command": {"name": "Log as bet", "type": 3, "description": "no"},
}

CALLBACKS: dict[str, tuple[Json, Json]] = {
    "a message without data": ({"type": 4}, {}),
    "a deferral with the new components flag": (answer(5, flags=V2), {}),
    "an update that is private": (answer(7, content="x", flags=64), {}),
    "an update of a command": (answer(7, content="x"), {"interaction_type": 2}),
    "an update of a modal no component opened": (answer(7, content="x"), {"interaction_type": 5}),
    "a modal upon a modal": ({"type": 9, "data": modal(label(field()))}, {"interaction_type": 5}),
    "a message upon autocomplete": (answer(4, content="x"), {"interaction_type": 4}),
    "a pong to a command": ({"type": 1}, {"interaction_type": 2}),
    "26 choices": (answer(8, choices=[{"name": str(n), "value": n} for n in range(26)]), {}),
    "an unknown type": ({"type": 10}, {}),
}


def check(kind: str, body: Any) -> list[limits.Problem]:
    checks: dict[str, Callable[[Any], list[limits.Problem]]] = {
        "message": limits.check_message,
        "modal": limits.check_modal,
        "command": limits.check_command,
        "callback": limits.check_callback,
    }
    return checks[kind](body)


@pytest.mark.parametrize(("kind", "body"), GOOD)
def test_what_discord_takes_is_taken(kind: str, body: Any) -> None:
    assert check(kind, body) == []


@pytest.mark.parametrize(("kind", "body"), GOOD)
def test_what_the_limits_take_the_official_description_takes(kind: str, body: Any) -> None:
    discord_schema.require()
    if kind == "message":
        body = answer(4, **body)
    elif kind == "modal":
        body = {"type": 9, "data": body}
    errors = discord_schema.errors("command" if kind == "command" else "callback", body)
    assert errors == []


NONSENSE: tuple[Any, ...] = (
    *(None, True, -1, 0, 1, 7, 26, 101, 2**60, 1.5, "", "x", "y" * 101, "z" * 5000),
    *([], [1], {}, {"a": 1}, ["x"] * 30),
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container in the body with every key of it."""
    keys = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    return [(value, key) for key in keys] + [place for key in keys for place in places(value[key])]


@given(data=st.data())
@settings(max_examples=400, deadline=None)
def test_what_the_description_refuses_the_limits_refuse(data: st.DataObject) -> None:
    """A value replaced or taken away anywhere; misspelt keys aside, which Discord passes over."""
    discord_schema.require()
    kind, good = data.draw(st.sampled_from(GOOD))
    body = copy.deepcopy(good)
    container, key = data.draw(st.sampled_from(places(body)))
    if data.draw(st.booleans()):
        container[key] = copy.deepcopy(data.draw(st.sampled_from(NONSENSE)))
    else:
        container.pop(key)
    limited = check(kind, body)
    wrapped = {"message": answer(4, **body), "modal": {"type": 9, "data": body}}.get(kind, body)
    described = discord_schema.errors("command" if kind == "command" else "callback", wrapped)
    if [line for line in described if "Additional properties" not in line]:
        assert limited


@pytest.mark.parametrize("name", MESSAGES)
def test_message_is_refused(name: str) -> None:
    assert limits.check_message(MESSAGES[name])


@pytest.mark.parametrize("name", MODALS)
def test_modal_is_refused(name: str) -> None:
    assert limits.check_modal(MODALS[name])


@pytest.mark.parametrize("name", COMMANDS)
def test_command_is_refused(name: str) -> None:
    assert limits.check_command(COMMANDS[name])


@pytest.mark.parametrize("name", CALLBACKS)
def test_callback_is_refused(name: str) -> None:
    body, known = CALLBACKS[name]
    assert limits.check_callback(body, **known)


def test_hundred_and_one_commands_are_refused() -> None:
    commands = [command(name=f"bet{number}") for number in range(101)]
    assert limits.check_commands(commands[:100]) == []
    assert limits.check_commands(commands)


def test_sixteen_message_commands_are_refused() -> None:
    assert limits.check_commands([{"name": f"Log {number}", "type": 3} for number in range(16)])


def test_two_commands_of_one_name_are_refused_unless_their_types_differ() -> None:
    assert limits.check_commands([command(), command()])
    assert limits.check_commands([command(), {"name": "bet", "type": 3}]) == []


def test_contexts_belong_to_global_commands() -> None:
    assert limits.check_command(command(contexts=[0])) == []
    assert limits.check_command(command(contexts=[0]), guild=True)


@pytest.mark.parametrize("name", ["Discord Picks", "clyde", "", "x" * 81, "DISCORD"])
def test_webhook_names_are_refused(name: str) -> None:
    assert limits.check_username(name)


def test_webhook_message_checks_its_name_and_picture() -> None:
    assert (
        limits.check_webhook_message({"content": "x", "username": "Ann", "avatar_url": "https://a.example/a.png"}) == []
    )
    paths = {
        problem.path
        for problem in limits.check_webhook_message({"content": "x", "username": "clyde", "avatar_url": "ftp://x"})
    }
    assert paths == {"username", "avatar_url"}


def test_paths_lead_to_the_place() -> None:
    body = v2({"type": 9, "components": [text()], "accessory": button("x" * 101)})
    assert [problem.path for problem in limits.check_message(body)] == ["components/0/accessory/custom_id"]
    duplicate = v2({"type": 9, "components": [text()], "accessory": button("x")}, row(button("x")))
    assert [problem.path for problem in limits.check_message(duplicate)] == ["components/1/components/0/custom_id"]


def test_an_edit_may_leave_everything_out() -> None:
    assert limits.check_message({}, edit=True) == []
    assert limits.check_message({"components": [text()]}, edit=True, was_v2=True) == []
    assert limits.check_message({"components": [text()]}, edit=True)


@pytest.mark.parametrize("name", ["bet", "wette", "賭け", "ставка", "शर्त", "พนัน", "add_2", "it's"])
def test_command_names_in_many_scripts(name: str) -> None:
    assert is_command_name(name)


@pytest.mark.parametrize("name", ["", "Bet", "my bet", "bet!", "x" * 33, "СТАВКА", "bet😀"])
def test_command_names_discord_does_not_take(name: str) -> None:
    assert not is_command_name(name)


@pytest.mark.parametrize(
    "body", [None, [], "text", 5, {"components": "x"}, {"components": [None]}, {"embeds": [1]}, {"flags": "x"}]
)
def test_nonsense_is_a_problem_and_never_an_exception(body: Any) -> None:
    assert limits.check_message(body)
