"""Public pictures of slips: who may make one, what anybody sees under its address, and when it is gone."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from random import Random

import pytest
from PIL import Image

from dbsbm.bets.links.address import PublicId, new_key, parse
from dbsbm.core.http import HttpRequest, HttpResponse
from dbsbm.discord import custom_id
from local.cloud import HttpServer
from local.discord_simulator import Seen
from local.discord_simulator.errors import ClientRefusalError
from tests.e2e.forging import COMPONENT
from tests.e2e.world import KICK_OFF, PUBLIC_URL, World, opened

pytestmark = pytest.mark.slow


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as world:
        yield world.set_up()


def let(world: World) -> World:
    """The community lets slips be public."""
    world.settled(world.olga.slash("settings show").click("Look").click("Turn on public pictures"))
    return world


def posted(world: World, pick: str = "chiefs -3 -110 2u") -> Seen:
    """Ann's bet, its slip as Bob sees it."""
    world.settled(world.ann.slash("bet", pick=pick).click("Post"))
    return world.slips(world.bob)[-1]


def path_in(seen: Seen) -> str:
    found = re.search(rf"{PUBLIC_URL}(/slips/[A-Za-z0-9_-]{{43}}\.png)", seen.text)
    assert found is not None, seen.text
    return found[1]


def published(world: World, slip: Seen) -> str:
    """The path of a slip's picture, made public by Ann."""
    return path_in(slip.by(world.ann).click("⋯").click("Public picture").click("Make it public"))


def fetched(world: World, path: str, **headers: str) -> HttpResponse:
    return world.cloud.http(HttpRequest("GET", f"{PUBLIC_URL}{path}", headers, b""))


def test_anybody_with_the_address_sees_the_slip_as_it_stands(world: World) -> None:
    slip = posted(let(world))
    path = published(world, slip)
    answer = fetched(world, path)
    assert answer.status == 200
    assert answer.headers["content-type"] == "image/png"
    assert Image.open(BytesIO(answer.body)).size[0] == 1020
    assert answer.headers["cache-control"] == "public, max-age=60"
    etag = answer.headers["etag"]
    again = fetched(world, path, **{"if-none-match": etag})
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", etag)
    world.cloud.skip_to(KICK_OFF + timedelta(hours=4))
    world.settled(slip.by(world.gina).click("⋯").click("Won"))
    graded = fetched(world, path, **{"if-none-match": etag})
    assert graded.status == 200
    assert graded.headers["etag"] != etag
    assert graded.body != answer.body


def test_no_address_opens_what_nobody_made_public(world: World) -> None:
    posted(let(world))
    bet = world.rows("SELECT guild_id, bet_id, public_key FROM bets")[0]
    assert bet["public_key"] is None
    guessed = str(PublicId(bet["guild_id"], bet["bet_id"], new_key(Random(1))))
    public = published(world, world.slips(world.bob)[-1])
    others = [guessed, str(parse(public[7:-4])._replace(guild_id=1)), guessed[:-1], "A" * 43, "..%2f..%2fetc", ""]  # type: ignore[union-attr]
    said = {fetched(world, f"/slips/{each}.png").body for each in others}
    assert {fetched(world, f"/slips/{each}.png").status for each in others} == {404}
    assert len(said) <= 2, "our 404 and, where no route has such a path, the API's own"
    assert fetched(world, public[:-4]).status == 404
    assert fetched(world, public.replace(".png", ".svg")).status == 404
    assert fetched(world, f"/slips/{guessed}.png").headers["cache-control"] == "no-store"


def test_a_community_lets_them_be_or_not_and_a_capper_takes_his_own_back(world: World) -> None:
    slip = posted(world)
    with pytest.raises(ClientRefusalError):
        slip.by(world.ann).click("⋯").click("Public picture")
    path = published(let(world), slip)
    assert fetched(world, path).status == 200
    look = world.olga.slash("settings show").click("Look")
    world.settled(look.click("Turn off public pictures"))
    assert fetched(world, path).status == 404
    let(world)
    panel = slip.by(world.ann).click("⋯").click("Public picture")
    assert path_in(panel) == path
    closed = panel.click("Take it back")
    assert "not public any more" in closed.text
    assert fetched(world, path).status == 404
    assert published(world, slip) != path
    events = world.rows("SELECT details FROM audit_events WHERE kind = 'bet.shared' ORDER BY event_id")
    assert [each["details"] for each in events] == [f'{{"public":{each}}}' for each in ("true", "false", "true")]


def test_only_the_capper_has_the_button_and_only_the_capper_may_press_it(world: World) -> None:
    slip = posted(let(world))
    with pytest.raises(ClientRefusalError):
        slip.by(world.olga).click("⋯").click("Public picture")
    asked = slip.by(world.ann).click("⋯").click("Public picture")
    button = {"custom_id": custom_id.build("link.make", world.rows("SELECT bet_id FROM bets")[0]["bet_id"])}
    refused = world.settled(world.bob.forge(COMPONENT, {**button, "component_type": 2}, slip))
    assert "Only the capper" in refused.text
    assert world.rows("SELECT bet_id FROM bets WHERE public_key IS NOT NULL") == ()
    world.settled(world.olga.slash("settings show").click("Look").click("Turn off public pictures"))
    assert "not public in this server" in asked.click("Make it public").text


def test_a_community_that_removed_the_bot_shows_nothing(world: World) -> None:
    path = published(let(world), posted(world))
    world.database.run(lambda session: session.execute("UPDATE guilds SET state = 'removed'"))
    assert fetched(world, path).status == 404


def test_a_tickets_legs_are_marked_as_they_are_decided(world: World) -> None:
    let(world).game("Buffalo Bills", "New York Jets")
    path = published(world, posted(world, "chiefs -3 -110; bills +3 -110; 1u"))
    before = fetched(world, path)
    world.cloud.skip_to(KICK_OFF + timedelta(hours=4))
    world.final(30, 20)
    world.cloud.run_until_idle()
    assert fetched(world, path, **{"if-none-match": before.headers["etag"]}).status == 200


def test_over_a_real_socket(world: World) -> None:
    path = published(let(world), posted(world))
    with _served(world) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        picture = answer.read()
        assert (answer.status, picture[:8]) == (200, b"\x89PNG\r\n\x1a\n")
        connection.request("GET", path, headers={"If-None-Match": answer.headers["ETag"]})
        again = connection.getresponse()
        assert (again.status, again.read()) == (304, b"")
        connection.request("GET", "/health")
        health = connection.getresponse()
        health.read()
        connection.request("GET", "/health", headers={"If-None-Match": health.headers["ETag"]})
        assert connection.getresponse().status == 304


@contextmanager
def _served(world: World) -> Iterator[http.client.HTTPConnection]:
    server = HttpServer(world.cloud)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        yield connection
    finally:
        connection.close()
        server.stop()
