"""A laptop's buckets are as they were when the cloud starts again."""

from __future__ import annotations

from pathlib import Path

from dbsbm.core.http import HttpRequest, HttpResponse
from infra.catalog import CATALOG
from local.cloud.aws import MotoInside, create_resources, headers
from local.cloud.buckets import KeptBuckets
from local.cloud.execution import Names

NAMES = Names()


def started(folder: Path) -> KeptBuckets:
    aws = MotoInside()
    create_resources(CATALOG, NAMES, {}, aws)
    return KeptBuckets(aws, folder, left_out=(NAMES.of("feeds"),))


def asked(aws: KeptBuckets, method: str, bucket: str, key: str, body: bytes = b"", **sent: str) -> HttpResponse:
    url = f"http://127.0.0.1/{NAMES.of(bucket)}/{key}"
    return aws(HttpRequest(method, url, headers("s3") | sent, body))


def test_what_was_stored_is_there_again_and_what_was_deleted_is_not(tmp_path: Path) -> None:
    first = started(tmp_path)
    for key, body in (("tile/0/x001/002", b"\x00\n\xff"), ("tile/0/003", b"old"), ("tile/0/003", b"new")):
        assert asked(first, "PUT", "audit", key, body, **{"content-encoding": "gzip"}).status == 200
    asked(first, "PUT", "keyring", "keys/a", b"key")
    asked(first, "DELETE", "keyring", "keys/a")
    asked(first, "PUT", "feeds", "espn/nfl/1.json.gz", b"document")

    again = started(tmp_path)

    assert asked(again, "GET", "audit", "tile/0/x001/002").body == b"\x00\n\xff"
    assert asked(again, "GET", "audit", "tile/0/003").body == b"new"
    assert asked(again, "GET", "audit", "tile/0/003").headers["content-encoding"] == "gzip"
    assert asked(again, "GET", "keyring", "keys/a").status == 404
    assert asked(again, "GET", "feeds", "espn/nfl/1.json.gz").status == 404


def test_a_bucket_that_is_no_more_takes_its_objects_along(tmp_path: Path) -> None:
    folder = tmp_path / "dbsbm-gone"
    folder.mkdir()
    (folder / "a").write_bytes(b"{}\nbody")

    started(tmp_path)

    assert list(folder.iterdir()) == []
