"""``/draft`` and ``/instant``: the open preview anywhere, and bets without one."""

from __future__ import annotations

from dataclasses import replace

from dbsbm.bets.drafts.repository import DraftRepository
from dbsbm.commands import answers, preview, rights
from dbsbm.commands import bet as bet_command
from dbsbm.commands.words.catalogue import Words
from dbsbm.discord.definitions import Context, Option, OptionType, Result, Who, command
from dbsbm.guilds.repository import GuildRepository

FUNCTION = bet_command.FUNCTION


@command("draft", "Show the bet that you have not posted yet", who=Who.CAPPER, function=FUNCTION)
def show(ctx: Context) -> Result:
    """The newest open draft; its version rises, so that the preview it had before only redraws."""
    words = Words(ctx.person.locale)
    guild = rights.ready(GuildRepository(ctx.session, rights.guild_id_of(ctx)).guild(), words)
    drafts = DraftRepository(ctx.session, guild.guild_id)
    draft = drafts.newest_open(ctx.person.user_id)
    if draft is None:
        return Result(answers.said(words("draft.none")))
    moved = replace(draft, version=draft.version + 1)
    drafts.save(moved, ctx.clock.now())
    return preview.shown(ctx, moved, guild, kind="message")


@command(
    "instant",
    "Post bets without a preview when nothing about them is open and their price is verified",
    who=Who.CAPPER,
    function=FUNCTION,
    options=(Option("on", "Whether to post at once", OptionType.BOOLEAN, required=True),),
)
def instant(ctx: Context) -> Result:
    words, on = Words(ctx.person.locale), bool(ctx.interaction.options["on"])
    GuildRepository(ctx.session, rights.guild_id_of(ctx)).set_instant_post(ctx.person.user_id, on)
    return Result(answers.said(words("instant.on" if on else "instant.off")))
