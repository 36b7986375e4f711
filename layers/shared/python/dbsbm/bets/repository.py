"""Bets, their terms, grades and ledger entries: always of one guild."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter

from dbsbm.audit.events import Kind, Subject
from dbsbm.audit.events import bet as of_bet
from dbsbm.audit.repository import AuditRepository
from dbsbm.bets.model import AUTO, Bet, Decision, LedgerEntry, LegDecision, Revision
from dbsbm.bets.news.repository import NewsRepository
from dbsbm.bets.rows import bet_of, decision_of, leg_values, line_of, selection_of
from dbsbm.bets.sealing import decided, sealed_reason, sealed_terms
from dbsbm.bets.standings.repository import StandingsRepository
from dbsbm.bets.ticket import Ticket, TicketKind, TicketTerms
from dbsbm.betting.settlement import Grade
from dbsbm.core.errors import NotFoundError
from dbsbm.core.ids import first_at
from dbsbm.database.session import Session
from dbsbm.keys.words import DECISION, NOTE, SealedWords
from dbsbm.webhooks.repository import WebhookRepository

_TERMS = """SELECT b.guild_id, b.bet_id, b.capper_id, b.channel_id, b.posted_at, b.starts_at, b.sports_day, b.grade_seq,
 b.grade, b.state, b.under_review, b.ping_role_id, b.import_id, r.revision, r.kind, r.ticket, r.terms, r.book,
 r.link, r.write_up, r.noted, r.stake_mode, r.risk_micro, r.to_win_micro, r.odds_num, r.odds_den, r.odds_typed,
 r.odds_format, r.rule_profile, r.rule_profile_version, r.price_check, r.priced_at, r.written_at,
 (SELECT SUM(e.profit_micro) FROM ledger_entries e
  WHERE e.guild_id = b.guild_id AND e.bet_id = b.bet_id) AS profit_micro
 FROM bets b
 JOIN bet_revisions r ON r.guild_id = b.guild_id AND r.bet_id = b.bet_id AND r.revision = b.revision
 WHERE b.guild_id = %s """
_BET = _TERMS + "AND b.bet_id = %s"
_SEVERAL = _TERMS + "AND b.bet_id IN %s"
_LEGS = """SELECT game_id, league, home, away, starts_at, market, side, line_q, odds_num, odds_den, odds_typed,
 odds_format, period, player, stat, score_home, score_away
 FROM bet_legs WHERE guild_id = %s AND bet_id = %s AND revision = %s ORDER BY leg"""
_LEGS_OF_SEVERAL = """SELECT l.bet_id, l.game_id, l.league, l.home, l.away, l.starts_at, l.market, l.side, l.line_q,
 l.odds_num, l.odds_den, l.odds_typed, l.odds_format, l.period, l.player, l.stat, l.score_home, l.score_away
 FROM bets b JOIN bet_legs l ON l.guild_id = b.guild_id AND l.bet_id = b.bet_id AND l.revision = b.revision
 WHERE b.guild_id = %s AND b.bet_id IN %s ORDER BY l.bet_id, l.leg"""
_RECENT = """SELECT bet_id FROM bets WHERE guild_id = %s AND bet_id >= %s AND capper_id = %s AND state = 'open'
 AND posted_at > %s ORDER BY bet_id DESC LIMIT 50"""


class BetRepository:
    """Everything about the bets of one guild."""

    def __init__(self, session: Session, guild_id: int) -> None:
        self._session = session
        self._guild_id = guild_id
        self._audit = AuditRepository(session, guild_id)
        self._words = SealedWords(session, guild_id)

    def bet(self, bet_id: int) -> Bet:
        """A bet with its present terms.

        Raises
        ------
        NotFoundError
            When this guild has no such bet.
        """
        # By PRIMARY of all of them.
        row = self._session.one(_BET, (self._guild_id, bet_id))
        if row is None:
            raise NotFoundError(f"no bet {bet_id}")
        legs = self._session.all(_LEGS, (self._guild_id, bet_id, row["revision"]))
        return bet_of(row, tuple(selection_of(leg) for leg in legs))

    def several(self, bet_ids: Sequence[int]) -> list[Bet]:
        """Bets with their present terms in the order asked for, in two statements; unknown ones are left out."""
        if not bet_ids:
            return []
        # By PRIMARY of all of them.
        rows = self._session.all(_SEVERAL, (self._guild_id, tuple(bet_ids)))
        legs = self._session.all(_LEGS_OF_SEVERAL, (self._guild_id, tuple(bet_ids)))
        of_bet = {bet_id: tuple(map(selection_of, each)) for bet_id, each in groupby(legs, itemgetter("bet_id"))}
        found = {row["bet_id"]: bet_of(row, of_bet.get(row["bet_id"], ())) for row in rows}
        return [found[bet_id] for bet_id in bet_ids if bet_id in found]

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

    def add(
        self,
        bet_id: int,
        capper_id: int,
        channel_id: int,
        terms: Revision,
        day: date,
        *,
        ping_role_id: int | None = None,
    ) -> None:
        """A new bet with its first revision; whom its slip pings."""
        self._session.execute(
            """INSERT INTO bets (guild_id, bet_id, capper_id, revision, starts_at, sports_day, posted_at, channel_id,
               ping_role_id) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)""",
            (
                self._guild_id,
                bet_id,
                capper_id,
                terms.number,
                terms.ticket.starts_at,
                day,
                terms.written_at,
                channel_id,
                ping_role_id,
            ),
        )
        self._append_terms(bet_id, capper_id, terms)
        self._keep_note(bet_id, capper_id, terms)
        self._audit.append(
            Kind.BET_POSTED, of_bet(bet_id, capper_id), {"revision": terms.number}, sealed_terms(bet_id, terms)
        )
        WebhookRepository(self._session, self._guild_id).bet_created(bet_id, terms.written_at)

    def revise(self, bet_id: int, written_by: int, terms: Revision, day: date) -> None:
        """Append a revision and make it the bet's present terms."""
        subject = self._subject(bet_id)
        self._append_terms(bet_id, written_by, terms)
        self._keep_note(bet_id, subject.owner or written_by, terms)
        # By PRIMARY.
        self._session.execute(
            "UPDATE bets SET revision = %s, starts_at = %s, sports_day = %s WHERE guild_id = %s AND bet_id = %s",
            (terms.number, terms.ticket.starts_at, day, self._guild_id, bet_id),
        )
        details = {"revision": terms.number, "kind": terms.kind.value}
        self._audit.append(Kind.BET_REVISED, subject, details, sealed_terms(bet_id, terms))

    def noted(self, bet: Bet) -> Bet:
        """A bet with what its capper wrote on it: for one that is shown or changed, never for a list.

        Raises
        ------
        DatabaseUnavailableError
            When the keys cannot be reached.
        """
        note = bet.terms.ticket.note
        if not note.sealed:
            return bet
        said = self._words.at(NOTE, bet.bet_id, bet.terms.number) or {}
        opened = replace(note, link=said.get("link", ""), write_up=said.get("write_up", ""), sealed=False)
        return replace(bet, terms=replace(bet.terms, ticket=replace(bet.terms.ticket, note=opened)))

    def _keep_note(self, bet_id: int, capper_id: int, terms: Revision) -> None:
        """Link and reasons, under their capper's key."""
        said = terms.ticket.note.own_words
        if said:
            self._words.put(NOTE, bet_id, terms.number, capper_id, said)

    def _subject(self, bet_id: int) -> Subject:
        """The bet as the log's object: its capper's."""
        # By PRIMARY.
        row = self._session.one(
            "SELECT capper_id FROM bets WHERE guild_id = %s AND bet_id = %s", (self._guild_id, bet_id)
        )
        if row is None:
            raise NotFoundError(f"no bet {bet_id}")
        return of_bet(bet_id, row["capper_id"])

    def _append_terms(self, bet_id: int, written_by: int, terms: Revision) -> None:
        ticket, stake = terms.ticket, terms.stake
        odds = ticket.legs[0].odds if ticket.kind is TicketKind.STRAIGHT else ticket.own_odds
        note = ticket.note
        self._session.execute(
            """INSERT INTO bet_revisions (guild_id, bet_id, revision, kind, ticket, stake_mode, risk_micro,
               to_win_micro, odds_num, odds_den, odds_typed, odds_format, terms, book, noted,
               rule_profile_version, rule_profile, price_check, priced_at, written_at, written_by)
               VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
            (
                self._guild_id,
                bet_id,
                terms.number,
                terms.kind.value,
                ticket.kind.value,
                stake.mode.value,
                stake.risk_micro,
                stake.to_win_micro,
                odds.num if odds else None,
                odds.den if odds else None,
                odds.typed if odds else "",
                odds.format.value if odds else "",
                None if ticket.terms == TicketTerms() else json.dumps(ticket.terms.to_json()),
                note.book,
                bool(note.own_words),
                terms.rule_profile_version,
                json.dumps(terms.rule_profile.to_json()),
                terms.price_check.value,
                terms.priced_at,
                terms.written_at,
                written_by,
            ),
        )
        self._session.execute_many(
            """INSERT INTO bet_legs (guild_id, bet_id, revision, leg, game_id, league, home, away, market, side, line_q,
               odds_num, odds_den, odds_typed, odds_format, starts_at, period, player, stat, score_home, score_away)
               VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
            [
                (self._guild_id, bet_id, terms.number, number, *leg_values(leg))
                for number, leg in enumerate(ticket.legs, 1)
            ],
        )

    def open_bets(self, capper_id: int) -> int:
        """How many of a capper's bets are not graded."""
        # By bets_by_capper.
        row = self._session.one(
            "SELECT COUNT(*) AS n FROM bets WHERE guild_id = %s AND capper_id = %s AND state = 'open'",
            (self._guild_id, capper_id),
        )
        return int(row["n"]) if row else 0

    def newest_of(self, capper_id: int) -> int | None:
        """The id of the bet that a capper posted last; ids grow with time."""
        # By bets_by_capper.
        row = self._session.one(
            "SELECT MAX(bet_id) AS bet_id FROM bets WHERE guild_id = %s AND capper_id = %s AND import_id IS NULL",
            (self._guild_id, capper_id),
        )
        return int(row["bet_id"]) if row and row["bet_id"] is not None else None

    def open_of(self, capper_id: int, limit: int) -> list[Bet]:
        """A capper's open bets, next starts first."""
        # By bets_by_capper, in order.
        rows = self._session.all(
            """SELECT bet_id FROM bets WHERE guild_id = %s AND capper_id = %s AND state = 'open'
               ORDER BY starts_at, bet_id LIMIT %s""",
            (self._guild_id, capper_id, limit),
        )
        return [self.bet(row["bet_id"]) for row in rows]

    def posted_since(self, capper_id: int, ticket: Ticket, since: datetime) -> tuple[int, datetime] | None:
        """An open bet of a capper on the same sides at the same lines, posted after ``since``: its id and time."""
        # By PRIMARY: ids grow with time, so these are the guild's bets of the last minutes.
        rows = self._session.all(_RECENT, (self._guild_id, first_at(since), capper_id, since))
        for bet in self.several([row["bet_id"] for row in rows]):
            if bet.terms.ticket.same_bet(ticket):
                return bet.bet_id, bet.posted_at
        return None

    def withdraw(self, bet_id: int, state: str) -> None:
        """The bet stays as a tombstone. The caller holds its lock."""
        # By PRIMARY.
        self._session.execute(
            "UPDATE bets SET state = %s WHERE guild_id = %s AND bet_id = %s", (state, self._guild_id, bet_id)
        )
        self._audit.append(Kind.BET_WITHDRAWN, self._subject(bet_id), {"state": state})

    def set_under_review(self, bet_id: int, disputed: bool) -> None:
        """Whether the bet's grade is disputed. The caller holds its lock."""
        # By PRIMARY.
        self._session.execute(
            "UPDATE bets SET under_review = %s WHERE guild_id = %s AND bet_id = %s",
            (disputed, self._guild_id, bet_id),
        )
        self._audit.append(Kind.BET_REVIEWED, self._subject(bet_id), {"disputed": disputed})

    def decide_leg(self, bet_id: int, decision: LegDecision) -> None:
        """Append what a person said of one leg. The caller holds the bet's lock."""
        self._session.execute(
            """INSERT INTO bet_leg_results (guild_id, bet_id, decision, leg, grade, value_q, participated, decided_by,
               decided_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)""",
            (
                self._guild_id,
                bet_id,
                decision.number,
                decision.leg,
                decision.grade.value if decision.grade else None,
                decision.value_q,
                decision.participated,
                decision.decided_by,
                decision.decided_at,
            ),
        )
        grade = decision.grade.value if decision.grade else None
        details = {"number": decision.number, "leg": decision.leg, "grade": grade, "value_q": decision.value_q}
        self._audit.append(Kind.LEG_DECIDED, self._subject(bet_id), details)

    def leg_decisions(self, bet_id: int) -> list[LegDecision]:
        """What people said of the legs, in the order they said it."""
        # By PRIMARY.
        rows = self._session.all(
            """SELECT decision, leg, grade, value_q, participated, decided_by, decided_at FROM bet_leg_results
               WHERE guild_id = %s AND bet_id = %s ORDER BY decision""",
            (self._guild_id, bet_id),
        )
        return [
            LegDecision(
                row["decision"],
                row["leg"],
                Grade(row["grade"]) if row["grade"] else None,
                row["value_q"],
                bool(row["participated"]),
                row["decided_by"],
                row["decided_at"],
            )
            for row in rows
        ]

    def decide(self, bet_id: int, decision: Decision, interaction_id: int, entries: Sequence[LedgerEntry]) -> None:
        """Append a decision with its ledger entries and bring the bet to it. The caller holds the bet's lock."""
        bet = self.bet(bet_id)
        self._session.execute(
            """INSERT INTO bet_grades (guild_id, bet_id, grade_seq, action, grade, rule, source, decided_by, decided_at,
               reason, interaction_id) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
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
                decision.reason if decision.source == AUTO else "",
                interaction_id,
            ),
        )
        self._keep_reason(bet_id, decision)
        self._session.execute_many(
            """INSERT INTO ledger_entries (guild_id, bet_id, grade_seq, kind, capper_id, sports_day, grade, bets,
               risk_micro, return_micro, profit_micro, entered_at, imported)
               VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
            [
                (
                    self._guild_id,
                    bet_id,
                    line.entry.grade_seq,
                    line.entry.kind.value,
                    bet.capper_id,
                    line.sports_day,
                    line.entry.grade.value,
                    line.entry.bets,
                    line.entry.risk_micro,
                    line.entry.return_micro,
                    line.entry.profit_micro,
                    decision.decided_at,
                    bet.import_id is not None,
                )
                for line in entries
            ],
        )
        StandingsRepository(self._session, self._guild_id).add(bet_id, decision.grade_seq)
        NewsRepository(self._session, self._guild_id).note(bet_id, decision.decided_at)
        # By PRIMARY.
        self._session.execute(
            "UPDATE bets SET state = %s, grade_seq = %s, grade = %s WHERE guild_id = %s AND bet_id = %s",
            (
                bet.state if bet.withdrawn else "graded" if decision.grade else "open",
                decision.grade_seq,
                decision.grade.value if decision.grade else None,
                self._guild_id,
                bet_id,
            ),
        )
        details, reason = decided(decision, entries), sealed_reason(bet_id, decision)
        self._audit.append(Kind.BET_DECIDED, of_bet(bet_id, bet.capper_id), details, reason)
        self._tell(bet, decision)

    def _keep_reason(self, bet_id: int, decision: Decision) -> None:
        """What a person gave as the reason, under that person's key."""
        if decision.reason and decision.source != AUTO:
            words = {"reason": decision.reason}
            self._words.put(DECISION, bet_id, decision.grade_seq, decision.decided_by, words)

    def _tell(self, bet: Bet, decision: Decision) -> None:
        """A decision in the shadow, about a withdrawn bet, is nobody's news."""
        if not bet.withdrawn:
            webhooks = WebhookRepository(self._session, self._guild_id)
            first = decision.action == "grade"
            webhooks.bet_decided(bet.bet_id, decision.grade_seq, first=first, at=decision.decided_at)

    def history(self, bet_id: int) -> list[Decision]:
        """A bet's grading history with the reasons. Raises DatabaseUnavailableError when keys cannot be reached."""
        return self._explained(bet_id, self.decisions(bet_id))

    def last_word(self, bet_id: int) -> Decision | None:
        """The newest entry of a bet's grading history, with its reason."""
        last = self.last_decision(bet_id)
        return None if last is None else self._explained(bet_id, [last])[0]

    def _explained(self, bet_id: int, decisions: Sequence[Decision]) -> list[Decision]:
        words = self._words.of(DECISION, bet_id)
        return [
            replace(each, reason=words[each.grade_seq]["reason"]) if each.grade_seq in words else each
            for each in decisions
        ]

    def decisions(self, bet_id: int) -> list[Decision]:
        """A bet's grading history, oldest first, without the reasons that people gave."""
        # By PRIMARY.
        rows = self._session.all(
            """SELECT grade_seq, action, grade, rule, source, decided_by, decided_at, reason FROM bet_grades
               WHERE guild_id = %s AND bet_id = %s ORDER BY grade_seq""",
            (self._guild_id, bet_id),
        )
        return [decision_of(row) for row in rows]

    def last_decision(self, bet_id: int) -> Decision | None:
        """The newest entry of a bet's grading history, without the reason that a person gave."""
        # By PRIMARY, backwards.
        row = self._session.one(
            """SELECT grade_seq, action, grade, rule, source, decided_by, decided_at, reason FROM bet_grades
               WHERE guild_id = %s AND bet_id = %s ORDER BY grade_seq DESC LIMIT 1""",
            (self._guild_id, bet_id),
        )
        return None if row is None else decision_of(row)

    def ledger(self, bet_id: int) -> list[LedgerEntry]:
        """Every line that a bet has in the ledger."""
        # By PRIMARY.
        rows = self._session.all(
            """SELECT bet_id, grade_seq, kind, grade, sports_day, bets, risk_micro, return_micro, profit_micro
               FROM ledger_entries WHERE guild_id = %s AND bet_id = %s ORDER BY grade_seq""",
            (self._guild_id, bet_id),
        )
        return [line_of(row) for row in rows]
