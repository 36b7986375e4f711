"""Every error of the tree is raised by the product in some test, and the test file that reaches it is known.

A plugin, named in ``conftest.py``. At the end of the session each error must have been made by product code in the
file that ``tests/errors_reached.py`` names for it, provided that the whole file ran.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import wraps
from types import FrameType
from typing import Any

import pytest

from dbsbm.core.errors import DbsbmError
from tests.errors_reached import REACHED_IN
from tests.figures import by_file, ran_whole

_MADE = "errors_made"
_PRODUCT = ("/layers/shared/python/dbsbm/", "/functions/")
_made: set[str] = set()
_plain = DbsbmError.__init__


@wraps(_plain)
def _noted(self: DbsbmError, *given: Any, **named: Any) -> None:
    _plain(self, *given, **named)
    maker = _maker(self, sys._getframe(1))
    if maker is not None and any(folder in maker.f_code.co_filename for folder in _PRODUCT):
        _made.add(type(self).__name__)


def _maker(error: DbsbmError, frame: FrameType | None) -> FrameType | None:
    """Who made the error: the first frame that is no constructor of its own."""
    while frame is not None and frame.f_code.co_name == "__init__" and frame.f_locals.get("self") is error:
        frame = frame.f_back
    return frame


setattr(DbsbmError, "__init__", _noted)  # noqa: B010 — a constructor is not assigned to


@pytest.fixture(autouse=True)
def errors_made(request: pytest.FixtureRequest) -> Iterator[None]:
    _made.clear()
    yield
    if _made:
        request.node.user_properties.append((_MADE, (request.node.nodeid.partition("::")[0], sorted(_made))))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a session whose files ran whole without reaching what they are named for."""
    terminal: Any = session.config.pluginmanager.get_plugin("terminalreporter")
    if hasattr(session.config, "workerinput") or terminal is None:
        return
    made, whole = by_file(terminal, _MADE), ran_whole(session.config, terminal)
    missing = sorted(f"{error} ({file})" for error, file in REACHED_IN.items() if file in whole - _who(error, made))
    if missing:
        terminal.write_line("")
        terminal.write_line("not raised where tests/errors_reached.py says: " + ", ".join(missing), red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    raised = set[str]().union(*by_file(terminalreporter, _MADE).values())
    if raised:
        terminalreporter.write_line(f"{len(raised & REACHED_IN.keys())} of {len(REACHED_IN)} errors raised")


def _who(error: str, made: dict[str, set[str]]) -> set[str]:
    return {file for file, errors in made.items() if error in errors}
