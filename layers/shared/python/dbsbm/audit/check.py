"""Goes through the log from end to end: rows against leaves, tiles, the bucket and what was signed.

Tile by tile, so that it can stop and go on, and so that a fault has a place. Somebody who rewrites a row and every hash
above it is found by the signed checkpoints alone; the place is then between the last one that holds and the first that
does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from typing import Protocol

from dbsbm.audit import tree
from dbsbm.audit.checkpoint import CheckpointError, opened
from dbsbm.audit.log.repository import Sealed
from dbsbm.audit.tiles import bundle_key, tile_key, unbundled
from dbsbm.audit.tree import TileError

_TILES = 64
"""Kept while checkpoints are gone through: those that follow each other need nearly the same ones."""


@dataclass(frozen=True, slots=True)
class Fault:
    """``leaf`` is the first that is wrong, or could be; ``where`` says what does not fit what."""

    leaf: int
    where: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """How far it came; ``whole`` when that is the end, with what was signed, and nothing is wrong."""

    came: int
    whole: bool
    fault: Fault | None = None


class Store(Protocol):
    """What is gone through: the database's rows and tiles, the bucket, the signed checkpoints. It grows meanwhile."""

    def size(self) -> int: ...

    def published(self) -> int: ...

    def leaves(self, first: int, end: int) -> Sequence[tuple[int, bytes]]:
        """Number and bytes of what the rows say stands there, by number."""
        ...

    def beyond(self) -> int | None:
        """The first leaf behind the end that a row claims."""
        ...

    def tile(self, level: int, number: int) -> bytes: ...

    def object(self, key: str) -> bytes | None: ...

    def checkpoints(self) -> Sequence[Sealed]:
        """Smallest first; the newest one of the locked bucket among them."""
        ...


def check(store: Store, origin: str, first: int, has_time: Callable[[], bool]) -> Checked:
    """Go through the leaves from ``first`` on, up to the first fault. At the end, what is behind it and was signed."""
    published = store.published()
    size = store.size()  # read after: what is published is in the tree
    for number in range(first // tree.WIDTH, -(-size // tree.WIDTH)):
        if not has_time():
            return Checked(number * tree.WIDTH, whole=False)
        fault = next(_tile_faults(store, number, size, published), None)
        if fault is not None:
            return Checked(number * tree.WIDTH, whole=False, fault=fault)
    behind = store.beyond()
    if behind is not None:
        return Checked(size, whole=False, fault=Fault(behind, "rows", "a row claims a leaf behind the end of the tree"))
    fault = next(_signed_faults(store, origin), None)
    return Checked(size, whole=fault is None, fault=fault)


def _tile_faults(store: Store, number: int, size: int, published: int) -> Iterator[Fault]:
    """One tile's rows, its hashes here and in the bucket, and the hashes above it."""
    start, end = number * tree.WIDTH, min(size, (number + 1) * tree.WIDTH)
    found = store.leaves(start, end)
    leaves: list[bytes] = []
    for at, (place, leaf) in enumerate(found, start):
        if place != at:
            yield Fault(min(at, place), "rows", "a leaf has no row" if place > at else "a leaf has two rows")
            return
        leaves.append(leaf)
    if len(leaves) != end - start:
        yield Fault(start + len(leaves), "rows", "a leaf has no row")
    yield from _row_faults(store, number, start, leaves)
    yield from _above(store, number, size)
    yield from _bucket_faults(store, number, leaves, published)


def _row_faults(store: Store, number: int, start: int, leaves: Sequence[bytes]) -> Iterator[Fault]:
    hashes = tree.split(store.tile(0, number))[: len(leaves)]
    for at, (leaf, stored) in enumerate(zip_longest(leaves, hashes), start):
        if leaf is None or stored is None or tree.leaf_hash(leaf) != stored:
            yield Fault(at, f"tile 0/{number}", "the row is not what was hashed")


def _above(store: Store, number: int, size: int) -> Iterator[Fault]:
    """The hash of a full tile in the tile above, and so on while that is full with it."""
    level = 0
    while tree.width(level, number, size) == tree.WIDTH:
        above, place = divmod(number, tree.WIDTH)
        stored = tree.split(store.tile(level + 1, above))[place : place + 1]
        if stored != [tree.fold(tree.split(store.tile(level, number)))]:
            yield Fault((number << (8 * level)) * tree.WIDTH, f"tile {level + 1}/{above}", "is not what is below it")
        if place != tree.WIDTH - 1:
            return
        level, number = level + 1, above


def _bucket_faults(store: Store, number: int, leaves: Sequence[bytes], published: int) -> Iterator[Fault]:
    start, wide = number * tree.WIDTH, tree.width(0, number, published)
    if wide == 0:
        return
    kept = store.object(bundle_key(number, wide))
    try:
        entries = list(unbundled(kept or b""))
    except TileError as error:
        yield Fault(start, f"bundle {number}", error.detail)
        return
    for at, (leaf, entry) in enumerate(zip_longest(leaves[:wide], entries), start):
        if leaf != entry:
            yield Fault(at, f"bundle {number}", "the row is not what was published")
    level, here = 0, number
    while True:
        wide = tree.width(level, here, published)
        if store.object(tile_key(level, here, wide)) != store.tile(level, here)[: wide * tree.HASH]:
            yield Fault((here << (8 * level)) * tree.WIDTH, f"bucket tile {level}/{here}", "is not the database's")
        last = (published >> (8 * level)) - 1
        if here % tree.WIDTH != tree.WIDTH - 1 and here != last // tree.WIDTH:
            return
        level, here = level + 1, here // tree.WIDTH
        if not published >> (8 * level):
            return


def _signed_faults(store: Store, origin: str) -> Iterator[Fault]:
    good, signed_ones = 0, store.checkpoints()
    size = store.size()  # read after: what is signed is in the tree
    tile = lru_cache(maxsize=_TILES)(store.tile)
    for sealed in signed_ones:
        where = f"checkpoint {sealed.size}"
        try:
            signed = opened(sealed.note, origin, sealed.public_key)
            if signed.size != sealed.size:
                yield Fault(good, where, f"is one of {signed.size} leaves")
            elif signed.size > size:
                yield Fault(size, where, f"the tree has only {size} leaves")
            elif tree.root(tile, signed.size) != signed.root:
                yield Fault(good, where, f"leaves {good} to {signed.size - 1} are not what was signed")
        except CheckpointError as error:
            yield Fault(good, where, error.detail)
        good = sealed.size
