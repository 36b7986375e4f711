"""The slip: what a channel shows of a bet, in text, picture and alternative text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dbsbm.bets.grading import DECIDED_BY_HAND, OWN
from dbsbm.bets.model import Bet, Decision, Note, RevisionKind, Ticket, TicketKind
from dbsbm.bets.selection import Selection
from dbsbm.bets.tails.model import Direction
from dbsbm.betting.outcome import Outcome
from dbsbm.betting.settlement import Grade
from dbsbm.betting.stakes import Stake
from dbsbm.commands import captions, wording
from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.core.ids import encode
from dbsbm.discord import components, custom_id
from dbsbm.discord.components import Style, cut
from dbsbm.discord.definitions import Image, Json, Post
from dbsbm.guilds.model import Capper, Guild
from dbsbm.render.views import LegView, SlipView

FILE = "slip.png"
_TICKET_TEXT = 2400
"""Room for the legs of a ticket: with a write-up and what became of the bet it stays below a message's 4000."""
_WRITE_UP_TEXT = 1000
_ALT_MAX = 1024
Legs = Sequence[Outcome | None]


def slip_post(bet: Bet, guild: Guild, capper: Capper, decision: Decision | None = None) -> Post:
    """The slip of a bet, through the channel's webhook under the capper's name and picture.

    One that goes elsewhere than to the server's slip channel takes along what its capper reads if Discord refuses it.
    """
    data, image = _message(bet, guild, capper, decision, ())
    target: Json = {
        "channel_id": str(bet.channel_id),
        "username": capper.display_name,
        "avatar_url": capper.avatar_url,
    }
    if bet.ping_role_id is not None:
        data["pings"] = {"roles": [str(bet.ping_role_id)]}
    if guild.slip_channel_id not in (None, bet.channel_id):
        target["otherwise"] = {"channel_id": str(guild.slip_channel_id), "data": _lost(bet, Words(guild.locale))}
    return Post("slip.post", f"bet:{bet.bet_id}", target, data, (image,))


def _lost(bet: Bet, words: Words) -> Json:
    """Says in the server's slip channel that a slip could not be posted where it was meant to go."""
    again = components.button(words.plain("route.again"), custom_id.build("slip.again", bet.bet_id), Style.PRIMARY)
    said = words("route.lost", user=wording.mention(bet.capper_id), channel=Markdown(f"<#{bet.channel_id}>"))
    pings = {"users": [str(bet.capper_id)]}
    return {**components.message(components.text(said), components.row(again)), "pings": pings}


def slip_edit(bet: Bet, guild: Guild, capper: Capper, decision: Decision | None, legs: Legs = ()) -> Post:
    """The same slip as the bet stands now: new terms, a grade, or a grade taken back. ``legs``: what each came to."""
    data, image = _message(bet, guild, capper, decision, legs)
    return Post("message.edit", f"bet:{bet.bet_id}", {}, data, (image,))


def slip_picture(bet: Bet, guild: Guild, capper: Capper, decision: Decision | None, legs: Legs = ()) -> Image:
    """The picture alone: nothing of a note is in it, so that stays sealed."""
    silent = replace(bet.terms.ticket, note=Note())
    _, image = _message(replace(bet, terms=replace(bet.terms, ticket=silent)), guild, capper, decision, legs)
    return image


def slip_copy(
    bet: Bet, guild: Guild, capper: Capper, decision: Decision | None, *, legs: Legs, line: Markdown
) -> tuple[Json, Image]:
    """The slip as it stands now for another channel: without its ping, and with a line on where it comes from."""
    data, image = _message(replace(bet, ping_role_id=None), guild, capper, decision, legs)
    data["components"].insert(1, components.text(line))
    return data, image


def preview_image(ticket: Ticket, capper_name: str, guild: Guild, words: Words) -> Image:
    """The picture that follows a preview."""
    view = _view(ticket, ticket.stake, capper_name, guild, words)
    return Image(FILE, _alt(ticket, guild, words), "slip", view.to_json())


def pick_line(selection: Selection, stake: Stake, guild: Guild, words: Words) -> Markdown:
    """One line with a whole straight pick: what a lock screen shows."""
    return words(
        "slip.line",
        pick=wording.summary_of(selection, stake, guild.odds_format, words),
        matchup=wording.matchup(selection),
        when=wording.moment(selection.starts_at),
    )


def ticket_text(ticket: Ticket, guild: Guild, words: Words, legs: Legs = ()) -> Markdown:
    """The whole pick: one line for a straight bet; a ticket's own line and one for each leg, marked once decided."""
    if ticket.kind is TicketKind.STRAIGHT:
        return pick_line(ticket.legs[0], ticket.stake, guild, words)
    head = words("slip.ticket", pick=wording.summary(ticket, guild.odds_format, words))
    room = (_TICKET_TEXT - len(head)) // len(ticket.legs) - 1
    lines = [
        _leg_line(leg, words.plain(f"leg.{_leg_grade(legs, number) or 'open'}"), guild, words, room)
        for number, leg in enumerate(ticket.legs)
    ]
    return Markdown("\n".join([head, *lines]))


def _leg_line(leg: Selection, mark: str, guild: Guild, words: Words, room: int) -> str:
    """As much of a leg as has room: with its game, without, and at last its beginning."""
    name = wording.leg_summary(leg, guild.odds_format, words)
    when = wording.moment(leg.starts_at)
    full = words("slip.leg", mark=mark, pick=name, matchup=wording.matchup(leg), when=when)
    if len(full) <= room:
        return full
    short = words("slip.leg_short", mark=mark, pick=name)
    return short if len(short) <= room else words("slip.leg_short", mark=mark, pick=cut(name, room // 3))


def _leg_grade(legs: Legs, number: int) -> str:
    decided = legs[number] if number < len(legs) else None
    return decided.grade.value if decided is not None else ""


def note_lines(ticket: Ticket, words: Words) -> list[str]:
    """What the capper added: book and link on one line, the reasons below."""
    note = ticket.note
    book = words("slip.book", book=note.book) if note.book else ""
    link = words("slip.link", link=Markdown(note.link)) if note.link else ""
    first = " · ".join(part for part in (book, link) if part)
    if note.sealed:
        raise AssertionError("a note is opened before it is shown")
    written = words("slip.write_up", text=note.write_up) if note.write_up else ""
    return [part for part in (first, cut(written, _WRITE_UP_TEXT)) if part]


def _message(bet: Bet, guild: Guild, capper: Capper, decision: Decision | None, legs: Legs) -> tuple[Json, Image]:
    words = Words(guild.locale)
    ticket = bet.terms.ticket
    graded = decision if bet.grade is not None and not bet.withdrawn else None
    alt = _alt(ticket, guild, words)
    lines: list[str] = [_pinging(ticket_text(ticket, guild, words, legs), bet, words)]
    if bet.withdrawn:
        lines = [words("slip.withdrawn"), f"~~{line}~~" if (line := lines[0].split("\n")[0]) else ""]
        alt = f"{alt} · {words.plain('slip.withdrawn_word')}"
    elif bet.grade is not None:
        result = _result(bet, words)
        lines.append(words("slip.graded", result=result, rule=_rule(graded)))
        alt = f"{alt} · {result}"
        if graded is not None and graded.source == OWN:
            lines.append(words("slip.own_grade"))
        if bet.under_review:
            lines.append(words("slip.under_review"))
    elif bet.terms.kind is RevisionKind.VERSION:
        lines.append(words("slip.version", number=bet.terms.number, when=wording.moment(bet.terms.priced_at)))
    if not bet.withdrawn:
        lines.extend(note_lines(ticket, words))
    view = _view(ticket, bet.terms.stake, capper.display_name, guild, words, bet=bet, decision=graded, legs=legs)
    alt = cut(alt, _ALT_MAX)
    data = components.message(
        components.text("\n".join(lines)),
        components.gallery(FILE, alt),
        components.row(
            components.button(
                words.plain("tail.direction_tail"), custom_id.build("tail.take", bet.bet_id, Direction.TAIL)
            ),
            components.button(
                words.plain("tail.direction_fade"), custom_id.build("tail.take", bet.bet_id, Direction.FADE)
            ),
            components.button(words.plain("slip.details"), custom_id.build("slip.details", bet.bet_id)),
            components.button(words.plain("slip.more"), custom_id.build("slip.more", bet.bet_id)),
        ),
    )
    return data, Image(FILE, alt, "slip", view.to_json())


def _pinging(text: str, bet: Bet, words: Words) -> str:
    """The text with the role of the bet's route at the end of its first line."""
    if bet.ping_role_id is None:
        return text
    first, *rest = text.split("\n")
    pinged = words("slip.ping", line=Markdown(first), role=Markdown(f"<@&{bet.ping_role_id}>"))
    return "\n".join([pinged, *rest])


def _view(
    ticket: Ticket,
    stake: Stake,
    capper_name: str,
    guild: Guild,
    words: Words,
    *,
    bet: Bet | None = None,
    decision: Decision | None = None,
    legs: Legs = (),
) -> SlipView:
    grade, draft = _view_grade(bet), bet is None
    straight = ticket.kind is TicketKind.STRAIGHT
    return SlipView(
        capper=capper_name,
        ticket=wording.kind_name(ticket, words),
        legs=tuple(
            _leg_view(leg, grade if straight and not _withdrawn(bet) else _leg_grade(legs, number), guild, words)
            for number, leg in enumerate(ticket.legs)
        ),
        odds=words.number(wording.price(ticket.odds, guild.odds_format)),
        risk=words.number(wording.units(stake.risk_micro)),
        to_win=words.number(wording.units(stake.to_win_micro)),
        posted=wording.full_time(bet.posted_at, guild.zone, words) if bet is not None else "",
        bet_ref=encode(bet.bet_id) if bet is not None else "",
        state=captions.slip_state(grade, words, draft=draft),
        title=words.plain("picture.legs", count=len(ticket.legs)),
        headings=captions.money_headings(words),
        draft=draft,
        grade=grade,
        profit=words.number(wording.profit(bet.profit_micro))
        if bet is not None and grade and not bet.withdrawn
        else "",
        rule=_rule(decision) if decision is not None else "",
    )


def _withdrawn(bet: Bet | None) -> bool:
    return bet is not None and bet.withdrawn


def _view_grade(bet: Bet | None) -> str:
    if bet is None:
        return ""
    if bet.withdrawn:
        return "withdrawn"
    return bet.grade.value if bet.grade is not None else ""


def _leg_view(leg: Selection, grade: str, guild: Guild, words: Words) -> LegView:
    return LegView(
        league=words.plain_or(f"league.{leg.league}", leg.league.replace("_", " ").upper()),
        pick=wording.pick_name(leg, words),
        market=words.plain(f"market.{leg.market.value}"),
        matchup=wording.matchup(leg),
        when=wording.full_time(leg.starts_at, guild.zone, words),
        odds=words.number(wording.price(leg.odds, guild.odds_format)) if leg.priced else "",
        grade=grade,
    )


def _result(bet: Bet, words: Words) -> str:
    return f"{grade_name(bet.grade, words)} {wording.profit(bet.profit_micro)}"


def _rule(decision: Decision | None) -> str:
    return "" if decision is None or decision.rule == DECIDED_BY_HAND else decision.rule


def grade_name(grade: Grade | None, words: Words) -> str:
    return words.plain(f"grade.{grade.value}") if grade is not None else words.plain("grade.open")


def _alt(ticket: Ticket, guild: Guild, words: Words) -> str:
    if ticket.kind is TicketKind.STRAIGHT:
        leg = ticket.legs[0]
        return words.plain(
            "slip.alt",
            pick=wording.summary(ticket, guild.odds_format, words),
            matchup=wording.matchup(leg),
            when=wording.full_time(leg.starts_at, guild.zone, words),
        )
    picks = "; ".join(wording.pick_name(leg, words) for leg in ticket.legs)
    alt = words.plain("slip.ticket_alt", pick=wording.summary(ticket, guild.odds_format, words), legs=picks)
    return cut(alt, _ALT_MAX - 100)


def details(bet: Bet, guild: Guild, capper: Capper, words: Words, *, best: str, legs: Legs = ()) -> list[str]:
    """The lines of the private details of a bet, but for what was decided about it."""
    ticket, stake = bet.terms.ticket, bet.terms.stake
    lines: list[str] = [
        ticket_text(ticket, guild, words, legs),
        words("details.by", capper=capper.display_name, when=wording.moment(bet.posted_at)),
        words("details.money", risk=wording.units(stake.risk_micro), to_win=wording.units(stake.to_win_micro)),
        words(f"price.{bet.terms.price_check.value}"),
    ]
    if ticket.kind is not TicketKind.STRAIGHT:
        lines.append(_legs_so_far(legs, len(ticket.legs), words))
    if bet.withdrawn:
        lines.append(words("slip.withdrawn"))
    if best:
        lines.append(words("details.best", best=best))
    if bet.terms.kind is not RevisionKind.POSTED:
        lines.append(words("details.revision", number=bet.terms.number, when=wording.moment(bet.terms.written_at)))
    lines.extend(note_lines(ticket, words))
    lines.append(words("details.ref", ref=encode(bet.bet_id)))
    return lines


def _legs_so_far(legs: Legs, count: int, words: Words) -> str:
    grades = [leg.grade for leg in legs if leg is not None]
    won = sum(grade in (Grade.WON, Grade.HALF_WON) for grade in grades)
    lost = sum(grade in (Grade.LOST, Grade.HALF_LOST) for grade in grades)
    back = len(grades) - won - lost
    return words("details.legs", won=won, lost=lost, back=back, open=count - len(grades))
