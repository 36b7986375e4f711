"""A year of the demo guild on the catalog's schedules: what guards it did its work each day, and at the end all holds.

``./dev test --nightly tests/e2e/test_year.py`` plays every day (``DBSBM_YEAR_DAYS=120`` as many), ``DBSBM_YEAR=short``
the first day and those around the New Year, with an outage between. Neither is short enough for each change. Who does
what, and which schedules fire when, stands in ``tests/e2e/year/``.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from local.cloud import VirtualClock
from local.cloud.execution import Names
from tests.e2e.world import opened
from tests.e2e.year import ends
from tests.e2e.year.aws_time import living_in
from tests.e2e.year.calendar import FOUNDED, NIGHT, TURN, days_of, entries, moment
from tests.e2e.year.clockwork import SLOW, Clockwork
from tests.e2e.year.nights import Nights
from tests.e2e.year.operators import BROKEN, Operators
from tests.e2e.year.people import Community

WHOLE = os.environ.get("DBSBM_NIGHTLY") == "1"
SHORT = os.environ.get("DBSBM_YEAR") == "short"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.longest,
    pytest.mark.skipif(not (WHOLE or SHORT), reason="a year takes too long for each change: ./dev test --nightly"),
]
SEED = 2027
RESTORED = range(1, 36) if WHOLE else (1, 4)
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


def played(community: Community, operators: Operators, nights: Nights) -> int:
    """Day after day; returns how many."""
    clockwork, before, count = community.clockwork, -1, 0
    for day in days_of(whole=WHOLE):
        if day != before + 1:
            clockwork.stand_still(moment(day))
        before, count = day, count + 1
        clockwork.until(moment(day) + NIGHT)
        nights.remember()
        for entry in entries(community, operators, day):
            clockwork.until(entry.at)
            entry.act()
        clockwork.until(moment(day) + TURN)
        operators.secrets_manager()
        clockwork.until(moment(day + 1))
    return count


def test_a_year_of_the_demo_guild(
    database_url: str, mariadb_server: str, redis_url: str, figure: Callable[[str], None]
) -> None:
    clock, began = VirtualClock(FOUNDED), time.process_time()
    more = {"REDIS_URL": redis_url, "FLAGS_BUCKET": Names().of("flags")}
    with living_in(clock), opened(database_url, SEED, clock=clock, more=more, catalog=SLOW) as world:
        clockwork = Clockwork(world)
        community, operators, nights = Community(clockwork, SEED), Operators(clockwork), Nights(world)
        days = played(community, operators, nights)
        runs = ends.schedules_kept(clockwork)
        assert clockwork.residues == []
        found = {
            "leaves": ends.audit_whole(world),
            "texts": ends.nothing_left(community, redis_url),
            "answered": ends.deadlines_met(community),
            "reports": ends.reports_there(world, [moment(day) for day in days_of(whole=WHOLE)]),
            "destroyed keys": ends.keys_in_time(world),
            "findings": ends.controls_mended(world, BROKEN),
            "posts": ends.posts_made(world),
        }
        if WHOLE:  # a short one ends within the thirty days that what a community left behind is kept
            ends.passed_away(community)
        ends.held_and_archived(world)
        compared, restored = nights.equal(), nights.brought_back(mariadb_server, RESTORED)
        for each in community.erased:
            assert nights.holding(ends.marks_of(each), each.at + timedelta(hours=3)) == []
        people = f"{community.joined} joined, {community.bets} bets, {community.disputes} disputes, "
        people += f"{community.copies} copies, {len(community.erased)} erased, {community.taken_back} taken back"
        figure(f"year: {days} days played, {time.process_time() - began:.0f} s of CPU; {people}")
        figure(f"year: runs {runs}; CPU { ({name: round(each) for name, each in clockwork.cost.items() if each > 1}) }")
        figure(f"year: {compared} nights equal, {restored} restored; keys {dict(operators.changed)}; {found}")
