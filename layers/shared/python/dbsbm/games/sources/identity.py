"""Which of our games an event of another source is: same league, same two teams, nearest start."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from dbsbm.betting.names import Roster, load_roster, plain
from dbsbm.games.leagues import catalogue_id
from dbsbm.games.model import EventReport, Game

WINDOW = timedelta(hours=12)
"""Sources differ by minutes on a start, and by hours where one holds a place open; the next day is another game."""


class Reason(StrEnum):
    """Why an event is no game of ours."""

    NO_GAME = "no_game"
    """Both teams are known, and no game of theirs starts near: often one that nobody offers odds on."""
    UNKNOWN_TEAM = "unknown_team"
    """A name that is neither in the team files nor in a game."""


@dataclass(frozen=True, slots=True)
class Match:
    """``swapped``: home there is away here, as sources do at neutral sites."""

    game_id: int
    swapped: bool


def matches(
    events: Sequence[EventReport], games: Sequence[Game], roster: Roster | None = None
) -> dict[str, Match | Reason]:
    """Each event's game by the event's id, or why it has none.

    Nearest starts are paired first and each game once, so that the two games of a doubleheader stay apart.
    """
    names = _Names(roster or load_roster(), games)
    pairs = sorted(_pairs(events, games, names), key=lambda pair: pair[:4])
    found: dict[str, Match | Reason] = {}
    taken: set[int] = set()
    for _, _, event_id, game_id, swapped in pairs:
        if event_id not in found and game_id not in taken:
            found[event_id] = Match(game_id, swapped)
            taken.add(game_id)
    for event in events:
        if event.provider_game_id not in found:
            known = names.known(event.league, event.home) and names.known(event.league, event.away)
            found[event.provider_game_id] = Reason.NO_GAME if known else Reason.UNKNOWN_TEAM
    return found


class _Names:
    """Teams by every name they go by; a team in no file goes by the name a game has."""

    def __init__(self, roster: Roster, games: Collection[Game]) -> None:
        self._roster = roster
        self._in_games = {(game.league, plain(name)) for game in games for name in (game.home, game.away)}

    def key(self, league: str, names: Sequence[str]) -> str:
        """One name for a team, whichever it was called by."""
        for name in names:
            team = self._roster.team(catalogue_id(league), name)
            if team is not None:
                return team.name
            if (league, plain(name)) in self._in_games:
                return plain(name)
        return plain(names[0])

    def known(self, league: str, names: Sequence[str]) -> bool:
        in_files = any(self._roster.team(catalogue_id(league), name) for name in names)
        return in_files or any((league, plain(name)) in self._in_games for name in names)


def _pairs(
    events: Sequence[EventReport], games: Sequence[Game], names: _Names
) -> Iterator[tuple[timedelta, str, str, int, bool]]:
    """How far apart, the start as text, event and game: what may belong together."""
    by_teams: dict[tuple[str, frozenset[str]], list[tuple[Game, str]]] = {}
    for game in games:
        home, away = names.key(game.league, (game.home,)), names.key(game.league, (game.away,))
        by_teams.setdefault((game.league, frozenset((home, away))), []).append((game, home))
    for event in events:
        home, away = names.key(event.league, event.home), names.key(event.league, event.away)
        for game, game_home in by_teams.get((event.league, frozenset((home, away))), ()):
            apart = abs(game.starts_at - event.starts_at)
            if apart <= WINDOW:
                yield apart, event.starts_at.isoformat(), event.provider_game_id, game.game_id, game_home != home
