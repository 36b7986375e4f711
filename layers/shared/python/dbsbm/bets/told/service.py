"""What the sources say of bets that need more than final scores, for whoever shows or decides them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dbsbm.bets.grading import game_result, standing
from dbsbm.bets.model import Bet
from dbsbm.bets.repository import BetRepository
from dbsbm.bets.selection import Selection
from dbsbm.bets.told.legs import is_baseball, needs_more, told
from dbsbm.betting.outcome import Outcome
from dbsbm.betting.results import Result
from dbsbm.database.session import Session
from dbsbm.games.facts.model import NOTHING
from dbsbm.games.facts.repository import FactsRepository
from dbsbm.games.model import Game
from dbsbm.games.repository import GameRepository

ToldLegs = Mapping[int, Result]
"""Results by the leg's number."""


def legs_told(session: Session, bets: Sequence[Bet], games: Mapping[int, Game]) -> dict[int, ToldLegs]:
    """Results of legs by bet, as far as the sources tell them; a bet that needs nothing more has none."""
    wanted = [
        (bet, number, leg)
        for bet in bets
        for number, leg in enumerate(bet.terms.ticket.legs, 1)
        if leg.game_id in games and needs_facts(leg)
    ]
    if not wanted:
        return {}
    facts = FactsRepository(session).of({leg.game_id for _, _, leg in wanted})
    found: dict[int, dict[int, Result]] = {}
    for bet, number, leg in wanted:
        score = game_result(games[leg.game_id])
        if score is None:
            continue
        said = told(leg, score, facts.get(leg.game_id, NOTHING), bet.terms.rule_profile)
        if said.result is not None:
            found.setdefault(bet.bet_id, {})[number] = said.result
    return dict(found)


def legs_so_far(session: Session, bets: BetRepository, bet: Bet) -> Sequence[Outcome | None]:
    """What each leg of a bet has come to, by its game, the sources and people's decisions; None while it is open."""
    games = GameRepository(session).games({leg.game_id for leg in bet.terms.ticket.legs if leg.game_id})
    told = legs_told(session, [bet], games).get(bet.bet_id)
    return standing(bet, games, bets.leg_decisions(bet.bet_id), told=told).legs


def needs_facts(leg: Selection) -> bool:
    """Whether more than the final score may decide this leg: a baseball game may have been cut short."""
    if not leg.game_id:
        return False
    return needs_more(leg.market, leg.period, leg.player, leg.league) or is_baseball(leg.league)
