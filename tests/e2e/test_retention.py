"""The job that removes what is over, with its archive and its holds."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.e2e.world import NOW, on_schedule, opened

pytestmark = pytest.mark.slow


def test_given_up_posts_are_archived_then_go_and_a_hold_keeps_a_communitys(database_url: str) -> None:
    with opened(database_url, catalog=on_schedule()) as world:
        with world.database.transaction() as session:
            session.execute_many(
                "INSERT INTO outbox (id, guild_id, kind, target_key, seq, target, content, images, state, "
                "next_attempt_at, created_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                [(f"1:{n}", n, "slip.post", f"t:{n}", 1, "{}", "{}", "[]", "dead", NOW, NOW) for n in (1, 2)],
            )
        hold = {"guild": "2", "case": "case-1", "by": "olga"}
        assert world.cloud.invoke("job_retention", {"v": 1, "hold": hold})["changed"] == 1
        world.clock.sleep(timedelta(days=91).total_seconds())
        assert world.cloud.invoke("job_retention", {})["removed"]["outbox"] == 1
        assert [row["id"] for row in world.rows("SELECT id FROM outbox")] == ["1:2"]
        assert [row["rows_kept"] for row in world.rows("SELECT rows_kept FROM archive_manifest")] == [1]
        world.cloud.invoke("job_retention", {"v": 1, "hold": {**hold, "release": True}})
        assert world.cloud.invoke("job_retention", {})["removed"]["outbox"] == 1
