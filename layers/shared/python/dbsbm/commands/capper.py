"""``/capper add``, ``remove``, ``list``: who posts bets, under which name and picture."""

from __future__ import annotations

from dbsbm.commands import answers, payload, rights, wording
from dbsbm.commands.capper_events import capper_changed
from dbsbm.commands.names import NAME_MAX, slip_name
from dbsbm.commands.words.catalogue import Words
from dbsbm.core.errors import NotFoundError
from dbsbm.discord import components, custom_id
from dbsbm.discord.definitions import Context, Json, Option, OptionType, Result, Who, command, component
from dbsbm.guilds.repository import GuildRepository
from dbsbm.tiers import service as tiers
from dbsbm.tiers.model import Limit

FUNCTION = "command_guild"
_PAGE = 40
_USER = Option("user", "Who", OptionType.USER, required=True)


@command(
    "capper add",
    "Let somebody post bets, or change the name their slips carry",
    who=Who.ADMIN,
    function=FUNCTION,
    options=(_USER, Option("name", "Name on the slips, instead of the one in this server", max_length=NAME_MAX)),
)
def add(ctx: Context) -> Result:
    words = Words(ctx.person.locale)
    repository = GuildRepository(ctx.session, rights.guild_id_of(ctx))
    rights.ready(repository.guild(), words)
    person = payload.resolved_person(ctx.interaction, ctx.interaction.options["user"])
    known = repository.capper(person.user_id)
    if known is None or not (known.active or known.paused):
        tiers.require(ctx, Limit.CAPPERS, repository.capper_count)
    name = slip_name(str(ctx.interaction.options.get("name") or person.name), words)
    repository.put_capper(person.user_id, name, person.avatar_url, ctx.person.user_id, ctx.clock.now())
    capper_changed(ctx, person.user_id)
    return Result(answers.said(words("capper.added", user=wording.mention(person.user_id), name=name)))


@command(
    "capper remove",
    "Stop somebody from posting bets; the record stays",
    who=Who.ADMIN,
    function=FUNCTION,
    options=(_USER,),
)
def remove(ctx: Context) -> Result:
    words = Words(ctx.person.locale)
    repository = GuildRepository(ctx.session, rights.guild_id_of(ctx))
    user_id = ctx.interaction.options["user"]
    capper = repository.capper(user_id)
    if capper is None or not capper.active:
        raise NotFoundError(f"no capper {user_id}")
    repository.remove_capper(user_id)
    capper_changed(ctx, user_id)
    return Result(answers.said(words("capper.removed", user=wording.mention(user_id), name=capper.display_name)))


@command("capper list", "Who posts bets here", who=Who.MEMBER, function=FUNCTION)
def show(ctx: Context) -> Result:
    return Result(answers.private(*_page(ctx, 0)))


@component("capper.page", args=(int,), who=Who.MEMBER, function=FUNCTION)
def turn_page(ctx: Context, after_user_id: int) -> Result:
    return Result(answers.redrawn(*_page(ctx, after_user_id)))


def _page(ctx: Context, after_user_id: int) -> list[Json]:
    words = Words(ctx.person.locale)
    found = GuildRepository(ctx.session, rights.guild_id_of(ctx)).cappers(after_user_id, _PAGE + 1)
    shown = found[:_PAGE]
    if not shown:
        return [components.text(words("capper.none"))]
    lines = [words("capper.line", name=capper.display_name, user=wording.mention(capper.user_id)) for capper in shown]
    page = [components.text("\n".join([words("capper.title"), *lines]))]
    if len(found) > _PAGE:
        more = custom_id.build("capper.page", shown[-1].user_id)
        page.append(components.row(components.button(words.plain("capper.more"), more)))
    return page
