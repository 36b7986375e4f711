"""A community that removed the bot is forgotten thirty days later, down to the last row, wherever the job is killed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from dbsbm.privacy.inventory import TABLES
from dbsbm.privacy.removal import service
from dbsbm.privacy.removal.repository import KEPT, REMOVING
from local.cloud import Faults
from local.cloud.errors import FunctionError
from tests.e2e.world import World, on_schedule, opened

pytestmark = pytest.mark.slow
EVENT = {"version": "0", "detail-type": "Scheduled Event", "source": "aws.scheduler"}
OTHER = 77
STAYS = {"audit_events", "erasures", "interactions", "sealing_progress"}
OURS = [table for table in TABLES if "guild_id" in table.plain.split()]


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url, catalog=on_schedule()) as world:
        yield gone(world.set_up())


def gone(world: World) -> World:
    """Bets with slips, a tail and rows in every table, of our guild and of another; then the bot is removed."""
    world.settled(world.ann.slash("bet", pick="chiefs -3 -110 2u").click("Post"))
    world.slips(world.bob)[-1].by(world.bob).click("Tail")
    world.cloud.run_until_idle()
    for guild_id in (world.guild.id, OTHER):
        planted(world, guild_id, rows=3)
    preview = world.ann.slash("bet", pick="chiefs ml -160 1u")
    world.guild.remove_bot()
    world.settled(preview.click("Post"))
    assert job(world)["gone"] == 1
    return world


def planted(world: World, guild_id: int, rows: int) -> None:
    with world.database.transaction() as session:
        session.execute("SET SESSION sql_mode = ''")
        for table in (each for each in OURS if each.name != "legal_holds"):  # what is held is not removed
            for number in range(rows):
                marks: dict[str, dict[str, Any]] = {
                    "audit_events": {"event_id": guild_id * 10 + number},
                    "guilds": {"rule_profile": "{}", "look_due_at": "2100-01-01"},  # the other one is there
                }
                row: dict[str, Any] = {"guild_id": guild_id, **marks.get(table.name, {})}
                names = [*table.plain.split(), *table.identifiers.split()]
                row |= {name: 9000 + number for name in names if name.endswith(("_id", "number")) and name not in row}
                row |= {name: f"{guild_id}-{number}" for name in ("target_key", "row_hash") if name in names}
                row |= {"id": f"{guild_id}-{number}:1"} if table.name == "outbox" else {}
                row |= {"interaction_id": guild_id * 10 + number} if table.name == "interactions" else {}
                row |= {"webhook_id": guild_id * 10 + number} if table.name == "channel_webhooks" else {}
                columns, marked = ", ".join(row), ", ".join(["%s"] * len(row))
                session.execute(f"INSERT IGNORE INTO {table.name} ({columns}) VALUES ({marked})", tuple(row.values()))


def counted(world: World, guild_id: int) -> dict[str, int]:
    """How many rows each table has of a guild."""
    found = {}
    for table in OURS:
        row = world.rows(f"SELECT COUNT(*) AS n FROM {table.name} WHERE guild_id = %s", guild_id)[0]
        found[table.name] = int(row["n"])
    return found


def job(world: World) -> dict[str, int]:
    done: dict[str, int] = world.cloud.invoke("job_guilds", EVENT)
    return done


def a_month_later(world: World, **less: float) -> None:
    world.cloud.skip_to(world.clock.now() + timedelta(days=30, seconds=1) - timedelta(**less))


def test_every_table_of_a_community_is_emptied_or_kept_for_a_reason(database_url: str) -> None:
    with opened(database_url, catalog=on_schedule()) as world:
        found = world.rows(
            "SELECT table_name AS name FROM information_schema.columns "
            "WHERE table_schema = DATABASE() AND column_name = 'guild_id'"
        )
    named = {*REMOVING, *KEPT, "outbox_targets", "guilds"}
    assert {row["name"] for row in found} == named, "say in dbsbm/privacy/removal/repository.py what becomes of it"


def test_after_thirty_days_nothing_is_left_of_a_community_and_others_stand(world: World) -> None:
    before, other = counted(world, world.guild.id), counted(world, OTHER)
    assert [name for name, rows in before.items() if not rows] == ["legal_holds"]
    a_month_later(world, minutes=1)
    assert job(world)["removed"] == 0
    assert world.rows("SELECT bet_id FROM bets WHERE guild_id = %s", world.guild.id)
    world.cloud.skip_to(world.clock.now() + timedelta(minutes=2))
    assert job(world)["removed"] == 1
    left = {name: rows for name, rows in counted(world, world.guild.id).items() if rows}
    assert left.keys() == STAYS
    assert left["audit_events"] > before["audit_events"]
    assert counted(world, OTHER) == other
    told = world.rows(
        "SELECT kind FROM audit_events WHERE guild_id = %s ORDER BY event_id DESC LIMIT 2", world.guild.id
    )
    assert [row["kind"] for row in told] == ["guild.removed", "guild.state"]
    assert job(world)["removed"] == 0


def test_somebody_who_comes_back_in_time_keeps_everything(world: World) -> None:
    before = counted(world, world.guild.id)
    a_month_later(world, minutes=1)
    world.guild.add_bot()
    world.settled(world.bob.slash("capper list"))
    world.cloud.skip_to(world.clock.now() + timedelta(days=2))
    assert job(world)["removed"] == 0
    after = counted(world, world.guild.id)
    assert {name: after[name] for name in REMOVING} == {name: before[name] for name in REMOVING}


def test_who_comes_back_too_late_is_told_and_begins_anew(world: World) -> None:
    a_month_later(world)
    world.cloud.arm(Faults.kill(crossing=60, when="after"))
    with suppress(FunctionError):
        job(world)
    world.cloud.arm(Faults())
    assert world.rows("SELECT state FROM guilds WHERE guild_id = %s", world.guild.id) == [{"state": "leaving"}]
    world.guild.add_bot()
    refused = world.ann.slash("bet", pick="chiefs -3 -110 2u")
    assert "being removed" in refused.text
    assert "/setup" in world.olga.slash("setup", slip_channel=world.guild.channel("slips")).text
    assert job(world)["removed"] == 1
    world.settled(world.olga.slash("setup", slip_channel=world.guild.channel("slips")))
    world.olga.slash("capper add", user=world.ann)
    assert world.rows("SELECT state FROM guilds WHERE guild_id = %s", world.guild.id) == [{"state": "active"}]
    assert world.rows("SELECT user_id FROM cappers WHERE guild_id = %s", world.guild.id) == [
        {"user_id": world.ann.user_id}
    ]
    assert not world.rows("SELECT bet_id FROM bets WHERE guild_id = %s", world.guild.id)


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_between_any_two_batches_the_next_run_goes_on(
    world: World, when: Any, figure: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "BATCH", 2)
    other = counted(world, OTHER)
    a_month_later(world)
    rows = sum(counted(world, world.guild.id).values())
    runs = 0
    while world.rows("SELECT state FROM guilds WHERE guild_id = %s", world.guild.id):
        runs += 1
        world.cloud.arm(Faults.kill(crossing=runs, when=when))
        with suppress(FunctionError):
            job(world)
    world.cloud.arm(Faults())
    left = {name: rows for name, rows in counted(world, world.guild.id).items() if rows}
    assert left.keys() == STAYS
    assert counted(world, OTHER) == other
    figure(f"{runs} runs, the n-th killed {when} its n-th crossing: {rows} rows of a community removed")
