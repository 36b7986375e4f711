"""Which sport a ticket is on, as routes tell them apart."""

from __future__ import annotations

from dbsbm.bets.ticket import Ticket
from dbsbm.betting.catalogue import catalogue
from dbsbm.games.leagues import catalogue_id
from dbsbm.guilds.routing.model import Sport

_TOGETHER = {"basketball_halves": Sport.BASKETBALL}


def sport_of(ticket: Ticket) -> Sport:
    """The sport of every leg; ``Sport.ANY`` for a ticket across sports, which only routes of any sport fit."""
    sports = {_sport(leg.league) for leg in ticket.legs}
    return sports.pop() if len(sports) == 1 else Sport.ANY


def _sport(league: str) -> Sport:
    known = catalogue().leagues.get(catalogue_id(league))
    if known is None:
        return Sport.OTHER
    sport_id = known.sport.sport_id
    return _TOGETHER.get(sport_id) or Sport(sport_id)
