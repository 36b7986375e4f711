"""Names that say nothing without a secret: HMAC-SHA256 under a random secret of the person's own."""

from __future__ import annotations

import hmac
import os
from collections.abc import Mapping
from typing import Any

from dbsbm.audit.events import Subject, canonical

SECRET_BYTES = 32


def new_secret() -> bytes:
    return os.urandom(SECRET_BYTES)


def actor(secret: bytes, guild_id: int, user_id: int) -> str:
    """A person in one guild: the same in each of their events there, another one elsewhere."""
    return _keyed(secret, f"actor|{guild_id}|{user_id}").hex()


def opening(secret: bytes, guild_id: int, subject: Subject) -> bytes:
    """The key of one object: given away with a proof, it opens this object and no other."""
    return _keyed(secret, f"opening|{guild_id}|{subject.name}")


def pseudonym(opened_by: bytes, subject: Subject) -> str:
    return _keyed(opened_by, f"object|{subject.name}").hex()


def seal(opened_by: bytes, content: Mapping[str, Any]) -> str:
    return hmac.digest(opened_by, b"content|" + canonical(content), "sha256").hex()


def _keyed(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
