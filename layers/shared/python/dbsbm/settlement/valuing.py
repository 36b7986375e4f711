"""Takes frozen closing lines to the bets on their games, page by page: each page is one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

from dbsbm.bets.values.repository import ValueRepository
from dbsbm.betting.catalogue import GAME
from dbsbm.betting.markets import Market, Side
from dbsbm.database.database import Database
from dbsbm.database.session import Row, Session
from dbsbm.games.model import odds_of
from dbsbm.games.props.model import PropKey
from dbsbm.games.props.repository import PropPriceRepository
from dbsbm.settlement.clv import GameClose, LegFactor, ValuedLeg, ticket_value
from dbsbm.settlement.model import LegValue
from dbsbm.settlement.repository import PPM, ClosingRepository

LEGS_PER_TRANSACTION = 2000
LATE_POSTS = timedelta(minutes=15)
"""A click before the start may be written later, at most as long as its token lives."""
_GAMES_AT_ONCE = 50
_STATEMENT_S = 10.0

BetKey = tuple[int, int, int]
"""(guild id, bet id, revision)."""


def value_closed(database: Database, now: datetime, has_time: Callable[[], bool]) -> int:
    """Give every bet on a closed game its closing line value, while there is time; returns how many legs were valued.

    Repeating changes nothing; a game closed anew has its bets valued anew.
    """
    valued, last = 0, 0
    while has_time():
        with database.read() as session:
            waiting = ClosingRepository(session).to_value(last, _GAMES_AT_ONCE)
        if not waiting:
            break
        last = waiting[-1]
        for game_id in waiting:
            while has_time():
                done = database.run(partial(_page, game_id=game_id, now=now), statement_s=_STATEMENT_S)
                valued += done
                if done < LEGS_PER_TRANSACTION:
                    break
    return valued


def _page(session: Session, game_id: int, now: datetime) -> int:
    closings, repository = ClosingRepository(session), ValueRepository(session)
    newest = closings.newest([game_id])
    closing = newest[game_id]
    closed_at = closings.closed_at(game_id, closing)
    rows = repository.unvalued(game_id, closing, LEGS_PER_TRANSACTION)
    if rows:
        close = GameClose(closed_at, closings.lines(newest)[game_id])
        players = _players(session, rows, game_id, closing, closed_at)
        valued = [(row, _valued(row, players.get((row["player"], row["stat"]), close))) for row in rows]
        repository.put_legs([_leg_row(row, closing, value, now) for row, value in valued])
        repository.put_bets(_bets(repository, valued, now))
    if len(rows) < LEGS_PER_TRANSACTION and now - closed_at >= LATE_POSTS:
        closings.mark_valued(game_id, closing)
    return len(rows)


def _players(
    session: Session, rows: Sequence[Row], game_id: int, closing: int, closed_at: datetime
) -> dict[PropKey, GameClose]:
    """The close of each player's statistic among the legs; one without prices has a close without lines."""
    asked = {(row["player"], row["stat"]) for row in rows if row["market"] == Market.PLAYER_PROP}
    if not asked:
        return {}
    ids = PropPriceRepository(session).of_game(game_id)
    found = ClosingRepository(session).lines({ids[key]: closing for key in asked & ids.keys()})
    return {key: GameClose(closed_at, found[ids[key]] if key in ids else ()) for key in asked}


def _bets(repository: ValueRepository, valued: Sequence[tuple[Row, LegValue]], now: datetime) -> list[tuple[Any, ...]]:
    """Values of the bets all of whose legs have been looked at."""
    tickets = {_key(row): row for row, _ in valued}
    several = [key for key, row in tickets.items() if row["ticket"] != "straight"]
    legs: dict[BetKey, list[LegFactor | None]] = {key: [] for key in several}
    for row in repository.legs_of(several):
        legs[_key(row)].append(_factor(row))
    found = []
    for row, value in valued:
        if row["ticket"] == "straight":
            found.append((*_key(row), _ppm(value.value), value.reason, now))
    for key, factors in legs.items():
        whole = [factor for factor in factors if factor is not None]
        if len(whole) < len(factors):
            continue  # a leg's game is still to come
        ticket = tickets[key]
        typed = ticket["ticket_num"]
        price = None if typed is None else Fraction(typed, ticket["ticket_den"])
        product = ticket_value(ticket["ticket"], price, whole)
        found.append((*key, _ppm(product.value), product.reason, now))
    return found


def _key(row: Row) -> BetKey:
    return row["guild_id"], row["bet_id"], row["revision"]


def _valued(row: Row, close: GameClose) -> LegValue:
    if row["odds_num"] <= row["odds_den"]:
        return LegValue(None, "no_leg_price")
    if row["period"] != GAME:
        return LegValue(None, "no_close")  # books are asked for whole games
    odds = odds_of(row["odds_num"], row["odds_den"])
    market, side = Market(row["market"]), Side(row["side"])
    return close.value(ValuedLeg(row["league"], market, side, row["line_q"], odds, row["priced_at"]))


def _factor(row: Row) -> LegFactor | None:
    if row["reason"] is None:
        return None
    value = None if row["value_ppm"] is None else Decimal(row["value_ppm"]) / PPM
    return LegFactor(row["game_id"], Fraction(row["odds_num"], row["odds_den"]), value, row["reason"])


def _leg_row(row: Row, closing: int, value: LegValue, now: datetime) -> tuple[Any, ...]:
    close = value.close
    return (
        *_key(row),
        row["leg"],
        row["game_id"],
        closing,
        _ppm(value.value),
        value.reason,
        value.book,
        value.method,
        None if close is None else close.line_q,
        None if close is None else close.odds.num,
        None if close is None else close.odds.den,
        None if value.fair is None else round(value.fair, 12),
        now,
    )


def _ppm(value: Decimal | None) -> int | None:
    """In millionths, half to even."""
    return None if value is None else round(value * PPM)
