"""Signs the next checkpoint, and only one that continues the last: the sole holder of the key, without a database.

What was signed last stands in a bucket that nobody can write over (S3 Object Lock). Whoever rewrites the database and
the tiles can hand in any tree; one that does not begin with the signed one is refused for ever.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dbsbm.audit import checkpoint, tree
from dbsbm.audit.checkpoint import Checkpoint
from dbsbm.audit.sequencer import PENDING
from dbsbm.audit.tiles import tile_key
from dbsbm.core.bucket import Aws, Bucket
from dbsbm.core.errors import DbsbmError

CHECKPOINTS = "checkpoint/"
KEYS = "key/"
_LARGEST = 10**16 - 1


class RewrittenError(DbsbmError):
    """What is to be signed does not continue what was signed."""

    code = "audit_rewritten"


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint in the locked bucket. ``new`` is False when it was there already."""

    checkpoint: Checkpoint
    note: str
    public_key: bytes
    new: bool


class Key(Protocol):
    """A P-256 key that does not leave where it is."""

    def public(self) -> bytes: ...

    def sign(self, message: bytes) -> bytes: ...


class KmsKey:
    """AWS KMS, ECC_NIST_P256; the public half is asked for once."""

    def __init__(self, aws: Aws, key_id: str) -> None:
        self._aws = aws
        self._key_id = key_id
        self._public = b""

    def public(self) -> bytes:
        """SubjectPublicKeyInfo in DER. Raises BucketError."""
        if not self._public:
            answer = self._aws.call("kms", "TrentService.GetPublicKey", {"KeyId": self._key_id})
            self._public = base64.b64decode(answer["PublicKey"])
        return self._public

    def sign(self, message: bytes) -> bytes:
        """ECDSA with SHA-256 in DER. Raises BucketError."""
        asked = {
            "KeyId": self._key_id,
            "Message": base64.b64encode(message).decode(),
            "MessageType": "RAW",
            "SigningAlgorithm": "ECDSA_SHA_256",
        }
        return base64.b64decode(self._aws.call("kms", "TrentService.Sign", asked)["Signature"])


@dataclass(frozen=True, slots=True)
class Signer:
    """``tiles`` is the bucket that the sequencer writes, ``locked`` the one that only the signer does."""

    tiles: Bucket
    locked: Bucket
    key: Key
    origin: str
    now: Callable[[], datetime]

    def sign(self) -> Signed | None:
        """Sign what waits, unless it is signed; None while nothing waits.

        Raises
        ------
        RewrittenError
            When it does not continue what was signed last.
        BucketError
            When a bucket or the key is out of reach.
        """
        stored = self.tiles.get(PENDING)
        if stored is None:
            return None
        pending = json.loads(stored)
        size, root = int(pending["size"]), base64.b64decode(pending["root"])
        last = self.last()
        if last is not None and last.checkpoint.size == size and last.checkpoint.root == root:
            return last
        self._check(size, root, last.checkpoint if last else None)
        return self._put(checkpoint.written(self.origin, size, root, self.now()))

    def last(self) -> Signed | None:
        """What was signed last.

        Raises
        ------
        RewrittenError
            When it is hidden, or is not what this log's key signed.
        """
        found = self.locked.first_version(CHECKPOINTS)
        if found is None:
            return None
        key, hidden = found
        stored = None if hidden else self.locked.get(key)
        if stored is None:
            raise RewrittenError("the last checkpoint was deleted")
        note = stored.decode()
        try:
            public = self._signed_with(note)
            opened = checkpoint.opened(note, self.origin, public)
        except checkpoint.CheckpointError as error:
            raise RewrittenError(f"the last checkpoint: {error.detail}") from error
        return Signed(opened, note, public, new=False)

    def _signed_with(self, note: str) -> bytes:
        """The key that signed a note: ours, or one before it, which lies in the bucket that only the signer writes."""
        ours = self.key.public()
        named = [signature[: checkpoint.KEY_ID] for signature in checkpoint.signatures(note, self.origin)]
        if checkpoint.key_id(ours) in named:
            return ours
        before = (self.locked.get(public_key_key(each)) for each in named)
        return next((key for key in before if key), ours)

    def _check(self, size: int, root: bytes, last: Checkpoint | None) -> None:
        def tile(level: int, number: int) -> bytes:
            return self.tiles.get(tile_key(level, number, tree.width(level, number, size))) or b""

        if last is None:
            if tree.root(tile, size) != root:
                raise RewrittenError("the tiles do not have the root that is to be signed")
            return
        if size <= last.size:
            raise RewrittenError(f"{size} leaves after {last.size}")
        proof = tree.consistency_proof(tile, last.size, size) if last.size else []
        if last.size and not tree.consistent(last.size, last.root, size, root, proof):
            raise RewrittenError(f"the tree of {size} does not begin with the signed one of {last.size}")

    def _put(self, made: Checkpoint) -> Signed:
        public = self.key.public()
        note = checkpoint.note(made, public, self.key.sign(made.text.encode()))
        self.locked.put(public_key_key(checkpoint.key_id(public)), public, new=True)
        if self.locked.put(checkpoint_key(made.size), note.encode(), new=True):
            return Signed(made, note, public, new=True)
        last = self.last()
        if last is None or last.checkpoint.root != made.root:
            raise RewrittenError(f"another tree of {made.size} is signed already")
        return last


def checkpoint_key(size: int) -> str:
    """The larger the tree, the earlier in the listing: the first key is the last checkpoint."""
    return f"{CHECKPOINTS}{_LARGEST - size:016d}"


def public_key_key(key_id: bytes) -> str:
    """Where the key that a note names is kept, so that what is signed can be checked when the key itself is gone."""
    return f"{KEYS}{key_id.hex()}"
