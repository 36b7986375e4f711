"""The state as one user sees it, in one document for the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.discord_simulator import objects, permissions
from local.discord_simulator.permissions import Permission
from local.discord_simulator.state import LOADING, Channel, Guild, Json, Message

if TYPE_CHECKING:
    from local.discord_simulator.simulator import Simulator


def state(simulator: Simulator, user_id: int | None) -> Json:
    """Guilds with channels, members and roles; users; and the messages this user sees, by channel."""
    users = [objects.user(user) for user in simulator.state.users.values() if not user.bot]
    guilds = [_guild(simulator, guild, user_id) for guild in simulator.state.guilds.values()]
    direct = simulator.state.direct_channel(user_id) if user_id else None
    channels = [channel["id"] for guild in guilds for channel in guild["channels"]]
    visible = [simulator.state.channels[int(number)] for number in channels] + ([direct] if direct else [])
    return {
        "application": objects.user(simulator.state.users[simulator.application_id]),
        "users": users,
        "guilds": guilds,
        "direct_channel": objects.channel(direct, simulator) if direct else None,
        "messages": {str(channel.id): _messages(simulator, channel, user_id) for channel in visible},
        "skus": [{"id": str(sku_id), "name": name} for sku_id, name in simulator.shop.skus.items()],
        "now": objects.moment(simulator.clock.now()),
    }


def _guild(simulator: Simulator, guild: Guild, user_id: int | None) -> Json:
    def visible(channel: Channel) -> bool:
        return user_id is None or bool(permissions.in_channel(guild, channel, user_id) & Permission.VIEW_CHANNEL)

    channels = [channel for channel in simulator.state.guild_channels(guild.id) if visible(channel)]
    return {
        "id": str(guild.id),
        "name": guild.name,
        "owner_id": str(guild.owner_id),
        "channels": [objects.channel(channel, simulator) for channel in channels],
        "roles": [objects.role(role) for role in guild.roles.values()],
        "members": [objects.member(simulator, member) for member in guild.members.values()],
        "entitlements": [
            item
            for item in simulator.state.entitlements.values()
            if item.get("guild_id") == str(guild.id) and simulator.shop.standing(item)
        ],
    }


def _messages(simulator: Simulator, channel: Channel, user_id: int | None) -> list[Json]:
    seen = [item for item in channel.messages.values() if item.private_to is None or item.private_to == user_id]
    return [message(simulator, item) for item in sorted(seen, key=lambda item: item.id)]


def message(simulator: Simulator, value: Message) -> Json:
    """A message as the API gives it, and under "sim" what a client shows besides."""
    exchange = simulator.state.exchanges.get(value.interaction_id or 0)
    used_by = simulator.state.users[exchange.user_id] if exchange else None
    return objects.message(simulator, value) | {
        "sim": {
            "private": value.private_to is not None,
            "thinking": bool(value.flags & LOADING),
            "webhook": value.webhook_id is not None and value.interaction_id is None,
            "used_by": used_by.global_name or used_by.name if used_by else None,
            "command": exchange.payload["data"].get("name") if exchange and exchange.type == 2 else None,
        }
    }
