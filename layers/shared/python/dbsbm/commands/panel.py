"""The pinned panel – New bet, My open, Repeat last – and "Log as bet" on any message."""

from __future__ import annotations

from dataclasses import replace

from dbsbm.bets.drafts.repository import DraftRepository
from dbsbm.bets.model import Draft
from dbsbm.bets.posting import StartedError, current
from dbsbm.bets.reading import Typed
from dbsbm.bets.repository import BetRepository
from dbsbm.bets.ticket import WRITE_UP_MAX, Note
from dbsbm.commands import answers, payload, photo, preview, rights, wording
from dbsbm.commands import bet as bet_command
from dbsbm.commands.draft import write_up_of
from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.core.errors import ConflictError, InputError, NotFoundError
from dbsbm.discord import components, custom_id
from dbsbm.discord.components import Style
from dbsbm.discord.definitions import (
    Context,
    Post,
    Result,
    Who,
    command,
    component,
    message_command,
    modal,
    static_modal,
)
from dbsbm.guilds.model import Guild
from dbsbm.guilds.repository import GuildRepository

FUNCTION = bet_command.FUNCTION
_SHOWN = 20
_MOST_LINES = 10
_WORDS = Words()

static_modal(
    "panel.new",
    components.modal(
        custom_id.build("panel.new"),
        _WORDS.plain("panel.new"),
        components.paragraph(
            _WORDS.plain("panel.bets"), "bets", description=_WORDS.plain("panel.bets_hint"), max_length=2000
        ),
        components.paragraph(
            _WORDS.plain("note.write_up"),
            "note",
            description=_WORDS.plain("panel.note_hint"),
            max_length=WRITE_UP_MAX,
            required=False,
        ),
        components.upload(_WORDS.plain("panel.photo"), photo.FIELD, description=_WORDS.plain("panel.photo_hint")),
    ),
)


@command("panel", "Put the panel for capper's bets into this channel", who=Who.ADMIN, function=FUNCTION)
def put(ctx: Context) -> Result:
    words = Words(ctx.person.locale)
    channel_id = ctx.interaction.channel_id
    if channel_id is None:
        raise NotFoundError("no channel")
    ours = rights.public_words(ctx)
    data = components.message(
        components.text(ours("panel.text")),
        components.row(
            components.button(ours.plain("panel.new"), custom_id.build("panel.new"), Style.PRIMARY),
            components.button(ours.plain("panel.open"), custom_id.build("panel.open")),
            components.button(ours.plain("panel.repeat"), custom_id.build("panel.repeat")),
        ),
    )
    post = Post("message.post", f"panel:{ctx.interaction.id}", {"channel_id": str(channel_id)}, data)
    return Result(answers.said(words("panel.put", channel=Markdown(f"<#{channel_id}>"))), (post,))


@modal("panel.new", who=Who.CAPPER, function=FUNCTION)
def typed(ctx: Context) -> Result:
    """One bet per line; the first is shown, ``/draft`` shows the next once it is posted."""
    guild, words = _ready(ctx)
    lines = [line.strip() for line in str(ctx.interaction.options["bets"]).splitlines() if line.strip()]
    if not lines or len(lines) > _MOST_LINES:
        raise InputError("bets", str(len(lines)), words.plain("problem.lines", most=_MOST_LINES), "chiefs -3 -110 2u")
    write_up = write_up_of(str(ctx.interaction.options.get("note") or ""), words)
    note = Note(write_up=write_up, photo=photo.attached(ctx.interaction, words))
    found = [_noted(bet_command.read(ctx, line, guild, words), note) for line in lines]
    if len(found) == 1:
        return bet_command.opened(ctx, lines[0], found[0], guild)
    drafts = DraftRepository(ctx.session, guild.guild_id)
    for line, each in reversed(list(zip(lines, found, strict=True))):
        draft = Draft(ctx.ids.new(), ctx.person.user_id, 1, "open", line, each.ticket, each.choices)
        drafts.add(draft, ctx.clock.now())
    return preview.shown(ctx, draft, guild, kind="message", note=words("panel.several", count=len(lines)))


@component("panel.open", who=Who.CAPPER, function=FUNCTION, answers="message")
def open_bets(ctx: Context) -> Result:
    guild, words = _ready(ctx)
    bets = BetRepository(ctx.session, guild.guild_id).open_of(ctx.person.user_id, _SHOWN)
    if not bets:
        return Result(answers.said(words("panel.none_open")))
    lines: list[str] = [words("panel.open_title")]
    for bet in bets:
        summary = wording.summary(bet.terms.ticket, guild.odds_format, words)
        lines.append(
            words("panel.open_line", pick=components.cut(summary, 90), when=wording.moment(bet.starts_at, "R"))
        )
    return Result(answers.said(Markdown("\n".join(lines))))


@component("panel.repeat", who=Who.CAPPER, function=FUNCTION, answers="message")
def repeat(ctx: Context) -> Result:
    """A new preview of the last bet, at its price, as long as nothing of it has started."""
    guild, words = _ready(ctx)
    bets = BetRepository(ctx.session, guild.guild_id)
    last = bets.newest_of(ctx.person.user_id)
    if last is None:
        return Result(answers.said(words("panel.no_last")))
    try:
        ticket = current(ctx.session, bets.bet(last).terms.ticket, ctx.interaction.created_at)
    except StartedError as error:
        raise ConflictError(words("panel.started", game=wording.matchup(error.selection))) from error
    shown = wording.summary(ticket, guild.odds_format, words)
    draft = Draft(ctx.ids.new(), ctx.person.user_id, 1, "open", shown, replace(ticket, filled=()))
    DraftRepository(ctx.session, guild.guild_id).add(draft, ctx.clock.now())
    return preview.shown(ctx, draft, guild, kind="message")


@message_command("Log as bet", who=Who.CAPPER, function=FUNCTION)
def log(ctx: Context) -> Result:
    """The preview of a pick that stands in a message."""
    guild, words = _ready(ctx)
    said = payload.target_message(ctx.interaction).strip()
    if not said:
        raise InputError("message", "", words.plain("problem.no_text"), "chiefs -3 -110 2u")
    return bet_command.opened(ctx, said, _read_message(ctx, said, guild, words), guild)


def _noted(found: Typed, note: Note) -> Typed:
    """Every bet of the form with the reasons and the photo given for them."""
    return replace(found, ticket=replace(found.ticket, note=note))


def _read_message(ctx: Context, said: str, guild: Guild, words: Words) -> Typed:
    bare = said.replace("*", "").replace("`", "").replace("~~", "")
    return bet_command.read(ctx, bare, guild, words)


def _ready(ctx: Context) -> tuple[Guild, Words]:
    words = Words(ctx.person.locale)
    return rights.ready(GuildRepository(ctx.session, rights.guild_id_of(ctx)).guild(), words), words
