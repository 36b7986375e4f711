"""``/bets``, ``/card``, ``/export`` and own bets at the grade button."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

import pytest

from dbsbm.betting.settlement import Grade
from dbsbm.commands.export import as_csv
from local.discord_simulator import Seen
from tests.e2e.community import past
from tests.e2e.world import World, opened

pytestmark = pytest.mark.slow


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as world:
        yield world.set_up()


def file_of(world: World, seen: Seen) -> tuple[str, str]:
    assert seen.message is not None
    file = seen.message.files[0]
    return file.filename, file.data.decode("utf-8-sig")


def test_history_is_turned_by_pages_however_long(world: World) -> None:
    past(world, world.ann, [Grade.WON, Grade.LOST] * 15)
    seen = world.bob.slash("bets history", user=world.ann)
    assert seen.private
    lines = seen.text.count("Chiefs −3")
    while "More" in seen.buttons:
        seen = seen.click("More")
        lines += seen.text.count("Chiefs −3")
    assert lines == 30
    assert "Back" in seen.buttons
    assert "`/capper list` shows who does" in world.bob.slash("bets history").text


def test_open_bets_and_the_card_of_today(world: World) -> None:
    assert "no open bets" in world.ann.slash("card").text
    world.settled(world.ann.slash("bet", pick="chiefs -3 -110 2u").click("Post"))
    assert "Chiefs −3 (−110) 2u" in world.ann.slash("bets open").text
    world.settled(world.ann.slash("card"))
    card = world.slips(world.bob)[-1]
    assert "Card of Ann the Sharp · 1 bets" in card.text
    assert "/capper add" in world.bob.slash("card").text
    assert world.simulator.problems == []


def test_another_guilds_lists_are_their_own(world: World) -> None:
    past(world, world.ann, [Grade.WON])
    elsewhere = world.simulator.guild("Elsewhere")
    hugo = elsewhere.user("hugo", role="admin")
    hugo.slash("setup", slip_channel=elsewhere.channel("slips"))
    hugo.slash("capper add", user=hugo)
    assert "There are none" in hugo.slash("bets history").text
    seen = world.settled(hugo.slash("export", format="csv"))
    assert "0 bets" in seen.text


def test_the_export_holds_every_bet_and_only_for_its_owner_or_an_admin(world: World) -> None:
    past(world, world.ann, [Grade.WON, Grade.LOST, Grade.PUSH])
    world.settled(world.ann.slash("bet", pick="chiefs -3 -110 2u").click("Post"))
    seen = world.settled(world.ann.slash("export", format="csv"))
    assert seen.private
    name, text = file_of(world, seen)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert name == "bets.csv"
    assert sorted(row["grade"] for row in rows) == ["", "lost", "push", "won"]
    _, text = file_of(world, world.settled(world.olga.slash("export", format="json", user=world.ann)))
    assert len(json.loads(text)["bets"]) == 4
    refused = world.settled(world.bob.slash("export", format="json", user=world.ann))
    assert "Manage Server" in refused.text
    assert world.simulator.problems == []


@pytest.mark.parametrize("typed", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(typed: str) -> None:
    text = as_csv([{"pick": typed}])
    assert next(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))["pick"] == f"'{typed}"


def test_an_own_bet_is_graded_only_where_the_guild_allows_it(world: World) -> None:
    world.olga.slash("capper add", user=world.gina)
    world.settled(world.ann.slash("bet", pick="chiefs -3 -110 2u").click("Post"))
    world.database.run(
        lambda session: session.execute("UPDATE bets SET capper_id = %s, starts_at = posted_at", (world.gina.user_id,))
    )
    slip = world.slips(world.bob)[-1].by(world.gina)
    panel = slip.click("⋯")
    assert "proposes **Won**" in panel.click("Won").text
    assert world.rows("SELECT bet_id FROM ledger_entries") == ()
    world.olga.slash("settings show").click("Betting rules").click("Turn on deciding on own bets")
    world.settled(slip.click("⋯").click("Won"))
    assert world.rows("SELECT source FROM bet_grades")[0]["source"] == "own"
