"""Picks on games: who is named, which game that is, which side is taken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dbsbm.betting.catalogue import catalogue
from dbsbm.betting.markets import LINED, Market, Side
from dbsbm.betting.names import GameIndex, Seat, plain
from dbsbm.betting.picks import Choice, GameCandidate, Interpretation, Reading
from dbsbm.betting.terms import MARK, Terms

MAX_OPTIONS = 25
_SAME_DAY = timedelta(hours=18)
_LONGEST = 5
_FILLERS = frozenset(
    {
        "&",
        "a",
        "alt",
        "alternate",
        "an",
        "and",
        "be",
        "bet",
        "cover",
        "covers",
        "fc",
        "for",
        "ft",
        "full",
        "game",
        "gm",
        "goals",
        "in",
        "lean",
        "line",
        "live",
        "lock",
        "match",
        "of",
        "on",
        "pick",
        "play",
        "points",
        "pts",
        "runs",
        "take",
        "the",
        "to",
        "today",
        "tonight",
        "total",
    }
)
_TEAM_SIDES = {
    (Side.HOME, Side.OVER): Side.HOME_OVER,
    (Side.HOME, Side.UNDER): Side.HOME_UNDER,
    (Side.AWAY, Side.OVER): Side.AWAY_OVER,
    (Side.AWAY, Side.UNDER): Side.AWAY_UNDER,
}
_LINE_HINTS = {"puck_line": "hockey", "run_line": "baseball"}


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in the text: the seats it can mean, and the word after it. An uncertain one was begun or misspelt."""

    seats: frozenset[Seat]
    end: int
    certain: bool = True


def read_game_pick(terms: Terms, index: GameIndex, now: datetime) -> Reading:
    """Read a pick on a game, or on nobody known."""
    leagues, words = leagues_named(terms.words)
    mentions, unread = _agreeing(words, *find_names(words, index))
    seats = _candidates(terms, mentions, index, leagues)
    seats = _taken(terms, seats, mentions, words)
    games = _by_likelihood({number for number, _ in seats}, index, now)
    if terms.game_number is not None and len(games) >= terms.game_number:
        same = [number for number in games if rivals(index, number, games[0])]
        same.sort(key=lambda number: index.games[number].starts_at)
        games = same[terms.game_number - 1 : terms.game_number] or games
    order = {number: place for place, number in enumerate(games)}
    ranked = sorted((seat for seat in seats if seat[0] in order), key=lambda seat: (order[seat[0]], seat[1]))
    options = tuple(_interpretation(terms, index.games[number], side) for number, side in ranked)[:MAX_OPTIONS]
    if not options:
        return Reading("", (), _missing(terms, found=False), (), unread, said=terms.interpretation())
    choices = _choices(options, games, index)
    return Reading("", options, _missing(terms, found=True), choices, unread, said=terms.interpretation())


def _agreeing(
    words: tuple[str, ...], mentions: list[Mention], unread: tuple[str, ...]
) -> tuple[list[Mention], tuple[str, ...]]:
    """Without the uncertain names that fit no game of the certain ones: they were other words ("beat", "heat")."""
    certain = [{number for number, _ in each.seats} for each in mentions if each.certain]
    if not certain:
        return mentions, unread
    games = set.intersection(*certain)
    kept = [each for each in mentions if each.certain or games & {number for number, _ in each.seats}]
    return kept, (*unread, *(words[each.end - 1] for each in mentions if each not in kept))


def leagues_named(words: Iterable[str]) -> tuple[frozenset[str], tuple[str, ...]]:
    """League words taken out of the text."""
    leagues = catalogue().leagues.values()
    by_alias = {alias: league.league_id for league in leagues for alias in league.aliases}
    found = frozenset(by_alias[word] for word in words if word in by_alias)
    return found, tuple(word for word in words if word not in by_alias)


def find_names(words: tuple[str, ...], index: GameIndex) -> tuple[list[Mention], tuple[str, ...]]:
    """Teams and people in the words, longest names first from the left; what is unknown is tried as a slip."""
    mentions: list[Mention] = []
    unread: list[str] = []
    at = 0
    while at < len(words):
        if words[at] in {MARK, "/"}:
            at += 1
            continue
        found = _longest(words, at, index)
        if found is None or (not found.seats and len(words) == 1):
            found = _corrected(words, at, index) or found
        if found is None:
            if words[at] not in _FILLERS:
                unread.append(words[at])
            at += 1
            continue
        mentions.append(found)
        at = found.end
    return mentions, tuple(unread)


def rivals(index: GameIndex, one: int, other: int) -> bool:
    """Whether a text that fits both games leaves open which: other teams, or the same ones again that day."""
    first, second = index.games[one], index.games[other]
    shared = {(first.league, first.home), (first.league, first.away)} & {
        (second.league, second.home),
        (second.league, second.away),
    }
    return not shared or abs(first.starts_at - second.starts_at) < _SAME_DAY


def _longest(words: tuple[str, ...], at: int, index: GameIndex) -> Mention | None:
    for length in range(min(_LONGEST, len(words) - at), 0, -1):
        part = words[at : at + length]
        if MARK in part or "/" in part:
            continue
        seats = index.named(plain(" ".join(part)))
        if seats is not None and not (length == 1 and part[0] in _FILLERS):
            return Mention(seats, at + length)
    return None


def _corrected(words: tuple[str, ...], at: int, index: GameIndex) -> Mention | None:
    word = plain(words[at])
    if len(word) >= 3 and word not in _FILLERS and (seats := index.starting(word)):
        return Mention(seats, at + 1, certain=False)
    for correction in index.corrections(word) if word not in _FILLERS else ():
        changed = (*words[:at], correction, *words[at + 1 :])
        found = _longest(changed, at, index)
        if found is not None and found.seats:
            return replace(found, certain=False)
    return None


def _candidates(terms: Terms, mentions: list[Mention], index: GameIndex, leagues: frozenset[str]) -> set[Seat]:
    """Seats that every name agrees with, in a league that could have such a line."""
    if not mentions:
        return set()
    games = set.intersection(*({number for number, _ in each.seats} for each in mentions))
    if not games and len(mentions) > 1:
        return set()
    seats = {seat for each in mentions for seat in each.seats if seat[0] in games}
    return {seat for seat in seats if _plausible(terms, index.games[seat[0]], leagues)}


def _plausible(terms: Terms, game: GameCandidate, leagues: frozenset[str]) -> bool:
    if leagues and game.league not in leagues:
        return False
    league = catalogue().leagues.get(game.league)
    if league is None:
        return True
    for said, sport in _LINE_HINTS.items():
        if said in terms.said and league.sport.sport_id != sport:
            return False
    if terms.period not in {"game", *league.sport.spans}:
        return False
    if terms.line_q is None or terms.period != "game" or terms.counts_sets:
        return True
    if terms.market is Market.TOTAL:
        return league.total_q[0] <= terms.line_q <= league.total_q[1]
    return terms.market is not Market.SPREAD or abs(terms.line_q) <= league.spread_q


def _taken(terms: Terms, seats: set[Seat], mentions: list[Mention], words: tuple[str, ...]) -> set[Seat]:
    """The side each game is taken on: the one the text says, or the one that the line or price stands next to."""
    if terms.market in {Market.TOTAL, Market.MONEYLINE_3WAY} and terms.side is not None:
        return {(number, terms.side) for number, _ in seats}
    marked = next((each for each in mentions if each.end < len(words) and words[each.end] == MARK), None)
    if len(mentions) > 1 and marked is not None and marked is not mentions[-1]:
        return seats & marked.seats
    return seats


def _by_likelihood(games: set[int], index: GameIndex, now: datetime) -> list[int]:
    """Games to come first, the next one first."""

    def distance(number: int) -> tuple[bool, timedelta, int]:
        starts_at = index.games[number].starts_at
        return starts_at <= now, abs(starts_at - now), index.games[number].game_id

    return sorted(games, key=distance)


def _interpretation(terms: Terms, game: GameCandidate, side: Side) -> Interpretation:
    league = catalogue().leagues.get(game.league)
    draws = league is not None and league.sport.regulation_only
    market, period = terms.market, terms.period
    if market is Market.MONEYLINE and draws:
        market = Market.MONEYLINE_3WAY
    if market is Market.DOUBLE_CHANCE:
        side = Side.HOME_DRAW if side is Side.HOME else Side.DRAW_AWAY
    if market is Market.TEAM_TOTAL and terms.side is not None:
        side = _TEAM_SIDES[(side, terms.side)]
    if terms.counts_sets and period == "game":
        period = "sets"
    plain_reading = terms.interpretation()
    return replace(plain_reading, market=market, side=side, period=period, game_id=game.game_id, game=game)


def _missing(terms: Terms, *, found: bool) -> tuple[str, ...]:
    absent = {
        "game": not found,
        "market": terms.market is None,
        "line": terms.market in LINED and terms.line_q is None,
        "odds": terms.odds is None,
        "stake": terms.amount_micro is None,
    }
    return tuple(name for name, gone in absent.items() if gone)


def _choices(options: tuple[Interpretation, ...], games: list[int], index: GameIndex) -> tuple[Choice, ...]:
    near = {index.games[number].game_id for number in games if rivals(index, number, games[0])}
    if len(near) > 1:
        return (Choice("game", tuple(each for each in options if each.game_id in near)),)
    sides = tuple(each for each in options if each.game_id == options[0].game_id)
    return (Choice("side", sides),) if len(sides) > 1 else ()
