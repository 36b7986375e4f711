"""Which tier a community's entitlements give, and what its limits are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from dbsbm.core.settings import load
from dbsbm.tiers.model import (
    GRACE,
    TABLE,
    Entitlement,
    EntitlementState,
    Limit,
    Tier,
    TierLimitError,
    offered_in,
    standing_of,
)
from dbsbm.tiers.reading import entitlement

NOW = datetime(2026, 9, 13, 15, 0, tzinfo=UTC)
PREMIUM, PLATINUM, OTHER = 11, 12, 13
OFFERED = {Tier.PREMIUM: PREMIUM, Tier.PLATINUM: PLATINUM}
LIVE, ENDED, DELETED = EntitlementState


def bought(sku: int, ends_in: timedelta | None = None, state: EntitlementState = LIVE) -> Entitlement:
    ends_at = None if ends_in is None else NOW + ends_in
    return Entitlement(7, sku * 10, sku, NOW - timedelta(days=30), ends_at, state, NOW)


@pytest.mark.parametrize(
    ("entitlements", "tier", "in_grace"),
    [
        ([], Tier.FREE, False),
        ([bought(PREMIUM)], Tier.PREMIUM, False),
        ([bought(PREMIUM), bought(PLATINUM)], Tier.PLATINUM, False),
        ([bought(OTHER)], Tier.FREE, False),
        ([bought(PREMIUM, timedelta(seconds=1))], Tier.PREMIUM, False),
        ([bought(PREMIUM, timedelta())], Tier.PREMIUM, True),
        ([bought(PREMIUM, -GRACE + timedelta(seconds=1))], Tier.PREMIUM, True),
        ([bought(PREMIUM, -GRACE)], Tier.FREE, False),
        ([bought(PREMIUM, -timedelta(hours=1), ENDED)], Tier.PREMIUM, True),
        ([bought(PREMIUM, None, DELETED)], Tier.FREE, False),
        ([bought(PREMIUM, -timedelta(hours=1), DELETED)], Tier.FREE, False),
        ([bought(PLATINUM, -timedelta(hours=1)), bought(PREMIUM)], Tier.PLATINUM, True),
    ],
)
def test_the_best_of_what_was_bought_counts(entitlements: list[Entitlement], tier: Tier, in_grace: bool) -> None:
    standing = standing_of(entitlements, OFFERED, NOW)
    assert (standing.tier, standing.in_grace) == (tier, in_grace)
    assert standing_of(entitlements[::-1], OFFERED, NOW) == standing


def test_what_begins_later_gives_nothing_yet() -> None:
    later = Entitlement(7, 1, PREMIUM, NOW + timedelta(seconds=1), None, LIVE, NOW)
    assert standing_of([later], OFFERED, NOW).tier is Tier.FREE


def test_nothing_for_sale_is_everything_free() -> None:
    standing = standing_of([], {}, NOW)
    assert standing.limits == TABLE[Tier.PLATINUM]
    assert standing.better(Limit.WEBHOOKS, 1000) is None
    assert offered_in(load({})) == {}
    assert offered_in(load({"DISCORD_SKU_PREMIUM": "11", "DISCORD_SKU_PLATINUM": ""})) == {Tier.PREMIUM: 11}


def test_each_tier_has_room_for_what_the_one_below_has() -> None:
    for limit in Limit:
        most = [TABLE[tier].most(limit) for tier in Tier]
        assert all(high is None or (low is not None and low <= high) for low, high in pairwise(most)), limit
        assert 1 not in most, "the sentences speak of several"


def test_a_limit_names_the_lowest_tier_with_room() -> None:
    free = standing_of([], OFFERED, NOW)
    assert free.has_room(Limit.CAPPERS, 4, 1)
    assert not free.has_room(Limit.CAPPERS, 5, 1)
    assert TierLimitError(Limit.CAPPERS, free, 6).sku_id == PREMIUM
    assert TierLimitError(Limit.CAPPERS, free, 26).sku_id == PLATINUM
    assert TierLimitError(Limit.WEBHOOKS, free, 1000).sku_id is None


def test_a_persons_entitlement_is_none_of_a_community() -> None:
    document = {"id": "1", "sku_id": "11", "user_id": "5", "starts_at": None, "ends_at": None}
    assert entitlement(document, NOW) is None
    of_guild = entitlement({**document, "guild_id": "7", "ends_at": "2026-09-20T00:00:00+02:00"}, NOW)
    assert of_guild is not None
    assert of_guild.ends_at == datetime(2026, 9, 19, 22, tzinfo=UTC)


@pytest.mark.parametrize("field", ["id", "sku_id", "guild_id", "ends_at"])
def test_an_entitlement_of_another_shape_is_refused(field: str) -> None:
    document = {"id": "1", "sku_id": "11", "guild_id": "7", "starts_at": None, "ends_at": None, field: "x"}
    with pytest.raises(ValueError, match=r"x|invalid"):
        entitlement(document, NOW)
