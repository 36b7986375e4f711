"""A month of a guild, drawn from a seed, and what it must come to, reckoned without the product."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Literal
from zoneinfo import ZoneInfo

MICRO = 1_000_000
CAPPERS, MEMBERS, DAYS, GAMES_A_DAY = 20, 200, 31, 4
BETS_A_DAY, TAILS_A_DAY = 4, 6
ZONE = ZoneInfo("America/New_York")
FIRST = datetime(2026, 10, 1, 14, 0, tzinfo=ZONE)
CUT_OFF = timedelta(hours=5)
TEAMS = (
    "Kansas City Chiefs", "Las Vegas Raiders", "Denver Broncos", "Los Angeles Chargers", "Buffalo Bills",
    "Miami Dolphins", "New England Patriots", "New York Jets", "Baltimore Ravens", "Cleveland Browns",
    "Cincinnati Bengals", "Pittsburgh Steelers", "Houston Texans", "Indianapolis Colts", "Jacksonville Jaguars",
    "Tennessee Titans", "Dallas Cowboys", "Philadelphia Eagles", "Chicago Bears", "Green Bay Packers",
)  # fmt: skip
Grade = Literal["won", "lost", "push"]
Fate = Literal["graded", "regraded", "undone", "withdrawn", "open"]
Market = Literal["ml", "spread", "total"]
_MARKETS: tuple[Market, ...] = ("ml", "spread", "total")
_FATES: tuple[Fate, ...] = ("graded", "regraded", "undone", "withdrawn", "open")
_WEIGHTS = (80, 8, 4, 4, 4)
_EAGER = (9, 9, 8, *[1] * (CAPPERS - 3))
"""Three of them post enough to be ranked."""
_PRICES = (-250, -160, -115, -110, -105, 100, 120, 145, 210)


@dataclass(frozen=True, slots=True)
class Game:
    away: str
    home: str
    starts_at: datetime
    away_score: int
    home_score: int


@dataclass(frozen=True, slots=True)
class Pick:
    """One leg: moneyline, spread or total of one side, at an American price."""

    game: Game
    market: Market
    first: bool
    """The away side, or over."""
    line: Fraction
    price: int

    @property
    def typed(self) -> str:
        away, home = (team.rpartition(" ")[2].lower() for team in (self.game.away, self.game.home))
        side = away if self.first else home
        price = f"{self.price:+d}"
        match self.market:
            case "ml":
                return f"{side} ml {price}"
            case "spread":
                return f"{side} {float(self.line):+g} {price}"
            case "total":
                return f"{away}/{home} {'o' if self.first else 'u'}{float(self.line):g} {price}"

    @property
    def factor(self) -> Fraction:
        """Decimal price."""
        return 1 + (Fraction(self.price, 100) if self.price > 0 else Fraction(100, -self.price))

    @property
    def grade(self) -> Grade:
        lead = self.game.away_score - self.game.home_score
        if self.market == "total":
            margin = self.game.away_score + self.game.home_score - self.line
        else:
            margin = Fraction(lead if self.first else -lead) + self.line
        if self.market == "total" and not self.first:
            margin = -margin
        return "won" if margin > 0 else "lost" if margin < 0 else "push"


@dataclass(frozen=True, slots=True)
class Bet:
    number: int
    capper: int
    posted_at: datetime
    legs: tuple[Pick, ...]
    units: Fraction
    fate: Fate
    tails: tuple[int, ...]

    @property
    def typed(self) -> str:
        amount = f"{float(self.units):g}u"
        if len(self.legs) == 1:
            return f"{self.legs[0].typed} {amount}"
        return "; ".join((f"parlay {amount}", *(leg.typed for leg in self.legs)))

    @property
    def risk_micro(self) -> int:
        return int(self.units * MICRO)

    @property
    def grade(self) -> Grade:
        grades = {leg.grade for leg in self.legs}
        return "lost" if "lost" in grades else "won" if "won" in grades else "push"

    @property
    def profit_micro(self) -> int:
        if self.grade == "lost":
            return -self.risk_micro
        factor = Fraction(1)
        for leg in self.legs:
            factor *= leg.factor if leg.grade == "won" else 1
        return round(self.risk_micro * factor) - self.risk_micro

    @property
    def sports_day(self) -> date:
        """The local day of the last start, which ends at 05:00."""
        last = max(leg.game.starts_at for leg in self.legs).astimezone(ZONE)
        return (last - CUT_OFF).date()

    @property
    def counts(self) -> bool:
        return self.fate in ("graded", "regraded")


@dataclass(slots=True)
class Totals:
    """What a capper comes to in some span."""

    bets: int = 0
    won: int = 0
    lost: int = 0
    pushed: int = 0
    risk_micro: int = 0
    profit_micro: int = 0

    def add(self, bet: Bet) -> None:
        self.bets += 1
        self.won += bet.grade == "won"
        self.lost += bet.grade == "lost"
        self.pushed += bet.grade == "push"
        self.risk_micro += bet.risk_micro
        self.profit_micro += bet.profit_micro


@dataclass(frozen=True, slots=True)
class Day:
    """From two in the afternoon of a day: games, then bets on them, then their ends."""

    begins: datetime
    games: tuple[Game, ...]
    bets: tuple[Bet, ...]


@dataclass(frozen=True)
class Month:
    days: tuple[Day, ...]
    bets: tuple[Bet, ...] = field(default=())

    @property
    def by_number(self) -> Mapping[int, Bet]:
        return {bet.number: bet for bet in self.bets}

    def totals(self) -> Mapping[tuple[int, date], Totals]:
        """By capper and sports day, only where something counts."""
        found: dict[tuple[int, date], Totals] = {}
        for bet in self.bets:
            if bet.counts:
                found.setdefault((bet.capper, bet.sports_day), Totals()).add(bet)
        return found


def drawn(seed: int) -> Month:
    """The month of a seed."""
    random = Random(seed)
    days: list[Day] = []
    numbers = iter(range(1, 1_000_000))
    for index in range(DAYS):
        begins = FIRST + timedelta(days=index)
        games = tuple(_games(random, begins))
        bets = tuple(_bet(random, next(numbers), begins, games) for _ in range(BETS_A_DAY))
        days.append(Day(begins, games, _tailed(random, bets)))
    return Month(tuple(days), tuple(bet for day in days for bet in day.bets))


def _games(random: Random, begins: datetime) -> Iterator[Game]:
    teams = random.sample(TEAMS, 2 * GAMES_A_DAY)
    for number, (away, home) in enumerate(list(pairwise(teams))[::2]):
        away_score = random.randint(3, 40)
        home_score = random.choice([score for score in range(3, 41) if score != away_score])
        yield Game(away, home, begins + timedelta(hours=5 + number), away_score, home_score)


def _bet(random: Random, number: int, begins: datetime, games: Sequence[Game]) -> Bet:
    parlay = random.random() < 0.15
    on = random.sample(games, random.choice((2, 3))) if parlay else [random.choice(games)]
    legs = tuple(_pick(random, game, half=parlay) for game in on)
    units = Fraction(random.choice((1, 2, 3, 4)), 2) if parlay else Fraction(random.choice((1, 2, 2, 3, 4, 6, 10)), 2)
    fate = random.choices(_FATES, _WEIGHTS)[0]
    posted_at = begins + timedelta(minutes=random.randint(5, 240))
    return Bet(number, random.choices(range(CAPPERS), _EAGER)[0], posted_at, legs, units, fate, ())


def _pick(random: Random, game: Game, *, half: bool) -> Pick:
    market = random.choice(_MARKETS)
    line = Fraction(0)
    if market == "spread":
        line = Fraction(random.choice((-1, 1)) * (2 * random.randint(1, 9) + 1 if half else random.randint(2, 20)), 2)
    if market == "total":
        line = Fraction(random.randint(38, 50)) + Fraction(1 if half else random.randint(0, 1), 2)
    return Pick(game, market, random.random() < 0.5, line, random.choice(_PRICES))


def _tailed(random: Random, bets: Sequence[Bet]) -> tuple[Bet, ...]:
    """The day's bets in the order of their posting, the straight ones with their followers."""
    who: dict[int, list[int]] = {bet.number: [] for bet in bets}
    straight = [bet.number for bet in bets if len(bet.legs) == 1 and bet.fate != "withdrawn"]
    for member in random.sample(range(MEMBERS), TAILS_A_DAY if straight else 0):
        who[random.choice(straight)].append(member)
    ordered = sorted(bets, key=lambda bet: (bet.posted_at, bet.number))
    return tuple(
        Bet(bet.number, bet.capper, bet.posted_at, bet.legs, bet.units, bet.fate, tuple(who[bet.number]))
        for bet in ordered
    )
