"""``/export``: a capper's bets as a private file; what is too long for one, behind a link that soon expires."""

from __future__ import annotations

from datetime import datetime

from dbsbm.bets.listing.repository import EVER
from dbsbm.commands import answers, export_file, payload, rights
from dbsbm.commands.export_file import BEHIND_A_LINK
from dbsbm.commands.words.catalogue import Words
from dbsbm.core.errors import NotAllowedError, NotFoundError
from dbsbm.discord import components
from dbsbm.discord.definitions import Context, Image, Option, OptionType, Post, Reply, Result, Who, command
from dbsbm.guilds.repository import GuildRepository
from dbsbm.tiers import service as tiers
from dbsbm.tiers.model import Limit

FUNCTION = "command_stats"
IN_A_FILE = 2_000
"""Bets in one file, the latest: what fits an answer that is kept until it is delivered."""


@command(
    "export",
    "Your bets as a file; admins get any capper's",
    who=Who.MEMBER,
    mode="deferred",
    function=FUNCTION,
    options=(
        Option("format", "Kind of file", required=True, choices=(("CSV", "csv"), ("JSON", "json"))),
        Option("user", "Whose bets, instead of your own: for admins", OptionType.USER),
    ),
)
def export(ctx: Context) -> Result:
    words = Words(ctx.person.locale)
    guild_id = rights.guild_id_of(ctx)
    guilds = GuildRepository(ctx.session, guild_id)
    user_id = int(ctx.interaction.options.get("user", ctx.person.user_id))
    if user_id != ctx.person.user_id and not rights.is_grader(ctx.person, guilds.guild()):
        raise NotAllowedError(words("export.not_yours"))
    if guilds.capper(user_id) is None:
        raise NotFoundError(f"no capper {user_id}")
    kind = "json" if ctx.interaction.options["format"] == "json" else "csv"
    most = min(BEHIND_A_LINK, tiers.most(ctx, Limit.EXPORT_ROWS) or BEHIND_A_LINK)
    since = tiers.history_since(ctx, EVER)
    ids = export_file.bets_of(ctx.session, guild_id, user_id, min(most, IN_A_FILE + 1), since)
    if len(ids) > IN_A_FILE:
        return Result(answers.said(words("export.making")), (_errand(ctx, user_id, kind, since, most),))
    rows = [
        row
        for first in range(0, len(ids), export_file.AT_ONCE)
        for row in export_file.rows_of(ctx.session, guild_id, ids[first : first + export_file.AT_ONCE], words)
    ]
    name = f"bets.{kind}"
    told = words("export.done", count=len(rows))
    if since > EVER or len(rows) == most:
        told = words("export.shortened", told=told, why=words("tier.shortened"))
    reply = answers.private(components.text(told), {"type": 13, "file": {"url": f"attachment://{name}"}})
    file = Image(name, told, "text", {"text": export_file.written(kind, rows)})
    return Result(Reply(reply.kind, reply.data, (file,)))


def _errand(ctx: Context, user_id: int, kind: str, since: datetime, most: int) -> Post:
    """The file is made by delivery: commands call nothing outside the database."""
    target = {
        "capper_id": str(user_id),
        "format": kind,
        "since": since.isoformat(),
        "most": most,
        "application_id": ctx.interaction.application_id,
        "reply_to": str(ctx.interaction.id),
        "token": ctx.interaction.token,
        "locale": ctx.person.locale,
    }
    expires_at = ctx.interaction.created_at + payload.TOKEN_LIFE
    return Post("export.make", f"export:{ctx.interaction.id}", target, {}, expires_at=expires_at)
