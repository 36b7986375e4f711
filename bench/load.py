"""``./dev bench load [--minutes 15] [--rates 15,20,30]``: 10,000 people of 20 communities press keys at a local cloud.

In 15 minutes each of them comes once; a shorter run is as busy, with fewer people. Arrivals are open-loop: whoever has
to wait keeps nobody else from coming, and a time counts from the moment the person pressed. Then short steps at rising
rates find the highest at which the cores are not saturated. Every function runs in processes of AWS's own runtime
client, with MariaDB, Redis and the Discord look-alike, on the same cores as the people. Afterwards every bet that was
confirmed must be in the database and its slip in Discord. The same people also press at the smallest bot there is
(Flask, discord-interactions), at the same rate.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import aiohttp

from bench import _hops
from bench._load_world import USERS, World, opened
from bench._people import People, Step, arrivals
from bench._results import Summary, Target, report, summarize
from bench._signed import KEY
from bench._usage import processes
from dbsbm.outbox.model import RowState
from local.servers import ROOT, free_port

ACTIVE_S = 15 * 60.0
RATE = USERS / ACTIVE_S
"""People a second: everybody once in 15 minutes."""
RATES = (15.0, 20.0, 30.0, 40.0)
WARM_S, SETTLE_S, STEP_S = 12.0, 3.0, 30.0
SUSTAINED_MIN = 1.0
SATURATED, SLOW_MS, FAILING = 0.85, 100.0, 0.001
_ECHO_S = 15.0
_DRAINED_WITHIN_S = 60.0
Json = dict[str, Any]
_KINDS: Mapping[str, Callable[[str], bool]] = {
    "front door": lambda name: name == "function interactions",
    "commands": lambda name: name.startswith("function command_"),
    "delivery and its pictures": lambda name: name == "function delivery",
    "jobs and feeds": lambda name: name.startswith("function "),
    "database": lambda name: name == "mariadbd",
    "cache": lambda name: name == "redis-server",
    "the local cloud": lambda name: name in ("local.cloud", "local.run", "moto", "local.providers"),
    "Discord's look-alike": lambda name: name == "local.discord_simulator",
}
"""What a process is, the first that fits."""


class Kept(NamedTuple):
    """``lost`` of the ``confirmed`` bets are not in the database, ``unsent`` have no slip in Discord.

    ``sent_after_ms`` is how long the slips of the first step took, from the commit on.
    """

    confirmed: int
    lost: int
    unsent: int
    sent_after_ms: list[float]


class Run(NamedTuple):
    """``began`` and ``ended``, in seconds since 1970, are those of ``sustained``."""

    sustained: Step
    steps: list[Step]
    echo: Step
    kept: Kept
    logged: _hops.Logged
    processes: Counter[str]
    began: float
    ended: float


def main() -> None:
    """Measure and print, in milliseconds."""
    parser = argparse.ArgumentParser(prog="./dev bench load", description=__doc__)
    parser.add_argument("--minutes", type=float, default=SUSTAINED_MIN, help="with 15 all 10,000 people come")
    rates = ",".join(f"{rate:g}" for rate in RATES)
    parser.add_argument("--rates", default=rates, help="people a second of the steps, rising; '' for none")
    arguments = parser.parse_args()
    with opened() as world:
        asyncio.run(_prepared(world))
        _arriving(world, 2 * RATE, WARM_S)
        world.community.begin_turns()
        began = time.time()
        sustained = _arriving(world, RATE, arguments.minutes * 60)
        ended, there = time.time(), processes(world.pid)
        print(sustained, flush=True)
        steps = _ladder(world, [float(rate) for rate in arguments.rates.split(",") if rate])
        kept, logged = _kept(world, [sustained, *steps]), _hops.read(world.directory / "cloud" / "logs")
        with _echo_bot() as (url, pid):
            echo = asyncio.run(arrivals(url, pid, world.community, RATE, min(arguments.minutes * 60, _ECHO_S)))
    _report(Run(sustained, steps, echo, kept, logged, there, began, ended))


def _arriving(world: World, rate: float, seconds: float) -> Step:
    return asyncio.run(arrivals(world.url, world.pid, world.community, rate, seconds))


def _kept_up(step: Step) -> bool:
    return step.used.share <= SATURATED and step.error_rate < FAILING and step.p99 < SLOW_MS


def _ladder(world: World, rates: list[float]) -> list[Step]:
    """Rising rates until one is too much twice, then one between that and the last that was not.

    A rate has two tries: 30 seconds hold some 1,000 answers, so one process that starts meanwhile decides their p99.
    """
    steps: list[Step] = []
    for rate in rates:
        steps.append(_tried(world, rate))
        if not _kept_up(steps[-1]):
            steps.append(_tried(world, rate))
        if not _kept_up(steps[-1]):
            best = max((step.rate for step in steps if _kept_up(step)), default=RATE)
            return [*steps, _tried(world, (best + rate) / 2)]
    return steps


def _tried(world: World, rate: float) -> Step:
    """What starts because of a higher rate has started before it is measured."""
    _arriving(world, rate, SETTLE_S)
    step = _arriving(world, rate, STEP_S)
    print(step, flush=True)
    return step


def _kept(world: World, steps: list[Step]) -> Kept:
    """Look for every bet that was confirmed, once what is on its way has had time to arrive."""
    confirmed = {bet_id for step in steps for bet_id in step.confirmed}
    until = time.monotonic() + _DRAINED_WITHIN_S
    slips = world.rows(_SLIPS)
    while time.monotonic() < until and any(row["state"] in _UNDER_WAY for row in slips):
        time.sleep(1)
        slips = world.rows(_SLIPS)
    held = {row["bet_id"] for row in world.rows("SELECT bet_id FROM bets")}
    took = {
        int(row["target_key"].removeprefix("bet:")): (row["sent_at"] - row["created_at"]).total_seconds() * 1000
        for row in slips
        if row["sent_at"] is not None
    }
    after = [took[bet_id] for bet_id in steps[0].confirmed if bet_id in took]
    return Kept(len(confirmed), len(confirmed - held), len(confirmed - took.keys()), after)


_SLIPS = "SELECT target_key, state, created_at, sent_at FROM outbox WHERE kind = 'slip.post'"
_UNDER_WAY = (RowState.PENDING, RowState.SENDING)


@contextmanager
def _echo_bot() -> Iterator[tuple[str, int]]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "bench" / "_echo_bot.py"), KEY.hex(), str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        time.sleep(2)
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        process.wait()


async def _prepared(world: World) -> None:
    """Set the guilds up and learn what can be bet on. The first answers may be late: every process is cold."""
    async with aiohttp.ClientSession() as session:
        community = world.community
        people = People(world.url, community, Step(0.0), session)
        for guild in community.guilds:
            await people.send("setup", community.setup(guild))
        typed = {"type": 3, "name": "pick", "value": "", "focused": True}
        for _ in range(30):
            found = await people.send("first", community.command(community.anybody(), "bet", typed, kind=4))
            community.picks = [each["value"] for each in found.get("data", {}).get("choices", ())]
            ready = world.rows("SELECT COUNT(*) AS n FROM guilds WHERE slip_channel_id IS NOT NULL")[0]["n"]
            if community.picks and ready >= len(community.guilds):
                return
            await asyncio.sleep(1)
    raise RuntimeError("the guilds are not set up, or there is nothing to bet on")


def _report(run: Run) -> None:
    sustained, kept = run.sustained, run.kept
    rows = {"answer": summarize(sustained.all)}
    rows |= _summaries({f"answer, {kind}": times for kind, times in sorted(sustained.times.items())})
    rows |= _summaries(_hops.hops(sustained.answers, run.logged))
    rows |= _summaries({"from Post to the slip in Discord": kept.sent_after_ms, "echo bot, answer": run.echo.all})
    targets = [
        Target("bets lost", kept.lost, 0, "bets"),
        Target("confirmed bets without a slip", kept.unsent, 0, "bets"),
        Target("error rate", sustained.error_rate * 100, FAILING * 100, "%"),
        Target("p99", sustained.p99, SLOW_MS, "ms"),
        Target("cache misses", 100 * (1 - _hits(run.logged.cache)), 5.0, "%"),
    ]
    report("load", rows, "ms", targets, _notes(run), _cpu(sustained))


def _summaries(rows: Mapping[str, list[float]]) -> dict[str, Summary]:
    return {name: summarize(times) for name, times in rows.items() if len(times) > 1}


def _notes(run: Run) -> Json:
    sustained = run.sustained
    best = max((step for step in [sustained, *run.steps] if _kept_up(step)), key=lambda step: step.rate, default=None)
    cold = Counter(name for at, name in run.logged.cold if run.began <= at <= run.ended)
    return {
        "people": len(sustained.people),
        "minutes": round(sustained.seconds / 60, 2),
        "people who came, per s": round(sustained.rate, 2),
        "answered without an error, per s": round(sustained.throughput, 1),
        "interactions": len(sustained.all),
        "answered late, by an edit": sustained.late,
        "errors": dict(sum((step.failed for step in [sustained, *run.steps]), Counter())),
        "bets confirmed": run.kept.confirmed,
        "cache hit rate": f"{_hits(run.logged.cache):.2%}",
        "cache": dict(run.logged.cache),
        "of the cores' time, by the cloud and the people": f"{sustained.used.share:.0%}",
        "of the cores' time, by anybody": f"{sustained.used.busy:.0%}",
        "processes": dict(run.processes),
        "cold starts meanwhile": dict(cold),
        "highest rate kept up with": _step(best) if best else None,
        "steps": [_step(step) for step in run.steps],
        "echo bot": {**_step(run.echo), "CPU ms per interaction": _cpu(run.echo)},
    }


def _hits(cache: Counter[str]) -> float:
    return sum(reads for how, reads in cache.items() if how.endswith("hit")) / max(1, sum(cache.values()))


def _step(step: Step) -> Json:
    times = summarize(step.all)
    return {
        "people per s": round(step.rate, 2),
        "answered per s": round(step.throughput, 1),
        "p50": round(times.median, 1),
        "p95": round(times.p95, 1),
        "p99": round(times.p99, 1),
        "errors": round(step.error_rate, 5),
        "cores": round(step.used.share, 2),
        "cores, with everybody else": round(step.used.busy, 2),
    }


def _cpu(step: Step) -> dict[str, float]:
    """Milliseconds of CPU for each interaction, by kind of process; what took nothing is left out."""
    spent: defaultdict[str, float] = defaultdict(float)
    for name, seconds in step.used.by_name.items():
        kind = next((kind for kind, fits in _KINDS.items() if fits(name)), "others")
        spent[kind] += seconds * 1000 / len(step.all)
    spent["the people"] = step.used.own * 1000 / len(step.all)
    return {
        f"CPU per interaction, {name}": round(ms, 2)
        for name, ms in sorted(spent.items(), key=lambda each: -each[1])
        if ms >= 0.005
    }


if __name__ == "__main__":
    main()
