"""Reads the signed payload of an interaction into :class:`Interaction`, strictly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any, Literal

from dbsbm.core.errors import DbsbmError
from dbsbm.core.ids import snowflake_ms
from dbsbm.discord.definitions import Interaction, Json, Person

TOKEN_LIFE = timedelta(minutes=15)
"""How long Discord knows an interaction's token ("Followup Messages")."""
_CDN = "https://cdn.discordapp.com"
_SNOWFLAKE_OPTIONS = frozenset({6, 7, 8, 9, 11})  # user, channel, role, mentionable, attachment
_SUBCOMMANDS = frozenset({1, 2})


class PayloadError(DbsbmError):
    """The document is not an interaction as Discord describes it; ``detail`` names the field."""

    code = "payload"


class InteractionType(IntEnum):
    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the front door hands to a command function. ``deferral`` is 5 or 6 when ``mode`` is deferred, else 0."""

    mode: Literal["inline", "deferred"]
    deferral: int
    interaction: Interaction


def read_envelope(event: Mapping[str, Any]) -> Envelope:
    """The event of a command function.

    Raises
    ------
    PayloadError
        When a field is missing or has another shape than documented.
    """
    if event.get("v") != 1:
        raise PayloadError(f"envelope version {event.get('v')!r}")
    mode = event.get("mode")
    if mode not in ("inline", "deferred"):
        raise PayloadError(f"mode {mode!r}")
    deferral = event.get("deferral", 0)
    if mode == "deferred" and deferral not in (5, 6):
        raise PayloadError(f"deferral {deferral!r}")
    document = event.get("interaction")
    if not isinstance(document, dict):
        raise PayloadError("interaction is not an object")
    return Envelope(mode, deferral, read_interaction(document))


def read_interaction(document: Json) -> Interaction:
    """An interaction of type 2 to 5.

    Raises
    ------
    PayloadError
        When a field is missing or has another shape than Discord's "Interaction Object".
    """
    try:
        return _interaction(document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PayloadError(f"{type(error).__name__}: {error}") from error


def command_name(interaction: Interaction) -> str:
    """The command with its subcommands, "capper add"; empty for what is no command."""
    names = [str(interaction.raw["data"].get("name", ""))]
    options = interaction.raw["data"].get("options") or []
    while options and options[0]["type"] in _SUBCOMMANDS:
        names.append(str(options[0].get("name", "")))
        options = options[0].get("options") or []
    return " ".join(names)


def custom_id_of(interaction: Interaction) -> str:
    """The custom id of a component or modal; empty for what has none."""
    return str(interaction.raw["data"].get("custom_id", ""))


def resolved_person(interaction: Interaction, user_id: int) -> Person:
    """A user that an option or select named, as Discord resolved it.

    Raises
    ------
    PayloadError
        When Discord resolved no such user.
    """
    resolved = interaction.raw["data"].get("resolved") or {}
    user = (resolved.get("users") or {}).get(str(user_id))
    if user is None:
        raise PayloadError(f"user {user_id} is not resolved")
    member = (resolved.get("members") or {}).get(str(user_id)) or {}
    return _person(user, member, interaction.guild_id, interaction.person.locale)


def guild_locale(interaction: Interaction) -> str:
    """The language a server prefers, as Discord names it; every server has one, "en-US" unless it chose another."""
    return str(interaction.raw.get("guild_locale") or "en-US")[:8]


def resolved_channel(interaction: Interaction, channel_id: int) -> Json:
    """A channel that an option named, with our own rights in it under ``app_permissions``.

    Raises
    ------
    PayloadError
        When Discord resolved no such channel.
    """
    channels = (interaction.raw["data"].get("resolved") or {}).get("channels") or {}
    channel: Json | None = channels.get(str(channel_id))
    if channel is None:
        raise PayloadError(f"channel {channel_id} is not resolved")
    return channel


def resolved_role(interaction: Interaction, role_id: int) -> Json:
    """A role that an option named, as Discord resolved it.

    Raises
    ------
    PayloadError
        When Discord resolved no such role.
    """
    roles = (interaction.raw["data"].get("resolved") or {}).get("roles") or {}
    role: Json | None = roles.get(str(role_id))
    if role is None:
        raise PayloadError(f"role {role_id} is not resolved")
    return role


def resolved_attachment(interaction: Interaction, attachment_id: int) -> Json:
    """A file that an option named: ``filename``, ``size`` in bytes, ``url``.

    Raises
    ------
    PayloadError
        When Discord resolved no such file.
    """
    files = (interaction.raw["data"].get("resolved") or {}).get("attachments") or {}
    file: Json | None = files.get(str(attachment_id))
    if file is None:
        raise PayloadError(f"attachment {attachment_id} is not resolved")
    return file


def is_typed(interaction: Interaction) -> bool:
    """Whether it is a command that was typed, not one of a message's menu."""
    return interaction.type == InteractionType.COMMAND and interaction.raw["data"].get("type", 1) == 1


def is_in(interaction: Interaction, channels: Sequence[int]) -> bool:
    """Whether it happened in one of these channels, or in a thread of one."""
    parent = (interaction.raw.get("channel") or {}).get("parent_id")
    return interaction.channel_id in channels or (parent is not None and int(parent) in channels)


def _interaction(document: Json) -> Interaction:
    number = int(document["id"])
    if number <= 0:
        raise ValueError("an id below 1")
    kind = InteractionType(document["type"])
    guild_id = int(document["guild_id"]) if document.get("guild_id") else None
    data = document["data"]
    options, focused = _values(kind, data)
    channel_id = document.get("channel_id") or (document.get("channel") or {}).get("id")
    message = document.get("message") or {}
    member = document.get("member") or {}
    return Interaction(
        id=number,
        application_id=int(document["application_id"]),
        token=str(document["token"]),
        type=int(kind),
        guild_id=guild_id,
        channel_id=int(channel_id) if channel_id else None,
        person=_person(
            member.get("user") or document["user"], member, guild_id, str(document.get("locale") or "en-US")
        ),
        options=options,
        focused=focused,
        values=tuple(str(value) for value in data.get("values") or ()),
        message_id=int(message["id"]) if message else None,
        created_at=datetime.fromtimestamp(snowflake_ms(number) / 1000, UTC),
        raw=document,
    )


def _values(kind: InteractionType, data: Json) -> tuple[dict[str, Any], str | None]:
    if kind is InteractionType.COMPONENT:
        return {}, None
    if kind is InteractionType.MODAL:
        return dict(_fields(data["components"])), None
    values: dict[str, Any] = {}
    focused = None
    for option in _leaf_options(data.get("options") or []):
        value = option.get("value")
        values[option["name"]] = int(str(value)) if option["type"] in _SNOWFLAKE_OPTIONS else value
        focused = option["name"] if option.get("focused") else focused
    return values, focused


def _leaf_options(options: list[Json]) -> list[Json]:
    while options and options[0]["type"] in _SUBCOMMANDS:
        options = options[0].get("options") or []
    return options


def _fields(components: list[Json]) -> Iterator[tuple[str, Any]]:
    """Fields of a submitted modal: a Label holds one ``component``, an action row a list of ``components``."""
    for component in components:
        inner = [component["component"]] if "component" in component else component.get("components") or []
        for entry in inner:
            yield entry["custom_id"], entry["values"] if "values" in entry else entry.get("value", "")


def _person(user: Json, member: Json, guild_id: int | None, locale: str) -> Person:
    user_id = int(user["id"])
    return Person(
        user_id=user_id,
        name=str(member.get("nick") or user.get("global_name") or user["username"]),
        avatar_url=_avatar(user_id, user, member, guild_id),
        role_ids=frozenset(int(role) for role in member.get("roles") or ()),
        permissions=int(member.get("permissions") or 0),
        locale=locale,
    )


def target_message(interaction: Interaction) -> str:
    """What the message says that a context menu was opened on: its text, or the texts of its components.

    Raises
    ------
    PayloadError
        When Discord resolved no such message.
    """
    data = interaction.raw["data"]
    message = ((data.get("resolved") or {}).get("messages") or {}).get(str(data.get("target_id")))
    if message is None:
        raise PayloadError("the message is not resolved")
    return str(message.get("content") or "\n".join(_texts(message.get("components") or [])))


def _texts(components: list[Json]) -> Iterator[str]:
    for component in components:
        if "content" in component:
            yield str(component["content"])
        yield from _texts(component.get("components") or [])


def _avatar(user_id: int, user: Json, member: Json, guild_id: int | None) -> str:
    """Server picture, own picture or Discord's default one (reference, "Image Formatting")."""
    if member.get("avatar") and guild_id:
        return f"{_CDN}/guilds/{guild_id}/users/{user_id}/avatars/{member['avatar']}.png"
    if user.get("avatar"):
        return f"{_CDN}/avatars/{user_id}/{user['avatar']}.png"
    return f"{_CDN}/embed/avatars/{(user_id >> 22) % 6}.png"
