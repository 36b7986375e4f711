"""An evening's bets that wait for a grade, and what the results say of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dbsbm.bets import grading
from dbsbm.bets.model import Bet
from dbsbm.bets.told.service import ToldLegs
from dbsbm.betting.settlement import Settlement
from dbsbm.games.model import Game


@dataclass(frozen=True, slots=True)
class Waiting:
    """A bet whose first leg has started. ``settlement`` is what the results make of it, None while they do not say.

    ``held`` says why the results are not to be trusted yet, and is empty otherwise.
    """

    bet: Bet
    settlement: Settlement | None
    held: str = ""

    @property
    def agreed(self) -> bool:
        return self.settlement is not None and not self.held


@dataclass(frozen=True, slots=True)
class Evening:
    """All that waits, earliest start first."""

    waiting: tuple[Waiting, ...]
    games: Mapping[int, Game]

    def agreed(self, but_of: int | None) -> tuple[Waiting, ...]:
        """What the results decide, without the bets of one capper who may not decide on them."""
        return tuple(each for each in self.waiting if each.agreed and each.bet.capper_id != but_of)

    def groups(self) -> list[tuple[int, list[Waiting]]]:
        """By game, 0 for tickets of several games and for what is on no game of ours."""
        found: dict[int, list[Waiting]] = {}
        for each in self.waiting:
            games = {leg.game_id for leg in each.bet.terms.ticket.legs}
            found.setdefault(games.pop() if len(games) == 1 else 0, []).append(each)
        return list(found.items())


def evening(
    bets: Sequence[Bet], games: Mapping[int, Game], held: Mapping[int, str], told: Mapping[int, ToldLegs]
) -> Evening:
    """What stands of some open bets."""
    waiting = []
    for bet in bets:
        stands = grading.standing(bet, games, (), told=told.get(bet.bet_id))
        waiting.append(Waiting(bet, stands.settlement, held.get(bet.bet_id, "")))
    return Evening(tuple(waiting), games)


def version(waiting: Sequence[Waiting]) -> int:
    """63 bits that change when a bet of the list, its decisions or what is proposed for it does."""
    digest = hashlib.sha256()
    for each in waiting:
        settled = each.settlement
        proposed = "" if settled is None else f"{settled.grade.value} {settled.return_micro}"
        digest.update(f"{each.bet.bet_id} {each.bet.grade_seq} {each.bet.terms.number} {proposed}\n".encode())
    return int.from_bytes(digest.digest()[:8]) >> 1
