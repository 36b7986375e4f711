"""Seeded runs of posts, edits, kills and faults of the road: in the end one message a target, in its last state."""

from __future__ import annotations

from random import Random
from typing import Literal

import pytest

from dbsbm.core.http import HttpResponse
from dbsbm.database.exchange import Claim
from dbsbm.discord.definitions import Post
from tests.integration.delivery_world import (
    GUILD,
    Crossings,
    Killed,
    World,
    answered,
    message,
    refusal,
    slip,
    stamp,
    text,
)

STEPS = 60
TARGETS = 4
CALLS = (
    r"POST /webhooks/\d+/",
    r"PATCH /webhooks/",
    r"POST /channels/\d+/messages",
    r"PATCH /channels/",
    r"GET ",
    r"POST ",
)


class Story:
    """Things happen to four targets, half of them slips, half messages of the bot."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.random = Random(seed)
        self.wanted: dict[int, str] = {}
        self.interactions = 0

    def step(self) -> None:
        self.random.choice((self.change, self.change, self.deliver, self.deliver, self.fault, self.wait))()

    def change(self) -> None:
        """Somebody posts or grades; a killed function is invoked again with the same interaction."""
        target = self.random.randrange(TARGETS)
        content = f"target {target} state {self.interactions}"
        post = self._edit(target, content) if target in self.wanted else self._post(target, content)
        self.wanted[target] = content
        self.interactions += 1
        claim = Claim(self.interactions, GUILD, 8, "bet")
        try:
            self._exchange(claim, post, self._kill())
        except Killed:
            self._exchange(claim, post, Crossings())

    def deliver(self) -> None:
        try:
            self.world.deliver(crossings=self._kill())
        except Killed:
            return

    def fault(self) -> None:
        answers: tuple[HttpResponse | None, ...] = (
            None,
            refusal(500),
            refusal(502),
            refusal(429, 0, {"retry-after": str(self.random.randint(1, 90))}),
        )
        answer = self.random.choice(answers)
        effect = (answer is None or answer.status != 429) and self.random.random() < 0.5
        self.world.discord.fail(self.random.choice(CALLS), answer, effect=effect)

    def wait(self) -> None:
        self.world.clock.sleep(self.random.choice((1, 10, 60, 300)))

    def settle(self) -> None:
        """The faults end; the sweep goes on each minute."""
        self.world.discord.faults.clear()
        for _ in range(40):
            self.world.clock.sleep(60)
            self.world.deliver()

    def _kill(self) -> Crossings:
        if self.random.random() < 0.5:
            return Crossings()
        when: Literal["before", "after"] = self.random.choice(("before", "after"))
        return Crossings(self.random.randint(1, 30), when)

    def _post(self, target: int, content: str) -> Post:
        return slip(content, bet=target) if target % 2 else message(content, key=f"card:{target}")

    def _edit(self, target: int, content: str) -> Post:
        if target % 2:
            return stamp(content, bet=target)
        return Post("message.edit", f"card:{target}", {}, text(content))

    def _exchange(self, claim: Claim, post: Post, crossings: Crossings) -> None:
        environment = self.world.environment(crossings)
        environment.database.exchange(claim, lambda _session: answered(post))
        environment.database.close()


@pytest.mark.parametrize("seed", range(12))
def test_each_target_ends_with_one_message_in_its_last_state(database_url: str, seed: int) -> None:
    story = Story(World(database_url), seed)
    for _ in range(STEPS):
        story.step()
    story.settle()
    assert sorted(story.world.discord.shown()) == sorted(story.wanted.values())
    assert set(story.world.states().values()) <= {"sent", "overtaken"}
    assert len(story.world.discord.webhooks) <= 2
