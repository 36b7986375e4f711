"""The buttons of a preview. Each carries the draft's version: an old one only redraws."""

from __future__ import annotations

from dataclasses import replace

from dbsbm.bets import reading, slate
from dbsbm.bets.drafts.repository import DraftRepository
from dbsbm.bets.model import Draft, Note, Pick, Ticket, TicketKind
from dbsbm.bets.posting import StartedError, check_stake
from dbsbm.bets.reading import Typed
from dbsbm.bets.selection import MANUAL_MARKETS, Selection
from dbsbm.bets.ticket import WRITE_UP_MAX
from dbsbm.betting.odds import Odds
from dbsbm.betting.stakes import parse_units
from dbsbm.commands import bet as bet_command
from dbsbm.commands import posted as posted_answer
from dbsbm.commands import preview, rights, setup
from dbsbm.commands.words.catalogue import Words
from dbsbm.compliance.evidence.cards import holds_card_number
from dbsbm.core.errors import InputError, NotFoundError
from dbsbm.core.ids import encode
from dbsbm.discord import components, custom_id
from dbsbm.discord.definitions import Context, Json, Reply, Result, Who, component, modal
from dbsbm.guilds.model import Guild
from dbsbm.guilds.repository import GuildRepository

FUNCTION = bet_command.FUNCTION
_ARGS = (int, int)  # draft id, version
_LEGS_MAX = 2000


@component("draft.post", args=_ARGS, who=Who.CAPPER, function=FUNCTION)
def post(ctx: Context, draft_id: int, version: int) -> Result:
    draft, guild, stale = _settled(ctx, draft_id, version)
    if stale is not None:
        return stale
    same = posted_answer.duplicate(ctx, guild, draft.ticket)
    if same is not None:
        return preview.shown(ctx, draft, guild, kind="update", note=same[1], post="draft.post_again")
    return _post(ctx, draft, guild)


@component("draft.post_again", args=_ARGS, who=Who.CAPPER, function=FUNCTION)
def post_again(ctx: Context, draft_id: int, version: int) -> Result:
    draft, guild, stale = _settled(ctx, draft_id, version)
    return stale if stale is not None else _post(ctx, draft, guild)


def _post(ctx: Context, draft: Draft, guild: Guild) -> Result:
    words = Words(ctx.person.locale)
    try:
        bet, posts = posted_answer.publish(ctx, guild, draft.ticket, draft.channel_id)
    except StartedError as error:
        example = slate.example(bet_command.slate_now(ctx), guild, ctx.interaction.created_at)
        typed = slate.typed_side(error.selection) if error.selection in draft.ticket.legs else draft.typed
        raise bet_command.started(typed, error.selection, example, words) from error
    done = replace(draft, state="posted", version=draft.version + 1, bet_id=bet.bet_id)
    DraftRepository(ctx.session, guild.guild_id).save(done, ctx.clock.now())
    answer = preview.closed(ctx, done, posted_answer.told(bet, words, guild))
    return Result(answer.reply, (*posts, *answer.outbox))


@component("draft.stake", args=_ARGS, who=Who.CAPPER, function=FUNCTION)
def change_stake(ctx: Context, draft_id: int, version: int) -> Result:
    draft, guild, stale = _settled(ctx, draft_id, version)
    if stale is not None:
        return stale
    # The values of a select come from the client: read as if typed.
    amount = int(ctx.interaction.values[0]) if ctx.interaction.values[0].isdigit() else 0
    filled = tuple(name for name in draft.ticket.filled if name != "stake")
    return _changed(ctx, draft, guild, Typed(replace(draft.ticket, amount_micro=amount, filled=filled)))


@component("draft.channel", args=_ARGS, who=Who.CAPPER, function=FUNCTION)
def pick_channel(ctx: Context, draft_id: int, version: int) -> Result:
    draft, guild, stale = _settled(ctx, draft_id, version)
    if stale is not None:
        return stale
    picked = int(ctx.interaction.values[0])
    words = Words(ctx.person.locale)
    setup.check_channel(ctx, picked, words)
    setup.check_own_rights(ctx, picked, words)
    moved = replace(draft, channel_id=picked, version=draft.version + 1)
    DraftRepository(ctx.session, guild.guild_id).save(moved, ctx.clock.now())
    return preview.shown(ctx, moved, guild, kind="update")


@component("draft.choose", args=(int, int, int), who=Who.CAPPER, function=FUNCTION)
def choose(ctx: Context, draft_id: int, version: int, leg: int) -> Result:
    draft, guild, stale = _opened(ctx, draft_id, version)
    if stale is not None:
        return stale
    picks = draft.choices[leg] if leg < len(draft.choices) else ()
    chosen = next((pick for number, pick in enumerate(picks) if str(number) == ctx.interaction.values[0]), None)
    if chosen is None:
        raise NotFoundError("no such choice")
    return _changed(ctx, draft, guild, reading.chosen(Typed(draft.ticket, draft.choices), leg, chosen))


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
    draft, _, stale = _opened(ctx, draft_id, version)
    if stale is not None:
        return stale
    words = Words(ctx.person.locale)
    form = custom_id.build("draft.edit", draft.draft_id, draft.version)
    return Result(Reply("modal", editor(form, words.plain("edit.title"), draft.ticket, words)))


@modal("draft.edit", args=_ARGS, who=Who.CAPPER, function=FUNCTION, answers="update")
def edited(ctx: Context, draft_id: int, version: int) -> Result:
    draft, guild, stale = _opened(ctx, draft_id, version)
    if stale is not None:
        return stale
    return _changed(ctx, draft, guild, read_editor(ctx, draft.ticket, guild))


@component("draft.add", args=_ARGS, who=Who.CAPPER, function=FUNCTION, answers="modal")
def open_adding(ctx: Context, draft_id: int, version: int) -> Result:
    draft, _, stale = _settled(ctx, draft_id, version)
    if stale is not None:
        return stale
    words = Words(ctx.person.locale)
    legs = components.paragraph(
        words.plain("add.legs"), "legs", description=words.plain("add.hint"), max_length=_LEGS_MAX
    )
    form = custom_id.build("draft.add", draft.draft_id, draft.version)
    return Result(Reply("modal", components.modal(form, words.plain("add.title"), legs)))


@modal("draft.add", args=_ARGS, who=Who.CAPPER, function=FUNCTION, answers="update")
def added(ctx: Context, draft_id: int, version: int) -> Result:
    draft, guild, stale = _settled(ctx, draft_id, version)
    if stale is not None:
        return stale
    more = bet_command.read(ctx, str(ctx.interaction.options["legs"]), guild, Words(ctx.person.locale))
    return _changed(ctx, draft, guild, reading.joined(draft.ticket, more))


@component("draft.note", args=_ARGS, who=Who.CAPPER, function=FUNCTION, answers="modal")
def open_note(ctx: Context, draft_id: int, version: int) -> Result:
    draft, _, stale = _settled(ctx, draft_id, version)
    if stale is not None:
        return stale
    words, note = Words(ctx.person.locale), draft.ticket.note
    form = components.modal(
        custom_id.build("draft.note", draft.draft_id, draft.version),
        words.plain("note.title"),
        components.paragraph(
            words.plain("note.write_up"), "write_up", value=note.write_up, required=False, max_length=WRITE_UP_MAX
        ),
        components.text_field(words.plain("note.book"), "book", value=note.book, required=False, max_length=60),
        components.text_field(
            words.plain("note.link"),
            "link",
            value=note.link,
            description=words.plain("note.link_hint"),
            required=False,
            max_length=400,
        ),
    )
    return Result(Reply("modal", form))


@modal("draft.note", args=_ARGS, who=Who.CAPPER, function=FUNCTION, answers="update")
def noted(ctx: Context, draft_id: int, version: int) -> Result:
    draft, guild, stale = _settled(ctx, draft_id, version)
    if stale is not None:
        return stale
    fields = {name: str(value or "").strip() for name, value in ctx.interaction.options.items()}
    link, photo = _link(fields["link"], Words(ctx.person.locale)), draft.ticket.note.photo
    note = Note(fields["book"][:60], link, write_up_of(fields["write_up"], Words(ctx.person.locale)), photo)
    return _changed(ctx, draft, guild, Typed(replace(draft.ticket, note=note)))


def write_up_of(text: str, words: Words) -> str:
    """Reasons as they are kept. Raises InputError for the number of a payment card: sealed, nobody would find it."""
    if holds_card_number(text):
        raise InputError("note", words.plain("problem.card"), words.plain("problem.card_number"), "Rested, at home")
    return text.strip()[:WRITE_UP_MAX]


def editor(form: str, title: str, ticket: Ticket, words: Words) -> Json:
    """The modal that changes a pick: selection, price and stake; of teasers and round robins the stake alone."""
    stake = components.text_field(
        words.plain("edit.stake"), "stake", value=slate.typed_stake(ticket.amount_micro), max_length=24
    )
    if ticket.kind in (TicketKind.TEASER, TicketKind.ROUND_ROBIN) or ticket.legs[0].market in MANUAL_MARKETS:
        return components.modal(form, title, stake)
    if ticket.kind is TicketKind.STRAIGHT:
        side, price = slate.typed_side(ticket.legs[0]), ticket.legs[0].odds.typed
        pick = components.text_field(
            words.plain("edit.pick"), "pick", value=side, description=words.plain("edit.pick_hint")
        )
        odds = components.text_field(words.plain("edit.odds"), "odds", value=price, max_length=24)
        return components.modal(form, title, pick, odds, stake)
    own = ticket.own_odds.typed if ticket.own_odds else ""
    legs = components.paragraph(
        words.plain("edit.legs"), "pick", value="\n".join(_typed_leg(leg) for leg in ticket.legs), max_length=_LEGS_MAX
    )
    odds = components.text_field(
        words.plain("edit.ticket_odds"),
        "odds",
        value=own,
        description=words.plain("edit.ticket_odds_hint"),
        required=ticket.same_game,
        max_length=24,
    )
    return components.modal(form, title, legs, odds, stake)


def read_editor(ctx: Context, before: Ticket, guild: Guild) -> Typed:
    """What a submitted editor says.

    Raises
    ------
    InputError
        Naming the field that cannot be read.
    """
    fields = {name: str(value or "").strip() for name, value in ctx.interaction.options.items()}
    amount = parse_units(fields["stake"])
    if "pick" not in fields:
        return _checked(Typed(replace(before, amount_micro=amount, filled=())), guild)
    words = Words(ctx.person.locale)
    if before.kind is TicketKind.STRAIGHT:
        typed = bet_command.read(ctx, f"{fields['pick']} @{fields['odds']}", guild, words)
        picks = tuple(replace(pick, amount_micro=amount, mode=before.mode, filled=()) for pick in _of_one(typed))
        found = Typed.straight(picks)
        ticket = replace(found.ticket, amount_micro=amount, mode=before.mode, note=before.note, filled=())
        return _checked(Typed(ticket, found.choices), guild)
    own = Odds.parse(fields["odds"]) if fields["odds"] else None
    typed = bet_command.read(ctx, _as_parlay(fields["pick"]), guild, words)
    legs = tuple(_kept(leg, before) for leg in typed.ticket.legs)
    ticket = replace(typed.ticket, legs=legs, own_odds=own, amount_micro=amount, mode=before.mode, note=before.note)
    return _checked(Typed(replace(ticket, filled=()), typed.choices), guild)


def _of_one(typed: Typed) -> tuple[Pick, ...]:
    if typed.ticket.kind is not TicketKind.STRAIGHT:
        raise InputError("pick", slate.typed_side(typed.ticket.legs[1]), "is a second leg: a straight bet has one")
    if typed.choices:
        return typed.choices[0]
    ticket = typed.ticket
    return (Pick(ticket.legs[0], ticket.amount_micro, ticket.mode, ticket.filled),)


def _as_parlay(lines: str) -> str:
    """Lines of legs, with the header that keeps a single one from being read as a straight bet."""
    return f"parlay\n{lines}" if not lines.lower().startswith("parlay") else lines


def _kept(leg: Selection, before: Ticket) -> Selection:
    """The leg with the exact price it had, where only its shown form came back."""
    old = next((each for each in before.legs if each.same_bet(leg) and each.odds.typed == leg.odds.typed), None)
    return leg if old is None else leg.at(old.odds)


def _typed_leg(leg: Selection) -> str:
    return f"{slate.typed_side(leg)} @{leg.odds.typed}" if leg.priced else slate.typed_side(leg)


def _link(typed: str, words: Words) -> str:
    """Raises InputError unless it is empty or an address that a browser opens."""
    if typed and (not typed.startswith(("https://", "http://")) or any(c.isspace() or c in "<>" for c in typed)):
        raise InputError("link", typed, words.plain("problem.link"), "https://book.example/bet/1")
    return typed[:400]


def _checked(typed: Typed, guild: Guild) -> Typed:
    """Raises InputError where nothing is left open and the ticket cannot be posted all the same."""
    if typed.settled and not typed.ticket.needs_price:
        typed.ticket.check()
        check_stake(typed.ticket, guild)
    return typed


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
    if stale is None and (not draft.settled or draft.ticket.needs_price):
        return draft, guild, preview.shown(ctx, draft, guild, kind="update")
    return draft, guild, stale


def _changed(ctx: Context, draft: Draft, guild: Guild, typed: Typed) -> Result:
    _checked(typed, guild)
    changed = replace(draft, ticket=typed.ticket, choices=typed.choices, version=draft.version + 1)
    DraftRepository(ctx.session, guild.guild_id).save(changed, ctx.clock.now())
    return preview.shown(ctx, changed, guild, kind="update")
