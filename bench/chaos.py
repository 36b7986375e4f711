"""``./dev bench chaos [--minutes 2] [--rate 4]``: a whole cloud under load, and every few seconds a part of it dies.

Functions run in processes of AWS's own runtime client, against a MariaDB and a Redis of their own. Under open-loop
arrivals MariaDB and Redis are ended with kill −9 and started again, and so are whatever functions are at work. Halfway
the games begin: before, people post and follow bets, after it they grade and dispute them. Then what holds after an
evening of the fault simulator must hold here (``tests/e2e/books.py``); whatever does not is printed, and the exit
status is 1.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random

from bench._crowd import Crowd, Press
from bench._results import Target, report, summarize
from dbsbm.database.migrate import migrate
from local.servers import MariaDB, Redis
from tests.e2e import books
from tests.e2e.evening import settle
from tests.e2e.processes import opened_in_processes
from tests.e2e.world import KICK_OFF, World

MINUTES, RATE = 2.0, 4.0
BLOWS = ("functions", "functions", "database", "functions", "cache")
EVERY_S, DOWN_S = 6.0, 1.0
_TOKEN_LIFE = timedelta(minutes=16)
_SCHEMA = "dbsbm"


class Blow:
    """One death: what died, when, and how long until somebody was answered again. Times of the machine, in seconds."""

    def __init__(self, victim: str, at: float, killed: int) -> None:
        self.victim, self.at, self.killed = victim, at, killed
        self.recovery_s: float | None = None
        """Until the first answer without an error that somebody got who pressed after it; None: nobody pressed."""

    def note(self, presses: list[Press]) -> None:
        """Learn of everybody who pressed in the same half."""
        answered = (
            each.began + each.took_s for each in presses if each.began >= self.at and each.outcome == "answered"
        )
        first = min(answered, default=None)
        self.recovery_s = None if first is None else first - self.at


def main() -> int:
    """Measure, print, and hold the books to what must hold."""
    parser = argparse.ArgumentParser(prog="./dev bench chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--rate", type=float, default=RATE, help="arrivals a second")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    half_s = arguments.minutes * 30
    print(_again(arguments), flush=True)
    with _standing() as (world, database, cache):
        crowd = Crowd(world, Random(arguments.seed))
        blows = _under(crowd.before, crowd, arguments.rate, half_s, lambda: _blows(world, database, cache))
        settle(world)
        world.clock.move_to(KICK_OFF + timedelta(minutes=1))
        blows += _under(crowd.after, crowd, arguments.rate, half_s, lambda: _blows(world, database, cache))
        _settled(world)
        wrong = _wrong(world, crowd)
    return _report(crowd, blows, wrong, _again(arguments))


def _again(arguments: argparse.Namespace) -> str:
    """People and blows follow from these; when a process is scheduled does not."""
    return f"./dev bench chaos --minutes {arguments.minutes:g} --rate {arguments.rate:g} --seed {arguments.seed}"


@contextmanager
def _standing() -> Iterator[tuple[World, MariaDB, Redis]]:
    """A set-up world, on servers that keep what was committed when they are killed."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dbsbm-chaos-")))
        database = stack.enter_context(MariaDB(directory / "database"))
        cache = stack.enter_context(Redis(directory / "cache"))
        with database.connect() as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {_SCHEMA}")
        migrate(database.url(_SCHEMA))
        yield stack.enter_context(contextmanager(_set_up)(database, cache)), database, cache


def _set_up(database: MariaDB, cache: Redis) -> Iterator[World]:
    with opened_in_processes(database.url(_SCHEMA), cache.url()) as world:
        world.set_up()
        world.cloud.run_until_idle()
        yield world


def _under(
    act: Callable[[float, float], None], crowd: Crowd, rate: float, seconds: float, blows: Callable[[], Iterator[Blow]]
) -> list[Blow]:
    """People act for so long while blow follows blow."""
    over, struck = threading.Event(), []

    def strike() -> None:
        for blow in blows():
            struck.append(blow)
            if over.wait(EVERY_S):
                return

    striking = threading.Thread(target=strike)
    striking.start()
    try:
        act(rate, seconds)
    finally:
        over.set()
        striking.join()
    for blow in struck:
        blow.note(crowd.presses)
    return struck


def _blows(world: World, database: MariaDB, cache: Redis) -> Iterator[Blow]:
    while True:
        for victim in BLOWS:
            at = time.monotonic()
            if victim == "functions":
                yield Blow(victim, at, world.cloud.kill_running())
                continue
            server = database if victim == "database" else cache
            server.kill()
            time.sleep(DOWN_S)
            server.start()
            yield Blow(victim, at, 1)


def _settled(world: World) -> None:
    """Everything is up again: retries and sweeps finish what was left."""
    settle(world)
    world.clock.move_to(world.clock.now() + _TOKEN_LIFE)  # whoever was never answered cannot hear any more
    settle(world)


def _wrong(world: World, crowd: Crowd) -> dict[str, str]:
    """The rules that do not hold, by name."""
    checks: dict[str, Callable[[], None]] = {
        "bets lost": lambda: books.check_bets(world, crowd.confirmed, crowd.tried),
        "anything twice": lambda: books.check_once(world),
        "ledger": lambda: books.check_ledger(world),
        "sums": lambda: books.check_sums(world),
        "slips": lambda: books.check_slips(world),
        "left open": lambda: books.check_settled(world),
    }
    found = {}
    for name, check in checks.items():
        try:
            check()
        except AssertionError as error:
            found[name] = str(error)[:500] or "see tests/e2e/books.py"
    return found


def _report(crowd: Crowd, blows: list[Blow], wrong: dict[str, str], again: str) -> int:
    outcomes = Counter(press.outcome for press in crowd.presses)
    answered = [press.took_s * 1000 for press in crowd.presses if press.outcome == "answered"]
    recoveries: dict[str, list[float]] = {}
    for blow in blows:
        if blow.recovery_s is not None and blow.killed:
            recoveries.setdefault(f"until answered again, {blow.victim}", []).append(blow.recovery_s * 1000)
    rows = {"answered": summarize(answered)} if answered else {}
    rows |= {name: summarize(times) for name, times in sorted(recoveries.items())}
    failed = outcomes["failed"] + outcomes["told to try again"]
    targets = [
        Target("bets lost", "bets lost" in wrong, 0, "rules broken"),
        Target("anything twice", "anything twice" in wrong, 0, "rules broken"),
        Target("other rules", len(wrong.keys() - {"bets lost", "anything twice"}), 0, "rules broken"),
    ]
    notes = {
        "presses": len(crowd.presses),
        "bets confirmed": crowd.confirmed,
        "died": dict(Counter(blow.victim for blow in blows if blow.killed)),
        "processes killed": sum(blow.killed for blow in blows),
        "outcomes": dict(outcomes),
        "error rate": f"{failed / max(1, len(crowd.presses)):.1%}",
        "broken": wrong,
        "again": again,
    }
    report("chaos", rows, "ms", targets, notes)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
