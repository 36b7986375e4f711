"""Where the flags lie: ``flags/current.json`` is what holds, ``flags/versions/<number>.json`` every version there was.

A version is written once and never over another; the bucket keeps what an object was before as well. So who changed
what, when and why stands in S3, and going back is publishing an old version's content under the next number.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from dbsbm.core import metrics
from dbsbm.core.bucket import Bucket
from dbsbm.core.clock import Clock
from dbsbm.core.errors import ConflictError, DbsbmError, FlagsError, NotFoundError
from dbsbm.core.flags import Flags, parsed

logger = logging.getLogger(__name__)

CURRENT = "flags/current.json"
KEPT = timedelta(seconds=60)
AGAIN = timedelta(seconds=15)
"""After a failure; until then the last good version holds."""
READ_S = 0.5
"""Somebody may be waiting for an answer meanwhile."""
UNLIMITED = Flags(limits=None)
"""Without a bucket: all is on, and nothing is limited."""


class FlagReader:
    """The flags of an execution environment, asked for once a minute."""

    def __init__(self, bucket: Callable[[], Bucket] | None, clock: Clock) -> None:
        self._bucket = bucket
        self._clock = clock
        self._flags = Flags() if bucket else UNLIMITED
        self._fresh_until: datetime | None = None
        self.unread = ""
        """Why the flags could not be read last; empty when they could."""

    def current(self) -> Flags:
        """What holds now, at most a minute old; the last good one while it cannot be read or used. Never raises."""
        now = self._clock.now()
        if self._bucket is None or (self._fresh_until is not None and now < self._fresh_until):
            return self._flags
        try:
            body = self._bucket().get(CURRENT)
            if body is not None:
                self._flags = parsed(body)
        except DbsbmError as error:
            self._fresh_until, self.unread = now + AGAIN, error.code
            metrics.record(metrics.FLAGS_UNREAD)
            logger.warning("flags cannot be read, version %s holds: %s", self._flags.version, error.code)
        else:
            self._fresh_until, self.unread = now + KEPT, ""
        return self._flags


class FlagStore:
    """The operator's side. Raises BucketError when S3 cannot be asked."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def current(self) -> Flags:
        """What holds. Raises FlagsError when somebody put something else there."""
        body = self._bucket.get(CURRENT)
        return Flags() if body is None else parsed(body)

    def version(self, number: int) -> Flags:
        """An earlier version.

        Raises
        ------
        NotFoundError
            When there never was one of that number.
        """
        body = self.document(number)
        if body is None:
            raise NotFoundError(f"there is no version {number} of the flags")
        return parsed(body)

    def document(self, number: int) -> bytes | None:
        """A version as it was written, None where there is none."""
        return self._bucket.get(_key(number))

    def publish(self, before: Flags, after: Flags) -> Flags:
        """Make ``after`` hold, which was made of ``before``; the version it became.

        Raises
        ------
        FlagsError
            When it is not a document that can be used.
        ConflictError
            When somebody else published meanwhile.
        """
        body = json.dumps(after.to_json(), indent=1).encode()
        parsed(body)
        if after.version != before.version + 1:
            raise FlagsError(f"version {after.version} does not follow {before.version}")
        if not self._bucket.put(_key(after.version), body, new=True):
            self._finish(after.version)
            raise ConflictError(f"version {after.version} was published by somebody else: look at it, then try again")
        self._bucket.put(CURRENT, body)
        return after

    def _finish(self, number: int) -> None:
        """Make a version hold that its publisher wrote and perhaps never came to name."""
        body = self._bucket.get(_key(number))
        if body is not None and self.current().version < number:
            self._bucket.put(CURRENT, body)


def _key(number: int) -> str:
    return f"flags/versions/{number:08d}.json"
