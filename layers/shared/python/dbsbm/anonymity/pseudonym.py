"""Names that stand for people in a data set for the operators themselves, and can be led back with two people's word.

A pseudonym is an HMAC under a secret of Secrets Manager; nothing stores whose it is. It is led back by trying everybody
the product knows, so it cannot be once somebody was erased. It is personal data still (GDPR, article 4(5)).
"""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Callable, Iterable

Named = Callable[[str], str]
"""The HMAC that a text is named by: ``BlindIndex.named``."""
Keyed = Callable[[str], tuple[str, ...]]
"""HMACs of a text under every key in use: ``BlindIndex.keyed``."""
_BYTES = 10


def pseudonym(named: Named, dataset: str, user_id: int) -> str:
    """16 characters; another data set, another name."""
    return _name(named(_text(dataset, user_id)))


def whose(keyed: Keyed, dataset: str, name: str, known: Iterable[int]) -> int | None:
    """The one of these people whose name it is, under this key or one before it that is still kept."""
    return next((user for user in known if name in map(_name, keyed(_text(dataset, user)))), None)


def _text(dataset: str, user_id: int) -> str:
    return f"pseudonym|{dataset}|{user_id}"


def _name(digest: str) -> str:
    return b32encode(bytes.fromhex(digest)[:_BYTES]).decode().lower()
