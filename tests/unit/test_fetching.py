"""The body of a provider's answer: packed or not, whole, and never larger than we take."""

from __future__ import annotations

import gzip

import pytest

from dbsbm.core.http import HttpResponse
from dbsbm.providers.errors import ProviderDocumentError
from dbsbm.providers.fetching import MAX_BYTES, plain

BODY = b'{"games": []}'


def test_a_body_is_unpacked_when_it_is_packed() -> None:
    assert plain("/games", HttpResponse(200, {}, BODY)) == BODY
    assert plain("/games", HttpResponse(200, {}, gzip.compress(BODY))) == BODY


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"\x1f\x8bnothing of the kind", "/games: broken gzip"),
        (gzip.compress(BODY)[:-4], "/games: gzip cut off"),
        (b"x" * (MAX_BYTES + 1), "/games: larger than"),
        (gzip.compress(b"x" * (MAX_BYTES + 1)), "/games: larger than"),
    ],
)
def test_a_body_that_is_broken_cut_off_or_too_large_is_refused(body: bytes, says: str) -> None:
    with pytest.raises(ProviderDocumentError, match=says):
        plain("/games", HttpResponse(200, {}, body))
