"""A pseudonym is led back with two people's word, for a day, and never once somebody was erased."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from dbsbm.anonymity.dataset.month import named_month
from local.cloud.errors import FunctionError
from local.discord_simulator import Person
from tests.e2e.tour import press
from tests.e2e.world import World, on_schedule, opened

pytestmark = pytest.mark.slow
SEPTEMBER = date(2026, 9, 1)


def asked(world: World, person: Person, name: str) -> str:
    person.slash("compliance reveal", case="case-7", dataset="2026-09", pseudonym=name)
    return str(world.rows("SELECT reveal_id FROM reveals ORDER BY reveal_id DESC LIMIT 1")[0]["reveal_id"])


def approved_by(world: World, reveal: str) -> object:
    return world.rows("SELECT approved_by FROM reveals WHERE reveal_id = %s", reveal)[0]["approved_by"]


def bet_in_september(world: World, people: Sequence[tuple[int, int, int, int]]) -> None:
    """Sums of people: user, bets, risk, profit."""
    with world.database.transaction() as session:
        session.execute_many(
            "INSERT INTO capper_totals (guild_id, category, span, league, market, since, capper_id, bets, won, "
            "half_won, lost, half_lost, pushed, voided, risk_micro, profit_micro, flat_micro) "
            "VALUES (%s, 'priced', 'month', '', '', '2026-09-01', %s, %s, 0, 0, 0, 0, 0, 0, %s, %s, 0)",
            [(world.guild.id, user, bets, risk, profit) for user, bets, risk, profit in people],
        )


def data_sets(world: World) -> list[tuple[str, dict[str, object]]]:
    """What the audit log has of months that left."""
    rows = world.rows("SELECT guild_id, actor, object, details FROM audit_events WHERE kind = 'privacy.data_set'")
    assert {(row["guild_id"], row["actor"]) for row in rows} <= {(0, "system")}
    return [(row["object"], json.loads(row["details"])) for row in rows]


def test_a_pseudonym_is_led_back_by_two_operators_for_a_day(database_url: str) -> None:
    with opened(database_url, catalog=on_schedule()) as world:
        world.set_up()
        opal, otto = world.simulator.person("opal"), world.simulator.person("otto")
        ann = world.ann.user_id
        bet_in_september(world, [(ann, 5, 5_000_000, 0)])
        [row] = world.cloud.invoke("reveal", {"v": 1, "name": {"month": "2026-09"}})["rows"]
        name = row["pseudonym"]
        reveal = asked(world, opal, name)
        waiting = opal.slash("compliance workflows")
        assert name in waiting.text
        assert "another operator has to agree" in press(waiting, "compliance.reveal").text
        assert approved_by(world, reveal) is None, "not by whoever asked, under any name"
        agreed = press(otto.slash("compliance workflows"), "compliance.reveal")
        assert approved_by(world, reveal) == "otto"
        told = press(agreed, "compliance.look")
        assert told.private
        assert f"<@{ann}>" in told.text
        held = world.rows("SELECT reply FROM interactions WHERE reply LIKE '%%This look stands%%'")
        assert held
        assert not any(str(ann) in row["reply"] for row in held), "sealed in the stored answer"
        world.clock.sleep(timedelta(hours=23).total_seconds())
        with world.database.transaction() as session:
            session.execute("DELETE FROM audit_secrets WHERE user_id = %s", (world.ann.user_id,))
        again = otto.slash("compliance workflows")
        assert "nobody the product knows" in press(again, "compliance.look").text, "erased"
        world.clock.sleep(timedelta(hours=1).total_seconds())
        assert "is over" in press(again, "compliance.look").text, "hidden again"
        late = asked(world, opal, name)
        waiting = otto.slash("compliance workflows")
        world.clock.sleep(timedelta(hours=72).total_seconds())
        assert "is over" in press(waiting, "compliance.reveal").text
        assert approved_by(world, late) is None
        steps = [row["details"] for row in world.rows("SELECT details FROM audit_events WHERE kind = 'privacy.reveal'")]
        assert [step.partition(":")[2].strip('"}') for step in steps] == ["asked", "approved", "read", "read", "asked"]
        assert not any(str(ann) in str(row) for row in world.rows("SELECT * FROM reveals"))


def test_nobody_but_operators_asks_whose_a_name_is(database_url: str) -> None:
    with opened(database_url, catalog=on_schedule()) as world:
        world.set_up()
        told = world.olga.in_direct().slash("compliance reveal", case="1", dataset="2026-09", pseudonym="x")
        assert "Only operators" in told.text
        assert world.rows("SELECT COUNT(*) AS n FROM reveals")[0]["n"] == 0


def test_a_month_is_released_without_anybody_in_it(database_url: str) -> None:
    with opened(database_url, catalog=on_schedule()) as world:
        world.set_up()
        bet_in_september(world, [(5000 + n, 5 + n % 2, 5_000_000, (-20_000_000, 20_000_000)[n % 2]) for n in range(30)])
        bet_in_september(world, [(6000, 400, 400_000_000, 5_000_000)])  # nobody bets so often
        gone = world.cloud.invoke("reveal", {"v": 1, "release": {"month": "2026-09"}})
        assert (len(gone["rows"]), gone["k"]) == (30, 30), "one row is held back"
        assert set(gone["totals"]) == {"people", "bets", "units"}
        assert world.cloud.invoke("reveal", {"v": 1, "release": {"month": "2026-09"}}) == gone, "the same noise"
        assert {tuple(row) for row in gone["rows"]} == {("community", "bets", "stake", "result")}
        assert not any(str(user) in str(gone) for user in range(5000, 5030))
        left = {"form": "released", "rows": 30}
        assert data_sets(world) == [("month:2026-09", left), ("month:2026-09", left)]


def test_a_month_under_pseudonyms_has_everybody_and_names_nobody_who_is_asked_for(database_url: str) -> None:
    with opened(database_url, catalog=on_schedule()) as world:
        world.set_up()
        bet_in_september(world, [(5_000_000 + n, 5 + n, 5_000_000, n) for n in range(31)])
        told = world.cloud.invoke("reveal", {"v": 1, "name": {"month": "2026-09"}})
        names = [row["pseudonym"] for row in told["rows"]]
        assert (len(set(names)), told["after"]) == (31, "")
        assert names == sorted(names), "an order that says nothing of people"
        assert {tuple(row) for row in told["rows"]} == {("pseudonym", "community", "bets", "stake", "result")}
        assert not any(str(5_000_000 + n) in str(told) for n in range(31))
        assert data_sets(world) == [("month:2026-09", {"form": "named", "rows": 31})]
        with pytest.raises(FunctionError):
            world.cloud.invoke("reveal", {"v": 1, "name": {"dataset": "2026-09", "user": "5000000"}})
        with world.database.read() as session:
            whole, pages = named_month(session, SEPTEMBER, digest, ""), [named_month(session, SEPTEMBER, digest, "", 7)]
            while pages[-1]:
                pages.append(named_month(session, SEPTEMBER, digest, pages[-1][-1]["pseudonym"], 7))
        assert [len(page) for page in pages] == [7, 7, 7, 7, 3, 0]
        assert [row for page in pages for row in page] == whole


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
