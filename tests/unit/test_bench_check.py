"""The regression check tells a slower program from a slower machine."""

from __future__ import annotations

from typing import Any

import pytest

from bench.check import compared, missed


def result(median: float, *, machine: float = 10.0, unit: str = "ms") -> dict[str, Any]:
    rows = {"row": {"n": 9, "median": median, "p95": median, "max": median}}
    return {"at": "then", "unit": unit, "rows": rows, "calibration": {"wall_ms": machine, "cpu_ms": machine}}


@pytest.mark.parametrize(
    ("before", "now", "slower"),
    [
        (result(20), result(29), False),
        (result(20), result(31), True),
        (result(20), result(60, machine=30), False),
        (result(20), result(60, machine=10), True),
        (result(20), result(20, machine=5), True),
        (result(0.01), result(0.9), False),
        (result(0.01), result(1.6), True),
    ],
)
def test_a_row_is_slower_beside_the_machine(before: dict[str, Any], now: dict[str, Any], slower: bool) -> None:
    [row] = compared("autocomplete", before, now)
    assert row.slower is slower


def test_a_result_that_does_not_say_how_fast_the_machine_was_is_not_compared() -> None:
    with pytest.raises(ValueError, match="no calibration"):
        list(compared("autocomplete", {**result(1), "calibration": None}, result(1)))


def test_a_new_row_has_nothing_to_be_compared_with() -> None:
    assert list(compared("autocomplete", {**result(1), "rows": {}}, result(1))) == []


def test_cpu_is_measured_in_the_cpu_of_the_same_work() -> None:
    before, now = result(20), result(20, machine=30)
    now["calibration"]["cpu_ms"] = 10.0
    [_, commands] = compared("load", before | {"cpu": {"commands": 5.0}}, now | {"cpu": {"commands": 8.0, "new": 1.0}})
    assert (commands.name, commands.ratio, commands.slower) == ("commands", 1.6, True)


@pytest.mark.parametrize(("unit", "names"), [("bets", ["bets lost: 1 bets, at most 0"]), ("ms", [])])
def test_a_lost_bet_is_worse_and_a_time_is_compared_beside_the_machine(unit: str, names: list[str]) -> None:
    def held(actual: int) -> dict[str, Any]:
        return {"targets": [{"name": "bets lost", "actual": actual, "limit": 0, "unit": unit, "held": not actual}]}

    assert list(missed(held(0), held(1))) == names
    assert list(missed(held(1), held(1))) == []


def test_work_that_stands_behind_answers_is_compared_by_its_cpu() -> None:
    before, now = ({**result(ms), "rows": {"from Post to the slip": {"median": ms}}} for ms in (20.0, 90.0))
    assert list(compared("load", before, now)) == []
