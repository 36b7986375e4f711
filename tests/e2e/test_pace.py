"""Errors, pace and memory are told by command: what is a person's own mistake is no error of ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from dbsbm.commands import runner
from dbsbm.core.errors import DatabaseUnavailableError
from tests.e2e.world import World, opened


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as world:
        yield world.set_up()


def told(world: World, name: str, *functions: str) -> list[tuple[Any, ...]]:
    """Values of a metric with those of its dimensions."""
    asked = functions or ("command_betting", "command_games", "command_guild", "command_stats")
    return [
        (*(line[dimension] for dimension in header["Dimensions"][0]), line[name])
        for function in asked
        for line in world.cloud.logs(function)
        for header in line.get("_aws", {}).get("CloudWatchMetrics", ())
        if any(each["Name"] == name for each in header["Metrics"])
    ]


def test_a_command_that_fails_for_our_own_fault_is_counted_by_its_name(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    def away(*_: Any, **__: Any) -> None:
        raise DatabaseUnavailableError("away")

    for fault in (broken, away):
        with monkeypatch.context() as patch:
            patch.setattr("dbsbm.commands.rights.check", fault)
            world.bob.slash("schedule", league="nfl")
    assert told(world, "command_errors") == [("schedule", 1), ("schedule", 1)]


def test_what_a_person_did_wrong_is_no_error_of_the_command(world: World) -> None:
    assert "not a capper" in world.bob.slash("bet", pick="chiefs -3 -110 2u").text
    world.ann.slash("bet", pick="no such thing at all")
    assert told(world, "command_errors") == []


def test_choices_that_break_are_counted_and_nobody_sees_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("dbsbm.commands.gate.may_type", broken)
    assert list(world.ann.autocomplete("bet", "pick", "chiefs")) == []
    assert told(world, "command_errors") == [("bet.pick", 1)]


def test_an_answer_that_took_longer_than_its_kind_may_is_named(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.bob.slash("schedule", league="nfl")
    monkeypatch.setattr(runner, "BUDGET_MS", {"command": 0, "choices": 0})
    world.bob.slash("schedule", league="nfl")
    world.ann.autocomplete("bet", "pick", "chiefs")
    assert told(world, "over_budget", "command_games")[-1] == ("command", 1)
    assert told(world, "over_budget", "command_betting")[-1] == ("choices", 1)
    (*_, named) = [line for line in world.cloud.logs("command_games") if line.get("message") == "over budget"]
    assert (named["route"], named["budget_ms"]) == ("schedule", 0)


def test_a_tail_is_counted_with_its_commit(world: World) -> None:
    world.settled(world.ann.slash("bet", pick="chiefs -3 -110 2u").click("Post"))
    slip = world.slips(world.bob)[0]
    slip.by(world.bob).click("Tail")
    slip.by(world.bob).click("Tail")
    slip.by(world.ann).click("Tail")
    assert told(world, "tails") == [(1,)]
