"""The buttons of a preview. Each carries the draft's version: an old one only redraws."""

from __future__ import annotations

from dataclasses import replace

from dbsbm.bets import posting, slate
from dbsbm.bets.drafts.repository import DraftRepository
from dbsbm.bets.model import Bet, Draft, Pick
from dbsbm.bets.posting import Moment, NewBet, StartedError, check_stake
from dbsbm.betting.stakes import parse_units
from dbsbm.commands import bet as bet_command
from dbsbm.commands import preview, rights
from dbsbm.commands.slip import pick_line, slip_post
from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.core.errors import NotFoundError
from dbsbm.core.ids import encode
from dbsbm.discord import components, custom_id
from dbsbm.discord.definitions import Context, Json, Reply, Result, Who, component, modal
from dbsbm.guilds.model import Guild
from dbsbm.guilds.repository import GuildRepository

FUNCTION = bet_command.FUNCTION
_ARGS = (int, int)  # draft id, version


@component("draft.post", args=_ARGS, who=Who.CAPPER, function=FUNCTION)
def post(ctx: Context, draft_id: int, version: int) -> Result:
    draft, guild, stale = _settled(ctx, draft_id, version)
    if stale is not None:
        return stale
    words, now = Words(ctx.person.locale), ctx.clock.now()
    capper = GuildRepository(ctx.session, guild.guild_id).capper(ctx.person.user_id)
    if guild.slip_channel_id is None or capper is None:
        raise NotFoundError("the route's rights have checked both")
    pick, at = draft.picks[0], ctx.interaction.created_at
    new = NewBet(ctx.ids.new(), ctx.person.user_id, guild.slip_channel_id, pick)
    try:
        bet = posting.post(ctx.session, guild, new, Moment(at, now))
    except StartedError as error:
        example = slate.example(bet_command.slate_now(ctx), guild, at)
        raise bet_command.started(slate.typed_form(pick), error.game, example, words) from error
    posted = replace(draft, state="posted", version=draft.version + 1, bet_id=bet.bet_id)
    DraftRepository(ctx.session, guild.guild_id).save(posted, now)
    done = preview.closed(ctx, posted, _posted(bet, words, guild))
    return Result(done.reply, (slip_post(bet, guild, capper), *done.outbox))


@component("draft.stake", args=_ARGS, who=Who.CAPPER, function=FUNCTION)
def change_stake(ctx: Context, draft_id: int, version: int) -> Result:
    draft, guild, stale = _settled(ctx, draft_id, version)
    if stale is not None:
        return stale
    # The values of a select come from the client: read as if typed.
    amount = int(ctx.interaction.values[0]) if ctx.interaction.values[0].isdigit() else 0
    pick = draft.picks[0]
    changed = replace(pick, amount_micro=amount, filled=tuple(name for name in pick.filled if name != "stake"))
    return _changed(ctx, draft, guild, (changed,))


@component("draft.choose", args=_ARGS, who=Who.CAPPER, function=FUNCTION)
def choose(ctx: Context, draft_id: int, version: int) -> Result:
    draft, guild, stale = _opened(ctx, draft_id, version)
    if stale is not None:
        return stale
    chosen = next((pick for number, pick in enumerate(draft.picks) if str(number) == ctx.interaction.values[0]), None)
    if chosen is None:
        raise NotFoundError("no such choice")
    return _changed(ctx, draft, guild, (chosen,))


@component("draft.cancel", args=_ARGS, who=Who.CAPPER, function=FUNCTION)
def cancel(ctx: Context, draft_id: int, version: int) -> Result:
    draft, guild, stale = _opened(ctx, draft_id, version)
    if stale is not None:
        return stale
    cancelled = replace(draft, state="cancelled", version=draft.version + 1)
    DraftRepository(ctx.session, guild.guild_id).save(cancelled, ctx.clock.now())
    return preview.closed(ctx, cancelled, [components.text(Words(ctx.person.locale)("draft.cancelled"))])


@component("draft.edit", args=_ARGS, who=Who.CAPPER, function=FUNCTION, answers="modal")
def open_editor(ctx: Context, draft_id: int, version: int) -> Result:
    draft, _, stale = _settled(ctx, draft_id, version)
    if stale is not None:
        return stale
    words = Words(ctx.person.locale)
    form = custom_id.build("draft.edit", draft.draft_id, draft.version)
    return Result(Reply("modal", editor(form, words.plain("edit.title"), draft.picks[0], words)))


@modal("draft.edit", args=_ARGS, who=Who.CAPPER, function=FUNCTION, answers="update")
def edited(ctx: Context, draft_id: int, version: int) -> Result:
    draft, guild, stale = _settled(ctx, draft_id, version)
    if stale is not None:
        return stale
    return _changed(ctx, draft, guild, read_editor(ctx, draft.picks[0], guild))


def editor(form: str, title: str, pick: Pick, words: Words) -> Json:
    """The modal that changes a pick: selection, price and stake as three lines of text."""
    return components.modal(
        form,
        title,
        components.text_field(
            words.plain("edit.pick"), "pick", value=slate.typed_side(pick), description=words.plain("edit.pick_hint")
        ),
        components.text_field(words.plain("edit.odds"), "odds", value=pick.selection.odds.typed, max_length=24),
        components.text_field(words.plain("edit.stake"), "stake", value=slate.typed_stake(pick), max_length=24),
    )


def read_editor(ctx: Context, before: Pick, guild: Guild) -> tuple[Pick, ...]:
    """The picks of a submitted editor.

    Raises
    ------
    InputError
        Naming the field that cannot be read.
    """
    fields = {name: str(value).strip() for name, value in ctx.interaction.options.items()}
    amount = parse_units(fields["stake"])
    typed = f"{fields['pick']} @{fields['odds']}"
    picks = bet_command.read(ctx, typed, guild, Words(ctx.person.locale))
    changed = tuple(replace(pick, amount_micro=amount, mode=before.mode, filled=()) for pick in picks)
    check_stake(changed[0], guild)
    return changed


def _posted(bet: Bet, words: Words, guild: Guild) -> list[Json]:
    line = pick_line(bet.terms.selection, bet.terms.stake, guild, words)
    correct = custom_id.build("bet.correct", bet.bet_id)
    return [
        components.text(words("draft.posted", channel=Markdown(f"<#{bet.channel_id}>"), line=line)),
        components.row(components.button(words.plain("details.correct"), correct)),
    ]


def _opened(ctx: Context, draft_id: int, version: int) -> tuple[Draft, Guild, Result | None]:
    """The draft behind a button, locked; with an answer already when the button is an old one.

    Raises
    ------
    NotFoundError
        When the draft is another person's or another guild's.
    """
    words = Words(ctx.person.locale)
    guild = rights.ready(GuildRepository(ctx.session, rights.guild_id_of(ctx)).guild(), words)
    draft = DraftRepository(ctx.session, guild.guild_id).lock(draft_id, ctx.person.user_id)
    if draft.state == "posted":
        told = words("draft.already_posted", ref=encode(draft.bet_id or 0))
        return draft, guild, preview.closed(ctx, draft, [components.text(told)])
    if draft.state == "cancelled":
        return draft, guild, preview.closed(ctx, draft, [components.text(words("draft.cancelled"))])
    if draft.version != version:
        return draft, guild, preview.shown(ctx, draft, guild, kind="update", note=words("draft.moved_on"))
    return draft, guild, None


def _settled(ctx: Context, draft_id: int, version: int) -> tuple[Draft, Guild, Result | None]:
    """As ``_opened``, for what needs to know which bet is meant: while that is open the question is asked again."""
    draft, guild, stale = _opened(ctx, draft_id, version)
    if stale is None and len(draft.picks) != 1:
        return draft, guild, preview.shown(ctx, draft, guild, kind="update")
    return draft, guild, stale


def _changed(ctx: Context, draft: Draft, guild: Guild, picks: tuple[Pick, ...]) -> Result:
    check_stake(picks[0], guild)
    changed = replace(draft, picks=picks, version=draft.version + 1)
    DraftRepository(ctx.session, guild.guild_id).save(changed, ctx.clock.now())
    return preview.shown(ctx, changed, guild, kind="update")
