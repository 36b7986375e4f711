"""Who is meant: teams, players and people by every name they go by, and the games they are in."""

from __future__ import annotations

import json
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from dbsbm.betting.catalogue import DATA, Catalogue, CatalogueError, catalogue
from dbsbm.betting.markets import Side
from dbsbm.betting.picks import GameCandidate
from dbsbm.core.errors import InputError

Seat = tuple[int, Side]
"""A side of a game: the game's number in its index, and home or away."""
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})
_CLUB = frozenset({"fc", "sc", "cf", "afc"})
_SHORT = 4
_LONG = 7


def plain(text: str) -> str:
    """Lower case, no accents, apostrophes or full stops, hyphens as spaces: "Ja'Marr", "A.J." → "jamarr", "aj"."""
    bare = unicodedata.normalize("NFKD", text.lower())
    bare = "".join(each for each in bare if not unicodedata.combining(each))
    return " ".join(re.sub(r"['’.`]", "", bare).replace("-", " ").split())


@dataclass(frozen=True, slots=True)
class Team:
    """A team, or a person in sports of single players, in every league it may play in."""

    name: str
    leagues: tuple[str, ...]
    aliases: frozenset[str]


@dataclass(frozen=True, slots=True)
class Player:
    """A player whose statistics can be bet on."""

    name: str
    league: str
    team: str
    aliases: frozenset[str]


class Roster:
    """Every team and player of the data files, by alias."""

    def __init__(self, teams: Sequence[Team], players: Sequence[Player]) -> None:
        self.teams = tuple(teams)
        self.players = tuple(players)
        self.by_alias = _grouped((alias, team) for team in teams for alias in team.aliases)
        self.players_by_alias = _grouped((alias, player) for player in players for alias in player.aliases)
        self._in_league = {
            (league, alias): team
            for team in reversed(self.teams)
            for league in reversed(team.leagues)
            for alias in team.aliases
        }
        self._exact = {(league, plain(team.name)): team for team in self.teams for league in team.leagues}

    def team(self, league: str, name: str) -> Team | None:
        """The team that a schedule calls ``name``."""
        key = (league, plain(name))
        return self._exact.get(key) or self._in_league.get(key)

    @cached_property
    def spelling(self) -> Spelling:
        """The words of every name, for misspelt ones."""
        return Spelling(word for alias in (*self.by_alias, *self.players_by_alias) for word in alias.split())


class Spelling:
    """Finds the words one slip away (two in long words): a letter more, less, other, or two changed about."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = frozenset(word for word in words if len(word) >= _SHORT)
        self._near = _grouped((less, word) for word in self._words for less in _shortened(word))

    def corrections(self, word: str) -> tuple[str, ...]:
        """Known words nearest to ``word``, none when it is short or nothing is near."""
        if len(word) < _SHORT or any(letter.isdigit() for letter in word):
            return ()
        near = {known for less in _shortened(word) for known in self._near.get(less, ())}
        allowed = 2 if len(word) >= _LONG else 1
        found: dict[int, list[str]] = {}
        for known in sorted(near):
            slips = _slips(word, known)
            if slips <= allowed:
                found.setdefault(slips, []).append(known)
        return tuple(found[min(found)]) if found else ()


class GameIndex:
    """The candidate games by the names of their sides. Built once, read often."""

    def __init__(self, games: Sequence[GameCandidate], roster: Roster | None = None) -> None:
        self.games = tuple(games)
        self.roster = roster or load_roster()
        self._by_name: dict[str, list[Seat]] = {}
        self._by_team: dict[str, list[Seat]] = {}
        for number, game in enumerate(self.games):
            for side, name in ((Side.HOME, game.home), (Side.AWAY, game.away)):
                self._seat((number, side), game.league, name)
        self._names = sorted(self._by_name)
        self._spelling = Spelling({word for name in self._names for word in name.split()})

    def named(self, phrase: str) -> frozenset[Seat] | None:
        """Sides called exactly ``phrase``; empty for a known team that has no game here; None for no team at all."""
        if phrase in self._by_name:
            return frozenset(self._by_name[phrase])
        return frozenset() if phrase in self.roster.by_alias else None

    def starting(self, prefix: str) -> frozenset[Seat]:
        """Sides with a name that starts so: for what is still being typed."""
        found: set[Seat] = set()
        at = bisect_left(self._names, prefix)
        while at < len(self._names) and self._names[at].startswith(prefix):
            found.update(self._by_name[self._names[at]])
            at += 1
        return frozenset(found)

    def of_team(self, team: str) -> tuple[Seat, ...]:
        """Where a team of the roster plays."""
        return tuple(self._by_team.get(team, ()))

    def corrections(self, word: str) -> tuple[str, ...]:
        """Words that a misspelt one may be, those of the games here first."""
        return self._spelling.corrections(word) or self.roster.spelling.corrections(word)

    def _seat(self, seat: Seat, league: str, name: str) -> None:
        team = self.roster.team(league, name)
        if team is not None:
            self._by_team.setdefault(team.name, []).append(seat)
        for alias in {plain(name)} | (set(team.aliases) if team else set(_parts(name))):
            self._by_name.setdefault(alias, []).append(seat)


@cache
def load_roster(directory: Path = DATA) -> Roster:
    """Read and check ``teams_*.json`` and ``players.json``. Raises CatalogueError naming the file and the row."""
    leagues = catalogue()
    teams = [team for path in sorted(directory.glob("teams_*.json")) for team in _teams(path, leagues)]
    known = {(league, team.name) for team in teams for league in team.leagues}
    players = list(_players(directory / "players.json", known))
    return Roster(teams, players)


def _teams(path: Path, leagues: Catalogue) -> Iterator[Team]:
    document = _document(path)
    seen: set[str] = set()
    try:
        names = tuple(leagues.league(each).league_id for each in document["leagues"])
        for row in document["teams"]:
            if row["name"] in seen:
                raise CatalogueError(f"{path.name}: {row['name']}: stands twice")
            seen.add(row["name"])
            yield Team(row["name"], names, frozenset(_team_aliases(row)))
    except (KeyError, TypeError, InputError) as error:
        raise CatalogueError(f"{path.name}: {error!r}") from error


def _players(path: Path, known: set[tuple[str, str]]) -> Iterator[Player]:
    for row in _document(path):
        try:
            if (row["league"], row["team"]) not in known:
                raise CatalogueError(f"{path.name}: {row['name']}: no team {row['team']!r} in {row['league']!r}")
            yield Player(row["name"], row["league"], row["team"], frozenset(_player_aliases(row)))
        except (KeyError, TypeError) as error:
            raise CatalogueError(f"{path.name}: {row!r}: {error!r}") from error


def _document(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CatalogueError(f"{path.name}: {error}") from error


def _team_aliases(row: Mapping[str, Any]) -> Iterator[str]:
    name, nick = plain(row["name"]), plain(row["nick"])
    given = [plain(alias) for alias in row["aliases"]]
    yield from (alias for alias in (name, nick, plain(row["place"]), *given) if alias)
    yield " ".join(word for word in name.split() if word not in _CLUB)
    yield from (f"{short} {nick}" for short in given if len(short) <= 3 and nick)


def _player_aliases(row: Mapping[str, Any]) -> Iterator[str]:
    words = [word for word in plain(row["name"]).split() if word not in _SUFFIXES]
    yield plain(row["name"])
    yield " ".join(words)
    yield from (plain(alias) for alias in row["aliases"])
    surname = plain(row["name"].split()[-1]) if plain(row["name"].split()[-1]) not in _SUFFIXES else words[-1]
    yield surname
    yield f"{words[0][0]} {surname}"


def _parts(name: str) -> Iterator[str]:
    words = [word for word in plain(name).split() if word not in _CLUB]
    for start in range(len(words)):
        for stop in range(start + 1, len(words) + 1):
            yield " ".join(words[start:stop])


def _grouped(pairs: Iterable[tuple[str, Any]]) -> dict[str, tuple[Any, ...]]:
    grouped: dict[str, list[Any]] = {}
    for key, value in pairs:
        grouped.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in grouped.items()}


def _shortened(word: str) -> set[str]:
    return {word} | {word[:at] + word[at + 1 :] for at in range(len(word))}


def _slips(one: str, other: str) -> int:
    """Optimal string alignment distance (Damerau 1964, neighbouring letters changed about count one)."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        line = [row]
        for column, match in enumerate(other, 1):
            cost = min(last[column] + 1, line[-1] + 1, last[column - 1] + (letter != match))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == match:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        before, last = last, line
    return last[-1]
