"""The bot's webhooks and the channels it cannot reach. Not guild-scoped: delivery serves every guild."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from dbsbm.database.session import Row, Session


@dataclass(frozen=True, slots=True)
class StoredWebhook:
    """A webhook with its token still sealed."""

    webhook_id: int
    channel_id: int
    token_cipher: bytes = field(repr=False)
    live: bool


class WebhookRepository:
    """Table ``channel_webhooks``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def live(self, guild_id: int, channel_id: int) -> StoredWebhook | None:
        """The channel's webhook; of several the oldest, so that all runs agree."""
        row = self._session.one(
            "SELECT * FROM channel_webhooks WHERE guild_id = %s AND channel_id = %s AND state = 'live' "
            "ORDER BY webhook_id LIMIT 1",
            (guild_id, channel_id),
        )
        return _webhook(row) if row else None

    def by_id(self, webhook_id: int) -> StoredWebhook | None:
        row = self._session.one("SELECT * FROM channel_webhooks WHERE webhook_id = %s", (webhook_id,))
        return _webhook(row) if row else None

    def of_channel(self, guild_id: int, channel_id: int) -> Sequence[int]:
        """Ids of all webhooks the channel ever had, lost ones too."""
        rows = self._session.all(
            "SELECT webhook_id FROM channel_webhooks WHERE guild_id = %s AND channel_id = %s", (guild_id, channel_id)
        )
        return tuple(row["webhook_id"] for row in rows)

    def add(self, guild_id: int, channel_id: int, webhook_id: int, token_cipher: bytes, now: datetime) -> None:
        """Store a webhook, or its newer token."""
        self._session.execute(
            "INSERT INTO channel_webhooks (guild_id, channel_id, webhook_id, token_cipher, created_at) "
            "VALUES (%s, %s, %s, %s, %s) "
            "ON DUPLICATE KEY UPDATE token_cipher = VALUES(token_cipher), state = 'live'",
            (guild_id, channel_id, webhook_id, token_cipher, now),
        )

    def after(self, webhook_id: int, limit: int) -> Sequence[tuple[int, bytes]]:
        """Webhooks of all guilds and their sealed tokens, in order of their ids (by channel_webhooks_by_webhook)."""
        rows = self._session.all(
            "SELECT webhook_id, token_cipher FROM channel_webhooks WHERE webhook_id > %s ORDER BY webhook_id LIMIT %s",
            (webhook_id, limit),
        )
        return [(row["webhook_id"], row["token_cipher"]) for row in rows]

    def reseal(self, webhook_id: int, before: bytes, cipher: bytes) -> None:
        """The same token under another key, unless it is another token by now."""
        self._session.execute(
            "UPDATE channel_webhooks SET token_cipher = %s WHERE webhook_id = %s AND token_cipher = %s",
            (cipher, webhook_id, before),
        )

    def lose(self, webhook_id: int) -> None:
        self._session.execute("UPDATE channel_webhooks SET state = 'lost' WHERE webhook_id = %s", (webhook_id,))


class UnreachableRepository:
    """Table ``unreachable_channels``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def mark(self, guild_id: int, channel_id: int, discord_code: int, now: datetime) -> None:
        self._session.execute(
            "INSERT INTO unreachable_channels (guild_id, channel_id, discord_code, since) VALUES (%s, %s, %s, %s) "
            "ON DUPLICATE KEY UPDATE discord_code = VALUES(discord_code)",
            (guild_id, channel_id, discord_code, now),
        )

    def clear(self, guild_id: int, channel_id: int) -> None:
        self._session.execute(
            "DELETE FROM unreachable_channels WHERE guild_id = %s AND channel_id = %s", (guild_id, channel_id)
        )

    def codes(self, guild_id: int) -> dict[int, int]:
        """Discord's code by channel."""
        rows = self._session.all(
            "SELECT channel_id, discord_code FROM unreachable_channels WHERE guild_id = %s", (guild_id,)
        )
        return {row["channel_id"]: row["discord_code"] for row in rows}


def _webhook(row: Row) -> StoredWebhook:
    return StoredWebhook(row["webhook_id"], row["channel_id"], row["token_cipher"], row["state"] == "live")
