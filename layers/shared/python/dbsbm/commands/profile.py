"""``/capper pause`` and ``/profile``: whether somebody posts, and under which name and picture."""

from __future__ import annotations

from dbsbm.commands import answers, rights, wording
from dbsbm.commands.capper_events import capper_changed
from dbsbm.commands.names import NAME_MAX, slip_name
from dbsbm.commands.words.catalogue import Words
from dbsbm.core.errors import InputError, NotFoundError
from dbsbm.discord import components
from dbsbm.discord.definitions import Context, Option, OptionType, Result, Who, command
from dbsbm.guilds.repository import GuildRepository

FUNCTION = "command_guild"
_USER = Option("user", "Who", OptionType.USER, required=True)
_PICTURES = ("https://cdn.discordapp.com/", "https://media.discordapp.net/")


@command(
    "capper pause",
    "Keep a capper from posting for a while, or let them post again",
    who=Who.ADMIN,
    function=FUNCTION,
    options=(_USER,),
)
def pause(ctx: Context) -> Result:
    words = Words(ctx.person.locale)
    repository = GuildRepository(ctx.session, rights.guild_id_of(ctx))
    user_id = ctx.interaction.options["user"]
    found = repository.capper(user_id)
    if found is None or not (found.active or found.paused):
        raise NotFoundError(f"no capper {user_id}")
    repository.pause_capper(user_id, paused=found.active)
    capper_changed(ctx, user_id)
    said = "capper.paused" if found.active else "capper.goes_on"
    return Result(answers.said(words(said, user=wording.mention(user_id), name=found.display_name)))


@command(
    "profile",
    "The name and picture that your slips carry",
    who=Who.CAPPER,
    function=FUNCTION,
    options=(
        Option("name", "Name on the slips", max_length=NAME_MAX),
        Option("picture", "Address of a picture on Discord's own servers, or `server` for yours here", max_length=512),
    ),
)
def profile(ctx: Context) -> Result:
    words = Words(ctx.person.locale)
    repository = GuildRepository(ctx.session, rights.guild_id_of(ctx))
    found = repository.capper(ctx.person.user_id)
    if found is None:
        raise NotFoundError("the route's right has checked it")
    options = ctx.interaction.options
    name = slip_name(str(options["name"]), words) if "name" in options else found.display_name
    picture = found.avatar_url
    if "picture" in options:
        typed = str(options["picture"]).strip()
        picture = ctx.person.avatar_url if typed.lower() == "server" else _picture(typed, words)
    repository.set_profile(found.user_id, name, picture)
    capper_changed(ctx, found.user_id)
    return Result(answers.private(components.section(words("profile.shown", name=name), picture)))


def _picture(typed: str, words: Words) -> str:
    if not typed.startswith(_PICTURES) or any(character.isspace() for character in typed):
        raise InputError("picture", typed, words.plain("profile.picture"), "server")
    return typed
