"""Rows of a bet's tables as the bets, terms and decisions they are, and the way back."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache
from typing import Any

from dbsbm.bets.model import Bet, Decision, LedgerEntry, PriceCheck, Revision, RevisionKind
from dbsbm.bets.selection import Selection
from dbsbm.bets.ticket import Note, Ticket, TicketKind, TicketTerms
from dbsbm.betting.ledger import Entry, EntryKind
from dbsbm.betting.markets import Market, Side
from dbsbm.betting.odds import Odds, OddsFormat
from dbsbm.betting.profile import RuleProfile
from dbsbm.betting.settlement import Grade
from dbsbm.betting.stakes import Stake, StakeMode, typed_is_to_win
from dbsbm.database.session import Row


def leg_values(leg: Selection) -> tuple[Any, ...]:
    return (
        leg.game_id or None,
        leg.league,
        leg.home,
        leg.away,
        leg.market.value,
        leg.side.value,
        leg.line_q,
        leg.odds.num,
        leg.odds.den,
        leg.odds.typed,
        leg.odds.format.value,
        leg.starts_at,
        leg.period,
        leg.player,
        leg.stat,
        *(leg.score or (None, None)),
    )


def selection_of(row: Row) -> Selection:
    return Selection(
        game_id=row["game_id"] or 0,
        league=row["league"],
        home=row["home"],
        away=row["away"],
        starts_at=row["starts_at"],
        market=Market(row["market"]),
        side=Side(row["side"]),
        line_q=row["line_q"],
        odds=Odds(row["odds_num"], row["odds_den"], row["odds_typed"], OddsFormat(row["odds_format"])),
        period=row["period"],
        player=row["player"],
        stat=row["stat"],
        score=None if row["score_home"] is None else (row["score_home"], row["score_away"]),
    )


def ticket_of(row: Row, legs: tuple[Selection, ...], stake: Stake) -> Ticket:
    kind = TicketKind(row["ticket"])
    terms = TicketTerms.from_json(json.loads(row["terms"])) if row["terms"] else TicketTerms()
    own = None
    if kind is not TicketKind.STRAIGHT and row["odds_num"] is not None:
        own = Odds(row["odds_num"], row["odds_den"], row["odds_typed"], OddsFormat(row["odds_format"]))
    note = Note(row["book"], row["link"], row["write_up"], sealed=bool(row["noted"]))
    ticket = Ticket(kind, legs, stake.risk_micro, stake.mode, own, terms, note)
    if kind in (TicketKind.ROUND_ROBIN, TicketKind.EACH_WAY):
        return replace(ticket, amount_micro=terms.each_micro)
    amount = stake.to_win_micro if typed_is_to_win(stake.mode, ticket.odds) else stake.risk_micro
    return replace(ticket, amount_micro=amount)


def bet_of(row: Row, legs: tuple[Selection, ...]) -> Bet:
    stake = Stake(StakeMode(row["stake_mode"]), row["risk_micro"], row["to_win_micro"])
    terms = Revision(
        number=row["revision"],
        kind=RevisionKind(row["kind"]),
        ticket=ticket_of(row, legs, stake),
        stake=stake,
        rule_profile=_rules(row["rule_profile"]),
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
        state=row["state"],
        profit_micro=int(row["profit_micro"] or 0),
        under_review=bool(row["under_review"]),
        ping_role_id=row["ping_role_id"],
        import_id=row["import_id"],
    )


def decision_of(row: Row) -> Decision:
    return Decision(
        grade_seq=row["grade_seq"],
        action=row["action"],
        grade=Grade(row["grade"]) if row["grade"] else None,
        rule=row["rule"],
        source=row["source"],
        decided_by=row["decided_by"],
        decided_at=row["decided_at"],
        reason=row["reason"],
    )


def line_of(row: Row) -> LedgerEntry:
    entry = Entry(
        bet_id=row["bet_id"],
        grade_seq=row["grade_seq"],
        kind=EntryKind(row["kind"]),
        grade=Grade(row["grade"]),
        bets=row["bets"],
        risk_micro=row["risk_micro"],
        return_micro=row["return_micro"],
        profit_micro=row["profit_micro"],
    )
    return LedgerEntry(entry, row["sports_day"])


@lru_cache(256)
def _rules(stored: str) -> RuleProfile:
    """The bets of a community are under few rules, and each bet carries them."""
    return RuleProfile.from_json(json.loads(stored))
