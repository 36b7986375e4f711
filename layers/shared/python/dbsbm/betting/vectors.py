"""``python -m dbsbm.betting.vectors FILE.json`` checks a file of cases against the engine.

The file holds ``{"vectors": [{"id", "category", "description", "input", "expected"}]}``; numbers are decimal strings
with 12 places. Each case that differs is printed, then ``N passed, M failed``; the exit status is 1 when M > 0.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from dbsbm.betting.vector_cases import RUNNERS
from dbsbm.core.errors import DbsbmError

_TWELVE = Decimal("1E-12")


def check_case(case: Mapping[str, Any]) -> list[str]:
    """What differs between the engine and one case, in words; nothing when they agree."""
    runner = RUNNERS.get(case["category"])
    if runner is None:
        return [f"no such category: {case['category']}"]
    try:
        computed = runner(case)
    except (DbsbmError, KeyError, ValueError) as error:
        return [f"{type(error).__name__}: {error}"]
    differences = []
    for name, expected in case["expected"].items():
        if name not in computed:
            differences.append(f"{name}: expected {expected}, nothing computed")
        elif not _same(expected, computed[name]):
            differences.append(f"{name}: expected {expected}, computed {_written(computed[name])}")
    return differences


def _same(expected: Any, computed: Any) -> bool:
    if isinstance(expected, list):
        return len(expected) == len(computed) and all(map(_same, expected, computed))
    if isinstance(computed, Fraction | Decimal):
        return Decimal(expected) == _twelve_places(computed)
    return bool(expected == computed)


def _twelve_places(value: Fraction | Decimal) -> Decimal:
    exact = Fraction(value) if isinstance(value, Decimal) else value
    return Decimal(round(exact * 10**12)).scaleb(-12).quantize(_TWELVE, ROUND_HALF_EVEN)


def _written(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(_written(each) for each in value)}]"
    return str(_twelve_places(value) if isinstance(value, Fraction | Decimal) else value)


def main(arguments: list[str]) -> int:
    """Check the files named. Returns the exit status."""
    if not arguments:
        print("usage: python -m dbsbm.betting.vectors FILE.json", file=sys.stderr)  # noqa: T201 - a command
        return 2
    passed = failed = 0
    for name in arguments:
        for case in json.loads(Path(name).read_text(encoding="utf-8"))["vectors"]:
            differences = check_case(case)
            passed, failed = (passed, failed + 1) if differences else (passed + 1, failed)
            for difference in differences:
                print(f"{case['id']} ({case.get('description', '')}): {difference}")  # noqa: T201
    print(f"{passed} passed, {failed} failed")  # noqa: T201
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
