"""``/privacy``: a copy of what is held, and its erasure down to the last column."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from dbsbm.betting.settlement import Grade
from dbsbm.core.ids import encode
from dbsbm.database.session import Row
from dbsbm.privacy.held import copying
from dbsbm.privacy.held.repository import KEYS
from dbsbm.privacy.inventory import COLUMNS, TABLES
from local.discord_simulator import Seen
from tests.e2e.community import past
from tests.e2e.test_audit import file_of, proven, sealed
from tests.e2e.world import QUIET, World, after, opened

pytestmark = pytest.mark.slow
NAME = "Ann the Sharp"
KEYED = {"privacy_requests.subject", "erasures.subject"}
NO_NUMBER = {"subject", "pseudonym", "target", "target_key"}
"""Identifiers that are keyed, or texts with a number in them."""


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url, catalog=QUIET) as world:
        yield busy(world.set_up())


def busy(world: World) -> World:
    """Ann bets, tails, drafts and asks; others see her name in their answers."""
    world.olga.slash("capper add", user=world.guild.user("ben", role="capper"))
    ben = world.guild.user("ben", role="capper")
    for person, pick in (
        (world.ann, "chiefs -3 -110 2u"),
        (world.ann, "chiefs ml -160 1u"),
        (ben, "raiders +3 -110 1u"),
    ):
        after(world, seconds=1)
        world.settled(world.settled(person.slash("bet", pick=pick)).click("Post"))
    for slip in world.slips(world.bob):
        world.settled(slip.by(world.bob).click("Tail"))
        world.settled(slip.by(world.ann).click("Tail"))
    world.settled(world.ann.slash("bet", pick="chiefs/raiders o44.5 -105 1u"))
    world.olga.slash("capper route", user=world.ann, ping=world.guild.role("ann-fans"))
    world.settled(world.bob.slash("capper list"))
    world.settled(world.ann.slash("notify").click("Send me my results"))
    return world


def planted(world: World) -> set[str]:
    """A row with her number, and her name in what is text, in every table of the inventory that names people."""
    marks = set()
    values = {"target": "{}", "content": json.dumps([NAME, str(world.ann.user_id)]), "images": "[]"}
    for table in TABLES:
        people = [name for name in table.identifiers.split() if name not in NO_NUMBER]
        if not people or table.name in {"audit_secrets", "data_keys", "privacy_requests", "interactions"}:
            continue
        for number, person in enumerate(people, start=9000):
            row: dict[str, Any] = {
                "guild_id": world.guild.id,
                **dict.fromkeys(people, number),
                person: world.ann.user_id,
            }
            row |= {name: number for name in table.plain.split() if name.endswith("_id") and name != "guild_id"}
            if person == people[0]:  # further ones did something with what is somebody else's
                row |= {name: values.get(name, NAME) for name in table.content.split()}
            with world.database.transaction() as session:
                session.execute("SET SESSION sql_mode = ''")
                columns, marked = ", ".join(row), ", ".join(["%s"] * len(row))
                session.execute(f"INSERT IGNORE INTO {table.name} ({columns}) VALUES ({marked})", tuple(row.values()))
            marks.add(f"{table.name}.{person}")
    return marks


def residue(world: World, *needles: str) -> list[str]:
    """Every column of every table in which one of these stands."""
    found = []
    for column in COLUMNS:
        where = f"{column.table}.{column.name}"
        for needle in needles:
            text = f"SELECT COUNT(*) AS hits FROM `{column.table}` WHERE INSTR(`{column.name}`, %s) > 0"
            if where not in KEYED and int(world.rows(text, needle)[0]["hits"]):
                found.append(f"{where}: {needle}")
    return sorted(found)


def erased(world: World) -> None:
    asked = world.ann.slash("privacy delete")
    form = asked.click("Erase my data…")
    told = form.submit_modal(typed="delete")
    assert "begins" in told.text
    after(world, seconds=7200)
    world.cloud.run_until_idle()


def test_nothing_of_an_erased_person_is_left_and_totals_stand(world: World) -> None:
    user = str(world.ann.user_id)
    marks = planted(world)
    assert marks <= {found.partition(":")[0] for found in residue(world, user)}
    assert len(marks) >= 24
    totals = "SELECT COUNT(*) AS bets, (SELECT SUM(risk_micro) FROM bet_revisions) AS risk FROM bets"
    before = world.rows(totals)
    erased(world)
    assert residue(world, user, NAME, encode(world.ann.user_id)) == []
    assert world.rows(totals) == before
    names = {row["display_name"] for row in world.rows("SELECT display_name FROM cappers")}
    assert names == {"Former capper #1", "Ben", ""}
    receipt = world.ann.slash("privacy status").text
    assert "done" in receipt
    assert "bets 3" in receipt
    assert world.simulator.problems == []


def test_a_ledger_is_balanced_under_the_pseudonym_and_the_board_stands(world: World) -> None:
    past(world, world.ann, [Grade.WON, Grade.LOST] * 10 + [Grade.WON] * 3)
    past(world, world.bob, [Grade.WON] * 6)
    board, before = board_of(world), balances(world)
    assert sum(row["bets"] for row in before["ledger_entries"]) == 29
    erased(world)
    assert balances(world) == before
    assert board_of(world) == board.replace(NAME, "Former capper #1")


def balances(world: World) -> dict[str, Sequence[Row]]:
    """Each sum by capper; whoever was erased under the number that stands for them."""
    sums = "SUM(bets) AS bets, SUM(risk_micro) AS risk, SUM(profit_micro) AS profit"
    return {
        table: world.rows(
            f"SELECT IF(capper_id = %s, 1, capper_id) AS capper, {names}, {sums} FROM {table} "
            f"GROUP BY capper, {names} ORDER BY capper, {names}",
            world.ann.user_id,
        )
        for table, names in (("ledger_entries", "kind, grade"), ("capper_totals", "category, span, league, since"))
    }


def board_of(world: World) -> str:
    alt = world.settled(world.gina.slash("leaderboard", period="all")).images[0].alt
    assert alt is not None
    return alt


def test_the_receipt_of_an_erasure_is_proven_without_us(world: World, tmp_path: Path) -> None:
    erased(world)
    after(world, minutes=30)
    world.cloud.run_until_idle()
    asked = world.ann.slash("privacy status")
    with world.database.transaction() as session:
        session.execute("DELETE FROM audit_checkpoints")
    assert "sealed into the audit log" in world.settled(asked.click("Receipt of line 1")).text
    assert sealed(world)["signed"] > 0
    given = world.settled(world.ann.slash("privacy status").click("Receipt of line 1"))
    assert given.private
    document = file_of(given)
    assert str(world.ann.user_id) not in json.dumps(document)
    assert document["content"]["rows"]["bets"] == 2
    assert document["content"]["keys"] == []
    assert "PROVEN" in proven(tmp_path, document).splitlines()
    for wrong in ({"rows": {"bets": 3}}, {"keys": [{"key": "00"}]}, {"request": "1"}):
        assert "NOT PROVEN" in proven(tmp_path, document | {"content": document["content"] | wrong})
    assert "NOT PROVEN" in proven(tmp_path, document | {"object": "privacy:1"})
    assert world.bob.slash("privacy status").buttons == []


def files(world: World, seen: Seen) -> dict[str, str]:
    message = world.settled(seen).message
    assert message is not None
    return {file.filename: file.data.decode() for file in message.files}


def test_a_copy_holds_what_is_held_and_nobody_else(world: World) -> None:
    seen = world.settled(world.ann.slash("privacy export"))
    assert seen.private
    copy = json.loads(files(world, seen)["my-data-1.json"])
    tables = copy["communities"][str(world.guild.id)]
    for name, count in (("bets", 2), ("bet_revisions", 2), ("tails", 1), ("drafts", 3), ("cappers", 1), ("routes", 1)):
        assert len(tables[name]) == count, name
    assert len(tables["audit_events"]) >= 3
    others = {str(person.user_id) for person in (world.bob, world.olga, world.gina, world.guild.user("ben"))}
    text = json.dumps(copy)
    assert [user for user in others if user in text] == []
    assert "Ann the Sharp" in files(world, seen)["my-data-1.html"]
    assert "Copy" in world.ann.slash("privacy status").text


def test_a_large_copy_comes_in_parts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = json.loads(files(world, world.ann.slash("privacy export"))["my-data-1.json"])["communities"]
    monkeypatch.setattr(copying, "ROWS", 7)
    seen = world.settled(world.ann.slash("privacy export"))
    parts: list[dict[str, Any]] = []
    while True:
        parts.append(json.loads(files(world, seen)[f"my-data-{len(parts) + 1}.json"]))
        if parts[-1]["last"]:
            break
        seen = world.settled(seen.click("Next part"))
    together: dict[str, list[object]] = {}
    for each in parts:
        for name, rows in each["communities"].get(str(world.guild.id), {}).items():
            together.setdefault(name, []).extend(rows)
    assert len(parts) >= 3
    # Each further part is asked for by a button; nothing of it is recorded in the audit log.
    assert together.keys() == whole[str(world.guild.id)].keys()
    assert {name: len(rows) for name, rows in together.items()} == {
        name: len(rows) for name, rows in whole[str(world.guild.id)].items()
    }


@pytest.mark.parametrize("table", ["ledger_entries", "capper_totals"])
def test_what_goes_between_two_parts_makes_nothing_else_drop_out(
    world: World, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    """Each row is deleted as soon as it was given."""
    past(world, world.ann, [Grade.WON] * 12)
    key = KEYS[table].split()

    def keys(document: dict[str, Any]) -> list[tuple[str, ...]]:
        rows = document["communities"].get(str(world.guild.id), {}).get(table, [])
        return [tuple(str(row[name]) for name in key) for row in rows]

    whole = keys(json.loads(files(world, world.ann.slash("privacy export"))["my-data-1.json"]))
    monkeypatch.setattr(copying, "ROWS", 7)
    seen, given, number = world.settled(world.ann.slash("privacy export")), list[tuple[str, ...]](), 1
    while not (part := json.loads(files(world, seen)[f"my-data-{number}.json"]))["last"]:
        given += keys(part)
        with world.database.transaction() as session:
            where = " AND ".join(f"{name} = %s" for name in key)
            session.execute_many(f"DELETE FROM {table} WHERE {where}", keys(part))
        seen, number = world.settled(seen.click("Next part")), number + 1
    assert len(whole) > 9
    assert given + keys(part) == whole


def test_it_can_be_taken_back_before_it_begins(world: World) -> None:
    world.ann.slash("privacy delete").click("Erase my data…").submit_modal(typed="DELETE")
    assert "taken back" in world.ann.slash("privacy delete").click("Keep my data").text
    after(world, seconds=7200)
    assert world.rows("SELECT user_id FROM privacy_requests") == [{"user_id": None}]
    assert world.rows("SELECT display_name FROM cappers WHERE user_id = %s", world.ann.user_id)


def test_another_word_erases_nothing(world: World) -> None:
    said = world.ann.slash("privacy delete").click("Erase my data…").submit_modal(typed="yes").text
    assert "DELETE" in said
    assert not world.rows("SELECT request_id FROM privacy_requests")


def test_an_erasure_is_done_again_after_a_restore(world: World) -> None:
    tables = ("cappers", "bets", "tails", "audit_secrets")
    saved = {name: world.rows(f"SELECT * FROM {name}") for name in tables}
    erased(world)
    with world.database.transaction() as session:
        for name in (*tables, "privacy_requests", "erasures"):
            session.execute(f"DELETE FROM {name}")
        for name, rows in saved.items():
            marked = ", ".join(["%s"] * len(rows[0]))
            session.execute_many(f"INSERT INTO {name} VALUES ({marked})", [tuple(row.values()) for row in rows])
    assert residue(world, str(world.ann.user_id)) != []
    assert world.cloud.invoke("job_privacy", {"v": 1, "replay": True})["replayed"] == 1
    world.cloud.run_until_idle()
    assert residue(world, str(world.ann.user_id), NAME) == []
    assert world.cloud.invoke("job_privacy", {"v": 1, "replay": True})["replayed"] == 0
