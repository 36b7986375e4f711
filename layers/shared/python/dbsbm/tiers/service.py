"""Which tier a community has, and the one place where its limits are enforced."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from dbsbm.core.settings import Settings
from dbsbm.database.session import Session
from dbsbm.discord.definitions import Context, Interaction
from dbsbm.tiers.model import Entitlement, Limit, Standing, TierLimitError, offered_in, standing_of
from dbsbm.tiers.reading import entitlement
from dbsbm.tiers.repository import EntitlementRepository, GuildEntitlementRepository


def require(ctx: Context, limit: Limit, used: Callable[[], int], adding: int = 1) -> None:
    """Let ``adding`` more of something be, beside the ``used()`` there are; counted only where a limit may stop it.

    Raises
    ------
    TierLimitError
        When the community's tier has no room; the runner's answer says so and shows what would have.
    """
    standing = of(ctx)
    if standing.limits.most(limit) is None:
        return
    there = used()
    if not standing.has_room(limit, there, adding):
        raise TierLimitError(limit, standing, there + adding)


def most(ctx: Context, limit: Limit) -> int | None:
    """The tier's limit, for what is shortened rather than refused; None: none."""
    return of(ctx).limits.most(limit)


def history_since(ctx: Context, otherwise: datetime) -> datetime:
    """How far back lists and files go; ``otherwise`` where the tier has no bound."""
    days = most(ctx, Limit.HISTORY_DAYS)
    return otherwise if days is None else ctx.clock.now() - timedelta(days=days)


def of(ctx: Context) -> Standing:
    """The tier of the interaction's community; what its payload tells of a purchase is kept."""
    offered, guild_id = offered_in(ctx.settings), ctx.interaction.guild_id
    if not offered or guild_id is None:
        return standing_of((), offered, ctx.clock.now())
    known = {each.entitlement_id: each for each in GuildEntitlementRepository(ctx.session, guild_id).all()}
    news = [each for each in told(ctx.interaction, guild_id) if _is_news(each, known.get(each.entitlement_id))]
    EntitlementRepository(ctx.session).take(news)
    known |= {each.entitlement_id: each for each in news}
    return standing_of(known.values(), offered, ctx.clock.now())


def standing(session: Session, guild_id: int, settings: Settings, now: datetime) -> Standing:
    """A community's tier where no interaction is at hand: in jobs."""
    offered = offered_in(settings)
    return standing_of(GuildEntitlementRepository(session, guild_id).all() if offered else (), offered, now)


def told(interaction: Interaction, guild_id: int) -> list[Entitlement]:
    """The community's entitlements as the signed payload has them."""
    found = [entitlement(each, interaction.created_at) for each in interaction.raw.get("entitlements") or ()]
    return [each for each in found if each is not None and each.guild_id == guild_id]


def _is_news(told: Entitlement, known: Entitlement | None) -> bool:
    """Newer than what is known, and different: the same word again need not be written."""
    if known is None:
        return True
    said = (told.sku_id, told.starts_at, told.ends_at, told.state)
    return told.told_at > known.told_at and said != (known.sku_id, known.starts_at, known.ends_at, known.state)
