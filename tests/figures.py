"""Figures that tests want in the suite's output: what they covered, not how long it took.

They travel as properties of the test's report, so that they arrive from xdist's workers too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

_FIGURE, _TALLY = "figure", "tally"
_SELECTING = ("keyword", "markexpr", "lf", "failedfirst", "maxfail")


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Say a line at the end of the session."""
    return lambda line: record_property(_FIGURE, line)


@pytest.fixture
def tally(record_property: Callable[[str, object], None]) -> Callable[..., None]:
    """Add to counts that the session shows at its end: ``tally("month", bets=3)``."""
    return lambda name, **counts: record_property(_TALLY, (name, counts))


def properties(terminalreporter: Any, wanted: str) -> Iterator[Any]:
    """What the tests of this session recorded under a name, in the order they ended."""
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", None) == "teardown":
                yield from (value for name, value in report.user_properties if name == wanted)


def by_file(terminalreporter: Any, wanted: str) -> dict[str, set[str]]:
    """What tests recorded as ``(file, names)``, put together for each file."""
    found: dict[str, set[str]] = {}
    for file, names in properties(terminalreporter, wanted):
        found.setdefault(file, set()).update(names)
    return found


def ran_whole(config: pytest.Config, terminalreporter: Any) -> set[str]:
    """The files all of whose tests ran and passed; none in a session that selected some or met a failure."""
    selected = any(config.getoption(name, None) for name in _SELECTING) or any("::" in arg for arg in config.args)
    if selected or any(terminalreporter.stats.get(kind) for kind in ("failed", "error", "deselected")):
        return set()
    skipped = {report.nodeid.partition("::")[0] for report in terminalreporter.stats.get("skipped", ())}
    return {report.nodeid.partition("::")[0] for report in terminalreporter.stats.get("passed", ())} - skipped


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for line in sorted(properties(terminalreporter, _FIGURE)):
        terminalreporter.write_line(line)
    sums: dict[str, Counter[str]] = {}
    for name, counts in properties(terminalreporter, _TALLY):
        sums.setdefault(name, Counter()).update(counts)
    for name, counted in sorted(sums.items()):
        terminalreporter.write_line(f"{name}: {', '.join(f'{count:,} {what}' for what, count in counted.items())}")
