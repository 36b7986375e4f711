"""Ids: 63-bit integers that rise with time, written as 13 characters of Crockford base 32."""

from __future__ import annotations

from datetime import datetime
from random import Random, SystemRandom

from dbsbm.core.clock import Clock, to_ms

EPOCH_MS = 1_420_070_400_000  # 2015-01-01, Discord's own epoch, so that our ids and theirs sort alike
_RANDOM_BITS = 22
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUE = {character: index for index, character in enumerate(_ALPHABET)}


class Ids:
    """Makes ids of ``(milliseconds since 2015) << 22 | 22 random bits``: unique per millisecond to 1 in 4 million.

    Those of one object rise, also within a millisecond: what one click writes sorts as it was written.
    """

    def __init__(self, clock: Clock, random: Random | None = None) -> None:
        self._clock = clock
        self._random = random or SystemRandom()
        self._last = 0

    def new(self) -> int:
        now = (to_ms(self._clock.now()) - EPOCH_MS) << _RANDOM_BITS
        drawn = now | self._random.getrandbits(_RANDOM_BITS)
        # A clock that was set back is followed; a full millisecond runs over into the next one.
        together = 0 <= (self._last >> _RANDOM_BITS) - (now >> _RANDOM_BITS) <= 1
        self._last = max(drawn, self._last + 1) if together else drawn
        return self._last


def first_at(moment: datetime) -> int:
    """What every id made at ``moment`` or later is not below."""
    return max(0, to_ms(moment) - EPOCH_MS) << _RANDOM_BITS


def encode(number: int) -> str:
    """An id as text for custom ids, messages and file names.

    Raises
    ------
    ValueError
        When the number does not fit 63 bits.
    """
    if not 0 <= number < 1 << 63:
        raise ValueError(f"not a 63-bit id: {number}")
    characters = []
    for _ in range(13):
        characters.append(_ALPHABET[number & 31])
        number >>= 5
    return "".join(reversed(characters))


def decode(text: str) -> int:
    """The number of an encoded id.

    Raises
    ------
    ValueError
        When the text is not 13 characters of the alphabet or exceeds 63 bits.
    """
    if len(text) != 13 or any(character not in _VALUE for character in text):
        raise ValueError(f"not an id: {text!r}")
    number = 0
    for character in text:
        number = number << 5 | _VALUE[character]
    if number >= 1 << 63:
        raise ValueError(f"not an id: {text!r}")
    return number


def snowflake_ms(snowflake: int) -> int:
    """When Discord made a snowflake: milliseconds since 1970 (Discord reference, "Snowflakes")."""
    return (snowflake >> _RANDOM_BITS) + EPOCH_MS
