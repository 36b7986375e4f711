"""A keyring in memory, for tests that have no bucket."""

from __future__ import annotations

from random import Random


class HeldRing:
    """Data keys by id; ``destroyed`` ones are gone at once."""

    def __init__(self, seed: int = 0) -> None:
        self._random = Random(seed)
        self.keys: dict[bytes, bytes] = {}
        self.reads = 0

    def make(self) -> bytes:
        kid = self._random.randbytes(8)
        self.keys[kid] = self._random.randbytes(32)
        return kid

    def key(self, kid: bytes) -> bytes | None:
        self.reads += 1
        return self.keys.get(kid)
