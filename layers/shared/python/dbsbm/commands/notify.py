"""``/notify``: roles that slips ping, taken and left by oneself; direct messages with results of one's own tails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from dbsbm.bets.news.repository import NewsRepository
from dbsbm.betting.odds import OddsFormat
from dbsbm.commands import answers, rights, settings
from dbsbm.commands.routes import route_name
from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.discord import components, custom_id
from dbsbm.discord.components import Choice, Style
from dbsbm.discord.definitions import Context, Json, Option, Post, Result, Who, autocomplete, command, component
from dbsbm.guilds.model import Guild
from dbsbm.guilds.notices.model import DirectMember, DirectState
from dbsbm.guilds.notices.repository import DirectRepository, RoleRefusalRepository
from dbsbm.guilds.repository import GuildRepository
from dbsbm.guilds.routing.repository import RouteRepository

FUNCTION = "command_guild"
_PAGE = 25
_ROUTES = 500
_MENTIONED = 25
_REFUSED = 6
"""A message has room for as many, and the rest is counted."""
_AS_SERVER = "server"
_NONE = "none"


@dataclass(frozen=True, slots=True)
class _Offer:
    """A role that members may take, and the slips that ping it."""

    role_id: int
    name: str
    pinged_by: tuple[str, ...]


@command(
    "notify",
    "What you are told of: roles that slips ping, and results of bets you tail",
    who=Who.MEMBER,
    function=FUNCTION,
    options=(Option("timezone", "Your time zone, for quiet hours", autocomplete=True, max_length=64),),
)
def notify(ctx: Context) -> Result:
    if "timezone" in ctx.interaction.options:
        zone = settings.zone_named(str(ctx.interaction.options["timezone"]), Words(ctx.person.locale))
        _change(ctx, timezone=zone)
    return Result(answers.private(*_panel(ctx, 0)))


@autocomplete("notify", "timezone", function=FUNCTION)
def zones(ctx: Context, typed: str) -> Sequence[tuple[str, str]]:
    return settings.zones(ctx, typed)


@component("notify.show", args=(int,), who=Who.MEMBER, function=FUNCTION)
def show(ctx: Context, offset: int) -> Result:
    return Result(answers.redrawn(*_panel(ctx, offset)))


@component("notify.roles", args=(int,), who=Who.MEMBER, function=FUNCTION)
def take_roles(ctx: Context, offset: int) -> Result:
    """Only what was on the person's own select and is still offered changes; delivery looks at each role again."""
    offered = {offer.role_id for offer in _offers(ctx)} & set(_shown_in_select(ctx))
    chosen = {int(value) for value in ctx.interaction.values if value.isdecimal()} & offered
    held = ctx.person.role_ids & offered
    changes = {role_id: role_id in chosen for role_id in sorted(chosen ^ held)}
    guild_id, user_id = rights.guild_id_of(ctx), ctx.person.user_id
    posts = []
    for role_id, hold in changes.items():
        RoleRefusalRepository(ctx.session, guild_id).clear(user_id, role_id)
        target = {"user_id": str(user_id), "role_id": str(role_id), "held": hold}
        posts.append(Post("role.set", f"role:{role_id}:{user_id}", target, {}))
    return Result(answers.redrawn(*_panel(ctx, offset, changes)), tuple(posts))


@component("notify.direct", args=(int,), who=Who.MEMBER, function=FUNCTION)
def switch_direct(ctx: Context, on: int) -> Result:
    """A button says what it switches to, so that pressing an old one twice does nothing more."""
    _change(ctx, state=DirectState.ON if on == 1 else DirectState.OFF)
    if on != 1:
        NewsRepository(ctx.session, rights.guild_id_of(ctx)).put_off(ctx.person.user_id, None)
    return Result(answers.redrawn(*_panel(ctx, 0)))


@component("notify.quiet_from", who=Who.MEMBER, function=FUNCTION)
def choose_quiet_from(ctx: Context) -> Result:
    first = _hour(ctx)
    until = _member(ctx).quiet_until
    _change(ctx, quiet_from=first, quiet_until=8 if first is not None and until is None else until)
    return Result(answers.redrawn(*_panel(ctx, 0)))


@component("notify.quiet_until", who=Who.MEMBER, function=FUNCTION)
def choose_quiet_until(ctx: Context) -> Result:
    _change(ctx, quiet_until=_hour(ctx))
    return Result(answers.redrawn(*_panel(ctx, 0)))


@component("notify.odds", who=Who.MEMBER, function=FUNCTION)
def choose_odds(ctx: Context) -> Result:
    # The values of a select come from the client: what was not offered is as the server has it.
    typed = ctx.interaction.values[0]
    _change(ctx, odds_format=next((each for each in OddsFormat if each.value == typed), None))
    return Result(answers.redrawn(*_panel(ctx, 0)))


@component("notify.stop", args=(int, int), who=Who.ANYONE, function=FUNCTION, answers="message")
def stop(ctx: Context, guild_id: int, _batch: int) -> Result:
    """Pressed in a direct message, so the button names the server; it ends the person's own messages alone."""
    DirectRepository(ctx.session, guild_id).end(ctx.person.user_id, DirectState.OFF, ctx.clock.now())
    NewsRepository(ctx.session, guild_id).put_off(ctx.person.user_id, None)
    return Result(answers.said(Words(ctx.person.locale)("notify.stopped")))


def _member(ctx: Context) -> DirectMember:
    return DirectRepository(ctx.session, rights.guild_id_of(ctx)).member(ctx.person.user_id)


def _change(ctx: Context, **changes: object) -> None:
    repository = DirectRepository(ctx.session, rights.guild_id_of(ctx))
    member = replace(repository.lock(ctx.person.user_id), locale=ctx.person.locale)
    repository.put(replace(member, **changes), ctx.clock.now())  # type: ignore[arg-type]


def _hour(ctx: Context) -> int | None:
    """The hour that a select of ours named; None for none, or for anything else."""
    return next((hour for hour in range(24) if str(hour) == ctx.interaction.values[0]), None)


def _offers(ctx: Context) -> list[_Offer]:
    """Roles that slips ping and that give no power: neither by Discord's rights nor by ours."""
    guild_id, words = rights.guild_id_of(ctx), Words(ctx.person.locale)
    guild = GuildRepository(ctx.session, guild_id).guild()
    kept = {guild.admin_role_id, guild.capper_role_id} if guild else set()
    routes = RouteRepository(ctx.session, guild_id).with_role(_ROUTES)
    kept |= {route.role_id for route in routes if not route.self_assign}
    pinged: dict[int, list[str]] = {}
    names: dict[int, str] = {}
    for route in routes:
        if route.role_id is not None and route.role_id not in kept:
            pinged.setdefault(route.role_id, []).append(route_name(route, words))
            names[route.role_id] = route.role_name
    return [_Offer(role_id, names[role_id], tuple(by)) for role_id, by in pinged.items()]


def _shown_in_select(ctx: Context) -> Iterator[int]:
    """The role ids of the select that was used, as Discord signed the message it stands in."""
    message = ctx.interaction.raw.get("message") or {}
    used = ctx.interaction.raw["data"].get("custom_id")
    for row in message.get("components") or ():
        for control in row.get("components") or ():
            if control.get("custom_id") == used:
                yield from (int(each["value"]) for each in control.get("options") or () if each["value"].isdecimal())


def _panel(ctx: Context, offset: int, changes: dict[int, bool] | None = None) -> list[Json]:
    words = Words(ctx.person.locale)
    return [
        *_roles(ctx, offset, changes or {}, words),
        components.separator(),
        *_direct(ctx, GuildRepository(ctx.session, rights.guild_id_of(ctx)).guild(), words),
    ]


def _roles(ctx: Context, offset: int, changes: dict[int, bool], words: Words) -> list[Json]:
    offers = _offers(ctx)
    held = {offer.role_id for offer in offers if changes.get(offer.role_id, offer.role_id in ctx.person.role_ids)}
    lines: list[str] = [words("notify.title")]
    if not offers:
        return [components.text("\n".join([*lines, words("notify.no_roles")]))]
    lines.append(
        words("notify.hold", roles=_mentions(sorted(held)[:_MENTIONED])) if held else words("notify.hold_none")
    )
    if len(held) > _MENTIONED:
        lines.append(words("notify.more", count=len(held) - _MENTIONED))
    if changes:
        lines.append(words("notify.asked"))
    lines.extend(_refused(ctx, {offer.role_id for offer in offers}, words))
    offset = offset if offset < len(offers) else 0
    shown = offers[offset : offset + _PAGE]
    choices = [
        Choice(", ".join(offer.pinged_by), str(offer.role_id), f"@{offer.name}", default=offer.role_id in held)
        for offer in shown
    ]
    picker = components.multi_select(custom_id.build("notify.roles", offset), choices, words.plain("notify.pick_roles"))
    buttons = [components.button(words.plain("notify.check"), custom_id.build("notify.show", offset))]
    if offset:
        back = custom_id.build("notify.show", max(0, offset - _PAGE))
        buttons.append(components.button(words.plain("page.back"), back))
    if offset + _PAGE < len(offers):
        buttons.append(components.button(words.plain("page.more"), custom_id.build("notify.show", offset + _PAGE)))
    return [components.text("\n".join(lines)), picker, components.row(*buttons)]


def _refused(ctx: Context, offered: set[int], words: Words) -> list[str]:
    refusals = RoleRefusalRepository(ctx.session, rights.guild_id_of(ctx)).of_member(ctx.person.user_id)
    concerned = [each for each in refusals if each.role_id in offered]
    lines: list[str] = [
        words("notify.refused", role=_mentions([each.role_id]), why=words(f"notify.why.{each.reason.value}"))
        for each in concerned[:_REFUSED]
    ]
    more = len(concerned) - _REFUSED
    return [*lines, words("notify.more", count=more)] if more > 0 else lines


def _mentions(role_ids: Sequence[int]) -> Markdown:
    return Markdown(", ".join(f"<@&{role_id}>" for role_id in role_ids))


def _direct(ctx: Context, guild: Guild | None, words: Words) -> list[Json]:
    member = _member(ctx)
    lines: list[str] = [words("notify.direct_title"), words(f"notify.direct_{member.state.value}")]
    switch = components.button(
        words.plain("notify.direct_stop" if member.state is DirectState.ON else "notify.direct_start"),
        custom_id.build("notify.direct", int(member.state is not DirectState.ON)),
        Style.SECONDARY if member.state is DirectState.ON else Style.PRIMARY,
    )
    if member.state is not DirectState.ON:
        return [components.text("\n".join(lines)), components.row(switch)]
    zone = member.timezone or (guild.timezone if guild else "America/New_York")
    own = words.plain("notify.zone_own" if member.timezone else "notify.zone_server")
    lines.append(words("notify.zone", zone=zone.replace("_", " "), whose=own))
    return [components.text("\n".join(lines)), components.row(switch), *_wishes(member, words)]


def _wishes(member: DirectMember, words: Words) -> list[Json]:
    hours = [(f"{hour % 12 or 12} {'AM' if hour < 12 else 'PM'}", str(hour)) for hour in range(24)]
    first, last = str(member.quiet_from), str(member.quiet_until)
    quiet = [Choice(words.plain("notify.quiet_never"), _NONE, default=member.quiet_from is None)]
    quiet += [Choice(words.plain("notify.quiet_at", hour=name), value, default=value == first) for name, value in hours]
    until = [Choice(words.plain("notify.quiet_to", hour=name), value, default=value == last) for name, value in hours]
    formats = [Choice(words.plain("notify.odds_server"), _AS_SERVER, default=member.odds_format is None)]
    formats += [
        Choice(words.plain(f"settings.odds_{each.value}"), each.value, default=each is member.odds_format)
        for each in OddsFormat
    ]
    selects = [components.select(custom_id.build("notify.quiet_from"), quiet, words.plain("notify.quiet_from"))]
    if member.quiet_from is not None:
        selects.append(
            components.select(custom_id.build("notify.quiet_until"), until, words.plain("notify.quiet_until"))
        )
    selects.append(components.select(custom_id.build("notify.odds"), formats, words.plain("notify.odds")))
    return selects
