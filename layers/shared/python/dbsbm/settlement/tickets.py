"""Tickets of several legs: one bet object each, by the reckoning that people's grades use."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dbsbm.bets.grading import standing
from dbsbm.bets.model import Bet
from dbsbm.bets.proposals.model import Reason
from dbsbm.bets.repository import BetRepository
from dbsbm.betting.settlement import Settlement
from dbsbm.database.session import Row, Session
from dbsbm.games.model import Game, GameState
from dbsbm.games.repository import GameRepository
from dbsbm.settlement.correcting import Correction
from dbsbm.settlement.proposals import Evidence, evidence, propose
from dbsbm.settlement.results.repository import ResultRepository, Work
from dbsbm.settlement.straights import Found, present


@dataclass
class Tickets:
    """Settles tickets, each once however many of its legs are on games of this page."""

    session: Session
    repository: ResultRepository
    now: datetime
    _seen: set[tuple[int, int]] = field(default_factory=set)

    def take(self, row: Row, work: Work, found: Found) -> None:
        """Add what becomes of a ticket; nothing while a leg that matters is still to be played."""
        key = (row["guild_id"], row["bet_id"])
        if key in self._seen:
            return
        self._seen.add(key)
        bets = BetRepository(self.session, row["guild_id"])
        bet = bets.lock(row["bet_id"])
        whole, games = self._whole(bet)
        outcome = self._outcome(bets, bet, whole, games)
        if outcome is None:
            return
        frozen = self.now - work.first_final_at > timedelta(hours=bet.terms.rule_profile.regrade_window_h)
        now = {**row, "grade_seq": bet.grade_seq, "grade": bet.grade and bet.grade.value}
        said = propose(whole, outcome, present(now, frozen))
        if said.grade_seq > bet.grade_seq:
            found.single.append(Correction(*key, said, row["known_result"] if bet.grade is not None else ""))
        else:
            found.add(now, said)

    def _whole(self, bet: Bet) -> tuple[Evidence, dict[int, Game]]:
        """What the sources say of all its games together, and the games that they call over, with that score."""
        ids = sorted({leg.game_id for leg in bet.terms.ticket.legs if leg.game_id})
        games, standings = GameRepository(self.session).games(ids), self.repository.standings(ids)
        over: dict[int, Game] = {}
        texts, reasons, sources = [], [], []
        for game_id in ids:
            said = evidence(standings[game_id])
            texts.append(said.text or "–")
            if said.result is None and said.reason is Reason.NONE:
                continue
            reasons.append(said.reason)
            sources.append(said.sources)
            if said.result is not None:
                over[game_id] = _over(games[game_id], said)
        worst = next((reason for reason in _WORST_FIRST if reason in reasons), Reason.NONE)
        return Evidence(None, "; ".join(texts)[:190], min(sources, default=0), worst), over

    def _outcome(
        self, bets: BetRepository, bet: Bet, whole: Evidence, games: dict[int, Game]
    ) -> Settlement | Reason | None:
        stands = standing(bet, games, bets.leg_decisions(bet.bet_id))
        if stands.settlement is not None:
            return stands.settlement
        if whole.reason is Reason.DISAGREE:
            return Reason.DISAGREE
        played = all(not leg.game_id or leg.game_id in games for leg in bet.terms.ticket.legs)
        return Reason.NO_RULE if played else None


_WORST_FIRST = (Reason.DISAGREE, Reason.CALLED_OFF, Reason.ONE_SOURCE)


def _over(game: Game, said: Evidence) -> Game:
    """The game with the result that the sources agree on."""
    if said.reason is Reason.CALLED_OFF or said.result is None:
        return game
    home, away = said.result.home, said.result.away
    return Game(game.game_id, game.league, game.home, game.away, game.starts_at, GameState.FINAL, home, away)
