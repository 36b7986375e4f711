"""Where a capper's slips of a sport go, and which role they ping."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

ANY_CAPPER = 0


class Sport(StrEnum):
    """What bets are told apart by; the values of the rules' catalogue, with college and professional games together."""

    ANY = ""
    FOOTBALL = "american_football"
    BASKETBALL = "basketball"
    BASEBALL = "baseball"
    HOCKEY = "hockey"
    SOCCER = "soccer"
    TENNIS = "tennis"
    MMA = "mma"
    MOTOR_RACING = "motor_racing"
    OTHER = "other"
    """What no feed covers: manual entries and futures."""


@dataclass(frozen=True, slots=True)
class Route:
    """What an admin set for a capper (0: any) and a sport. ``channel_id`` or ``role_id`` None: not said here."""

    capper_id: int
    sport: Sport
    channel_id: int | None = None
    role_id: int | None = None
    role_name: str = ""
    self_assign: bool = False
    """Whether members may take the role themselves: it had no power over others when it was picked."""
    capper_name: str = ""

    @property
    def weight(self) -> int:
        """How specific it is: a named capper counts more than a named sport."""
        return 2 * (self.capper_id != ANY_CAPPER) + (self.sport is not Sport.ANY)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where one slip goes. ``routed``: a route says so, and not the server's slip channel."""

    channel_id: int
    role_id: int | None
    routed: bool


def destination(routes: Iterable[Route], slip_channel_id: int) -> Destination:
    """Channel and role by the most specific of the routes that fit and name one, each for itself."""
    ordered = sorted(routes, key=lambda route: -route.weight)
    channel_id = next((route.channel_id for route in ordered if route.channel_id is not None), None)
    role_id = next((route.role_id for route in ordered if route.role_id is not None), None)
    return Destination(channel_id or slip_channel_id, role_id, channel_id not in (None, slip_channel_id))
