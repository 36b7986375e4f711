"""A guild from a document: what ``POST /sim/seed`` does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.discord_simulator.places import ChannelPlace, GuildPlace
from local.discord_simulator.state import Json

if TYPE_CHECKING:
    from local.discord_simulator.simulator import Simulator


def seed(simulator: Simulator, document: Json) -> Json:
    """Make a guild with channels, roles and users; what exists by name stays. Returns ids by name.

    A channel with ``"only": role`` is seen by that role alone (and by the application, which must post anywhere).
    """
    place = simulator.guild(document["guild"])
    roles = {
        item["name"]: str(place.role(item["name"], *item.get("permissions", ())).id)
        for item in document.get("roles", ())
    }
    channels = {}
    for item in document.get("channels", ()):
        channel = place.channel(item["name"], voice=item.get("voice", False))
        if "only" in item:
            _close(place, channel, item["only"])
        channels[item["name"]] = str(channel.id)
    users = {
        item["name"]: str(place.user(item["name"], item.get("role"), nick=item.get("nick")).user_id)
        for item in document.get("users", ())
    }
    return {"guild_id": str(place.id), "channels": channels, "users": users, "roles": roles}


def _close(place: GuildPlace, channel: ChannelPlace, role: str) -> None:
    channel.overwrite("@everyone", deny=("VIEW_CHANNEL",))
    channel.overwrite(place.role(role), allow=("VIEW_CHANNEL",))
    channel.overwrite("bot", allow=("VIEW_CHANNEL",))
