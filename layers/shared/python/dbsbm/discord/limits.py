"""Discord's limits as a linter: what Discord refuses, found before it is sent.

Pure, standard library only. Lengths, types and the rules between fields that the official description of the API
does not express (Discord reference, "Message", "Component Reference", "Interactions", "Application Commands";
https://discord.com/developers/docs). An empty list means nothing was found.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dbsbm.discord.findings import Findings, Problem, under
from dbsbm.discord.limits_commands import check_choices, check_command, check_commands
from dbsbm.discord.limits_components import check_message_components, check_modal_component, unique_custom_ids, walk
from dbsbm.discord.limits_embeds import check_embeds

__all__ = [
    "EPHEMERAL",
    "IS_COMPONENTS_V2",
    "SUPPRESS_EMBEDS",
    "SUPPRESS_NOTIFICATIONS",
    "Problem",
    "check_callback",
    "check_choices",
    "check_command",
    "check_commands",
    "check_message",
    "check_modal",
    "check_username",
    "check_webhook_message",
]

Json = dict[str, Any]

SUPPRESS_EMBEDS = 1 << 2
EPHEMERAL = 1 << 6
SUPPRESS_NOTIFICATIONS = 1 << 12
IS_COMPONENTS_V2 = 1 << 15

MAX_CONTENT = 2000
MAX_ATTACHMENTS = 10

_VALID_FOR = {1: (1,), 4: (2, 3, 5), 5: (2, 3, 5), 6: (3, 5), 7: (3, 5), 8: (4,), 9: (2, 3), 12: (2, 3, 5)}
"""Callback type → interaction types it may answer."""
_MESSAGE, _DEFER, _DEFER_UPDATE, _UPDATE, _CHOICES, _MODAL = 4, 5, 6, 7, 8, 9


def check_message(data: Any, *, edit: bool = False, was_v2: bool = False, has_files: bool = False) -> list[Problem]:
    """A message body: created, executed by a webhook, or answered with.

    Parameters
    ----------
    edit
        It changes an existing message, so nothing in it is required.
    was_v2
        The message that is edited has the V2 flag, which stays.
    has_files
        Files come with it or stay with it, so that it is not empty without words.
    """
    found = Findings()
    body = found.mapping(data, "")
    if body is None:
        return found.problems
    flags = found.integer(body, "", "flags", 0, 2**63 - 1) or 0
    v2 = was_v2 or bool(flags & IS_COMPONENTS_V2)
    found.text(body, "", "content", 0, MAX_CONTENT)
    found.flag(body, "", "tts")
    check_embeds(found, body)
    check_message_components(found, body, v2=v2)
    _attachments(found, body)
    _allowed_mentions(found, body)
    if v2:
        _v2_alone(found, body)
    nonce = body.get("nonce")
    if nonce is not None and (isinstance(nonce, bool) or not isinstance(nonce, str | int) or len(str(nonce)) > 25):
        found.add("nonce", "Must be 25 or fewer in length.", "NONCE_TYPE_INVALID_NONCE")
    if not edit and not has_files and _is_empty(body):
        found.add("", "Cannot send an empty message", "MESSAGE_EMPTY")
    return found.problems


def check_webhook_message(data: Any, *, has_files: bool = False) -> list[Problem]:
    """The body of an executed webhook: a message with a name and a picture of its own."""
    problems = check_message(data, has_files=has_files)
    if not isinstance(data, dict):
        return problems
    if data.get("username") is not None:
        problems += [Problem("username", problem.message, problem.code) for problem in check_username(data["username"])]
    if data.get("avatar_url"):
        found = Findings()
        found.web_address(data, "", "avatar_url", ("http", "https"))
        problems += found.problems
    return problems


def check_username(name: Any) -> list[Problem]:
    """A webhook's name, or the name a message goes out under: 1–80 characters, without "discord" or "clyde"."""
    found = Findings()
    text = found.text({"name": name}, "", "name", 1, 80, required=True)
    if text is not None and not text.strip():
        found.add("name", "This field is required", "BASE_TYPE_REQUIRED")
    for word in ("discord", "clyde"):
        if text and word in text.lower():
            found.add("name", f'Username cannot contain "{word}"', "USERNAME_INVALID_CONTAINS")
    return found.problems


def check_modal(data: Any) -> list[Problem]:
    """The ``data`` of a modal."""
    found = Findings()
    body = found.mapping(data, "")
    if body is None:
        return found.problems
    found.text(body, "", "title", 1, 45, required=True)
    found.text(body, "", "custom_id", 1, 100, required=True)
    for index, component in enumerate(found.items(body, "", "components", 1, 5, required=True)):
        check_modal_component(found, component, under("components", index))
    unique_custom_ids(found, list(walk(body.get("components"))))
    return found.problems


def check_callback(
    body: Any,
    *,
    interaction_type: int | None = None,
    from_component: bool = False,
    was_v2: bool = False,
    has_files: bool = False,
) -> list[Problem]:
    """The answer to an interaction, ``{"type", "data"}``.

    ``interaction_type`` is what it answers (1–5; None: not known), ``from_component`` says that a modal was opened by
    a component, ``was_v2`` that the message an update changes has the V2 flag.
    """
    found = Findings()
    answer = found.mapping(body, "")
    if answer is None:
        return found.problems
    found.choice(answer, "", "type", _VALID_FOR, required=True)
    if found.problems:
        return found.problems
    kind = answer["type"]
    if interaction_type is not None and not _may_answer(kind, interaction_type, from_component=from_component):
        found.add(
            "type",
            f"An interaction of type {interaction_type} cannot be answered with type {kind}.",
            "INTERACTION_CALLBACK_TYPE_INVALID",
        )
    data = answer.get("data")
    checks: dict[int, Callable[[], list[Problem]]] = {
        _MESSAGE: lambda: check_message(data, has_files=has_files),
        _DEFER: lambda: _check_deferral(data),
        _UPDATE: lambda: _check_update(data, was_v2=was_v2),
        _CHOICES: lambda: check_choices(data.get("choices") if isinstance(data, dict) else None),
        _MODAL: lambda: check_modal(data),
    }
    if kind in (_MESSAGE, _CHOICES, _MODAL) and data is None:
        found.add("data", "This field is required", "BASE_TYPE_REQUIRED")
    elif kind in checks and data is not None:
        found.problems += [
            Problem(under("data", problem.path) if problem.path else "data", problem.message, problem.code)
            for problem in checks[kind]()
        ]
    return found.problems


def _may_answer(kind: int, interaction_type: int, *, from_component: bool) -> bool:
    if kind in (_DEFER_UPDATE, _UPDATE) and interaction_type == 5:
        return from_component
    return interaction_type in _VALID_FOR[kind]


def _check_deferral(data: Any) -> list[Problem]:
    found = Findings()
    body = found.mapping(data, "")
    flags = found.integer(body, "", "flags", 0) if body is not None else None
    if flags is not None and flags & ~EPHEMERAL:
        found.add("flags", "A deferral takes the EPHEMERAL flag alone.", "INTERACTION_DEFERRAL_FLAGS")
    return found.problems


def _check_update(data: Any, *, was_v2: bool) -> list[Problem]:
    problems = check_message(data, edit=True, was_v2=was_v2)
    if isinstance(data, dict) and isinstance(data.get("flags"), int) and data["flags"] & EPHEMERAL:
        problems.append(Problem("flags", "An update cannot make a message ephemeral.", "MESSAGE_UPDATE_FLAGS"))
    return problems


def _is_empty(body: Json) -> bool:
    return not any(body.get(key) for key in ("content", "embeds", "components", "poll", "sticker_ids", "attachments"))


def _v2_alone(found: Findings, body: Json) -> None:
    for key in ("content", "embeds", "poll", "sticker_ids"):
        if body.get(key):
            found.add(
                key,
                "The field cannot be used when using MessageFlags.IS_COMPONENTS_V2",
                "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
            )


def _attachments(found: Findings, body: Json) -> None:
    ids = []
    for index, value in enumerate(found.items(body, "", "attachments", 0, MAX_ATTACHMENTS)):
        at = under("attachments", index)
        item = found.mapping(value, at)
        if item is None:
            continue
        number = item.get("id")
        if isinstance(number, bool) or not isinstance(number, str | int) or not str(number).isdigit():
            found.add(under(at, "id"), "An attachment has a number as its id.", "NUMBER_TYPE_COERCE")
        ids.append((under(at, "id"), str(number)))
        found.text(item, at, "filename", 1, 1024)
        found.text(item, at, "description", 0, 1024)
    found.unique(ids, "Attachment id used twice", "ATTACHMENT_ID_DUPLICATED")


def _allowed_mentions(found: Findings, body: Json) -> None:
    if body.get("allowed_mentions") is None:
        return
    at = "allowed_mentions"
    mentions = found.mapping(body[at], at)
    if mentions is None:
        return
    parse = found.items(mentions, at, "parse")
    if any(kind not in ("users", "roles", "everyone") for kind in parse):
        found.add(under(at, "parse"), "Value must be one of ('roles', 'users', 'everyone').", "BASE_TYPE_CHOICES")
    for key in ("users", "roles"):
        ids = found.snowflakes(mentions, at, key, 100)
        if ids and key in parse:
            found.add(
                under(at, key),
                f'parse:["{key}"] and {key}: [ids...] are mutually exclusive.',
                "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
            )
