"""Every error is documented, raised somewhere and fit to be read; every row of faults names a test there is."""

from __future__ import annotations

import ast
from collections import Counter
from functools import cache
from pathlib import Path
from random import Random

import pytest

from dbsbm.commands import answers
from dbsbm.commands.words.catalogue import Words
from dbsbm.core import errors
from dbsbm.core.errors import DbsbmError, InputError, RateLimitedError, SwitchedOffError
from dbsbm.discord import serialize
from dbsbm.discord.limits import check_message
from dbsbm.resilience.recovery import TABLE, Recovery
from dbsbm.tiers.model import TierLimitError
from local import fault_pages
from tests.errors_reached import BASES, REACHED_IN

ROOT = Path(__file__).parents[2]
PRODUCT = (ROOT / "functions", ROOT / "layers/shared/python/dbsbm")
TREE = fault_pages.tree()


@cache
def _raised() -> frozenset[str]:
    """Names of what product code raises, or makes to be raised."""
    made: set[str] = set()
    for path in (path for folder in PRODUCT for path in folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                made.add(node.func.id if isinstance(node.func, ast.Name) else node.func.attr)
    return frozenset(made)


@pytest.mark.parametrize("error", TREE, ids=lambda error: error.__name__)
def test_an_error_is_reachable_documented_and_fit_to_be_read(error: type[DbsbmError]) -> None:
    kinds = [each for each in TREE if issubclass(each, error)]
    assert any(each.__name__ in _raised() for each in kinds), "nothing raises it, nor anything of its kind"
    assert error.__doc__, "it does not say what it is"
    page = (ROOT / "docs/errors.md").read_text(encoding="utf-8")
    assert f"| `{error.code}` | {error.__name__} |" in page
    if issubclass(error, TierLimitError):
        return  # tests/e2e/test_tiers.py: its answer needs a tier
    refusal = answers.refusal(fault_pages.sample(error), Words())
    assert refusal.kind == "message"
    check_message(serialize.message(refusal.data, private=True))


def test_each_error_has_a_test_file_that_is_held_to_reach_it() -> None:
    """:mod:`tests.error_observer` fails the session in which such a file does not."""
    missing = (REACHED_IN.keys() | BASES) ^ {each.__name__ for each in TREE}
    assert missing == set(), "name in tests/errors_reached.py the file that reaches it"
    assert all((ROOT / file).exists() for file in REACHED_IN.values())


def test_there_are_fifteen_and_more_each_with_a_code_of_its_own() -> None:
    in_core = [each for each in TREE if each.__module__ == errors.__name__ and each is not DbsbmError]
    assert len(in_core) >= 15
    codes = Counter(each.code for each in TREE if not (issubclass(each, InputError) and each is not InputError))
    assert [code for code, count in codes.items() if count > 1] == []


def test_waiting_is_said_in_words() -> None:
    def said(seconds: float) -> str:
        error = RateLimitedError("guild", retry_after_s=seconds, blocked=False)
        return str(answers.refusal(error, Words()).data)

    assert "busier than we can follow" in said(1)
    assert all(
        text in said(seconds) for seconds, text in [(0.2, "in 2 seconds"), (61.2, "62 seconds"), (300, "5 minutes")]
    )
    assert "not open for your server yet: x" in str(answers.refusal(SwitchedOffError("x", partly=True), Words()).data)


@pytest.mark.parametrize("named", [
    *(each.test for each in TABLE), *(test for each in fault_pages.PROMISES for test in each.tests)
])  # fmt: skip
def test_a_row_names_a_test_there_is(named: str) -> None:
    path, _, name = named.partition("::")
    parsed = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    assert name in {node.name for node in parsed.body if isinstance(node, ast.FunctionDef)}


def test_the_fault_table_of_the_architecture_is_whole() -> None:
    assert len(fault_pages.PROMISES) >= 7
    assert {each.dependency for each in TABLE} >= {"database", "cache", "Discord", "a provider", "a function's memory"}


def test_waits_double_up_to_their_longest_with_full_jitter() -> None:
    row = Recovery("d", "f", "r", "t", first_s=2, least_s=1, longest_s=900)
    random = Random(5)
    for failures, bound in [(0, 2), (1, 4), (8, 512), (9, 900), (10_000, 900)]:
        waits = [row.wait_s(failures, random) for _ in range(500)]
        assert min(waits) >= 1
        assert bound * 0.9 < max(waits) <= bound
