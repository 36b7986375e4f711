"""The bot's own webhook in each channel: slips are posted through it under the capper's name."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from dbsbm.core.clock import Clock
from dbsbm.core.errors import DiscordError, DiscordUnavailableError
from dbsbm.database.database import Database
from dbsbm.database.session import Session
from dbsbm.delivery.repository import StoredWebhook, WebhookRepository
from dbsbm.discord.rest import DiscordClient, DiscordInDoubtError
from dbsbm.security.tokens import TokenBox

logger = logging.getLogger(__name__)

NAME = "Bet slips"
"""Shown only where a post names nobody; must not contain "discord" or "clyde"."""


@dataclass(frozen=True, slots=True)
class Webhook:
    id: int
    token: str = field(repr=False)


class Webhooks:
    """Finds, makes and remembers webhooks; tokens are sealed in the database (context: the webhook's id)."""

    def __init__(
        self, database: Database, discord: DiscordClient, tokens: TokenBox, application_id: int, clock: Clock
    ) -> None:
        self._database = database
        self._discord = discord
        self._tokens = tokens
        self._application_id = application_id
        self._clock = clock

    def for_channel(self, guild_id: int, channel_id: int) -> Webhook:
        """The channel's webhook; one that the bot made but did not store is found again, else a new one is made.

        Raises
        ------
        DiscordError
            When the bot may not manage webhooks there. Nothing was posted then, whatever the error.
        """
        with self._database.read() as session:
            stored = WebhookRepository(session).live(guild_id, channel_id)
        if stored is not None:
            return self._opened(stored)
        try:
            document = self._found(channel_id) or self._discord.create_webhook(channel_id, NAME)
        except DiscordInDoubtError as error:  # a webhook made twice is found again; no post is in doubt
            raise DiscordUnavailableError(
                error.detail, status=error.status, discord_code=error.discord_code, retry_after_s=error.retry_after_s
            ) from error
        return self._kept(guild_id, channel_id, Webhook(int(document["id"]), str(document["token"])))

    def by_id(self, webhook_id: int) -> Webhook | None:
        """A webhook that an earlier message was posted with; None when it is lost."""
        with self._database.read() as session:
            stored = WebhookRepository(session).by_id(webhook_id)
        return self._opened(stored) if stored is not None and stored.live else None

    def ids(self, guild_id: int, channel_id: int) -> Collection[int]:
        with self._database.read() as session:
            return frozenset(WebhookRepository(session).of_channel(guild_id, channel_id))

    def lose(self, webhook_id: int) -> None:
        """Discord does not know it any more."""
        self._database.run(lambda session: WebhookRepository(session).lose(webhook_id))

    def _found(self, channel_id: int) -> dict[str, Any] | None:
        for document in self._discord.channel_webhooks(channel_id):
            if document.get("application_id") == str(self._application_id) and document.get("token"):
                return document
        return None

    def _kept(self, guild_id: int, channel_id: int, webhook: Webhook) -> Webhook:
        """Store a webhook, unless another run stored one meanwhile: a channel has room for fifteen."""
        cipher = self._tokens.seal(webhook.token, token_place(webhook.id))

        def store(session: Session) -> StoredWebhook | None:
            repository = WebhookRepository(session)
            stored = repository.live(guild_id, channel_id)
            if stored is None:
                repository.add(guild_id, channel_id, webhook.id, cipher, self._clock.now())
            return stored

        first = self._database.run(store)
        if first is None or first.webhook_id == webhook.id:
            return webhook
        try:
            self._discord.delete_webhook(webhook.id, webhook.token)
        except DiscordError as error:
            logger.warning("a webhook too many stays", extra={"webhook": webhook.id, "reason": error.detail})
        return self._opened(first)

    def _opened(self, stored: StoredWebhook) -> Webhook:
        return Webhook(stored.webhook_id, self._tokens.open(stored.token_cipher, token_place(stored.webhook_id)))


def token_place(webhook_id: int) -> str:
    """What a sealed token belongs to."""
    return f"channel_webhooks|{webhook_id}"
