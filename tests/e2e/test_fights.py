"""A fight from its prices to the grade: two fighters are the sides, and who won decides the moneyline alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from dbsbm.core.http import HttpRequest, HttpResponse
from local.cloud import VirtualClock
from local.providers.odds_api import OddsApiProvider
from local.providers.recording import Recording
from tests.e2e.world import NOW, SCORES_URL, World, opened, providers

pytestmark = pytest.mark.slow
START = NOW + timedelta(minutes=10)


def _text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def prices() -> Recording:
    outcomes = [{"name": "Ilia Topuria", "price": -150}, {"name": "Islam Makhachev", "price": 130}]
    seen = _text(NOW - timedelta(minutes=1))
    book = {"key": "draftkings", "title": "DraftKings", "last_update": seen}
    event = {
        "id": "f1",
        "sport_key": "mma_mixed_martial_arts",
        "sport_title": "MMA",
        "commence_time": _text(START),
        "home_team": "Ilia Topuria",
        "away_team": "Islam Makhachev",
        "bookmakers": [{**book, "markets": [{"key": "h2h", "last_update": seen, "outcomes": outcomes}]}],
        "scores": None,
    }
    return Recording([event])


@dataclass
class Fights:
    """API-Sports with one fight, its fighters named the other way round; ESPN has none."""

    short: str = "NS"
    winner: str = ""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        rows = [self._fight()] if "/v1.mma/fights" in request.url else []
        body = json.dumps({"errors": [], "response": rows, "results": len(rows), "events": []})
        return HttpResponse(200, {"x-ratelimit-requests-remaining": "90"}, body.encode())

    def _fight(self) -> dict[str, Any]:
        names = {"first": "Islam Makhachev", "second": "Ilia Topuria"}
        return {
            "id": 1745,
            "timestamp": int(START.timestamp()),
            "slug": "UFC 330: Topuria vs. Makhachev",
            "is_main": True,
            "category": "Lightweight",
            "status": {"short": self.short},
            "fighters": {key: {"name": name, "winner": name == self.winner} for key, name in names.items()},
        }


@pytest.fixture
def fights() -> Fights:
    return Fights()


@pytest.fixture
def world(database_url: str, fights: Fights) -> Iterator[World]:
    clock = VirtualClock(NOW)
    odds = OddsApiProvider(prices(), clock)
    more = {"API_SPORTS_BASE_URL": f"{SCORES_URL}/{{host}}", "API_SPORTS_KEY": "key"}
    sources = providers(odds=odds.handle, scores=fights)
    with opened(database_url, clock=clock, sources=sources, more=more) as world:
        roles = {"capper_role": world.guild.role("capper"), "admin_role": world.guild.role("grader")}
        world.olga.slash("setup", slip_channel=world.guild.channel("slips"), **roles)
        world.olga.slash("capper add", user=world.ann)
        world.cloud.invoke("feed_odds_api", {})
        world.cloud.run_until_idle()
        yield world


@pytest.mark.parametrize(("winner", "grade"), [("Ilia Topuria", "won"), ("Islam Makhachev", "lost"), ("", "push")])
def test_who_won_is_proposed_for_the_moneyline_and_rounds_stay_with_a_person(
    world: World, fights: Fights, winner: str, grade: str
) -> None:
    world.settled(world.ann.slash("bet", pick="topuria ml 1u").click("Post"))
    world.settled(world.ann.slash("bet", pick="topuria over 2.5 -110 1u").click("Post"))
    assert world.rows("SELECT price_check FROM bet_revisions ORDER BY bet_id")[0] == {"price_check": "verified"}

    world.cloud.advance(15 * 60)
    fights.short, fights.winner = "FT", winner
    world.cloud.advance(70 * 60)
    world.cloud.run_until_idle()

    said = world.rows("SELECT status, grade, reason FROM bet_proposals ORDER BY bet_id")
    assert said == [
        {"status": "proposed", "grade": grade, "reason": "one_source"},
        {"status": "held", "grade": None, "reason": "no_rule"},
    ]
    assert world.rows("SELECT value_ppm IS NOT NULL AS valued FROM clv_bets ORDER BY bet_id")[0] == {"valued": 1}
    assert not world.rows("SELECT * FROM bet_grades"), "one source never grades without a person"
