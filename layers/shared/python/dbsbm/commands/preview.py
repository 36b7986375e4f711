"""What a capper sees before posting: the whole pick in text at once, the picture when it is drawn."""

from __future__ import annotations

from typing import Literal

from dbsbm.bets.model import Draft, PriceCheck, TicketKind
from dbsbm.bets.offers import offered_now
from dbsbm.bets.posting import check_ticket
from dbsbm.bets.price_check import best
from dbsbm.betting.markets import format_line
from dbsbm.betting.stakes import MICRO
from dbsbm.commands import answers, wording
from dbsbm.commands.payload import TOKEN_LIFE
from dbsbm.commands.posted import destination_of
from dbsbm.commands.slip import FILE, note_lines, preview_image, ticket_text
from dbsbm.commands.words.catalogue import Words
from dbsbm.core.errors import InputError
from dbsbm.discord import components, custom_id
from dbsbm.discord.components import Choice, Style
from dbsbm.discord.definitions import Context, Image, Json, Post, Reply, Result
from dbsbm.guilds.model import Guild
from dbsbm.guilds.repository import GuildRepository

COMMON_STAKES = tuple(MICRO * halves // 2 for halves in (1, 2, 3, 4, 5, 6, 8, 10, 20))
Kind = Literal["message", "update"]
CHANNEL_SELECT = 8
"""A select of the server's channels ("Component Types")."""


def shown(ctx: Context, draft: Draft, guild: Guild, *, kind: Kind, note: str = "", post: str = "draft.post") -> Result:
    """The draft as it stands: text and buttons now, the picture behind it unless the draft moves on first.

    ``post`` is the route of its green button.
    """
    words = Words(ctx.person.locale)
    if not draft.settled:
        return _result(ctx, draft, _question(ctx, draft, guild, note), kind)
    if draft.ticket.needs_price:
        return _result(ctx, draft, _priceless(draft, guild, note, words), kind)
    content = _content(ctx, draft, guild, note, post)
    image = preview_image(draft.ticket, _capper_name(ctx, guild), guild, words)
    drawn = [content[0], components.gallery(FILE, image.alt), *content[1:]]
    return Result(_reply(kind, content), (edit(ctx, draft, drawn, (image,)),))


def closed(ctx: Context, draft: Draft, content: list[Json]) -> Result:
    """The draft's last state: repeated through the outbox, so that no picture drawn earlier comes after it."""
    return _result(ctx, draft, content, "update")


def edit(ctx: Context, draft: Draft, content: list[Json], images: tuple[Image, ...] = ()) -> Post:
    """The private message of the draft as a desired state: of several the last one stays."""
    interaction = ctx.interaction
    data = components.message(*content)
    return Post(
        kind="reply.edit",
        target_key=f"draft:{draft.draft_id}",
        target={
            "application_id": interaction.application_id,
            "interaction_id": interaction.id,
            "token": interaction.token,
            "how": "edit_original",
        },
        data=data if images else {**data, "attachments": []},
        images=images,
        expires_at=interaction.created_at + TOKEN_LIFE,
    )


def _result(ctx: Context, draft: Draft, content: list[Json], kind: Kind) -> Result:
    """Without a picture: only a draft that had one before needs its last state repeated."""
    outbox = (edit(ctx, draft, content),) if kind == "update" else ()
    return Result(_reply(kind, content), outbox)


def _reply(kind: Kind, content: list[Json]) -> Reply:
    return answers.private(*content) if kind == "message" else answers.redrawn(*content)


def _content(ctx: Context, draft: Draft, guild: Guild, note: str, post: str) -> list[Json]:
    words, ticket = Words(ctx.person.locale), draft.ticket
    stake = ticket.stake
    lines: list[str] = [note] if note else []
    lines.append(ticket_text(ticket, guild, words))
    lines.append(words("details.money", risk=wording.units(stake.risk_micro), to_win=wording.units(stake.to_win_micro)))
    lines.extend(_price_lines(ctx, draft, guild, words))
    if ticket.filled:
        names = ", ".join(words.plain(f"filled.{name}") for name in ticket.filled)
        lines.append(words("preview.filled", fields=names))
    lines.extend(note_lines(ticket, words))
    if ticket.note.photo:
        lines.append(words("preview.photo"))
    ids = (draft.draft_id, draft.version)
    label = "preview.post_again" if post == "draft.post_again" else "preview.post"
    return [
        components.text("\n".join(lines)),
        components.select(custom_id.build("draft.stake", *ids), _stakes(draft), words.plain("preview.stake")),
        _channel_select(ctx, draft, guild, words),
        _buttons(draft, words, components.button(words.plain(label), custom_id.build(post, *ids), Style.SUCCESS)),
    ]


def _channel_select(ctx: Context, draft: Draft, guild: Guild, words: Words) -> Json:
    """Where the slip goes, as it stands now: every text channel of the server, searchable."""
    there = destination_of(ctx.session, guild, ctx.person.user_id, draft.ticket, draft.channel_id)
    wire = custom_id.build("draft.channel", draft.draft_id, draft.version)
    return components.channel_select(wire, words.plain("preview.channel"), there.channel_id)


def _stakes(draft: Draft) -> list[Choice]:
    own = draft.ticket.amount_micro
    return [
        Choice(wording.units(amount), str(amount), default=amount == own) for amount in sorted({*COMMON_STAKES, own})
    ]


def _buttons(draft: Draft, words: Words, first: Json | None) -> Json:
    ids = (draft.draft_id, draft.version)
    buttons = [first] if first else []
    buttons.append(components.button(words.plain("preview.edit"), custom_id.build("draft.edit", *ids)))
    if draft.ticket.kind in (TicketKind.STRAIGHT, TicketKind.PARLAY):
        parlay = draft.ticket.kind is TicketKind.PARLAY
        label = words.plain("preview.add_leg" if parlay else "preview.add")
        buttons.append(components.button(label, custom_id.build("draft.add", *ids)))
    buttons.append(components.button(words.plain("preview.note"), custom_id.build("draft.note", *ids)))
    buttons.append(components.button(words.plain("preview.cancel"), custom_id.build("draft.cancel", *ids)))
    return components.row(*buttons)


def _priceless(draft: Draft, guild: Guild, note: str, words: Words) -> list[Json]:
    """A ticket whose own price has to be typed; the product of its legs is only a comparison."""
    lines: list[str] = [note] if note else []
    lines.append(ticket_text(draft.ticket, guild, words))
    lines.append(words("preview.needs_price" if draft.ticket.same_game else "preview.leg_price"))
    lines.extend(_comparison(draft, guild, words))
    first = components.button(
        words.plain("preview.price"), custom_id.build("draft.edit", draft.draft_id, draft.version), Style.PRIMARY
    )
    cancel = components.button(
        words.plain("preview.cancel"), custom_id.build("draft.cancel", draft.draft_id, draft.version)
    )
    return [components.text("\n".join(lines)), components.row(first, cancel)]


def _comparison(draft: Draft, guild: Guild, words: Words) -> list[str]:
    try:
        product = draft.ticket.product
    except InputError:
        return []
    return [words("preview.product", odds=wording.price(product, guild.odds_format))] if product else []


def _price_lines(ctx: Context, draft: Draft, guild: Guild, words: Words) -> list[str]:
    """How the price compares now, with the best one and its age; of a ticket what it is made of."""
    ticket = draft.ticket
    check = check_ticket(ctx.session, ticket, ctx.interaction.created_at)
    verdict = words(f"price.{check.value}")
    if ticket.kind is TicketKind.TEASER:
        card = words.plain("preview.card", points=format_line(ticket.terms.points_q, signed=False))
        pays = ", ".join(
            words.plain("preview.pays", legs=legs, odds=wording.ratio(price, guild.odds_format))
            for legs, price in ticket.terms.pays
        )
        return [words("preview.teaser", card=card, pays=pays)]
    if ticket.kind is TicketKind.ROUND_ROBIN:
        return [] if check is PriceCheck.UNCHECKED else [verdict]
    if ticket.kind is TicketKind.PARLAY:
        return [verdict, *(_comparison(draft, guild, words) if ticket.own_odds else ())]
    offer = best(ticket.legs[0], offered_now(ctx.session, ticket.legs[0]))
    if offer is None:
        return [verdict]
    shown_odds = wording.price(offer.odds, guild.odds_format)
    seen = wording.moment(offer.taken_at, "R")
    return [f"{verdict} {words('preview.best', odds=shown_odds, book=offer.book, when=seen)}"]


def _question(ctx: Context, draft: Draft, guild: Guild, note: str) -> list[Json]:
    """Only what is doubtful is asked."""
    words = Words(ctx.person.locale)
    ids = (draft.draft_id, draft.version)
    several = len(draft.ticket.legs) > 1
    asked = words("preview.which", typed=components.cut(draft.typed, 100))
    lines: list[str] = [note] if note else []
    lines.append(asked)
    if several:
        lines.append(ticket_text(draft.ticket, guild, words))
    selects = []
    for leg, picks in enumerate(draft.choices):
        if not picks:
            continue
        choices = []
        for number, pick in enumerate(picks):
            when = wording.clock_time(pick.selection.starts_at, guild.zone, ctx.clock.now(), words)
            name = (
                wording.leg_summary(pick.selection, guild.odds_format, words)
                if several
                else wording.summary(pick.ticket, guild.odds_format, words)
            )
            choices.append(Choice(name, str(number), description=f"{wording.matchup(pick.selection)} · {when}"))
        hint = words.plain("preview.choose_leg", leg=leg + 1) if several else words.plain("preview.choose")
        selects.append(components.select(custom_id.build("draft.choose", *ids, leg), choices, hint))
    cancel = components.button(words.plain("preview.cancel"), custom_id.build("draft.cancel", *ids))
    return [components.text("\n".join(lines)), *selects, components.row(cancel)]


def _capper_name(ctx: Context, guild: Guild) -> str:
    capper = GuildRepository(ctx.session, guild.guild_id).capper(ctx.person.user_id)
    return capper.display_name if capper is not None else ctx.person.name
