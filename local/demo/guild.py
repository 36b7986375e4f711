"""The demo's community in the Discord simulator: "Sharp Side", not yet set up, so that a newcomer runs ``/setup``."""

from __future__ import annotations

from typing import Any

GUILD = "Sharp Side"
CHANNELS = ("general", "slips", "results", "staff")
ADMIN = "dana"
CAPPERS = ("ann", "ben")
MEMBERS = ("cleo", "eli", "fay")

COMMUNITY: dict[str, Any] = {
    "guild": GUILD,
    "channels": [{"name": name, "only": "admin"} if name == "staff" else {"name": name} for name in CHANNELS],
    "users": [
        {"name": ADMIN, "role": "admin"},
        *({"name": name, "role": "capper"} for name in CAPPERS),
        *({"name": name} for name in MEMBERS),
    ],
}
"""What ``POST /sim/seed`` takes."""
