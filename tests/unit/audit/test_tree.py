"""Hashes and proofs: the roots of RFC 6962's own test data, and every proof against a tree made the naive way."""

from __future__ import annotations

from random import Random

import pytest

from dbsbm.audit import tree

CT_LEAVES = (
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)
CT_ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
"""The reference roots of Certificate Transparency's own tests, for the first 1 to 8 leaves."""


class Grown:
    """A tree kept in tiles, and its leaf hashes for the naive way."""

    def __init__(self) -> None:
        self.tiles: dict[tuple[int, int], bytes] = {}
        self.hashes: list[bytes] = []

    def tile(self, level: int, number: int) -> bytes:
        return self.tiles.get((level, number), b"")

    def append(self, leaves: list[bytes]) -> None:
        self.tiles |= tree.extended(self.tile, len(self.hashes), leaves)
        self.hashes += leaves


def naive(hashes: list[bytes]) -> bytes:
    """RFC 6962, 2.1, word for word."""
    if len(hashes) <= 1:
        return hashes[0] if hashes else tree.EMPTY
    half = 1
    while half * 2 < len(hashes):
        half *= 2
    return tree.node_hash(naive(hashes[:half]), naive(hashes[half:]))


def grown(size: int) -> Grown:
    found = Grown()
    found.append([tree.leaf_hash(str(number).encode()) for number in range(size)])
    return found


def test_roots_of_the_reference_leaves() -> None:
    made = Grown()
    for leaf, root in zip(CT_LEAVES, CT_ROOTS, strict=True):
        made.append([tree.leaf_hash(bytes.fromhex(leaf))])
        assert tree.root(made.tile, len(made.hashes)).hex() == root
    assert tree.root(made.tile, 0) == tree.EMPTY


def test_every_proof_of_small_trees_holds_and_no_other_does() -> None:
    made = grown(64)
    roots = [naive(made.hashes[:size]) for size in range(65)]
    for size in range(1, 65):
        assert tree.root(made.tile, size) == roots[size]
        for index in range(size):
            proof = tree.inclusion_proof(made.tile, index, size)
            assert tree.includes(made.hashes[index], index, size, proof, roots[size])
            assert not tree.includes(made.hashes[index], (index + 1) % (size + 1), size, proof, roots[size])
        for old in range(1, size + 1):
            proof = tree.consistency_proof(made.tile, old, size)
            assert tree.consistent(old, roots[old], size, roots[size], proof)
            assert not tree.consistent(old, roots[old - 1], size, roots[size], proof)
            assert not tree.consistent(old, roots[old], size, roots[size], [*proof, roots[0]])


@pytest.mark.parametrize("seed", range(6))
def test_trees_of_several_tiles_grown_in_any_steps(seed: int) -> None:
    random, made = Random(seed), Grown()
    target = random.choice((255, 256, 257, 511, 66_000, 65_536))
    while len(made.hashes) < target:
        count = min(random.choice((1, 3, 200, 256, 5_000)), target - len(made.hashes))
        made.append([random.randbytes(32) for _ in range(count)])
    root = naive(made.hashes)
    assert tree.root(made.tile, target) == root
    for _ in range(20):
        index, old = random.randrange(target), random.randrange(1, target + 1)
        proof = tree.inclusion_proof(made.tile, index, target)
        assert tree.includes(made.hashes[index], index, target, proof, root)
        proof = tree.consistency_proof(made.tile, old, target)
        assert tree.consistent(old, naive(made.hashes[:old]), target, root, proof)


def test_a_changed_hash_anywhere_in_a_proof_is_refused() -> None:
    made, random = grown(100), Random(1)
    root, old_root = naive(made.hashes), naive(made.hashes[:77])
    proof, growth = tree.inclusion_proof(made.tile, 42, 100), tree.consistency_proof(made.tile, 77, 100)
    for at in range(len(proof)):
        wrong = [*proof[:at], random.randbytes(32), *proof[at + 1 :]]
        assert not tree.includes(made.hashes[42], 42, 100, wrong, root)
    for at in range(len(growth)):
        wrong = [*growth[:at], random.randbytes(32), *growth[at + 1 :]]
        assert not tree.consistent(77, old_root, 100, root, wrong)


def test_a_tile_that_is_missing_is_said() -> None:
    made = grown(300)
    del made.tiles[0, 1]
    with pytest.raises(tree.TileError):
        tree.root(made.tile, 300)
    with pytest.raises(ValueError, match="not in a tree"):
        tree.inclusion_proof(made.tile, 300, 300)
