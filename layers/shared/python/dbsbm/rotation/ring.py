"""Secrets that we make ourselves: rings of keys, newest first, in which the older ones go on opening.

A secret's value is one or more keys of 32 bytes in base64, separated by commas. The first seals, signs or is shown;
all are accepted. So a reader that still holds the value before, and one that already has the new one, understand each
other, and nothing that was written is lost. Where keys go after a time, the day each was made stands behind it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from dbsbm.core.secrets import made_on, ring
from dbsbm.rotation.errors import UnhealthyError
from dbsbm.security.tokens import TokenBox

KEY_BYTES = 32
_PLACE = "rotation|test"


@dataclass(frozen=True, slots=True)
class Kept:
    """How long keys stay: ``count`` of them, or each until ``days`` after another followed it; all when both are 0.

    What was sealed with a key that is gone does not open any more.
    """

    count: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True)
class Ring:
    """``random`` gives so many bytes, fit for keys."""

    random: Callable[[int], bytes]
    today: date
    kept: Kept = Kept()

    def following(self, current: str | None) -> str:
        """A new key before those that were there. What is no key (a fresh secret's filling) is dropped."""
        parts = [part.strip() for part in (current or "").split(",")]
        before = [part for part in parts if _is_key(part.partition("@")[0])]
        made = base64.b64encode(self.random(KEY_BYTES)).decode()
        entries = [f"{made}@{self.today}" if self.kept.days else made, *before]
        if self.kept.count:
            entries = entries[: self.kept.count]
        if self.kept.days:
            entries = entries[: self._over(entries)]
        return ",".join(entries)

    def _over(self, entries: Sequence[str]) -> int:
        """The place of the first key that was followed so long ago. One without a day was never followed long enough
        until another, newer one was."""
        last = self.today - timedelta(days=self.kept.days)
        days = [made_on(entry) for entry in entries]
        over = (place for place, day in enumerate(days, start=1) if day is not None and day <= last)
        return next(over, len(entries))

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
