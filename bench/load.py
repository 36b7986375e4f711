"""``./dev bench load [--minutes M] [--rates 5,10,20]``: a community of 10,000 presses keys at a whole local cloud.

Arrivals are open-loop (Poisson): whoever has to wait keeps nobody else from coming, and a time counts from the moment
the person pressed. A step of the ladder is one rate; it ends with the first rate at which this machine cannot keep up.
Every function runs in processes of AWS's own runtime client, with MariaDB, Redis and the Discord look-alike, on the
same cores as the people. Afterwards every bet that was confirmed must be in the database. The same people then press at
the smallest bot there is (Flask, discord-interactions).
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
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import quantiles
from typing import Any, NamedTuple

import aiohttp

from bench._cost import cpu_of
from bench._load_world import Community, World, opened
from bench._results import Target, report, summarize
from bench._signed import KEY, event
from dbsbm.discord import custom_id
from local.servers import ROOT, free_port

RATES = (5.0, 10.0, 20.0, 40.0, 80.0)
STEP_S = 12.0
WARM_S = 6.0
DISCORD_WAITS_S = 3.0
SATURATED = 0.92
_ECHO_NEEDS = ("flask==3.1.3", "discord-interactions==0.4.0")
Json = dict[str, Any]


@dataclass
class Step:
    """What one rate came to. Times in milliseconds, by kind of interaction."""

    rate: float
    seconds: float = 0.0
    busy: float = 0.0
    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failed: Counter[str] = field(default_factory=Counter)
    confirmed: list[int] = field(default_factory=list)

    @property
    def all(self) -> list[float]:
        return [each for kind in self.times.values() for each in kind]

    @property
    def error_rate(self) -> float:
        return sum(self.failed.values()) / max(1, len(self.all))

    @property
    def p99(self) -> float:
        return quantiles(self.all, n=100, method="inclusive")[-1]


class People:
    """Sends what a community sends: suggestions, reads, clicks and bets."""

    def __init__(self, url: str, community: Community, step: Step, session: aiohttp.ClientSession) -> None:
        self._url = f"{url}/discord/interactions"
        self._community, self._step, self._session = community, step, session

    async def anyone(self, chance: float) -> None:
        people = self._community
        pick = people.chance.choice(people.picks) if people.picks else "chiefs"
        if chance < 0.40:
            typed = {"type": 3, "name": "pick", "value": pick[: people.chance.randrange(12)], "focused": True}
            await self.send("suggestions", people.command(people.capper(), "bet", typed, kind=4))
        elif chance < 0.60:
            await self.send("read", people.command(people.anybody(), "bets open"))
        elif chance < 0.70:
            league = {"type": 3, "name": "league", "value": "nfl"}
            await self.send("read", people.command(people.anybody(), "schedule", league))
        elif chance < 0.75:
            await self.send("picture", people.command(people.capper(), "stats"))
        elif chance < 0.90 and self._step.confirmed:
            bet_id = people.chance.choice(self._step.confirmed)
            await self.send("click", people.click(people.anybody(), custom_id.build("slip.details", bet_id)))
        else:
            await self._bet(pick)

    async def _bet(self, pick: str) -> None:
        """One line, the preview, Post."""
        user = self._community.capper()
        line = {"type": 3, "name": "pick", "value": pick}
        shown = await self.send("bet", self._community.command(user, "bet", line))
        post = next((each for each in _pressable(shown) if each.startswith("v1:draft.post:")), None)
        if post is None:
            return
        posted = await self.send("post", self._community.click(user, post))
        for pressed in _pressable(posted):
            if pressed.startswith("v1:bet.correct:"):
                self._step.confirmed += custom_id.parse(pressed, {"bet.correct": (int,)})[1]

    async def send(self, kind: str, interaction: Json) -> Json:
        pressed = time.perf_counter()
        signed = event(interaction)
        answer: Json = {}
        try:
            async with self._session.post(self._url, data=signed["body"], headers=signed["headers"]) as response:
                answer = await response.json() if response.status == 200 else {}
                if response.status != 200:
                    self._step.failed[f"status {response.status}"] += 1
        except (TimeoutError, aiohttp.ClientError) as error:
            self._step.failed[type(error).__name__] += 1
        self._step.times[kind].append((time.perf_counter() - pressed) * 1000)
        return answer


def _pressable(answer: Json) -> Iterator[str]:
    queue = list(answer.get("data", {}).get("components", ()))
    while queue:
        part = queue.pop()
        queue += part.get("components", ())
        if "custom_id" in part:
            yield part["custom_id"]


async def _step(url: str, pid: int, community: Community, rate: float, seconds: float) -> Step:
    """Arrivals at this rate for so long, and what is still under way then."""
    step, chance = Step(rate), Random(int(rate * 1000))
    limit = aiohttp.ClientTimeout(total=DISCORD_WAITS_S)
    async with aiohttp.ClientSession(timeout=limit, connector=aiohttp.TCPConnector(limit=0)) as session:
        people = People(url, community, step, session)
        began, at, cpu = time.perf_counter(), 0.0, _busy(pid)
        tasks = []
        while at < seconds:
            at += chance.expovariate(rate)
            await asyncio.sleep(max(0.0, began + at - time.perf_counter()))
            tasks.append(asyncio.create_task(people.anyone(chance.random())))
        step.seconds, step.busy = time.perf_counter() - began, _share(cpu, _busy(pid))
        await asyncio.gather(*tasks)
    return step


def _busy(pid: int) -> tuple[float, float]:
    """Seconds of CPU that the cloud and these people used so far, and seconds that the cores had to give."""
    ours = time.process_time() + sum(cpu_of(each) for each in _family(pid))
    return ours, time.monotonic() * (os.cpu_count() or 1)


def _family(pid: int) -> Iterator[int]:
    """A process and all that came from it."""
    children: dict[int, list[int]] = defaultdict(list)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue  # it ended
        children[parent].append(int(stat.parent.name))
    queue = [pid]
    while queue:
        each = queue.pop()
        queue += children[each]
        yield each


def _share(before: tuple[float, float], after: tuple[float, float]) -> float:
    return (after[0] - before[0]) / (after[1] - before[1])


def _ladder(world: World, rates: tuple[float, ...], seconds: float) -> list[Step]:
    asyncio.run(_step(world.url, world.pid, world.community, rates[0], WARM_S))
    steps: list[Step] = []
    for rate in rates:
        steps.append(asyncio.run(_step(world.url, world.pid, world.community, rate, seconds)))
        last = steps[-1]
        print(_line(last), flush=True)
        if last.busy > SATURATED or last.p99 > DISCORD_WAITS_S * 1000:
            break
    return steps


def _line(step: Step) -> str:
    answered = f"{step.rate:6.1f}/s: {len(step.all) / step.seconds:6.1f} answered/s, p99 {step.p99:8.1f} ms"
    return f"{answered}, errors {step.error_rate:.2%} {dict(step.failed)}, {step.busy:.0%} of the cores' time"


class Seen(NamedTuple):
    """What the functions logged of the whole run: milliseconds by function, how the cache was read, and by how many."""

    took: dict[str, list[float]]
    cache: Counter[str]
    processes: int


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


def main() -> None:
    """Measure and print, in milliseconds."""
    parser = argparse.ArgumentParser(prog="./dev bench load", description=__doc__)
    parser.add_argument("--minutes", type=float, help="of each step, e.g. 15; 12 s when left out")
    parser.add_argument("--rates", default=",".join(f"{rate:g}" for rate in RATES), help="arrivals a second, rising")
    arguments = parser.parse_args()
    seconds = arguments.minutes * 60 if arguments.minutes else STEP_S
    rates = tuple(float(rate) for rate in arguments.rates.split(","))
    with opened() as world:
        asyncio.run(_prepared(world))
        steps = _ladder(world, rates, seconds)
        confirmed, lost = _lost(world, steps)
        seen = _seen(world)
        with _echo_bot() as (url, pid):
            echo = asyncio.run(_step(url, pid, world.community, steps[-1].rate, min(seconds, 60.0)))
    _report(steps, echo, (confirmed, lost), seen)


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


def _report(steps: list[Step], echo: Step, bets: tuple[int, int], seen: Seen) -> None:
    kept_up = [step for step in steps if step.busy <= SATURATED and step.error_rate < 0.001]
    best = (kept_up or steps[:1])[-1]
    rows = {f"{step.rate:g}/s": summarize(step.all) for step in steps}
    rows |= {f"{best.rate:g}/s, {kind}": summarize(times) for kind, times in best.times.items() if len(times) > 1}
    rows |= {f"function {name}": summarize(times) for name, times in sorted(seen.took.items()) if len(times) > 1}
    rows[f"echo bot, {echo.rate:g}/s"] = summarize(echo.all)
    hits, reads = sum(seen.cache[how] for how in seen.cache if how.endswith("hit")), sum(seen.cache.values())
    targets = [
        Target("bets lost", bets[1], 0, "bets"),
        Target(f"error rate at {best.rate:g}/s", best.error_rate * 100, 0.1, "%"),
        Target(f"p99 at {best.rate:g}/s", best.p99, 100.0, "ms"),
        Target("cache misses", 100.0 - 100.0 * hits / max(1, reads), 5.0, "%"),
    ]
    notes = {
        "bets confirmed": bets[0],
        "highest rate kept up with, per s": best.rate,
        "answered per s then": round(len(best.all) / best.seconds, 1),
        "of the cores' time, by the cloud and the people": f"{best.busy:.0%}",
        "errors": dict(sum((step.failed for step in steps), Counter())),
        "cache": dict(seen.cache),
        "processes": seen.processes,
        "echo bot": f"p99 {echo.p99:.1f} ms at {echo.rate:g}/s, {echo.busy:.0%} of the cores' time, "
        f"errors {echo.error_rate:.2%}",
        "steps": [
            {"rate": step.rate, "p99": round(step.p99, 1), "busy": round(step.busy, 2), "errors": step.error_rate}
            for step in steps
        ],
    }
    report("load", rows, "ms", targets, notes)


if __name__ == "__main__":
    main()
