"""Tells the community's own systems how a capper stands after a change."""

from __future__ import annotations

import json

from dbsbm.commands import rights
from dbsbm.discord.definitions import Context
from dbsbm.guilds.repository import GuildRepository
from dbsbm.webhooks.repository import WebhookRepository


def capper_changed(ctx: Context, user_id: int) -> None:
    """Written in the transaction of the change, with what it made of the capper."""
    guild_id = rights.guild_id_of(ctx)
    capper = GuildRepository(ctx.session, guild_id).capper(user_id)
    if capper is None:
        return
    state = "active" if capper.active else "paused" if capper.paused else "removed"
    body = {"capper": {"id": str(user_id), "name": capper.display_name, "state": state}}
    event_id, now = ctx.ids.new(), ctx.clock.now()
    WebhookRepository(ctx.session, guild_id).capper_changed(event_id, user_id, json.dumps(body), now)
