"""Six thousand tamperings with a log of three hundred entries: each is found, and its place said."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from random import Random

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from dbsbm.audit import checkpoint, tree
from dbsbm.audit.check import Checked, Fault, check
from dbsbm.audit.log.repository import Sealed
from dbsbm.audit.tiles import bundle, bundle_key, tile_key

ORIGIN = "dbsbm-test-audit"
SIZE = 300
SIGNED = (40, 120, 200, 256, 290)
"""Sizes with a checkpoint; the last ten leaves are not signed yet."""
NOW = datetime(2026, 9, 13, 15, 0, tzinfo=UTC)
KEY = ec.generate_private_key(ec.SECP256R1())
PUBLIC = KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


class Kept:
    """A log in memory: what the database and the buckets hold."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.rows = list(enumerate(leaves))
        self.length = len(leaves)
        self.tiles = tree.extended(lambda *_: b"", 0, [tree.leaf_hash(leaf) for leaf in leaves])
        self.objects: dict[str, bytes] = {}
        self.publish(leaves)
        self.signed: list[Sealed] = []

    def publish(self, leaves: Sequence[bytes]) -> None:
        for start in range(0, len(leaves), tree.WIDTH):
            part = leaves[start : start + tree.WIDTH]
            self.objects[bundle_key(start // tree.WIDTH, len(part))] = bundle(part)
        for (level, number), hashes in self.tiles.items():
            self.objects[tile_key(level, number, len(hashes) // tree.HASH)] = hashes

    def copy(self) -> Kept:
        other = Kept.__new__(Kept)
        other.rows, other.length, other.signed = list(self.rows), self.length, list(self.signed)
        other.tiles, other.objects = dict(self.tiles), dict(self.objects)
        return other

    def size(self) -> int:
        return self.length

    def published(self) -> int:
        return self.length

    def leaves(self, first: int, end: int) -> Sequence[tuple[int, bytes]]:
        return [row for row in self.rows if first <= row[0] < end]

    def beyond(self) -> int | None:
        return min((place for place, _ in self.rows if place >= self.length), default=None)

    def tile(self, level: int, number: int) -> bytes:
        return self.tiles.get((level, number), b"")

    def object(self, key: str) -> bytes | None:
        return self.objects.get(key)

    def checkpoints(self) -> Sequence[Sealed]:
        return self.signed


def leaf(number: int) -> bytes:
    return f'{{"event":"{number}","kind":"bet.posted","v":1}}'.encode()


def sealed(size: int, root: bytes) -> Sealed:
    made = checkpoint.written(ORIGIN, size, root, NOW)
    note = checkpoint.note(made, PUBLIC, KEY.sign(made.text.encode(), ec.ECDSA(SHA256())))
    return Sealed(size, note, PUBLIC, NOW)


@pytest.fixture(scope="module")
def whole() -> Kept:
    kept = Kept([leaf(number) for number in range(SIZE)])
    kept.signed = [sealed(size, tree.root(kept.tile, size)) for size in SIGNED]
    return kept


def found(kept: Kept) -> Fault | None:
    return check(kept, ORIGIN, 0, lambda: True).fault


def test_a_log_that_nobody_touched_has_no_fault(whole: Kept) -> None:
    assert check(whole, ORIGIN, 0, lambda: True) == Checked(SIZE, whole=True)


def test_it_stops_when_time_is_up_and_goes_on_there(whole: Kept) -> None:
    turns = iter((True, False))
    assert check(whole, ORIGIN, 0, lambda: next(turns)) == Checked(256, whole=False)
    assert check(whole, ORIGIN, 256, lambda: True) == Checked(SIZE, whole=True)


def test_a_log_that_grows_while_it_is_gone_through_has_no_fault(whole: Kept) -> None:
    kept, longer = whole.copy(), Kept([leaf(number) for number in range(SIZE + 10)])

    def grows() -> bool:
        kept.rows, kept.length, kept.tiles = longer.rows, longer.length, longer.tiles
        kept.objects = {**whole.objects, **longer.objects}
        kept.signed = [*whole.signed, sealed(kept.length, tree.root(kept.tile, kept.length))]
        return True

    assert check(kept, ORIGIN, 0, grows) == Checked(SIZE, whole=True)


def edit(kept: Kept, random: Random) -> tuple[int, int]:
    """A row's content; where it is found."""
    at = random.randrange(SIZE)
    kept.rows[at] = (at, leaf(SIZE + random.randrange(10**6)))
    return at, at


def delete(kept: Kept, random: Random) -> tuple[int, int]:
    at = random.randrange(SIZE)
    del kept.rows[at]
    return at, at


def insert(kept: Kept, random: Random) -> tuple[int, int]:
    """A row between the others, all later ones moved on."""
    at = random.randrange(SIZE + 1)
    moved = [(place + 1, kept_leaf) for place, kept_leaf in kept.rows[at:]]
    kept.rows = [*kept.rows[:at], (at, leaf(10**6)), *moved]
    return at, at


def reorder(kept: Kept, random: Random) -> tuple[int, int]:
    first, second = sorted(random.sample(range(SIZE), 2))
    one, other = kept.rows[first][1], kept.rows[second][1]
    kept.rows[first], kept.rows[second] = (first, other), (second, one)
    return first, first


def truncate(kept: Kept, random: Random) -> tuple[int, int]:
    """Everything from a signed leaf on gone, tiles and bucket with it, as if it had never been."""
    at = random.randrange(SIGNED[-1])
    shorter = Kept([row for _, row in kept.rows[:at]])
    kept.rows, kept.length, kept.tiles, kept.objects = shorter.rows, at, shorter.tiles, shorter.objects
    return at, at


def swap_checkpoint(kept: Kept, random: Random) -> tuple[int, int]:
    """A checkpoint in the place of another, or one that somebody else made."""
    at = random.randrange(len(SIGNED))
    good = SIGNED[at - 1] if at else 0
    if random.random() < 0.5:
        other = kept.signed[(at + random.randrange(1, len(SIGNED))) % len(SIGNED)]
        kept.signed[at] = Sealed(SIGNED[at], other.note, PUBLIC, NOW)
    else:
        text, _, rest = kept.signed[at].note.partition("\n\n")
        lines = text.split("\n")
        lines[2] = base64.b64encode(random.randbytes(32)).decode()
        kept.signed[at] = Sealed(SIGNED[at], "\n".join(lines) + "\n\n" + rest, PUBLIC, NOW)
    return good, good


def rewrite(kept: Kept, random: Random) -> tuple[int, int]:
    """A row, and every hash, tile and published copy made anew to fit it: only what was signed tells."""
    at = random.randrange(SIGNED[-1])
    leaves = [row for _, row in kept.rows]
    leaves[at] = leaf(10**6 + random.randrange(10**6))
    other = Kept(leaves)
    kept.rows, kept.tiles, kept.objects = other.rows, other.tiles, other.objects
    good = max([size for size in SIGNED if size <= at], default=0)
    return good, at


@pytest.mark.parametrize("tamper", [edit, delete, insert, reorder, truncate, swap_checkpoint])
def test_a_thousand_of_each_kind_are_found_and_placed(
    whole: Kept, tamper: Callable[[Kept, Random], tuple[int, int]], figure: Callable[[str], None]
) -> None:
    random, caught = Random(tamper.__name__), 0
    for _ in range(1000):
        kept = whole.copy()
        low, high = tamper(kept, random)
        fault = found(kept)
        assert fault is not None
        assert low <= fault.leaf <= high, fault
        caught += 1
    figure(f"{tamper.__name__}: {caught} of 1000 found and placed")


def test_a_history_rewritten_whole_is_found_by_the_first_checkpoint_that_does_not_hold(whole: Kept) -> None:
    random = Random(9)
    for _ in range(60):
        kept = whole.copy()
        good, at = rewrite(kept, random)
        fault = found(kept)
        assert fault is not None
        assert fault.leaf == good
        assert fault.where == f"checkpoint {min(size for size in SIGNED if size > at)}"


@pytest.mark.parametrize("place", ["tile", "bundle", "upper"])
def test_a_bucket_that_differs_from_the_database_is_found(whole: Kept, place: str) -> None:
    kept = whole.copy()
    key = {"tile": tile_key(0, 0), "bundle": bundle_key(1, SIZE - 256), "upper": tile_key(1, 0, 1)}[place]
    kept.objects[key] = kept.objects[key][:-1] + b"\x00"
    fault = found(kept)
    assert fault is not None
    assert "bucket" in fault.where or "bundle" in fault.where
