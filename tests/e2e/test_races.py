"""Formula 1: a race taken from the calendar, bet on, run, and proposed from its classification."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from dbsbm.core.http import HttpRequest, HttpResponse
from dbsbm.environment import installed
from dbsbm.wiring import build
from feed_api_sports.handler import handler
from tests.e2e.world import World, opened

pytestmark = pytest.mark.slow
NAME = "Qatar Grand Prix"
IN = timedelta(hours=5)
ORDER = ("Oscar Piastri", "Max Verstappen", "Lando Norris", "George Russell")


class Season:
    """API-Sports with one race: what it says of it is set by the tests."""

    def __init__(self, world: World, database_url: str) -> None:
        self.world = world
        self.database_url = database_url
        self.starts_at: datetime = world.clock.now() + IN
        self.status = "Scheduled"
        self.order: tuple[str, ...] = ()
        self.asked: list[str] = []

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.url.removeprefix("http://api")
        self.asked.append(path)
        rows = self.places() if path.startswith("/v1.formula-1/rankings/races?race=1899") else [self.race("Race")]
        if "season=" in path:
            rows = [*rows, self.race("1st Qualifying"), {**self.race("Race"), "status": "Abandoned?"}]
        body = json.dumps({"errors": [], "results": len(rows), "response": rows}).encode()
        return HttpResponse(200, {"x-ratelimit-requests-remaining": "80"}, body)

    def race(self, kind: str) -> dict[str, Any]:
        return {
            "id": 1899,
            "competition": {"id": 27, "name": NAME},
            "circuit": {"id": 29, "name": "Lusail International Circuit"},
            "type": kind,
            "date": self.starts_at.isoformat(),
            "status": self.status,
        }

    def places(self) -> list[dict[str, Any]]:
        return [
            {"race": {"id": 1899}, "driver": {"id": place, "name": name}, "team": {"name": "A team"}, "position": place}
            for place, name in enumerate(self.order, 1)
        ]

    def fetched(self) -> dict[str, Any]:
        """A run of the feed, as the Scheduler fires it."""
        environ = {"DATABASE_URL": self.database_url, "API_SPORTS_BASE_URL": "http://api/{host}"}
        environ |= {"API_SPORTS_KEY": "key"}
        environment = build(environ, clock=self.world.clock, random=Random(1), transport=self)
        with installed(environment):
            counts: dict[str, Any] = handler({"v": 1, "leagues": ["f1"]}, None)
        environment.database.close()
        return counts

    def run(self, order: tuple[str, ...] = ORDER, status: str = "Completed") -> None:
        """The race is over, and the settlement has been there."""
        self.world.cloud.skip_to(self.starts_at + timedelta(hours=3))
        self.status, self.order = status, order
        self.fetched()
        self.fetched()  # the classification is asked for once the end is known
        self.world.cloud.advance(600)
        self.world.cloud.run_until_idle()


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as world:
        yield world.set_up()


@pytest.fixture
def season(world: World, database_url: str) -> Season:
    season = Season(world, database_url)
    counts = season.fetched()
    assert counts["calendar"]["games"] == 1
    assert counts["calendar"]["problems"] == ["event 2: status 'abandoned?' is none we know"]
    return season


def bet(world: World, pick: str, kind: str, **more: Any) -> None:
    asked = {
        "league": "F1",
        "market": f"{NAME}: {kind}",
        "pick": pick,
        "odds": "+200",
        "locks": "in 30d",
        "units": "1u",
    }
    world.settled(world.ann.slash("future", **{**asked, **more}).click("Post"))


def proposals(world: World) -> list[tuple[str, str, str | None]]:
    rows = world.rows("SELECT p.status, p.result, p.grade FROM bet_proposals p ORDER BY p.bet_id")
    return [(row["status"], row["result"], row["grade"]) for row in rows]


def test_a_race_is_offered_shown_and_locks_when_it_starts(world: World, season: Season) -> None:
    ask = world.ann.autocomplete
    offered = [choice.name for choice in ask("future", "market", "qatar", league="F1")]
    assert offered == [f"{NAME}: Race winner", f"{NAME}: Podium finish", f"{NAME}: Points finish"]
    picks = [choice.name for choice in ask("future", "pick", "verst", league="F1", market=offered[0])]
    assert picks == ["Max Verstappen"]
    assert NAME in world.bob.slash("schedule", league="f1").text
    bet(world, "Max Verstappen", "Podium finish")
    slip = world.slips(world.gina)[0]
    assert "Max Verstappen on the podium" in slip.text
    assert NAME in slip.text
    locks = world.rows("SELECT starts_at FROM bets")[0]["starts_at"]
    assert abs(locks - season.starts_at) < timedelta(seconds=1)
    gone = world.ann.slash(
        "future", league="F1", market="Moon Grand Prix: Race winner", pick="x", odds="+100", locks="in 1d"
    )
    assert "no race to come" in gone.text
    assert NAME in gone.text
    assert world.simulator.problems == []


def test_places_decide_and_one_source_only_proposes(world: World, season: Season) -> None:
    with world.database.transaction() as session:
        session.execute("UPDATE guilds SET auto_grade = 1")
    bet(world, "Max Verstappen", "Podium finish")
    bet(world, "Max Verstappen", "Race winner")
    bet(world, "Lewis Hamilton", "Points finish")
    season.run()
    assert proposals(world) == [
        ("proposed", "Max Verstappen P2", "won"),
        ("proposed", "Max Verstappen P2", "lost"),
        ("held", "Lewis Hamilton", None),
    ]
    shown = world.bob.slash("scores", league="f1").text
    assert "1. Oscar Piastri, 2. Max Verstappen, 3. Lando Norris" in shown
    assert world.simulator.problems == []


def test_a_race_that_is_called_off_gives_stakes_back(world: World, season: Season) -> None:
    bet(world, "Max Verstappen", "Race winner")
    season.run(order=(), status="Cancelled")
    assert proposals(world) == [("proposed", "cancelled", "void")]


def test_a_race_is_no_game_to_pick_a_side_of(world: World, season: Season) -> None:
    assert all(NAME not in choice.name for choice in world.ann.autocomplete("bet", "pick", "qatar"))
    assert all(NAME not in choice.name for choice in world.bob.autocomplete("odds", "game", "qatar"))
