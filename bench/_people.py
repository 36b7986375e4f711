"""Communities that press keys: open-loop arrivals, a mix of suggestions, reads, clicks and bets.

A capper who comes types a team, takes a suggestion, looks at the preview and presses Post, or looks at the own record;
anybody else looks something up, types for it, or presses Details on a bet. Whoever waits keeps nobody from coming.
"""

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
from dbsbm.commands.words.catalogue import Words
from dbsbm.discord import custom_id
from interactions import answers

DISCORD_WAITS_S = 3.0
Json = dict[str, Any]
_TEAMS = ("chiefs", "bills", "eagles", "lakers", "celtics", "arsenal", "rangers", "packers")
_BROKEN = {
    "broken": answers.BROKEN,
    "not taken": answers.NOT_TAKEN,
    "internal": Words().plain("error.internal"),
    "unavailable": Words().plain("error.try_again"),
}
"""What is said when something does not work."""


@dataclass
class Step:
    """What one rate came to. Times in milliseconds, by kind of interaction."""

    rate: float
    seconds: float = 0.0
    used: Usage = field(default_factory=lambda: Usage(Counter(), 0.0, 1.0))
    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    answers: dict[int, float] = field(default_factory=dict)
    """How long each interaction took, in milliseconds, by its id."""
    failed: Counter[str] = field(default_factory=Counter)
    late: int = 0
    """Answered with "thinking…", to be edited later."""
    arrivals: int = 0
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
            f"{self.rate:6.1f} people/s: {self.throughput:6.1f} answered/s  {shares}  errors {self.error_rate:.2%} "
            f"{dict(self.failed)}  {self.used.share:.0%} of the cores (the machine: {self.used.busy:.0%})"
        )


class People:
    """Sends what a community sends."""

    def __init__(self, url: str, community: Community, step: Step, session: aiohttp.ClientSession) -> None:
        self._url = f"{url}/discord/interactions"
        self._community, self._step, self._session = community, step, session

    async def comes(self, user: int, chance: float) -> None:
        """One person does what one came for; ``chance`` from 0 to 1 says what."""
        people = self._community
        bets = people.bets[people.guild_of(user).guild_id]
        self._step.arrivals += 1
        if people.is_capper(user):
            await (self._bets(user) if chance < 0.67 else self.send("picture", people.command(user, "stats")))
        elif chance < 0.20:
            await self._types(user, "odds", "game")
        elif chance < 0.40 and bets:
            pressed = custom_id.build("slip.details", people.chance.choice(bets))
            await self.send("click", people.click(user, pressed))
        elif chance < 0.55:
            league = {"type": 3, "name": "league", "value": "nfl"}
            await self.send("read", people.command(user, "schedule", league))
        else:
            await self.send("read", people.command(user, "bets open"))

    async def _types(self, user: int, command: str, option: str) -> list[str]:
        """The beginning of a team's name, and more of it; the values that were suggested last."""
        team = self._community.chance.choice(_TEAMS)
        suggested: list[str] = []
        for typed in (team[:2], team):
            said = {"type": 3, "name": option, "value": typed, "focused": True}
            answer = await self.send("suggestions", self._community.command(user, command, said, kind=4))
            suggested = [each["value"] for each in answer.get("data", {}).get("choices", ())]
        return suggested

    async def _bets(self, user: int) -> None:
        """A suggestion, the preview, Post."""
        suggested = await self._types(user, "bet", "pick") or self._community.picks
        line = {"type": 3, "name": "pick", "value": self._community.chance.choice(suggested)}
        shown = await self.send("bet", self._community.command(user, "bet", line))
        post = next((each for each in _pressable(shown) if each.startswith("v1:draft.post:")), None)
        if post is None:
            return
        posted = await self.send("post", self._community.click(user, post))
        for pressed in _pressable(posted):
            if pressed.startswith("v1:bet.correct:"):
                (bet_id,) = custom_id.parse(pressed, {"bet.correct": (int,)})[1]
                self._step.confirmed.append(bet_id)
                self._community.bets[self._community.guild_of(user).guild_id].append(bet_id)

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
        took_ms = (time.perf_counter() - pressed) * 1000
        self._step.times[kind].append(took_ms)
        self._step.answers[int(interaction["id"])] = took_ms
        self._judge(answer)
        return answer

    def _judge(self, answer: Json) -> None:
        """An answer that says that something is broken is an error, however well it came."""
        said = str(answer.get("data", ""))
        self._step.failed.update(name for name, words in _BROKEN.items() if words in said)
        self._step.late += answer.get("type") == answers.DEFERRED_MESSAGE


def _pressable(answer: Json) -> Iterator[str]:
    queue = list(answer.get("data", {}).get("components", ()))
    while queue:
        part = queue.pop()
        queue += part.get("components", ())
        if "custom_id" in part:
            yield part["custom_id"]


async def arrivals(url: str, pid: int, community: Community, rate: float, seconds: float) -> Step:
    """So many people a second come for so long, whoever has to wait; what is under way at the end is waited for.

    Their number is fixed, their moments are those of a Poisson process with that many arrivals.
    """
    step, chance = Step(rate), Random(int(rate * 1000))
    moments = sorted(chance.uniform(0, seconds) for _ in range(round(rate * seconds)))
    limit = aiohttp.ClientTimeout(total=DISCORD_WAITS_S)
    async with aiohttp.ClientSession(timeout=limit, connector=aiohttp.TCPConnector(limit=0)) as session:
        people = People(url, community, step, session)
        began, before = time.perf_counter(), usage(pid)
        tasks = set()
        for moment in moments:
            await asyncio.sleep(max(0.0, began + moment - time.perf_counter()))
            task = asyncio.create_task(people.comes(community.anybody(), chance.random()))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        await asyncio.gather(*tasks)
        step.seconds, step.used = time.perf_counter() - began, usage(pid).since(before)
    return step
