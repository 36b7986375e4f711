"""Names without meaning: who was named by one function is found by every other, while the key changes."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbsbm.core.clock import SystemClock
from dbsbm.core.errors import SettingsError
from dbsbm.core.secrets import KEPT
from dbsbm.rotation.ring import Kept, Ring
from dbsbm.security.blind_index import BlindIndex
from local.cloud import VirtualClock

BEGAN = datetime(2026, 11, 22, 23, 58, tzinfo=UTC)
KEPT_DAYS = Kept(days=180)
SOON = st.timedeltas(timedelta(0), 2 * KEPT)
GAPS = st.lists(SOON | st.timedeltas(timedelta(0), timedelta(days=200)), max_size=6)


def _rings(gaps: list[timedelta]) -> list[tuple[datetime, str]]:
    """When each value of the secret was promoted, and what it held."""
    random, at, current = Random(1), BEGAN, b64encode(bytes(32)).decode()
    rings = [(at, current)]
    for gap in gaps:
        at += gap
        current = Ring(random.randbytes, at.date(), KEPT_DAYS).following(current)
        rings.append((at, current))
    return rings


def _held(rings: list[tuple[datetime, str]], read_at: datetime) -> str:
    return next((value for at, value in reversed(rings) if at <= read_at), rings[0][1])


@given(GAPS, SOON | st.timedeltas(timedelta(0), timedelta(days=3)), st.tuples(*[st.timedeltas(timedelta(0), KEPT)] * 2))
def test_whoever_is_named_by_one_is_found_by_another(
    gaps: list[timedelta], since: timedelta, ages: tuple[timedelta, timedelta]
) -> None:
    """Each read the secret some time of the last five minutes; the key may have changed between, once or often."""
    rings = _rings(gaps)
    clock = VirtualClock(rings[-1][0] + since)
    one, other = (BlindIndex(partial(_held, rings, clock.now() - age), clock) for age in ages)
    assert one.named("somebody") in other.keyed("somebody")


@pytest.mark.parametrize(("days", "named_by"), [(0, 1), (1, 1), (2, 0), (80, 0)])
def test_a_new_key_names_from_the_second_day(days: int, named_by: int) -> None:
    (_, ring), clock = _rings([timedelta(0)])[-1], VirtualClock(BEGAN + timedelta(days=days))
    index = BlindIndex(lambda: ring, clock)
    assert index.named("somebody") == index.keyed("somebody")[named_by]


def test_a_secret_s_first_key_names_at_once() -> None:
    ring = Ring(Random(1).randbytes, BEGAN.date(), KEPT_DAYS).following(None)
    index = BlindIndex(lambda: ring, VirtualClock(BEGAN))
    assert (index.named("somebody"),) == index.keyed("somebody")


@pytest.mark.parametrize("value", ["", "not base64", b64encode(b"short").decode()])
def test_what_is_no_key_is_refused_by_the_setting_s_name(value: str) -> None:
    index = BlindIndex(lambda: value, SystemClock())
    with pytest.raises(SettingsError, match="INDEX_KEY: 32 bytes in base64"):
        index.named("somebody")
    with pytest.raises(SettingsError, match="INDEX_KEY: 32 bytes in base64"):
        index.keyed("somebody")
