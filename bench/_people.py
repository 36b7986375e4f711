"""A community that presses keys: open-loop arrivals, a mix of suggestions, reads, clicks and bets."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

import aiohttp

from bench._load_world import Community
from bench._results import summarize
from bench._signed import event
from bench._usage import Usage, usage
from dbsbm.discord import custom_id

DISCORD_WAITS_S = 3.0
Json = dict[str, Any]


@dataclass
class Step:
    """What one rate came to. Times in milliseconds, by kind of interaction."""

    rate: float
    seconds: float = 0.0
    used: Usage = field(default_factory=lambda: Usage(Counter(), 0.0, 1.0))
    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failed: Counter[str] = field(default_factory=Counter)
    confirmed: list[int] = field(default_factory=list)
    people: set[int] = field(default_factory=set)

    @property
    def all(self) -> list[float]:
        return [each for kind in self.times.values() for each in kind]

    @property
    def error_rate(self) -> float:
        return sum(self.failed.values()) / max(1, len(self.all))

    @property
    def p99(self) -> float:
        return summarize(self.all).p99

    @property
    def throughput(self) -> float:
        """Answered without an error, per second."""
        return (len(self.all) - sum(self.failed.values())) / self.seconds

    def __str__(self) -> str:
        times = summarize(self.all)
        shares = f"p50 {times.median:7.1f}  p95 {times.p95:7.1f}  p99 {times.p99:7.1f} ms"
        return (
            f"{self.rate:6.1f}/s: {self.throughput:6.1f} answered/s  {shares}  errors {self.error_rate:.2%} "
            f"{dict(self.failed)}  {self.used.share:.0%} of the cores"
        )


class People:
    """Sends what a community sends."""

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
        self._step.people.add(int(interaction["member"]["user"]["id"]))
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


async def arrivals(url: str, pid: int, community: Community, rate: float, seconds: float) -> Step:
    """People come at this rate for so long, whoever has to wait; and what is still under way then is waited for."""
    step, chance = Step(rate), Random(int(rate * 1000))
    limit = aiohttp.ClientTimeout(total=DISCORD_WAITS_S)
    async with aiohttp.ClientSession(timeout=limit, connector=aiohttp.TCPConnector(limit=0)) as session:
        people = People(url, community, step, session)
        began, at, before = time.perf_counter(), 0.0, usage(pid)
        tasks = set()
        while at < seconds:
            at += chance.expovariate(rate)
            await asyncio.sleep(max(0.0, began + at - time.perf_counter()))
            task = asyncio.create_task(people.anyone(chance.random()))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        step.seconds, step.used = time.perf_counter() - began, usage(pid).since(before)
        await asyncio.gather(*tasks)
    return step
