"""The public id of a slip: which bet it is, and a key that nobody can guess."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from random import Random
from typing import NamedTuple

KEY_BYTES = 16
_PUBLIC_ID = re.compile(r"[A-Za-z0-9_-]{43}")
_NUMBER_BYTES = 8


class PublicId(NamedTuple):
    """Ids find the bet by its primary key; ``key`` alone opens its picture, and is stored with the bet."""

    guild_id: int
    bet_id: int
    key: str

    def __str__(self) -> str:
        numbers = b"".join(number.to_bytes(_NUMBER_BYTES, "big") for number in (self.guild_id, self.bet_id))
        return _text(numbers + urlsafe_b64decode(f"{self.key}=="))


def new_key(random: Random) -> str:
    """128 bits, as 22 characters."""
    return _text(random.randbytes(KEY_BYTES))


def parse(typed: str) -> PublicId | None:
    """None for whatever is no public id; each bet and key have one spelling."""
    if not _PUBLIC_ID.fullmatch(typed):
        return None
    raw = urlsafe_b64decode(f"{typed}=")
    guild_id, bet_id = (int.from_bytes(raw[at : at + _NUMBER_BYTES], "big") for at in (0, _NUMBER_BYTES))
    found = PublicId(guild_id, bet_id, _text(raw[2 * _NUMBER_BYTES :]))
    return found if str(found) == typed else None


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
