"""``/import``: a history from elsewhere, shown before it is taken in, and taken back as a whole within a day."""

from __future__ import annotations

import csv
import io
from fractions import Fraction
from typing import Any

from dbsbm.bets.imports.columns import TEMPLATE
from dbsbm.bets.imports.model import MAX_BYTES, OPEN_FOR, UNDO_FOR, Import, ImportState
from dbsbm.bets.imports.repository import ImportRepository
from dbsbm.commands import answers, import_preview, payload, rights, wording
from dbsbm.commands.import_preview import HASH_SHOWN
from dbsbm.commands.words.catalogue import Words
from dbsbm.core.errors import ConflictError, InputError, NotAllowedError, NotFoundError
from dbsbm.core.ids import encode
from dbsbm.discord import components
from dbsbm.discord.definitions import Context, Image, Option, OptionType, Post, Reply, Result, Who, command, component
from dbsbm.guilds.model import Capper, Guild
from dbsbm.guilds.repository import GuildRepository

FUNCTION = "command_stats"
_ENDINGS = (".csv", ".tsv", ".txt")
_KB = 1024
_LISTED = 5
_FILE = "import-template.csv"


@command(
    "import",
    "Bring a record from elsewhere; without a file: the columns, a template, and what can be undone",
    who=Who.MEMBER,
    mode="deferred",
    function=FUNCTION,
    options=(
        Option("file", "A CSV file of decided bets, at most 1 MiB and 10,000 rows", OptionType.ATTACHMENT),
        Option("user", "Whose bets these are, instead of your own: for admins", OptionType.USER),
        Option(
            "unit",
            "What one unit is in the file's money, for example 50; leave it out when the file counts in units",
            OptionType.NUMBER,
            min_value=0.01,
            max_value=1_000_000,
        ),
    ),
)
def import_bets(ctx: Context) -> Result:
    words = Words(ctx.person.locale)
    user_id = int(ctx.interaction.options.get("user", ctx.person.user_id))
    if "file" not in ctx.interaction.options and user_id == ctx.person.user_id:
        return _explained(ctx, user_id, words)
    guild, capper = _whose(ctx, user_id, words)
    if "file" not in ctx.interaction.options:
        return _explained(ctx, user_id, words)
    attached = payload.resolved_attachment(ctx.interaction, ctx.interaction.options["file"])
    name = str(attached["filename"])
    _check_file(name, int(attached["size"]), words)
    unit = Fraction(str(ctx.interaction.options.get("unit", 1))).limit_denominator(100)
    new = Import(
        *(guild.guild_id, ctx.ids.new(), capper.user_id, ctx.person.user_id, ImportState.FETCHING),
        filename=name[:190],
        zone=guild.zone,
        unit=Fraction(int(unit * 100), 100),
        file_hash="",
        content=None,
        next_row=0,
        imported=0,
        created_at=ctx.clock.now(),
    )
    ImportRepository(ctx.session, guild.guild_id).add(new)
    fetch = _errand(ctx, "attachment.fetch", new, url=str(attached["url"]))
    return Result(answers.said(words("import.fetching", name=name)), (fetch,))


@component("import.confirm", args=(int, str), who=Who.MEMBER, mode="deferred", function=FUNCTION)
def confirm(ctx: Context, import_id: int, file_hash: str) -> Result:
    words = Words(ctx.person.locale)
    repository, file = _held(ctx, import_id, words)
    if file.state is not ImportState.READY or file.file_hash[:HASH_SHOWN] != file_hash:
        raise ConflictError(words(f"import.state.{file.state.value}"))
    if ctx.clock.now() - file.created_at > OPEN_FOR:
        raise ConflictError(words("import.too_late"))
    repository.move(import_id, ImportState.CONFIRMED)
    told = answers.redrawn(components.text(words("import.working")))
    return Result(told, (_errand(ctx, "import.work", file),))


@component("import.cancel", args=(int,), who=Who.MEMBER, function=FUNCTION)
def cancel(ctx: Context, import_id: int) -> Result:
    words = Words(ctx.person.locale)
    repository, file = _held(ctx, import_id, words)
    if file.state is not ImportState.READY:
        raise ConflictError(words(f"import.state.{file.state.value}"))
    repository.move(import_id, ImportState.CANCELLED)
    return Result(answers.redrawn(components.text(words("import.state.cancelled"))))


@component("import.undo", args=(int,), who=Who.MEMBER, mode="deferred", function=FUNCTION)
def undo(ctx: Context, import_id: int) -> Result:
    words = Words(ctx.person.locale)
    repository, file = _held(ctx, import_id, words)
    if file.state is not ImportState.DONE or file.done_at is None:
        raise ConflictError(words(f"import.state.{file.state.value}"))
    if ctx.clock.now() - file.done_at > UNDO_FOR:
        raise ConflictError(words("import.undo_late"))
    repository.move(import_id, ImportState.UNDOING)
    told = answers.redrawn(components.text(words("import.undoing")))
    return Result(told, (_errand(ctx, "import.work", file),))


def _whose(ctx: Context, user_id: int, words: Words) -> tuple[Guild, Capper]:
    """The guild and the capper whose record it is: the person's own, or anybody's for an admin."""
    repository = GuildRepository(ctx.session, rights.guild_id_of(ctx))
    guild, capper = rights.ready(repository.guild(), words), repository.capper(user_id)
    if user_id != ctx.person.user_id and not rights.is_grader(ctx.person, guild):
        raise NotAllowedError(words("import.not_yours"))
    if capper is None or not (capper.active or capper.paused):
        raise NotAllowedError(words("error.not_capper", user=wording.mention(user_id)))
    return guild, capper


def _held(ctx: Context, import_id: int, words: Words) -> tuple[ImportRepository, Import]:
    """An import that the person may decide on, locked."""
    repository = ImportRepository(ctx.session, rights.guild_id_of(ctx))
    file = repository.lock(import_id)
    if file is None:
        raise NotFoundError(f"no import {import_id}")
    _whose(ctx, file.capper_id, words)
    return repository, file


def _check_file(name: str, size: int, words: Words) -> None:
    if not name.lower().endswith(_ENDINGS):
        raise InputError("file", name, words.plain("import.not_csv"), "bets.csv")
    if size > MAX_BYTES:
        problem = words.plain("import.too_large", size=size // _KB, most=MAX_BYTES // _KB)
        raise InputError("file", name, problem)


def _errand(ctx: Context, kind: Any, file: Import, **more: str) -> Post:
    """What delivery is to do; it answers this interaction."""
    target = {
        "import_id": str(file.import_id),
        "application_id": ctx.interaction.application_id,
        "reply_to": str(ctx.interaction.id),
        "token": ctx.interaction.token,
        "locale": ctx.person.locale,
        **more,
    }
    expires_at = ctx.interaction.created_at + payload.TOKEN_LIFE if kind == "attachment.fetch" else None
    return Post(kind, f"import:{encode(file.import_id)}", target, {}, expires_at=expires_at)


def _explained(ctx: Context, user_id: int, words: Words) -> Result:
    repository = ImportRepository(ctx.session, rights.guild_id_of(ctx))
    latest = repository.latest(user_id, ctx.clock.now() - UNDO_FOR, _LISTED)
    parts = [components.text(import_preview.instructions(words))]
    for file in latest:
        label = words.plain("import.undo_of", count=file.imported, name=components.cut(file.filename, 40))
        parts.append(components.row(import_preview.undo_button(file, label)))
    parts.append({"type": 13, "file": {"url": f"attachment://{_FILE}"}})
    reply = answers.private(*parts)
    template = Image(_FILE, words.plain("import.template"), "text", {"text": _template()})
    return Result(Reply(reply.kind, reply.data, (template,)))


def _template() -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\r\n").writerows(TEMPLATE)
    return file.getvalue()
