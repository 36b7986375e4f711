"""What differs between dev, staging and prod."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Stage:
    """``settings`` are the values behind ``Ref("setting", …)`` that are not resources of ours.

    ``egress`` and ``budget_usd`` (a month) hold without ``-c``; ``canary`` shifts a tenth of the traffic first.
    """

    name: str
    multi_az: bool
    database_class: str
    backup_days: int
    protected: bool
    log_days: int
    egress: Literal["instance", "gateway"]
    budget_usd: int
    canary: bool
    settings: Mapping[str, str] = field(default_factory=dict)


_SETTINGS = {
    "DISCORD_API_BASE_URL": "https://discord.com/api/v10",
    "DISCORD_CDN_BASE_URL": "https://cdn.discordapp.com",
    "ODDS_API_BASE_URL": "https://api.the-odds-api.com",
    "ODDS_API_MONTHLY_CREDITS": "500",
    "ESPN_BASE_URL": "https://site.api.espn.com",
    "WEATHER_API_BASE_URL": "",
    "WEATHER_API_DAYS": "3",
    "API_SPORTS_BASE_URL": "",
    "DISCORD_FRESHNESS_S": "300",
    "WEBHOOK_LOOPBACK": "false",
    "DISCORD_SKU_PREMIUM": "",
    "DISCORD_SKU_PLATINUM": "",
    "DBSBM_OPERATORS": "",
}
STAGES = (
    Stage("dev", multi_az=False, database_class="t4g.micro", backup_days=1, protected=False, log_days=14,
          egress="instance", budget_usd=60, canary=False, settings=_SETTINGS),
    Stage("staging", multi_az=False, database_class="t4g.micro", backup_days=7, protected=True, log_days=30,
          egress="instance", budget_usd=60, canary=True, settings=_SETTINGS),
    Stage("prod", multi_az=True, database_class="t4g.small", backup_days=35, protected=True, log_days=90,
          egress="gateway", budget_usd=200, canary=True, settings=_SETTINGS),
)  # fmt: skip


def stage_named(name: str) -> Stage:
    """The stage of that name.

    Raises
    ------
    ValueError
        Naming the stages there are.
    """
    for stage in STAGES:
        if stage.name == name:
            return stage
    raise ValueError(f"no stage {name!r}; choose one of {', '.join(stage.name for stage in STAGES)}")
