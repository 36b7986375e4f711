"""Secrets that we make ourselves: rings of keys, newest first, in which the older ones go on opening.

A secret's value is one or more keys of 32 bytes in base64, separated by commas. The first seals, signs or is shown;
all are accepted. So a reader that still holds the value before, and one that already has the new one, understand each
other, and nothing that was written is lost.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass

from dbsbm.core.secrets import ring
from dbsbm.rotation.errors import UnhealthyError
from dbsbm.security.tokens import TokenBox

KEY_BYTES = 32
_PLACE = "rotation|test"


@dataclass(frozen=True, slots=True)
class Ring:
    """``keeps`` is how many keys stay, 0 for all: what was sealed with a key that is gone does not open any more.

    ``random`` gives so many bytes, fit for keys.
    """

    random: Callable[[int], bytes]
    keeps: int = 0

    def following(self, current: str | None) -> str:
        """A new key before those that were there. What is no key (a fresh secret's filling) is dropped."""
        kept = [key for key in ring(current or "") if _is_key(key)]
        keys = [base64.b64encode(self.random(KEY_BYTES)).decode(), *kept]
        return ",".join(keys[: self.keeps] if self.keeps else keys)

    def establish(self, pending: str, current: str | None) -> None:
        """Nothing to do: whatever it opens reads the ring itself."""

    def test(self, pending: str, current: str | None) -> None:
        """What the current ring seals opens with the next one, and the next one's own seal does too."""
        keys = ring(pending)
        if not keys or not all(_is_key(key) for key in keys) or len(set(keys)) != len(keys):
            raise UnhealthyError("the pending value is not a ring of keys")
        before = next((key for key in ring(current or "") if _is_key(key)), None)
        if before is not None and (before not in keys[1:]):
            raise UnhealthyError("the pending ring does not hold the key in use")
        box = TokenBox(lambda: pending)
        for sealer in (TokenBox(lambda: keys[0]), *([TokenBox(lambda: before)] if before else ())):
            if box.open(sealer.seal(_PLACE, _PLACE), _PLACE) != _PLACE:
                raise UnhealthyError("the pending ring does not open what it should")


def _is_key(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == KEY_BYTES
    except (binascii.Error, ValueError):
        return False
