"""Straight bets on a game's score, many at once: read as rows, without a bet object for each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import cast

from dbsbm.bets.proposals.model import Proposal, Reason
from dbsbm.bets.proposals.repository import Graded, Proposed
from dbsbm.betting.grading import grade_leg
from dbsbm.betting.odds import Odds
from dbsbm.betting.outcome import Outcome
from dbsbm.betting.profile import RuleProfile
from dbsbm.betting.settlement import Settlement, returned
from dbsbm.core.errors import InputError
from dbsbm.database.session import Row
from dbsbm.settlement.correcting import Correction
from dbsbm.settlement.proposals import Evidence, Present, propose
from dbsbm.settlement.results.repository import ResultRepository, Work
from dbsbm.settlement.terms import Terms


@dataclass(frozen=True, slots=True)
class _Case:
    """What a game's score does to bets that are alike: what comes of their leg, and what is said of the first of them.

    ``together`` is whether they are graded in the batch.
    """

    outcome: Outcome | Reason
    present: Present
    said: Proposal
    together: bool


@dataclass
class Straights:
    """Settles rows. Cases and rules are kept while it lives: bets on a game are on few sides, under few rules."""

    repository: ResultRepository
    now: datetime
    automatic: Mapping[int, bool]
    _cases: dict[tuple[object, ...], _Case] = field(default_factory=dict)
    _profiles: dict[tuple[int, tuple[int, str]], RuleProfile] = field(default_factory=dict)
    _stored: dict[str, RuleProfile] = field(default_factory=dict)

    def take(self, row: Row, terms: Terms, evidence: Evidence, work: Work, found: Found) -> None:
        """Add what becomes of a bet."""
        guild_id, known = row["guild_id"], row["known_result"]
        profile = self._profiles.get((guild_id, terms.rules)) or self._profile(row, terms)
        key = (work.game_id, id(profile), self.automatic[guild_id], known, terms.alike)
        case = self._cases.get(key)
        if case is None:
            frozen = self.now - work.first_final_at > timedelta(hours=profile.regrade_window_h)
            present = terms.present(self.automatic[guild_id], known, frozen)
            case = self._cases[key] = _case(terms, evidence, profile, present)
        owned = (guild_id, row["bet_id"], row["capper_id"])
        if isinstance(case.outcome, Reason) or terms.leg is None:
            found.add(owned, case.present, case.said)
            return
        risk = row["risk_micro"]
        back = returned(risk, row["to_win_micro"], terms.stake_mode, cast(Odds, terms.leg.odds), case.outcome)
        if case.together:
            found.graded.append(Graded(*owned, case.said, back, back - risk))
            return
        settlement = Settlement(case.outcome.grade, case.outcome.rule, back, back - risk)
        found.add(owned, case.present, replace(case.said, settlement=settlement))

    def _profile(self, row: Row, terms: Terms) -> RuleProfile:
        stored = self.repository.rule_profile(row["guild_id"], row["bet_id"], terms.revision)
        if stored not in self._stored:
            self._stored[stored] = RuleProfile.from_json(json.loads(stored))
        profile = self._profiles[row["guild_id"], terms.rules] = self._stored[stored]
        return profile


def _case(terms: Terms, evidence: Evidence, profile: RuleProfile, present: Present) -> _Case:
    decided = _decided(terms, evidence, profile)
    outcome = decided if isinstance(decided, Reason) else Settlement(decided.grade, decided.rule, 0, 0)
    said = propose(evidence, outcome, present)
    return _Case(decided, present, said, said.grade_seq > present.grade_seq and present.grade is None)


def _decided(terms: Terms, evidence: Evidence, profile: RuleProfile) -> Outcome | Reason:
    """What the engine makes of a leg, or why it cannot."""
    if evidence.result is None:
        return evidence.reason
    if terms.leg is None:
        return Reason.NO_RULE
    try:
        return grade_leg(terms.leg, evidence.result, profile)
    except InputError:
        return Reason.NO_RULE


@dataclass
class Found:
    """What a page came to: proposals that change nothing, open bets to be graded together, and single decisions."""

    quiet: list[Proposed] = field(default_factory=list)
    graded: list[Graded] = field(default_factory=list)
    single: list[Correction] = field(default_factory=list)

    def add(self, owned: tuple[int, int, int], present: Present, said: Proposal) -> None:
        """Sort a bet in that is not graded with others. A decision is one that was not there before."""
        if said.grade_seq <= present.grade_seq:
            self.quiet.append(Proposed(*owned, said))
        else:
            self.single.append(Correction(*owned, said, present.known_result if present.grade is not None else ""))
