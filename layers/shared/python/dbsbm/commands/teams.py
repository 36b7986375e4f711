"""What teams are called for short: "Chiefs", "KC"."""

from __future__ import annotations

import json
from functools import cache
from typing import NamedTuple

from dbsbm.betting.catalogue import DATA

_LEAGUES = ("nfl", "nba", "wnba", "mlb", "nhl")
"""Leagues whose teams go by what follows the city; elsewhere the whole name is the usual one."""


class _Called(NamedTuple):
    nickname: str
    letters: str


def nickname(name: str, league: str) -> str:
    """ "Chiefs" for the Kansas City Chiefs; the whole name where that is what people say."""
    known = _called(league).get(name)
    return known.nickname if known else name


def letters(name: str, league: str) -> str:
    """ "KC" as on a scoreboard; the nickname where there are no such letters."""
    known = _called(league).get(name)
    return known.letters if known else name


@cache
def _called(league: str) -> dict[str, _Called]:
    if league not in _LEAGUES:
        return {}
    document = json.loads((DATA / f"teams_{league}.json").read_text(encoding="utf-8"))
    return {
        team["name"]: _Called(team["nick"], team["aliases"][0].upper() if team["aliases"] else team["nick"])
        for team in document["teams"]
    }
