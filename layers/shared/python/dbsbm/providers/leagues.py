"""Which leagues are fetched from The Odds API: a data file, one row per league."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

_FILE = Path(__file__).parent / "data" / "odds_api_leagues.json"


@dataclass(frozen=True, slots=True)
class FeedLeague:
    """``sport_key`` is the provider's name, ``league`` ours; prices are asked for as the region's books write them.

    ``scores``: whether the provider's scores are asked for; of fights it has none.
    """

    sport_key: str
    league: str
    regions: str
    odds_format: Literal["american", "decimal"]
    markets: str = "h2h,spreads,totals"
    scores: bool = True


@cache
def feed_leagues() -> tuple[FeedLeague, ...]:
    """All rows of the data file."""
    return tuple(FeedLeague(**row) for row in json.loads(_FILE.read_text()))
