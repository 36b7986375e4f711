"""Objects in S3 and calls of AWS's JSON services over the environment's own transport, signed by hand.

Reference: Amazon S3 API ("GetObject", "PutObject", "ListObjectVersions"); no redirects, path-style addresses.
"""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from json import dumps, loads
from typing import Any

from dbsbm.core.aws import Account, Request, Scope, presigned, quote, sign
from dbsbm.core.errors import DbsbmError
from dbsbm.core.http import HttpRequest, HttpResponse, Transport, TransportError
from dbsbm.core.wire import address_of

TIMEOUT_S = 10.0
_ATTEMPTS = 3
_VERSION = re.compile(r"<(Version|DeleteMarker)>.*?<Key>([^<]*)</Key>", re.DOTALL)
_VERSION_ID = re.compile(r"<(Version|DeleteMarker)>(.*?)</(?:Version|DeleteMarker)>", re.DOTALL)
_LISTED = re.compile(r"<Contents>(.*?)</Contents>", re.DOTALL)
_CONTENTS = re.compile(r"<Contents>.*?<Key>([^<]*)</Key>", re.DOTALL)
_EMPTY = hashlib.sha256(b"").hexdigest()


class BucketError(DbsbmError):
    """AWS refused, or it is not certain what it did; ``status`` is 0 without an answer.

    ``refusal`` is the name a JSON service gives to it, "ResourceNotFoundException".
    """

    code = "bucket"
    retryable = True

    def __init__(self, detail: str, status: int = 0, refusal: str = "") -> None:
        super().__init__(detail)
        self.status = status
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Aws:
    """Whose calls, and the way out. ``now`` is in real seconds: AWS refuses a signature that is 15 minutes off."""

    transport: Transport
    account: Account
    now: Callable[[], float] = time.time
    timeout_s: float = TIMEOUT_S

    def send(self, service: str, request: Request, headers: Mapping[str, str]) -> HttpResponse:
        """One signed request. Raises BucketError when no answer came back."""
        endpoint = self.account.endpoint(service).rstrip("/")
        scope = Scope(self.account.credentials, self.account.region, service, self.now())
        signed = sign(request, {"host": address_of(endpoint).authority, **headers}, scope)
        url = f"{endpoint}{request.path}" + (f"?{request.query}" if request.query else "")
        try:
            return self.transport(HttpRequest(request.method, url, signed, request.body, self.timeout_s))
        except TransportError as error:
            raise BucketError(f"{service} {request.method} {request.path}: {error.detail}") from error

    def link(self, path: str, asked: Mapping[str, str], expires_s: int) -> str:
        """An address under which anybody reads an object for so many seconds."""
        endpoint = self.account.endpoint("s3").rstrip("/")
        scope = Scope(self.account.credentials, self.account.region, "s3", self.now())
        return f"{endpoint}{path}?{presigned(path, asked, address_of(endpoint).authority, scope, expires_s)}"

    def call(self, service: str, target: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """One call of a JSON service, "TrentService.Sign" of "kms". Raises BucketError when it is refused."""
        version = "1.0" if service == "sqs" else "1.1"
        headers = {"content-type": f"application/x-amz-json-{version}", "x-amz-target": target}
        answer = self.send(service, Request("POST", "/", "", dumps(body).encode()), headers)
        if answer.status != 200:
            refusal = _refusal(answer.body)
            raise BucketError(f"{target}: status {answer.status} {refusal}".rstrip(), answer.status, refusal)
        document: dict[str, Any] = loads(answer.body or b"{}")
        return document


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an object; ``marker`` where it says that the object was deleted. ``modified`` is ISO 8601, UTC."""

    key: str
    version_id: str
    marker: bool
    modified: str


class Bucket:
    """The objects of one bucket."""

    def __init__(self, aws: Aws, name: str) -> None:
        self._aws = aws
        self._name = name

    def get(self, key: str) -> bytes | None:
        """An object, None when there is none. Raises BucketError when it cannot be told."""
        request = Request("GET", self._path(key), "", b"")
        answer = self._aws.send("s3", request, {"x-amz-content-sha256": _EMPTY})
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise BucketError(f"{key}: status {answer.status}", answer.status)
        return answer.body

    def part(self, key: str, first: int, length: int) -> bytes | None:
        """Some bytes of an object, fewer where it ends, None when there is no object. Raises BucketError."""
        headers = {"x-amz-content-sha256": _EMPTY, "range": f"bytes={first}-{first + length - 1}"}
        answer = self._aws.send("s3", Request("GET", self._path(key), "", b""), headers)
        if answer.status == 404:
            return None
        if answer.status == 416:  # it ends before
            return b""
        if answer.status not in (200, 206):
            raise BucketError(f"{key}: status {answer.status}", answer.status)
        return answer.body

    def put(self, key: str, body: bytes, *, new: bool = False) -> bool:
        """Store an object; ``new`` leaves what is there and returns False. Raises BucketError."""
        digest = hashlib.sha256(body)
        headers = {
            "content-type": "application/octet-stream",
            "x-amz-content-sha256": digest.hexdigest(),
            "x-amz-sdk-checksum-algorithm": "SHA256",
            "x-amz-checksum-sha256": base64.b64encode(digest.digest()).decode(),
        }
        if new:
            headers["if-none-match"] = "*"
        for _ in range(_ATTEMPTS):
            answer = self._aws.send("s3", Request("PUT", self._path(key), "", body), headers)
            if answer.status != 409:  # somebody else was at the same key: S3 asks to do it again
                break
        if new and answer.status == 412:
            return False
        if answer.status != 200:
            raise BucketError(f"{key}: status {answer.status}", answer.status)
        return True

    def link(self, key: str, name: str, expires_s: int) -> str:
        """An address that downloads an object as a file of that name; it tells nothing but the object, and expires."""
        return self._aws.link(
            self._path(key), {"response-content-disposition": f'attachment; filename="{name}"'}, expires_s
        )

    def first_version(self, prefix: str) -> tuple[str, bool] | None:
        """The first key of those that begin so, deleted ones too: the key, and whether it is hidden by a deletion."""
        query = f"max-keys=1&prefix={quote(prefix)}&versions="
        request = Request("GET", f"/{quote(self._name)}", query, b"")
        answer = self._aws.send("s3", request, {"x-amz-content-sha256": _EMPTY})
        if answer.status != 200:
            raise BucketError(f"{prefix}: status {answer.status}", answer.status)
        found = _VERSION.search(answer.body.decode())
        return None if found is None else (unescape(found[2]), found[1] == "DeleteMarker")

    def versions(self, prefix: str) -> Iterator[Version]:
        """Every version and deletion marker whose key begins so. Raises BucketError."""
        asked = {"prefix": prefix, "versions": ""}
        while True:
            body = self._listed(asked)
            for kind, inside in _VERSION_ID.findall(body):
                marker, modified = kind == "DeleteMarker", _tag(inside, "LastModified")
                yield Version(_tag(inside, "Key"), _tag(inside, "VersionId"), marker, modified)
            if _tag(body, "IsTruncated") != "true":
                return
            after = {"key-marker": _tag(body, "NextKeyMarker"), "version-id-marker": _tag(body, "NextVersionIdMarker")}
            asked = {"prefix": prefix, "versions": "", **after}

    def keys(self, prefix: str) -> Iterator[str]:
        """The keys that begin so, in order. Raises BucketError."""
        asked = {"list-type": "2", "prefix": prefix}
        while True:
            body = self._listed(asked)
            yield from (unescape(key) for key in _CONTENTS.findall(body))
            if _tag(body, "IsTruncated") != "true":
                return
            asked = {"list-type": "2", "prefix": prefix, "continuation-token": _tag(body, "NextContinuationToken")}

    def listed(self) -> Iterator[tuple[str, str]]:
        """When each object was written, in ISO 8601 and UTC, and its key. Raises BucketError."""
        asked = {"list-type": "2", "prefix": ""}
        while True:
            body = self._listed(asked)
            yield from ((_tag(inside, "LastModified"), _tag(inside, "Key")) for inside in _LISTED.findall(body))
            if _tag(body, "IsTruncated") != "true":
                return
            asked = {"list-type": "2", "prefix": "", "continuation-token": _tag(body, "NextContinuationToken")}

    def remove_version(self, version: Version) -> None:
        """Delete one version for good; one that is gone already is as good. Raises BucketError."""
        query = f"versionId={quote(version.version_id)}"
        request = Request("DELETE", self._path(version.key), query, b"")
        answer = self._aws.send("s3", request, {"x-amz-content-sha256": _EMPTY})
        if answer.status not in (200, 204, 404):
            raise BucketError(f"{version.key}: status {answer.status}", answer.status)

    def read_back_gone(self, version: Version) -> None:
        """Ask for a version that was deleted. Raises BucketError unless the answer is 404."""
        request = Request("GET", self._path(version.key), f"versionId={quote(version.version_id)}", b"")
        answer = self._aws.send("s3", request, {"x-amz-content-sha256": _EMPTY})
        if answer.status != 404:  # 405 would be a marker that is there still
            raise BucketError(f"{version.key}: a deleted version answers {answer.status}", answer.status)

    def _listed(self, asked: Mapping[str, str]) -> str:
        query = "&".join(f"{quote(name)}={quote(value)}" for name, value in sorted(asked.items()))
        answer = self._aws.send(
            "s3", Request("GET", f"/{quote(self._name)}", query, b""), {"x-amz-content-sha256": _EMPTY}
        )
        if answer.status != 200:
            raise BucketError(f"{asked['prefix']}: status {answer.status}", answer.status)
        return answer.body.decode()

    def send(self, request: Request, headers: Mapping[str, str]) -> HttpResponse:
        """A request about an object of this bucket; its ``path`` is the object's key. Raises BucketError."""
        return self._aws.send("s3", request._replace(path=self._path(request.path)), headers)

    def _path(self, key: str) -> str:
        return f"/{quote(self._name)}/{quote(key, safe='/')}"


def _tag(text: str, name: str) -> str:
    found = re.search(f"<{name}>([^<]*)</{name}>", text)
    return unescape(found[1]) if found else ""


def _refusal(body: bytes) -> str:
    """The error's name in the answer of a JSON service, without the namespace some of them put before it."""
    try:
        document = loads(body)
    except ValueError:
        return ""
    return str(document.get("__type", "")).rpartition("#")[2] if isinstance(document, dict) else ""
