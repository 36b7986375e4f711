"""What many bets of a page have alike, read from one text and kept: a bet of its own are its ids and its amounts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from dbsbm.bets.told.legs import needs_more
from dbsbm.betting.legs import Leg
from dbsbm.betting.markets import Market, Side
from dbsbm.betting.settlement import Grade
from dbsbm.betting.stakes import StakeMode
from dbsbm.core.errors import InputError
from dbsbm.games.model import odds_of
from dbsbm.settlement.proposals import Present, league_of

_KEPT = 20_000
_PARTS = 17
"""Before the last one, in which anything may stand."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How a bet stands, the leg that was found of it, and which rules it is under.

    ``plain`` is whether the score of the whole game decides all there is. ``leg`` is as the engine knows it, None where
    no score of a game decides it. ``alike`` is the same for all that a score does the same to, whatever they pay.
    """

    revision: int
    ticket: str
    stake_mode: StakeMode
    rules: tuple[int, str]
    """Their version, and a digest that no two of them share: money hangs on it."""
    state: str
    grade: Grade | None
    grade_seq: int
    known_grade: Grade | None
    known_seq: int
    plain: bool
    leg: Leg | None
    alike: tuple[object, ...]

    def present(self, automatic: bool, known_result: str | None, frozen: bool) -> Present:
        """How the bet stands, and what was proposed of it last."""
        known = known_result or "", self.known_grade, self.known_seq
        return Present(self.state, self.grade, self.grade_seq, automatic, *known, frozen)


@lru_cache(_KEPT)
def terms_of(text: str) -> Terms:
    """The terms in a row of ``ResultRepository.bets_on``."""
    parts = text.split("|", _PARTS)
    revision, ticket, mode, version, rules_digest, state, grade, grade_seq, known_grade, known_seq = parts[:10]
    market, side, line_q, num, den, period, size, names = parts[10:]
    league, player = names[: int(size)], names[int(size) :]
    return Terms(
        int(revision),
        ticket,
        StakeMode(mode),
        (int(version), rules_digest),
        state,
        _grade(grade),
        int(grade_seq),
        _grade(known_grade),
        int(known_seq),
        ticket == "straight" and not needs_more(Market(market), period, player, league),
        _leg(Market(market), Side(side), (int(num), int(den)), int(line_q), league),
        (state, grade, grade_seq, known_grade, known_seq, market, side, line_q, league),
    )


def _leg(market: Market, side: Side, price: tuple[int, int], line_q: int, league: str) -> Leg | None:
    known = league_of(league)
    if not known:
        return None
    try:
        return Leg(market, side, odds_of(*price), line_q, league=known)
    except InputError:
        return None


def _grade(stored: str) -> Grade | None:
    return Grade(stored) if stored else None
