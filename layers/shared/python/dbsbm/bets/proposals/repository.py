"""The proposals of bets, and the way of many of them at once into grades and the ledger.

Not guild-scoped: the settlement job writes for every guild whose bets are on a game; reading one is by guild.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from dbsbm.audit.events import Event, Kind, Subject, canonical
from dbsbm.audit.events import bet as of_bet
from dbsbm.audit.repository import append, append_alike
from dbsbm.bets.news.repository import DueNews
from dbsbm.bets.proposals.model import Proposal, ProposalStatus, Reason
from dbsbm.bets.standings.repository import BatchSums
from dbsbm.betting.settlement import Grade, Settlement
from dbsbm.database.session import Row, Session

STAMP = 1
STAMP_AND_NOTICE = 2
_PROFIT = 9_007_199_254_740_991
"""Stands for the profit of each bet; no code and no number of a decision has these digits."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal of a capper's bet. ``stamp_due`` asks for its slip to be drawn again."""

    guild_id: int
    bet_id: int
    capper_id: int
    proposal: Proposal
    stamp_due: int = 0


class Graded(NamedTuple):
    """An open bet to be graded with others as ``proposal`` says, which they share; the amounts are its own.

    There are a hundred thousand of them on a Saturday, and a dataclass that is frozen takes three times as long.
    """

    guild_id: int
    bet_id: int
    capper_id: int
    proposal: Proposal
    return_micro: int
    profit_micro: int


class ProposalRepository:
    """Writes proposals, and grades a batch of bets by theirs."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, proposed: Sequence[Proposed], now: datetime) -> None:
        """Bring bets to these proposals."""
        rows = [
            (
                each.guild_id,
                each.bet_id,
                0,
                *_said(each.proposal),
                *_amounts(each.proposal.settlement),
                each.proposal.grade_seq,
                each.stamp_due,
                now,
            )
            for each in proposed
        ]
        self._put(rows, Counter((each.guild_id, each.proposal.status.value) for each in proposed))

    def grade(self, batch: int, graded: Sequence[Graded], decided_by: int, now: datetime) -> int:
        """Grade open bets, by guild and bet, each as its next decision, with one entry in the ledger.

        A bet that somebody decided on since it was read keeps that decision, and its proposal says so. Returns how many
        were graded. The sums come last and in order: two batches of one community wait for each other there alone.
        """
        if not graded:
            return 0
        self._put_batch(batch, graded, now)
        session = self._session
        session.execute("SAVEPOINT accepting")
        accepted = session.execute(_BRING_BETS, (batch,))
        moved_on = accepted < len(graded)
        if moved_on:  # what was brought stays locked, so nothing moves on between these
            session.execute("ROLLBACK TO SAVEPOINT accepting")
            session.execute(_MOVED_ON, (batch,))
            accepted = session.execute(_BRING_BETS, (batch,))
        session.execute(_APPEND_GRADES, (decided_by, now, batch))
        session.execute(_APPEND_ENTRIES, (now, batch))
        session.execute(_TELL, (now, batch, sorted({each.guild_id for each in graded})))
        DueNews(session).note_batch(batch, now)
        self._record(self._accepted(batch, graded) if moved_on else graded)
        BatchSums(session).add(batch)
        return accepted

    def _put_batch(self, batch: int, graded: Sequence[Graded], now: datetime) -> None:
        """Bring bets to the proposals they are graded by, marked as one batch."""
        shared: dict[int, tuple[object, ...]] = {}
        rows = []
        for guild_id, bet_id, _, proposal, return_micro, profit_micro in graded:
            said = shared.get(id(proposal))
            if said is None:
                grade, rule, _, _ = _amounts(proposal.settlement)
                said = shared[id(proposal)] = (*_said(proposal), grade, rule)
            amounts = (return_micro, profit_micro, proposal.grade_seq, STAMP, now)
            rows.append((guild_id, bet_id, batch, *said, *amounts))
        self._put(rows, Counter((each.guild_id, each.proposal.status.value) for each in graded))

    def _put(self, rows: Sequence[Sequence[object]], counts: Mapping[tuple[int, str], int]) -> None:
        self._session.execute_many(_PUT, rows)
        said = {guild_id: {s: n for (g, s), n in sorted(counts.items()) if g == guild_id} for guild_id, _ in counts}
        append(self._session, [(guild, Event(Kind.BETS_PROPOSED, Subject("bets"), said[guild])) for guild in said])

    def _accepted(self, batch: int, graded: Sequence[Graded]) -> Sequence[Graded]:
        """Those of a batch that were graded with it."""
        accepted = {(row["guild_id"], row["bet_id"]) for row in self._session.all(_GRADED, (batch,))}
        return [each for each in graded if (each.guild_id, each.bet_id) in accepted]

    def _record(self, graded: Sequence[Graded]) -> None:
        """Each bet of a batch in the audit log. What is said of them differs in the profit alone."""
        details: dict[int, tuple[str, str]] = {}
        events = []
        for guild_id, bet_id, capper_id, proposal, _, profit_micro in graded:
            around = details.get(id(proposal))
            if around is None:
                around = details[id(proposal)] = _details(proposal)
            events.append((guild_id, of_bet(bet_id, capper_id), f"{around[0]}{profit_micro}{around[1]}"))
        append_alike(self._session, Kind.BET_DECIDED, events)

    def unstamped(self, limit: int) -> Sequence[Row]:
        """Bets whose slip is to be drawn again, newest first: (guild id, bet id, grade_seq, stamp_due, result)."""
        return self._session.all(_UNSTAMPED, (limit,))

    def stamped(self, guild_id: int, bet_id: int, grade_seq: int) -> None:
        """The slip of this decision is on its way."""
        # By PRIMARY.
        self._session.execute(
            "UPDATE bet_proposals SET stamp_due = 0 WHERE guild_id = %s AND bet_id = %s AND grade_seq = %s",
            (guild_id, bet_id, grade_seq),
        )


class GuildProposalRepository:
    """The proposals of one guild's bets."""

    def __init__(self, session: Session, guild_id: int) -> None:
        self._session = session
        self._guild_id = guild_id

    def of_bet(self, bet_id: int) -> Proposal | None:
        """What the results say of a bet; None before they say anything."""
        # By PRIMARY.
        row = self._session.one(
            """SELECT status, result, sources, reason, grade, rule, return_micro, profit_micro, grade_seq
               FROM bet_proposals WHERE guild_id = %s AND bet_id = %s""",
            (self._guild_id, bet_id),
        )
        return None if row is None else proposal_of(row)


def proposal_of(row: Row) -> Proposal:
    """A row's proposal."""
    settlement = None
    if row["grade"] is not None:
        settlement = Settlement(Grade(row["grade"]), row["rule"], row["return_micro"], row["profit_micro"])
    code, _, said = row["reason"].partition(": ")
    status = ProposalStatus(row["status"])
    return Proposal(status, row["result"], row["sources"], Reason(code), settlement, row["grade_seq"], said)


def _reason(proposal: Proposal) -> str:
    """The code, and what the sources say instead."""
    return f"{proposal.reason.value}: {proposal.said}"[:190] if proposal.said else proposal.reason.value


def _amounts(settlement: Settlement | None) -> tuple[str | None, str | None, int | None, int | None]:
    if settlement is None:
        return None, None, None, None
    return settlement.grade.value, settlement.rule, settlement.return_micro, settlement.profit_micro


def _said(proposal: Proposal) -> tuple[str, str, int, str]:
    return proposal.status.value, proposal.result, proposal.sources, _reason(proposal)


def _details(proposal: Proposal) -> tuple[str, str]:
    """What the log says of a grade, before and after the profit."""
    grade, rule, _, _ = _amounts(proposal.settlement)
    said = {"decision": proposal.grade_seq, "action": "grade", "grade": grade, "rule": rule, "source": "auto"}
    before, after = canonical(said | {"profit_micro": _PROFIT}).decode().split(str(_PROFIT))
    return before, after


# Left to right, so the column that is asked stands last. A held bet keeps what its standing grade rests on.
_PUT = """
INSERT INTO bet_proposals (guild_id, bet_id, batch, status, result, sources, reason, grade, rule, return_micro,
    profit_micro, grade_seq, stamp_due, updated_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON DUPLICATE KEY UPDATE batch = VALUES(batch), status = VALUES(status), sources = VALUES(sources),
    reason = VALUES(reason), result = IF(VALUES(status) = 'held' AND grade IS NOT NULL, result, VALUES(result)),
    rule = IF(VALUES(status) = 'held', rule, VALUES(rule)),
    return_micro = IF(VALUES(status) = 'held', return_micro, VALUES(return_micro)),
    profit_micro = IF(VALUES(status) = 'held', profit_micro, VALUES(profit_micro)),
    grade_seq = IF(VALUES(status) = 'held', grade_seq, VALUES(grade_seq)),
    grade = IF(VALUES(status) = 'held', grade, VALUES(grade)),
    stamp_due = GREATEST(VALUES(stamp_due), stamp_due), updated_at = VALUES(updated_at)"""
# bet_proposals_by_batch, then the PRIMARY of each bet: said in so many words, because the server's statistics are of
# the table before this transaction filled it. What moved on is not 'applied' any more.
_ACCEPTED = """
FROM bet_proposals p FORCE INDEX (bet_proposals_by_batch)
WHERE p.batch = %s AND p.status = 'applied'"""
_MOVED_ON = """
UPDATE bet_proposals p FORCE INDEX (bet_proposals_by_batch)
STRAIGHT_JOIN bets b ON b.guild_id = p.guild_id AND b.bet_id = p.bet_id
SET p.status = 'proposed', p.reason = 'moved_on', p.grade_seq = 0, p.stamp_due = 0
WHERE p.batch = %s AND NOT (b.state = 'open' AND p.grade_seq = b.grade_seq + 1)"""
_APPEND_GRADES = f"""
INSERT INTO bet_grades (guild_id, bet_id, grade_seq, action, grade, rule, source, decided_by, decided_at,
    interaction_id)
SELECT p.guild_id, p.bet_id, p.grade_seq, 'grade', p.grade, p.rule, 'auto', %s, %s, p.batch
{_ACCEPTED}"""
_APPEND_ENTRIES = """
INSERT INTO ledger_entries (guild_id, bet_id, grade_seq, kind, capper_id, sports_day, grade, bets, risk_micro,
    return_micro, profit_micro, entered_at)
SELECT p.guild_id, p.bet_id, p.grade_seq, 'grade', b.capper_id, b.sports_day, p.grade, 1,
    p.return_micro - p.profit_micro, p.return_micro, p.profit_micro, %s
FROM bet_proposals p FORCE INDEX (bet_proposals_by_batch)
STRAIGHT_JOIN bets b ON b.guild_id = p.guild_id AND b.bet_id = p.bet_id
WHERE p.batch = %s AND p.status = 'applied'"""
# The PRIMARY of the communities' endpoints, which are few; bet_proposals_by_batch, which ends in the PRIMARY.
_TELL = """
INSERT IGNORE INTO webhook_events (guild_id, endpoint_id, event_id, event, subject_id, seq, occurred_at, state)
SELECT e.guild_id, e.endpoint_id, CONCAT('bet-', p.bet_id, '-grade-', p.grade_seq), 'bet.graded', p.bet_id, p.grade_seq,
    %s, IF(e.state = 'parked', 'parked', 'pending')
FROM webhook_endpoints e FORCE INDEX (PRIMARY)
STRAIGHT_JOIN bet_proposals p FORCE INDEX (bet_proposals_by_batch) ON p.batch = %s AND p.guild_id = e.guild_id
WHERE e.guild_id IN %s AND e.state <> 'removed' AND FIND_IN_SET('bet.graded', e.events) > 0 AND p.status = 'applied'"""
_BRING_BETS = """
UPDATE bet_proposals p FORCE INDEX (bet_proposals_by_batch)
STRAIGHT_JOIN bets b ON b.guild_id = p.guild_id AND b.bet_id = p.bet_id
SET b.state = 'graded', b.grade = p.grade, b.grade_seq = p.grade_seq
WHERE p.batch = %s AND b.state = 'open' AND p.grade_seq = b.grade_seq + 1"""
_GRADED = f"""
SELECT p.guild_id, p.bet_id
{_ACCEPTED}"""
# bet_proposals_unstamped, backwards.
_UNSTAMPED = """
SELECT guild_id, bet_id, grade_seq, stamp_due, result FROM bet_proposals WHERE stamp_due > 0
ORDER BY stamp_due DESC, updated_at DESC LIMIT %s"""
