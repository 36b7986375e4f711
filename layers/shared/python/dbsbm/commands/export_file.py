"""The file of a capper's bets: its rows and columns, as CSV and as JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dbsbm.bets.listing.repository import ListingRepository
from dbsbm.bets.model import Bet
from dbsbm.bets.repository import BetRepository
from dbsbm.betting.odds import OddsFormat
from dbsbm.commands import wording
from dbsbm.commands.words.catalogue import Words
from dbsbm.core.ids import encode
from dbsbm.database.session import Session

AT_ONCE = 500
"""Bets read with one pair of statements."""
BEHIND_A_LINK = 20_000
"""Bets that delivery puts into a file in a few seconds."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_COLUMNS = (
    *("bet", "posted_at", "starts_at", "sports_day", "ticket", "league", "market", "pick", "matchup", "odds"),
    *("risk_units", "to_win_units", "grade", "profit_units", "price_check", "version", "imported"),
)
Rows = Sequence[dict[str, Any]]


def bets_of(session: Session, guild_id: int, capper_id: int, most: int, since: datetime) -> Sequence[int]:
    """Open bets, then graded ones since a moment, latest first."""
    listing = ListingRepository(session, guild_id)
    found = listing.open(capper_id, most, 0)
    return [*found, *listing.graded(capper_id, most - len(found), 0, since)]


def rows_of(session: Session, guild_id: int, bet_ids: Sequence[int], words: Words) -> Rows:
    return [_row(bet, words) for bet in BetRepository(session, guild_id).several(bet_ids)]


def written(kind: str, rows: Rows) -> str:
    """The file: ``kind`` is "csv" or "json"."""
    return as_json(rows) if kind == "json" else as_csv(rows)


def as_csv(rows: Rows) -> str:
    """Comma-separated, with what a spreadsheet would run as a formula made text (OWASP, "CSV Injection")."""
    file = io.StringIO()
    writer = csv.DictWriter(file, _COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return "\ufeff" + file.getvalue()


def as_json(rows: Rows) -> str:
    return json.dumps({"bets": list(rows)}, ensure_ascii=False, indent=1) + "\n"


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def _row(bet: Bet, words: Words) -> dict[str, Any]:
    ticket, leg, stake = bet.terms.ticket, bet.terms.selection, bet.terms.stake
    values = (
        *(encode(bet.bet_id), bet.posted_at.isoformat(), bet.starts_at.isoformat(), bet.sports_day.isoformat()),
        *(ticket.kind.value, leg.league, leg.market.value),
        "; ".join(wording.pick_name(each, words) for each in ticket.legs),
        "; ".join(wording.matchup(each) for each in ticket.legs),
        bet.terms.odds.shown(OddsFormat.DECIMAL),
        *(stake.risk_micro / 1_000_000, stake.to_win_micro / 1_000_000),
        bet.grade.value if bet.grade is not None else "",
        bet.profit_micro / 1_000_000,
        *(bet.terms.price_check.value, bet.terms.number, "yes" if bet.import_id is not None else "no"),
    )
    return dict(zip(_COLUMNS, values, strict=True))
