"""What the application sells to servers: bought, run out, refunded, each told by a webhook event."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from local.discord_simulator import objects
from local.discord_simulator.errors import known
from local.discord_simulator.state import Json

if TYPE_CHECKING:
    from local.discord_simulator.simulator import Simulator

_GUILD_SUBSCRIPTION, _AVAILABLE_TO_GUILDS = 5, 1 << 2 | 1 << 7
_APPLICATION_SUBSCRIPTION = 8


class Shop:
    """SKUs by id with their names, and what was bought of them. Everything changes at the simulator's own time."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self.skus: dict[int, str] = {}

    def offer(self, sku_id: int, name: str) -> None:
        self.skus[sku_id] = name

    def buy(self, sku_id: int, owner: Json) -> Json:
        """A new entitlement; ``owner`` is ``{"guild_id": …}`` or ``{"user_id": …}``, with who paid beside it.

        Raises
        ------
        ApiError
            10027 when there are SKUs and this is none of them.
        """
        if self.skus and sku_id not in self.skus:
            raise known(10027)
        entitlement_id = self._simulator.snowflakes.new()
        entitlement: Json = {
            "id": str(entitlement_id),
            "sku_id": str(sku_id),
            "application_id": str(self._simulator.application_id),
            "type": _APPLICATION_SUBSCRIPTION,
            "deleted": False,
            "consumed": False,
            "starts_at": objects.moment(self._simulator.clock.now()),
            "ends_at": None,
            **owner,
        }
        self._simulator.state.entitlements[entitlement_id] = entitlement
        self._tell("ENTITLEMENT_CREATE", entitlement)
        return entitlement

    def end(self, entitlement_id: int, at: datetime | None = None) -> None:
        """The subscription runs out, now or at a later time: it was not renewed."""
        entitlement = self.entitlement(entitlement_id)
        entitlement["ends_at"] = objects.moment(at or self._simulator.clock.now())
        self._tell("ENTITLEMENT_UPDATE", entitlement)

    def refund(self, entitlement_id: int) -> None:
        """Discord takes it back."""
        entitlement = self.entitlement(entitlement_id)
        entitlement["deleted"] = True
        self._tell("ENTITLEMENT_DELETE", entitlement)

    def entitlement(self, entitlement_id: int) -> Json:
        """One that was bought.

        Raises
        ------
        ApiError
            10022 when there is none of that id.
        """
        found = self._simulator.state.entitlements.get(entitlement_id)
        if found is None:
            raise known(10022)
        return found

    def standing(self, entitlement: Json) -> bool:
        """Neither refunded nor run out."""
        now = objects.moment(self._simulator.clock.now()) or ""
        return not entitlement["deleted"] and (entitlement["ends_at"] is None or entitlement["ends_at"] > now)

    def listed(self) -> list[Json]:
        """The SKUs as Discord's API gives them."""
        return [
            {
                "id": str(sku_id),
                "type": _GUILD_SUBSCRIPTION,
                "application_id": str(self._simulator.application_id),
                "name": name,
                "slug": name.lower().replace(" ", "-"),
                "flags": _AVAILABLE_TO_GUILDS,
                "dependent_sku_id": None,
                "access_type": 1,
                "features": [],
                "manifest_labels": None,
                "release_date": None,
                "premium": False,
                "show_age_gate": False,
            }
            for sku_id, name in sorted(self.skus.items())
        ]

    def _tell(self, kind: str, entitlement: Json) -> None:
        self._simulator.events.send(kind, entitlement)
        self._simulator.changed("guild", guild_id=int(entitlement.get("guild_id") or 0))
