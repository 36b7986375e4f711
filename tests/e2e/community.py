"""A guild with a past: graded bets of several cappers, without the evenings it took."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from dbsbm.bets import grading
from dbsbm.bets.grading import Decider, Ruling
from dbsbm.bets.repository import BetRepository
from dbsbm.betting.settlement import Grade
from dbsbm.database.session import Session
from local.discord_simulator import Person
from tests.e2e.world import World
from tests.integration.history import Written, write


def past(world: World, capper: Person, grades: Sequence[Grade], days_ago: int = 0, **terms: object) -> list[int]:
    """Graded bets of a capper, two hours apart, the last yesterday or ``days_ago``; returns their ids."""

    def work(session: Session) -> list[int]:
        assert capper.guild_id is not None
        bets = BetRepository(session, capper.guild_id)
        now, ids = world.clock.now(), []
        for number, grade in enumerate(reversed(grades), start=1):
            starts_at = now - timedelta(days=days_ago, hours=20 + 2 * number)
            bet = Written(capper.guild_id, capper.user_id, starts_at, **terms)  # type: ignore[arg-type]
            ids.append(write(session, bet))
            grading.grade(bets, ids[-1], 0, Ruling(grade), Decider(1, now, number))
        return ids

    return world.database.run(work)
