"""When a key is due to be changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dbsbm.keys.ages.model import Age

MADE = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(("days", "state"), [(0, "fresh"), (79, "fresh"), (80, "due"), (89, "due"), (90, "overdue")])
def test_ten_days_before_its_ninetieth_a_key_is_due(days: int, state: str) -> None:
    assert Age("secret", "token-key", MADE, "").state(MADE + timedelta(days=days)) == state


def test_a_secret_without_a_value_is_not_in_use() -> None:
    assert Age("secret", "weather-api-key", None, "").state(MADE) == "unused"
