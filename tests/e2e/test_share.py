"""*Share* in ⋯: a slip as it stands, in another channel."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dbsbm.discord import custom_id
from local.discord_simulator import ClientRefusalError, Seen
from tests.e2e.forging import COMPONENT
from tests.e2e.world import World, later, opened

pytestmark = pytest.mark.slow
SHARE = "Share in a channel …"


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as world:
        world.set_up()
        world.settled(world.ann.slash("bet", pick="chiefs -3 -110 2u").click("Post"))
        yield world


def slip(world: World) -> Seen:
    return world.slips(world.bob)[-1]


def test_a_capper_shares_the_slip_as_it_stands_without_its_ping(world: World) -> None:
    lounge = world.guild.channel("lounge")
    told = world.settled(slip(world).by(world.ann).click("⋯").select(SHARE, lounge))
    assert told.private
    assert f"Shared in <#{lounge.id}>" in told.text
    [shared] = lounge.seen_by(world.bob)
    assert "Chiefs −3 (−110) 2u" in shared.text
    assert f"Shared by <@{world.ann.user_id}>" in shared.text
    [place] = world.rows("SELECT message_id FROM outbox_targets WHERE target_key LIKE 'bet:%'")
    assert f"/{place['message_id']})" in shared.text
    assert len(shared.images) == 1
    assert shared.click("Details").text == slip(world).click("Details").text


def test_what_is_shared_after_the_grade_says_what_it_came_to(world: World) -> None:
    later(world, hours=12)
    world.settled(slip(world).by(world.gina).click("⋯").click("Won"))
    lounge = world.guild.channel("lounge")
    world.settled(slip(world).by(world.gina).click("⋯").select(SHARE, lounge))
    [shared] = lounge.seen_by(world.bob)
    assert "Won" in shared.text
    assert f"Shared by <@{world.gina.user_id}>" in shared.text


def test_others_are_not_offered_it_and_cannot_forge_it(world: World) -> None:
    lounge = world.guild.channel("lounge")
    panel = slip(world).by(world.bob).click("⋯")
    with pytest.raises(ClientRefusalError):
        panel.select(SHARE, lounge)
    [bet] = world.rows("SELECT bet_id FROM bets")
    wire = custom_id.build("slip.share", bet["bet_id"])
    data = {"custom_id": wire, "component_type": 8, "values": [str(lounge.id)]}
    forged = world.settled(world.bob.forge(COMPONENT, data, slip(world)))
    assert "may share this slip" in forged.text
    assert lounge.seen_by(world.bob) == []


def test_it_goes_only_where_the_person_and_the_bot_may_write(world: World) -> None:
    staff, closed = world.guild.channel("staff"), world.guild.channel("closed")
    staff.overwrite("@everyone", deny=("SEND_MESSAGES",))
    staff.overwrite("bot", allow=("SEND_MESSAGES",))
    closed.overwrite("bot", deny=("SEND_MESSAGES",))
    own = slip(world).by(world.ann)
    assert "cannot post in" in world.settled(own.click("⋯").select(SHARE, staff)).text
    assert "Send Messages" in world.settled(own.click("⋯").select(SHARE, closed)).text
    assert staff.seen_by(world.gina) == closed.seen_by(world.gina) == []
