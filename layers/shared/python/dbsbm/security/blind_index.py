"""Names that say nothing without the key: what stands for a person where the number itself must not stand."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable

from dbsbm.core.errors import SettingsError
from dbsbm.core.secrets import ring

_KEY_BYTES = 32
_PLACE = b"dbsbm keyed|"


class BlindIndex:
    """HMAC-SHA256 under a ring of keys. The first names, all are looked under, so that a key can be changed."""

    def __init__(self, keys: Callable[[], str]) -> None:
        """``keys`` gives one or more keys of 32 bytes in base64, comma-separated, newest first; read when needed."""
        self._keys = keys

    def keyed(self, text: str) -> tuple[str, ...]:
        """The names of a text under every key, newest first.

        Raises
        ------
        SettingsError
            When no key of 32 bytes is configured.
        """
        keys = [_key(part) for part in ring(self._keys())]
        if not keys:
            raise SettingsError("INDEX_KEY: 32 bytes in base64")
        return tuple(hmac.digest(key, _PLACE + text.encode(), "sha256").hex() for key in keys)


def _key(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise SettingsError("INDEX_KEY: 32 bytes in base64") from error
    if len(key) != _KEY_BYTES:
        raise SettingsError(f"INDEX_KEY: 32 bytes in base64, not {len(key)}")
    return key
