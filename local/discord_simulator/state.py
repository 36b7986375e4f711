"""What Discord remembers: people, places, messages, webhooks, commands and interactions. Plain data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Json = dict[str, Any]

TEXT, DM, VOICE, CATEGORY = 0, 1, 2, 4
LOADING = 1 << 7


@dataclass(slots=True)
class User:
    id: int
    name: str
    global_name: str | None = None
    bot: bool = False
    locale: str = "en-US"
    takes_messages: bool = True
    """Whether direct messages from members of shared servers are allowed in the person's settings."""


@dataclass(slots=True)
class Role:
    id: int
    name: str
    permissions: int
    position: int
    color: int = 0
    managed: bool = False


@dataclass(slots=True)
class Member:
    user_id: int
    joined_at: datetime
    role_ids: list[int] = field(default_factory=list)
    nick: str | None = None


@dataclass(slots=True)
class Overwrite:
    """``kind`` 0 is for a role, 1 for a member."""

    id: int
    kind: int
    allow: int
    deny: int


@dataclass(slots=True)
class File:
    id: int
    filename: str
    data: bytes = field(repr=False)
    content_type: str
    channel_id: int
    ephemeral: bool = False
    description: str | None = None
    size: tuple[int, int] | None = None
    """Width and height in pixels, when it is a picture."""


@dataclass(slots=True)
class Message:
    id: int
    channel_id: int
    author: Json
    """The user object the message goes out under."""
    created_at: datetime
    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    """With ids assigned; ``attachment://`` references as they were sent."""
    flags: int = 0
    files: list[File] = field(default_factory=list)
    edited_at: datetime | None = None
    type: int = 0
    private_to: int | None = None
    """The one user who sees it."""
    webhook_id: int | None = None
    application_id: int | None = None
    interaction_id: int | None = None
    nonce: str | int | None = None
    pinged_users: list[int] = field(default_factory=list)
    pinged_roles: list[int] = field(default_factory=list)
    pinged_everyone: bool = False


@dataclass(slots=True)
class Channel:
    id: int
    guild_id: int | None
    name: str
    type: int = TEXT
    topic: str | None = None
    position: int = 0
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    recipient_id: int | None = None
    """Of a direct channel: the person the bot talks to."""
    messages: dict[int, Message] = field(default_factory=dict)


@dataclass(slots=True)
class Guild:
    id: int
    name: str
    owner_id: int
    locale: str = "en-US"
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    channel_ids: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Webhook:
    id: int
    token: str
    channel_id: int
    guild_id: int
    name: str


@dataclass(slots=True)
class Command:
    id: int
    version: int
    guild_id: int | None
    data: Json
    """The normalised definition."""


@dataclass(slots=True)
class Exchange:
    """One interaction and what became of it."""

    id: int
    token: str
    type: int
    user_id: int
    guild_id: int | None
    channel_id: int
    created_at: datetime
    payload: Json = field(repr=False)
    source_message_id: int | None = None
    status: Literal["pending", "acknowledged", "failed"] = "pending"
    failure: str = ""
    acknowledged_at: datetime | None = None
    """From when the webhook of the token exists: later than the answer when a delay is simulated."""
    callback_type: int | None = None
    original_message_id: int | None = None
    followup_ids: list[int] = field(default_factory=list)
    modal: Json | None = None
    choices: list[Json] = field(default_factory=list)


@dataclass(slots=True)
class State:
    users: dict[int, User] = field(default_factory=dict)
    guilds: dict[int, Guild] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    webhooks: dict[int, Webhook] = field(default_factory=dict)
    commands: dict[int, Command] = field(default_factory=dict)
    exchanges: dict[int, Exchange] = field(default_factory=dict)
    tokens: dict[str, int] = field(default_factory=dict)
    """Interaction token → interaction id."""
    files: dict[int, File] = field(default_factory=dict)
    entitlements: dict[int, Json] = field(default_factory=dict)
    command_creations: list[tuple[datetime, int | None]] = field(default_factory=list)

    def message(self, message_id: int) -> Message | None:
        for channel in self.channels.values():
            if message_id in channel.messages:
                return channel.messages[message_id]
        return None

    def guild_channels(self, guild_id: int) -> Iterator[Channel]:
        return (self.channels[channel_id] for channel_id in self.guilds[guild_id].channel_ids)

    def direct_channel(self, user_id: int) -> Channel | None:
        return next((channel for channel in self.channels.values() if channel.recipient_id == user_id), None)
