"""What a community may have: free, premium or platinum, each with its limits in one table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from dbsbm.core.errors import DbsbmError
from dbsbm.core.settings import Settings

GRACE = timedelta(days=3)
"""How long a tier's limits hold after it ended by running out: a renewal that is late costs nobody anything."""


class Tier(StrEnum):
    FREE = "free"
    PREMIUM = "premium"
    PLATINUM = "platinum"


class Limit(StrEnum):
    """What is counted; the value is the field of :class:`Limits`."""

    CAPPERS = "cappers"
    OPEN_BETS = "open_bets"
    ROUTES = "routes"
    WEBHOOKS = "webhooks"
    SCHEDULED_POSTS = "scheduled_posts"
    EXPORT_ROWS = "export_rows"
    HISTORY_DAYS = "history_days"


@dataclass(frozen=True, slots=True)
class Limits:
    """The most there may be; None: as many as wanted.

    ``open_bets`` is per capper. ``scheduled_posts`` counts kinds that are switched on. ``history_days`` is how far back
    lists and files go: records and leaderboards always count everything.
    """

    cappers: int | None
    open_bets: int | None
    routes: int | None
    webhooks: int | None
    scheduled_posts: int | None
    export_rows: int | None
    history_days: int | None

    def most(self, limit: Limit) -> int | None:
        most: int | None = getattr(self, limit.value)
        return most


TABLE: Mapping[Tier, Limits] = {
    Tier.FREE: Limits(
        cappers=5, open_bets=50, routes=2, webhooks=2, scheduled_posts=2, export_rows=500, history_days=90
    ),
    Tier.PREMIUM: Limits(
        cappers=25, open_bets=250, routes=25, webhooks=5, scheduled_posts=4, export_rows=2_000, history_days=730
    ),
    Tier.PLATINUM: Limits(
        cappers=None, open_bets=None, routes=200, webhooks=25, scheduled_posts=None, export_rows=None, history_days=None
    ),
}
"""The one table. What has a bound in platinum too is bounded for everybody's sake."""
_RANK = {tier: rank for rank, tier in enumerate(Tier)}
_EVER = datetime.max.replace(tzinfo=UTC)
_UNNAMED = {limit.value for limit in Limit} ^ {field.name for field in fields(Limits)}
if _UNNAMED:
    raise TypeError(f"Limit and Limits differ in {_UNNAMED}")


class EntitlementState(StrEnum):
    LIVE = "live"
    """Discord says it stands, perhaps until a day it names."""
    ENDED = "ended"
    """Discord does not list it any more."""
    DELETED = "deleted"
    """Refunded or removed by Discord: it gives nothing, no grace either."""


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What Discord said of one purchase at ``told_at``."""

    guild_id: int
    entitlement_id: int
    sku_id: int
    starts_at: datetime | None
    ends_at: datetime | None
    state: EntitlementState
    told_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """A community's tier now; ``until`` None: no end is known. ``in_grace``: over since ``until``, its limits hold.

    ``offered`` is the SKU of each tier that is for sale; nothing offered: everything is free, and this is the top tier.
    """

    tier: Tier
    until: datetime | None
    in_grace: bool
    offered: Mapping[Tier, int]

    @property
    def limits(self) -> Limits:
        return TABLE[self.tier]

    def has_room(self, limit: Limit, used: int, adding: int) -> bool:
        most = self.limits.most(limit)
        return most is None or used + adding <= most

    def better(self, limit: Limit, needed: int) -> Tier | None:
        """The lowest tier for sale above this one that has room for ``needed``."""
        for tier in sorted(self.offered, key=_RANK.__getitem__):
            most = TABLE[tier].most(limit)
            if _RANK[tier] > _RANK[self.tier] and (most is None or needed <= most):
                return tier
        return None


class TierLimitError(DbsbmError):
    """A limit of the community's tier stops what a person wants; the answer names it and what would have room."""

    code = "tier_limit"

    def __init__(self, limit: Limit, standing: Standing, needed: int) -> None:
        super().__init__(f"{limit.value} of {standing.tier.value}")
        self.limit = limit
        self.standing = standing
        self.most = standing.limits.most(limit)
        self.better = standing.better(limit, needed)
        self.sku_id = standing.offered[self.better] if self.better is not None else None


def offered_in(settings: Settings) -> dict[Tier, int]:
    """The SKU of each tier that the operator sells; empty when none is configured."""
    typed = {Tier.PREMIUM: settings.discord_sku_premium, Tier.PLATINUM: settings.discord_sku_platinum}
    return {tier: int(sku) for tier, sku in typed.items() if sku}


def standing_of(entitlements: Iterable[Entitlement], offered: Mapping[Tier, int], now: datetime) -> Standing:
    """The best tier that one of a community's entitlements gives at ``now``."""
    if not offered:
        return Standing(Tier.PLATINUM, None, in_grace=False, offered=offered)
    tiers = {sku: tier for tier, sku in offered.items()}
    best = Standing(Tier.FREE, None, in_grace=False, offered=offered)
    for each in entitlements:
        found = _given(each, tiers.get(each.sku_id), offered, now)
        if found is not None and _worth(found) > _worth(best):
            best = found
    return best


def _given(each: Entitlement, tier: Tier | None, offered: Mapping[Tier, int], now: datetime) -> Standing | None:
    if tier is None or each.state is EntitlementState.DELETED:
        return None
    if each.starts_at is not None and now < each.starts_at:
        return None
    if each.state is EntitlementState.LIVE and (each.ends_at is None or now < each.ends_at):
        return Standing(tier, each.ends_at, in_grace=False, offered=offered)
    if each.ends_at is not None and now < each.ends_at + GRACE:
        return Standing(tier, each.ends_at, in_grace=True, offered=offered)
    return None


def _worth(standing: Standing) -> tuple[int, bool, datetime]:
    return _RANK[standing.tier], not standing.in_grace, standing.until or _EVER
