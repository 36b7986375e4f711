"""What anybody may know of the log: the newest signed checkpoint, and every key that ever signed one.

All of it is read from the bucket that only the signer writes and nobody can write over. Whoever has the database can
put checkpoints and a key of their own into it, and make files of /verify that hold; their key is not among these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from dbsbm.audit.checkpoint import key_id
from dbsbm.audit.signer import KEYS
from dbsbm.audit.stored import HiddenError, newest_signed
from dbsbm.core.bucket import Bucket


def published(locked: Bucket, origin: str, at: datetime) -> dict[str, Any]:
    """Keys in the order in which they began to sign; one signs until the next begins.

    Raises
    ------
    HiddenError
        When the last checkpoint or a key was deleted.
    BucketError, CheckpointError
        When it cannot be read.
    """
    newest = newest_signed(locked, origin, at)
    keys = _keys(locked)
    ends = [*(key["since"] for key in keys[1:]), None]
    return {
        "checkpoint": newest.note if newest else None,
        "keys": [{**key, "until": until} for key, until in zip(keys, ends, strict=False)],
    }


def _keys(locked: Bucket) -> Sequence[Mapping[str, str]]:
    """When each was stored first is told by the bucket, and a deletion hides none."""
    first: dict[str, str] = {}
    for version in locked.versions(KEYS):
        first[version.key] = min(first.get(version.key, version.modified), version.modified)
    found = []
    for name, since in sorted(first.items(), key=lambda each: each[1]):
        key = locked.get(name)
        if key is None:
            raise HiddenError(name)
        found.append({"id": key_id(key).hex(), "sha256": sha256(key).hexdigest(), "since": since})
    return found
