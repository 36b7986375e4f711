"""Deciding on a bet: grades, undo and re-grades, each an entry that stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from dbsbm.bets.model import Bet, Decision, LedgerEntry
from dbsbm.bets.repository import BetRepository
from dbsbm.betting.results import GameResult, Status
from dbsbm.betting.settlement import Grade, Settlement, settle, settle_as
from dbsbm.core.errors import ConflictError, InputError
from dbsbm.games.model import Game, GameState

UNDO_TIME = timedelta(minutes=15)
DECIDED_BY_HAND = "HAND"
"""The rule named when a person decides against, or without, a result."""

_STATUS = {
    GameState.FINAL: Status.FINAL,
    GameState.POSTPONED: Status.POSTPONED,
    GameState.CANCELLED: Status.CANCELLED,
}


class MovedOnError(ConflictError):
    """Somebody else decided first; ``bet`` is how it stands now."""

    code = "moved_on"

    def __init__(self, bet: Bet) -> None:
        super().__init__("another decision came first")
        self.bet = bet


@dataclass(frozen=True, slots=True)
class Decider:
    """Who decides, when, and by which interaction."""

    user_id: int
    at: datetime
    interaction_id: int


@dataclass(frozen=True, slots=True)
class Ruling:
    """A grade and the rule that speaks for it."""

    grade: Grade
    rule: str = DECIDED_BY_HAND


def proposal(bet: Bet, game: Game) -> Settlement | None:
    """What the engine makes of the game's result by the rules stored with the bet; None without a final result."""
    status = _STATUS.get(game.state)
    if status is None or (status is Status.FINAL and (game.home_score is None or game.away_score is None)):
        return None
    result = GameResult(game.home_score or 0, game.away_score or 0, status)
    try:
        return settle(bet.terms.selection.straight(bet.terms.stake), result, bet.terms.rule_profile)
    except InputError:
        return None  # a market that only a person can decide


def grade(repository: BetRepository, bet_id: int, seen_seq: int, ruling: Ruling, by: Decider) -> Bet:
    """Grade a bet, or re-grade it: the standing entry is reversed and a new one added.

    ``seen_seq`` is the number of decisions the person saw.

    Raises
    ------
    MovedOnError
        When there have been more decisions than that.
    """
    bet = _locked(repository, bet_id, seen_seq)
    sequence = bet.grade_seq + 1
    stake = bet.terms.stake
    returned, profit = settle_as(stake, bet.terms.selection.odds, ruling.grade)
    entry = LedgerEntry(sequence, "grade", ruling.grade, bet.sports_day, 1, stake.risk_micro, returned, profit)
    action = "grade" if bet.grade is None else "regrade"
    repository.decide(
        bet_id,
        _decision(bet, action, ruling.grade, ruling.rule, by),
        by.interaction_id,
        [*_reversal(repository, bet, sequence), entry],
    )
    return repository.bet(bet_id)


def undo(repository: BetRepository, bet_id: int, seen_seq: int, by: Decider) -> Bet:
    """Take the standing grade back: the bet is open again, the ledger gains a reversal.

    Raises
    ------
    MovedOnError
        When there have been more decisions than the person saw.
    ConflictError
        When the bet is open, or the grade is older than 15 minutes.
    """
    bet = _locked(repository, bet_id, seen_seq)
    last = repository.last_decision(bet_id)
    if bet.grade is None or last is None:
        raise ConflictError("open")
    if by.at - last.decided_at > UNDO_TIME:
        raise ConflictError("undo_late")
    sequence = bet.grade_seq + 1
    repository.decide(
        bet_id,
        _decision(bet, "undo", None, last.rule, by),
        by.interaction_id,
        _reversal(repository, bet, sequence),
    )
    return repository.bet(bet_id)


def _locked(repository: BetRepository, bet_id: int, seen_seq: int) -> Bet:
    bet = repository.lock(bet_id)
    if bet.grade_seq != seen_seq:
        raise MovedOnError(bet)
    return bet


def _decision(bet: Bet, action: str, decided: Grade | None, rule: str, by: Decider) -> Decision:
    source = "own" if by.user_id == bet.capper_id else "person"
    return Decision(bet.grade_seq + 1, action, decided, rule, source, by.user_id, by.at)


def _reversal(repository: BetRepository, bet: Bet, sequence: int) -> list[LedgerEntry]:
    """The entry that takes the standing grade back, on the sports day it was entered for; none while open."""
    standing = repository.standing_entry(bet.bet_id, bet.grade_seq) if bet.grade is not None else None
    if standing is None:
        return []
    return [
        LedgerEntry(
            sequence,
            "reversal",
            standing.grade,
            standing.sports_day,
            -standing.bets,
            -standing.risk_micro,
            -standing.return_micro,
            -standing.profit_micro,
        )
    ]
