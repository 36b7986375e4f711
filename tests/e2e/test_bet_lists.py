"""``/bets``, ``/card``, ``/export`` and own bets at the grade button."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from dbsbm.betting.settlement import Grade
from dbsbm.commands import export, export_file
from dbsbm.commands.export_file import as_csv
from dbsbm.core.bucket import Bucket, BucketError
from dbsbm.core.http import HttpRequest
from local.cloud import Faults
from local.cloud.faults import When
from local.cloud.signature import link_of
from local.discord_simulator import Seen
from tests.e2e.community import past
from tests.e2e.test_kills import at_every_crossing
from tests.e2e.world import World, after, opened

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


def download(world: World, seen: Seen) -> tuple[int, str]:
    """What whoever follows the link in an answer gets, by the right of the function that signed it."""
    found = re.search(r"\[bets\.\w+\]\((http[^)]+)\)", seen.text)
    assert found is not None, seen.text
    answer = world.cloud.roles.carry(link_of(found[1]), HttpRequest("GET", found[1]), world.cloud.aws)
    return answer.status, answer.body.decode("utf-8-sig")


def test_what_is_too_long_for_a_file_comes_behind_a_link(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "IN_A_FILE", 3)
    monkeypatch.setattr(export_file, "AT_ONCE", 2)
    past(world, world.ann, [Grade.WON, Grade.LOST, Grade.PUSH, Grade.VOID])
    world.settled(world.ann.slash("bet", pick="chiefs -3 -110 2u").click("Post"))
    seen = world.settled(world.ann.slash("export", format="csv"))
    assert seen.private
    assert "**5 bets**" in seen.text
    assert "15 minutes" in seen.text
    status, text = download(world, seen)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert (status, sorted(row["grade"] for row in rows)) == (200, ["", "lost", "push", "void", "won"])
    asked = parse_qs(urlsplit(re.findall(r"http[^)]+", seen.text)[0]).query)
    assert asked["X-Amz-Expires"] == ["900"]
    assert asked["response-content-disposition"] == ['attachment; filename="bets.csv"']
    stored = world.rows("SELECT content FROM outbox WHERE content LIKE '%%5 bets%%'")
    assert ["X-Amz-Signature" in row["content"] for row in stored] == [False], "sealed where it is stored"
    _, text = download(world, world.settled(world.olga.slash("export", format="json", user=world.ann)))
    assert len(json.loads(text)["bets"]) == 5
    assert world.simulator.problems == []


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_killed_export_gives_its_link(world: World, when: When, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "IN_A_FILE", 1)
    past(world, world.ann, [Grade.WON, Grade.LOST])

    def once(faults: Faults) -> int:
        seen = world.ann.slash("export", format="csv")
        world.cloud.arm(faults)
        world.cloud.run_until_idle()
        crossings = len(world.cloud.crossings)
        world.cloud.arm(Faults())
        after(world, seconds=150)
        assert download(world, seen)[0] == 200
        return crossings

    assert at_every_crossing(when, once) > 10


def test_a_bucket_that_is_away_is_asked_again_and_then_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "IN_A_FILE", 1)
    past(world, world.ann, [Grade.WON, Grade.LOST])

    def away(*_: Any, **__: Any) -> bool:
        raise BucketError("exports: status 503", 503)

    with monkeypatch.context() as broken:
        broken.setattr(Bucket, "put", away)
        seen = world.ann.slash("export", format="csv")
        world.cloud.advance(1)
        assert "being put together" in seen.text
    after(world, seconds=90)
    assert "**2 bets**" in seen.text
    monkeypatch.setattr(Bucket, "put", away)
    seen = world.ann.slash("export", format="csv")
    after(world, seconds=600)
    assert "could not be stored" in seen.text


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
