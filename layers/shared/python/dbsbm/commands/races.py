"""Races as people bet on them: "Qatar Grand Prix: Podium finish", found among those that are still to be run."""

from __future__ import annotations

from collections.abc import Sequence

from dbsbm.betting.catalogue import League
from dbsbm.betting.futures import Future, load_futures
from dbsbm.betting.names import plain
from dbsbm.commands.words.catalogue import Words
from dbsbm.core.errors import InputError
from dbsbm.discord.definitions import Context
from dbsbm.games.leagues import schedule_name
from dbsbm.games.model import Game
from dbsbm.games.repository import GameRepository

_SHOWN = 6
_MARK = ": "


def markets(ctx: Context, league: League) -> list[str]:
    """What can be bet on in the next races of a league, race by race."""
    kinds = _kinds(league)
    races = _coming(ctx, league)[:_SHOWN] if kinds else []
    return [f"{race.home}{_MARK}{kind.name}" for race in races for kind in kinds]


def named(ctx: Context, league: League, market: str, words: Words) -> tuple[Game, str] | None:
    """The race that a market names, and how a leg calls that market; None where it is of a whole season.

    Raises
    ------
    InputError
        When the market is of a race, and no race to come is called so.
    """
    kinds = {plain(kind.name): kind for kind in _kinds(league)}
    race_name, mark, kind_name = market.rpartition(_MARK)
    kind = kinds.get(plain(kind_name))
    if kind is None:
        return None
    coming = _coming(ctx, league)
    race = next((race for race in coming if mark and plain(race.home) == plain(race_name)), None)
    if race is None:
        example = f"{coming[0].home if coming else 'Monaco Grand Prix'}{_MARK}{kind.name}"
        raise InputError("market", market, words.plain("problem.race"), example)
    return race, f"top_{kind.places}"


def _kinds(league: League) -> Sequence[Future]:
    return [each for each in load_futures() if each.league == league.league_id and each.places]


def _coming(ctx: Context, league: League) -> Sequence[Game]:
    return GameRepository(ctx.session).upcoming(ctx.clock.now(), leagues=[schedule_name(league.league_id)])
