"""The demo's games: written by hand, placed relative to the moment the demo began, in The Odds API's shape.

Two start within a quarter of an hour and end soon after, so that a bet can be posted and graded in one sitting; three
are over.
``books`` hold American or decimal prices as the league's books write them: h2h ``[home, away(, draw)]``, spreads
``[home line, home, away]``, totals ``[line, over, under]``. ``score`` is ``[home, away]``.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

Json = dict[str, Any]

_FILE = Path(__file__).parent / "slate.json"
_PLAYERS = Path(__file__).parent / "players.json"
_TITLES = {
    "americanfootball_nfl": "NFL",
    "americanfootball_ncaaf": "NCAAF",
    "basketball_nba": "NBA",
    "baseball_mlb": "MLB",
    "icehockey_nhl": "NHL",
    "soccer_epl": "EPL",
    "soccer_efl_champ": "Championship",
}


@cache
def _rows() -> tuple[Json, ...]:
    return tuple(json.loads(_FILE.read_text()))


@cache
def _players() -> Json:
    found: Json = json.loads(_PLAYERS.read_text())
    return found


class DemoSlate:
    """What the demo's books and scores say at any moment. Prices never move and are always fresh."""

    def __init__(self, since: datetime) -> None:
        """``since``: when the demo began; its games are new ones for every beginning."""
        self._since = since.astimezone(UTC).replace(second=0, microsecond=0)

    def sports(self) -> dict[str, str]:
        return {row["sport_key"]: _TITLES[row["sport_key"]] for row in _rows()}

    def odds(self, sport_key: str, now: datetime) -> list[Json]:
        """Games that are not over; a started one keeps the prices it closed with."""
        games = []
        for row in _rows():
            start, end = self._times(row)
            if row["sport_key"] == sport_key and now < end:
                games.append({**self._facts(row), "bookmakers": _bookmakers(row, min(now, start))})
        return games

    def players(self, sport_key: str, event_id: str, now: datetime) -> list[Json]:
        """``players.json``: ``[name, line, over, under]``, or ``[name, null, yes]``, by game, book and market."""
        row = next((row for row in _rows() if self._facts(row)["id"] == event_id), None)
        if row is None or row["sport_key"] != sport_key:
            return []
        at = _text(min(now, self._times(row)[0]))
        return [
            {
                "key": book,
                "title": book.title(),
                "last_update": at,
                "markets": [
                    {"key": market, "last_update": at, "outcomes": [each for row in rows for each in _on_player(row)]}
                    for market, rows in markets.items()
                ],
            }
            for book, markets in _players().get(row["id"], {}).items()
        ]

    def scores(self, sport_key: str, now: datetime, days: int) -> list[Json]:
        games = []
        for row in _rows():
            start, end = self._times(row)
            if row["sport_key"] != sport_key or start < now - timedelta(days=days):
                continue
            over = end <= now
            rows = [{"name": row[team], "score": str(row["score"][n])} for n, team in enumerate(("home", "away"))]
            games.append(
                {
                    **self._facts(row),
                    "completed": over,
                    "scores": rows if over else None,
                    "last_update": _text(end) if over else None,
                }
            )
        return games

    def _times(self, row: Json) -> tuple[datetime, datetime]:
        start = self._since + timedelta(minutes=row["starts_in_min"])
        return start, start + timedelta(minutes=row["lasts_min"])

    def _facts(self, row: Json) -> Json:
        return {
            "id": f"demo-{self._since:%Y%m%d%H%M}-{row['id']}",
            "sport_key": row["sport_key"],
            "sport_title": _TITLES[row["sport_key"]],
            "commence_time": _text(self._times(row)[0]),
            "home_team": row["home"],
            "away_team": row["away"],
        }


def _bookmakers(row: Json, at: datetime) -> list[Json]:
    return [
        {
            "key": book,
            "title": book.title(),
            "last_update": _text(at),
            "markets": [
                {"key": market, "last_update": _text(at), "outcomes": _outcomes(row, market, numbers)}
                for market, numbers in markets.items()
            ],
        }
        for book, markets in row["books"].items()
    ]


def _outcomes(row: Json, market: str, numbers: list[float]) -> list[Json]:
    if market == "h2h":
        names = (row["home"], row["away"], "Draw")
        return [{"name": name, "price": price} for name, price in zip(names, numbers, strict=False)]
    point, first, second = numbers
    if market == "spreads":
        return [
            {"name": row["home"], "price": first, "point": point},
            {"name": row["away"], "price": second, "point": -point},
        ]
    return [{"name": "Over", "price": first, "point": point}, {"name": "Under", "price": second, "point": point}]


def _on_player(numbers: list[Any]) -> list[Json]:
    player, point, first, *rest = numbers
    if point is None:
        return [{"name": "Yes", "description": player, "price": first}]
    sides = zip(("Over", "Under"), (first, *rest), strict=True)
    return [{"name": side, "description": player, "price": price, "point": point} for side, price in sides]


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
