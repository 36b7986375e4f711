"""Straight bets on a game's score, many at once: read as rows, without a bet object for each."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dbsbm.bets.proposals.model import Proposal, Reason
from dbsbm.bets.proposals.repository import STAMP, Proposed
from dbsbm.bets.told.legs import needs_more
from dbsbm.betting.legs import Leg, Straight
from dbsbm.betting.markets import Market, Side
from dbsbm.betting.profile import RuleProfile
from dbsbm.betting.settlement import Grade, Settlement
from dbsbm.betting.stakes import Stake, StakeMode
from dbsbm.core.errors import InputError
from dbsbm.database.session import Row
from dbsbm.games.model import odds_of
from dbsbm.settlement.correcting import Correction
from dbsbm.settlement.proposals import Evidence, Present, league_of, propose, settled
from dbsbm.settlement.results.repository import ResultRepository, Work


@dataclass
class Straights:
    """Settles rows. Legs and rules are kept while it lives: bets of a community are on few sides, under few rules."""

    repository: ResultRepository
    now: datetime
    _legs: dict[tuple[object, ...], Leg | None] = field(default_factory=dict)
    _profiles: dict[tuple[int, int, int], RuleProfile] = field(default_factory=dict)

    def take(self, row: Row, evidence: Evidence, work: Work, found: Found) -> None:
        """Add what becomes of a bet."""
        profile = self._profile(row)
        outcome = self._outcome(row, evidence, profile)
        frozen = self.now - work.first_final_at > timedelta(hours=profile.regrade_window_h)
        found.add(row, propose(evidence, outcome, present(row, frozen)))

    def _outcome(self, row: Row, found: Evidence, profile: RuleProfile) -> Settlement | Reason:
        if found.result is None:
            return found.reason
        leg = self._leg(row)
        if leg is None:
            return Reason.NO_RULE
        stake = Stake(StakeMode(row["stake_mode"]), row["risk_micro"], row["to_win_micro"])
        return settled(Straight(leg, stake), found.result, profile)

    def _leg(self, row: Row) -> Leg | None:
        key = (row["league"], row["market"], row["side"], row["line_q"], row["odds_num"], row["odds_den"])
        if key not in self._legs:
            self._legs[key] = _leg(row)
        return self._legs[key]

    def _profile(self, row: Row) -> RuleProfile:
        key = (row["guild_id"], row["rule_profile_version"], row["profile_sum"])
        if key not in self._profiles:
            stored = self.repository.rule_profile(row["guild_id"], row["bet_id"], row["revision"])
            self._profiles[key] = RuleProfile.from_json(json.loads(stored))
        return self._profiles[key]


def _leg(row: Row) -> Leg | None:
    """As the engine knows it; None where no score of a game decides it."""
    league = league_of(row["league"])
    if not league:
        return None
    try:
        return Leg(
            Market(row["market"]),
            Side(row["side"]),
            odds_of(row["odds_num"], row["odds_den"]),
            row["line_q"],
            league=league,
        )
    except InputError:
        return None


def is_plain(row: Row) -> bool:
    """Whether the score of the whole game decides all there is."""
    if row["ticket"] != "straight":
        return False
    return not needs_more(Market(row["market"]), row["period"], row["player"], row["league"])


def present(row: Row, frozen: bool) -> Present:
    """How the row's bet stands, and what was proposed of it last."""
    return Present(
        state=row["state"],
        grade=_grade(row["grade"]),
        grade_seq=row["grade_seq"],
        auto_grade=bool(row["auto_grade"]),
        known_result=row["known_result"] or "",
        known_grade=_grade(row["known_grade"]),
        known_seq=row["known_seq"] or 0,
        frozen=frozen,
    )


@dataclass
class Found:
    """What a page came to: proposals that change nothing, open bets to be graded together, and single decisions."""

    quiet: list[Proposed] = field(default_factory=list)
    graded: list[Proposed] = field(default_factory=list)
    single: list[Correction] = field(default_factory=list)

    def add(self, row: Row, said: Proposal) -> None:
        """Sort a bet in. A decision is one that was not there before; a graded bet is corrected by itself."""
        owned = (row["guild_id"], row["bet_id"], row["capper_id"])
        if said.grade_seq <= row["grade_seq"]:
            self.quiet.append(Proposed(*owned, said))
        elif row["grade"] is None:
            self.graded.append(Proposed(*owned, said, STAMP))
        else:
            self.single.append(Correction(*owned, said, row["known_result"]))


def _grade(stored: str | None) -> Grade | None:
    return None if stored is None else Grade(stored)
