"""A player's line in a box score: found by name, read as the statistic that was bet on."""

from __future__ import annotations

from collections.abc import Iterator

from dbsbm.betting.names import Roster, plain
from dbsbm.games.facts.model import Box, PlayerLine

_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})


def found_in(box: Box, player: str, league_id: str, roster: Roster) -> PlayerLine | None:
    """The only line that can be this player's: a person's word first, then the name, then initial and surname.

    Two of one name in a box score are nobody.
    """
    said = box.names.get(player)
    if said is not None:
        return _only(line for line in box.lines if line.name == said)
    known = [
        each
        for each in roster.players_by_alias.get(plain(player), ())
        if each.league == league_id and each.name == player
    ]
    spelled = {_words(player), *(_words(alias) for each in known for alias in each.aliases if " " in alias)}
    exact = [line for line in box.lines if _words(line.name) in spelled]
    if exact:
        return _only(iter(exact))
    short = {(words[0][0], words[-1]) for words in (_ordered(player),) if len(words) > 1}
    return _only(line for line in box.lines if _initial(line.name) in short)


def _words(name: str) -> frozenset[str]:
    """The words of a name in any order, without "Jr.": sources write "Durant Kevin" too."""
    return frozenset(_ordered(name))


def _ordered(name: str) -> list[str]:
    return [word for word in plain(name).split() if word not in _SUFFIXES]


def _initial(name: str) -> tuple[str, str] | None:
    """("p", "mahomes") of "P. Mahomes"; None of a name that is written out."""
    words = _ordered(name)
    return (words[0], words[-1]) if len(words) > 1 and len(words[0]) == 1 else None


def _only(lines: Iterator[PlayerLine]) -> PlayerLine | None:
    found = list(lines)
    return found[0] if len(found) == 1 else None
