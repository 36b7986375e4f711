"""A signed note is taken for a checkpoint of our log only when its text, its name and its signature hold."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from dbsbm.audit.checkpoint import CheckpointError, key_id, note, opened, parsed, written
from dbsbm.audit.tiles import bundle, bundle_key, tile_key, unbundled
from dbsbm.audit.tree import TileError, consistency_proof, includes, inclusion_proof

ORIGIN = "dbsbm/test"
AT = datetime(2026, 9, 10, 12, 0, tzinfo=UTC)
ROOT = sha256(b"root").digest()
KEY = ec.derive_private_key(7, ec.SECP256R1())
PUBLIC = KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
OTHER = ec.derive_private_key(8, ec.SECP256R1()).public_key()
CHECKPOINT = written(ORIGIN, 12, ROOT, AT)


def signed(text: str = CHECKPOINT.text) -> str:
    return note(CHECKPOINT, PUBLIC, KEY.sign(text.encode(), ec.ECDSA(SHA256())))


def test_a_note_that_is_signed_says_what_was_written() -> None:
    assert opened(signed(), ORIGIN, PUBLIC) == CHECKPOINT


@pytest.mark.parametrize(
    "text",
    ["", ORIGIN, f"{ORIGIN}\ntwelve\n{base64.b64encode(ROOT).decode()}", f"{ORIGIN}\n12\nnot base64!"],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(CheckpointError, match="not a checkpoint"):
        parsed(f"{text}\n\n", ORIGIN)


@pytest.mark.parametrize(
    "text",
    [
        written("dbsbm/other", 12, ROOT, AT).text,
        written(ORIGIN, -1, ROOT, AT).text,
        written(ORIGIN, 12, ROOT[:-1], AT).text,
    ],
)
def test_a_checkpoint_of_another_log_is_refused(text: str) -> None:
    with pytest.raises(CheckpointError, match=f"not a checkpoint of {ORIGIN}"):
        parsed(f"{text}\n", ORIGIN)


def test_a_text_that_was_changed_after_it_was_signed_is_refused() -> None:
    with pytest.raises(CheckpointError, match="the signature does not hold"):
        opened(signed().replace("\n12\n", "\n13\n"), ORIGIN, PUBLIC)
    with pytest.raises(CheckpointError, match="the signature does not hold"):
        opened(signed("another text"), ORIGIN, PUBLIC)


def test_the_key_must_be_known_be_of_the_kind_and_be_the_one_that_signed() -> None:
    with pytest.raises(CheckpointError, match="its key is not known"):
        opened(signed(), ORIGIN, b"no key")
    other = OTHER.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(CheckpointError, match="not signed with this key"):
        opened(signed(), ORIGIN, other)
    edwards = ed25519.Ed25519PrivateKey.generate().public_key()
    foreign = edwards.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(CheckpointError, match="not signed with this key"):
        opened(note(CHECKPOINT, foreign, b"signature"), ORIGIN, foreign)


def test_lines_of_other_signers_are_passed_over_and_ours_must_be_base64() -> None:
    witness = f"— witness.example {base64.b64encode(b'1234').decode()}\n"
    assert opened(f"{signed()}{witness}not a signature\n", ORIGIN, PUBLIC) == CHECKPOINT
    with pytest.raises(CheckpointError, match="not base64"):
        opened(f"{CHECKPOINT.text}\n— {ORIGIN} ####\n", ORIGIN, PUBLIC)
    assert len(key_id(PUBLIC)) == 4


def test_a_bundle_gives_its_leaves_back_and_one_cut_off_is_refused() -> None:
    leaves = [b"", b"one", b"x" * 300]
    assert list(unbundled(bundle(leaves))) == leaves
    for cut in (1, 2, 250):
        with pytest.raises(TileError, match="middle of a leaf"):
            list(unbundled(bundle(leaves)[:-cut]))
    with pytest.raises(TileError, match="middle of a leaf"):
        list(unbundled(b"\x00"))


def test_tiles_and_bundles_are_named_in_groups_of_three_digits() -> None:
    assert tile_key(0, 1067) == "tile/0/x001/067"
    assert tile_key(1, 5, 12) == "tile/1/005.p/12"
    assert bundle_key(1234067, 3) == "tile/entries/x001/x234/067.p/3"


def test_no_proof_is_made_of_what_is_not_in_the_tree() -> None:
    def no_tile(level: int, number: int) -> bytes:
        raise AssertionError(f"tile {level}/{number} was asked for")

    for index in (-1, 3):
        with pytest.raises(ValueError, match="not in a tree of 3"):
            inclusion_proof(no_tile, index, 3)
    for old in (0, 4):
        with pytest.raises(ValueError, match="no proof from"):
            consistency_proof(no_tile, old, 3)
    assert not includes(ROOT, 3, 3, [], ROOT)
    assert not includes(ROOT, 0, 1, [ROOT], ROOT)
