"""Objects of S3 over scripted answers: what is done, what is not there, what is not certain; keys and uploads above."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any

import pytest

from dbsbm.core.aws import Account, Credentials
from dbsbm.core.bucket import Aws, Bucket, BucketError, Version
from dbsbm.core.http import HttpRequest, HttpResponse, TransportError
from dbsbm.core.upload import ATTEMPTS, PART_BYTES, Upload
from dbsbm.keys.ring import CACHED, BucketRing, KeyringUnavailableError, Shredder
from tests.integration.moments import HandClock

Answer = HttpResponse | TransportError
AWAY = TransportError("ReadTimeoutError", sent=True)


class S3:
    """Answers in the order given, the last one for ever."""

    def __init__(self, *answers: Answer) -> None:
        self.requests: list[HttpRequest] = []
        self._answers: list[Answer] = list(answers)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, TransportError):
            raise answer
        return answer

    @property
    def methods(self) -> list[str]:
        return [request.method for request in self.requests]

    def aws(self) -> Aws:
        account = Account("us-east-1", Credentials("key", "secret"), {"": "http://s3.invalid"})
        return Aws(self, account, now=lambda: 1_790_000_000.0)

    def bucket(self) -> Bucket:
        return Bucket(self.aws(), "things")


def answer(status: int, body: bytes = b"", **headers: str) -> HttpResponse:
    return HttpResponse(status, headers, body)


def page(inside: str, **more: str) -> HttpResponse:
    tags = "".join(f"<{name}>{value}</{name}>" for name, value in more.items())
    return answer(200, f"<Result>{inside}{tags}</Result>".encode())


def contents(*keys: str) -> str:
    return "".join(f"<Contents><Key>{key}</Key></Contents>" for key in keys)


def stored(kind: str, key: str, version: str, modified: str = "2026-09-01T00:00:00+00:00") -> str:
    inside = f"<Key>{key}</Key><VersionId>{version}</VersionId><LastModified>{modified}</LastModified>"
    return f"<{kind}>{inside}</{kind}>"


READS: list[Callable[[Bucket], Any]] = [
    lambda bucket: bucket.get("a"),
    lambda bucket: bucket.part("a", 0, 10),
    lambda bucket: bucket.put("a", b"x"),
    lambda bucket: bucket.first_version("a"),
    lambda bucket: list(bucket.keys("a")),
    lambda bucket: list(bucket.versions("a")),
    lambda bucket: bucket.remove_version(Version("a", "1", False, "")),
]


@pytest.mark.parametrize("ask", READS)
def test_what_is_not_certain_is_an_error_that_says_which_object(ask: Callable[[Bucket], Any]) -> None:
    with pytest.raises(BucketError, match="a: status 503") as refused:
        ask(S3(answer(503)).bucket())
    assert (refused.value.status, refused.value.retryable) == (503, True)
    with pytest.raises(BucketError, match="ReadTimeoutError") as silent:
        ask(S3(AWAY).bucket())
    assert silent.value.status == 0


def test_a_part_beyond_the_end_is_empty_and_no_object_is_none() -> None:
    assert S3(answer(206, b"some")).bucket().part("a", 5, 4) == b"some"
    assert S3(answer(416)).bucket().part("a", 500, 4) == b""
    assert S3(answer(404)).bucket().part("a", 0, 4) is None
    s3 = S3(answer(200, b""))
    s3.bucket().part("a", 5, 4)
    assert s3.requests[0].headers["range"] == "bytes=5-8"


def test_what_is_there_already_is_left_when_it_is_to_be_new() -> None:
    s3 = S3(answer(412))
    assert not s3.bucket().put("a", b"x", new=True)
    assert s3.requests[0].headers["if-none-match"] == "*"
    with pytest.raises(BucketError):
        s3.bucket().put("a", b"x")


def test_a_write_that_met_another_is_done_again_and_taken_for_no_answer() -> None:
    assert S3(answer(409), answer(200)).bucket().put("a", b"x", new=True)
    assert not S3(answer(409), answer(412)).bucket().put("a", b"x", new=True)
    with pytest.raises(BucketError, match="a: status 409"):
        S3(answer(409)).bucket().put("a", b"x", new=True)


def test_every_page_of_keys_and_of_versions_is_read() -> None:
    s3 = S3(page(contents("a&amp;1", "a2"), IsTruncated="true", NextContinuationToken="t+1"), page(contents("a3")))
    assert list(s3.bucket().keys("a")) == ["a&1", "a2", "a3"]
    assert "continuation-token=t%2B1" in s3.requests[1].url
    more = {"IsTruncated": "true", "NextKeyMarker": "a1", "NextVersionIdMarker": "v1"}
    s3 = S3(page(stored("Version", "a1", "v1"), **more), page(stored("DeleteMarker", "a1", "v0")))
    assert [(each.version_id, each.marker) for each in s3.bucket().versions("a")] == [("v1", False), ("v0", True)]
    assert "key-marker=a1&prefix=a&version-id-marker=v1&versions=" in s3.requests[1].url


def test_the_first_version_says_whether_a_deletion_hides_it() -> None:
    assert S3(page(stored("DeleteMarker", "a1", "v2"))).bucket().first_version("a") == ("a1", True)
    assert S3(page(stored("Version", "a1", "v2"))).bucket().first_version("a") == ("a1", False)
    assert S3(page("")).bucket().first_version("a") is None


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (b'{"__type": "com.amazonaws.kms#NotFoundException"}', "NotFoundException"),
        (b"<html>", ""),
        (b"[]", ""),
    ],
)
def test_a_refused_call_carries_the_services_own_name_for_it(body: bytes, refusal: str) -> None:
    with pytest.raises(BucketError) as refused:
        S3(answer(400, body)).aws().call("kms", "TrentService.Sign", {})
    assert (refused.value.status, refused.value.refusal) == (400, refusal)


@pytest.fixture
def bytes_in_turn() -> Callable[[int], bytes]:
    numbers: Iterator[int] = count(1)
    return lambda size: next(numbers).to_bytes(size, "big")


def ring(s3: S3, randomness: Callable[[int], bytes]) -> tuple[BucketRing, HandClock]:
    clock = HandClock()
    return BucketRing(s3.bucket, clock, randomness=randomness), clock


def test_a_name_that_is_taken_is_not_used_for_a_new_key(bytes_in_turn: Callable[[int], bytes]) -> None:
    s3 = S3(answer(412), answer(200))
    keys, _ = ring(s3, bytes_in_turn)
    kid = keys.make()
    assert [request.url.rpartition("/")[2] for request in s3.requests] == [(2).to_bytes(8, "big").hex(), kid.hex()]
    assert keys.key(kid) == (1).to_bytes(32, "big")
    assert len(s3.requests) == 2, "what was just made is known"


def test_a_key_is_kept_for_five_minutes_and_one_that_is_gone_opens_nothing_then(
    bytes_in_turn: Callable[[int], bytes],
) -> None:
    s3 = S3(answer(200), answer(404))
    keys, clock = ring(s3, bytes_in_turn)
    kid = keys.make()
    clock.move(CACHED.total_seconds() - 1)
    assert keys.key(kid) is not None
    clock.move(1)
    assert keys.key(kid) is None
    assert keys.key(kid) is None, "that it is gone is not remembered"
    assert s3.methods == ["PUT", "GET", "GET"]


def test_a_key_whose_time_is_over_goes_when_anything_is_asked(bytes_in_turn: Callable[[int], bytes]) -> None:
    keys, clock = ring(S3(answer(200, b"k" * 32)), bytes_in_turn)
    first, second = keys.make(), keys.make()
    clock.move(CACHED.total_seconds() - 1)
    keys.key(b"12345678")
    clock.move(1)
    keys.key(b"12345678")
    assert not {first, second} & set(keys._kept)


def test_a_forgotten_key_is_asked_for_again(bytes_in_turn: Callable[[int], bytes]) -> None:
    s3 = S3(answer(200), answer(200, b"k" * 32))
    keys, _ = ring(s3, bytes_in_turn)
    kid = keys.make()
    keys.forget()
    assert keys.key(kid) == b"k" * 32
    assert keys.key(kid) == b"k" * 32
    assert s3.methods == ["PUT", "GET"]


def test_the_oldest_of_too_many_keys_makes_room(bytes_in_turn: Callable[[int], bytes]) -> None:
    s3 = S3(answer(200, b"k" * 32))
    keys, _ = ring(s3, bytes_in_turn)
    for number in range(513):
        keys.key(number.to_bytes(8, "big"))
    keys.key((512).to_bytes(8, "big"))
    assert len(s3.requests) == 513
    keys.key((0).to_bytes(8, "big"))
    assert len(s3.requests) == 514


def test_a_bucket_that_does_not_answer_says_nothing_about_a_key(bytes_in_turn: Callable[[int], bytes]) -> None:
    keys, _ = ring(S3(AWAY), bytes_in_turn)
    with pytest.raises(KeyringUnavailableError, match="keyring"):
        keys.make()
    with pytest.raises(KeyringUnavailableError, match="keyring"):
        keys.key(b"12345678")


def test_a_key_is_removed_with_every_version_and_read_back(bytes_in_turn: Callable[[int], bytes]) -> None:
    kid = b"12345678"
    name = f"keys/{kid.hex()}"
    versions = page(stored("Version", name, "v1") + stored("DeleteMarker", name, "v2"))
    s3 = S3(versions, answer(204), answer(404))
    assert Shredder(s3.bucket()).remove(kid) == 2
    assert s3.methods == ["GET", "DELETE", "GET", "DELETE", "GET"]
    for still in (200, 405, 403):  # there, a marker that is there, not to be told
        with pytest.raises(BucketError, match=f"a deleted version answers {still}"):
            Shredder(S3(versions, answer(204), answer(still)).bucket()).remove(kid)
    assert Shredder(S3(answer(404), page("")).bucket()).is_gone(kid)
    assert not Shredder(S3(answer(404), versions).bucket()).is_gone(kid)


def test_old_keys_are_found_page_by_page_and_young_ones_and_markers_are_not() -> None:
    names = [f"keys/{number:016x}" for number in range(3)]
    young = stored("Version", f"keys/{9:016x}", "v", "2026-09-07T12:00:00+00:00")
    body = "".join(stored("Version", name, "v") for name in names) + stored("DeleteMarker", names[0], "m") + young
    pages = list(Shredder(S3(page(body)).bucket()).older_than(HandClock().now(), 2))
    assert [[int.from_bytes(kid, "big") for kid in each] for each in pages] == [[0, 1], [2]]


BEGUN = answer(200, b"<R><UploadId>u&1</UploadId></R>")
TAKEN = answer(200, etag='"e"')


def upload(s3: S3, pieces: Sequence[bytes]) -> None:
    with Upload(s3.bucket(), "big") as writing:
        for piece in pieces:
            writing.write(piece)


def test_what_fits_one_part_is_put_at_once_and_nothing_is_nothing() -> None:
    s3 = S3(answer(200))
    upload(s3, [b"a", b"b"])
    assert [(request.method, request.body) for request in s3.requests] == [("PUT", b"ab")]
    upload(s3, [])
    assert len(s3.requests) == 1


def test_more_is_sent_in_parts_and_put_together() -> None:
    s3 = S3(BEGUN, TAKEN, TAKEN, answer(200, b"<CompleteMultipartUploadResult/>"))
    upload(s3, [b"x" * PART_BYTES, b"rest"])
    assert [len(request.body) for request in s3.requests[1:3]] == [PART_BYTES, 4]
    assert s3.methods == ["POST", "PUT", "PUT", "POST"]
    assert s3.requests[3].body.count(b"<PartNumber>") == 2


def test_a_part_that_failed_is_sent_again() -> None:
    s3 = S3(BEGUN, AWAY, answer(500), TAKEN, answer(200))
    upload(s3, [b"x" * PART_BYTES])
    assert s3.methods == ["POST", "PUT", "PUT", "PUT", "POST"]


@pytest.mark.parametrize(
    ("answers", "says", "methods"),
    [
        ((answer(200, b"<R/>"),), "no upload was begun", ["POST"]),
        ((BEGUN, answer(403), answer(204)), "PUT status 403", ["POST", "PUT", "DELETE"]),
        ((BEGUN, *[answer(503)] * ATTEMPTS, answer(204)), "PUT status 503", ["POST", *["PUT"] * ATTEMPTS, "DELETE"]),
        ((BEGUN, *[AWAY] * ATTEMPTS, answer(204)), "ReadTimeoutError", ["POST", *["PUT"] * ATTEMPTS, "DELETE"]),
        ((BEGUN, TAKEN, answer(200, b"<Error>"), answer(204)), "not put together", ["POST", "PUT", "POST", "DELETE"]),
        ((BEGUN, answer(403)), "PUT status 403", ["POST", "PUT", "DELETE"]),
    ],
)
def test_an_upload_that_fails_leaves_nothing_behind(
    answers: Sequence[Answer], says: str, methods: Sequence[str]
) -> None:
    s3 = S3(*answers)
    with pytest.raises(BucketError, match=says):
        upload(s3, [b"x" * PART_BYTES])
    assert s3.methods == methods


def test_an_error_of_the_writer_takes_the_parts_back() -> None:
    s3 = S3(BEGUN, TAKEN, answer(204))
    with pytest.raises(ValueError, match="of the writer"), Upload(s3.bucket(), "big") as writing:
        writing.write(b"x" * PART_BYTES)
        raise ValueError("of the writer")
    assert s3.methods == ["POST", "PUT", "DELETE"]
    with pytest.raises(ValueError, match="at once"), Upload(s3.bucket(), "big") as writing:
        raise ValueError("at once")
    assert len(s3.requests) == 3
