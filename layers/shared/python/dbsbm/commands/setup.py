"""``/setup``: where slips go and who may do what."""

from __future__ import annotations

from dbsbm.commands import answers, captions, payload, rights
from dbsbm.commands.slip import FILE
from dbsbm.commands.slip_rights import missing_rights
from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.core.errors import NotAllowedError
from dbsbm.discord import components, custom_id
from dbsbm.discord.components import Style
from dbsbm.discord.definitions import (
    Context,
    Image,
    Json,
    Option,
    OptionType,
    Post,
    Result,
    Who,
    command,
    component,
)
from dbsbm.guilds.model import Guild
from dbsbm.guilds.repository import GuildRepository
from dbsbm.guilds.routing.repository import RouteRepository
from dbsbm.render.views import LegView, SlipView

FUNCTION = "command_guild"
_MAY_POST = 1 << 10 | 1 << 11
"""View Channel and Send Messages (Discord, "Bitwise Permission Flags")."""


@command(
    "setup",
    "Choose the slip channel and the roles of this server",
    who=Who.ADMIN,
    function=FUNCTION,
    options=(
        Option("slip_channel", "Where slips are posted", OptionType.CHANNEL, channel_types=components.TEXT_CHANNELS),
        Option("capper_role", "Who may post bets, together with /capper add", OptionType.ROLE),
        Option("admin_role", "Who may set up and grade besides Manage Server", OptionType.ROLE),
    ),
)
def setup(ctx: Context) -> Result:
    words = Words(ctx.person.locale)
    repository = GuildRepository(ctx.session, rights.guild_id_of(ctx))
    now = ctx.clock.now()
    chosen = ctx.interaction.options
    repository.revive(now)
    repository.set_locale(payload.guild_locale(ctx.interaction), now)
    if "slip_channel" in chosen:
        check_channel(ctx, chosen["slip_channel"], words)
        repository.set_slip_channel(chosen["slip_channel"], now)
    if "capper_role" in chosen:
        repository.set_capper_role(chosen["capper_role"], now)
    if "admin_role" in chosen:
        repository.set_admin_role(chosen["admin_role"], now)
    return Result(answers.private(*_panel(repository.guild(), words)))


@component("setup.test", who=Who.ADMIN, function=FUNCTION, answers="message")
def send_test_slip(ctx: Context) -> Result:
    words = Words(ctx.person.locale)
    guild = rights.ready(GuildRepository(ctx.session, rights.guild_id_of(ctx)).guild(), words)
    public = Words(guild.locale)
    alt = public.plain("test.alt")
    data = components.message(components.text(public("test.line")), components.gallery(FILE, alt))
    target = {
        "slip_key": f"test:{ctx.interaction.id}",
        "post": {
            "channel_id": str(guild.slip_channel_id),
            "username": public.plain("test.name"),
            "avatar_url": ctx.person.avatar_url,
        },
        "application_id": ctx.interaction.application_id,
        "reply_to": str(ctx.interaction.id),
        "token": ctx.interaction.token,
        "locale": ctx.person.locale,
    }
    picture = Image(FILE, alt, "slip", _test_view(public).to_json())
    expires_at = ctx.interaction.created_at + payload.TOKEN_LIFE
    key = f"test-check:{ctx.interaction.id}"
    post = Post("setup.test", key, target, data, (picture,), expires_at=expires_at)
    return Result(answers.said(words("test.sent", channel=_channel(guild.slip_channel_id))), (post,))


def check_channel(ctx: Context, channel_id: int, words: Words) -> None:
    """Refuse a channel in which we could not post, naming each missing right.

    Raises
    ------
    NotAllowedError
        When a right is missing.
    """
    ours = int(payload.resolved_channel(ctx.interaction, channel_id).get("app_permissions") or 0)
    missing = missing_rights(ours, words)
    if missing:
        raise NotAllowedError(words("setup.missing", channel=_channel(channel_id), rights=", ".join(missing)))
    RouteRepository(ctx.session, rights.guild_id_of(ctx)).reachable_again(channel_id)


def check_own_rights(ctx: Context, channel_id: int, words: Words) -> None:
    """Refuse a channel in which the person may not write.

    Raises
    ------
    NotAllowedError
        When the person may not.
    """
    own = int(payload.resolved_channel(ctx.interaction, channel_id).get("permissions") or 0)
    if not own & rights.ADMINISTRATOR and own & _MAY_POST != _MAY_POST:
        raise NotAllowedError(words("preview.channel_not_yours", channel=_channel(channel_id)))


def _panel(guild: Guild | None, words: Words) -> list[Json]:
    none = words("setup.not_set")
    channel_id = guild.slip_channel_id if guild else None
    capper_role = guild.capper_role_id if guild else None
    admin_role = guild.admin_role_id if guild else None
    lines = [
        words("setup.title"),
        words("setup.channel", channel=_channel(channel_id) if channel_id else none),
        words("setup.capper_role", role=_role(capper_role) if capper_role else words("setup.no_capper_role")),
        words("setup.admin_role", role=_role(admin_role) if admin_role else words("setup.no_admin_role")),
        words("setup.next") if channel_id else words("setup.pick_channel"),
    ]
    panel = [components.text("\n".join(lines))]
    if channel_id:
        test = components.button(words.plain("setup.test"), custom_id.build("setup.test"), Style.PRIMARY)
        panel.append(components.row(test))
    return panel


def _channel(channel_id: int | None) -> Markdown:
    return Markdown(f"<#{channel_id}>")


def _role(role_id: int | None) -> Markdown:
    return Markdown(f"<@&{role_id}>")


def _test_view(words: Words) -> SlipView:
    leg = LegView(
        league=words.plain("test.league"),
        pick=words.plain("test.pick"),
        market=words.plain("market.spread"),
        matchup=words.plain("test.matchup"),
        when=words.plain("test.when"),
        odds="−110",
    )
    return SlipView(
        capper=words.plain("test.name"),
        ticket=words.plain("ticket.straight"),
        legs=(leg,),
        odds="−110",
        risk="1u",
        to_win="0.91u",
        posted="",
        bet_ref="",
        state=captions.slip_state("", words, draft=True),
        title=words.plain("picture.legs", count=1),
        headings=captions.money_headings(words),
        draft=True,
    )
