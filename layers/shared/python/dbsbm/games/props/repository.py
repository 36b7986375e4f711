"""Prices on players: in the tables of a game's prices, under the ids of ``prop_lines``."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from dbsbm.database.session import Session
from dbsbm.games.model import Price
from dbsbm.games.props.model import PropKey
from dbsbm.games.repository import GameRepository, chunks


class PropPriceRepository:
    """What is known of the prices on players. Global, as games are."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of_game(self, game_id: int) -> dict[PropKey, int]:
        """The id of each player's statistic that was ever priced in a game."""
        # PRIMARY, one range.
        rows = self._session.all("SELECT player, stat, prop_id FROM prop_lines WHERE game_id = %s", (game_id,))
        return {(row["player"], row["stat"]): row["prop_id"] for row in rows}

    def ids(self, game_ids: Collection[int]) -> dict[int, int]:
        """The game of every id that prices on its players stand under."""
        # PRIMARY, a range per game.
        return {
            row["prop_id"]: row["game_id"]
            for chunk in chunks(game_ids)
            for row in self._session.all("SELECT game_id, prop_id FROM prop_lines WHERE game_id IN %s", (chunk,))
        }

    def claim(self, game_id: int, new: Collection[tuple[PropKey, int]]) -> dict[PropKey, int]:
        """Give ids to what is priced for the first time; two runs at once agree, through the primary key."""
        if new:
            self._session.execute_many(
                """INSERT INTO prop_lines (game_id, player, stat, prop_id) VALUES (%s, %s, %s, %s)
                   ON DUPLICATE KEY UPDATE prop_id = prop_lines.prop_id""",
                [(game_id, *key, prop_id) for key, prop_id in new],
            )
        return self.of_game(game_id)

    def prices(self, game_id: int, player: str, stat: str) -> list[Price]:
        """What the books offer now on a player's statistic."""
        prop_id = self._id(game_id, player, stat)
        if prop_id is None:
            return []
        return [replace(price, game_id=game_id) for price in GameRepository(self._session).prices([prop_id])]

    def stood(self, game_id: int, player: str, stat: str, first: datetime, last: datetime) -> list[Price]:
        """Every price on a player's statistic that stood at some moment of a time, as ``GameRepository.stood``."""
        prop_id = self._id(game_id, player, stat)
        if prop_id is None:
            return []
        return [replace(price, game_id=game_id) for price in GameRepository(self._session).stood(prop_id, first, last)]

    def record_fetch(self, game_id: int, fetched_at: datetime) -> None:
        """Remember when a game's players were asked for."""
        self._session.execute(
            """INSERT INTO prop_fetches (game_id, fetched_at) VALUES (%s, %s)
               ON DUPLICATE KEY UPDATE fetched_at = GREATEST(VALUES(fetched_at), fetched_at)""",
            (game_id, fetched_at),
        )

    def _id(self, game_id: int, player: str, stat: str) -> int | None:
        # PRIMARY, one row.
        row = self._session.one(
            "SELECT prop_id FROM prop_lines WHERE game_id = %s AND player = %s AND stat = %s", (game_id, player, stat)
        )
        return None if row is None else int(row["prop_id"])
