"""Exchanges and delivery runs side by side on the same targets."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from dbsbm.core.http import HttpRequest, HttpResponse
from dbsbm.database.exchange import Claim
from dbsbm.database.session import Session
from dbsbm.delivery.assembly import delivery_of
from dbsbm.discord.definitions import Result
from tests.integration.delivery_world import GUILD, World, answered, render, slip, stamp

BETS = 3
STAMPS = 12
RUNS = 4


def _given(_session: Session, answer: Result) -> Result:
    return answer


def test_stamps_and_runs_at_once_end_with_one_slip_a_bet_in_its_newest_state(database_url: str) -> None:
    world = World(database_url)
    lock = threading.Lock()
    do = world.discord._do

    def one_at_a_time(call: str, request: HttpRequest) -> HttpResponse:
        with lock:
            return do(call, request)

    world.discord._do = one_at_a_time  # type: ignore[method-assign]
    for bet in range(1, BETS + 1):
        world.enqueue(bet, slip("open", bet))
    graded = threading.Event()
    failures: list[BaseException] = []

    def grade(bet: int) -> None:
        environment = world.environment()
        for number in range(STAMPS):
            claim = Claim(bet * 1000 + number, GUILD, 8, "grade")
            answer = answered(stamp(f"grade {number}", bet))
            environment.database.exchange(claim, partial(_given, answer=answer))
        environment.database.close()

    def sweep(name: str) -> None:
        environment = world.environment()
        while not graded.is_set():
            delivery_of(environment, name, render).run(None, lambda: True)
        environment.database.close()

    def guarded(work: Callable[[Any], None], argument: Any) -> threading.Thread:
        def run() -> None:
            try:
                work(argument)
            except BaseException as error:
                failures.append(error)
                raise

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    graders = [guarded(grade, bet) for bet in range(1, BETS + 1)]
    runs = [guarded(sweep, f"run {number}") for number in range(RUNS)]
    for thread in graders:
        thread.join()
    graded.set()
    for thread in runs:
        thread.join()
    world.deliver()
    assert failures == []
    assert world.discord.shown() == [f"grade {STAMPS - 1}"] * BETS
    assert set(world.states().values()) <= {"sent", "overtaken"}
    assert len(world.discord.webhooks) <= BETS
