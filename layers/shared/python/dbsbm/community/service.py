"""Switching routines on and off, and when they are due next."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dbsbm.community.model import CORRECTED, POSTS, CommunityPlan, Routine
from dbsbm.community.moments import following
from dbsbm.community.repository import CommunityRepository

CORRECTIONS_EVERY = timedelta(minutes=15)


def switch_posts(
    repository: CommunityRepository, wanted: Collection[Routine], plan: CommunityPlan, zone: ZoneInfo, now: datetime
) -> None:
    """Switch on the posts that are wanted and off the others; those that are on already stay as they are."""
    on = repository.routines()
    repository.chosen("posts", ",".join(sorted(wanted)))
    for routine in POSTS:
        if routine not in wanted:
            repository.off(routine)
        elif routine not in on:
            repository.due_at(routine, following(routine, plan.hour(routine), zone, now).at)
    if not any(routine in wanted for routine in CORRECTED):
        repository.off(Routine.CORRECTIONS)
    elif Routine.CORRECTIONS not in on:
        repository.due_at(Routine.CORRECTIONS, now + CORRECTIONS_EVERY)


def reschedule(repository: CommunityRepository, zone: ZoneInfo, now: datetime) -> None:
    """Go by the hours and the zone as they are now."""
    plan = repository.plan()
    for routine in repository.routines() & {*POSTS, Routine.TOP_ROLE}:
        repository.due_at(routine, following(routine, plan.hour(routine), zone, now).at)
