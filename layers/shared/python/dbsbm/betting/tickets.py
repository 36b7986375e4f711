"""Bets of several legs or parts: parlays, teasers, round robins, each-way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import comb, prod

from dbsbm.betting.legs import Leg, Straight
from dbsbm.betting.markets import Market, Side
from dbsbm.betting.odds import Odds
from dbsbm.betting.profile import TeaserPush
from dbsbm.betting.stakes import Stake, StakeMode
from dbsbm.core.errors import InputError

MIN_LEGS = 2
MAX_LEGS = 15


class RepriceNeededError(InputError):
    """The legs left have no price of their own: a person must give one (``Parlay.repriced``)."""

    def __init__(self, problem: str) -> None:
        super().__init__("odds", "", problem, "+150")


@dataclass(frozen=True, slots=True)
class Parlay:
    """All legs must win. ``odds`` is the ticket's price; two legs of one game make it a same-game parlay.

    ``repriced`` is the price a person decided for the legs that are left. Raises InputError (``legs``, ``odds``,
    ``same_game``).
    """

    legs: tuple[Leg, ...]
    stake: Stake
    odds: Odds
    same_game: bool = False
    repriced: Odds | None = None

    def __post_init__(self) -> None:
        check_legs(self.legs)
        if shares_game(self.legs) and not self.same_game:
            raise InputError("same_game", "no", "two legs are of one game: the ticket needs its own price and the flag")


@dataclass(frozen=True, slots=True)
class Teaser:
    """Legs at lines already moved, paid by a card: ``pays`` is decimal price by number of legs, stored with the bet.

    ``push`` is the card's own rule, as special teasers have one; None leaves it to the rule profile.
    """

    legs: tuple[Leg, ...]
    stake: Stake
    pays: Mapping[int, Fraction]
    push: TeaserPush | None = None

    def __post_init__(self) -> None:
        check_legs(self.legs)
        if len(self.legs) not in self.pays:
            raise InputError("legs", str(len(self.legs)), "the card has no price for so many legs")
        if any(leg.line_q % 2 for leg in self.legs):
            raise InputError("line", "", "a teaser has no quarter lines", "-3.5")


@dataclass(frozen=True, slots=True)
class RoundRobin:
    """Every parlay of each of ``sizes`` legs out of these; ``stake_each_micro`` on each one."""

    legs: tuple[Leg, ...]
    sizes: tuple[int, ...]
    stake_each_micro: int

    def __post_init__(self) -> None:
        check_legs(self.legs)
        sizes = set(self.sizes)
        if not sizes or len(sizes) != len(self.sizes) or not sizes <= set(range(1, len(self.legs) + 1)):
            raise InputError(
                "sizes", str(self.sizes[:5]), "must be different numbers of legs, up to all of them", "2, 3"
            )
        if self.stake_each_micro <= 0:
            raise InputError("stake", str(self.stake_each_micro), "must be above 0", "1u")
        if any(leg.odds is None for leg in self.legs):
            raise InputError("odds", "", "every leg of a round robin has a price", "-110")
        if shares_game(self.legs):
            raise InputError("legs", "", "two legs are of one game: they cannot be combined at their own prices")

    @property
    def parlays(self) -> int:
        """How many parlays there are: the sum of C(n, k)."""
        return combinations(len(self.legs), self.sizes)

    @property
    def risk_micro(self) -> int:
        """The whole stake."""
        return self.parlays * self.stake_each_micro


@dataclass(frozen=True, slots=True)
class EachWay:
    """Two bets of ``stake_each_micro``: to win, and to be placed at ``place_terms`` of the odds, e.g. (1, 5)."""

    leg: Leg
    stake_each_micro: int
    place_terms: tuple[int, int]

    def __post_init__(self) -> None:
        part, whole = self.place_terms
        if not 0 < part <= whole:
            raise InputError("place_terms", f"{part}/{whole}", "must be above 0 and at most 1", "1/5")
        if self.stake_each_micro <= 0:
            raise InputError("stake", str(self.stake_each_micro), "must be above 0", "1u")
        if self.leg.odds is None or self.leg.market is not Market.FUTURE or self.leg.side is not Side.YES:
            raise InputError("market", str(self.leg.market), "each-way is a priced selection to win")

    @property
    def risk_micro(self) -> int:
        """The whole stake."""
        return 2 * self.stake_each_micro


Bet = Straight | Parlay | Teaser | RoundRobin | EachWay


def check_legs(legs: tuple[Leg, ...]) -> None:
    """Raises InputError (field ``legs``) unless there are 2 … 15 different ones."""
    if not MIN_LEGS <= len(legs) <= MAX_LEGS:
        raise InputError("legs", str(len(legs)), f"a ticket has {MIN_LEGS} to {MAX_LEGS} legs")
    if any(leg.game_id and leg in legs[:number] for number, leg in enumerate(legs)):
        raise InputError("legs", "", "the same leg stands twice")


def shares_game(legs: Iterable[Leg]) -> bool:
    """Whether two legs are of one known game."""
    games = [leg.game_id for leg in legs if leg.game_id]
    return len(set(games)) < len(games)


def combinations(legs: int, sizes: Iterable[int]) -> int:
    """How many parlays of ``sizes`` legs there are out of ``legs``."""
    return sum(comb(legs, size) for size in sizes)


def product_odds(legs: Iterable[Leg]) -> Odds:
    """The product of the legs' prices. Raises RepriceNeededError when one has none."""
    prices = [leg.odds for leg in legs]
    if any(price is None for price in prices):
        raise RepriceNeededError("a leg has no price")
    return Odds.from_fraction(prod((price.price for price in prices if price), start=Fraction(1)))


def teased(leg: Leg, points_q: int) -> Leg:
    """The leg with its line moved ``points_q`` quarter points in the bettor's favour."""
    lowers = leg.side in {Side.OVER, Side.HOME_OVER, Side.AWAY_OVER}
    return replace(leg, line_q=leg.line_q - points_q if lowers else leg.line_q + points_q)


def teaser_stake(mode: StakeMode, amount_micro: int, legs: int, pays: Mapping[int, Fraction]) -> Stake:
    """A stake at the card's price for so many legs. Raises InputError (``legs`` or ``stake``)."""
    if legs not in pays:
        raise InputError("legs", str(legs), "the card has no price for so many legs")
    return Stake.of(mode, amount_micro, Odds.from_fraction(pays[legs]))
