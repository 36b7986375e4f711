"""A community that has things posted by itself, and the clock that brings it there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dbsbm.bets import grading
from dbsbm.bets.grading import Decider, Ruling
from dbsbm.bets.repository import BetRepository
from dbsbm.betting.settlement import Grade
from dbsbm.database.session import Session
from infra.catalog import CATALOG, Function, Schedule
from local.cloud import VirtualClock
from local.discord_simulator import Person, Seen
from tests.e2e.world import World, opened
from tests.integration.history import Written, write

ZONE = ZoneInfo("America/New_York")
COUNTERS = "Counter channels"
ROLE = "Role for the month's best"
_SCHEDULED = frozenset({"job_community", "delivery", "job_retention"})


def _quiet(function: Function) -> Function:
    if function.name in _SCHEDULED:
        return function
    return replace(function, triggers=[each for each in function.triggers if not isinstance(each, Schedule)])


_QUIET = replace(CATALOG, functions=tuple(_quiet(function) for function in CATALOG.functions))
"""The catalog with the schedules that matter here: the others would run at every look, and find nothing to do."""


def local(day: date, hour: int, minute: int = 0, zone: ZoneInfo = ZONE) -> datetime:
    return datetime.combine(day, time(hour, minute), zone).astimezone(UTC)


@contextmanager
def community(database_url: str, start: datetime, **settings: str) -> Iterator[World]:
    """Sharp Side at a moment, set up, with a channel for posts; Ann, Bob and Olga are cappers."""
    with opened(database_url, clock=VirtualClock(start), more=settings, catalog=_QUIET) as world:
        world.guild.channel("recaps")
        world.guild.channel("staff")
        world.set_up(starts_at=start + timedelta(days=300))
        world.olga.slash("capper add", user=world.bob)
        world.olga.slash("capper add", user=world.olga)
        yield world


def tab(world: World, person: Person | None = None) -> Seen:
    return (person or world.olga).slash("settings show").click("Posts & counters")


def switch_on(world: World, *kinds: str) -> Seen:
    """Switch on posts by their names, into #recaps."""
    seen = tab(world).select("Channel for posts", world.guild.channel("recaps"))
    return seen.select("Posts that are on", *kinds)


def bet(world: World, capper: Person, starts_at: datetime, grade: Grade | None = None, **terms: Any) -> int:
    """A bet of a capper, graded when a grade is given."""
    assert capper.guild_id is not None
    written = Written(capper.guild_id, capper.user_id, starts_at, **terms)
    bet_id = world.database.run(lambda session: write(session, written))
    if grade is not None:
        decide(world, bet_id, grade, capper.guild_id)
    return bet_id


def decide(world: World, bet_id: int, grade: Grade, guild_id: int | None = None) -> None:
    """Grade a bet, or re-grade it."""

    def work(session: Session) -> None:
        bets = BetRepository(session, guild_id or world.guild.id)
        decider = Decider(1, world.clock.now(), 1)
        grading.grade(bets, bet_id, bets.bet(bet_id).grade_seq, Ruling(grade), decider)

    world.database.run(work)


def profit(bet_id: int, world: World) -> int:
    row = world.rows("SELECT SUM(profit_micro) AS profit FROM ledger_entries WHERE bet_id = %s", bet_id)[0]
    return int(row["profit"] or 0)


def posts(world: World, channel: str = "recaps") -> list[Seen]:
    return world.guild.channel(channel).seen_by(world.ann)


def fired(world: World) -> dict[str, int]:
    """The job once more, as the Scheduler would at this minute; what it did."""
    event = {"time": f"{world.clock.now():%Y-%m-%dT%H:%M:%SZ}"}
    done: dict[str, int] = world.cloud.invoke("job_community", event)["done"]
    world.cloud.run_until_idle()
    return done


def voice(world: World) -> list[str]:
    channels = world.simulator.state.guild_channels(world.guild.id)
    return [channel.name for channel in channels if channel.type == 2]


def holders(world: World, name: str) -> set[str]:
    role = world.guild.role(name)
    users, members = world.simulator.state.users, world.guild.guild.members.values()
    return {users[member.user_id].name for member in members if role.id in member.role_ids}


def below_the_bot(world: World, name: str, *rights: str) -> Any:
    """A role that stands below the bot's own."""
    role = world.guild.role(name, *rights)
    mine = world.guild.guild.members[world.simulator.application_id].role_ids
    highest = max(world.guild.guild.roles[role_id].position for role_id in mine)
    role.position = min(role.position, highest - 1) if highest > 1 else role.position
    return role
