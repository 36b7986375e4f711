"""Secrets change while people use the bot: nobody notices, whatever was sealed before and after opens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from dbsbm.core.http import HttpRequest
from dbsbm.core.secrets import ring
from dbsbm.rotation.steps import STEPS
from local.cloud import Faults, FunctionError
from local.discord_simulator import Person
from tests.e2e.world import World, after, distinct_pick, on_schedule, opened
from tests.life import rotate, step, value

ROTATIONS = 6
QUIET = on_schedule()


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


def test_an_old_key_may_go_because_what_it_sealed_is_sealed_anew(database_url: str, figure: Any) -> None:
    """Half a year, three keys later: slips still go out by the webhook of then, endpoints are still told, signed."""
    with opened(database_url, catalog=QUIET) as world:
        world.set_up()
        world.settled(world.ann.slash("bet", pick=distinct_pick(1)).click("Post"))
        world.olga.slash("webhook add", url="https://hooks.example.org/bets")
        first = ring(value(world.cloud, "token-key"))[0]
        sealed = _sealed(world)
        for number in range(1, 4):
            rotate(world.cloud, "rotate_generated", "token-key", number)
            world.cloud.skip_to(world.cloud.clock.now() + timedelta(days=90))
            world.cloud.skip_to(world.cloud.clock.now().replace(hour=2, minute=10) + timedelta(days=1))
            for crossing in (3, 9, 15):  # cut off anywhere, it goes on the next night
                world.cloud.arm(Faults.kill(crossing=crossing, when="after"))
                with suppress(FunctionError):
                    world.cloud.invoke("job_keys", {})
                world.cloud.arm(Faults())
            done = world.cloud.invoke("job_keys", {})["done"]
            assert done["tokens"] + len(sealed & _sealed(world)) <= len(sealed)
            assert not sealed & _sealed(world)
            sealed = _sealed(world)
            assert world.cloud.invoke("job_keys", {})["done"]["tokens"] == 0
        assert first not in ring(value(world.cloud, "token-key"))
        world.game(starts_at=world.cloud.clock.now() + timedelta(hours=5))
        assert _work(world, 2)
        states = {row["state"] for row in world.rows("SELECT state FROM outbox")}
        assert not states & {"dead", "unknown"}
        assert world.rows("SELECT COUNT(*) AS n FROM channel_webhooks")[0]["n"] == 1  # none had to be made anew
        figure("token key: 3 rotations in 270 days, the first key gone, its webhook and endpoint sealed anew each time")


def _sealed(world: World) -> set[bytes]:
    rows = world.rows(
        "SELECT token_cipher AS c FROM channel_webhooks UNION SELECT secret_cipher FROM webhook_endpoints "
        "UNION SELECT url_cipher FROM webhook_endpoints"
    )
    return {row["c"] for row in rows}


def test_the_index_key_changes_under_people_s_hands(database_url: str, figure: Any) -> None:
    """Between any two steps, and after a kill in one, people ask, see what they asked, and are erased as they wished.

    ``command_stats`` and ``job_privacy`` keep what they read of the key for five minutes, each for its own.
    """
    random, killed = Random(8), 0
    asked: Counter[str] = Counter()
    with opened(database_url, catalog=QUIET) as world:
        world.set_up()
        people = {name: world.guild.user(name) for name in ("mia", "noa", "oli", "pia", "quin", "rob")}
        for number in range(1, 4):
            _, erased = people.popitem()
            erased.slash("privacy delete").click("Erase my data…").submit_modal(typed="DELETE")
            for name in STEPS:
                world.cloud.arm(Faults.kill(crossing=random.randint(1, 5), when=random.choice(("before", "after"))))
                try:
                    step(world.cloud, "rotate_generated", "index-key", number, name)
                except FunctionError:
                    killed += 1
                world.cloud.arm(Faults())
                _copy_for(world, people, random.choice(list(people)), asked)
                step(world.cloud, "rotate_generated", "index-key", number, name)
                _copy_for(world, people, random.choice(list(people)), asked)
                after(world, seconds=70)
            after(world, hours=2)
            world.cloud.invoke("job_privacy", {"v": 1})
            assert "**Erasure**" in (told := erased.slash("privacy status").text), told
            assert "done" in told, told
            after(world, days=2 * number)
        subjects = {row["subject"] for row in world.rows("SELECT subject FROM privacy_requests")}
        assert len(subjects) > len(asked) + 3, "some were named under more than one key"
        figure(f"index key: 3 rotations, {killed} steps killed, {asked.total()} copies and 3 erasures asked, 0 failed")


def _copy_for(world: World, people: Mapping[str, Person], name: str, asked: Counter[str]) -> None:
    """Whoever asks for a copy gets it, and finds it among the last five things they asked."""
    copy = world.settled(people[name].slash("privacy export"))
    assert copy.message is not None
    assert copy.message.files
    asked[name] += 1
    assert len(people[name].slash("privacy status").text.splitlines()) == min(5, asked[name])


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
