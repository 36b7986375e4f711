"""Deterministic snowflakes and tokens."""

from __future__ import annotations

import base64
from random import Random

from dbsbm.core.clock import Clock, to_ms
from dbsbm.core.ids import EPOCH_MS


class Snowflakes:
    """Rising ids made of the clock's milliseconds and a counter, as Discord's are."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def new(self) -> int:
        self._last = max((to_ms(self._clock.now()) - EPOCH_MS) << 22, self._last + 1)
        return self._last


def token(random: Random, *parts: object, size: int = 51) -> str:
    """A token in Discord's style: what it belongs to, and random bytes, in URL-safe base 64."""
    head = ":".join(str(part) for part in parts)
    return base64.urlsafe_b64encode(f"{head}:".encode() + random.randbytes(size)).decode().rstrip("=")
