"""Names that say nothing without the key: what stands for a person where the number itself must not stand."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable
from datetime import timedelta

from dbsbm.core.clock import Clock
from dbsbm.core.errors import SettingsError
from dbsbm.core.secrets import entries, made_on

_KEY_BYTES = 32
_PLACE = b"dbsbm keyed|"
_KNOWN_AFTER = timedelta(days=2)
"""Days stand behind keys, so a day at least: nobody still holds a ring from before (minutes, ``secrets.KEPT``)."""


class BlindIndex:
    """HMAC-SHA256 under a ring of keys: one gives names, and all are looked under, so that a key can be changed.

    A key gives names once every environment has it in its ring: whoever is named by one function is found by another.
    """

    def __init__(self, keys: Callable[[], str], clock: Clock) -> None:
        """``keys`` gives one or more keys of 32 bytes in base64, comma-separated, newest first; read when needed."""
        self._keys = keys
        self._clock = clock

    def named(self, text: str) -> str:
        """The name to give a text: under the newest key that all know, the oldest where none is as old as that.

        Raises
        ------
        SettingsError
            When no key of 32 bytes is configured.
        """
        known_since, ring = self._clock.now().date() - _KNOWN_AFTER, self._ring()
        known = (entry for entry in ring if (day := made_on(entry)) is None or day <= known_since)
        return _digest(next(known, ring[-1]), text)

    def keyed(self, text: str) -> tuple[str, ...]:
        """The names of a text under every key, newest first. Raises SettingsError as above."""
        return tuple(_digest(entry, text) for entry in self._ring())

    def _ring(self) -> tuple[str, ...]:
        ring = entries(self._keys())
        if not ring:
            raise SettingsError("INDEX_KEY: 32 bytes in base64")
        return ring


def _digest(entry: str, text: str) -> str:
    return hmac.digest(_key(entry.partition("@")[0]), _PLACE + text.encode(), "sha256").hex()


def _key(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise SettingsError("INDEX_KEY: 32 bytes in base64") from error
    if len(key) != _KEY_BYTES:
        raise SettingsError(f"INDEX_KEY: 32 bytes in base64, not {len(key)}")
    return key
