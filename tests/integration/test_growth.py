"""A leak is found within 200 warm invocations and its line is named; a slow statement is named, its values are not."""

from __future__ import annotations

import logging

import pytest

from dbsbm.core import metrics
from dbsbm.core.growth import EVERY, TOLERATED, Growth
from dbsbm.core.invocation import note_growth
from tests.integration.moments import HandClock, open_database


class Function:
    """A warm environment that keeps something of each event, or nothing."""

    def __init__(self, *, leaks: bool) -> None:
        self._leaks = leaks
        self._kept: list[object] = []

    def __call__(self, number: int) -> None:
        made = {"number": object(), "text": f"event {number}"}
        if self._leaks:
            self._kept.append(made)


def noted(function: Function, growth: Growth, invocations: int) -> list[float]:
    with metrics.collected() as samples:
        for number in range(invocations):
            function(number)
            note_growth("planted", growth)
    return [sample.amount for sample in samples if sample.metric is metrics.LEAK]


def test_a_planted_leak_is_found_within_200_invocations_and_its_line_named(caplog: pytest.LogCaptureFixture) -> None:
    growth = Growth()
    with caplog.at_level(logging.WARNING, "dbsbm"):
        told = noted(Function(leaks=True), growth, 200 + EVERY)
    assert told[0] > TOLERATED
    found = [record for record in caplog.records if record.message == "memory grows"]
    assert len(told) == len(found)
    lines = [line for record in found for line in vars(record)["lines"]]
    assert any("test_growth.py" in line for line in lines)


def test_what_leaves_nothing_behind_is_no_leak() -> None:
    told = noted(Function(leaks=False), Growth(), 200)
    assert told
    assert max(told) <= TOLERATED


def test_a_slow_statement_is_named_and_its_values_are_not(database_url: str, caplog: pytest.LogCaptureFixture) -> None:
    database = open_database(database_url, HandClock())
    with metrics.collected() as samples, caplog.at_level(logging.WARNING, "dbsbm"), database.read() as session:
        session.one("SELECT SLEEP(%s) AS slept,\n  %s AS private", (0.3, "a-private-value"))
        session.one("SELECT 1 AS quick")
    database.close()
    (record,) = [record for record in caplog.records if record.message == "slow statement"]
    assert vars(record)["sql"] == "SELECT SLEEP(%s) AS slept, %s AS private"
    assert len(vars(record)["digest"]) == 12
    assert "a-private-value" not in str(vars(record))
    assert [sample.metric for sample in samples] == [metrics.SLOW_STATEMENTS]
