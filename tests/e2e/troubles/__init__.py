"""What may go wrong between any two steps, drawn from a seed: kills, the network, clocks, Discord, database, cache."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import cast, get_args

import pytest

from dbsbm.cache import client as product_cache
from dbsbm.database import connection as database_connection
from local.cloud import Faults
from local.cloud.faults import Hop, When
from tests.e2e.troubles import cache, database, discord
from tests.e2e.troubles.cache import BadCache
from tests.e2e.troubles.database import FURTHEST, BadDatabase
from tests.e2e.troubles.discord import BadDiscord
from tests.e2e.world import World

_FAMILIES = ("kill", "network", "discord", "database", "cache", "clocks", "order", "none")
_WEIGHTS = (4, 4, 5, 5, 2, 1, 1, 1)
_SEVERAL = 0.15
_ACTIONS = {
    "http": ("drop", "delay"),
    "invoke": ("drop", "duplicate", "delay"),
    "discord": ("drop", "duplicate", "delay"),
}
"""Nothing between us and Discord repeats a request that was answered; Lambda and Discord may deliver twice."""
_LATE_S, _SKEWS_S = (0.5, 2.5, 8.0), (0.5, 2.0, 5.0)
_OF_PARTS = {"discord": discord.KINDS, "database": database.KINDS, "cache": cache.KINDS}
KINDS = (
    *(f"killed {when}" for when in get_args(When)),
    *(f"{hop} {action}" for hop, actions in _ACTIONS.items() for action in actions),
    "reordered",
    "clocks off",
    *(kind for kinds in _OF_PARTS.values() for kind in kinds),
)
"""Every kind of trouble, as :attr:`Troubles.struck` counts them."""
_NEAR = 12
"""A crossing or passage that a short step comes to."""


class Troubles:
    """The troubles of one run; ``told`` says what was armed, for a failing seed's report, ``struck`` what happened."""

    def __init__(self, world: World, random: Random, only: str = "") -> None:
        self._world = world
        self._random = random
        self.only = only
        self.discord, self.database, self.cache = BadDiscord(world), BadDatabase(world), BadCache(world)
        self.told: list[str] = []
        self._of_the_cloud: Counter[str] = Counter()

    @property
    def struck(self) -> Counter[str]:
        """How often each kind did happen, not only was armed."""
        return self._of_the_cloud + self.discord.struck + self.database.struck + self.cache.struck

    def arm(self) -> None:
        """Draw the next trouble, at times two of them, and arm it."""
        if self.only:
            self.told.append(self._arm_one(self.only))
            return
        count = 2 if self._random.random() < _SEVERAL else 1
        families = list(dict.fromkeys(self._random.choices(_FAMILIES, _WEIGHTS, k=count)))
        faults, told = Faults(), []
        for family in families:
            if family in ("discord", "database", "cache"):
                told.append(getattr(self, family).arm(self._random))
            elif family != "none":
                more, said = self._fault(family)
                faults += more
                told.append(said)
        self.told.append(" and ".join(told) or "none")
        self._world.cloud.arm(faults)

    def calm(self) -> None:
        for each in (self.discord, self.database, self.cache):
            each.calm()
        self._of_the_cloud += self._world.cloud.armed.happened
        self._world.cloud.arm(Faults())

    def _arm_one(self, kind: str) -> str:
        """This kind and no other, soon."""
        for part, kinds in _OF_PARTS.items():
            if kind in kinds:
                return str(getattr(self, part).arm(self._random, (kind,)))
        first, _, second = kind.partition(" ")
        if first == "killed":
            self._world.cloud.arm(Faults.kill(crossing=self._random.randint(1, _NEAR), when=cast(When, second)))
        elif kind == "reordered":
            self._world.cloud.arm(Faults(reordered=True))
        elif kind == "clocks off":
            self._world.cloud.arm(Faults(skew_s=max(_SKEWS_S)))
        else:
            self._world.cloud.arm(self._hop_fault(cast(Hop, first), second, 1)[0])
        return kind

    def _fault(self, family: str) -> tuple[Faults, str]:
        if family == "kill":
            when: When = self._random.choice(get_args(When))
            number = self._random.randint(1, FURTHEST)
            return Faults.kill(crossing=number, when=when), f"killed {when} crossing {number}"
        if family == "order":
            return Faults(reordered=True), "events in the opposite order"
        if family == "clocks":
            off_s = self._random.choice(_SKEWS_S)
            return Faults(skew_s=off_s), f"clocks {off_s} s off"
        return self._on_a_hop()

    def _on_a_hop(self) -> tuple[Faults, str]:
        hop: Hop = self._random.choice(get_args(Hop))
        nth = self._random.randint(1, 3)
        return self._hop_fault(hop, self._random.choice(_ACTIONS[hop]), nth)

    def _hop_fault(self, hop: Hop, action: str, nth: int) -> tuple[Faults, str]:
        if action == "drop":
            return Faults.drop(hop, nth), f"{hop} {nth} dropped"
        if action == "duplicate":
            return Faults.duplicate(hop, nth), f"{hop} {nth} duplicated"
        seconds = self._random.choice(_LATE_S)
        return Faults.delay(hop, seconds, nth), f"{hop} {nth} delayed {seconds} s"


@contextmanager
def troubled(world: World, random: Random, patch: pytest.MonkeyPatch, only: str = "") -> Iterator[Troubles]:
    """Stand between the functions and Discord, the database and the cache; ``only`` names one kind of ``KINDS``."""
    troubles = Troubles(world, random, only)
    handle, connect, client = world.simulator.handle, database_connection.connect_from_url, product_cache.redis_client
    with patch.context() as patched:
        patched.setattr(world.simulator, "handle", lambda request: troubles.discord.handle(request, handle))
        patched.setattr(
            database_connection, "connect_from_url", lambda *given: troubles.database.connect(connect, *given)
        )
        patched.setattr(product_cache, "redis_client", lambda url, *_: troubles.cache.client(client, url))
        yield troubles
