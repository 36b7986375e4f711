"""Ed25519 as Discord uses it: published vectors, a second verifier, and every way a request is refused."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from discord_interactions import verify_key
from hypothesis import given
from hypothesis import strategies as st

from dbsbm.discord.signature import (
    MAX_BODY_BYTES,
    SMALL_ORDER_KEYS,
    Gate,
    PublicKeyError,
    RefusedError,
    parse_keys,
    verify,
)
from tests.signed import KEY, NOW, OTHER_KEY, OTHER_SECRET, SIGNATURE, TIMESTAMP, event, signature

GATE = Gate((KEY,))
P = 2**255 - 19

RFC_8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe2"
        "4655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302ae"
        "eb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28"
        "dc027beceea1ec40a",
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80"
        "e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17"
        "ad9bef1177331a704",
    ),
]


@pytest.mark.parametrize(("key", "message", "signed"), RFC_8032)
def test_published_vectors_verify_and_their_neighbours_do_not(key: str, message: str, signed: str) -> None:
    assert verify(bytes.fromhex(key), signed, "", bytes.fromhex(message))
    assert not verify(bytes.fromhex(key), signed, "", bytes.fromhex(message) + b"\0")
    assert not verify(bytes.fromhex(key), signed, "1", bytes.fromhex(message))


@given(
    body=st.binary(max_size=300).map(lambda tail: b"{" + tail),
    timestamp=st.integers(10**9, 10**10 - 1).map(str),
    flip=st.none() | st.integers(0, 511),
    own_key=st.booleans(),
)
def test_agrees_with_discords_own_package(body: bytes, timestamp: str, flip: int | None, own_key: bool) -> None:
    signed = bytearray.fromhex(signature(timestamp.encode(), body))
    if flip is not None:
        signed[flip // 8] ^= 1 << flip % 8
    key = KEY if own_key else OTHER_KEY
    ours = verify(key, signed.hex(), timestamp, body)
    assert ours == verify_key(body, signed.hex(), timestamp, key.hex())
    assert ours == (own_key and flip is None)


def test_a_signed_body_comes_back_as_it_was_sent() -> None:
    body = '{"type":1,"é":"✓"}'.encode()
    assert GATE.body_of(event(body), NOW) == body


@pytest.mark.parametrize("name", [SIGNATURE, "X-Signature-Ed25519", "X-SIGNATURE-ED25519"])
def test_header_case_does_not_matter(name: str) -> None:
    request = event(b"{}")
    request["headers"] = {name: request["headers"][SIGNATURE], TIMESTAMP.title(): request["headers"][TIMESTAMP]}
    assert GATE.body_of(request, NOW) == b"{}"


def test_base64_bodies_and_version_one_events_are_read() -> None:
    request = event(b"{}")
    encoded = {**request, "body": base64.b64encode(b"{}").decode(), "isBase64Encoded": True}
    assert GATE.body_of(encoded, NOW) == b"{}"
    many = {name: [value] for name, value in request["headers"].items()}
    assert GATE.body_of({**request, "multiValueHeaders": many}, NOW) == b"{}"
    assert GATE.body_of({"multiValueHeaders": many, "body": "{}"}, NOW) == b"{}"


def _without(name: str) -> dict[str, Any]:
    request = event(b"{}")
    del request["headers"][name]
    return request


def _with(**headers: Any) -> dict[str, Any]:
    request = event(b"{}")
    request["headers"].update({name.replace("_", "-"): value for name, value in headers.items()})
    return request


VALID = event(b"{}")["headers"][SIGNATURE]
REFUSED = {
    "no signature": _without(SIGNATURE),
    "no timestamp": _without(TIMESTAMP),
    "two signatures by case": _with(X_Signature_Ed25519=VALID),
    "two signatures joined": _with(x_signature_ed25519=f"{VALID},{VALID}"),
    "two signatures in version one": {
        "headers": event(b"{}")["headers"],
        "multiValueHeaders": {SIGNATURE: [VALID, VALID], TIMESTAMP: [str(int(NOW))]},
        "body": "{}",
    },
    "not hexadecimal": _with(x_signature_ed25519="z" * 128),
    "blanks between digits": _with(x_signature_ed25519=VALID[:126] + "  "),
    "a null signature": _with(x_signature_ed25519=None),
    "a list as signature": _with(x_signature_ed25519=[VALID]),
    "a plus sign": _with(x_signature_timestamp="+179000000"),
    "a line end": _with(x_signature_timestamp=f"{int(NOW)}\n"),
    "other digits": _with(x_signature_timestamp="١٢٣٤٥٦٧٨٩٠"),
    "another key": event(b"{}", secret=OTHER_SECRET),
    "an array": event(b"[]"),
    "a blank first": event(b" {}"),
    "an empty body": event(b""),
    "no body": {**event(b"{}"), "body": None},
    "not base64": {**event(b"{}"), "body": "{}", "isBase64Encoded": True},
    "a lone surrogate": {**event(b"{}"), "body": "{\ud800}"},
    "no headers": {"body": "{}"},
    "not an event": ["what"],
}


@pytest.mark.parametrize("request_", REFUSED.values(), ids=REFUSED)
def test_everything_else_is_401(request_: Any) -> None:
    with pytest.raises(RefusedError) as refusal:
        GATE.body_of(request_, NOW)
    assert refusal.value.status == 401


@pytest.mark.parametrize("encoded", [False, True])
def test_one_megabyte_passes_and_one_byte_more_is_413(encoded: bool) -> None:
    def sent(size: int) -> dict[str, Any]:
        body = b"{" + b" " * (size - 2) + b"}"
        request = event(body)
        return {**request, "body": base64.b64encode(body).decode(), "isBase64Encoded": True} if encoded else request

    assert len(GATE.body_of(sent(MAX_BODY_BYTES), NOW)) == MAX_BODY_BYTES
    with pytest.raises(RefusedError) as refusal:
        GATE.body_of(sent(MAX_BODY_BYTES + 1), NOW)
    assert refusal.value.status == 413


@pytest.mark.parametrize(
    ("age_s", "window_s", "fresh"),
    [(0, 300, True), (300, 300, True), (301, 300, False), (-30, 300, True), (-31, 300, False), (10**8, 0, True)],
)
def test_freshness_window(age_s: int, window_s: int, fresh: bool) -> None:
    gate = Gate((KEY,), window_s)
    request = event(b"{}", at=NOW - age_s)
    if fresh:
        assert gate.body_of(request, NOW) == b"{}"
        return
    with pytest.raises(RefusedError):
        gate.body_of(request, NOW)


def test_exactly_one_split_between_timestamp_and_body_is_taken() -> None:
    request = event(json.dumps({"type": 1, "id": "12"}).encode())
    signed, body = request["headers"][TIMESTAMP] + request["body"], request["body"]
    taken = []
    for at in range(len(signed) + 1):
        request["headers"][TIMESTAMP], request["body"] = signed[:at], signed[at:]
        try:
            taken.append(Gate((KEY,), 0).body_of(request, NOW))
        except RefusedError as refusal:
            assert refusal.status == 401
    assert taken == [body.encode()]


def test_two_keys_hold_during_a_change() -> None:
    gate = Gate.from_environ({"DISCORD_PUBLIC_KEY": f"{KEY.hex()}, {OTHER_KEY.hex()}"})
    assert gate.body_of(event(b"{}"), NOW) == b"{}"
    assert gate.body_of(event(b"{}", secret=OTHER_SECRET), NOW) == b"{}"


def test_the_fourteen_encodings_of_small_order_are_exactly_these() -> None:
    d = -121665 * pow(121666, -1, P) % P
    # Points of order 8 satisfy x² = ±√-1·… ; their y solves d·y⁴ + 2y² − 1 = 0 (from 2P having y = 0: y² = −x²).
    root = pow(1 + d, (P + 3) // 8, P)
    root = root if root * root % P == (1 + d) % P else root * pow(2, (P - 1) // 4, P) % P
    halves = [(-1 + sign * root) * pow(d, -1, P) % P for sign in (1, -1)]
    square = next(half for half in halves if pow(half, (P - 1) // 2, P) == 1)
    eighth = pow(square, (P + 3) // 8, P)
    eighth = eighth if eighth * eighth % P == square else eighth * pow(2, (P - 1) // 4, P) % P
    canonical = {0, 1, P - 1, eighth, P - eighth}
    written = canonical | {y + P for y in canonical if y + P < 2**255}
    encodings = {(y | sign << 255).to_bytes(32, "little") for y in written for sign in (0, 1)}
    assert encodings == SMALL_ORDER_KEYS
    assert len(SMALL_ORDER_KEYS) == 14


@pytest.mark.parametrize("key", sorted(SMALL_ORDER_KEYS), ids=bytes.hex)
def test_keys_of_small_order_are_refused_at_start(key: bytes) -> None:
    with pytest.raises(PublicKeyError, match="small order"):
        parse_keys(key.hex())


@pytest.mark.parametrize("text", ["", " , ", "abc", "zz" * 32, "02" + "00" * 31, ",".join([KEY.hex()] * 3)])
def test_unusable_keys_are_refused_at_start_by_name(text: str) -> None:
    with pytest.raises(PublicKeyError, match="DISCORD_PUBLIC_KEY"):
        parse_keys(text)


@pytest.mark.parametrize("window", ["-1", "1.5", "five", "²"])
def test_an_unusable_window_is_refused_at_start(window: str) -> None:
    with pytest.raises(PublicKeyError, match="DISCORD_FRESHNESS_S"):
        Gate.from_environ({"DISCORD_PUBLIC_KEY": KEY.hex(), "DISCORD_FRESHNESS_S": window})
