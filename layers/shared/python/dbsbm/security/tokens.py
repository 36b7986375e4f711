"""Encryption of interaction and webhook tokens at rest: AES-256-GCM (NIST SP 800-38D) through ``cryptography``."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from dbsbm.core.errors import DbsbmError, SettingsError
from dbsbm.core.secrets import ring

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION = b"\x01"
_KEY_ID_BYTES = 4
_NONCE_BYTES = 12
_HEADER_BYTES = len(_VERSION) + _KEY_ID_BYTES


class TokenTamperedError(DbsbmError):
    """A stored token was not written by us, stands in the wrong place, or its key is gone."""

    code = "token_tampered"


class TokenBox:
    """Seals short secrets. The first key seals; all keys open, so that a key can be changed without a gap.

    Sealed form: version (1 byte), key id (4), nonce (12), ciphertext and tag. ``context`` names the place the value
    belongs to (for example ``"channel_webhooks|<webhook id>"``) and is authenticated: moved elsewhere, it does not
    open. Random nonces are safe for 2**32 values per key (SP 800-38D, 8.3).
    """

    def __init__(
        self,
        keys: Callable[[], str],
        *,
        anew: Callable[[], str] | None = None,
        nonce: Callable[[int], bytes] = os.urandom,
    ) -> None:
        """``keys`` gives one or more keys of 32 bytes in base64, comma-separated, newest first; read when needed.

        ``anew`` reads them again, when something was sealed with a key we do not hold: rotated since, perhaps.
        """
        self._keys = keys
        self._anew = anew
        self._nonce = nonce
        self._ciphers: dict[bytes, AESGCM] = {}

    def seal(self, plain: str, context: str) -> bytes:
        """Encrypt.

        Raises
        ------
        SettingsError
            When no key of 32 bytes is configured.
        """
        key_id, cipher = next(iter(self._opened().items()))
        header = _VERSION + key_id
        nonce = self._nonce(_NONCE_BYTES)
        return header + nonce + cipher.encrypt(nonce, plain.encode(), header + context.encode())

    def open(self, sealed: bytes, context: str) -> str:
        """Decrypt what :meth:`seal` made for the same context.

        Raises
        ------
        TokenTamperedError
            When it was changed, moved, or sealed with a key we do not hold.
        """
        header, rest = sealed[:_HEADER_BYTES], sealed[_HEADER_BYTES:]
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 — see _cipher

        cipher = self._cipher_of(header[len(_VERSION) :]) if header[:1] == _VERSION else None
        if header[:1] != _VERSION or cipher is None:
            raise TokenTamperedError("sealed with an unknown version or key")
        try:
            plain = cipher.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], header + context.encode())
        except (InvalidTag, ValueError) as error:
            raise TokenTamperedError("a stored token does not open") from error
        return plain.decode()

    def renewed(self, sealed: bytes, context: str) -> bytes | None:
        """The same under the newest key; None when it is under that one already.

        Raises
        ------
        SettingsError, TokenTamperedError
            As :meth:`seal` and :meth:`open`.
        """
        newest = next(iter(self._opened()))
        if sealed[len(_VERSION) : _HEADER_BYTES] == newest:
            return None
        return self.seal(self.open(sealed, context), context)

    def seal_text(self, plain: str, context: str) -> str:
        """As :meth:`seal`, in base64, for JSON."""
        return base64.b64encode(self.seal(plain, context)).decode()

    def open_text(self, sealed: str, context: str) -> str:
        """As :meth:`open`, from base64."""
        try:
            raw = base64.b64decode(sealed, validate=True)
        except (binascii.Error, ValueError) as error:
            raise TokenTamperedError("a stored token is not base64") from error
        return self.open(raw, context)

    def _cipher_of(self, key_id: bytes) -> AESGCM | None:
        if key_id not in self._opened() and self._anew is not None:
            self._ciphers = dict(_cipher(text) for text in _split(self._anew()))
        return self._opened().get(key_id)

    def _opened(self) -> dict[bytes, AESGCM]:
        if not self._ciphers:
            self._ciphers = dict(_cipher(text) for text in _split(self._keys()))
        return self._ciphers


def _split(keys: str) -> Sequence[str]:
    found = ring(keys)
    if not found:
        raise SettingsError("TOKEN_KEY: 32 bytes in base64")
    return found


def _cipher(text: str) -> tuple[bytes, AESGCM]:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 — most commands never need it

    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise SettingsError("TOKEN_KEY: 32 bytes in base64") from error
    if len(key) != 32:
        raise SettingsError(f"TOKEN_KEY: 32 bytes in base64, not {len(key)}")
    return hashlib.sha256(b"dbsbm token key" + key).digest()[:_KEY_ID_BYTES], AESGCM(key)
