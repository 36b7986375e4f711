"""Every body the suite sends to a simulated Discord, held against the official description and our own limits.

A plugin, named in ``conftest.py``. It watches each simulator a test
makes, and fails the test at its end when the description refuses what the simulator took, or the simulator refused as
malformed what both the description and the limits module find right.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from dbsbm.discord import limits
from local.discord_simulator import Simulator
from tests import discord_schema
from tests.figures import properties

_COUNTED = "discord_bodies"


def disagreement(kind: str, body: Any, *, refused: bool) -> str:
    """How the three verdicts on one body differ, or nothing."""
    described = discord_schema.errors(kind, body) if discord_schema.present() else []
    as_legacy, as_v2 = limit_problems(kind, body, was_v2=False), limit_problems(kind, body, was_v2=True)
    limited = as_legacy if as_v2 else []  # whatever the message was that it changes
    if described and not refused:
        return f"{kind}: the description refuses what the simulator took: {described}\n{json.dumps(body)[:2000]}"
    if limited and not refused:
        return f"{kind}: the limits refuse what the simulator took: {limited}\n{json.dumps(body)[:2000]}"
    if refused and not described and not as_legacy and not as_v2 and discord_schema.present():
        return f"{kind}: the simulator refused what description and limits find right\n{json.dumps(body)[:2000]}"
    return ""


def limit_problems(kind: str, body: Any, *, was_v2: bool) -> list[limits.Problem]:
    """What the limits module finds; ``was_v2`` says of which sort the message is that a body may change."""
    if kind == "callback":
        return limits.check_callback(body, has_files=True, was_v2=was_v2)
    if kind in ("webhook_edit", "message_edit"):
        return limits.check_message(body or {}, edit=True, was_v2=was_v2)
    if kind == "commands":
        return limits.check_commands(body)
    if kind == "command":
        return limits.check_command(body)
    if kind == "webhook":
        return limits.check_username(body.get("name"))
    if kind == "webhook_execute":
        return limits.check_webhook_message(body or {}, has_files=True)
    if kind in ("message", "followup"):
        return limits.check_message(body or {}, has_files=True)
    return []


@pytest.fixture(autouse=True)
def discord_agreement(request: pytest.FixtureRequest) -> Iterator[Counter[str]]:
    """Counts of bodies by kind; the test fails when one of them is judged differently."""
    found: list[str] = []
    counted: Counter[str] = Counter()

    def observe(kind: str, body: Any, refused: bool) -> None:
        counted[kind] += 1
        difference = disagreement(kind, body if body is not None else {}, refused=refused)
        if difference:
            found.append(difference)

    def watch(simulator: Simulator) -> None:
        simulator.observers.append(observe)

    Simulator.on_creation.append(watch)
    yield counted
    Simulator.on_creation.remove(watch)
    if counted:
        request.node.user_properties.append((_COUNTED, dict(counted)))
    if found:
        pytest.fail("\n".join(found), pytrace=False)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say how many bodies were held against the description."""
    counted: Counter[str] = Counter()
    for of_one_test in properties(terminalreporter, _COUNTED):
        counted.update(of_one_test)
    if counted:
        parts = ", ".join(f"{count} {kind}" for kind, count in sorted(counted.items()))
        against = "the official description and the limits" if discord_schema.present() else "the limits alone"
        terminalreporter.write_line(f"{counted.total()} bodies to Discord held against {against}: {parts}")
