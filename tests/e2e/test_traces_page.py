"""The local page of interactions: who did what for each of them, out of log lines alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest

from dbsbm.core.http import HttpRequest
from dbsbm.core.transport import PooledTransport
from local.cloud.processes import records
from local.cloud.serving import HttpServer
from local.traces.assembly import Bar, interactions
from local.traces.drawing import drawn
from local.traces.page import PATH
from tests.e2e.world import World, opened


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as world:
        yield world.set_up()


def path_to(bars: tuple[Bar, ...], name: str, note: str = "") -> list[str]:
    """The spans that one lies within, outermost first."""
    by_id = {bar.span_id: bar for bar in bars}
    bar = next(each for each in bars if each.name == name and note in each.note)
    names = [bar.name]
    while bar.parent_id in by_id:
        bar = by_id[bar.parent_id]
        names.insert(0, bar.name)
    return names


def test_a_bet_is_followed_from_the_click_to_the_message(world: World) -> None:
    world.settled(world.ann.slash("bet", pick="chiefs -3 -110 2u").click("Post"))
    posted = interactions(world.cloud.all_logs(), 1)[0]
    assert (posted.route, posted.outcome, posted.by) == ("draft.post", "answered", "discord")
    written = ["front door", "command_betting", "exchange", "transaction"]
    assert path_to(posted.bars, "handler") == [*written, "handler"]
    assert path_to(posted.bars, "render") == [*written, "send", "render"]
    assert path_to(posted.bars, "discord", "POST") == [*written, "send", "discord"]
    assert path_to(posted.bars, "delivery") == ["front door", "command_betting", "nudge", "delivery"]
    assert [bar.depth for bar in posted.bars[:3]] == [0, 1, 2]
    assert {told.function for told in posted.lines} == {"interactions", "command_betting", "delivery"}


def test_the_newest_stand_first_and_a_picture_is_well_formed(world: World) -> None:
    for _ in range(3):
        world.ann.slash("stats")
    world.bob.slash("schedule", league="nfl")
    shown = interactions(world.cloud.all_logs(), 3)
    assert [each.route for each in shown] == ["schedule", "stats", "stats"]
    picture = ElementTree.fromstring(drawn(shown[0]))
    rows = list(picture.iter("{http://www.w3.org/2000/svg}rect"))
    assert len(rows) == 1 + len(shown[0].bars)


def test_what_goes_wrong_is_drawn_as_such(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("dbsbm.commands.rights.check", broken)
    world.bob.slash("schedule", league="nfl")
    (shown,) = interactions(world.cloud.all_logs(), 1)
    assert [bar.name for bar in shown.bars if bar.failed] == ["exchange", "transaction"]
    assert "#c62828" in drawn(shown)


def test_the_page_shows_them_and_no_secret(world: World) -> None:
    server = HttpServer(world.cloud)
    transport = PooledTransport()
    try:
        empty = transport(HttpRequest("GET", f"{server.url}{PATH}"))
        world.settled(world.ann.slash("bet", pick="chiefs -3 -110 2u").click("Post"))
        full = transport(HttpRequest("GET", f"{server.url}{PATH}"))
        other = transport(HttpRequest("POST", f"{server.url}{PATH}", body=b"{}"))
    finally:
        server.stop()
    text = full.body.decode()
    assert (empty.status, full.status, other.status) == (200, 200, 404)
    assert full.headers["content-type"] == "text/html; charset=utf-8"
    assert "draft.post" in text
    assert "<svg" in text
    assert world.simulator.bot_token not in text
    assert "Ann the Sharp" not in text
    assert "<script" not in text


def test_documents_that_a_process_wrote_in_one_line_are_all_read() -> None:
    line = '{"message": "invocation", "spans": [{"a": 1}]}{"_aws": {}} {"message": "next"}killed in the mid'
    assert records(line) == [
        {"message": "invocation", "spans": [{"a": 1}]},
        {"_aws": {}},
        {"message": "next"},
        {"message": "killed in the mid"},
    ]
    assert records("  ") == []
    assert records('{"cut off') == [{"message": '{"cut off'}]
