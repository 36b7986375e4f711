"""Nothing grows with the invocations of a warm environment, and the high-water mark is written down."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from types import SimpleNamespace
from typing import Any

import pytest

from api.handler import handler as api
from command_betting.handler import handler as betting
from command_guild.handler import handler as guild
from command_stats.handler import handler as stats
from dbsbm.bets import slate
from dbsbm.commands import board
from dbsbm.core import pressure
from dbsbm.core.invocation import watched
from dbsbm.database.session import Session
from dbsbm.environment import installed
from dbsbm.games import service
from dbsbm.guilds.repository import GuildRepository
from dbsbm.wiring import build
from delivery.handler import handler as delivery
from job_close.handler import handler as close
from job_community.handler import handler as community
from job_notify.handler import handler as notify
from job_settle.handler import handler as settle
from local.cloud.execution import ROOT, Outcome
from tests.e2e.processes import opened_in_processes
from tests.e2e.world import World, opened
from tests.leaks import growth, leaks

pytestmark = pytest.mark.slow
CONTEXT = SimpleNamespace(memory_limit_in_mb="1", aws_request_id="r")
INVOCATIONS = int(os.environ.get("DBSBM_LEAK_INVOCATIONS", "2000"))
"""``./dev test --nightly``: 10,000."""
PROCESS_INVOCATIONS = int(os.environ.get("DBSBM_LEAK_INVOCATIONS", "300"))
GROWN_MB = 2.0
"""What a process may take more once it has run for a while: an allocator keeps pages of its own."""
ROOMY = SimpleNamespace(memory_limit_in_mb="100000", aws_request_id="r", get_remaining_time_in_millis=lambda: 60_000)


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as world:
        yield world.set_up()


@contextmanager
def unheard() -> Iterator[None]:
    """Keep the test runner from keeping every record."""
    logger = logging.getLogger("dbsbm")
    logger.propagate = False
    try:
        yield
    finally:
        logger.propagate = True


def test_a_planted_leak_is_found_within_200_invocations(capfd: pytest.CaptureFixture[str]) -> None:
    kept: list[Any] = []
    with unheard():
        leaking = watched(lambda event, _: kept.append({"number": event}))
        clean = watched(lambda event, _: {"number": event})
        assert leaks(lambda number: leaking(number, None), 200)
        assert not leaks(lambda number: clean(number, None), 200)


def test_functions_leave_nothing_behind_over_thousands_of_invocations(
    world: World, database_url: str, capfd: pytest.CaptureFixture[str], figure: Any
) -> None:
    settings = {"DATABASE_URL": database_url, "TOKEN_KEY": "A" * 43 + "=", "DISCORD_APPLICATION_ID": "1"}
    environment = build(settings, clock=world.clock, invoke=lambda *_, **__: None)
    asked: list[tuple[Any, Any]] = [(handler, sample(name, world)) for name, handler in HANDLERS.items()]
    asked += [(handler, {"rawPath": "/health", "headers": {}}) for handler in OTHERS]

    def invoke(number: int) -> None:
        handler, event = asked[number % len(asked)]
        if "interaction" in event:
            event["interaction"]["id"] = str(1548709846319104000 + number)
        assert handler(event, ROOMY)

    with unheard(), installed(environment):
        grown = growth(invoke, INVOCATIONS)
    environment.database.close()
    figure(f"{INVOCATIONS} invocations of {len(asked)} functions leave {grown:.2f} blocks each")
    assert grown <= 1.0


def test_a_process_of_awss_runtime_client_grows_no_higher(database_url: str, redis_url: str, figure: Any) -> None:
    """Its high-water mark after a fifth of the invocations and after all of them, as the kernel counts it."""
    number = PROCESS_INVOCATIONS
    with opened_in_processes(database_url, redis_url) as world:
        world.game()
        world.database.run(lambda session: _a_capper(session, world))
        event = sample("command_betting", world)
        _invoked(world, event, 0)
        answers = [_invoked(world, event, each) for each in range(1, number)]
    assert all(answer.init_ms is None for answer in answers), "one process answered all of them"
    early, last = (answer.memory_mb for answer in (answers[number // 5], answers[-1]))
    if early is None or last is None:
        pytest.skip("this system does not tell the high-water mark of a process")
    figure(
        f"{number} invocations of one process: at most {early:.1f} MB after a fifth of them, {last:.1f} MB after all"
    )
    assert last <= early + GROWN_MB


def _a_capper(session: Session, world: World) -> None:
    """What /setup and /capper add leave, without processes of their own."""
    guilds, now = GuildRepository(session, world.guild.id), world.clock.now()
    guilds.revive(now)
    guilds.set_slip_channel(world.guild.channel("slips").id, now)
    guilds.put_capper(world.ann.user_id, "Ann", "", world.olga.user_id, now)


def _invoked(world: World, event: dict[str, Any], number: int) -> Outcome:
    """Another interaction of the same kind."""
    event["interaction"]["id"] = str(1548709846319104000 + number)
    outcome = world.cloud.call("command_betting", json.dumps(event).encode(), f"00000000-0000-0000-0000-{number:012}")
    assert not outcome.failed, outcome.payload
    return outcome


def test_four_fifths_of_the_memory_are_a_warning(caplog: pytest.LogCaptureFixture, capfd: Any) -> None:
    watched(lambda _event, _context: None)({}, CONTEXT)
    assert any(record.message == "memory is short" for record in caplog.records)
    written = [json.loads(line) for line in capfd.readouterr().out.splitlines() if "_aws" in line]
    assert any("memory_percent" in line for line in written)
    assert [line["memory_short"] for line in written if "memory_short" in line] == [1]
    caplog.clear()
    watched(lambda _event, _context: None)({}, ROOMY)
    assert not any(record.message == "memory is short" for record in caplog.records)


def test_what_is_kept_for_speed_alone_is_let_go_when_memory_is_short(
    world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pressure._Last, "stayed_mb", 0.0)  # others in this process may have been short before
    kept = (service._boards, slate._slates, board._searched)
    first = world.ann.autocomplete("bet", "pick", "chiefs")
    world.bob.autocomplete("odds", "game", "chiefs")
    assert all(kept)
    watched(lambda _event, _context: None)({}, ROOMY)
    assert all(kept)
    watched(lambda _event, _context: None)({}, CONTEXT)
    assert not any(kept)
    (short,) = [vars(record) for record in caplog.records if record.message == "memory is short"]
    assert short["let_go"] == len(kept)
    assert world.ann.autocomplete("bet", "pick", "chiefs") == first, "it is made again"
    watched(lambda _event, _context: None)({}, CONTEXT)
    assert service._boards, "what stayed the last time is not collected at each invocation"


def test_what_an_environment_is_made_of_is_never_collected(database_url: str) -> None:
    looked = "import gc; from dbsbm.environment import current; current(); print(gc.get_freeze_count())"
    environ = {**os.environ, "DATABASE_URL": database_url}
    done = subprocess.run([sys.executable, "-c", looked], env=environ, capture_output=True, text=True, check=True)
    assert int(done.stdout) > 10_000


OTHERS = (api, delivery, close, settle, notify, community)
"""What runs by HTTP and on schedules; with nothing due, which is what they find nearly always."""
HANDLERS = {"command_betting": betting, "command_guild": guild, "command_stats": stats}


def sample(name: str, world: World) -> dict[str, Any]:
    """The sample event, from Ann in the world's guild."""
    event: dict[str, Any] = deepcopy(json.loads((ROOT / "events" / f"{name}.json").read_text()))
    interaction = event["interaction"]
    interaction["guild_id"] = interaction["guild"]["id"] = str(world.rows("SELECT guild_id FROM guilds")[0]["guild_id"])
    interaction["member"]["user"]["id"] = str(world.rows("SELECT user_id FROM cappers")[0]["user_id"])
    return event
