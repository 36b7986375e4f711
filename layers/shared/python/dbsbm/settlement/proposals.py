"""What the sources' results say of a bet: applied without a person, proposed to one, or held for one, and why.

Two sources that agree may grade where the guild allows it; one source proposes; sources that disagree hold the bet
until they agree or a person decides.
"""

from __future__ import annotations

from dataclasses import dataclass

from dbsbm.bets.leagues import catalogue_id
from dbsbm.bets.proposals.model import Proposal, ProposalStatus, Reason
from dbsbm.bets.told.periods import with_periods
from dbsbm.betting.catalogue import catalogue
from dbsbm.betting.results import GameResult, Status
from dbsbm.betting.settlement import Grade, Settlement
from dbsbm.games.model import GameState
from dbsbm.settlement.model import Standing

ENOUGH = 2
"""Sources that must agree before a grade needs no person."""
_SAID = frozenset({Reason.DISAGREE, Reason.UNKNOWN_PLAYER, Reason.MAY_HAVE_PLAYED, Reason.NO_SUCH_STAT})
"""Reasons that are told with what the sources say."""
_CALLED_OFF = {GameState.CANCELLED: Status.CANCELLED, GameState.POSTPONED: Status.POSTPONED}


@dataclass(frozen=True, slots=True)
class Evidence:
    """A game's result as the sources have it. ``text`` is the score as "away-home", or what they say instead."""

    result: GameResult | None
    text: str
    sources: int
    reason: Reason = Reason.NONE


@dataclass(frozen=True, slots=True)
class Present:
    """How a bet stands, and what was proposed last: its grade, the score it rested on, the decision that applied it."""

    state: str
    grade: Grade | None
    grade_seq: int
    auto_grade: bool
    known_result: str
    known_grade: Grade | None
    known_seq: int
    frozen: bool


def evidence(standing: Standing) -> Evidence:
    """The result that the sources agree on; none while no source calls the game final, or while they disagree."""
    finals = standing.finals
    called_off = _CALLED_OFF.get(standing.state)
    if called_off is not None and not finals:
        return Evidence(GameResult(0, 0, called_off), standing.state.value, 1, Reason.CALLED_OFF)
    if len(set(finals.values())) > 1:
        said = ", ".join(f"{provider} {away}-{home}" for provider, (home, away) in sorted(finals.items()))
        return Evidence(None, said[:190], len(finals), Reason.DISAGREE)
    if not finals:
        return Evidence(None, "", 0)
    home, away = next(iter(finals.values()))
    return _short_game(standing, home, away) or Evidence(
        GameResult(home, away), f"{away}-{home}", len(finals), backed(len(finals))
    )


def backed(sources: int) -> Reason:
    """Whether so many sources are enough."""
    return Reason.NONE if sources >= ENOUGH else Reason.ONE_SOURCE


def _short_game(standing: Standing, home: int, away: int) -> Evidence | None:
    """A baseball game that ended before its last inning; None when no source of innings says so."""
    if not standing.periods:
        return None
    league = catalogue().league(catalogue_id(standing.league))
    known = [with_periods(GameResult(home, away), each, league) for each in standing.periods]
    said = [result for result in known if result is not None]
    if all(result.course is None for result in said):
        return None
    if len({None if result.course is None else result.course.half_innings for result in said}) > 1:
        return Evidence(None, f"{away}-{home}, innings", len(said), Reason.DISAGREE)
    halves = said[0].course.half_innings if said[0].course is not None else None
    return Evidence(said[0], f"{away}-{home} in {halves} half innings", len(said), backed(len(said)))


def propose(found: Evidence, outcome: Settlement | Reason, bet: Present) -> Proposal:
    """What becomes of a bet, given what its result came to. ``grade_seq`` is set where a decision is to be made.

    One score takes effect once: a grade of it that a person took back is not made again.
    """
    taken = bet.known_seq > 0 and bet.known_result == found.text
    if isinstance(outcome, Reason):
        instead = found.text if outcome in _SAID else ""
        return Proposal(ProposalStatus.HELD, found.text, found.sources, outcome, said=instead)
    status, reason, sequence = _taken_up(found, outcome, bet, taken)
    return Proposal(status, found.text, found.sources, reason, outcome, sequence)


def _taken_up(found: Evidence, outcome: Settlement, bet: Present, taken: bool) -> tuple[ProposalStatus, Reason, int]:
    """How a settlement is taken up: status, reason, and the decision that applied it or is to."""
    sequence = bet.known_seq if taken else 0
    if bet.state == "withdrawn":
        return ProposalStatus.SHADOW, Reason.NONE, sequence
    if bet.grade is outcome.grade:
        status = ProposalStatus.APPLIED if taken else ProposalStatus.AGREED
        return status, Reason.NONE, bet.known_seq
    if found.reason is not Reason.NONE:
        return ProposalStatus.PROPOSED, found.reason, sequence
    if not bet.auto_grade:
        return ProposalStatus.PROPOSED, Reason.NOT_AUTOMATIC, sequence
    if taken:
        return ProposalStatus.PROPOSED, Reason.TAKEN_BACK, sequence
    if bet.grade is not None and (bet.known_grade is not bet.grade or bet.known_result == found.text):
        return ProposalStatus.PROPOSED, Reason.PERSON_DECIDED, sequence
    if bet.grade is not None and bet.frozen:
        return ProposalStatus.PROPOSED, Reason.FROZEN, sequence
    return ProposalStatus.APPLIED, found.reason, bet.grade_seq + 1


def league_of(league: str) -> str:
    """The catalogue's name of a schedule's league, "" where it has no rules for it."""
    name = catalogue_id(league)
    return name if name in catalogue().leagues else ""
