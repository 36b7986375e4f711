"""Picks on players: the player, the statistic, the game the player is in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import cache

from dbsbm.betting.catalogue import StatType, catalogue
from dbsbm.betting.markets import Market, Side
from dbsbm.betting.names import GameIndex, Player, Seat, plain
from dbsbm.betting.pick_games import MAX_OPTIONS, Mention, find_names, leagues_named, rivals
from dbsbm.betting.picks import Choice, Interpretation, Reading
from dbsbm.betting.terms import MARK, Terms

Prop = tuple[Interpretation, tuple[Seat, ...]]
"""A prop, and the seats of its player's team."""
_LONGEST = 5
_NAME_WORDS = 3


def read_prop(terms: Terms, index: GameIndex, now: datetime) -> Reading | None:
    """Read a player prop, or None when the text names no player with a statistic."""
    if terms.market not in {Market.TOTAL, Market.MONEYLINE, None}:
        return None
    leagues, words = leagues_named(terms.words)
    named = [(stats, rest) for stats, rest in _stats(words) if terms.side or all(stat.yes_no for stat in stats)]
    for stats, rest in named:
        players, others = _players(rest, index, stats)
        props = [
            (_interpretation(terms, player.name, _stat_of(player, stats)), index.of_team(player.team))
            for player in players
            if not leagues or player.league in leagues
        ]
        if props:
            mentions, unread = find_names(others, index)
            return _reading(terms, index, now, _narrowed(props, mentions), unread)
    return _unknown_player(terms, index, now, named)


def _narrowed(props: list[Prop], mentions: list[Mention]) -> list[Prop]:
    """Only the games of the teams that the text names too, where the player is in one."""
    games = [{number for number, _ in mention.seats} for mention in mentions]
    narrowed = []
    for prop, seats in props:
        inside = tuple(seat for seat in seats if all(seat[0] in numbers for numbers in games))
        narrowed.append((prop, inside or seats))
    return narrowed


def _unknown_player(
    terms: Terms, index: GameIndex, now: datetime, named: list[tuple[tuple[StatType, ...], tuple[str, ...]]]
) -> Reading | None:
    """A statistic with a name nobody here knows: the player as typed, in the game of the one team named, if any."""
    if not named or "team_total" in terms.said:
        return None
    stats, rest = named[0]
    mentions, unread = find_names(rest, index)
    if len(mentions) > 1 or not 1 <= len(unread) <= _NAME_WORDS or not all(word[0].isalpha() for word in unread):
        return None
    seats = tuple(seat for mention in mentions for seat in mention.seats)
    sports = {
        catalogue().leagues[index.games[number].league].sport.sport_id for number, _ in seats if _known(index, number)
    }
    stat = next((stat for stat in stats if stat.sports & sports), stats[0])
    prop = _interpretation(terms, " ".join(unread).title(), stat)
    return _reading(terms, index, now, [(prop, seats)], ())


def _known(index: GameIndex, number: int) -> bool:
    return index.games[number].league in catalogue().leagues


def _reading(terms: Terms, index: GameIndex, now: datetime, props: list[Prop], unread: tuple[str, ...]) -> Reading:
    placed, gameless = _placed(props, index, now)
    options = tuple(option for option, _ in placed)[:MAX_OPTIONS]
    choices = _choices(options or tuple(gameless), [number for _, number in placed], index)
    missing = _missing(terms, found=bool(options))
    return Reading("", options, missing, choices, unread, said=(*options, *gameless)[0])


def _stats(words: tuple[str, ...]) -> list[tuple[tuple[StatType, ...], tuple[str, ...]]]:
    """Statistics named, each with the words left: the one next to the line first, then longer phrases first."""
    by_alias = _stats_by_alias()
    found = []
    for length in range(min(_LONGEST, len(words)), 0, -1):
        for at in range(len(words) - length, -1, -1):
            part = words[at : at + length]
            stats = () if MARK in part or "/" in part else by_alias.get(plain(" ".join(part)), ())
            if stats:
                beside_line = at > 0 and words[at - 1] == MARK
                found.append((not beside_line, stats, (*words[:at], MARK, *words[at + length :])))
    found.sort(key=lambda each: each[0])
    return [(stats, rest) for _, stats, rest in found]


@cache
def _stats_by_alias() -> dict[str, tuple[StatType, ...]]:
    grouped: dict[str, list[StatType]] = {}
    for stat in catalogue().stats.values():
        for alias in {plain(each) for each in (*stat.aliases, stat.name)}:
            grouped.setdefault(alias, []).append(stat)
    return {alias: tuple(stats) for alias, stats in grouped.items()}


def _players(
    words: tuple[str, ...], index: GameIndex, stats: tuple[StatType, ...]
) -> tuple[list[Player], tuple[str, ...]]:
    """Players of the right sport named first in the words, those with a game here before the others."""
    sports = {sport for stat in stats for sport in stat.sports}
    for corrected in (False, True):
        for length in range(min(_LONGEST, len(words)), 0, -1):
            for at in range(len(words) - length + 1):
                part = words[at : at + length]
                if MARK in part or "/" in part:
                    continue
                named = [
                    player
                    for phrase in _phrases(part, index, corrected=corrected)
                    for player in index.roster.players_by_alias.get(phrase, ())
                    if catalogue().leagues[player.league].sport.sport_id in sports
                ]
                if named:
                    here = [player for player in named if index.of_team(player.team)]
                    return here or named, (*words[:at], MARK, *words[at + length :])
    return [], words


def _phrases(part: tuple[str, ...], index: GameIndex, *, corrected: bool) -> Iterator[str]:
    phrase = plain(" ".join(part))
    if not corrected:
        yield phrase
        return
    if len(part) == 1:
        yield from index.roster.spelling.corrections(phrase)
        return
    for at, word in enumerate(part):
        for correction in index.roster.spelling.corrections(plain(word)):
            yield plain(" ".join((*part[:at], correction, *part[at + 1 :])))


def _placed(
    props: list[Prop], index: GameIndex, now: datetime
) -> tuple[list[tuple[Interpretation, int]], list[Interpretation]]:
    """Each prop in each of its games, games to come and the next one first; and those without a game."""
    placed: list[tuple[bool, float, int, Interpretation]] = []
    for prop, seats in props:
        for number in {number for number, _ in seats}:
            game = index.games[number]
            away_s = (game.starts_at - now).total_seconds()
            placed.append((away_s <= 0, abs(away_s), number, replace(prop, game_id=game.game_id, game=game)))
    placed.sort(key=lambda each: (*each[:3], each[3].player))
    return [(prop, number) for *_, number, prop in placed], [prop for prop, seats in props if not seats]


def _stat_of(player: Player, stats: tuple[StatType, ...]) -> StatType:
    sport = catalogue().leagues[player.league].sport.sport_id
    return next(stat for stat in stats if sport in stat.sports)


def _interpretation(terms: Terms, player: str, stat: StatType) -> Interpretation:
    side = terms.side or Side.YES
    return replace(terms.interpretation(), market=Market.PLAYER_PROP, side=side, player=player, stat=stat.stat_id)


def _missing(terms: Terms, *, found: bool) -> tuple[str, ...]:
    no_line = terms.side is not None and terms.line_q is None
    absent = {"game": not found, "line": no_line, "odds": terms.odds is None, "stake": terms.amount_micro is None}
    return tuple(name for name, gone in absent.items() if gone)


def _choices(options: tuple[Interpretation, ...], numbers: list[int], index: GameIndex) -> tuple[Choice, ...]:
    if len({option.player for option in options}) > 1:
        return (Choice("player", options),)
    near = {index.games[number].game_id for number in numbers if rivals(index, number, numbers[0])}
    if len(near) > 1:
        return (Choice("game", tuple(option for option in options if option.game_id in near)),)
    return ()
