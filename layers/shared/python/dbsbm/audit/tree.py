"""The Merkle tree of the log: hashes, proofs and their verification. Pure. RFC 6962 section 2.1, RFC 9162 section 2.1.

The tree is kept in tiles of 256 hashes (https://c2sp.org/tlog-tiles): tile ``n`` of level ``l`` holds the hashes of the
perfect subtrees of 256**l leaves numbered from 256 n on. What stands in a tile never changes, it only gets longer, so
the tiles of a larger tree serve every smaller one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

from dbsbm.core.errors import DbsbmError

HASH = 32
WIDTH = 256
_TILE_HEIGHT = 8
EMPTY = sha256(b"").digest()

Tiles = Callable[[int, int], bytes]
"""``tiles(level, number)``: the hashes of a tile, joined; as far as they are there."""
Range = tuple[int, int]
"""Leaves from the first number up to, and without, the second."""


class TileError(DbsbmError):
    """A tile is missing, or shorter than the tree says."""

    code = "audit_tile"


def leaf_hash(leaf: bytes) -> bytes:
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def split(joined: bytes) -> list[bytes]:
    """The hashes of a tile."""
    return [joined[at : at + HASH] for at in range(0, len(joined), HASH)]


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root of a perfect tree over a power of two hashes."""
    row = list(hashes)
    while len(row) > 1:
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


def root(tiles: Tiles, size: int) -> bytes:
    """The root hash of the first ``size`` leaves. Raises TileError."""
    return range_hash(tiles, (0, size)) if size else EMPTY


def range_hash(tiles: Tiles, leaves: Range) -> bytes:
    """The hash of a range that the tree's own splits lead to. Raises TileError."""
    first, end = leaves
    size = end - first
    if size & (size - 1) == 0:
        return _perfect(tiles, size.bit_length() - 1, first // size)
    middle = first + _split(size)
    return node_hash(range_hash(tiles, (first, middle)), range_hash(tiles, (middle, end)))


def inclusion_proof(tiles: Tiles, index: int, size: int) -> list[bytes]:
    """The audit path of a leaf, nearest first (RFC 6962, 2.1.1). Raises TileError; ValueError when it is not in it."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    return [range_hash(tiles, leaves) for leaves in _path(index, (0, size))]


def consistency_proof(tiles: Tiles, old: int, new: int) -> list[bytes]:
    """That the first ``old`` leaves of ``new`` are those of before (RFC 6962, 2.1.2). Raises TileError, ValueError."""
    if not 0 < old <= new:
        raise ValueError(f"no proof from {old} to {new}")
    return [range_hash(tiles, leaves) for leaves in _subproof(old, (0, new), known=True)]


def extended(tiles: Tiles, size: int, leaves: Sequence[bytes]) -> dict[tuple[int, int], bytes]:
    """The tiles that change when leaf hashes are appended to a tree of ``size``, by (level, number), whole."""
    changed: dict[tuple[int, int], bytes] = {}
    level, hashes = 0, list(leaves)
    while hashes:
        at, above = size >> (_TILE_HEIGHT * level), []
        taken = 0
        while taken < len(hashes):
            number, filled = divmod(at + taken, WIDTH)
            before = tiles(level, number)[: filled * HASH] if filled else b""
            if len(before) != filled * HASH:
                raise TileError(f"tile {level}/{number} has {len(before) // HASH} hashes, not {filled}")
            more = hashes[taken : taken + WIDTH - filled]
            changed[level, number] = before + b"".join(more)
            taken += len(more)
            if filled + len(more) == WIDTH:
                above.append(fold(split(changed[level, number])))
        level, hashes = level + 1, above
    return changed


def width(level: int, number: int, size: int) -> int:
    """How many hashes a tile has in a tree of ``size``."""
    return max(0, min(WIDTH, (size >> (_TILE_HEIGHT * level)) - number * WIDTH))


def includes(leaf: bytes, index: int, size: int, proof: Sequence[bytes], wanted: bytes) -> bool:
    """Whether an audit path leads from a leaf's hash to the root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    here, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if here & 1 or here == last:
            found = node_hash(sibling, found)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        here, last = here >> 1, last >> 1
    return last == 0 and found == wanted


def consistent(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a consistency proof leads to both roots (RFC 9162, 2.1.4.2). ``old`` is at least 1."""
    if old == new:
        return not proof and old_root == new_root
    if not 0 < old < new or not proof:
        return False
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    here, last = old - 1, new - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    before = after = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        here, last = here >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


def _perfect(tiles: Tiles, height: int, index: int) -> bytes:
    """The hash of a perfect subtree of 2**height leaves."""
    level, within = divmod(height, _TILE_HEIGHT)
    number, first = divmod(index << within, WIDTH)
    joined = tiles(level, number)[first * HASH : (first + (1 << within)) * HASH]
    if len(joined) != HASH << within:
        raise TileError(f"tile {level}/{number} is missing or too short")
    return fold(split(joined))


def _split(size: int) -> int:
    """The largest power of two below ``size``."""
    return 1 << ((size - 1).bit_length() - 1)


def _path(index: int, leaves: Range) -> list[Range]:
    first, end = leaves
    if end - first == 1:
        return []
    middle = first + _split(end - first)
    if index < middle:
        return [*_path(index, (first, middle)), (middle, end)]
    return [*_path(index, (middle, end)), (first, middle)]


def _subproof(old: int, leaves: Range, *, known: bool) -> list[Range]:
    first, end = leaves
    if old == end - first:
        return [] if known else [leaves]
    middle = first + _split(end - first)
    if old <= middle - first:
        return [*_subproof(old, (first, middle), known=known), (middle, end)]
    return [*_subproof(old - (middle - first), (middle, end), known=False), (first, middle)]
