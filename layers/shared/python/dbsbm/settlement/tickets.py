"""Tickets of several legs, and legs that need more than a final score: one bet object each, by the reckoning that
people's grades use.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from dbsbm.bets.grading import standing
from dbsbm.bets.model import Bet
from dbsbm.bets.proposals.model import Reason
from dbsbm.bets.repository import BetRepository
from dbsbm.bets.selection import Selection
from dbsbm.bets.told.legs import needs_more, told
from dbsbm.bets.told.model import Told
from dbsbm.bets.told.service import needs_facts
from dbsbm.betting.results import Result
from dbsbm.betting.settlement import Settlement
from dbsbm.database.session import Session
from dbsbm.games.facts.repository import FactsRepository
from dbsbm.games.model import Game, GameState
from dbsbm.games.repository import GameRepository
from dbsbm.settlement.proposals import Evidence, Present, backed, evidence, propose
from dbsbm.settlement.results.repository import ResultRepository, Work
from dbsbm.settlement.straights import Found


@dataclass
class _Whole:
    """What the sources say of all games of a ticket: those that they call over, the legs they tell more of, and why
    they do not decide the others.
    """

    games: dict[int, Game] = field(default_factory=dict)
    told: dict[int, Result] = field(default_factory=dict)
    missing: list[Told] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    reasons: list[Reason] = field(default_factory=list)
    sources: list[int] = field(default_factory=list)

    @property
    def evidence(self) -> Evidence:
        worst = next((reason for reason in _WORST_FIRST if reason in self.reasons), Reason.NONE)
        text = "; ".join(dict.fromkeys(self.texts))[:190]
        return Evidence(None, text, min(self.sources, default=0), worst)

    def add(self, text: str, sources: int, reason: Reason) -> None:
        self.texts.append(text)
        self.sources.append(sources)
        self.reasons.append(reason)


@dataclass
class Tickets:
    """Settles tickets, each once however many of its legs are on games of this page."""

    session: Session
    repository: ResultRepository
    now: datetime
    _seen: set[tuple[int, int]] = field(default_factory=set)

    def take(self, key: tuple[int, int], present: Present, work: Work, found: Found) -> None:
        """Add what becomes of a ticket; nothing while a leg that matters is still to be played."""
        if key in self._seen:
            return
        self._seen.add(key)
        guild_id, bet_id = key
        bets = BetRepository(self.session, guild_id)
        bet = bets.lock(bet_id)
        whole = self._whole(bet)
        outcome = self._outcome(bets, bet, whole)
        if outcome is None:
            return
        frozen = self.now - work.first_final_at > timedelta(hours=bet.terms.rule_profile.regrade_window_h)
        now = replace(present, grade_seq=bet.grade_seq, grade=bet.grade, frozen=frozen)
        found.add((*key, bet.capper_id), now, propose(whole.evidence, outcome, now))

    def _whole(self, bet: Bet) -> _Whole:
        legs = [(number, leg) for number, leg in enumerate(bet.terms.ticket.legs, 1) if leg.game_id]
        ids = sorted({leg.game_id for _, leg in legs})
        games, standings = GameRepository(self.session).games(ids), self.repository.standings(ids)
        more = [leg.game_id for _, leg in legs if needs_facts(leg)]
        facts = FactsRepository(self.session).of(more) if more else {}
        whole = _Whole()
        for number, leg in legs:
            said = evidence(standings[leg.game_id])
            if said.result is None and said.reason is Reason.NONE:
                whole.texts.append("–")
                continue
            if said.result is not None:
                whole.games[leg.game_id] = _over(games[leg.game_id], said)
            if said.result is None or leg.game_id not in facts:
                whole.add(said.text, said.sources, said.reason)
                continue
            self._more(whole, number, leg, said, told(leg, said.result, facts[leg.game_id], bet.terms.rule_profile))
        return whole

    def _more(self, whole: _Whole, number: int, leg: Selection, said: Evidence, found: Told) -> None:
        """A leg of which more than the score is told; where nothing is, the score decides if it can."""
        if found.result is not None:
            whole.told[number] = found.result
            off = said.reason is Reason.CALLED_OFF
            whole.add(found.text, found.sources, said.reason if off else backed(found.sources))
        elif not needs_more(leg.market, leg.period, leg.player, leg.league):
            whole.add(said.text, said.sources, said.reason)
        elif found.reason is Reason.DISAGREE:
            whole.add(found.text, found.sources, found.reason)
        else:
            whole.texts.append(found.text or "–")
            whole.missing.append(found)

    def _outcome(self, bets: BetRepository, bet: Bet, whole: _Whole) -> Settlement | Reason | None:
        stands = standing(bet, whole.games, bets.leg_decisions(bet.bet_id), told=whole.told)
        if stands.settlement is not None:
            return stands.settlement
        if Reason.DISAGREE in whole.reasons:
            return Reason.DISAGREE
        played = all(not leg.game_id or leg.game_id in whole.games for leg in bet.terms.ticket.legs)
        if not played:
            return None
        return whole.missing[0].reason if whole.missing else Reason.NO_RULE


_WORST_FIRST = (Reason.DISAGREE, Reason.CALLED_OFF, Reason.ONE_SOURCE)


def _over(game: Game, said: Evidence) -> Game:
    """The game with the result that the sources agree on."""
    if said.reason is Reason.CALLED_OFF or said.result is None:
        return game
    home, away = said.result.home, said.result.away
    return Game(game.game_id, game.league, game.home, game.away, game.starts_at, GameState.FINAL, home, away)
