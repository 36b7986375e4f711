"""What stands before every command: whether it is switched on here, and whether there is room for one more."""

from __future__ import annotations

from datetime import datetime

from dbsbm.core import metrics
from dbsbm.core.errors import DbsbmError, RateLimitedError, SwitchedOffError
from dbsbm.core.flags import RateLimits
from dbsbm.discord.definitions import Interaction
from dbsbm.environment import Environment
from dbsbm.resilience.rate_limit import Quota
from dbsbm.tiers.model import Tier, offered_in, standing_of
from dbsbm.tiers.service import told

SWITCHED_OFF = "switched_off"


def barred(route: str, interaction: Interaction, environment: Environment) -> DbsbmError | None:
    """Why an interaction is not let through; None when it is, and then it is counted.

    The same interaction again is not counted again.
    """
    flags = environment.flags.current()
    switch = flags.shut(route, interaction.guild_id or interaction.person.user_id)
    if switch is not None:
        metrics.record(metrics.LIMITED, what=SWITCHED_OFF)
        return SwitchedOffError(switch.why, partly=switch.percent > 0)
    if flags.limits is None or environment.limiter.is_new():
        return None
    return _spent(route, interaction, environment, flags.limits)


def may_type(command: str, interaction: Interaction, environment: Environment) -> bool:
    """Whether somebody who types is offered choices."""
    flags = environment.flags.current()
    person = interaction.person.user_id
    if flags.shut(command, interaction.guild_id or person) is not None:
        return False
    if flags.limits is None or environment.limiter.is_new():
        return True
    quota = Quota(flags.limits.typing, flags.limits.window_s)
    return environment.limiter.take(f"typing:{person}", quota, str(interaction.id)).allowed


def _spent(
    route: str, interaction: Interaction, environment: Environment, limits: RateLimits
) -> RateLimitedError | None:
    """The person's own limit first: one person alone does not use up what a community may."""
    tier, cost = _tier(interaction, environment, environment.clock.now()), limits.cost(route)
    subjects = [("person", interaction.person.user_id, limits.person[tier], limits.block_after)]
    if interaction.guild_id is not None:
        subjects.append(("guild", interaction.guild_id, limits.guild[tier], 0))
    for kind, number, limit, block_after in subjects:
        quota = Quota(limit, limits.window_s, block_after, limits.block_s)
        verdict = environment.limiter.take(f"{kind}:{number}", quota, str(interaction.id), cost)
        if not verdict.allowed:
            metrics.record(metrics.LIMITED, what=kind)
            return RateLimitedError(kind, retry_after_s=verdict.retry_after_s, blocked=verdict.blocked)
    return None


def _tier(interaction: Interaction, environment: Environment, now: datetime) -> Tier:
    """By what the signed payload says was bought: no statement before the limit."""
    offered = offered_in(environment.settings)
    bought = told(interaction, interaction.guild_id) if interaction.guild_id is not None else ()
    return standing_of(bought, offered, now).tier
