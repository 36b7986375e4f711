"""People of a simulated Discord who act at their own pace, however slowly they are answered."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from random import Random
from threading import Lock
from typing import NamedTuple

from local.discord_simulator import Person, Seen
from local.discord_simulator.errors import ClientRefusalError
from tests.e2e.evening import slips_of
from tests.e2e.world import World, distinct_pick

CAPPERS, MEMBERS, GRADERS = 20, 40, 3
_AT_ONCE = 64
_PATIENCE_S, _LOOK_S = 20.0, 0.1
_AWAY = "cannot reach our records"


class Press(NamedTuple):
    """One press: when by the machine's clock, how long until its answer, and what that was."""

    began: float
    took_s: float
    outcome: str
    """answered, told to try again, failed, or waiting: its answer comes after more than 20 s."""


class Crowd:
    """Sets the people up; :meth:`before` and :meth:`after` let them act before and after the games' start."""

    def __init__(self, world: World, random: Random) -> None:
        guild = world.guild
        self.presses: list[Press] = []
        self._world, self._random, self._lock = world, random, Lock()
        self._previews: list[Seen] = []
        self._posts = 0
        self._cappers = [guild.user(f"capper{n}", role="capper") for n in range(CAPPERS)]
        self._members = [guild.user(f"member{n}") for n in range(MEMBERS)]
        self._graders = [guild.user(f"grader{n}", role="grader") for n in range(GRADERS)]
        for capper in self._cappers:
            world.settled(world.olga.slash("capper add", user=capper))

    @property
    def confirmed(self) -> int:
        return sum("Posted in" in preview.text for preview in self._previews)

    @property
    def tried(self) -> int:
        return len(self._previews)

    def before(self, rate: float, seconds: float) -> None:
        self._arrive(rate, seconds, (self._post, self._post, self._follow, self._read, self._suggest))

    def after(self, rate: float, seconds: float) -> None:
        self._arrive(rate, seconds, (self._grade, self._grade, self._dispute, self._read))

    def _arrive(self, rate: float, seconds: float, acts: Sequence[Callable[[], None]]) -> None:
        """Arrivals by a Poisson process; each act is a thread's, so that a slow answer delays nobody else."""
        until = time.monotonic() + seconds
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            while time.monotonic() < until:
                time.sleep(self._random.expovariate(rate))
                pool.submit(self._tried, self._random.choice(acts))

    def _tried(self, act: Callable[[], None]) -> None:
        with suppress(ClientRefusalError):  # what people cannot press they do not press
            act()

    def _pressed(self, press: Callable[[], Seen]) -> Seen:
        """Press, and wait for what a deferral promised."""
        began = time.monotonic()
        seen = press()
        while seen.thinking and time.monotonic() - began < _PATIENCE_S:
            time.sleep(_LOOK_S)
        with self._lock:
            self.presses.append(Press(began, time.monotonic() - began, _outcome(seen)))
        return seen

    def _post(self) -> None:
        with self._lock:
            number, self._posts = self._posts, self._posts + 1
        capper = self._cappers[number % CAPPERS]
        preview = self._pressed(lambda: capper.slash("bet", pick=distinct_pick(number // CAPPERS)))
        with self._lock:
            self._previews.append(preview)
        self._pressed(lambda: preview.click("Post"))

    def _follow(self) -> None:
        slip = self._slip(self._random.choice(self._members))
        self._pressed(lambda: slip.click("Tail"))

    def _read(self) -> None:
        person = self._random.choice(self._members)
        read = self._random.choice(("bets open", "stats"))
        self._pressed(lambda: person.slash(read))

    def _suggest(self) -> None:
        self._random.choice(self._cappers).autocomplete("bet", "pick", "chiefs")

    def _grade(self) -> None:
        panel = self._pressed(lambda: self._slip(self._random.choice(self._graders)).click("⋯"))
        pressed = self._pressed(lambda: panel.click(self._random.choice(("Won", "Lost", "Void"))))
        if pressed.modal is not None:
            self._pressed(lambda: pressed.submit_modal(reason="Read again"))

    def _dispute(self) -> None:
        details = self._pressed(lambda: self._slip(self._random.choice(self._members)).click("Details"))
        self._pressed(lambda: details.click("Dispute").submit_modal(reason="The box score says 30–20", proof=""))

    def _slip(self, person: Person) -> Seen:
        """Raises ClientRefusalError when there is none."""
        slips = slips_of(self._world)
        if not slips:
            raise ClientRefusalError("no slip in the channel")
        return self._random.choice(slips).by(person)


def _outcome(seen: Seen) -> str:
    if seen.failed:
        return "failed"
    if seen.thinking:
        return "waiting"
    return "told to try again" if _AWAY in seen.text else "answered"
