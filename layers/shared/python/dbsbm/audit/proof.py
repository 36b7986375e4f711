"""A file with which anybody can check, without us, that entries are in the signed log: docs/verify.py reads it."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from dbsbm.audit import tree
from dbsbm.audit.checkpoint import key_id, opened
from dbsbm.audit.events import Entry
from dbsbm.audit.log.repository import LogRepository, Sealed


@dataclass(frozen=True, slots=True)
class Claim:
    """What the file is about: an object's name, the key that opens it, and the content that one entry seals."""

    name: str
    opening: bytes
    content: Mapping[str, Any]


def proven(entries: Sequence[Entry], sealed: Sealed | None) -> list[Entry]:
    """Those entries that the checkpoint covers."""
    size = sealed.size if sealed else 0
    return [entry for entry in entries if entry.leaf_index is not None and entry.leaf_index < size]


def document(log: LogRepository, claim: Claim, entries: Sequence[Entry], sealed: Sealed, since: int) -> dict[str, Any]:
    """The file's content. ``since`` is the size of an earlier checkpoint, 0 for none.

    Raises
    ------
    TileError
        When the log in the database is not whole.
    """
    tile = cache(log.tile)  # the proofs of one object share most of theirs
    found: dict[str, Any] = {
        "v": 1,
        "object": claim.name,
        "opening": claim.opening.hex(),
        "content": claim.content,
        "checkpoint": sealed.note,
        "public_key": base64.b64encode(sealed.public_key).decode(),
        "entries": [_entry(tile, entry, sealed.size) for entry in proven(entries, sealed)],
    }
    if 0 < since <= sealed.size:
        steps = tree.consistency_proof(tile, since, sealed.size)
        found["consistency"] = {"from": since, "proof": _texts(steps)}
    return found


def refuted(file: Mapping[str, Any], sealed: Sealed) -> int | None:
    """The first entry of a file that is not in the tree that was signed: what docs/verify.py would say of it.

    Raises
    ------
    CheckpointError
        When the checkpoint is not signed with the key that stands beside it.
    """
    signed = opened(sealed.note, sealed.note.partition("\n")[0], sealed.public_key)
    for entry in file["entries"]:
        leaf, proof = tree.leaf_hash(entry["leaf"].encode()), [base64.b64decode(each) for each in entry["proof"]]
        if not tree.includes(leaf, entry["index"], signed.size, proof, signed.root):
            return int(entry["index"])
    return None


def fingerprint(sealed: Sealed) -> str:
    """How a key is called in a note."""
    return key_id(sealed.public_key).hex()


def _entry(tile: tree.Tiles, entry: Entry, size: int) -> dict[str, Any]:
    index = entry.leaf_index or 0
    proof = tree.inclusion_proof(tile, index, size)
    return {"index": index, "leaf": entry.leaf().decode(), "proof": _texts(proof)}


def _texts(hashes: Sequence[bytes]) -> list[str]:
    return [base64.b64encode(each).decode() for each in hashes]
