"""What the audit log seals of a bet: its terms as they are read again from the database, decision for decision.

Version 1 of the content is this; a change of meaning needs another ``v``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dbsbm.audit.events import moment
from dbsbm.bets.model import Decision, LedgerEntry, Revision
from dbsbm.bets.selection import Selection
from dbsbm.betting.odds import Odds


def sealed_terms(bet_id: int, terms: Revision) -> dict[str, Any]:
    """The terms of one revision."""
    ticket, stake = terms.ticket, terms.stake
    return {
        "v": 1,
        "bet": str(bet_id),
        "revision": terms.number,
        "kind": terms.kind.value,
        "ticket": ticket.kind.value,
        "legs": [_leg(leg) for leg in ticket.legs],
        "own_odds": _odds(ticket.own_odds),
        "terms": ticket.terms.to_json(),
        "note": ticket.note.to_json(),
        "stake": [stake.mode.value, stake.risk_micro, stake.to_win_micro],
        "rules": terms.rule_profile_version,
        "price_check": terms.price_check.value,
        "priced_at": moment(terms.priced_at),
        "written_at": moment(terms.written_at),
    }


def decided(decision: Decision, entries: Sequence[LedgerEntry]) -> dict[str, Any]:
    """What the log says of a decision; ``profit_micro`` is what it changed in the ledger."""
    return {
        "decision": decision.grade_seq,
        "action": decision.action,
        "grade": decision.grade.value if decision.grade else None,
        "rule": decision.rule,
        "source": decision.source,
        "profit_micro": sum(line.entry.profit_micro for line in entries),
    }


def sealed_reason(bet_id: int, decision: Decision) -> dict[str, Any] | None:
    """Why it was decided so: a person's words, if there are any."""
    if not decision.reason:
        return None
    return {"v": 1, "bet": str(bet_id), "decision": decision.grade_seq, "reason": decision.reason}


def _leg(leg: Selection) -> dict[str, Any]:
    return {
        "game": str(leg.game_id),
        "league": leg.league,
        "home": leg.home,
        "away": leg.away,
        "starts_at": moment(leg.starts_at),
        "market": leg.market.value,
        "side": leg.side.value,
        "line_q": leg.line_q,
        "odds": _odds(leg.odds),
        "period": leg.period,
        "player": leg.player,
        "stat": leg.stat,
        "score": list(leg.score) if leg.score else None,
    }


def _odds(odds: Odds | None) -> list[str] | None:
    return None if odds is None else [str(odds.num), str(odds.den), odds.typed, odds.format.value]
