"""Bets, their terms, grades and ledger entries: always of one guild."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

from dbsbm.bets.model import Bet, Decision, LedgerEntry, PriceCheck, Revision, RevisionKind, Selection
from dbsbm.betting.markets import Market, Side
from dbsbm.betting.odds import Odds, OddsFormat
from dbsbm.betting.profile import RuleProfile
from dbsbm.betting.settlement import Grade
from dbsbm.betting.stakes import Stake, StakeMode
from dbsbm.core.errors import NotFoundError
from dbsbm.database.session import Row, Session

_BET = """SELECT b.guild_id, b.bet_id, b.capper_id, b.channel_id, b.posted_at, b.starts_at, b.sports_day, b.grade_seq,
 b.grade, r.revision, r.kind, r.stake_mode, r.risk_micro, r.to_win_micro, r.rule_profile, r.rule_profile_version,
 r.price_check, r.priced_at, r.written_at, l.game_id, l.league, l.home, l.away, l.starts_at AS leg_starts_at, l.market,
 l.side, l.line_q, l.odds_num, l.odds_den, l.odds_typed, l.odds_format
 FROM bets b
 JOIN bet_revisions r ON r.guild_id = b.guild_id AND r.bet_id = b.bet_id AND r.revision = b.revision
 JOIN bet_legs l ON l.guild_id = b.guild_id AND l.bet_id = b.bet_id AND l.revision = b.revision AND l.leg = 1
 WHERE b.guild_id = %s AND b.bet_id = %s"""


class BetRepository:
    """Everything about the bets of one guild."""

    def __init__(self, session: Session, guild_id: int) -> None:
        self._session = session
        self._guild_id = guild_id

    def bet(self, bet_id: int) -> Bet:
        """A bet with its present terms.

        Raises
        ------
        NotFoundError
            When this guild has no such bet.
        """
        # By PRIMARY of all three.
        row = self._session.one(_BET, (self._guild_id, bet_id))
        if row is None:
            raise NotFoundError(f"no bet {bet_id}")
        return _bet(row)

    def lock(self, bet_id: int) -> Bet:
        """The bet, held until the transaction ends: whoever decides on it next waits.

        Raises
        ------
        NotFoundError
            When this guild has no such bet.
        """
        # By PRIMARY.
        self._session.one(
            "SELECT bet_id FROM bets WHERE guild_id = %s AND bet_id = %s FOR UPDATE", (self._guild_id, bet_id)
        )
        return self.bet(bet_id)

    def add(self, bet_id: int, capper_id: int, channel_id: int, terms: Revision, day: date) -> None:
        """A new bet with its first revision."""
        self._session.execute(
            """INSERT INTO bets (guild_id, bet_id, capper_id, revision, starts_at, sports_day, posted_at, channel_id)
               VALUES (%s, %s, %s, %s, %s, %s, %s, %s)""",
            (
                self._guild_id,
                bet_id,
                capper_id,
                terms.number,
                terms.selection.starts_at,
                day,
                terms.written_at,
                channel_id,
            ),
        )
        self._append_terms(bet_id, capper_id, terms)

    def revise(self, bet_id: int, written_by: int, terms: Revision, day: date) -> None:
        """Append a revision and make it the bet's present terms."""
        self._append_terms(bet_id, written_by, terms)
        # By PRIMARY.
        self._session.execute(
            "UPDATE bets SET revision = %s, starts_at = %s, sports_day = %s WHERE guild_id = %s AND bet_id = %s",
            (terms.number, terms.selection.starts_at, day, self._guild_id, bet_id),
        )

    def _append_terms(self, bet_id: int, written_by: int, terms: Revision) -> None:
        selection, stake, odds = terms.selection, terms.stake, terms.selection.odds
        self._session.execute(
            """INSERT INTO bet_revisions (guild_id, bet_id, revision, kind, stake_mode, risk_micro, to_win_micro,
               odds_num, odds_den, odds_typed, odds_format, rule_profile_version, rule_profile, price_check, priced_at,
               written_at, written_by) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
            (
                self._guild_id,
                bet_id,
                terms.number,
                terms.kind.value,
                stake.mode.value,
                stake.risk_micro,
                stake.to_win_micro,
                odds.num,
                odds.den,
                odds.typed,
                odds.format.value,
                terms.rule_profile_version,
                json.dumps(terms.rule_profile.to_json()),
                terms.price_check.value,
                terms.priced_at,
                terms.written_at,
                written_by,
            ),
        )
        self._session.execute(
            """INSERT INTO bet_legs (guild_id, bet_id, revision, leg, game_id, league, home, away, market, side, line_q,
               odds_num, odds_den, odds_typed, odds_format, starts_at)
               VALUES (%s, %s, %s, 1, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
            (
                self._guild_id,
                bet_id,
                terms.number,
                selection.game_id,
                selection.league,
                selection.home,
                selection.away,
                selection.market.value,
                selection.side.value,
                selection.line_q,
                odds.num,
                odds.den,
                odds.typed,
                odds.format.value,
                selection.starts_at,
            ),
        )

    def decide(self, bet_id: int, decision: Decision, interaction_id: int, entries: Sequence[LedgerEntry]) -> None:
        """Append a decision with its ledger entries and bring the bet to it. The caller holds the bet's lock."""
        bet = self.bet(bet_id)
        self._session.execute(
            """INSERT INTO bet_grades (guild_id, bet_id, grade_seq, action, grade, rule, source, decided_by, decided_at,
               interaction_id) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
            (
                self._guild_id,
                bet_id,
                decision.grade_seq,
                decision.action,
                decision.grade.value if decision.grade else None,
                decision.rule,
                decision.source,
                decision.decided_by,
                decision.decided_at,
                interaction_id,
            ),
        )
        self._session.execute_many(
            """INSERT INTO ledger_entries (guild_id, bet_id, grade_seq, kind, capper_id, sports_day, grade, bets,
               risk_micro, return_micro, profit_micro, entered_at)
               VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
            [
                (
                    self._guild_id,
                    bet_id,
                    entry.grade_seq,
                    entry.kind,
                    bet.capper_id,
                    entry.sports_day,
                    entry.grade.value,
                    entry.bets,
                    entry.risk_micro,
                    entry.return_micro,
                    entry.profit_micro,
                    decision.decided_at,
                )
                for entry in entries
            ],
        )
        # By PRIMARY.
        self._session.execute(
            "UPDATE bets SET state = %s, grade_seq = %s, grade = %s WHERE guild_id = %s AND bet_id = %s",
            (
                "graded" if decision.grade else "open",
                decision.grade_seq,
                decision.grade.value if decision.grade else None,
                self._guild_id,
                bet_id,
            ),
        )

    def last_decision(self, bet_id: int) -> Decision | None:
        """The newest entry of a bet's grading history."""
        # By PRIMARY, backwards.
        row = self._session.one(
            """SELECT grade_seq, action, grade, rule, source, decided_by, decided_at FROM bet_grades
               WHERE guild_id = %s AND bet_id = %s ORDER BY grade_seq DESC LIMIT 1""",
            (self._guild_id, bet_id),
        )
        return None if row is None else _decision(row)

    def standing_entry(self, bet_id: int, grade_seq: int) -> LedgerEntry | None:
        """The ledger entry that a decision made, as long as nothing took it back."""
        # By PRIMARY.
        row = self._session.one(
            """SELECT grade_seq, kind, grade, sports_day, bets, risk_micro, return_micro, profit_micro
               FROM ledger_entries WHERE guild_id = %s AND bet_id = %s AND grade_seq = %s AND kind = 'grade'""",
            (self._guild_id, bet_id, grade_seq),
        )
        return None if row is None else _entry(row)


def _bet(row: Row) -> Bet:
    odds = Odds(row["odds_num"], row["odds_den"], row["odds_typed"], OddsFormat(row["odds_format"]))
    selection = Selection(
        game_id=row["game_id"],
        league=row["league"],
        home=row["home"],
        away=row["away"],
        starts_at=row["leg_starts_at"],
        market=Market(row["market"]),
        side=Side(row["side"]),
        line_q=row["line_q"],
        odds=odds,
    )
    terms = Revision(
        number=row["revision"],
        kind=RevisionKind(row["kind"]),
        selection=selection,
        stake=Stake(StakeMode(row["stake_mode"]), row["risk_micro"], row["to_win_micro"]),
        rule_profile=RuleProfile.from_json(json.loads(row["rule_profile"])),
        rule_profile_version=row["rule_profile_version"],
        price_check=PriceCheck(row["price_check"]),
        priced_at=row["priced_at"],
        written_at=row["written_at"],
    )
    return Bet(
        guild_id=row["guild_id"],
        bet_id=row["bet_id"],
        capper_id=row["capper_id"],
        channel_id=row["channel_id"],
        posted_at=row["posted_at"],
        starts_at=row["starts_at"],
        sports_day=row["sports_day"],
        grade_seq=row["grade_seq"],
        grade=Grade(row["grade"]) if row["grade"] else None,
        terms=terms,
    )


def _decision(row: Row) -> Decision:
    return Decision(
        grade_seq=row["grade_seq"],
        action=row["action"],
        grade=Grade(row["grade"]) if row["grade"] else None,
        rule=row["rule"],
        source=row["source"],
        decided_by=row["decided_by"],
        decided_at=row["decided_at"],
    )


def _entry(row: Row) -> LedgerEntry:
    return LedgerEntry(
        grade_seq=row["grade_seq"],
        kind=row["kind"],
        grade=Grade(row["grade"]),
        sports_day=row["sports_day"],
        bets=row["bets"],
        risk_micro=row["risk_micro"],
        return_micro=row["return_micro"],
        profit_micro=row["profit_micro"],
    )
