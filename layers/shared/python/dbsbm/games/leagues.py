"""A schedule's league as the betting rules' catalogue calls it."""

from __future__ import annotations

_OTHERWISE = {"efl_championship": "EFL_CHAMP"}


def schedule_name(league_id: str) -> str:
    """ "NFL" → "nfl": the other way round."""
    return next((name for name, known in _OTHERWISE.items() if known == league_id), league_id.lower())


def catalogue_id(league: str) -> str:
    """ "nfl" → "NFL". The catalogue itself says whether it has such a league."""
    return _OTHERWISE.get(league, league.upper())
