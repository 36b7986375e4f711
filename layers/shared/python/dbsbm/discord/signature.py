"""Is this request Discord's? Ed25519 over ``timestamp || raw body``, checked before anything is parsed.

The signed message has no separator, so a captured pair also verifies with bytes moved across the boundary: only ten
digits are a timestamp and only ``{`` begins a body. On the front door's path: imports nothing of ours.

Sources: Discord, "Interactions: Receiving and Responding", section "Validating Security Request Headers"; RFC 8032.
"""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from nacl.bindings import crypto_core_ed25519_is_valid_point, crypto_sign_open
from nacl.exceptions import BadSignatureError

MAX_BODY_BYTES = 1_048_576
FRESH_PAST_S = 300
FRESH_FUTURE_S = 30
SIGNATURE_HEADER = "x-signature-ed25519"
TIMESTAMP_HEADER = "x-signature-timestamp"

SMALL_ORDER_KEYS = frozenset(
    bytes.fromhex(key)
    for key in (
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    )
)
"""The fourteen encodings of the eight points of small order: some verifiers take any message under them."""


class PublicKeyError(ValueError):
    """``DISCORD_PUBLIC_KEY`` or ``DISCORD_FRESHNESS_S`` cannot be used; the text says why."""


class RefusedError(Exception):
    """The request is answered with ``status`` (401 or 413) and nothing else; ``reason`` is for the log."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Gate(NamedTuple):
    """What a request is checked against. ``fresh_past_s`` 0 switches the freshness window off (seconds)."""

    keys: tuple[bytes, ...]
    fresh_past_s: int = FRESH_PAST_S
    fresh_future_s: int = FRESH_FUTURE_S

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Gate:
        """Read ``DISCORD_PUBLIC_KEY`` (one key, or two during a change) and ``DISCORD_FRESHNESS_S``.

        Raises
        ------
        PublicKeyError
            When either is missing or unusable.
        """
        window = environ.get("DISCORD_FRESHNESS_S") or str(FRESH_PAST_S)
        if not (window.isascii() and window.isdigit()):
            raise PublicKeyError("DISCORD_FRESHNESS_S: a whole number of seconds is needed, 0 for no check")
        return cls(parse_keys(environ.get("DISCORD_PUBLIC_KEY", "")), int(window))

    def body_of(self, event: object, now: float) -> bytes:
        """The body of an HTTP API, REST API, function URL or load balancer event, once it is known to be Discord's.

        ``now`` is in seconds since 1970.

        Raises
        ------
        RefusedError
            413 above 1 MB, 401 for everything else that is not a fresh, signed request.
        """
        if not isinstance(event, dict):
            raise RefusedError(401, "not an HTTP event")
        body = raw_body(event)
        signature = only_value(event, SIGNATURE_HEADER)
        timestamp = only_value(event, TIMESTAMP_HEADER)
        if len(timestamp) != 10 or not (timestamp.isascii() and timestamp.isdigit()):
            raise RefusedError(401, "timestamp is not ten digits")
        if body[:1] != b"{":
            raise RefusedError(401, "body is not an object")
        if not any(verify(key, signature, timestamp, body) for key in self.keys):
            raise RefusedError(401, "signature does not verify")
        if self.fresh_past_s and not -self.fresh_future_s <= now - int(timestamp) <= self.fresh_past_s:
            raise RefusedError(401, "timestamp outside the freshness window")
        return body


def parse_keys(text: str) -> tuple[bytes, ...]:
    """The public keys of a comma-separated setting: 64 hexadecimal digits each, one or two.

    Raises
    ------
    PublicKeyError
        When there is none or more than two, or one is malformed, of small order or not on the curve.
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not 1 <= len(parts) <= 2:
        raise PublicKeyError("DISCORD_PUBLIC_KEY: one key is needed, or two separated by a comma during a change")
    return tuple(_key(part) for part in parts)


def verify(key: bytes, signature: str, timestamp: str, body: bytes) -> bool:
    """Whether a hexadecimal signature of 128 digits is the key's, over the timestamp followed by the body."""
    if len(signature) != 128:
        return False
    try:
        # fromhex skips blanks and then comes out short, which libsodium would read into the message.
        signed = bytes.fromhex(signature)
        if len(signed) != 64:
            return False
        crypto_sign_open(signed + timestamp.encode("ascii") + body, key)
    except (ValueError, BadSignatureError):
        return False
    return True


def raw_body(event: Mapping[str, Any]) -> bytes:
    """The bytes that were sent, whichever way the event carries them.

    Raises
    ------
    RefusedError
        413 above 1 MB, 401 when they cannot be told.
    """
    body = event.get("body")
    if not isinstance(body, str):
        raise RefusedError(401, "no body")
    if not event.get("isBase64Encoded"):
        if len(body) > MAX_BODY_BYTES:
            raise RefusedError(413, "body above 1 MB")
        try:
            raw = body.encode()
        except UnicodeEncodeError:
            raise RefusedError(401, "body is not UTF-8") from None
    else:
        if len(body) > MAX_BODY_BYTES // 3 * 4 + 4:
            raise RefusedError(413, "body above 1 MB")
        try:
            raw = a2b_base64(body, strict_mode=True)
        except ValueError:
            raise RefusedError(401, "body is not base64") from None
        # Strict mode still lets surplus padding and stray bits pass: one body has one spelling.
        if b2a_base64(raw, newline=False) != body.encode():
            raise RefusedError(401, "body is not base64")
    if len(raw) > MAX_BODY_BYTES:
        raise RefusedError(413, "body above 1 MB")
    return raw


def _key(text: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != 32 or len(text) != 64:
        raise PublicKeyError(f"DISCORD_PUBLIC_KEY: 64 hexadecimal digits are needed, not {len(text)} characters")
    if key in SMALL_ORDER_KEYS:
        raise PublicKeyError("DISCORD_PUBLIC_KEY: a key of small order, under which anybody can sign")
    if not crypto_core_ed25519_is_valid_point(key):
        raise PublicKeyError("DISCORD_PUBLIC_KEY: not a point of the curve; is a digit wrong?")
    return key


def only_value(event: Mapping[str, Any], name: str) -> str:
    values = list(_values(event, name))
    if len(values) != 1 or not isinstance(values[0], str) or "," in values[0]:
        raise RefusedError(401, f"{name} is not there exactly once")
    return values[0]


def _values(event: Mapping[str, Any], name: str) -> Iterator[object]:
    # REST API and load balancer events carry both; the single form keeps only the last of several.
    many = event.get("multiValueHeaders")
    if isinstance(many, dict) and many:
        for key, values in many.items():
            if isinstance(key, str) and key.lower() == name:
                yield from values if isinstance(values, list) else (values,)
        return
    single = event.get("headers")
    if isinstance(single, dict):
        for key, value in single.items():
            if isinstance(key, str) and key.lower() == name:
                yield value
