"""Ids rise with time, and in the order of writing within a millisecond."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest

from dbsbm.core.ids import Ids, decode, encode, first_at
from tests.integration.moments import HandClock

NOW = datetime(2026, 9, 13, 15, 0, tzinfo=UTC)


def test_ids_of_one_millisecond_sort_as_they_were_made() -> None:
    ids = Ids(HandClock(NOW), Random(1))
    made = [ids.new() for _ in range(1000)]
    assert all(a < b for a, b in pairwise(made))
    assert made[-1] < first_at(NOW + timedelta(milliseconds=2))


def test_a_later_moment_has_higher_ids_and_63_bits_are_kept() -> None:
    clock = HandClock(NOW)
    ids = Ids(clock, Random(1))
    before = ids.new()
    clock.move(0.001)
    assert before < ids.new()
    assert first_at(NOW) <= before < first_at(NOW + timedelta(milliseconds=1))
    assert decode(encode(before)) == before < 1 << 63


def test_the_last_of_a_millisecond_is_followed_by_the_next_number() -> None:
    class Highest(Random):
        def getrandbits(self, bits: int, /) -> int:
            return (1 << bits) - 1

    ids = Ids(HandClock(NOW), Highest())
    first = ids.new()
    assert [ids.new() for _ in range(3)] == [first + 1, first + 2, first + 3]


@pytest.mark.parametrize("number", [-1, 1 << 63])
def test_a_number_beyond_63_bits_is_no_id(number: int) -> None:
    with pytest.raises(ValueError, match="not a 63-bit id"):
        encode(number)


@pytest.mark.parametrize("text", ["", "0" * 12, "0" * 14, "u" * 13, "z" * 13, "0" * 12 + "é"])
def test_a_text_of_other_length_characters_or_size_is_no_id(text: str) -> None:
    with pytest.raises(ValueError, match="not an id"):
        decode(text)
