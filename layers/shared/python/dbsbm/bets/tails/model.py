"""Going with a bet or against it, at the price that could be had at that minute."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from dbsbm.bets.model import Bet, TicketKind
from dbsbm.bets.price_check import best
from dbsbm.bets.selection import Selection
from dbsbm.betting.catalogue import GAME
from dbsbm.betting.markets import Market, Side
from dbsbm.betting.odds import Odds
from dbsbm.betting.settlement import Grade, settle_as
from dbsbm.betting.stakes import Stake, StakeMode, half_even
from dbsbm.games.model import Price

_OTHER = {Side.HOME: Side.AWAY, Side.AWAY: Side.HOME, Side.OVER: Side.UNDER, Side.UNDER: Side.OVER}
_TWO_WAY = frozenset({Market.MONEYLINE, Market.SPREAD, Market.TOTAL})
_AGAINST = {
    Grade.WON: Grade.LOST,
    Grade.LOST: Grade.WON,
    Grade.HALF_WON: Grade.HALF_LOST,
    Grade.HALF_LOST: Grade.HALF_WON,
}


class Direction(StrEnum):
    TAIL = "tail"
    FADE = "fade"


class Source(StrEnum):
    """Whose price it is: a book's at that minute, or the slip's because no book offered the selection."""

    BOOK = "book"
    SLIP = "slip"


@dataclass(frozen=True, slots=True)
class Offer:
    """The price at which a bet can be followed."""

    num: int
    den: int
    source: Source
    book: str = ""

    @property
    def odds(self) -> Odds:
        return Odds.from_fraction(Fraction(self.num, self.den))


@dataclass(frozen=True, slots=True)
class Tail:
    """A member's position on a bet, on the terms of ``revision``. ``version`` rises with every change."""

    bet_id: int
    user_id: int
    version: int
    standing: bool
    direction: Direction
    revision: int
    risk_micro: int
    offer: Offer
    taken_at: datetime

    @property
    def stake(self) -> Stake:
        return Stake.of(StakeMode.RISK, self.risk_micro, self.offer.odds)


@dataclass(frozen=True, slots=True)
class Results:
    """What a member's positions came to, in micro-units; ``open`` are not decided, or on terms changed since."""

    won: int
    lost: int
    pushed: int
    risk_micro: int
    profit_micro: int
    open: int


def followed(bet: Bet, direction: Direction, prices: Iterable[Price]) -> Offer | None:
    """The best price now; the slip's own for a tail when no book offers the selection; None for such a fade."""
    ticket = bet.terms.ticket
    wanted = ticket.legs[0] if direction is Direction.TAIL else against(ticket.legs[0])
    straight = ticket.kind is TicketKind.STRAIGHT and ticket.legs[0].period == GAME
    if straight and wanted is not None:
        offer = best(wanted, prices)
        if offer is not None:
            return Offer(offer.odds.num, offer.odds.den, Source.BOOK, offer.book)
    if direction is Direction.FADE:
        return None
    return Offer(ticket.odds.num, ticket.odds.den, Source.SLIP)


def against(selection: Selection) -> Selection | None:
    """The other side of a market with two; None where there is no such thing."""
    if selection.market not in _TWO_WAY or selection.side not in _OTHER:
        return None
    line_q = -selection.line_q if selection.market is Market.SPREAD else selection.line_q
    return replace(selection, side=_OTHER[selection.side], line_q=line_q)


def profit_of(tail: Tail, bet: Bet) -> tuple[Grade, int] | None:
    """The grade of a position and what it won or lost; None while it is open or its terms are no longer the bet's."""
    if bet.grade is None or tail.revision != bet.terms.number:
        return None
    if tail.direction is Direction.FADE:
        grade = _AGAINST.get(bet.grade, bet.grade)
        return grade, settle_as(tail.stake, tail.offer.odds, grade)[1]
    if tail.offer.source is Source.SLIP and bet.terms.stake.risk_micro and not bet.withdrawn:
        # A ticket can pay less than its odds say, when a leg is void: the tail gets its share of what it paid.
        return bet.grade, half_even(bet.profit_micro * tail.risk_micro, bet.terms.stake.risk_micro)
    return bet.grade, settle_as(tail.stake, tail.offer.odds, bet.grade)[1]


def results(tails: Iterable[tuple[Tail, Bet]]) -> Results:
    """Record and sums; voids are left out."""
    won = lost = pushed = risk = profit = waiting = 0
    for tail, bet in tails:
        decided = profit_of(tail, bet)
        if decided is None:
            waiting += 1
            continue
        grade, amount = decided
        if grade is Grade.VOID:
            continue
        won += grade in (Grade.WON, Grade.HALF_WON)
        lost += grade in (Grade.LOST, Grade.HALF_LOST)
        pushed += grade is Grade.PUSH
        risk += tail.risk_micro
        profit += amount
    return Results(won, lost, pushed, risk, profit, waiting)
