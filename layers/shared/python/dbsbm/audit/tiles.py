"""Names and contents of the log's files in a bucket, as https://c2sp.org/tlog-tiles lays them out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dbsbm.audit.tree import WIDTH, TileError


def tile_key(level: int, number: int, hashes: int = WIDTH) -> str:
    """Of ``hashes`` hashes: "tile/0/x001/067", a partial one "tile/0/x001/067.p/12"."""
    return f"tile/{level}/{_numbered(number)}{_partial(hashes)}"


def bundle_key(number: int, entries: int = WIDTH) -> str:
    """Of the leaves themselves, 256 to a file: "tile/entries/000"."""
    return f"tile/entries/{_numbered(number)}{_partial(entries)}"


def bundle(leaves: Sequence[bytes]) -> bytes:
    """Leaves one after another, each after its length in two bytes."""
    return b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in leaves)


def unbundled(stored: bytes) -> Iterator[bytes]:
    """The leaves of a bundle. Raises TileError when it ends in the middle of one."""
    at = 0
    while at < len(stored):
        length = int.from_bytes(stored[at : at + 2], "big")
        leaf = stored[at + 2 : at + 2 + length]
        if len(leaf) != length or at + 2 > len(stored):
            raise TileError("a bundle ends in the middle of a leaf")
        yield leaf
        at += 2 + length


def _numbered(number: int) -> str:
    """In groups of three digits, all but the last behind an x."""
    groups = [f"{number % 1000:03d}"]
    while number >= 1000:
        number //= 1000
        groups.append(f"x{number % 1000:03d}")
    return "/".join(reversed(groups))


def _partial(entries: int) -> str:
    return "" if entries == WIDTH else f".p/{entries}"
