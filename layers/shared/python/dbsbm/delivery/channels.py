"""Channels that the bot makes itself: made once, renamed, removed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from dbsbm.core.clock import to_ms
from dbsbm.core.errors import DiscordError
from dbsbm.core.ids import snowflake_ms
from dbsbm.delivery.verdict import UNKNOWN_CHANNEL, UnsendableError
from dbsbm.discord.rest import DiscordClient
from dbsbm.outbox.model import OutboxRow, Place

_CLOCK_SKEW = timedelta(seconds=60)


class Channels:
    """``is_placed`` tells whether a channel is already known as another row's."""

    def __init__(self, discord: DiscordClient, is_placed: Callable[[int], bool]) -> None:
        self._discord = discord
        self._is_placed = is_placed

    def create(self, row: OutboxRow) -> Place:
        """Make a channel, or find the one that an attempt in doubt had made.

        Raises
        ------
        DiscordError
            As Discord refuses it.
        """
        channel_id = self._made(row) if row.in_doubt else None
        if channel_id is None:
            channel_id = int(self._discord.create_channel(row.guild_id, row.data)["id"])
        return Place(channel_id, channel_id)

    def rename(self, row: OutboxRow, place: Place | None) -> None:
        if place is None:
            raise UnsendableError("nothing to rename: its channel was never made")
        self._discord.rename_channel(place.channel_id, row.data["name"])

    def delete(self, place: Place | None) -> None:
        """Remove a channel; one that was never made, or that somebody removed, is as it should be."""
        if place is None:
            return
        try:
            self._discord.delete_channel(place.channel_id)
        except DiscordError as error:
            if error.discord_code != UNKNOWN_CHANNEL:
                raise

    def _made(self, row: OutboxRow) -> int | None:
        since = to_ms((row.sending_at or row.created_at) - _CLOCK_SKEW)
        for channel in self._discord.guild_channels(row.guild_id):
            channel_id = int(channel["id"])
            same = channel.get("name") == row.data["name"] and channel.get("type") == row.data.get("type", 0)
            if same and snowflake_ms(channel_id) >= since and not self._is_placed(channel_id):
                return channel_id
        return None
