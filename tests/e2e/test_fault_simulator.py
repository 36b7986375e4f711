"""Evenings of a guild while something goes wrong between any two steps; what must hold, holds afterwards.

The schedule follows from the seed alone. ``./dev test --nightly`` plays 2,000 of them, ``DBSBM_FAULT_SEED=17`` one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from types import SimpleNamespace
from typing import cast

import pytest

from tests.e2e.books import check, check_bets, check_ledger, check_once, check_settled, check_slips, check_sums
from tests.e2e.evening import Evening
from tests.e2e.troubles import KINDS, Troubles, troubled
from tests.e2e.world import KICK_OFF, World, on_schedule, opened

pytestmark = pytest.mark.slow
SEEDS = (
    [int(os.environ["DBSBM_FAULT_SEED"])]
    if "DBSBM_FAULT_SEED" in os.environ
    else list(range(1, 1 + int(os.environ.get("DBSBM_FAULT_SEEDS", "100"))))
)
CATALOG = on_schedule(delivery="rate(1 minute)", job_close="rate(5 minutes)", job_settle="rate(5 minutes)")
"""What an evening needs; every other schedule has runs and faults of its own."""
_SHORT = 3
SIMULATOR = "./dev test tests/e2e/test_fault_simulator.py"
_STRIKING = 1
"""The seed of a short evening in which every kind of trouble finds its moment."""


@contextmanager
def played(
    database_url: str, redis_url: str, seed: int, patch: pytest.MonkeyPatch, only: str = ""
) -> Iterator[tuple[World, Evening]]:
    """An evening that has been played, the troubles over; a short one, under one kind of trouble, with ``only``."""
    with opened(database_url, seed, catalog=CATALOG, more={"REDIS_URL": redis_url}, all_drawn=False) as world:
        world.set_up()
        world.cloud.run_until_idle()
        world.simulator.observers.clear()  # each body of these was held against Discord's description elsewhere
        with troubled(world, Random(seed), patch, only) as troubles:
            evening = Evening(world, Random(seed), troubles)
            with noted(seed, troubles):
                evening.play(*([_SHORT, _SHORT] if only else ()))
                check(world, evening.confirmed, len(evening.previews), troubles.discord.lost)
        yield world, evening


@contextmanager
def noted(seed: int, troubles: Troubles) -> Iterator[None]:
    """A failure that says how to see it again."""
    try:
        yield
    except Exception as error:
        error.add_note(f"seed {seed}: {'; '.join(troubles.told)}")
        again = f"{SIMULATOR} -k '{troubles.only}'" if troubles.only else f"DBSBM_FAULT_SEED={seed} {SIMULATOR}"
        error.add_note(f"again: {again}")
        raise


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_goes_wrong_nothing_is_lost_and_nothing_happens_twice(
    database_url: str, redis_url: str, seed: int, monkeypatch: pytest.MonkeyPatch, tally: Callable[..., None]
) -> None:
    with played(database_url, redis_url, seed, monkeypatch) as (world, evening):
        bets, decisions = (world.rows(f"SELECT COUNT(*) AS n FROM {table}")[0]["n"] for table in ("bets", "bet_grades"))
        tally(
            "fault simulator",
            evenings=1,
            interactions=len(world.simulator.state.exchanges),
            troubles=sum(not told.endswith(": none") for told in evening.troubles.told),
            bets=bets,
            decisions=decisions,
        )
        tally("faults that struck", **evening.troubles.struck)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_trouble_strikes_and_costs_nothing(
    database_url: str, redis_url: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No kind is only on the list: in an evening under it alone it happens, and what must hold holds."""
    with played(database_url, redis_url, _STRIKING, monkeypatch, kind) as (_, evening):
        struck = evening.troubles.struck
    assert struck[kind] > 0
    assert set(struck) == {kind}


def test_a_failing_seed_says_how_to_see_it_again() -> None:
    troubles = SimpleNamespace(told=["post: 502 at 3", "read: none"], only="")
    with pytest.raises(AssertionError, match="lost") as failed, noted(17, cast(Troubles, troubles)):
        raise AssertionError("a bet is lost")
    first, again = failed.value.__notes__
    assert first == "seed 17: post: 502 at 3; read: none"
    assert again == "again: DBSBM_FAULT_SEED=17 ./dev test tests/e2e/test_fault_simulator.py"


def _confirmed_bets_are_there(world: World) -> None:
    check_bets(world, 1, 1)


PLANTED: dict[str, tuple[str, Callable[[World], None]]] = {
    "a line of the ledger twice": (
        "INSERT INTO ledger_entries (guild_id, bet_id, grade_seq, kind, capper_id, sports_day, grade, bets, "
        "risk_micro, return_micro, profit_micro, entered_at) SELECT guild_id, bet_id, grade_seq + 9, kind, "
        "capper_id, sports_day, grade, bets, risk_micro, return_micro, profit_micro, entered_at FROM ledger_entries",
        check_ledger,
    ),
    "a profit that does not balance": ("UPDATE ledger_entries SET profit_micro = profit_micro + 1", check_ledger),
    "a sum that is not the ledger's": ("UPDATE capper_totals SET profit_micro = profit_micro + 1", check_sums),
    "a confirmed bet that is gone": ("DELETE FROM bets", _confirmed_bets_are_there),
    "a slip that shows another grade": ("UPDATE bets SET grade = 'lost'", check_slips),
    "a message that nobody remembers": ("UPDATE outbox_targets SET message_id = NULL", check_once),
    "a reply that nobody wrote": ("UPDATE interactions SET reply = NULL", check_settled),
    "a row that delivery gave up": ("UPDATE outbox SET state = 'dead'", check_settled),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_each_invariant_finds_what_breaks_it(database_url: str, planted: str) -> None:
    damage, invariant = PLANTED[planted]
    with opened(database_url, catalog=CATALOG) as world:
        world.set_up()
        world.settled(world.ann.slash("bet", pick="chiefs -3 -110 2u").click("Post"))
        world.cloud.skip_to(KICK_OFF)
        world.settled(world.slips(world.bob)[0].by(world.gina).click("⋯").click("Won"))
        invariant(world)
        world.database.run(lambda session: session.execute(damage))
        with pytest.raises(AssertionError):
            invariant(world)
