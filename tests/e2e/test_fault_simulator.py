"""People post, grade and undo while something goes wrong between any two steps; what must hold, holds afterwards.

The schedule follows from the seed alone. ``DBSBM_FAULT_SEEDS=2000`` for a long run, ``DBSBM_FAULT_SEED=17`` for one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from random import Random

import pytest

from local.discord_simulator import Seen
from local.discord_simulator.errors import ClientRefusalError
from tests.e2e.invariants import answered_deferrals, left_open
from tests.e2e.troubles import Troubles, troubled
from tests.e2e.world import NOW, World, distinct_pick, opened

pytestmark = pytest.mark.slow
SOON = NOW + timedelta(minutes=75)
_MINUTES = 20
_POSTS, _DECISIONS = 3, 4
SEEDS = (
    [int(os.environ["DBSBM_FAULT_SEED"])]
    if "DBSBM_FAULT_SEED" in os.environ
    else list(range(1, 1 + int(os.environ.get("DBSBM_FAULT_SEEDS", "12"))))
)


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_goes_wrong_nothing_is_lost_and_nothing_happens_twice(
    database_url: str, seed: int, monkeypatch: pytest.MonkeyPatch, figure: Callable[[str], None]
) -> None:
    random = Random(seed)
    with opened(database_url, seed) as world:
        world.set_up(starts_at=SOON)
        world.cloud.run_until_idle()
        with troubled(world, random, monkeypatch) as troubles:
            try:
                run(world, random, troubles)
            except AssertionError as error:
                error.add_note(f"seed {seed}: {'; '.join(troubles.told)}")
                error.add_note(f"again: DBSBM_FAULT_SEED={seed} ./dev test tests/e2e/test_fault_simulator.py")
                raise
        bets, decisions = one(world, "SELECT COUNT(*) FROM bets"), one(world, "SELECT COUNT(*) FROM bet_grades")
        struck = sum(told != "none" for told in troubles.told)
        figure(f"fault simulator, seed {seed}: {struck} troubles, {bets} of {_POSTS} bets, {decisions} decisions")


def run(world: World, random: Random, troubles: Troubles) -> None:
    previews = list(posts(world, troubles))
    world.cloud.advance((SOON - world.clock.now()).total_seconds() + 60)
    for _ in range(_DECISIONS):
        decide(world, random, troubles)
    confirmed = [preview for preview in previews if "Posted in" in preview.text]
    check_bets(world, len(confirmed), len(previews))
    check_ledger(world)
    check_slips(world)


def posts(world: World, troubles: Troubles) -> Iterator[Seen]:
    """Ann posts; what she cannot press she does not press."""
    for number in range(_POSTS):
        troubles.arm()
        preview = world.ann.slash("bet", pick=distinct_pick(number))
        settle(world)
        with suppress(ClientRefusalError):
            preview.click("Post")
        settle(world)
        troubles.calm()
        check_settled(world)
        yield preview


def decide(world: World, random: Random, troubles: Troubles) -> None:
    """Gina opens a slip's panel and presses a grade, or takes one back."""
    slips = world.guild.channel("slips").seen_by(world.gina)
    label = random.choice(("Won", "Lost", "Void", "Undo"))
    troubles.arm()
    if slips:
        with suppress(ClientRefusalError):
            panel = random.choice(slips).by(world.gina).click("⋯")
            settle(world)
            pressed = panel.click(label)
            if pressed.modal is not None:
                pressed.submit_modal(reason="Read again")
        settle(world)
    troubles.calm()
    check_settled(world)


def settle(world: World) -> None:
    """Time passes until nothing is under way, twenty minutes at most."""
    world.cloud.run_until_idle()
    for _ in range(_MINUTES):
        if left_open(world) == () and answered_deferrals(world):
            return
        world.cloud.advance(60)


def check_settled(world: World) -> None:
    settle(world)
    assert left_open(world) == ()
    assert answered_deferrals(world)
    assert one(world, "SELECT COUNT(*) FROM interactions WHERE reply IS NULL") == 0


def check_bets(world: World, confirmed: int, tried: int) -> None:
    """Who read "Posted" has a bet; a draft became one bet at most; a bet is one slip."""
    bets = one(world, "SELECT COUNT(*) FROM bets")
    assert confirmed <= bets <= tried
    assert one(world, "SELECT COUNT(DISTINCT bet_id) FROM drafts WHERE state = 'posted'") == bets
    assert one(world, "SELECT COUNT(*) FROM drafts WHERE state = 'posted'") == bets
    assert len(world.guild.channel("slips").seen_by(world.bob)) == bets
    assert one(world, "SELECT COUNT(*) FROM channel_webhooks WHERE state = 'live'") <= 1


def check_ledger(world: World) -> None:
    assert one(world, "SELECT SUM(profit_micro - return_micro + risk_micro) FROM ledger_entries") == 0
    standing = world.rows(
        "SELECT b.bet_id, b.grade, b.grade_seq, COALESCE(SUM(l.bets), 0) AS entries, "
        "(SELECT COUNT(*) FROM bet_grades g WHERE g.guild_id = b.guild_id AND g.bet_id = b.bet_id) AS decisions "
        "FROM bets b LEFT JOIN ledger_entries l ON l.guild_id = b.guild_id AND l.bet_id = b.bet_id "
        "GROUP BY b.guild_id, b.bet_id"
    )
    for row in standing:
        assert row["entries"] == (0 if row["grade"] is None else 1)
        assert row["decisions"] == row["grade_seq"]


def check_slips(world: World) -> None:
    """Each slip shows the bet as it stands."""
    shown = sorted(stamp_of(slip.text) for slip in world.guild.channel("slips").seen_by(world.bob))
    stored = sorted(str(row["grade"] or "open") for row in world.rows("SELECT grade FROM bets"))
    assert shown == stored


def stamp_of(text: str) -> str:
    return next((word.lower() for word in ("Won", "Lost", "Void") if f"{word} " in text or f"**{word}" in text), "open")


def one(world: World, sql: str) -> int:
    return int(world.rows(f"SELECT ({sql}) AS n")[0]["n"] or 0)


PLANTED: dict[str, tuple[str, Callable[[World], None]]] = {
    "a line of the ledger twice": (
        "INSERT INTO ledger_entries (guild_id, bet_id, grade_seq, kind, capper_id, sports_day, grade, bets, "
        "risk_micro, return_micro, profit_micro, entered_at) SELECT guild_id, bet_id, grade_seq + 9, kind, "
        "capper_id, sports_day, grade, bets, risk_micro, return_micro, profit_micro, entered_at FROM ledger_entries",
        check_ledger,
    ),
    "a profit that does not balance": ("UPDATE ledger_entries SET profit_micro = profit_micro + 1", check_ledger),
    "a confirmed bet that is gone": ("DELETE FROM bets", lambda world: check_bets(world, 1, 1)),
    "a slip that shows another grade": ("UPDATE bets SET grade = 'lost'", check_slips),
    "a reply that nobody wrote": ("UPDATE interactions SET reply = NULL", check_settled),
    "a row that delivery gave up": ("UPDATE outbox SET state = 'dead'", check_settled),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_each_invariant_finds_what_breaks_it(database_url: str, planted: str) -> None:
    damage, check = PLANTED[planted]
    with opened(database_url) as world:
        world.set_up(starts_at=SOON)
        world.settled(world.ann.slash("bet", pick=distinct_pick(1)).click("Post"))
        world.cloud.advance((SOON - world.clock.now()).total_seconds() + 60)
        world.settled(world.slips(world.bob)[0].by(world.gina).click("⋯").click("Won"))
        check(world)
        world.database.run(lambda session: session.execute(damage))
        with pytest.raises(AssertionError):
            check(world)
