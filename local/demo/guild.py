"""The demo's community in the Discord simulator: "Sharp Side", not yet set up, so that a newcomer runs ``/setup``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from local.discord_simulator import GuildPlace, Person, Simulator

GUILD = "Sharp Side"
CHANNELS = ("general", "slips", "results", "staff")
ADMIN = "dana"
CAPPERS = ("ann", "ben")
MEMBERS = ("cleo", "eli", "fay")


@dataclass(frozen=True, slots=True)
class Community:
    """Who is there: ``admin`` manages the guild, ``cappers`` have the capper role."""

    guild: GuildPlace
    admin: Person
    cappers: tuple[Person, ...]
    members: tuple[Person, ...]


def populate(simulator: Simulator) -> Community:
    """Make the guild, its channels and its people; those that are there already are left as they are."""
    guild = simulator.guild(GUILD)
    channels = {name: guild.channel(name) for name in CHANNELS}
    admin = guild.user(ADMIN, role="admin")
    cappers = tuple(guild.user(name, role="capper") for name in CAPPERS)
    members = tuple(guild.user(name) for name in MEMBERS)
    channels["staff"].overwrite("@everyone", deny=("VIEW_CHANNEL",))
    channels["staff"].overwrite(guild.role("admin"), allow=("VIEW_CHANNEL",))
    channels["staff"].overwrite("bot", allow=("VIEW_CHANNEL",))
    return Community(guild, admin, cappers, members)
