"""Which markets on players are asked for, and what they are in our statistics: a data file by sport key.

Names as in https://the-odds-api.com/sports-odds-data/betting-markets.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "data" / "odds_api_props.json"


def prop_markets(sport_key: str) -> Mapping[str, str]:
    """Our statistic by the provider's market; empty for a sport whose players are not asked for."""
    return _all().get(sport_key, {})


@cache
def _all() -> dict[str, dict[str, str]]:
    document: dict[str, dict[str, str]] = json.loads(_FILE.read_text())
    return document
