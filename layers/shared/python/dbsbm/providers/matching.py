"""What a person asks of the events that are no game of ours and of players nobody names, and says of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from dbsbm.bets.told.legs import unknown_players
from dbsbm.bets.told.repository import PropLeg, PropRepository
from dbsbm.core.errors import InputError
from dbsbm.database.session import Session
from dbsbm.environment import Environment
from dbsbm.games.facts.repository import FactsRepository, Named
from dbsbm.games.feed.repository import FeedRepository
from dbsbm.games.sources.identity import Match
from dbsbm.games.sources.repository import SourceRepository
from dbsbm.providers import api_sports, espn

_STILL_LISTED = timedelta(days=3)
_LIMIT = 200


def unmatched(environment: Environment) -> dict[str, Any]:
    """The events of the last three days that nobody has matched, and the players of open bets in no box score."""
    now = environment.clock.now()
    with environment.database.read() as session:
        rows = SourceRepository(session).unmatched(now - _STILL_LISTED, _LIMIT)
        players = _unknown(session, now)
    return {
        "v": 1,
        "unmatched": [
            {
                "provider": row.provider,
                "event": row.provider_game_id,
                "league": row.league,
                "teams": f"{row.away} @ {row.home}",
                "starts_at": row.starts_at.isoformat(),
                "reason": row.reason,
            }
            for row in rows
        ],
        "players": [
            {"provider": provider, "league": leg.league, "game": leg.game_id, "player": leg.player, "stat": leg.stat}
            for provider, leg in players
        ],
    }


def _unknown(session: Session, now: datetime) -> list[tuple[str, PropLeg]]:
    """Players of open bets that a source's box score does not name."""
    props, found = PropRepository(session), list[tuple[str, PropLeg]]()
    for provider in (espn.PROVIDER, api_sports.PROVIDER):
        ids = {each.game_id for each in props.wanted(provider, now - _STILL_LISTED, now) if each.reported_at}
        facts = FactsRepository(session).of(ids)
        for leg in props.open_legs(ids):
            if provider in unknown_players(leg.player, leg.stat, leg.league, facts[leg.game_id]):
                found.append((provider, leg))
    return found[:_LIMIT]


def name_player(environment: Environment, order: Mapping[str, Any]) -> dict[str, Any]:
    """Say what a source calls a player; open bets on him are settled anew at the next run.

    Raises
    ------
    InputError
        When the order is not ``{"provider", "league", "player", "name", "by"}``.
    """
    try:
        said = Named(*(str(order[key]) for key in ("provider", "league", "player", "name", "by")))
    except KeyError as error:
        raise InputError("name_player", repr(dict(order))[:200], f"needs {error.args[0]}") from error
    now = environment.clock.now()
    with environment.database.transaction() as session:
        props = PropRepository(session)
        ids = {each.game_id for each in props.wanted(said.provider, now - _STILL_LISTED, now)}
        games = {leg.game_id for leg in props.open_legs(ids) if leg.player == said.player}
        FactsRepository(session).say_name(said, games, now)
    return {"v": 1, "player": said.player, "games": len(games)}


def assign(environment: Environment, provider: str, order: Mapping[str, Any]) -> dict[str, Any]:
    """Say which game an event is; the next document brings its score.

    Raises
    ------
    InputError
        When the order is not ``{"event", "game", "swapped", "by"}``.
    NotFoundError
        When there is no such event or game.
    """
    try:
        match = Match(int(order["game"]), bool(order.get("swapped", False)))
        event, by = str(order["event"]), str(order["by"])
    except (KeyError, TypeError, ValueError) as error:
        raise InputError("match", repr(dict(order))[:200], "needs event, game and by") from error
    with environment.database.transaction() as session:
        SourceRepository(session).assign(provider, event, match, by)
        FeedRepository(session, environment.ids).forget_etags(provider)
    return {"v": 1, "event": event, "game": match.game_id}
