"""A typed pick of one line or many as a ticket: what is said, what is filled in, and what is left to choose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dbsbm.bets import slate
from dbsbm.bets.model import Pick
from dbsbm.bets.selection import Selection
from dbsbm.bets.slate import Slate
from dbsbm.bets.ticket import Ticket, TicketKind, TicketTerms
from dbsbm.betting.catalogue import TeaserCard, catalogue
from dbsbm.betting.markets import Market, format_line
from dbsbm.betting.reader import MAX_TEXT, Reading, read_pick
from dbsbm.betting.stakes import StakeMode
from dbsbm.betting.tickets import MAX_LEGS, MIN_LEGS, check_legs, combinations, teased
from dbsbm.core.errors import InputError
from dbsbm.guilds.model import Guild

_VALUE_MAX = 100
_KINDS = {"parlay": TicketKind.PARLAY, "teaser": TicketKind.TEASER, "round_robin": TicketKind.ROUND_ROBIN}
_CARD = "football_6"


@dataclass(frozen=True, slots=True)
class Typed:
    """What a text comes to: a ticket of the likeliest picks, and for each leg the picks it can mean, if several."""

    ticket: Ticket
    choices: tuple[tuple[Pick, ...], ...] = ()

    @classmethod
    def straight(cls, picks: Sequence[Pick]) -> Typed:
        return cls(picks[0].ticket, (tuple(picks),) if len(picks) > 1 else ())

    @property
    def settled(self) -> bool:
        return not any(self.choices)


def typed_ticket(text: str, board: Slate, guild: Guild, now: datetime) -> Typed:
    """Read what a capper typed.

    Raises
    ------
    InputError
        Naming what cannot be read, with a pick that would work now.
    """
    if len(text) > MAX_TEXT:
        raise InputError("pick", text, f"has {len(text)} characters, {MAX_TEXT} are read", _example(board, guild, now))
    try:
        reading = read_pick(text, board.index, now)
    except InputError as error:
        raise InputError(error.field, error.typed, error.problem, _example(board, guild, now)) from error
    if reading.ticket == "straight":
        return Typed.straight(slate.picks(text, board, guild, now))
    return _ticket(reading, board, guild, now)


def suggested(text: str, board: Slate, guild: Guild, now: datetime) -> list[tuple[Ticket, str]]:
    """What text that is still being typed may become, with the value to send for each; never raises, at most 25."""
    if ";" in text or "\n" in text:
        try:
            typed = typed_ticket(text, board, guild, now)
        except InputError:
            return []
        value = text if len(text) <= _VALUE_MAX else _shortened(typed, board, guild, now)
        return [(typed.ticket, value)] if value else []
    picks = slate.suggestions(text, board, guild, now)
    offers = [(pick.ticket, _value(pick, text, len(picks))) for pick in picks]
    return [(ticket, value) for ticket, value in offers if len(value) <= _VALUE_MAX]


def _shortened(typed: Typed, board: Slate, guild: Guild, now: datetime) -> str:
    """A long ticket in fewer words that are read the same; "" where there are none, and what was typed is sent."""
    ticket = typed.ticket
    if not typed.settled:
        return ""
    stake = "" if "stake" in ticket.filled else slate.typed_stake(ticket.amount_micro)
    own = ticket.own_odds.typed if ticket.own_odds else ""
    head = " ".join(part for part in ("parlay", stake, own) if part)
    text = ";".join([head, *(_short_leg(leg) for leg in ticket.legs)])
    try:
        again = typed_ticket(text, board, guild, now) if len(text) <= _VALUE_MAX else None
    except InputError:
        again = None
    return text if again is not None and again.settled and _same(again.ticket, ticket) else ""


def _short_leg(leg: Selection) -> str:
    """Teams by the last word of their name."""
    text = slate.typed_side(leg)
    for team in (leg.home, leg.away):
        text = text.replace(team, team.split()[-1] if team else "")
    return f"{text} {leg.odds.typed}" if leg.priced else text


def _same(one: Ticket, other: Ticket) -> bool:
    """The same legs at the same prices, and the same stake."""
    prices = [(a.odds.price, a.same_bet(b)) == (b.odds.price, True) for a, b in zip(one.legs, other.legs, strict=False)]
    whole = (one.kind, len(one.legs), one.amount_micro, one.mode, one.own_odds and one.own_odds.price)
    return all(prices) and whole == (
        other.kind,
        len(other.legs),
        other.amount_micro,
        other.mode,
        other.own_odds and other.own_odds.price,
    )


def chosen(typed: Typed, leg: int, pick: Pick) -> Typed:
    """The same with one leg settled. A straight bet takes the pick's own stake, a ticket keeps its."""
    choices = tuple(() if number == leg else picks for number, picks in enumerate(typed.choices))
    if typed.ticket.kind is TicketKind.STRAIGHT:
        return Typed(pick.ticket, choices)
    legs = tuple(pick.selection if number == leg else each for number, each in enumerate(typed.ticket.legs))
    return Typed(replace(typed.ticket, legs=legs), choices)


def scored(typed: Typed, board: Slate) -> Typed:
    """A live bet, every pick it can mean with the score that its game has."""

    def at_score(pick: Pick) -> Pick:
        game = board.games[pick.selection.game_id]
        return replace(pick, selection=replace(pick.selection, score=(game.home_score or 0, game.away_score or 0)))

    leg = typed.ticket.legs[0]
    game = board.games[leg.game_id]
    live = replace(leg, score=(game.home_score or 0, game.away_score or 0))
    choices = tuple(tuple(at_score(pick) for pick in picks) for picks in typed.choices)
    return Typed(replace(typed.ticket, legs=(live,)), choices)


def joined(before: Ticket, more: Typed) -> Typed:
    """A bet with further legs: a parlay at the stake of the one that was there.

    Raises
    ------
    InputError
        When there are too many legs, or one stands twice.
    """
    legs = (*before.legs, *more.ticket.legs)
    kind = TicketKind.PARLAY if before.kind is TicketKind.STRAIGHT else before.kind
    check_legs(tuple(leg.leg() for leg in legs))
    choices = more.choices or tuple(() for _ in more.ticket.legs)
    filled = tuple(name for name in before.filled if name == "stake")
    ticket = replace(before, kind=kind, legs=legs, own_odds=None, filled=filled)
    return Typed(ticket, (*(() for _ in before.legs), *choices))


def teaser(legs: Typed, card: TeaserCard, amount_micro: int, mode: StakeMode) -> Typed:
    """Legs at the book's lines as a teaser by a card: every line moved in the bettor's favour.

    Raises
    ------
    InputError
        When a leg has no line, is of another sport, or the card has no price for so many legs.
    """
    picks = legs.choices or tuple(() for _ in legs.ticket.legs)
    options = [
        _teased_options(leg, meant, card, legs.ticket) for leg, meant in zip(legs.ticket.legs, picks, strict=True)
    ]
    terms = TicketTerms(points_q=card.points_q, pays=tuple(sorted(card.pays.items())))
    moved = tuple(option[0].selection for option in options)
    ticket = replace(legs.ticket, kind=TicketKind.TEASER, legs=moved, terms=terms, own_odds=None)
    choices = tuple(option if len(option) > 1 else () for option in options)
    return Typed(replace(ticket, amount_micro=amount_micro, mode=mode), choices if any(choices) else ())


def _teased_options(leg: Selection, meant: Sequence[Pick], card: TeaserCard, ticket: Ticket) -> tuple[Pick, ...]:
    """What a leg can mean in a teaser, its line moved; what cannot be teased is not meant. Raises InputError."""
    options, refused = [], None
    for pick in meant or (Pick(leg, ticket.amount_micro, ticket.mode),):
        try:
            options.append(replace(pick, selection=_teased(pick.selection, card)))
        except InputError as error:
            refused = refused or error
    if not options and refused is not None:
        raise refused
    return tuple(options)


def _teased(leg: Selection, card: TeaserCard) -> Selection:
    """Raises InputError where the card does not fit."""
    if leg.market not in (Market.SPREAD, Market.TOTAL):
        raise InputError("pick", slate.typed_side(leg), "cannot be teased: spreads and totals can", "chiefs -3")
    sport = catalogue().league(leg.leg().league).sport.sport_id
    if sport != card.sport:
        raise InputError("pick", slate.typed_side(leg), f"is of another sport than the card {card.name}")
    return replace(leg, line_q=teased(leg.leg(), card.points_q).line_q)


def round_robin(legs: Typed, sizes: tuple[int, ...], each_micro: int) -> Typed:
    """Every parlay of each size out of the legs, at ``each_micro`` on each."""
    terms = TicketTerms(sizes=sizes, each_micro=each_micro)
    ticket = replace(legs.ticket, kind=TicketKind.ROUND_ROBIN, terms=terms, amount_micro=each_micro, own_odds=None)
    return Typed(replace(ticket, mode=StakeMode.RISK), legs.choices)


def each_way(pick: Pick, place: tuple[int, int], places: int) -> Typed:
    """A priced future to win, and to be placed at a part of the odds; the pick's amount on each of the two."""
    terms = TicketTerms(each_micro=pick.amount_micro, place=place, places=places)
    return Typed(replace(pick.ticket, kind=TicketKind.EACH_WAY, terms=terms, mode=StakeMode.RISK))


def parlays(ticket: Ticket) -> int:
    """How many parlays a round robin is."""
    return combinations(len(ticket.legs), ticket.terms.sizes)


def _ticket(reading: Reading, board: Slate, guild: Guild, now: datetime) -> Typed:
    kind = _KINDS[reading.ticket]
    if not MIN_LEGS <= len(reading.legs) <= MAX_LEGS:
        problem = f"has {len(reading.legs)} legs, a ticket has {MIN_LEGS} to {MAX_LEGS}"
        raise InputError("pick", reading.text, problem, _example(board, guild, now))
    if kind is TicketKind.ROUND_ROBIN:
        raise InputError("pick", reading.text, "is a round robin: `/roundrobin` asks for its sizes")
    options = [_leg(number, leg, board, guild, now) for number, leg in enumerate(reading.legs, 1)]
    mode = guild.stake_mode
    if reading.stake_mode is not None and (reading.stake_mode is not StakeMode.RISK or "risk" in reading.text.lower()):
        mode = reading.stake_mode
    ticket = Ticket(
        kind=kind,
        legs=tuple(picks[0].selection for picks in options),
        amount_micro=reading.amount_micro or guild.default_units_micro,
        mode=mode,
        own_odds=reading.odds,
        filled=() if reading.amount_micro else ("stake",),
    )
    choices = tuple(picks if len(picks) > 1 else () for picks in options)
    typed = Typed(ticket, choices if any(choices) else ())
    if kind is not TicketKind.TEASER:
        return typed
    return teaser(typed, _card(reading, board, guild, now), ticket.amount_micro, ticket.mode)


def _card(reading: Reading, board: Slate, guild: Guild, now: datetime) -> TeaserCard:
    """The card with the points that were typed, ours where none were. Raises InputError where no card has them."""
    cards = catalogue().teasers
    if reading.points_q is None:
        return cards[_CARD]
    card = next((each for each in cards.values() if each.points_q == reading.points_q), None)
    if card is None:
        known = ", ".join(dict.fromkeys(format_line(each.points_q, signed=False) for each in cards.values()))
        problem = f"is a teaser of {format_line(reading.points_q, signed=False)} points: there are cards of {known}"
        raise InputError("pick", reading.text, problem, _example(board, guild, now))
    return card


def _leg(number: int, reading: Reading, board: Slate, guild: Guild, now: datetime) -> tuple[Pick, ...]:
    """A leg may lack a price: then the whole ticket's has to be typed."""
    try:
        return slate.meant(reading, board, guild, now, unpriced=True)
    except slate.NoGameError as error:
        raise slate.NoGameError(f"leg {number}", error.typed, error.problem, _example(board, guild, now)) from error
    except InputError as error:
        raise InputError(f"leg {number}", error.typed, error.problem, _example(board, guild, now)) from error


def _value(pick: Pick, text: str, offers: int) -> str:
    """What is sent for a suggestion: the typed text itself says it when nothing else can be meant."""
    value = slate.value_of(pick)
    return text.strip() if offers == 1 and not slate.is_token(value) else value


def _example(board: Slate, guild: Guild, now: datetime) -> str:
    return slate.example(board, guild, now)
