"""Raw documents kept in a bucket, so that whatever was made of them can be made again."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable

from dbsbm.core.aws import Account, Request, Scope, quote, sign
from dbsbm.core.errors import DbsbmError
from dbsbm.core.http import HttpRequest, Transport, TransportError
from dbsbm.core.wire import address_of
from dbsbm.environment import Environment

PUT_S = 5.0
Archive = Callable[[str, bytes], None]
"""Keeps a body under a key. Raises DbsbmError."""


class ArchiveError(DbsbmError):
    """A document could not be kept."""

    code = "archive"
    retryable = True


class BucketArchive:
    """S3 PutObject, path-style and signed by hand. Reference: Amazon S3 API, "PutObject"."""

    def __init__(
        self, transport: Transport, account: Account, bucket: str, now: Callable[[], float] = time.time
    ) -> None:
        """``now`` is in real seconds since 1970: AWS refuses a signature that is 15 minutes off."""
        self._transport = transport
        self._account = account
        self._bucket = bucket
        self._now = now

    def __call__(self, key: str, body: bytes) -> None:
        """Store a gzip body under ``key``, over whatever is there.

        Raises
        ------
        ArchiveError
            When it is not certain that it was stored.
        """
        endpoint = self._account.endpoint("s3").rstrip("/")
        path = f"/{quote(self._bucket)}/{quote(key, safe='/')}"
        headers = {
            "host": address_of(endpoint).authority,
            "content-type": "application/json",
            "content-encoding": "gzip",
            "x-amz-content-sha256": hashlib.sha256(body).hexdigest(),
        }
        scope = Scope(self._account.credentials, self._account.region, "s3", self._now())
        signed = sign(Request("PUT", path, "", body), headers, scope)
        try:
            response = self._transport(HttpRequest("PUT", f"{endpoint}{path}", signed, body, PUT_S))
        except TransportError as error:
            raise ArchiveError(f"{key}: {error.detail}") from error
        if response.status != 200:
            raise ArchiveError(f"{key}: status {response.status}")


def archive_of(environment: Environment) -> Archive | None:
    """The feed bucket of an execution environment; without ``FEED_BUCKET`` raw documents are not kept."""
    bucket = environment.settings.feed_bucket
    return BucketArchive(environment.transport, environment.account(), bucket) if bucket else None
