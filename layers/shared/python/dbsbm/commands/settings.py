"""``/settings``: five tabs that show what is set; each select saves at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from zoneinfo import ZoneInfo, available_timezones

from dbsbm.betting.odds import OddsFormat
from dbsbm.betting.stakes import MICRO, StakeMode
from dbsbm.commands import answers, posts_tab, rights, setup, wording
from dbsbm.commands.house_rules import rules_button
from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.community import service as community
from dbsbm.community.repository import CommunityRepository
from dbsbm.core.errors import InputError
from dbsbm.discord import components, custom_id
from dbsbm.discord.components import Choice, Style
from dbsbm.discord.definitions import Context, Json, Option, Result, Who, autocomplete, command, component
from dbsbm.guilds.model import Guild, Setting
from dbsbm.guilds.repository import GuildRepository

FUNCTION = "command_guild"
_DEFAULTS = (MICRO // 2, MICRO, 2 * MICRO, 3 * MICRO, 5 * MICRO)
_LIMITS = tuple(units * MICRO for units in (3, 5, 10, 20, 50, 100, 250, 1000))
_OPEN_BETS = (0, 5, 10, 20, 50, 100)
_TYPED = ("america", "europe")
_SWITCHES = frozenset({Setting.RESULT_CARDS, Setting.SELF_GRADING, Setting.AUTO_GRADE, Setting.PUBLIC_SLIPS})


class Tab(StrEnum):
    CHANNELS = "channels"
    ROLES = "roles"
    RULES = "rules"
    POSTS = "posts"
    LOOK = "look"


class Place(StrEnum):
    """What is picked with a channel or role select."""

    SLIPS = "slips"
    RESULTS = "results"
    ADMIN_CHANNEL = "admin_channel"
    CAPPERS = "cappers"
    ADMINS = "admins"


@command("settings show", "What is set in this server, and how to change it", who=Who.ADMIN, function=FUNCTION)
def show(ctx: Context) -> Result:
    return Result(answers.private(*panel(ctx, Tab.CHANNELS)))


@command(
    "settings timezone",
    "The time zone that days, weeks and slips go by",
    who=Who.ADMIN,
    function=FUNCTION,
    options=(Option("zone", "For example: America/New_York", required=True, autocomplete=True, max_length=64),),
)
def timezone(ctx: Context) -> Result:
    words = Words(ctx.person.locale)
    zone = zone_named(str(ctx.interaction.options["zone"]), words)
    repository = GuildRepository(ctx.session, rights.guild_id_of(ctx))
    rights.ready(repository.guild(), words)
    repository.set_setting(Setting.TIMEZONE, zone, ctx.clock.now())
    community.reschedule(CommunityRepository(ctx.session, rights.guild_id_of(ctx)), ZoneInfo(zone), ctx.clock.now())
    return Result(answers.private(*panel(ctx, Tab.LOOK)))


def zone_named(typed: str, words: Words) -> str:
    """A time zone by its name, however it is capitalised.

    Raises
    ------
    InputError
        When there is none of that name.
    """
    asked = typed.strip().lower().replace(" ", "_")
    zone = next((name for name in available_timezones() if name.lower() == asked), None)
    if zone is None:
        raise InputError("zone", typed, words.plain("settings.no_zone"), "America/New_York")
    return zone


@autocomplete("settings timezone", "zone", function=FUNCTION)
def zones(_: Context, typed: str) -> Sequence[tuple[str, str]]:
    asked = typed.strip().lower().replace(" ", "_")
    found = sorted(name for name in available_timezones() if asked in name.lower())
    usual = [name for name in found if name.lower().startswith(_TYPED)]
    return [(name.replace("_", " "), name) for name in [*usual, *(name for name in found if name not in usual)]][:25]


@component("settings.tab", args=(Tab,), who=Who.ADMIN, function=FUNCTION)
def turn(ctx: Context, tab: Tab) -> Result:
    return Result(answers.redrawn(*panel(ctx, tab)))


@component("settings.place", args=(Place,), who=Who.ADMIN, function=FUNCTION)
def place(ctx: Context, chosen: Place) -> Result:
    words, now = Words(ctx.person.locale), ctx.clock.now()
    repository = GuildRepository(ctx.session, rights.guild_id_of(ctx))
    picked = int(ctx.interaction.values[0])
    match chosen:
        case Place.SLIPS:
            setup.check_channel(ctx, picked, words)
            repository.set_slip_channel(picked, now)
        case Place.RESULTS:
            setup.check_channel(ctx, picked, words)
            repository.set_setting(Setting.RESULTS_CHANNEL, picked, now)
        case Place.ADMIN_CHANNEL:
            setup.check_channel(ctx, picked, words)
            repository.set_setting(Setting.ADMIN_CHANNEL, picked, now)
        case Place.CAPPERS:
            repository.set_capper_role(picked, now)
        case Place.ADMINS:
            repository.set_admin_role(picked, now)
    tab = Tab.ROLES if chosen in (Place.CAPPERS, Place.ADMINS) else Tab.CHANNELS
    return Result(answers.redrawn(*panel(ctx, tab)))


@component("settings.commands", who=Who.ADMIN, function=FUNCTION)
def command_channels(ctx: Context) -> Result:
    picked = ",".join(str(int(each)) for each in ctx.interaction.values[:25])
    repository = GuildRepository(ctx.session, rights.guild_id_of(ctx))
    repository.set_setting(Setting.COMMAND_CHANNELS, picked, ctx.clock.now())
    return Result(answers.redrawn(*panel(ctx, Tab.CHANNELS)))


@component("settings.choose", args=(Tab, Setting), who=Who.ADMIN, function=FUNCTION)
def choose(ctx: Context, tab: Tab, setting: Setting) -> Result:
    """A select's choice; its values come from the client, so only those that were offered are taken."""
    typed = ctx.interaction.values[0]
    value = _OFFERED[setting](typed) if setting in _OFFERED else None
    if value is None:
        raise InputError("setting", typed, Words(ctx.person.locale).plain("settings.not_offered"))
    GuildRepository(ctx.session, rights.guild_id_of(ctx)).set_setting(setting, value, ctx.clock.now())
    return Result(answers.redrawn(*panel(ctx, tab)))


@component("settings.switch", args=(Tab, Setting, int), who=Who.ADMIN, function=FUNCTION)
def switch(ctx: Context, tab: Tab, setting: Setting, on: int) -> Result:
    """A button says what it switches to, so that pressing an old one twice does nothing more."""
    repository = GuildRepository(ctx.session, rights.guild_id_of(ctx))
    if setting in _SWITCHES:
        repository.set_setting(setting, int(on == 1), ctx.clock.now())
    elif setting in (Setting.RESULTS_CHANNEL, Setting.ADMIN_CHANNEL):
        repository.set_setting(setting, None, ctx.clock.now())
    return Result(answers.redrawn(*panel(ctx, tab)))


def _among(values: Sequence[int]) -> Callable[[str], int | None]:
    return lambda typed: next((value for value in values if str(value) == typed), None)


def _named(values: type[StrEnum]) -> Callable[[str], str | None]:
    return lambda typed: next((value.value for value in values if value.value == typed), None)


_OFFERED: dict[Setting, Callable[[str], int | str | None]] = {
    Setting.ODDS_FORMAT: _named(OddsFormat),
    Setting.STAKE_MODE: _named(StakeMode),
    Setting.DEFAULT_UNITS: _among(_DEFAULTS),
    Setting.MAX_UNITS: _among(_LIMITS),
    Setting.MAX_OPEN_BETS: _among(_OPEN_BETS),
}


def panel(ctx: Context, tab: Tab) -> list[Json]:
    """The page of a tab: what is set, and the controls that change it."""
    words = Words(ctx.person.locale)
    repository = GuildRepository(ctx.session, rights.guild_id_of(ctx))
    repository.revive(ctx.clock.now())
    guild = repository.guild()
    if guild is None:
        raise AssertionError("the statement before made sure of it")
    lines, controls = _TABS[tab](guild, words)
    if tab is Tab.POSTS:
        own_lines, own_controls = posts_tab.shown(ctx.session, guild, words)
        lines, controls = [*own_lines, *lines], [*own_controls, *controls]
    tabs = [
        components.button(
            words.plain(f"settings.tab_{each.value}"),
            custom_id.build("settings.tab", each),
            Style.PRIMARY if each is tab else Style.SECONDARY,
            disabled=each is tab,
        )
        for each in Tab
    ]
    title = words("settings.title", tab=words.plain(f"settings.tab_{tab.value}"))
    return [components.row(*tabs), components.text("\n".join([title, *lines])), *controls]


def _channels(guild: Guild, words: Words) -> tuple[list[str], list[Json]]:
    lines = [
        words("setup.channel", channel=_channel(guild.slip_channel_id, words("setup.not_set"))),
        words("settings.results_channel", channel=_channel(guild.results_channel_id, words("settings.with_slips"))),
        words("settings.admin_channel", channel=_channel(guild.admin_channel_id, words("setup.not_set"))),
        words("settings.commands", channels=_command_channels(guild, words)),
        words("settings.routes"),
    ]
    controls = [
        components.channel_select(_place(Place.SLIPS), words.plain("settings.pick_slips"), guild.slip_channel_id),
        components.channel_select(
            _place(Place.RESULTS),
            words.plain("settings.pick_results"),
            guild.results_channel_id,
        ),
        components.channel_select(
            _place(Place.ADMIN_CHANNEL),
            words.plain("settings.pick_admin"),
            guild.admin_channel_id,
        ),
    ]
    picker = custom_id.build("settings.commands")
    controls.append(components.channels_select(picker, words.plain("settings.pick_commands"), guild.command_channels))
    resets = []
    if guild.results_channel_id is not None:
        back = custom_id.build("settings.switch", Tab.CHANNELS, Setting.RESULTS_CHANNEL, 0)
        resets.append(components.button(words.plain("settings.results_with_slips"), back))
    if guild.admin_channel_id is not None:
        none = custom_id.build("settings.switch", Tab.CHANNELS, Setting.ADMIN_CHANNEL, 0)
        resets.append(components.button(words.plain("settings.no_admin_channel"), none))
    if resets:
        controls.append(components.row(*resets))
    return list(lines), controls


def _command_channels(guild: Guild, words: Words) -> Markdown:
    named = (f"<#{channel_id}>" for channel_id in guild.command_channels)
    return Markdown(" ".join(named)) if guild.command_channels else words("settings.everywhere")


def _roles(guild: Guild, words: Words) -> tuple[list[str], list[Json]]:
    cappers = _role(guild.capper_role_id) or words("setup.no_capper_role")
    admins = _role(guild.admin_role_id) or words("setup.no_admin_role")
    lines = [words("setup.capper_role", role=cappers), words("setup.admin_role", role=admins)]
    controls = [
        components.role_select(_place(Place.CAPPERS), words.plain("settings.pick_cappers"), guild.capper_role_id),
        components.role_select(_place(Place.ADMINS), words.plain("settings.pick_admins"), guild.admin_role_id),
    ]
    return list(lines), controls


def _rules(guild: Guild, words: Words) -> tuple[list[str], list[Json]]:
    stakes = [(words.plain(f"settings.stake_{mode.value}"), mode.value) for mode in StakeMode]
    units = [(wording.units(amount), str(amount)) for amount in _DEFAULTS]
    limits = [(wording.units(amount), str(amount)) for amount in _LIMITS]
    counts = [(str(count) if count else words.plain("settings.no_limit"), str(count)) for count in _OPEN_BETS]
    opened = str(guild.max_open_bets) if guild.max_open_bets else words.plain("settings.no_limit")
    lines = [
        words("settings.stake", mode=words.plain(f"settings.stake_{guild.stake_mode.value}")),
        words("settings.units", default=wording.units(guild.default_units_micro)),
        words("settings.limit", most=wording.units(guild.max_units_micro)),
        words("settings.open_bets", most=opened),
        words("settings.self_grading", state=_state(guild.self_grading, words)),
        words("settings.auto_grade", state=_state(guild.auto_grade, words)),
    ]
    tab = Tab.RULES
    controls = [
        _choices(tab, Setting.STAKE_MODE, stakes, guild.stake_mode.value, words.plain("settings.pick_stake")),
        _choices(tab, Setting.DEFAULT_UNITS, units, str(guild.default_units_micro), words.plain("settings.pick_units")),
        _choices(tab, Setting.MAX_UNITS, limits, str(guild.max_units_micro), words.plain("settings.pick_limit")),
        _choices(tab, Setting.MAX_OPEN_BETS, counts, str(guild.max_open_bets), words.plain("settings.pick_open_bets")),
        components.row(
            _switch(tab, Setting.SELF_GRADING, "settings.switch_self", words, on=guild.self_grading),
            _switch(tab, Setting.AUTO_GRADE, "settings.switch_auto", words, on=guild.auto_grade),
            rules_button(words),
        ),
    ]
    return list(lines), controls


def _posts(guild: Guild, words: Words) -> tuple[list[str], list[Json]]:
    lines = [words("settings.cards", state=_state(guild.result_cards, words))]
    cards = _switch(Tab.POSTS, Setting.RESULT_CARDS, "settings.switch_cards", words, on=guild.result_cards)
    return list(lines), [components.row(cards)]


def _look(guild: Guild, words: Words) -> tuple[list[str], list[Json]]:
    formats = [(words.plain(f"settings.odds_{each.value}"), each.value) for each in OddsFormat]
    lines = [
        words("settings.odds", format=words.plain(f"settings.odds_{guild.odds_format.value}")),
        words("settings.zone", zone=guild.timezone.replace("_", " ")),
        words("settings.public_slips", state=_state(guild.public_slips, words)),
    ]
    public = _switch(Tab.LOOK, Setting.PUBLIC_SLIPS, "settings.switch_public", words, on=guild.public_slips)
    picker = _choices(
        Tab.LOOK, Setting.ODDS_FORMAT, formats, guild.odds_format.value, words.plain("settings.pick_odds")
    )
    return list(lines), [picker, components.row(public)]


_TABS: dict[Tab, Callable[[Guild, Words], tuple[list[str], list[Json]]]] = {
    Tab.CHANNELS: _channels,
    Tab.ROLES: _roles,
    Tab.RULES: _rules,
    Tab.POSTS: _posts,
    Tab.LOOK: _look,
}


def _place(what: Place) -> str:
    return custom_id.build("settings.place", what)


def _choices(tab: Tab, setting: Setting, values: Sequence[tuple[str, str]], current: str, placeholder: str) -> Json:
    choices = [Choice(label, value, default=value == current) for label, value in values]
    return components.select(custom_id.build("settings.choose", tab, setting), choices, placeholder)


def _switch(tab: Tab, setting: Setting, label: str, words: Words, *, on: bool) -> Json:
    target = custom_id.build("settings.switch", tab, setting, int(not on))
    name = words.plain(label)
    shown = words.plain("settings.turn_off" if on else "settings.turn_on", what=name)
    return components.button(shown, target, Style.SECONDARY if on else Style.PRIMARY)


def _state(on: bool, words: Words) -> str:
    return words.plain("settings.on" if on else "settings.off")


def _channel(channel_id: int | None, otherwise: Markdown) -> Markdown:
    return Markdown(f"<#{channel_id}>") if channel_id else otherwise


def _role(role_id: int | None) -> Markdown | None:
    return Markdown(f"<@&{role_id}>") if role_id else None
