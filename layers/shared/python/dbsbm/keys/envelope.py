"""AES-256-GCM (NIST SP 800-38D) through ``cryptography``, bound to the place where the ciphertext stands.

Sealed form: version (1 byte), key id (8), nonce (12), ciphertext and tag (16). Random nonces are safe for 2**32 values
per key (SP 800-38D, 8.3); a person's key seals some thousands.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from dbsbm.core.errors import DbsbmError

KEY_BYTES = 32
KID_BYTES = 8
_VERSION = b"\x01"
_NONCE_BYTES = 12
_TAG_BYTES = 16
_HEADER_BYTES = len(_VERSION) + KID_BYTES
SHORTEST = _HEADER_BYTES + _NONCE_BYTES + _TAG_BYTES


class SealBrokenError(DbsbmError):
    """A ciphertext was changed, cut short or moved, or its key is another's."""

    code = "seal_broken"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ciphertext belongs: it opens nowhere else. ``owner_id`` is the person whose key seals it."""

    table: str
    column: str
    row: str
    owner_id: int

    def bound(self, kid: bytes) -> bytes:
        """The additional authenticated data."""
        return f"{self.table}|{self.column}|{self.row}|{self.owner_id}|{kid.hex()}".encode()


def seal(key: bytes, kid: bytes, plain: bytes, place: Place, *, nonce: Callable[[int], bytes] = os.urandom) -> bytes:
    """Encrypt. Raises ValueError when the key is not of 32 bytes or its id not of 8."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 — most commands never need it

    if len(key) != KEY_BYTES or len(kid) != KID_BYTES:
        raise ValueError("a data key has 32 bytes, its id 8")
    drawn = nonce(_NONCE_BYTES)
    return _VERSION + kid + drawn + AESGCM(key).encrypt(drawn, plain, _VERSION + place.bound(kid))


def opened(key: bytes, sealed: bytes, place: Place) -> bytes:
    """Decrypt what :func:`seal` made for the same place with the same key. Raises SealBrokenError."""
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 — as above
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    kid = kid_of(sealed)
    nonce, rest = sealed[_HEADER_BYTES : _HEADER_BYTES + _NONCE_BYTES], sealed[_HEADER_BYTES + _NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, rest, _VERSION + place.bound(kid))
    except (InvalidTag, ValueError) as error:
        raise SealBrokenError("a ciphertext does not open") from error


def kid_of(sealed: bytes) -> bytes:
    """Under which key something is sealed. Raises SealBrokenError when it is none of ours."""
    if len(sealed) < SHORTEST or sealed[:1] != _VERSION:
        raise SealBrokenError("no ciphertext of ours")
    return sealed[len(_VERSION) : _HEADER_BYTES]
