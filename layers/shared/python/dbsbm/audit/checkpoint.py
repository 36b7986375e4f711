"""Checkpoints: the size and root of the log, signed. Text as https://c2sp.org/tlog-checkpoint and c2sp.org/signed-note.

Signatures are ECDSA on P-256 with SHA-256 in DER, over the note's text; a key is known by the first four bytes of the
SHA-256 of its SubjectPublicKeyInfo, as Sigstore's logs do it.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from dbsbm.audit.tree import HASH
from dbsbm.core.errors import DbsbmError

_DASH = "\N{EM DASH}"
KEY_ID = 4


class CheckpointError(DbsbmError):
    """Not a checkpoint of this log, or not signed by its key."""

    code = "audit_checkpoint"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """``text`` is what is signed; ``origin`` names the log."""

    origin: str
    size: int
    root: bytes
    text: str


def written(origin: str, size: int, root: bytes, at: datetime) -> Checkpoint:
    """A checkpoint to be signed at a moment, which stands in a line of its own."""
    text = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\ntime {at.isoformat(timespec='milliseconds')}\n"
    return Checkpoint(origin, size, root, text)


def note(checkpoint: Checkpoint, public_key: bytes, signature: bytes) -> str:
    """The signed note."""
    signed = base64.b64encode(key_id(public_key) + signature).decode()
    return f"{checkpoint.text}\n{_DASH} {checkpoint.origin} {signed}\n"


def key_id(public_key: bytes) -> bytes:
    return sha256(public_key).digest()[:KEY_ID]


def parsed(signed: str, origin: str) -> Checkpoint:
    """What a note says, whoever signed it.

    Raises
    ------
    CheckpointError
        When it is none of this log.
    """
    text, _, _ = signed.partition("\n\n")
    lines = text.split("\n")
    try:
        size, root = int(lines[1]), base64.b64decode(lines[2], validate=True)
    except (IndexError, ValueError) as error:
        raise CheckpointError("not a checkpoint") from error
    if lines[0] != origin or size < 0 or len(root) != HASH:
        raise CheckpointError(f"not a checkpoint of {origin}")
    return Checkpoint(origin, size, root, f"{text}\n")


def opened(signed: str, origin: str, public_key: bytes) -> Checkpoint:
    """What a note says, once its signature holds.

    Raises
    ------
    CheckpointError
        When it is none of this log, or not signed with this key (SubjectPublicKeyInfo in DER).
    """
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 — most commands never verify
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_der_public_key  # noqa: PLC0415

    checkpoint = parsed(signed, origin)
    try:
        key = load_der_public_key(public_key)
    except ValueError as error:
        raise CheckpointError("its key is not known") from error
    for signature in signatures(signed, origin):
        if signature[:KEY_ID] != key_id(public_key) or not isinstance(key, ec.EllipticCurvePublicKey):
            continue
        try:
            key.verify(signature[KEY_ID:], checkpoint.text.encode(), ec.ECDSA(SHA256()))
        except InvalidSignature as error:
            raise CheckpointError("the signature does not hold") from error
        return checkpoint
    raise CheckpointError("not signed with this key")


def signatures(signed: str, origin: str) -> list[bytes]:
    """Key id and signature of each line under the text that names the log."""
    found = []
    for line in signed.partition("\n\n")[2].splitlines():
        dash, _, rest = line.partition(" ")
        name, _, encoded = rest.rpartition(" ")
        if dash == _DASH and name == origin:
            try:
                found.append(base64.b64decode(encoded, validate=True))
            except binascii.Error as error:
                raise CheckpointError("a signature is not base64") from error
    return found
