"""Operations that take people out of values, and pseudonyms."""

from __future__ import annotations

from base64 import b64encode
from datetime import date, datetime, timedelta
from random import Random
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbsbm.anonymity.dataset.totals import MOST, totals
from dbsbm.anonymity.operations import Budget, band, fits, hashed, masked, perturbed, to_week
from dbsbm.anonymity.pseudonym import pseudonym, whose
from dbsbm.core.clock import SystemClock
from dbsbm.security.blind_index import BlindIndex

SECRET = bytes(range(32))


@given(st.text(max_size=40), st.integers(1, 8))
def test_a_mask_shows_at_most_the_last_characters(text: str, shown: int) -> None:
    covered = masked(text, shown)
    assert len(covered) == len(text)
    assert sum(each != "•" for each in covered) <= min(shown, len(text) // 2)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)))  # noqa: DTZ001 — any moment
def test_a_week_begins_on_its_monday(moment: datetime) -> None:
    week = to_week(moment)
    assert week.weekday() == 0
    assert timedelta(0) <= moment.date() - week < timedelta(days=7)


@given(st.floats(-1e6, 1e6), st.lists(st.integers(-1000, 1000), min_size=1, max_size=6, unique=True))
def test_every_value_has_one_band_and_bands_rise(value: float, edges: list[int]) -> None:
    edges.sort()
    names = [band(edges[0] - 1, edges), *(band(edge, edges) for edge in edges)]
    assert len(set(names)) == len(edges) + 1
    assert names.index(band(value, edges)) == sum(edge <= value for edge in edges)
    assert [fits(value, name) for name in names] == [name == band(value, edges) for name in names]


def test_a_hash_needs_a_secret_and_another_secret_is_another_name() -> None:
    assert hashed(SECRET, "a") == hashed(SECRET, "a") != hashed(SECRET[::-1], "a")
    with pytest.raises(ValueError, match="secret"):
        hashed(b"short", "a")


def test_noise_is_laplace_of_the_scale_asked_for() -> None:
    draw = Random(7)
    noise = [perturbed(100, 1, 0.5, draw) - 100 for _ in range(20_000)]
    assert abs(mean(noise)) < 0.1
    assert mean(abs(each) for each in noise) == pytest.approx(2, rel=0.05), "the mean distance is the scale"


def test_a_budget_is_spent_once() -> None:
    left = Budget(1.0).spent(0.6)
    with pytest.raises(ValueError, match="left"):
        left.spent(0.6)


def test_a_pseudonym_is_of_one_data_set_and_led_back_among_the_known_alone() -> None:
    before, after, later = _box(1), _box(2, 1), _box(2)
    name = pseudonym(before.named, "2026-11", 42)
    assert name != pseudonym(before.named, "2026-12", 42) != pseudonym(before.named, "2026-12", 43)
    assert whose(before.keyed, "2026-11", name, range(100)) == 42
    assert whose(before.keyed, "2026-11", name, range(42)) is None
    assert whose(after.keyed, "2026-11", name, range(100)) == 42, "the key was changed, the one before is kept"
    assert whose(later.keyed, "2026-11", name, range(100)) is None
    assert to_week(date(2026, 11, 22)) == date(2026, 11, 16)


def _box(*keys: int) -> BlindIndex:
    return BlindIndex(lambda: ",".join(b64encode(bytes([key]) * 32).decode() for key in keys), SystemClock())


def test_sums_of_a_month_have_noise_that_asking_again_does_not_take_away() -> None:
    people = [{"people": 1.0, "bets": 10.0, "units": 20.0}] * 400
    told = totals(people, "2026-09-01", _box(1).keyed)
    assert told == totals(people, "2026-09-01", _box(1).keyed)
    assert told == totals(people, "2026-09-01", _box(2, 1).keyed), "nor does another key in use"
    assert told != totals(people, "2026-10-01", _box(1).keyed)
    assert told != totals(people[1:], "2026-09-01", _box(1).keyed), "a sum that changed has noise of its own"
    many = [totals(people, f"month {n}", _box(1).keyed)["people"] for n in range(2_000)]
    assert mean(many) == pytest.approx(400, abs=0.5)
    assert mean(abs(each - 400) for each in many) == pytest.approx(2, abs=0.4)


def test_one_person_changes_a_sum_by_no_more_than_the_noise_covers() -> None:
    whale = [{"people": 1.0, "bets": 1e6, "units": 1e9}]
    told = [totals(whale, f"month {n}", _box(1).keyed) for n in range(500)]
    for name, most in MOST.items():
        assert mean(each[name] for each in told) < 3 * most
