"""A photo with a bet: from the panel's form to a message under the slip."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.discord_simulator import Seen
from local.discord_simulator.multipart import Upload
from tests.e2e.world import World, opened

pytestmark = pytest.mark.slow
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(200)
_PICK = "chiefs -3 -110 2u"


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as world:
        yield world.set_up()


def typed(world: World, photo: Upload | None, bets: str = _PICK) -> Seen:
    world.settled(world.olga.at("slips").slash("panel"))
    panel = next(seen for seen in world.slips(world.ann) if "New bet" in seen.buttons)
    form = panel.click("New bet")
    return world.settled(form.submit_modal(bets=bets, note="", **({"photo": [photo]} if photo else {})))


def test_the_photo_stands_under_the_slip_and_stays_when_the_bet_is_withdrawn(world: World) -> None:
    preview = typed(world, Upload("ticket.png", "image/png", PICTURE))
    assert "photo" in preview.text
    world.settled(preview.click("Post"))
    slip, photo = [seen for seen in world.slips(world.bob) if "New bet" not in seen.buttons]
    assert photo.images[0].data == PICTURE
    assert photo.author == slip.author == "Ann the Sharp"
    assert "Chiefs −3" in photo.text
    world.settled(slip.by(world.ann).click("⋯").click("Withdraw").click("Yes, withdraw"))
    assert photo.images[0].data == PICTURE
    assert world.simulator.problems == []


def test_each_bet_of_the_form_has_it_and_a_changed_note_keeps_it(world: World) -> None:
    first = typed(world, Upload("ticket.jpg", "image/jpeg", PICTURE), f"{_PICK}\nchiefs ml -160 1u")
    assert "photo" in first.text
    form = first.click("Notes")
    first = world.settled(form.submit_modal(write_up="Because", book="", link=""))
    assert "Because" in first.text
    assert "photo" in first.text
    world.settled(first.click("Post"))
    world.settled(world.ann.slash("draft").click("Post"))
    photos = [seen for seen in world.slips(world.bob) if seen.images and seen.images[0].data == PICTURE]
    assert len(photos) == 2


def test_a_form_without_a_photo_posts_the_slip_alone(world: World) -> None:
    world.settled(typed(world, None).click("Post"))
    assert len([seen for seen in world.slips(world.bob) if "New bet" not in seen.buttons]) == 1


def test_what_is_no_picture_is_refused_with_the_pick_kept_by_the_person(world: World) -> None:
    refused = typed(world, Upload("ticket.pdf", "application/pdf", PICTURE))
    assert refused.private
    assert "PNG, JPEG, WebP or GIF" in refused.text
    assert world.rows("SELECT draft_id FROM drafts") == ()
