"""A bet on a player from the click to the grade: the box score is fetched, and a person accepts what it says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from dbsbm.core.http import HttpRequest, HttpResponse
from local.cloud import VirtualClock
from tests.e2e.world import KICK_OFF, World, opened, providers

pytestmark = pytest.mark.slow
EVENT = "401547001"
PASSING = "completions/passingAttempts passingYards passingTouchdowns interceptions"


@dataclass
class Scoreboard:
    """ESPN with one game, and its box score once it is over."""

    over: bool = False
    yards: int = 287
    summaries: list[str] = field(default_factory=list)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        parts = urlsplit(request.url)
        if "/football/nfl/" not in parts.path:
            return _answer({"events": []})
        if parts.path.endswith("/summary"):
            self.summaries.append(parse_qs(parts.query)["event"][0])
            return _answer(self._summary())
        return _answer({"events": [{"id": EVENT, "competitions": [self._competition()]}]})

    def _competition(self) -> dict[str, Any]:
        name, state = ("STATUS_FINAL", "post") if self.over else ("STATUS_SCHEDULED", "pre")
        sides = [("home", "Las Vegas Raiders", "20"), ("away", "Kansas City Chiefs", "27")]
        return {
            "id": EVENT,
            "date": f"{KICK_OFF:%Y-%m-%dT%H:%MZ}",
            "status": {"type": {"name": name, "state": state, "completed": self.over}},
            "competitors": [
                {"homeAway": where, "team": {"displayName": team}, "score": points} for where, team, points in sides
            ],
        }

    def _summary(self) -> dict[str, Any]:
        mahomes = {
            "athlete": {"id": "1", "displayName": "Patrick Mahomes"},
            "stats": ["24/35", str(self.yards), "2", "1"],
        }
        table = {"name": "passing", "keys": PASSING.split(), "athletes": [mahomes]}
        team = {"team": {"displayName": "Kansas City Chiefs"}, "statistics": [table]}
        header = {"id": EVENT, "competitions": [self._competition()]}
        return {"header": header, "boxscore": {"players": [team]}}


def _answer(document: dict[str, Any]) -> HttpResponse:
    return HttpResponse(200, {"content-type": "application/json"}, json.dumps(document).encode())


@pytest.fixture
def espn() -> Scoreboard:
    return Scoreboard()


@pytest.fixture
def world(database_url: str, espn: Scoreboard) -> Iterator[World]:
    shortly_before = VirtualClock(KICK_OFF - timedelta(minutes=5))
    with opened(database_url, clock=shortly_before, sources=providers(scores=espn)) as world:
        world.set_up()
        yield world


def until(world: World, hours: float) -> None:
    moment = KICK_OFF + timedelta(hours=hours)
    world.cloud.advance((moment - world.clock.now()).total_seconds())
    world.cloud.run_until_idle()


def test_a_prop_is_settled_by_the_box_score(world: World, espn: Scoreboard) -> None:
    world.settled(world.ann.slash("bet", pick="mahomes o275.5 pass -115 1u").click("Post"))
    world.settled(world.ann.slash("bet", pick="mahomes o2.5 receptions -115 1u").click("Post"))
    until(world, 0.2)
    assert espn.summaries == [], "nobody's box score is asked for before the game is over"
    world.final(27, 20)
    espn.over = True
    until(world, 1)
    assert set(espn.summaries) == {EVENT}
    page = world.settled(world.gina.slash("ungraded"))
    assert "no box score tells this statistic of Patrick Mahomes" in page.text
    assert "PROP-FINAL" in page.text
    world.settled(world.settled(page.click("Accept all 1 agreed")).click("Confirm"))
    assert [(row["grade"], row["rule"]) for row in world.rows("SELECT grade, rule FROM bet_grades")] == [
        ("won", "PROP-FINAL")
    ]
    assert world.rows("SELECT provider FROM box_scores") == [{"provider": "espn"}]


def test_without_a_bet_on_a_player_no_box_score_is_asked_for(world: World, espn: Scoreboard) -> None:
    world.settled(world.ann.slash("bet", pick="chiefs -3 -110 2u").click("Post"))
    world.final(27, 20)
    espn.over = True
    until(world, 1)
    assert espn.summaries == []
