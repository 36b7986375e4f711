"""A pseudonym is led back with two people's word, for a day, and never once somebody was erased."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from local.cloud.errors import FunctionError
from tests.e2e.world import World, on_schedule, opened

pytestmark = pytest.mark.slow


def refused(world: World, **step: Any) -> str:
    """Why a step is not taken: the type of the error that the function ends with."""
    with pytest.raises(FunctionError) as error:
        world.cloud.invoke("reveal", {"v": 1, **step})
    return str(error.value).split(": ")[2]


def test_a_pseudonym_is_led_back_by_two_for_a_day(database_url: str) -> None:
    with opened(database_url, catalog=on_schedule()) as world:
        world.set_up()
        said = {"dataset": "2026-09", "user": str(world.ann.user_id)}
        name = world.cloud.invoke("reveal", {"v": 1, "name": said})["pseudonym"]
        asked = {"case": "case-7", "dataset": "2026-09", "pseudonym": name, "by": "Olga"}
        reveal = world.cloud.invoke("reveal", {"v": 1, "ask": asked})["reveal"]
        assert refused(world, read={"reveal": reveal}) == "NotAllowedError"
        assert refused(world, approve={"reveal": reveal, "by": " olga "}) == "NotAllowedError", "the same person"
        world.cloud.invoke("reveal", {"v": 1, "approve": {"reveal": reveal, "by": "gina"}})
        assert world.cloud.invoke("reveal", {"v": 1, "read": {"reveal": reveal}})["user"] == said["user"]
        world.clock.sleep(timedelta(hours=23).total_seconds())
        with world.database.transaction() as session:
            session.execute("DELETE FROM audit_secrets WHERE user_id = %s", (world.ann.user_id,))
        assert world.cloud.invoke("reveal", {"v": 1, "read": {"reveal": reveal}})["user"] is None, "erased"
        world.clock.sleep(timedelta(hours=1).total_seconds())
        assert refused(world, read={"reveal": reveal}) == "NotAllowedError", "hidden again"
        late = world.cloud.invoke("reveal", {"v": 1, "ask": asked})["reveal"]
        world.clock.sleep(timedelta(hours=72).total_seconds())
        assert refused(world, approve={"reveal": late, "by": "gina"}) == "ConflictError"
        steps = [row["details"] for row in world.rows("SELECT details FROM audit_events WHERE kind = 'privacy.reveal'")]
        assert [step.partition(":")[2].strip('"}') for step in steps] == ["asked", "approved", "read", "read", "asked"]
        assert not any(said["user"] in str(row) for row in world.rows("SELECT * FROM reveals"))


def test_a_month_is_released_without_anybody_in_it(database_url: str) -> None:
    with opened(database_url, catalog=on_schedule()) as world:
        world.set_up()
        rows = [
            (world.guild.id, 5000 + n, 5 + n % 2, 5_000_000, (-20_000_000, 20_000_000)[n % 2], "2026-09-01")
            for n in range(30)
        ]
        rows.append((world.guild.id, 6000, 400, 400_000_000, 5_000_000, "2026-09-01"))  # nobody bets so often
        with world.database.transaction() as session:
            session.execute_many(
                "INSERT INTO capper_totals (guild_id, category, span, league, market, since, capper_id, bets, won, "
                "half_won, lost, half_lost, pushed, voided, risk_micro, profit_micro, flat_micro) "
                "VALUES (%s, 'priced', 'month', '', '', %s, %s, %s, 0, 0, 0, 0, 0, 0, %s, %s, 0)",
                [(guild, since, user, bets, risk, profit) for guild, user, bets, risk, profit, since in rows],
            )
        gone = world.cloud.invoke("reveal", {"v": 1, "release": {"month": "2026-09"}})
        assert (len(gone["rows"]), gone["suppressed"], gone["k"]) == (30, 1, 30)
        assert {tuple(row) for row in gone["rows"]} == {("community", "bets", "stake", "result")}
        assert not any(str(user) in str(gone) for user in range(5000, 5030))
