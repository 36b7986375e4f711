"""The shared vectors through the command, and what the command says when one differs."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from dbsbm.betting.vector_cases import RUNNERS
from dbsbm.betting.vectors import check_case, main

FILE = "vectors/settlement.json"


def test_every_shared_vector_passes(shared_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(shared_data / FILE)]) == 0
    assert capsys.readouterr().out == "149 passed, 0 failed\n"


def test_every_category_of_the_file_has_a_runner(shared_data: Path) -> None:
    cases = json.loads((shared_data / FILE).read_text())["vectors"]
    assert {case["category"] for case in cases} == set(RUNNERS)


def test_each_expected_number_is_really_compared(shared_data: Path) -> None:
    """Changing any one expected value by its last place makes exactly that case fail."""
    for case in json.loads((shared_data / FILE).read_text())["vectors"]:
        for name, value in case["expected"].items():
            changed = copy.deepcopy(case)
            changed["expected"][name] = _other(value)
            assert check_case(changed), (case["id"], name)


def test_a_differing_case_is_printed_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = {
        "id": "total-1",
        "category": "total",
        "description": "over 2.5, 3 goals",
        "input": {"total": 3, "line": "2.5", "side": "over", "stake": "1", "decimal": "2"},
        "expected": {"result": "loss", "ret": "2.000000000000"},
    }
    unknown = {**case, "id": "golf-1", "category": "golf"}
    path = tmp_path / "cases.json"
    path.write_text(json.dumps({"vectors": [case, unknown]}))
    assert main([str(path)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "total-1 (over 2.5, 3 goals): result: expected loss, computed win",
        "golf-1 (over 2.5, 3 goals): no such category: golf",
        "0 passed, 2 failed",
    ]


def test_without_a_file_it_says_how_it_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "FILE.json" in capsys.readouterr().err


def _other(value: object) -> object:
    if isinstance(value, list):
        return [_other(value[0]), *value[1:]]
    if isinstance(value, int):
        return value + 1
    text = str(value)
    if text == "0E-12":
        return "0.000000000001"
    return text[:-1] + ("1" if text[-1] != "1" else "2")
