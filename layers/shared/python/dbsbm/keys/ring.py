"""The data keys themselves: objects ``keys/<id>`` of a bucket that is neither copied, locked nor backed up.

S3 encrypts each object with the stage's KMS key, so a data key leaves the bucket for those roles alone that may read
it. It is written once, under a new random name (``If-None-Match``), and kept in memory for five minutes at most: that
long after its removal nothing opens any more what it sealed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from dbsbm.core.clock import Clock
from dbsbm.core.errors import DatabaseUnavailableError, DbsbmError
from dbsbm.keys.envelope import KEY_BYTES, KID_BYTES

if TYPE_CHECKING:
    from dbsbm.core.bucket import Bucket, Version

CACHED = timedelta(minutes=5)
LONGEST_RUN = timedelta(minutes=15)
"""What Lambda allows a function at most: one that began before a removal may hold the key until it ends."""
HELD_ON = CACHED + LONGEST_RUN
"""How long after its removal a key may still open something: a run that began before has it, whoever asks later lets
it go first. An environment that nobody asks keeps the bytes, frozen, until it is asked or Lambda ends it."""
PREFIX = "keys/"
READ_S = 1.5
_ROOM = 512
"""Keys of so many people at most; one environment seldom meets more within five minutes."""


class KeyringUnavailableError(DatabaseUnavailableError):
    """The bucket of keys does not answer: nothing was stored, the same may work later."""

    code = "keyring_unavailable"


class BucketRing:
    """Keys of a bucket, cached per execution environment."""

    def __init__(
        self, bucket: Callable[[], Bucket], clock: Clock, *, randomness: Callable[[int], bytes] = os.urandom
    ) -> None:
        self._bucket = bucket
        self._clock = clock
        self._randomness = randomness
        self._kept: dict[bytes, tuple[bytes, datetime]] = {}

    def make(self) -> bytes:
        """A new key, stored; returns its id. Raises KeyringUnavailableError."""
        self._let_go()
        key = self._randomness(KEY_BYTES)
        try:
            while True:
                kid = self._randomness(KID_BYTES)
                if self._bucket().put(_name(kid), key, new=True):
                    break
        except DbsbmError as error:
            raise KeyringUnavailableError(f"keyring: {error.detail}", retry_after_s=1.0) from error
        self._keep(kid, key)
        return kid

    def key(self, kid: bytes) -> bytes | None:
        """A key by its id, None when it is gone. Raises KeyringUnavailableError when that cannot be told."""
        self._let_go()
        kept = self._kept.get(kid)
        if kept is not None:
            return kept[0]
        try:
            key = self._bucket().get(_name(kid))
        except DbsbmError as error:
            raise KeyringUnavailableError(f"keyring: {error.detail}", retry_after_s=1.0) from error
        if key is not None:
            self._keep(kid, key)
        return key

    def forget(self) -> None:
        """Drop what is kept in memory."""
        self._kept.clear()

    def _let_go(self) -> None:
        """Drop every key whose time is over, whichever is asked for."""
        now = self._clock.now()
        over = [kid for kid, kept in self._kept.items() if now - kept[1] >= CACHED]
        for kid in over:
            del self._kept[kid]

    def _keep(self, kid: bytes, key: bytes) -> None:
        if len(self._kept) >= _ROOM:
            self._kept.pop(next(iter(self._kept)))
        self._kept[kid] = key, self._clock.now()


class Shredder:
    """Removes keys for good. Only jobs that erase people or retire keys have its rights."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def remove(self, kid: bytes) -> int:
        """Delete every version of a key and every marker of its deletion, read each back; returns how many there were.

        Raises
        ------
        BucketError
            When one could not be, or can be had still; repeat.
        """
        removed = 0
        for version in self._versions(kid):
            self._bucket.remove_version(version)
            self._bucket.read_back_gone(version)
            removed += 1
        return removed

    def is_gone(self, kid: bytes) -> bool:
        """Read back: no object under the name (404) and no version of one. Raises BucketError."""
        return self._bucket.get(_name(kid)) is None and not list(self._versions(kid))

    def older_than(self, before: datetime, page: int) -> Iterator[Sequence[bytes]]:
        """Every key that was written before a time, by id, some at a time. Raises BucketError."""
        found: list[bytes] = []
        for version in self._bucket.versions(PREFIX):
            if not version.marker and datetime.fromisoformat(version.modified) < before:
                found.append(bytes.fromhex(version.key.removeprefix(PREFIX)))
            if len(found) == page:
                yield found
                found = []
        yield found

    def there(self) -> Iterator[bytes]:
        """Every key that can be read, by id, in order. Raises BucketError."""
        for name in self._bucket.keys(PREFIX):
            yield bytes.fromhex(name.removeprefix(PREFIX))

    def is_there(self, kid: bytes) -> bool:
        """Whether a key can be read now. Raises BucketError."""
        return self._bucket.get(_name(kid)) is not None

    def _versions(self, kid: bytes) -> list[Version]:
        return list(self._bucket.versions(_name(kid)))


def _name(kid: bytes) -> str:
    return f"{PREFIX}{kid.hex()}"
