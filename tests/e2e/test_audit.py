"""The audit log from a click to a signed checkpoint, and what becomes of those who tamper."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.world import World, opened

pytestmark = pytest.mark.slow


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as world:
        yield world.set_up()


def sealed(world: World) -> dict[str, int]:
    result: dict[str, int] = world.cloud.invoke("job_audit_sequence", {})
    return result


def test_a_bet_is_in_the_log_and_the_log_is_signed(world: World) -> None:
    world.settled(world.ann.slash("bet", pick="chiefs -3 -110 2u").click("Post"))
    events = world.rows("SELECT kind, actor, object, leaf_index FROM audit_events ORDER BY event_id")
    assert [row["kind"] for row in events][-1] == "bet.posted"
    assert all(row["leaf_index"] is None for row in events)
    ran = sealed(world)
    assert ran == {"v": 1, "taken": len(events), "size": len(events), "published": len(events), "signed": len(events)}
    assert sealed(world)["taken"] == 0
    assert world.cloud.invoke("job_audit_check", {}) == {"v": 1, "checked": len(events)}
