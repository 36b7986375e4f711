"""Raw documents kept in a bucket, so that whatever was made of them can be made again."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Iterator
from html import unescape

from dbsbm.core.aws import Account, Request, Scope, quote, sign
from dbsbm.core.errors import DbsbmError
from dbsbm.core.http import HttpRequest, Transport, TransportError
from dbsbm.core.wire import address_of
from dbsbm.environment import Environment

PUT_S = 5.0
GET_S = 30.0
_LISTED = re.compile("<Key>([^<]*)</Key>")
_FOLLOWING = re.compile("<NextContinuationToken>([^<]+)</NextContinuationToken>")
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


class BucketReader:
    """What was kept, read again: S3 ListObjectsV2 and GetObject. For the operator; no function may read the bucket."""

    def __init__(
        self, transport: Transport, account: Account, bucket: str, now: Callable[[], float] = time.time
    ) -> None:
        self._transport = transport
        self._account = account
        self._bucket = bucket
        self._now = now

    def keys(self, prefix: str = "") -> Iterator[str]:
        """Every key that starts so, page by page.

        Raises
        ------
        ArchiveError
            When the bucket cannot be read.
        """
        token = ""
        while True:
            after = f"continuation-token={quote(token)}&" if token else ""
            page = self._get("", f"{after}list-type=2&prefix={quote(prefix)}").decode()
            yield from (unescape(key) for key in _LISTED.findall(page))
            following = _FOLLOWING.search(page)
            if following is None:
                return
            token = unescape(following[1])

    def get(self, key: str) -> bytes:
        """A body, compressed or already unpacked by the transport. Raises ArchiveError."""
        return self._get(f"/{quote(key, safe='/')}", "")

    def _get(self, path: str, query: str) -> bytes:
        endpoint = self._account.endpoint("s3").rstrip("/")
        path = f"/{quote(self._bucket)}{path}"
        headers = {"host": address_of(endpoint).authority, "x-amz-content-sha256": hashlib.sha256(b"").hexdigest()}
        scope = Scope(self._account.credentials, self._account.region, "s3", self._now())
        signed = sign(Request("GET", path, query, b""), headers, scope)
        url = f"{endpoint}{path}?{query}" if query else f"{endpoint}{path}"
        try:
            response = self._transport(HttpRequest("GET", url, signed, b"", GET_S))
        except TransportError as error:
            raise ArchiveError(f"{path}: {error.detail}") from error
        if response.status != 200:
            raise ArchiveError(f"{path}: status {response.status}")
        return response.body


def archive_of(environment: Environment) -> Archive | None:
    """The feed bucket of an execution environment; without ``FEED_BUCKET`` raw documents are not kept."""
    bucket = environment.settings.feed_bucket
    return BucketArchive(environment.transport, environment.account(), bucket) if bucket else None
