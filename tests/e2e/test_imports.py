"""``/import``: a file attached in Discord becomes a record that stands apart, and can be taken back."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta

import pytest

from dbsbm.bets.standings.repository import StandingsRepository
from local.cloud import Faults
from local.discord_simulator import Person, Seen
from local.discord_simulator.faults import Fault
from local.discord_simulator.multipart import Upload
from tests.e2e.world import World, after, opened

pytestmark = pytest.mark.slow
HEADER = "date,league,event,pick,odds,stake,result,reference"


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as world:
        yield world.set_up()


def rows(count: int, first: int = 0, result: str = "won") -> str:
    lines = [
        f"2026-0{1 + number % 8}-11 13:00,nfl,Chiefs @ Raiders,Chiefs -3,+100,1,{result},{number}"
        for number in range(first, first + count)
    ]
    return "\n".join([HEADER, *lines]) + "\n"


def sent(world: World, person: Person, text: str | bytes, name: str = "bets.csv", **options: object) -> Seen:
    data = text.encode() if isinstance(text, str) else text
    return world.settled(person.slash("import", file=Upload(name, "text/csv", data), **options))


def older(world: World, sql: str, by: timedelta) -> None:
    """What waiting would do, without everything else that happens meanwhile."""
    world.database.run(lambda session: session.execute(sql, (world.clock.now() - by,)))


def balance(world: World) -> tuple[int, int]:
    row = world.rows("SELECT COALESCE(SUM(bets), 0) AS bets, COALESCE(SUM(profit_micro), 0) AS p FROM ledger_entries")[
        0
    ]
    return int(row["bets"]), int(row["p"])


def sums(world: World) -> list[tuple[object, ...]]:
    return sorted(
        tuple(row.values()) for row in world.rows("SELECT * FROM capper_totals WHERE bets <> 0 OR profit_micro <> 0")
    )


def test_a_file_is_shown_then_taken_in_then_stands_apart(world: World) -> None:
    seen = sent(world, world.ann, rows(25) + "2026-01-01,nfl,x,Chiefs,abc,1,won,99\n")
    assert seen.private
    assert "26 rows" in seen.text
    assert "25–0–0, +25u" in seen.text
    assert "line 27, odds “abc”: is not a price" in seen.text
    assert balance(world) == (0, 0)
    done = world.settled(seen.click("Import 25 bets"))
    assert "25 bets were imported" in done.text
    assert balance(world) == (25, 25_000_000)
    stats = world.settled(world.bob.slash("stats", user=world.ann))
    assert "Imported from elsewhere, not counted above: 25 bets, 25–0–0, +25u" in stats.text
    assert "0–0–0" in stats.text
    board = world.settled(world.bob.slash("leaderboard", period="All time"))
    assert "Ann the Sharp" not in str(board.images[0].alt)
    assert "Ann the Sharp" in str(world.settled(board.click("Imported")).images[0].alt)
    assert "imported" in world.bob.slash("bets history", user=world.ann).text
    assert world.slips(world.bob) == []
    assert world.rows("SELECT content FROM imports")[0]["content"] is None
    assert world.simulator.problems == []


def test_the_same_file_or_row_twice_changes_nothing(world: World) -> None:
    world.settled(sent(world, world.ann, rows(5)).click("Import 5 bets"))
    again = sent(world, world.ann, rows(5))
    assert "5 of them were imported before" in again.text
    assert "nothing new" in again.text
    assert again.buttons == []
    first, second = sent(world, world.ann, rows(7)), sent(world, world.ann, rows(7))
    assert "2 bets were" in world.settled(first.click("Import 2 bets")).text
    assert "0 bets were" in world.settled(second.click("Import 2 bets")).text
    assert balance(world) == (7, 7_000_000)


def test_an_import_is_undone_as_a_whole_within_a_day_and_can_be_made_again(world: World) -> None:
    done = world.settled(sent(world, world.ann, rows(5)).click("Import 5 bets"))
    listed = world.settled(world.ann.slash("import"))
    assert "Undo import of 5 bets (bets.csv)" in listed.buttons
    template = listed.message.files[0] if listed.message else None
    assert template is not None
    assert next(csv.reader(io.StringIO(template.data.decode())))[:2] == ["date", "league"]
    assert "taken back" in world.settled(done.click("Undo import")).text
    assert balance(world) == (0, 0)
    assert [row["state"] for row in world.rows("SELECT DISTINCT state FROM bets")] == ["undone"]
    assert "was taken back" in world.settled(listed.click("Undo import of 5 bets (bets.csv)")).text
    assert "Imported" not in world.settled(world.bob.slash("stats", user=world.ann)).text
    second = world.settled(sent(world, world.ann, rows(5)).click("Import 5 bets"))
    assert balance(world) == (5, 5_000_000)
    older(world, "UPDATE imports SET done_at = %s", timedelta(hours=24, seconds=5))
    assert "24 hours" in world.settled(second.click("Undo import")).text
    assert balance(world) == (5, 5_000_000)


def test_sums_are_those_of_the_ledger_whatever_was_imported_and_undone(world: World) -> None:
    world.settled(sent(world, world.ann, rows(20)).click("Import 20 bets"))
    lost = world.settled(sent(world, world.ann, rows(9, 50, "lost")).click("Import 9 bets"))
    world.settled(lost.click("Undo import"))
    kept = sums(world)
    world.database.run(lambda session: StandingsRepository(session, world.guild.id).rebuild(world.ann.user_id))
    assert sums(world) == kept
    assert balance(world) == (20, 20_000_000)


def test_who_may_import_for_whom(world: World) -> None:
    assert "/capper add" in sent(world, world.bob, rows(1)).text
    assert "Manage Server" in sent(world, world.bob, rows(1), user=world.ann).text
    by_admin = sent(world, world.gina, rows(3), user=world.ann)
    world.settled(by_admin.click("Import 3 bets"))
    assert {row["capper_id"] for row in world.rows("SELECT capper_id FROM bets")} == {world.ann.user_id}
    elsewhere = world.simulator.guild("Elsewhere")
    hugo = elsewhere.user("hugo", role="admin")
    hugo.slash("setup", slip_channel=elsewhere.channel("slips"))
    assert "/capper add" in sent(world, hugo, rows(1), user=world.ann).text


def test_a_capper_removed_meanwhile_confirms_nothing(world: World) -> None:
    seen = sent(world, world.ann, rows(3))
    world.olga.slash("capper remove", user=world.ann)
    assert "/capper add" in world.settled(seen.click("Import 3 bets")).text
    assert balance(world) == (0, 0)


def test_cancel_and_an_old_preview_import_nothing_and_the_file_goes(world: World) -> None:
    seen = sent(world, world.ann, rows(3))
    assert "cancelled" in seen.click("Cancel").text
    assert seen.buttons == []
    old = sent(world, world.ann, rows(3))
    older(world, "UPDATE imports SET created_at = %s", timedelta(hours=1, seconds=5))
    assert "older than an hour" in world.settled(old.click("Import 3 bets")).text
    older(world, "UPDATE imports SET created_at = %s", timedelta(hours=2, seconds=5))
    world.cloud.invoke("job_retention", {})
    assert world.rows("SELECT import_id FROM imports") == ()
    assert balance(world) == (0, 0)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("bets.xlsx", b"PK", "is not a CSV file"),
        ("bets.csv", b"x" * (1 << 20) + b"x", "KiB"),
        ("bets.csv", b"date,pick\n1,2\n", "no column for: odds, stake, result"),
        ("bets.csv", b"\0\0\0", "not text"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_what_to_do(
    world: World, name: str, content: bytes, said: str
) -> None:
    seen = sent(world, world.ann, content, name)
    assert said in seen.text.replace("\\", "")
    assert seen.buttons == []


def test_money_is_divided_by_the_unit(world: World) -> None:
    text = "date,pick,odds,stake,result\n2026-01-01,Chiefs,+100,$50,won\n"
    assert "option unit" in sent(world, world.ann, text).text
    assert "+2u" in sent(world, world.ann, text, unit=25).text


def test_three_thousand_rows_come_in_batches_through_kills_and_count_once(database_url: str) -> None:
    with opened(database_url) as world:
        world.set_up()
        seen = sent(world, world.ann, rows(3000))
        pressed = seen.click("Import 3000 bets")
        for fault in (
            Faults.kill(crossing=12, when="before"),
            Faults.kill(crossing=40, when="after"),
            Faults.kill(crossing=70, when="before"),
        ):
            world.cloud.arm(fault)
            world.cloud.advance(60)
        world.cloud.arm(Faults())
        for _ in range(4):
            world.cloud.advance(60)
        assert balance(world) == (3000, 3_000_000_000)
        assert world.rows("SELECT state, imported FROM imports")[0] == {"state": "done", "imported": 3000}
        assert "3000 bets were imported" in pressed.text
        undone = pressed.click("Undo import")
        for _ in range(3):
            world.cloud.advance(60)
        assert "taken back" in undone.text
        assert balance(world) == (0, 0)


def test_a_busy_cdn_is_asked_again(world: World) -> None:
    world.simulator.faults.append(Fault("GET", "/cdn/", status=503, times=2))
    seen = sent(world, world.ann, rows(3))
    after(world, minutes=2)
    assert "3 rows" in seen.text
