"""A ticket: one leg or many, its price and its stake, before and after it is posted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from math import prod
from typing import Any

from dbsbm.bets.selection import Selection, odds_from_json, odds_to_json
from dbsbm.betting.legs import Straight
from dbsbm.betting.odds import Odds
from dbsbm.betting.stakes import Stake, StakeMode, half_even
from dbsbm.betting.tickets import Bet, EachWay, Parlay, RoundRobin, Teaser, check_legs, combinations, shares_game
from dbsbm.core.errors import InputError


class TicketKind(StrEnum):
    STRAIGHT = "straight"
    PARLAY = "parlay"
    TEASER = "teaser"
    ROUND_ROBIN = "round_robin"
    EACH_WAY = "each_way"


@dataclass(frozen=True, slots=True)
class TicketTerms:
    """What only some tickets have. A teaser keeps its card: ``points_q`` and decimal prices by number of legs.

    ``sizes`` are the parlays' numbers of legs of a round robin, ``each_micro`` the stake on each of them. An each-way
    bet has it on each of its parts, and is placed in the first ``places`` at ``place`` of the odds, (1, 5).
    """

    points_q: int = 0
    pays: tuple[tuple[int, Fraction], ...] = ()
    sizes: tuple[int, ...] = ()
    each_micro: int = 0
    place: tuple[int, int] = (0, 1)
    places: int = 0

    def to_json(self) -> dict[str, Any]:
        return {
            "points_q": self.points_q,
            "pays": [[legs, str(price)] for legs, price in self.pays],
            "sizes": list(self.sizes),
            "each_micro": self.each_micro,
            "place": list(self.place),
            "places": self.places,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> TicketTerms:
        pays = tuple((int(legs), Fraction(price)) for legs, price in stored["pays"])
        part, whole = stored.get("place", (0, 1))
        sizes, places = tuple(stored["sizes"]), stored.get("places", 0)
        return cls(stored["points_q"], pays, sizes, stored["each_micro"], (part, whole), places)


WRITE_UP_MAX = 1000


@dataclass(frozen=True, slots=True)
class Note:
    """What a capper adds to a pick: where it was bet, a link, the reasons, and a photo.

    ``photo`` is its address on Discord's CDN: it lives for a day, so it matters until the bet is posted.
    ``sealed``: link and reasons are there and were not opened, as in every list; ``BetRepository.noted`` opens them.
    """

    book: str = ""
    link: str = ""
    write_up: str = ""
    photo: str = ""
    sealed: bool = False

    @property
    def own_words(self) -> dict[str, str]:
        """What is sealed where a bet is stored; empty where there is none. Raises AssertionError while unopened."""
        if self.sealed:
            raise AssertionError("a note is opened before it is shown or written again")
        return {"link": self.link, "write_up": self.write_up} if self.link or self.write_up else {}

    def to_json(self) -> dict[str, str]:
        if self.sealed:
            raise AssertionError("a note is opened before it is stored")
        said = {"book": self.book, "link": self.link, "write_up": self.write_up}
        return said | {"photo": self.photo} if self.photo else said

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Note:
        return cls(stored.get("book", ""), stored.get("link", ""), stored.get("write_up", ""), stored.get("photo", ""))


@dataclass(frozen=True, slots=True)
class Ticket:
    """Legs and the stake as it is meant. ``own_odds`` is the price typed for the whole of it.

    ``amount_micro`` of a round robin is the stake on each parlay, each way on each part.
    ``filled`` names what nobody typed.
    """

    kind: TicketKind
    legs: tuple[Selection, ...]
    amount_micro: int
    mode: StakeMode
    own_odds: Odds | None = None
    terms: TicketTerms = TicketTerms()
    note: Note = Note()
    filled: tuple[str, ...] = ()

    @property
    def same_game(self) -> bool:
        return self.kind is not TicketKind.STRAIGHT and shares_game(leg.leg() for leg in self.legs)

    @property
    def needs_price(self) -> bool:
        """Whether the price of the whole has to be typed: legs of one game, or a leg without a price."""
        if self.own_odds is not None or self.kind is TicketKind.TEASER:
            return False
        return self.same_game or not all(leg.priced for leg in self.legs)

    @property
    def starts_at(self) -> datetime:
        """When the earliest leg begins: from then on nothing changes."""
        return min(leg.starts_at for leg in self.legs)

    @property
    def last_start(self) -> datetime:
        return max(leg.starts_at for leg in self.legs)

    @property
    def product(self) -> Odds | None:
        """The exact product of the legs' prices, None when one has none."""
        if not all(leg.priced for leg in self.legs):
            return None
        return Odds.from_fraction(prod((leg.odds.price for leg in self.legs), start=Fraction(1)))

    @property
    def odds(self) -> Odds:
        """The price of the whole. Raises InputError (field ``odds``) where it has to be typed."""
        if self.kind is TicketKind.STRAIGHT:
            return self.legs[0].odds
        if self.kind is TicketKind.TEASER:
            return Odds.from_fraction(self._card_price())
        if self.kind is TicketKind.ROUND_ROBIN:
            return Odds.from_fraction(_robin_price([leg.odds.price for leg in self.legs], self.terms.sizes))
        if self.kind is TicketKind.EACH_WAY:
            return Odds.from_fraction(_each_way_price(self.legs[0].odds.price, self.terms.place))
        product = self.product
        if self.own_odds is not None:
            return self.own_odds
        if self.needs_price or product is None:
            raise InputError("odds", "", "has to be typed for the whole ticket", "+450")
        return product

    @property
    def stake(self) -> Stake:
        """Raises InputError naming what cannot be taken."""
        if self.kind in (TicketKind.ROUND_ROBIN, TicketKind.EACH_WAY):
            parts = 2 if self.kind is TicketKind.EACH_WAY else combinations(len(self.legs), self.terms.sizes)
            risk = self.amount_micro * parts
            whole = Stake.of(StakeMode.RISK, risk, self.odds)
            returned = half_even(risk * self.odds.num, self.odds.den)
            return Stake(StakeMode.RISK, whole.risk_micro, returned - risk)
        return Stake.of(self.mode, self.amount_micro, self.odds)

    def same_bet(self, other: Ticket) -> bool:
        """Whether both are the same sides at the same lines, in whatever order and at whatever price and stake."""
        if self.kind is not other.kind or len(self.legs) != len(other.legs) or self.terms.sizes != other.terms.sizes:
            return False
        left = list(other.legs)
        for leg in self.legs:
            same = next((each for each in left if leg.same_bet(each)), None)
            if same is None:
                return False
            left.remove(same)
        return True

    def check(self) -> None:
        """Raises InputError naming what makes it no ticket."""
        if self.kind not in (TicketKind.STRAIGHT, TicketKind.EACH_WAY):
            check_legs(tuple(leg.leg() for leg in self.legs))
        self.engine(self.stake)

    def engine(self, stake: Stake, repriced: Odds | None = None) -> Bet:
        """As the engine settles it. Raises InputError."""
        legs = tuple(leg.leg() for leg in self.legs)
        match self.kind:
            case TicketKind.STRAIGHT:
                return Straight(legs[0], stake)
            case TicketKind.TEASER:
                return Teaser(legs, stake, dict(self.terms.pays))
            case TicketKind.ROUND_ROBIN:
                return RoundRobin(legs, self.terms.sizes, self.amount_micro)
            case TicketKind.EACH_WAY:
                return EachWay(legs[0], self.amount_micro, self.terms.place)
            case TicketKind.PARLAY:
                return Parlay(legs, stake, self.odds, self.same_game, repriced)

    def _card_price(self) -> Fraction:
        price = dict(self.terms.pays).get(len(self.legs))
        if price is None:
            raise InputError("legs", str(len(self.legs)), "the card has no price for so many legs", "2")
        return price

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind.value,
            "legs": [leg.to_json() for leg in self.legs],
            "amount_micro": self.amount_micro,
            "mode": self.mode.value,
            "own_odds": odds_to_json(self.own_odds) if self.own_odds else None,
            "terms": self.terms.to_json(),
            "note": self.note.to_json(),
            "filled": list(self.filled),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Ticket:
        return cls(
            TicketKind(stored["kind"]),
            tuple(Selection.from_json(leg) for leg in stored["legs"]),
            stored["amount_micro"],
            StakeMode(stored["mode"]),
            odds_from_json(stored["own_odds"]) if stored["own_odds"] else None,
            TicketTerms.from_json(stored["terms"]),
            Note.from_json(stored["note"]),
            tuple(stored["filled"]),
        )


def _each_way_price(price: Fraction, place: tuple[int, int]) -> Fraction:
    """What a unit spread over both parts returns when the selection wins."""
    return (price + 1 + (price - 1) * Fraction(*place)) / 2


def _robin_price(prices: Sequence[Fraction], sizes: Sequence[int]) -> Fraction:
    """What a unit spread evenly over all the parlays returns when every leg wins."""
    coefficients = [Fraction(1)]
    for price in prices:
        below, above = [*coefficients, Fraction(0)], [Fraction(0), *coefficients]
        coefficients = [low + high * price for low, high in zip(below, above, strict=True)]
    return sum((coefficients[size] for size in sizes), Fraction(0)) / combinations(len(prices), sizes)
