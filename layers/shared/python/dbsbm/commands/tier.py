"""``/tier``: what this server's tier is, until when, what it allows and how much of it is used."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dbsbm.commands import answers, rights, wording
from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.discord import components
from dbsbm.discord.definitions import Context, Json, Result, Who, command
from dbsbm.guilds.repository import GuildRepository
from dbsbm.guilds.routing.repository import RouteRepository
from dbsbm.tiers import service
from dbsbm.tiers.model import GRACE, Limit, Standing, Tier
from dbsbm.webhooks.repository import WebhookRepository

FUNCTION = "command_guild"


@command("tier", "This server's tier: its limits, how much is used, until when", who=Who.ADMIN, function=FUNCTION)
def show(ctx: Context) -> Result:
    words, standing = Words(ctx.person.locale), service.of(ctx)
    lines = [_until(standing, words), *(_line(ctx, limit, standing, words) for limit in Limit)]
    if standing.offered:
        lines.insert(0, words("tier.title", tier=words.plain(f"tier.name.{standing.tier}")))
        lines.append(Markdown(f"-# {words('tier.free_note')}"))
    return Result(answers.private(components.text("\n".join(lines)), *_for_sale(standing)))


def _until(standing: Standing, words: Words) -> Markdown:
    if not standing.offered:
        return words("tier.everything_free")
    if standing.in_grace and standing.until is not None:
        when, until = wording.moment(standing.until), wording.moment(standing.until + GRACE)
        return words("tier.ended", when=when, until=until)
    if standing.until is not None:
        return words("tier.until", when=wording.moment(standing.until))
    return words("tier.free_until_bought") if standing.tier is Tier.FREE else words("tier.open_end")


def _line(ctx: Context, limit: Limit, standing: Standing, words: Words) -> Markdown:
    most = standing.limits.most(limit)
    allowed = words("tier.no_limit") if most is None else words(f"tier.limit.{limit}", most=most)
    what = words(f"tier.of.{limit}")
    if limit in _USED:
        return words("tier.line_used", what=what, used=_USED[limit](ctx), limit=allowed)
    return words("tier.line", what=what, limit=allowed)


def _for_sale(standing: Standing) -> list[Json]:
    """Discord's button of each tier that is better than this one."""
    tiers = list(Tier)
    better = [tier for tier in tiers[tiers.index(standing.tier) + 1 :] if tier in standing.offered]
    if standing.in_grace and standing.tier in standing.offered:
        better.insert(0, standing.tier)
    return [components.row(*(components.premium(standing.offered[tier]) for tier in better))] if better else []


def _cappers(ctx: Context) -> int:
    return GuildRepository(ctx.session, rights.guild_id_of(ctx)).capper_count()


def _routes(ctx: Context) -> int:
    return RouteRepository(ctx.session, rights.guild_id_of(ctx)).count()


def _webhooks(ctx: Context) -> int:
    return WebhookRepository(ctx.session, rights.guild_id_of(ctx)).count()


_USED: Mapping[Limit, Callable[[Context], int]] = {
    Limit.CAPPERS: _cappers,
    Limit.ROUTES: _routes,
    Limit.WEBHOOKS: _webhooks,
}
"""How much there is of what is counted for the whole server."""
