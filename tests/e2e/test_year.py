"""A year of the demo guild on the catalog's schedules: what guards it did its work each day, and at the end all holds.

The suite plays the first day and those around the New Year, with an outage between; ``./dev test --nightly
tests/e2e/test_year.py`` every day of it (``DBSBM_YEAR_DAYS=0-120,200-203`` these) and says each month how far it is.
Who does what stands in ``tests/e2e/year/``, and which schedules fire when: what is leapt over, and how that is held to
be nothing, in ``clockwork.py``.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

import pytest

from local.cloud import Faults, VirtualClock
from local.cloud.execution import Names
from tests.e2e.world import opened
from tests.e2e.year import ends
from tests.e2e.year.aws_time import living_in
from tests.e2e.year.calendar import FOUNDED, NIGHT, TURN, days_of, entries, moment
from tests.e2e.year.clockwork import SLOW, Clockwork
from tests.e2e.year.nights import KEPT, Nights
from tests.e2e.year.operators import BROKEN, Operators
from tests.e2e.year.people import Community

WHOLE = os.environ.get("DBSBM_NIGHTLY") == "1"
pytestmark = [pytest.mark.slow, pytest.mark.longest]
SEED = 2027
RESTORED = range(1, KEPT + 1) if WHOLE else (1, 4)
"""How many nights back; the newest is 1."""


@pytest.fixture(autouse=True)
def kept_short() -> Iterator[None]:
    """A year of log lines would be a gigabyte in pytest's memory; the cloud keeps them by itself."""
    handlers = [(handler, handler.level) for handler in logging.getLogger().handlers]
    for handler, _ in handlers:
        handler.setLevel(logging.CRITICAL)
    yield
    for handler, level in handlers:
        handler.setLevel(level)


@pytest.fixture
def told(capfd: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Say a line while the test runs."""

    def said(line: str) -> None:
        with capfd.disabled():
            sys.stderr.write(f"{line}\n")

    return said


def played(
    community: Community, operators: Operators, nights: Nights, told: Callable[[str], None]
) -> Sequence[datetime]:
    """Day after day; returns which. What must hold at any time is looked at as each month ends."""
    clockwork, days = community.clockwork, list(days_of(whole=WHOLE))
    began: list[datetime] = []
    for day in days:
        if began and moment(day - 1) != began[-1]:
            clockwork.stand_still(moment(day))
        began.append(moment(day))
        clockwork.until(moment(day) + NIGHT)
        if not WHOLE or day % 7 == 3:
            clockwork.leap_tried()
        if day in days[-KEPT:]:
            nights.remember()
        for entry in entries(community, operators, day):
            clockwork.until(entry.at)
            entry.act()
        clockwork.until(moment(day) + TURN)
        operators.secrets_manager()
        clockwork.until(moment(day + 1))
        if WHOLE and moment(day + 1).day == 1:
            told(f"year: {moment(day):%B %Y} is over, {len(began)} of {len(days)} days; {clockwork.summary()}")
            ends.holds_so_far(clockwork, began)
            clockwork.world.cloud.arm(Faults())  # forget what was crossed: millions by the end
    return began


def test_a_year_of_the_demo_guild(
    database_url: str,
    mariadb_server: str,
    redis_url: str,
    figure: Callable[[str], None],
    told: Callable[[str], None],
) -> None:
    clock, began = VirtualClock(FOUNDED), time.process_time()
    more = {"REDIS_URL": redis_url, "FLAGS_BUCKET": Names().of("flags")}
    with living_in(clock), opened(database_url, SEED, clock=clock, more=more, catalog=SLOW) as world:
        clockwork = Clockwork(world)
        community, operators, nights = Community(clockwork, SEED), Operators(clockwork), Nights(world)
        days = played(community, operators, nights, told)
        runs = ends.schedules_kept(clockwork)
        found = {
            "leaves": ends.audit_whole(world),
            "texts": ends.nothing_left(community, redis_url),
            "answered": ends.deadlines_met(community),
            "reports": ends.reports_there(world, days),
            "destroyed keys": ends.keys_in_time(world),
            "findings": ends.controls_mended(world, BROKEN),
            "posts": ends.posts_made(world),
        }
        ends.passed_away(community)
        ends.held_and_archived(world)
        compared, restored, proven = nights.equal(), nights.brought_back(mariadb_server, RESTORED), nights.proven()
        assert proven == len(days)
        assert nights.holding([(each.at + timedelta(hours=3), ends.marks_of(each)) for each in community.erased]) == []
        people = f"{community.joined} joined, {community.bets} bets, {community.disputes} disputes, "
        people += f"{community.copies} copies, {len(community.erased)} erased, {community.taken_back} taken back"
        figure(f"year: {len(days)} days played, {time.process_time() - began:.0f} s of CPU; {people}")
        dear = {name: round(each) for name, each in clockwork.cost.items() if each > 1}
        figure(f"year: {sum(runs.values())} runs {runs}; CPU {dear}; {clockwork.leaps} leaps tried")
        figure(f"year: {proven} nights proven, {compared} equal, {restored} restored; keys {dict(operators.changed)}")
        figure(f"year: {found}")
