"""A cache that is gone, slow or emptied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from redis.exceptions import ConnectionError as GoneError
from redis.exceptions import TimeoutError as SlowError

from dbsbm.cache.client import ANSWER_S
from tests.e2e.troubles.strike import Strike, drawn
from tests.e2e.world import World

GONE, SLOW, FLUSHED = "cache gone", "cache slow", "cache flushed"
KINDS = (GONE, SLOW, FLUSHED)
_FURTHEST = 6


class BadCache:
    """From one of its next commands on it is gone or slow, or it is emptied there."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._strike = Strike()
        self._struck = False
        self.struck: Counter[str] = Counter()

    def arm(self, random: Random, kinds: Sequence[str] = KINDS) -> str:
        self._strike, self._struck = drawn(random, kinds, _FURTHEST), False
        return str(self._strike)

    def calm(self) -> None:
        self._strike, self._struck = Strike(), False

    def client(self, plain: Callable[[str], Any], url: str) -> Any:
        """A client whose commands meet the trouble."""
        made = plain(url)
        answer = made.execute_command

        def execute_command(*words: Any, **options: Any) -> Any:
            self._before(answer)
            return answer(*words, **options)

        made.execute_command = execute_command
        return made

    def _before(self, answer: Callable[..., Any]) -> None:
        kind = self._strike.kind
        if kind == "none":
            return
        self._struck = self._struck or self._strike.due()
        if not self._struck:
            return
        self.struck[kind] += 1
        if kind == GONE:
            raise GoneError("connection refused")
        if kind == SLOW:
            self._world.clock.sleep(ANSWER_S)
            raise SlowError("timed out")
        answer("FLUSHALL")
        self.calm()
