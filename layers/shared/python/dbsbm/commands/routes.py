"""``/capper route`` and ``/capper routes``: where a capper's slips of a sport go, and which role they ping."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from dbsbm.commands import answers, payload, rights, setup, wording
from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.core.errors import ConflictError, NotAllowedError
from dbsbm.discord import components, custom_id
from dbsbm.discord.components import Choice, cut
from dbsbm.discord.definitions import Context, Json, Option, OptionType, Result, Who, command, component
from dbsbm.discord.roles import Unfit, unfit
from dbsbm.guilds.model import Guild
from dbsbm.guilds.notices.model import Refusal
from dbsbm.guilds.notices.repository import RoleRefusalRepository
from dbsbm.guilds.repository import GuildRepository
from dbsbm.guilds.routing.model import ANY_CAPPER, Route, Sport
from dbsbm.guilds.routing.repository import RouteRepository
from dbsbm.tiers import service as tiers
from dbsbm.tiers.model import Limit

FUNCTION = "command_guild"
_PAGE = 8
"""A message has room for as many, whatever their names are."""
_NAME = 40
_SPORTS = (
    ("Football", Sport.FOOTBALL.value),
    ("Basketball", Sport.BASKETBALL.value),
    ("Baseball", Sport.BASEBALL.value),
    ("Hockey", Sport.HOCKEY.value),
    ("Soccer", Sport.SOCCER.value),
    ("Tennis", Sport.TENNIS.value),
    ("MMA", Sport.MMA.value),
    ("Motor racing", Sport.MOTOR_RACING.value),
    ("Everything else (manual entries, futures)", Sport.OTHER.value),
)


@command(
    "capper route",
    "Send slips to another channel or ping a role, by capper and sport; the most specific route wins",
    who=Who.ADMIN,
    function=FUNCTION,
    options=(
        Option("user", "One capper's slips, instead of everybody's", OptionType.USER),
        Option("sport", "Slips of one sport, instead of all", choices=_SPORTS),
        Option("channel", "Where these slips are posted", OptionType.CHANNEL, channel_types=components.TEXT_CHANNELS),
        Option("ping", "The role these slips ping, which members can take with /notify", OptionType.ROLE),
    ),
)
def route(ctx: Context) -> Result:
    words, options = Words(ctx.person.locale), ctx.interaction.options
    guilds = GuildRepository(ctx.session, rights.guild_id_of(ctx))
    guild = rights.ready(guilds.guild(), words)
    if "channel" not in options and "ping" not in options:
        raise ConflictError(words("route.nothing"))
    capper_id, sport = options.get("user", ANY_CAPPER), Sport(options.get("sport", Sport.ANY.value))
    capper = guilds.capper(capper_id) if capper_id else None
    if capper_id and (capper is None or not (capper.active or capper.paused)):
        raise ConflictError(words("route.no_capper", user=wording.mention(capper_id)))
    repository = RouteRepository(ctx.session, guild.guild_id)
    known = repository.find(capper_id, sport)
    if known is None:
        tiers.require(ctx, Limit.ROUTES, repository.count)
    chosen = known or Route(capper_id, sport)
    if "channel" in options:
        setup.check_channel(ctx, options["channel"], words)
        chosen = replace(chosen, channel_id=options["channel"])
    if "ping" in options:
        chosen = _pinging(ctx, chosen, options["ping"], guild, words)
    repository.put(chosen, ctx.person.user_id, ctx.clock.now())
    return Result(answers.private(*_list(ctx, 0, words("route.set"))))


def _pinging(ctx: Context, chosen: Route, role_id: int, guild: Guild, words: Words) -> Route:
    """The route with a role that slips may ping.

    Raises
    ------
    NotAllowedError
        For @everyone, and for a role that another application manages.
    """
    role = payload.resolved_role(ctx.interaction, role_id)
    reason = unfit(role, guild.guild_id)
    if reason is Unfit.EVERYONE:
        raise NotAllowedError(words("route.everyone"))
    if reason is Unfit.MANAGED:
        raise NotAllowedError(words("route.managed", role=Markdown(f"<@&{role_id}>")))
    return replace(chosen, role_id=role_id, role_name=str(role.get("name", "")), self_assign=reason is None)


@command("capper routes", "Where slips go and whom they ping", who=Who.ADMIN, function=FUNCTION)
def show(ctx: Context) -> Result:
    return Result(answers.private(*_list(ctx, 0)))


@component("route.page", args=(int,), who=Who.ADMIN, function=FUNCTION)
def turn(ctx: Context, offset: int) -> Result:
    return Result(answers.redrawn(*_list(ctx, offset)))


@component("route.remove", args=(int,), who=Who.ADMIN, function=FUNCTION)
def remove(ctx: Context, offset: int) -> Result:
    """The value comes from the client; one that names no route of this server removes nothing."""
    capper_id, _, sport = ctx.interaction.values[0].partition("/")
    known = next((each for each in Sport if each.value == sport), None)
    if known is not None and capper_id.isdecimal() and len(capper_id) < 20:
        RouteRepository(ctx.session, rights.guild_id_of(ctx)).remove(int(capper_id), known)
    return Result(answers.redrawn(*_list(ctx, offset)))


def _list(ctx: Context, offset: int, note: str = "") -> list[Json]:
    words = Words(ctx.person.locale)
    guild_id = rights.guild_id_of(ctx)
    repository = RouteRepository(ctx.session, guild_id)
    found = repository.page(offset, _PAGE + 1)
    shown = found[:_PAGE]
    guild = GuildRepository(ctx.session, guild_id).guild()
    slips = Markdown(f"<#{guild.slip_channel_id}>") if guild and guild.slip_channel_id else words("setup.not_set")
    lines: list[str] = [note] if note else []
    lines += [words("route.title"), words("route.default", channel=slips)]
    refused = RoleRefusalRepository(ctx.session, guild_id).reasons([each.role_id for each in shown if each.role_id])
    lines += [_line(each, repository, refused, words) for each in shown]
    if not shown:
        return [components.text("\n".join([*lines, words("route.none")]))]
    choices = [Choice(route_name(each, words), f"{each.capper_id}/{each.sport.value}") for each in shown]
    picker = components.select(custom_id.build("route.remove", offset), choices, words.plain("route.remove"))
    return [components.text("\n".join(lines)), picker, *_pager(offset, len(found) > _PAGE, words)]


def _pager(offset: int, more: bool, words: Words) -> list[Json]:
    buttons = []
    if offset:
        back = custom_id.build("route.page", max(0, offset - _PAGE))
        buttons.append(components.button(words.plain("page.back"), back))
    if more:
        buttons.append(components.button(words.plain("page.more"), custom_id.build("route.page", offset + _PAGE)))
    return [components.row(*buttons)] if buttons else []


def _line(each: Route, repository: RouteRepository, refused: Mapping[int, Refusal], words: Words) -> str:
    parts = []
    if each.channel_id is not None:
        lost = repository.is_unreachable(each.channel_id)
        parts.append(words("route.lost_to" if lost else "route.to", channel=Markdown(f"<#{each.channel_id}>")))
    if each.role_id is not None:
        parts.append(words("route.pings", role=Markdown(f"<@&{each.role_id}>")))
        if not each.self_assign:
            parts.append(words("route.no_self"))
        if each.role_id in refused:
            parts.append(words("route.refused", why=words(f"notify.why.{refused[each.role_id].value}")))
    return words("route.line", what=route_name(each, words), where=Markdown(", ".join(parts)))


def route_name(each: Route, words: Words) -> str:
    """ "Ann the Sharp · Football", "Every capper · every sport"."""
    who = cut(each.capper_name, _NAME) or words.plain("route.any_capper")
    if each.capper_id and not each.capper_name:
        who = words.plain("route.unknown_capper")
    return f"{who} · {sport_name(each.sport, words)}"


def sport_name(sport: Sport, words: Words) -> str:
    return words.plain(f"sport.{sport.value or 'any'}")
