"""``./dev bench load [--minutes 15] [--rates 5,10,20]``: a community of 10,000 presses keys at a whole local cloud.

Arrivals are open-loop (Poisson): whoever has to wait keeps nobody else from coming, and a time counts from the moment
the person pressed. First short steps at rising rates, halved between the last that was kept up with and the first that
was not, find the highest rate at which the cores are not saturated; then that rate holds for ``--minutes``. Every
function runs in processes of AWS's own runtime client, with MariaDB, Redis and the Discord look-alike, on the same
cores as the people. Afterwards every bet that was confirmed must be in the database. The same people then press at the
smallest bot there is (Flask, discord-interactions), at the same rate.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp

from bench._load_world import World, opened
from bench._people import DISCORD_WAITS_S, People, Step, arrivals
from bench._results import Target, report, summarize
from bench._signed import KEY
from local.servers import ROOT, free_port

RATES = (5.0, 10.0, 20.0, 40.0, 80.0)
STEP_S = 12.0
WARM_S = 6.0
SUSTAINED_MIN = 1.0
HALVINGS = 2
SATURATED = 0.92
_ECHO_NEEDS = ("flask==3.1.3", "discord-interactions==0.4.0")
_ECHO_S = 60.0
Json = dict[str, Any]


class Seen(NamedTuple):
    """What the functions logged of the whole run: milliseconds by function, how the cache was read, and by how many."""

    took: dict[str, list[float]]
    cache: Counter[str]
    processes: int


def main() -> None:
    """Measure and print, in milliseconds."""
    parser = argparse.ArgumentParser(prog="./dev bench load", description=__doc__)
    parser.add_argument(
        "--minutes", type=float, default=SUSTAINED_MIN, help="at the highest rate kept up with, e.g. 15"
    )
    parser.add_argument("--rates", default=",".join(f"{rate:g}" for rate in RATES), help="arrivals a second, rising")
    arguments = parser.parse_args()
    rates = tuple(float(rate) for rate in arguments.rates.split(","))
    with opened() as world:
        asyncio.run(_prepared(world))
        steps = _ladder(world, rates)
        best = max((step.rate for step in steps if _kept_up(step)), default=rates[0])
        print(f"{arguments.minutes:g} minutes at {best:g}/s", flush=True)
        sustained = asyncio.run(arrivals(world.url, world.pid, world.community, best, arguments.minutes * 60))
        print(sustained, flush=True)
        bets, seen = _lost(world, [*steps, sustained]), _seen(world)
        with _echo_bot() as (url, pid):
            echo = asyncio.run(arrivals(url, pid, world.community, best, min(arguments.minutes * 60, _ECHO_S)))
    _report(steps, sustained, echo, bets, seen)


def _kept_up(step: Step) -> bool:
    return step.used.share <= SATURATED and step.error_rate < 0.001 and step.p99 < DISCORD_WAITS_S * 1000


def _ladder(world: World, rates: tuple[float, ...]) -> list[Step]:
    """Rising rates until one is too much, then rates between."""
    asyncio.run(arrivals(world.url, world.pid, world.community, rates[0], WARM_S))
    steps: list[Step] = []

    def tried(rate: float) -> bool:
        steps.append(asyncio.run(arrivals(world.url, world.pid, world.community, rate, STEP_S)))
        print(steps[-1], flush=True)
        return _kept_up(steps[-1])

    best, too_much = 0.0, 0.0
    for rate in rates:
        if not tried(rate):
            too_much = rate
            break
        best = rate
    for _ in range(HALVINGS if best and too_much else 0):
        between = (best + too_much) / 2
        if tried(between):
            best = between
        else:
            too_much = between
    return steps


def _seen(world: World) -> Seen:
    took: dict[str, list[float]] = defaultdict(list)
    cache: Counter[str] = Counter()
    files = list((world.directory / "cloud" / "logs").glob("*-*.log"))
    for name, entry in _entries(files):
        if entry.get("type") == "platform.report":
            took[name].append(entry["record"]["metrics"]["durationMs"])
        elif entry.get("message") == "invocation":
            spans = [each for each in entry.get("spans", ()) if each["span"] == "transaction"]
            took[f"{name}, in transactions"] += [each["took_ms"] for each in spans]
        elif "cache_reads" in entry:
            cache[entry.get("how", "")] += round(sum(_values(entry["cache_reads"])))
    return Seen(took, cache, len(files))


def _entries(files: Sequence[Path]) -> Iterator[tuple[str, Json]]:
    """Every JSON object of the logs with the function's name; several may stand on a line."""
    decoder = json.JSONDecoder()
    for file in files:
        for line in file.read_text(errors="replace").splitlines():
            rest = line.strip()
            while rest.startswith("{"):
                try:
                    entry, end = decoder.raw_decode(rest)
                except json.JSONDecodeError:
                    break  # written at this moment
                yield file.stem.rpartition("-")[0], entry
                rest = rest[end:].strip()


def _values(found: Any) -> Sequence[float]:
    return found if isinstance(found, list) else [found]


def _lost(world: World, steps: list[Step]) -> tuple[int, int]:
    """How many bets were confirmed, and how many of them the database does not hold."""
    confirmed = {bet_id for step in steps for bet_id in step.confirmed}
    held = {row["bet_id"] for row in world.rows("SELECT bet_id FROM bets")}
    return len(confirmed), len(confirmed - held)


@contextmanager
def _echo_bot() -> Iterator[tuple[str, int]]:
    """The bot in an environment of its own, made for it."""
    with tempfile.TemporaryDirectory(prefix="dbsbm-echo-") as directory:
        subprocess.run([sys.executable, "-m", "venv", directory], check=True)
        python = str(Path(directory) / "bin" / "python")
        subprocess.run([python, "-m", "pip", "install", "--quiet", *_ECHO_NEEDS], check=True, capture_output=True)
        port = free_port()
        environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        process = subprocess.Popen(
            [python, str(ROOT / "bench" / "_echo_bot.py"), KEY.hex(), str(port)],
            env=environ,
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
    """Set the guild up and learn what can be bet on. The first answers may be late: every process is cold."""
    async with aiohttp.ClientSession() as session:
        community = world.community
        people = People(world.url, community, Step(0.0), session)
        await people.send("setup", community.setup(1))
        typed = {"type": 3, "name": "pick", "value": "", "focused": True}
        for _ in range(30):
            found = await people.send("first", community.command(community.capper(), "bet", typed, kind=4))
            community.picks = [each["value"] for each in found.get("data", {}).get("choices", ())]
            if community.picks and world.rows("SELECT 1 FROM guilds WHERE slip_channel_id IS NOT NULL"):
                return
            await asyncio.sleep(1)
    raise RuntimeError("the guild is not set up, or there is nothing to bet on")


def _report(steps: list[Step], sustained: Step, echo: Step, bets: tuple[int, int], seen: Seen) -> None:
    rate = f"{sustained.rate:g}/s"
    rows = {f"{rate}, whole": summarize(sustained.all)}
    rows |= {f"{rate}, {kind}": summarize(times) for kind, times in sustained.times.items() if len(times) > 1}
    rows |= {f"function {name}": summarize(times) for name, times in sorted(seen.took.items()) if len(times) > 1}
    rows[f"echo bot, {echo.rate:g}/s"] = summarize(echo.all)
    hits, reads = sum(seen.cache[how] for how in seen.cache if how.endswith("hit")), sum(seen.cache.values())
    targets = [
        Target("bets lost", bets[1], 0, "bets"),
        Target(f"error rate at {rate}", sustained.error_rate * 100, 0.1, "%"),
        Target(f"p99 at {rate}", sustained.p99, 100.0, "ms"),
        Target("cache misses", 100.0 - 100.0 * hits / max(1, reads), 5.0, "%"),
    ]
    notes = {
        "people": len(sustained.people),
        "minutes": round(sustained.seconds / 60, 2),
        "bets confirmed": bets[0],
        "highest rate kept up with, per s": sustained.rate,
        "answered per s then": round(sustained.throughput, 1),
        "of the cores' time, by the cloud and the people": f"{sustained.used.share:.0%}",
        "CPU ms per interaction": _cpu(sustained),
        "errors": dict(sum((step.failed for step in [*steps, sustained]), Counter())),
        "cache": dict(seen.cache),
        "processes": seen.processes,
        "echo bot": f"{echo.throughput:.1f} answered/s, p99 {echo.p99:.1f} ms, errors {echo.error_rate:.2%}, "
        f"{sum(_cpu(echo).values()):.1f} ms of CPU each, the people's own included",
        "steps": [
            {
                "rate": step.rate,
                "p99": round(step.p99, 1),
                "cores": round(step.used.share, 2),
                "errors": step.error_rate,
            }
            for step in steps
        ],
    }
    report("load", rows, "ms", targets, notes)


def _cpu(step: Step) -> dict[str, float]:
    """By kind of process, largest first; what took no time is left out."""
    each = {name: seconds * 1000 / len(step.all) for name, seconds in step.used.by_name.items()}
    each["the people"] = step.used.own * 1000 / len(step.all)
    ordered = sorted(each.items(), key=lambda item: item[1], reverse=True)
    return {name: round(spent, 2) for name, spent in ordered if spent >= 0.01}


if __name__ == "__main__":
    main()
