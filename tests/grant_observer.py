"""Every AWS call of the suite, held against the roles both ways.

A plugin, named in ``conftest.py``. A test in which the product asks AWS for what its role does not give fails, whatever
the product made of the refusal. At the end of the session each grant of the catalog must have been used by the file
that ``tests/grants.py`` names for it, provided that the whole file ran.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from infra.catalog import CATALOG
from infra.grants import Grant, every_grant
from local.cloud.roles import Roles
from tests.figures import by_file, properties, ran_whole
from tests.grants import USED_IN

_USED = "aws_grants"
_NAMED = 20
"""So many are named at the end; a session of some files leaves hundreds."""


@pytest.fixture(autouse=True)
def aws_roles(request: pytest.FixtureRequest) -> Iterator[list[Grant]]:
    """What the catalog's functions were refused in this test; empty it where the refusal is the point."""
    used: set[str] = set()
    refused: list[Grant] = []

    def observe(use: Grant, allowed: bool) -> None:
        if allowed:
            used.add(str(use))
        else:
            refused.append(use)

    Roles.observers.append(observe)
    yield refused
    Roles.observers.remove(observe)
    if used:
        request.node.user_properties.append((_USED, (request.node.nodeid.partition("::")[0], sorted(used))))
    if refused:
        pytest.fail("no role gives this: " + ", ".join(sorted({str(use) for use in refused})), pytrace=False)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a session whose files ran whole without using what they are named for."""
    config = session.config
    terminal: Any = config.pluginmanager.get_plugin("terminalreporter")
    if hasattr(config, "workerinput") or terminal is None:
        return
    missing = sorted(f"{grant} ({file})" for grant, file in _missing(config, terminal))
    if missing:
        terminal.write_line("")
        terminal.write_line("granted, but not used where tests/grants.py says: " + ", ".join(missing), red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say how many grants were used, and which were not."""
    used = set[str]().union(*(grants for _, grants in properties(terminalreporter, _USED)))
    if not used:
        return
    granted = {str(grant) for grant in every_grant(CATALOG)}
    left = sorted(granted - used)
    names = f": {', '.join(left)}" if len(left) <= _NAMED else ""
    terminalreporter.write_line(f"{len(used & granted)} of {len(granted)} grants used, {len(left)} not{names}")


def _missing(config: pytest.Config, terminal: Any) -> Iterator[tuple[str, str]]:
    """Grants that a file did not use although all of it ran and passed."""
    used = by_file(terminal, _USED)
    for file in ran_whole(config, terminal) & USED_IN.keys():
        yield from ((grant, file) for grant in USED_IN[file] if grant not in used.get(file, ()))
