"""Objects of a laptop's buckets on its disk: moto forgets everything when it ends, the database beside it does not.

Every object is written down when it is stored and removed when it is deleted, so a killed cloud loses none. What is
uploaded in parts – backups – is not kept: it is made of what is here. Nor are buckets ``left_out``.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from dbsbm.core.http import HttpRequest, HttpResponse
from local.cloud.aws import Aws, headers

_KEPT_HEADERS = ("content-type", "content-encoding")
_OF_S3 = "/s3/aws4_request"


class KeptBuckets:
    """Passes every call on to ``aws``, and keeps what it stores under ``folder``."""

    def __init__(self, aws: Aws, folder: Path, left_out: Collection[str] = ()) -> None:
        self._aws = aws
        self._folder = folder
        self._left_out = frozenset(left_out)
        for path, request in self._known():
            answer = aws(request)
            if answer.status >= 300:
                path.unlink()  # its bucket is gone from the catalog

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self._aws(request)
        if answer.status < 300 and request.method in ("PUT", "DELETE") and _is_s3(request):
            self._follow(request)
        return answer

    def stop(self) -> None:
        self._aws.stop()

    def _follow(self, request: HttpRequest) -> None:
        target = urlsplit(request.url)
        bucket, _, key = target.path.removeprefix("/").partition("/")
        version_alone = target.query.startswith("versionId=")
        if not key or bucket in self._left_out or (target.query and not version_alone):
            return  # a bucket, its configuration, a part of an upload
        path = self._folder / bucket / quote(unquote(key), safe="")
        if request.method == "DELETE":
            if self._aws(HttpRequest("HEAD", f"http://127.0.0.1{target.path}", headers("s3"))).status == 404:
                path.unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = {name.lower(): value for name, value in request.headers.items() if name.lower() in _KEPT_HEADERS}
        written = path.with_name(f".{path.name}")
        written.write_bytes(json.dumps(kept).encode() + b"\n" + request.body)
        written.replace(path)

    def _known(self) -> Iterator[tuple[Path, HttpRequest]]:
        """Every object as it was stored, oldest first."""
        found = [path for path in self._folder.glob("*/*") if not path.name.startswith(".")]
        for path in sorted(found, key=lambda each: each.stat().st_mtime_ns):
            head, _, body = path.read_bytes().partition(b"\n")
            url = f"http://127.0.0.1/{path.parent.name}/{quote(unquote(path.name), safe='/')}"
            yield path, HttpRequest("PUT", url, headers("s3") | json.loads(head), body)


def _is_s3(request: HttpRequest) -> bool:
    return any(name.lower() == "authorization" and _OF_S3 in value for name, value in request.headers.items())
