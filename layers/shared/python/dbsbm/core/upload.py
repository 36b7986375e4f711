"""An object of S3 written while it is made: in parts, each with its checksum, whole in the end or not there at all.

Reference: Amazon S3 API ("CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload", "AbortMultipartUpload").
"""

from __future__ import annotations

import base64
import hashlib
import re
from types import TracebackType
from typing import Self
from xml.sax.saxutils import escape

from dbsbm.core.aws import Request, quote
from dbsbm.core.bucket import Bucket, BucketError
from dbsbm.core.http import HttpResponse

PART_BYTES = 8 * 1024 * 1024
"""S3 takes 10,000 parts: objects of up to 80 GB. All parts but the last have at least 5 MiB."""
ATTEMPTS = 3
_ID = re.compile(rb"<UploadId>([^<]+)</UploadId>")


class Upload:
    """Write bytes, leave the block: then the object is there. An error within the block leaves no trace of it."""

    def __init__(self, bucket: Bucket, key: str) -> None:
        self._bucket = bucket
        self._key = key
        self._buffer = bytearray()
        self._id = ""
        self._parts: list[tuple[str, str]] = []
        self.size = 0

    def write(self, data: bytes) -> None:
        """Raises BucketError when a part is not taken."""
        self._buffer += data
        self.size += len(data)
        while len(self._buffer) >= PART_BYTES:
            self._send(bytes(self._buffer[:PART_BYTES]))
            del self._buffer[:PART_BYTES]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._abort()
        elif self._id:
            try:
                self._complete()
            except BucketError:
                self._abort()
                raise
        elif self._buffer:
            self._bucket.put(self._key, bytes(self._buffer))

    def _send(self, part: bytes) -> None:
        if not self._id:
            self._id = self._begun()
        number = len(self._parts) + 1
        digest = hashlib.sha256(part).digest()
        headers = {
            "x-amz-content-sha256": digest.hex(),
            "x-amz-sdk-checksum-algorithm": "SHA256",
            "x-amz-checksum-sha256": base64.b64encode(digest).decode(),
        }
        query = f"partNumber={number}&uploadId={quote(self._id)}"
        answer = self._asked(Request("PUT", self._key, query, part), headers)
        self._parts.append((answer.headers.get("etag", ""), headers["x-amz-checksum-sha256"]))

    def _begun(self) -> str:
        headers = {"x-amz-checksum-algorithm": "SHA256", "content-type": "application/octet-stream"}
        found = _ID.search(self._asked(Request("POST", self._key, "uploads=", b""), headers).body)
        if found is None:
            raise BucketError(f"{self._key}: no upload was begun")
        return found[1].decode()

    def _complete(self) -> None:
        if self._buffer:
            self._send(bytes(self._buffer))
        parts = "".join(
            f"<Part><PartNumber>{number}</PartNumber><ETag>{escape(etag)}</ETag>"
            f"<ChecksumSHA256>{digest}</ChecksumSHA256></Part>"
            for number, (etag, digest) in enumerate(self._parts, start=1)
        )
        body = f'<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{parts}</CompleteMultipartUpload>'
        request = Request("POST", self._key, f"uploadId={quote(self._id)}", body.encode())
        answer = self._asked(request, {"content-type": "application/xml"})
        if b"<Error>" in answer.body:  # S3 may fail after it has answered 200
            raise BucketError(f"{self._key}: the parts were not put together")

    def _abort(self) -> None:
        """What is lost here is removed by the bucket's lifecycle."""
        if not self._id:
            return
        try:
            self._asked(Request("DELETE", self._key, f"uploadId={quote(self._id)}", b""), {})
        except BucketError:
            return

    def _asked(self, request: Request, headers: dict[str, str]) -> HttpResponse:
        """Each of these requests may be repeated: a part replaces itself."""
        headers = {"x-amz-content-sha256": hashlib.sha256(request.body).hexdigest(), **headers}
        for attempt in range(1, ATTEMPTS + 1):
            try:
                answer = self._bucket.send(request, headers)
            except BucketError:
                if attempt == ATTEMPTS:
                    raise
                continue
            if answer.status < 300:
                return answer
            if answer.status < 500 or attempt == ATTEMPTS:
                break
        raise BucketError(f"{self._key}: {request.method} status {answer.status}", answer.status)
