"""Secrets change while people use the bot: nobody notices, whatever was sealed before and after opens."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from dbsbm.core.http import HttpRequest
from dbsbm.core.secrets import ring
from dbsbm.rotation.steps import STEPS
from local.cloud import Faults, FunctionError
from tests.e2e.world import World, distinct_pick, opened
from tests.life import step, value

ROTATIONS = 6


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as world:
        yield world.set_up()


def _work(world: World, number: int) -> int:
    """A bet, a card and a list; the requests that were answered as they should be."""
    asked = world.ann.slash("bet", pick=distinct_pick(number))
    done = asked.click("Post")
    seen = [world.bob.slash("stats"), world.bob.slash("schedule", league="nfl"), asked, done]
    world.cloud.run_until_idle()
    wrong = [each.text for each in seen if "went wrong" in each.text or "try again" in each.text.lower()]
    assert wrong == []
    return len(seen)


def test_the_token_key_changes_under_people_s_hands(world: World, figure: Any) -> None:
    """Between any two steps, and after a kill in the middle of one, commands, deliveries and reports go on."""
    random, requests, killed = Random(7), 0, 0
    for number in range(1, ROTATIONS + 1):
        for name in STEPS:
            requests += _work(world, requests + 1)
            world.cloud.arm(Faults.kill(crossing=random.randint(1, 5), when="before" if number % 2 else "after"))
            try:
                step(world.cloud, "rotate_generated", "token-key", number, name)
            except FunctionError:
                killed += 1
                world.cloud.arm(Faults())
                requests += _work(world, requests + 1)
                step(world.cloud, "rotate_generated", "token-key", number, name)
            world.cloud.arm(Faults())
        if number == ROTATIONS // 2:
            world.cloud.advance(301)  # what environments kept of the key is read again
    requests += _work(world, requests + 1)
    assert len(ring(value(world.cloud, "token-key"))) == ROTATIONS + 1
    posted = world.rows("SELECT COUNT(*) AS n FROM bets")[0]["n"]
    states = world.rows("SELECT state, COUNT(*) AS n FROM outbox GROUP BY state")
    assert [row["state"] for row in states if row["state"] in ("dead", "unknown")] == []
    assert sum(row["n"] for row in world.rows("SELECT COUNT(*) AS n FROM outbox WHERE kind = 'slip.post'")) == posted
    assert {row["k"] for row in world.rows("SELECT HEX(SUBSTR(token_cipher, 2, 4)) AS k FROM channel_webhooks")}
    figure(f"token key: {ROTATIONS} rotations, {killed} steps killed, {requests} requests of people, 0 failed")


def test_the_operations_token_changes_under_its_readers(database_url: str) -> None:
    with opened(database_url, more={"OPERATIONS_TOKEN": ""}) as world:
        known = [ring(value(world.cloud, "operations-token"))[0]]
        answers = []
        for number in range(1, 4):
            for name in STEPS:
                step(world.cloud, "rotate_generated", "operations-token", number, name)
                headers = {"authorization": f"Bearer {known[-1]}"}
                answers.append(world.cloud.http(HttpRequest("GET", "http://x/metrics", headers)).status)
            known.append(ring(value(world.cloud, "operations-token"))[0])
            world.cloud.advance(30)
        assert answers == [200] * 12
