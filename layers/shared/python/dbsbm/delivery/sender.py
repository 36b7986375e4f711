"""Brings one desired state to Discord."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from dbsbm.core import tracing
from dbsbm.core.clock import Clock
from dbsbm.core.errors import DiscordError
from dbsbm.delivery.adoption import UndecidableError, find_post
from dbsbm.delivery.channels import Channels
from dbsbm.delivery.roles import Roles
from dbsbm.delivery.verdict import LOST_WEBHOOK, LostWebhookError, UnsendableError
from dbsbm.delivery.webhooks import Webhook, Webhooks
from dbsbm.discord import serialize
from dbsbm.discord.rest import DiscordClient, File
from dbsbm.outbox.model import OutboxRow, Place
from dbsbm.outbox.repository import SEALED_TOKEN, token_context
from dbsbm.security.sealed_text import opened
from dbsbm.security.tokens import TokenBox

NONCE_WINDOW = timedelta(seconds=120)
"""Discord checks an enforced nonce against "the past few minutes"; two of them are relied on."""

_MEDIA_TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
}

Render = Callable[[str, Mapping[str, Any]], bytes]
"""``(template, view) -> PNG``."""


class Sender:
    """One :meth:`send` is one attempt; it repeats nothing but what a lost webhook makes necessary."""

    def __init__(
        self,
        discord: DiscordClient,
        webhooks: Webhooks,
        tokens: TokenBox,
        *,
        application_id: int,
        clock: Clock,
        render: Render,
        is_placed: Callable[[int], bool],
    ) -> None:
        """``is_placed`` tells whether a message is already known as another row's."""
        self._discord = discord
        self._webhooks = webhooks
        self._tokens = tokens
        self._application_id = application_id
        self._clock = clock
        self._render = render
        self._is_placed = is_placed
        self._channels = Channels(discord, is_placed)
        self._roles = Roles(discord, application_id)

    def send(self, row: OutboxRow, place: Place | None) -> Place | None:
        """Send a row, or find that an attempt in doubt had arrived; where its message stands, if it made one.

        Raises
        ------
        DiscordError
            As :class:`DiscordClient`; DiscordInDoubtError when the row itself may have taken effect.
        UndecidableError
            When an earlier attempt is in doubt and cannot be looked up.
        UnsendableError
            When the row can never be sent.
        """
        match row.kind:
            case "slip.post":
                return self._slip(row)
            case "message.post":
                return self._post(row, int(row.target["channel_id"]))
            case "direct.post":
                channel = self._discord.open_direct_channel(int(row.target["user_id"]))
                return self._post(row, int(channel["id"]))
            case "message.edit":
                self._edit(row, place)
            case "reply.edit":
                self._reply(row)
            case "channel.create":
                return self._channels.create(row)
            case "channel.rename":
                self._channels.rename(row, place)
            case "channel.delete":
                self._channels.delete(place)
            case "role.set":
                self._roles.set(row)
            case _:
                raise UnsendableError(f"no way to send a {row.kind!r}")
        return None

    def _slip(self, row: OutboxRow) -> Place:
        channel_id = int(row.target["channel_id"])
        if row.in_doubt:
            known = self._webhooks.ids(row.guild_id, channel_id)
            # Without a stored webhook the attempt never came to the post.
            found = self._arrived(row, channel_id, known) if known else None
            if found is not None:
                return found
        files = self._files(row)
        body = serialize.message(row.data)
        for name in ("username", "avatar_url"):
            if row.target.get(name):
                body[name] = row.target[name]
        webhook, message = self._executed(row.guild_id, channel_id, body, files)
        return Place(int(message.get("channel_id") or channel_id), int(message["id"]), webhook.id)

    def _executed(
        self, guild_id: int, channel_id: int, body: dict[str, Any], files: Sequence[File]
    ) -> tuple[Webhook, Mapping[str, Any]]:
        """Post through the channel's webhook; a webhook that Discord lost is replaced once."""
        webhook = self._webhooks.for_channel(guild_id, channel_id)
        try:
            return webhook, self._discord.execute_webhook(webhook.id, webhook.token, body, files)
        except DiscordError as error:
            if error.discord_code not in LOST_WEBHOOK:
                raise
        self._webhooks.lose(webhook.id)
        webhook = self._webhooks.for_channel(guild_id, channel_id)
        return webhook, self._discord.execute_webhook(webhook.id, webhook.token, body, files)

    def _post(self, row: OutboxRow, channel_id: int) -> Place:
        if row.in_doubt and row.sending_at is not None and self._clock.now() - row.sending_at > NONCE_WINDOW:
            found = self._arrived(row, channel_id, ())
            if found is not None:
                return found
        body = {**serialize.message(row.data), "nonce": nonce(row.id), "enforce_nonce": True}
        message = self._discord.create_message(channel_id, body, self._files(row))
        return Place(channel_id, int(message["id"]))

    def _arrived(self, row: OutboxRow, channel_id: int, webhook_ids: Collection[int]) -> Place | None:
        def ours(message: Mapping[str, Any]) -> bool:
            if webhook_ids:
                mine = int(message.get("webhook_id") or 0) in webhook_ids
            else:
                mine = message["author"]["id"] == str(self._application_id)
            return mine and not self._is_placed(int(message["id"]))

        since = row.sending_at or row.created_at
        message = find_post(self._discord, channel_id, row.data, since, ours)
        if message is None:
            return None
        return Place(channel_id, int(message["id"]), int(message["webhook_id"]) if webhook_ids else None)

    def _edit(self, row: OutboxRow, place: Place | None) -> None:
        if place is None:
            raise UnsendableError("nothing to edit: its message was never posted")
        body = serialize.edit(row.data)
        if place.webhook_id is None:
            self._discord.edit_message(place.channel_id, place.message_id, body, self._files(row))
            return
        webhook = self._webhooks.by_id(place.webhook_id)
        if webhook is None:
            raise LostWebhookError("unstampable: the webhook that posted it is lost")
        try:
            self._discord.edit_webhook_message(webhook.id, webhook.token, place.message_id, body, self._files(row))
        except DiscordError as error:
            if error.discord_code not in LOST_WEBHOOK:
                raise
            self._webhooks.lose(webhook.id)
            raise LostWebhookError("unstampable: the webhook that posted it is lost") from error

    def _reply(self, row: OutboxRow) -> None:
        token = self._tokens.open_text(row.target[SEALED_TOKEN], token_context(row.id))
        data = opened(row.data, self._tokens)
        application_id = int(row.target["application_id"])
        if row.target["how"] == "edit_original":
            self._discord.edit_original(application_id, token, serialize.edit(data), self._files(row))
            return
        if row.in_doubt:
            raise UndecidableError("a follow-up cannot be looked up")
        self._discord.follow_up(application_id, token, serialize.message(data, private=True), self._files(row))

    def _files(self, row: OutboxRow) -> list[File]:
        return [
            File(
                image["file"],
                self._drawn(image),
                image["alt"],
                _MEDIA_TYPES[image["file"].rsplit(".", 1)[-1]],
            )
            for image in row.images
        ]

    def _drawn(self, image: Mapping[str, Any]) -> bytes:
        with tracing.span("render", template=image["template"]):
            return self._render(image["template"], image["view"])


def nonce(row_id: str) -> str:
    """24 characters that belong to the row (Discord takes 25)."""
    return base64.b32encode(hashlib.sha256(row_id.encode()).digest()[:15]).decode().lower()
