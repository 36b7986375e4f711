"""What an endpoint reads: one JSON document per event, with amounts as decimal strings."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from dbsbm.bets.model import Bet
from dbsbm.bets.repository import BetRepository
from dbsbm.bets.selection import Selection
from dbsbm.betting.odds import Odds, OddsFormat
from dbsbm.core.ids import encode
from dbsbm.database.session import Session
from dbsbm.webhooks.model import Event, Told


def body_of(session: Session, told: Told) -> str:
    """The document: as it was written with the event, or made of the bet.

    Raises
    ------
    NotFoundError
        When there is no such bet any more.
    """
    data = json.loads(told.body) if told.body else _bet_data(BetRepository(session, told.guild_id), told)
    document = {
        "id": told.event_id,
        "type": told.event.value,
        "occurred_at": told.occurred_at.isoformat(),
        "guild_id": str(told.guild_id),
        "data": data,
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _bet_data(bets: BetRepository, told: Told) -> dict[str, Any]:
    bet = bets.bet(told.subject_id)
    data: dict[str, Any] = {"bet": _bet(bet)}
    if told.event is not Event.BET_CREATED:
        data["decision"] = _decision(bets, told)
    return data


def _bet(bet: Bet) -> dict[str, Any]:
    terms = bet.terms
    return {
        "id": encode(bet.bet_id),
        "capper_id": str(bet.capper_id),
        "version": terms.number,
        "ticket": terms.ticket.kind.value,
        "legs": [_leg(leg) for leg in terms.ticket.legs],
        "odds": _odds(terms.odds),
        "risk_units": _units(terms.stake.risk_micro),
        "to_win_units": _units(terms.stake.to_win_micro),
        "price_check": terms.price_check.value,
        "posted_at": bet.posted_at.isoformat(),
        "starts_at": bet.starts_at.isoformat(),
    }


def _leg(leg: Selection) -> dict[str, Any]:
    return {
        "league": leg.league,
        "home": leg.home,
        "away": leg.away,
        "starts_at": leg.starts_at.isoformat(),
        "market": leg.market.value,
        "side": leg.side.value,
        "line": str(Decimal(leg.line_q) / 4),
        "period": leg.period,
        "player": leg.player,
        "stat": leg.stat,
        "odds": _odds(leg.odds) if leg.priced else None,
    }


def _decision(bets: BetRepository, told: Told) -> dict[str, Any]:
    """The decision that the event tells of, and what the ledger came to with it."""
    decision = next(each for each in bets.decisions(told.subject_id) if each.grade_seq == told.seq)
    lines = [line.entry for line in bets.ledger(told.subject_id) if line.entry.grade_seq <= told.seq]
    return {
        "number": decision.grade_seq,
        "action": decision.action,
        "grade": decision.grade.value if decision.grade else None,
        "rule": decision.rule,
        "source": decision.source,
        "decided_at": decision.decided_at.isoformat(),
        "profit_units": _units(sum(entry.profit_micro for entry in lines)),
    }


def _odds(odds: Odds) -> dict[str, str]:
    return {"decimal": odds.shown(OddsFormat.DECIMAL), "exact": f"{odds.num}/{odds.den}", "typed": odds.typed}


def _units(micro: int) -> str:
    return str(Decimal(micro) / 1_000_000)
