"""Discord, as far as an HTTP-interactions bot meets it: a deterministic state machine, and a server around it."""

from local.discord_simulator.errors import ClientRefusalError
from local.discord_simulator.faults import Fault
from local.discord_simulator.gateway import Delivery
from local.discord_simulator.multipart import Upload
from local.discord_simulator.person import Choice, Person
from local.discord_simulator.places import ChannelPlace, GuildPlace
from local.discord_simulator.seen import Seen
from local.discord_simulator.simulator import Simulator

__all__ = [
    "ChannelPlace",
    "Choice",
    "ClientRefusalError",
    "Delivery",
    "Fault",
    "GuildPlace",
    "Person",
    "Seen",
    "Simulator",
    "Upload",
]
