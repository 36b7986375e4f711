"""Who does what on which day after the founding, and which days a shorter year keeps."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from tests.e2e.year.operators import Operators
from tests.e2e.year.people import Community

FOUNDED = datetime(2026, 10, 3, tzinfo=UTC)
EVERY = os.environ.get("DBSBM_YEAR_DAYS", "0-368")
SHORT = "0-1,88-92"
"""The first day, then those around the New Year, with an outage between: keys are old by then, and periods end."""
NIGHT = timedelta(hours=3, minutes=14)
"""A minute before the backup."""
TURN = timedelta(hours=23, minutes=30)


@dataclass(frozen=True, slots=True)
class Entry:
    at: datetime
    act: Callable[[], None]


def days_of(*, whole: bool) -> Iterator[int]:
    for stretch in (EVERY if whole else SHORT).split(","):
        first, _, end = stretch.partition("-")
        yield from range(int(first), int(end))


def entries(community: Community, operators: Operators, day: int) -> list[Entry]:
    """What happens on a day, in order."""
    acts = [*_once(community, operators).get(day, ()), *_again(community, operators, day)]
    return sorted((Entry(moment(day, hour), act) for hour, act in acts), key=lambda each: each.at)


def moment(day: int, hour: float = 0) -> datetime:
    return FOUNDED + timedelta(days=day, hours=hour)


Acts = tuple[tuple[float, Callable[[], None]], ...]


def _once(community: Community, operators: Operators) -> dict[int, Acts]:
    return {
        0: (
            (10, operators.begin),
            (11, community.found),
            (13, community.pass_through),
            (14, community.refused_post),
            (15, operators.fix_buckets),
            (17, operators.agree),
        ),
        88: (
            (7, operators.new_bot_token),
            (8, operators.new_canary_key),
            (9, operators.new_signing_key),
            (12, community.game_day),
            (18, operators.unlock),
            (19, partial(community.erase, capper=False)),
            (20, operators.silence),
            (21, operators.open_bucket),
        ),
        89: (
            (9, operators.hold),
            (13, operators.lock_again),
            (14, community.copy),
            (15, community.change_of_mind),
            (20, operators.fix_opened),
            (22, operators.agree_to_it),
        ),
        90: ((9, operators.speak_again), (13, partial(community.erase, capper=True))),
        91: ((9, operators.new_odds_key), (10, operators.release), (12, community.copy)),  # a day late
        200: ((13, operators.unlock),),
        202: ((9, operators.lock_again),),
        260: ((9, operators.silence),),
        263: ((9, operators.speak_again),),
    }


def _again(community: Community, operators: Operators, day: int) -> Iterator[tuple[float, Callable[[], None]]]:
    """Weekly games, people who come, ask and go each month, keys in time."""
    if day % 7 == 0 and not 0 <= day - 85 < 10 and day > 7:
        yield 16, community.game_day
    if day > 100 and day % 30 == 10:
        yield 11, partial(community.join, capper=day % 60 == 10)  # type: ignore[misc]
        yield 12, partial(community.join, capper=False)  # type: ignore[misc]
    if day > 100 and day % 30 == 15:
        yield 13, community.copy
    if day > 100 and day % 30 == 20:
        yield 14, partial(community.erase, capper=day % 60 == 20)
    if day > 100 and day % 80 == 6:
        yield 9, operators.new_bot_token
        yield 10, operators.new_canary_key
        yield 11, operators.new_signing_key
        yield 18, operators.new_odds_key
