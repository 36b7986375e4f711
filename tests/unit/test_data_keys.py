"""Words are sealed with AES-256-GCM and open in their own place alone."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from dbsbm.keys import envelope
from dbsbm.keys.envelope import Place, SealBrokenError

KEY, KID = bytes(range(32)), bytes(8)
PLACE = Place("sealed_words", "case", "7|12|1", 555)
# McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B: the cases with keys of 256 bits.
_K15 = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"
_P15 = (
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255"
)
_C15 = (
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
    "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
)
_A16 = "feedfacedeadbeeffeedfacedeadbeefabaddad2"
PUBLISHED = [
    ("00" * 32, "00" * 12, "", "", "", "530f8afbc74536b9a963b4f1c4cb738b"),
    ("00" * 32, "00" * 12, "00" * 16, "", "cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919"),
    (_K15, "cafebabefacedbaddecaf888", _P15, "", _C15, "b094dac5d93471bdec1a502270e3cc6c"),
    (_K15, "cafebabefacedbaddecaf888", _P15[:120], _A16, _C15[:120], "76fc6ece0f4e1768cddf8853bb2d551b"),
]


@pytest.mark.parametrize("case", PUBLISHED)
def test_the_cipher_is_the_published_one(case: tuple[str, str, str, str, str, str]) -> None:
    key, nonce, plain, data, cipher, tag = case
    box, given = AESGCM(bytes.fromhex(key)), (bytes.fromhex(nonce), bytes.fromhex(plain), bytes.fromhex(data))
    assert box.encrypt(*given).hex() == cipher + tag
    sealed = envelope.seal(bytes.fromhex(key), KID, given[1], PLACE, nonce=lambda _: given[0])
    assert sealed == b"\x01" + KID + given[0] + box.encrypt(given[0], given[1], b"\x01" + PLACE.bound(KID))
    assert envelope.opened(bytes.fromhex(key), sealed, PLACE) == given[1]


WYCHEPROOF = json.loads((Path(__file__).parents[1] / "data/wycheproof_aes_256_gcm.json").read_text(encoding="utf-8"))


def test_the_vectors_of_wycheproof_hold(figure: Callable[[str], None]) -> None:
    """Valid ones come out to the byte, both ways; invalid ones (tags changed, counters that wrap) never open."""
    results = Counter(case[-1] for case in WYCHEPROOF["cases"])
    for number, *texts, result in WYCHEPROOF["cases"]:
        key, nonce, data, plain, sealed = map(bytes.fromhex, texts)
        box = AESGCM(key)
        if result == "valid":
            assert box.encrypt(nonce, plain, data) == sealed, number
            assert box.decrypt(nonce, sealed, data) == plain, number
        else:
            with pytest.raises(InvalidTag):
                box.decrypt(nonce, sealed, data)
    assert results == {"valid": 39, "invalid": 27}
    figure(f"Wycheproof, AES-256-GCM: {results['valid']} valid and {results['invalid']} invalid vectors, 0 wrong")


def test_ten_thousand_swapped_ciphertexts_never_open(figure: Callable[[str], None]) -> None:
    draw = Random(4)
    keys = {bytes([number]) * 8: draw.randbytes(32) for number in range(10)}
    rows: list[tuple[Place, bytes]] = []
    for number in range(200):
        kid = draw.choice(list(keys))
        place = Place(draw.choice(["a", "b"]), draw.choice(["x", "y"]), str(number // 4), draw.randrange(10))
        rows.append((place, envelope.seal(keys[kid], kid, f"words {number}".encode(), place)))
    tried = opened = 0
    while tried < 10_000:
        (place, _), (other, sealed) = draw.sample(rows, 2)
        if place == other:
            continue
        tried += 1
        opened += _opens(keys[envelope.kid_of(sealed)], sealed, place)
    figure(f"{tried} ciphertexts in another place: {opened} opened")
    assert opened == 0
    assert all(_opens(keys[envelope.kid_of(sealed)], sealed, place) for place, sealed in rows)


def test_under_another_key_or_under_another_keys_name_nothing_opens() -> None:
    sealed = envelope.seal(KEY, KID, b"words", PLACE)
    assert not _opens(bytes(32), sealed, PLACE)
    renamed = sealed[:1] + b"\x09" * 8 + sealed[9:]
    assert not _opens(KEY, renamed, PLACE)


def test_a_flipped_bit_and_every_truncation_is_found() -> None:
    sealed = envelope.seal(KEY, KID, b"what somebody wrote", PLACE)
    for bit in range(len(sealed) * 8):
        broken = bytearray(sealed)
        broken[bit // 8] ^= 1 << bit % 8
        assert not _opens(KEY, bytes(broken), PLACE), bit
    assert not any(_opens(KEY, sealed[:length], PLACE) for length in range(len(sealed)))
    assert not any(_opens(KEY, sealed[length:], PLACE) for length in range(1, len(sealed)))
    assert not _opens(KEY, sealed + b"\0", PLACE)


def test_the_same_words_never_look_the_same() -> None:
    assert len({envelope.seal(KEY, KID, b"words", PLACE)[9:21] for _ in range(20_000)}) == 20_000


def _opens(key: bytes, sealed: bytes, place: Place) -> bool:
    try:
        envelope.opened(key, sealed, place)
    except SealBrokenError:
        return False
    return True
