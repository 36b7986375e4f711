"""Erasures with something in their way: nobody else waits behind them, and who came back in between is one again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dbsbm.betting.settlement import Grade
from dbsbm.commands import erasing
from local.cloud.errors import FunctionError
from tests.e2e.community import past
from tests.e2e.test_privacy import erased
from tests.e2e.world import QUIET, World, after, distinct_pick, opened

pytestmark = pytest.mark.slow
LEDGER = "SELECT capper_id, SUM(bets) AS bets, SUM(profit_micro) AS profit FROM ledger_entries GROUP BY capper_id"
TOTALS = """SELECT capper_id, SUM(bets) AS bets, SUM(profit_micro) AS profit FROM capper_totals
 WHERE span = 'all' AND league = '' AND market = '' GROUP BY capper_id"""


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url, catalog=QUIET) as world:
        yield world.set_up()


def test_one_that_fails_at_each_run_keeps_nobody_waiting(world: World) -> None:
    """Neither the person behind it nor the day's canary; each run says that it is there."""
    world.database.run(lambda session: session.execute(
        "INSERT INTO privacy_requests (request_id, subject, user_id, kind, state, stage, received_at, confirm_by, "
        "answer_by, begins_at, names, counts) VALUES (1, 's', 5, 'delete', 'working', 'nonsense', "
        "'2026-01-01', '2026-01-15', '2026-02-01', '2026-01-01', '[]', '{}')"
    ))  # fmt: skip
    world.ann.slash("privacy delete").click("Erase my data…").submit_modal(typed="delete")
    after(world, seconds=3500)
    world.clock.sleep(200)
    with pytest.raises(FunctionError, match="ErasuresFailedError"):
        world.cloud.invoke("job_privacy", {"v": 1, "canary": True})
    assert world.rows("SELECT 1 FROM cappers WHERE user_id = %s", world.ann.user_id) == ()
    states = world.rows("SELECT state FROM privacy_requests ORDER BY request_id")
    assert [row["state"] for row in states] == ["working", "done", "waiting"], "the last one is the canary's"
    assert world.rows("SELECT 1 FROM canaries") != ()


def test_who_came_back_before_all_was_done_is_one_with_who_they_were(world: World) -> None:
    """The row of their number is there already, with sums of its own: both are added up."""
    past(world, world.ann, [Grade.WON, Grade.LOST, Grade.WON])
    erased(world)
    world.olga.slash("capper add", user=world.ann)
    past(world, world.ann, [Grade.WON, Grade.WON])
    world.database.run(lambda session: session.execute("DELETE FROM privacy_requests"))
    assert world.cloud.invoke("job_privacy", {"v": 1, "replay": True})["replayed"] == 1
    world.cloud.run_until_idle()
    assert [row["user_id"] for row in world.rows("SELECT user_id FROM cappers WHERE state = 'removed'")] == [1]
    assert world.rows("SELECT 1 FROM cappers WHERE user_id = %s", world.ann.user_id) == ()
    [ledger], [total] = world.rows(LEDGER), world.rows(TOTALS)
    assert (ledger["capper_id"], ledger["bets"]) == (1, 5)
    assert total == ledger


def test_many_slips_of_one_person_keep_nobody_waiting(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasing, "SLIPS_PER_RUN", 1)
    monkeypatch.setattr(erasing, "SLIPS_AT_ONCE", 1)
    ben = world.guild.user("ben", role="capper")
    world.olga.slash("capper add", user=ben)
    for number in range(7):
        after(world, seconds=1)
        person = ben if number == 6 else world.ann
        world.settled(person.slash("bet", pick=distinct_pick(number)).click("Post"))
    for person in (world.ann, ben):
        person.slash("privacy delete").click("Erase my data…").submit_modal(typed="delete")
    world.clock.sleep(3700)
    for _ in range(4):
        world.cloud.invoke("job_privacy", {"v": 1})
    stages = [row["stage"] for row in world.rows("SELECT stage FROM privacy_requests ORDER BY request_id")]
    assert stages == ["slips", "shred"]


@pytest.mark.parametrize(
    ("request_now", "late"),
    [
        (("delete", "working", "2020-01-01", "2020-02-01", "{}"), 1),
        (("delete", "working", "2020-01-01", "2099-01-01", "{}"), 0),
        (("delete", "waiting", "2020-01-01", "2099-01-01", "{}"), 1),
        (("delete", "waiting", "2098-01-01", "2099-01-01", "{}"), 0),
        (("delete", "done", "2020-01-01", "2020-02-01", "{}"), 0),
        (("export", "waiting", "2020-01-01", "2020-02-01", "{}"), 1),
        (("export", "waiting", "2020-01-01", "2020-02-01", '{"parts": 1}'), 0),
    ],
)
def test_a_request_past_one_of_its_days_is_late(world: World, request_now: tuple[str, ...], late: int) -> None:
    with world.database.transaction() as session:
        session.execute(
            "INSERT INTO privacy_requests (request_id, subject, kind, state, received_at, confirm_by, answer_by, "
            "begins_at, names, counts) VALUES (1, 's', %s, %s, '2019-12-01', %s, %s, '2099-01-01', '[]', %s)",
            request_now,
        )
    world.cloud.invoke("job_privacy", {"v": 1})
    assert [line["erasures_late"] for line in world.cloud.logs("job_privacy") if "erasures_late" in line] == [late]
