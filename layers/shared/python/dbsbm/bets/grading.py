"""Deciding on a bet: grades, undo and re-grades, each an entry that stays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dbsbm.bets.leagues import catalogue_id
from dbsbm.bets.model import Bet, Decision, LedgerEntry, LegDecision
from dbsbm.bets.repository import BetRepository
from dbsbm.bets.selection import Selection
from dbsbm.bets.ticket import TicketKind
from dbsbm.betting.catalogue import GAME, catalogue
from dbsbm.betting.grading import grade_leg
from dbsbm.betting.ledger import Entry, EntryKind, grade_entries, replaced, undo_entries
from dbsbm.betting.ledger import standing as ledger_standing
from dbsbm.betting.legs import Straight
from dbsbm.betting.markets import LINED, Market, Side
from dbsbm.betting.odds import Odds
from dbsbm.betting.outcome import Outcome, outcome
from dbsbm.betting.profile import RuleProfile
from dbsbm.betting.results import GameResult, OutrightResult, PlayerResult, Result, Status
from dbsbm.betting.scores import REGULATION_MARKETS
from dbsbm.betting.settlement import Grade, Settlement, settle, settle_as
from dbsbm.betting.ticket_state import ticket_state
from dbsbm.betting.tickets import EachWay, RepriceNeededError
from dbsbm.core.errors import ConflictError, InputError
from dbsbm.games.model import Game, GameState

UNDO_TIME = timedelta(minutes=15)
DECIDED_BY_HAND = "PERSON"
"""The rule named when a person decides against, or without, a result."""
OWN = "own"
"""The source of a decision that a capper made about the own bet, which a server may allow."""

_PUSHING = frozenset({Market.MONEYLINE, Market.DRAW_NO_BET, Market.MANUAL})
"""Markets without a line that can end level, or be called off by whoever runs the event."""
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
    """Who decides, when, and by which interaction.

    ``source`` is "auto" for the application itself, which gives its ``reason``.
    """

    user_id: int
    at: datetime
    interaction_id: int
    source: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Ruling:
    """A grade and the rule that speaks for it; ``return_micro`` where the grade alone does not say what it pays."""

    grade: Grade
    rule: str = DECIDED_BY_HAND
    return_micro: int | None = None

    @classmethod
    def of(cls, settlement: Settlement) -> Ruling:
        """What the engine came to, to the micro-unit."""
        return cls(settlement.grade, settlement.rule, settlement.return_micro)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a ticket stands: what each leg came to, None while open, and the whole once it is decided.

    ``unpriced``: every leg is decided, and a person has to say what the legs left are worth together.
    """

    legs: tuple[Outcome | None, ...]
    settlement: Settlement | None
    unpriced: bool = False


def standing(
    bet: Bet,
    games: Mapping[int, Game],
    decisions: Iterable[LegDecision],
    repriced: Odds | None = None,
    told: Mapping[int, Result] | None = None,
) -> Standing:
    """What the results so far, and what people said of the legs, make of a bet by the rules stored with it.

    ``told`` are the results of legs that need more than a final score, by number (``bets.told``).
    """
    more = told or {}
    said = {decision.leg: decision for decision in decisions}
    profile, ticket = bet.terms.rule_profile, bet.terms.ticket
    results: list[Result | None] = []
    for number, leg in enumerate(ticket.legs, 1):
        reported = more.get(number) or _by_score(leg, games.get(leg.game_id))
        results.append(_leg_result(leg, reported, said.get(number), profile))
    legs = tuple(
        None if result is None else grade_leg(leg.leg(), result, profile)
        for leg, result in zip(ticket.legs, results, strict=True)
    )
    engine = ticket.engine(bet.terms.stake, repriced)
    try:
        if isinstance(engine, Straight):
            return Standing(legs, None if results[0] is None else settle(engine, results[0], profile))
        if isinstance(engine, EachWay):
            return Standing(legs, None)
        return Standing(legs, ticket_state(engine, results, profile).settlement)
    except RepriceNeededError:
        return Standing(legs, None, unpriced=True)
    except InputError:
        return Standing(legs, None)


def possible_grades(leg: Selection) -> tuple[Grade, ...]:
    """The grades that a leg's market can have, besides void: halves on quarter lines, a push where it can land."""
    decided = (Grade.WON, Grade.LOST)
    if leg.market in LINED and leg.side not in (Side.YES, Side.NO):
        if leg.line_q % 2:
            return (*decided, Grade.HALF_WON, Grade.HALF_LOST)
        return decided if leg.line_q % 4 else (*decided, Grade.PUSH)
    if leg.market in _PUSHING:
        return (*decided, Grade.PUSH)
    return decided


def ticket_grades(bet: Bet, at: datetime) -> tuple[Grade, ...]:
    """What a person may decide of the whole bet at ``at``: nothing but void before its start."""
    if at < bet.starts_at:
        return (Grade.VOID,)
    ticket = bet.terms.ticket
    if ticket.kind is TicketKind.EACH_WAY:
        return (Grade.WON, Grade.LOST, Grade.VOID)  # where it came in says the rest
    own = possible_grades(ticket.legs[0]) if ticket.kind is TicketKind.STRAIGHT else (Grade.WON, Grade.LOST, Grade.PUSH)
    return (*own, Grade.VOID)


def each_way_settlement(bet: Bet, result: OutrightResult) -> Settlement:
    """What an each-way bet came to by where its selection came in. Raises InputError for any other ticket."""
    engine = bet.terms.ticket.engine(bet.terms.stake)
    if not isinstance(engine, EachWay):
        raise InputError("ticket", bet.terms.ticket.kind.value, "is no each-way bet")
    return settle(engine, result, bet.terms.rule_profile)


def say_of_leg(repository: BetRepository, bet_id: int, seen: int, decision: LegDecision) -> Bet:
    """Write down what a person says of a leg. ``seen`` is the number of such sayings the person saw.

    Raises
    ------
    MovedOnError
        When there have been more than that.
    """
    bet = repository.lock(bet_id)
    if len(repository.leg_decisions(bet_id)) != seen:
        raise MovedOnError(bet)
    repository.decide_leg(bet_id, replace(decision, number=seen + 1))
    return bet


def _by_score(leg: Selection, game: Game | None) -> Result | None:
    """The final score, where it decides the leg: what ends with normal time is not decided by a score with overtime."""
    score = game_result(game) if game is not None else None
    final = score is not None and score.status is Status.FINAL
    if final and leg.period == GAME and leg.market in REGULATION_MARKETS:
        league = catalogue().leagues.get(catalogue_id(leg.league))
        if league is not None and not league.sport.regulation_only:
            return None
    return score


def _leg_result(
    leg: Selection, reported: Result | None, said: LegDecision | None, profile: RuleProfile
) -> Result | None:
    """What decides a leg: a person's word first, then what is reported; None while nothing does."""
    result = reported
    if said is not None and said.grade is not None:
        result = outcome(said.grade, DECIDED_BY_HAND)
    elif said is not None and said.value_q is not None:
        result = PlayerResult(said.value_q, said.participated, said.participated)
    if result is None:
        return None
    try:
        grade_leg(leg.leg(), result, profile)
    except InputError:
        return None  # a market that this score does not decide
    return result


def game_result(game: Game) -> GameResult | None:
    """A game's result for the engine, None while there is none."""
    status = _STATUS.get(game.state)
    if status is None or (status is Status.FINAL and (game.home_score is None or game.away_score is None)):
        return None
    return GameResult(game.home_score or 0, game.away_score or 0, status)


def proposal(bet: Bet, game: Game) -> Settlement | None:
    """What the engine makes of a straight bet by the game's result and the rules stored with the bet.

    None without a final result, for a ticket of several legs, and for a market that only a person can decide.
    """
    if bet.terms.ticket.kind is not TicketKind.STRAIGHT:
        return None
    return standing(bet, {game.game_id: game}, ()).settlement


def grade(repository: BetRepository, bet_id: int, seen_seq: int, ruling: Ruling, by: Decider) -> Bet:
    """Grade a bet, or re-grade it: the standing entry is reversed and a new one added.

    ``seen_seq`` is the number of decisions the person saw.

    Raises
    ------
    MovedOnError
        When there have been more decisions than that.
    """
    bet = _locked(repository, bet_id, seen_seq)
    stake = bet.terms.stake
    returned, profit = settle_as(stake, bet.terms.odds, ruling.grade)
    if ruling.return_micro is not None:
        returned, profit = ruling.return_micro, ruling.return_micro - stake.risk_micro
    before = repository.ledger(bet_id)
    settlement = Settlement(ruling.grade, ruling.rule, returned, profit)
    added = grade_entries(bet_id, [line.entry for line in before], settlement)
    action = "grade" if bet.grade is None else "regrade"  # of a withdrawn bet in the shadow: the ledger stays out
    repository.decide(
        bet_id,
        _decision(bet, action, ruling.grade, ruling.rule, by),
        by.interaction_id,
        [] if bet.withdrawn else _lines(bet, before, added),
    )
    return repository.bet(bet_id)


def undo(repository: BetRepository, bet_id: int, seen_seq: int, by: Decider) -> Bet:
    """Take the last decision back: the grade before it stands again, or the bet is open. The ledger gains a reversal.

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
    before = repository.ledger(bet_id)
    entries = [line.entry for line in before]
    earlier = replaced(entries)
    rules = {each.grade_seq: each.rule for each in repository.decisions(bet_id)}
    rule = rules[earlier.grade_seq] if earlier is not None else last.rule
    repository.decide(
        bet_id,
        _decision(bet, "undo", earlier.grade if earlier is not None else None, rule, by),
        by.interaction_id,
        [] if bet.withdrawn else _lines(bet, before, undo_entries(entries)),
    )
    return repository.bet(bet_id)


def _locked(repository: BetRepository, bet_id: int, seen_seq: int) -> Bet:
    bet = repository.lock(bet_id)
    if bet.grade_seq != seen_seq:
        raise MovedOnError(bet)
    return bet


def _decision(bet: Bet, action: str, decided: Grade | None, rule: str, by: Decider) -> Decision:
    source = by.source or (OWN if by.user_id == bet.capper_id else "person")
    return Decision(bet.grade_seq + 1, action, decided, rule, source, by.user_id, by.at, by.reason)


def _lines(bet: Bet, before: Sequence[LedgerEntry], added: Iterable[Entry]) -> list[LedgerEntry]:
    """What a decision adds, under its number; a reversal counts for the day of what it takes back."""
    days = {line.entry.grade_seq: line.sports_day for line in before}
    current = ledger_standing([line.entry for line in before])
    taken_back = days[current.grade_seq] if current is not None else bet.sports_day
    return [
        LedgerEntry(
            replace(entry, grade_seq=bet.grade_seq + 1),
            taken_back if entry.kind is EntryKind.REVERSAL else bet.sports_day,
        )
        for entry in added
    ]
