"""Figures that tests want in the suite's output: what they covered, not how long it took.

They travel as properties of the test's report, so that they arrive from xdist's workers too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

_FIGURE = "figure"


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Say a line at the end of the session."""
    return lambda line: record_property(_FIGURE, line)


def properties(terminalreporter: Any, wanted: str) -> Iterator[Any]:
    """What the tests of this session recorded under a name, in the order they ended."""
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", None) == "teardown":
                yield from (value for name, value in report.user_properties if name == wanted)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for line in sorted(properties(terminalreporter, _FIGURE)):
        terminalreporter.write_line(line)
