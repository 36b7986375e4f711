"""What books offer, or offered, on one leg: its game's prices, or those on its player's statistic."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dbsbm.bets.price_check import AFTER, BEFORE
from dbsbm.bets.selection import Selection
from dbsbm.betting.catalogue import GAME
from dbsbm.betting.markets import Market
from dbsbm.database.session import Session
from dbsbm.games.model import Price
from dbsbm.games.props.repository import PropPriceRepository
from dbsbm.games.repository import GameRepository


def offered_now(session: Session, leg: Selection) -> Sequence[Price]:
    """What stands now; nothing for a part of a game, which books are not asked for."""
    if not leg.game_id or leg.period != GAME:
        return ()
    if leg.market is Market.PLAYER_PROP:
        return PropPriceRepository(session).prices(leg.game_id, leg.player, leg.stat)
    return GameRepository(session).prices([leg.game_id])


def offered_around(session: Session, leg: Selection, at: datetime) -> Sequence[Price]:
    """What stood around a click at ``at``, whenever this is asked."""
    if not leg.game_id or leg.period != GAME:
        return ()
    first, last = at - BEFORE, at + AFTER
    if leg.market is Market.PLAYER_PROP:
        return PropPriceRepository(session).stood(leg.game_id, leg.player, leg.stat, first, last)
    return GameRepository(session).stood(leg.game_id, first, last)
