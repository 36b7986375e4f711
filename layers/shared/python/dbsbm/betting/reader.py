"""Reading a typed pick, "Chiefs -3 -110 2u", into what it can mean.

Nothing is guessed: what the text does not say is named in ``missing``, what it leaves open stands in ``choices``.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dbsbm.betting.markets import Market, Side, parse_line
from dbsbm.betting.odds import Odds, OddsError
from dbsbm.betting.stakes import StakeMode, parse_units
from dbsbm.core.errors import InputError

MAX_TEXT = 400


@dataclass(frozen=True, slots=True)
class GameCandidate:
    """A game that a pick may mean; names as the schedule has them."""

    game_id: int
    league: str
    home: str
    away: str
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Interpretation:
    """One thing the text can mean, None where it says nothing; ``amount_micro`` is the number typed."""

    market: Market | None = None
    side: Side | None = None
    line_q: int | None = None
    odds: Odds | None = None
    amount_micro: int | None = None
    stake_mode: StakeMode | None = None
    game_id: int | None = None
    game: GameCandidate | None = None
    period: str = "game"


@dataclass(frozen=True, slots=True)
class Choice:
    """A field that the text leaves open, with the interpretations to choose from, likeliest first."""

    field: str
    options: tuple[Interpretation, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says: interpretations best first, the fields ``missing`` from the best, what has to be chosen.

    ``unread`` are words that meant nothing here.
    """

    text: str
    interpretations: tuple[Interpretation, ...]
    missing: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def best(self) -> Interpretation | None:
        """The likeliest, or None when nothing fits."""
        return self.interpretations[0] if self.interpretations else None


class GameIndex:
    """Names of the candidate games, looked up word by word. Built once, read often."""

    def __init__(self, games: Sequence[GameCandidate]) -> None:
        self.games = tuple(games)
        self._by_name: dict[str, set[tuple[int, Side]]] = {}
        for number, game in enumerate(self.games):
            for side, name in ((Side.HOME, game.home), (Side.AWAY, game.away)):
                for alias in _aliases(name):
                    self._by_name.setdefault(alias, set()).add((number, side))
        self._names = sorted(self._by_name)

    def named(self, phrase: str) -> set[tuple[int, Side]]:
        """Sides of games called exactly ``phrase``."""
        return self._by_name.get(phrase, set())

    def starting(self, prefix: str) -> set[tuple[int, Side]]:
        """Sides of games with a name that starts so; for what is still being typed."""
        found: set[tuple[int, Side]] = set()
        for name in self._names[bisect_left(self._names, prefix) :]:
            if not name.startswith(prefix):
                break
            found |= self._by_name[name]
        return found


def read_pick(text: str, games: Sequence[GameCandidate] | GameIndex, now: datetime) -> Reading:
    """Read one straight pick. Raises InputError naming ``pick``, ``odds``, ``stake`` or ``line``."""
    if len(text) > MAX_TEXT:
        raise InputError("pick", text[:32], f"is longer than {MAX_TEXT} characters", "Chiefs -3 -110 2u")
    index = games if isinstance(games, GameIndex) else GameIndex(games)
    terms = _terms(text)
    sides, unread = _sides(terms.words, index)
    options = _ranked(terms, sides, index, now)
    return Reading(text, options, _missing(terms, options), _choices(options, now), unread)


@dataclass(slots=True)
class _Terms:
    market: Market | None = None
    side: Side | None = None
    line_q: int | None = None
    odds: Odds | None = None
    amount_micro: int | None = None
    stake_mode: StakeMode | None = None
    words: tuple[str, ...] = ()


_TO_WIN = re.compile(r"\bto\s+win\s+([\d.]+)\s*(?:u|units?)?(?=\s|$)|\btw\s+([\d.]+)\s*(?:u|units?)?(?=\s|$)")
_RISK = re.compile(r"(?:\brisk(?:ing)?\s+)?(?<![\w.])(-?\d*\.?\d+)\s*(?:u|units?)\b")
_TOTAL = re.compile(r"\b(over|under|o|u)\s*(\d+(?:\.\d+)?)(?![\d/])")
_ODDS = re.compile(r"@\s*([^\s@]+)|(?<![\w.])([+-]\d{3,9})(?![\w.])|(?<![\w.])(\d+/\d+)(?![\w.])|\b(even|ev)\b")
_LINE = re.compile(r"(?<![\w.])([+-]\d{0,2}(?:\.\d+)?)(?![\w.])|\b(pk|pick'?em)\b")
_DECIMAL = re.compile(r"(?<![\w.+-])(\d{1,4}\.\d{1,4})(?![\w.])")
_MONEYLINE = re.compile(r"\b(?:ml|moneyline|money line)\b")


def _terms(text: str) -> _Terms:
    rest = text.strip().lower().replace("−", "-").replace("½", ".5")
    terms = _Terms()
    rest = _take_stake(rest, terms)
    if found := _TOTAL.search(rest):
        terms.market, terms.line_q = Market.TOTAL, parse_line(found[2])
        terms.side = Side.OVER if found[1].startswith("o") else Side.UNDER
        rest = _without(rest, found)
    if found := _ODDS.search(rest):
        terms.odds = Odds.parse(next(part for part in found.groups() if part))
        rest = _without(rest, found)
    if found := _MONEYLINE.search(rest):
        terms.market = Market.MONEYLINE
        rest = _without(rest, found)
    rest = _take_line(rest, terms)
    if terms.odds is None and (found := _DECIMAL.search(rest)):
        terms.odds = Odds.parse(found[1])
        rest = _without(rest, found)
    if terms.market is None and terms.odds is not None:
        terms.market = Market.MONEYLINE
    terms.words = tuple(re.findall(r"[a-z0-9&'.]+", rest.replace("/", " ").replace("@", " ")))
    return terms


def _take_stake(rest: str, terms: _Terms) -> str:
    if found := _TO_WIN.search(rest):
        terms.amount_micro, terms.stake_mode = parse_units(found[1] or found[2]), StakeMode.TO_WIN
        rest = _without(rest, found)
    if found := _RISK.search(rest):
        amount = parse_units(found[1])
        if terms.stake_mode is None:
            terms.amount_micro, terms.stake_mode = amount, StakeMode.RISK
        rest = _without(rest, found)
    return rest


def _take_line(rest: str, terms: _Terms) -> str:
    found = _LINE.search(rest)
    if found is None:
        return rest
    if terms.market is not None:
        raise OddsError(found[0], "American odds are +100 or more, or -100 or less")
    terms.market, terms.line_q = Market.SPREAD, parse_line("pk" if found[2] else found[1])
    rest = _without(rest, found)
    again = _LINE.search(rest)
    if again:
        raise OddsError(again[0], "American odds are +100 or more, or -100 or less")
    return rest


def _without(rest: str, found: re.Match[str]) -> str:
    return f"{rest[: found.start()]} {rest[found.end() :]}"


def _aliases(name: str) -> Iterable[str]:
    words = re.findall(r"[a-z0-9&'.]+", name.lower())
    yield " ".join(words)
    for start in range(len(words)):
        for stop in range(start + 1, len(words) + 1):
            yield " ".join(words[start:stop])


def _sides(words: tuple[str, ...], index: GameIndex) -> tuple[list[set[tuple[int, Side]]], tuple[str, ...]]:
    found: list[set[tuple[int, Side]]] = []
    unread: list[str] = []
    at = 0
    while at < len(words):
        for length in range(min(4, len(words) - at), 0, -1):
            phrase = " ".join(words[at : at + length])
            named = index.named(phrase) or (index.starting(phrase) if length == 1 and len(phrase) > 2 else set())
            if named:
                found.append(named)
                at += length
                break
        else:
            unread.append(words[at])
            at += 1
    return found, tuple(unread)


def _ranked(
    terms: _Terms, sides: list[set[tuple[int, Side]]], index: GameIndex, now: datetime
) -> tuple[Interpretation, ...]:
    if not sides:
        return ()
    games = set.intersection(*({number for number, _ in each} for each in sides))
    picks = [(number, side) for number, side in sides[0] if number in games]
    if terms.side is not None:
        picks = list({number: (number, terms.side) for number, _ in picks}.values())
    picks.sort(key=lambda pick: _distance(index.games[pick[0]], now))
    return tuple(_interpretation(terms, index.games[number], side) for number, side in picks[:25])


def _distance(game: GameCandidate, now: datetime) -> tuple[bool, timedelta, int]:
    return game.starts_at <= now, abs(game.starts_at - now), game.game_id


def _interpretation(terms: _Terms, game: GameCandidate, side: Side) -> Interpretation:
    plain = Interpretation(terms.market, side, terms.line_q, terms.odds, terms.amount_micro, terms.stake_mode)
    return replace(plain, game_id=game.game_id, game=game)


def _missing(terms: _Terms, options: tuple[Interpretation, ...]) -> tuple[str, ...]:
    absent = {
        "game": not options,
        "market": terms.market is None,
        "odds": terms.odds is None,
        "stake": terms.amount_micro is None,
    }
    return tuple(name for name, gone in absent.items() if gone)


def _choices(options: tuple[Interpretation, ...], now: datetime) -> tuple[Choice, ...]:
    if len(options) < 2:
        return ()
    first = options[0].game
    rivals = tuple(each for each in options if each.game and first and _rivals(each.game, first, now))
    return (Choice("game", rivals),) if len(rivals) > 1 else ()


def _rivals(one: GameCandidate, first: GameCandidate, now: datetime) -> bool:
    same = {one.home, one.away} & {first.home, first.away}
    return not same or abs(one.starts_at - first.starts_at) < timedelta(hours=18) or (one.starts_at <= now)
