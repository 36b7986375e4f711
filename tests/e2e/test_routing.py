"""Where slips go and whom they ping, by capper and sport."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.discord_simulator import ChannelPlace, Seen
from tests.e2e.world import World, later, opened

pytestmark = pytest.mark.slow


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as world:
        yield world.set_up()


def post(world: World, pick: str = "chiefs -3 -110 2u") -> Seen:
    return world.settled(world.ann.slash("bet", pick=pick).click("Post"))


def shown(world: World, channel: ChannelPlace) -> list[Seen]:
    world.cloud.run_until_idle()
    return channel.seen_by(world.bob)


def test_the_most_specific_route_gets_the_slip_and_its_role_the_ping(world: World) -> None:
    football, anns = world.guild.channel("football"), world.guild.channel("anns-football")
    fans, all_roles = world.guild.role("football-fans"), world.guild.role("all-bets")
    saved = world.olga.slash("capper route", sport="Football", channel=football, ping=fans)
    assert saved.private
    assert f"<#{football.id}>" in saved.text
    assert f"<@&{fans.id}>" in saved.text
    world.olga.slash("capper route", user=world.ann, channel=world.guild.channel("anns"))
    world.olga.slash("capper route", user=world.ann, sport="Football", channel=anns)
    world.olga.slash("capper route", ping=all_roles)
    answer = post(world)
    assert f"<#{anns.id}>" in answer.text
    slip = shown(world, anns)[-1]
    assert slip.pinged_roles == [fans.id]  # the capper's route names no role, the sport's does
    assert slip.text.split("\n")[0].endswith(f"<@&{fans.id}>")
    assert world.slips(world.bob) == []
    entry = {"event": "Worlds final", "pick": "T1 to win", "odds": "+150", "locks": "in 3h", "units": "1u"}
    world.settled(world.ann.slash("manual", **entry).click("Post"))
    other = shown(world, world.guild.channel("anns"))[-1]
    assert other.pinged_roles == [all_roles.id]
    assert world.simulator.problems == []


def test_stamps_and_result_cards_follow_the_slip(world: World) -> None:
    football = world.guild.channel("football")
    fans = world.guild.role("football-fans")
    world.olga.slash("capper route", sport="Football", channel=football, ping=fans)
    for number in range(4):
        post(world, f"chiefs -{number + 3} -110 1u")
    later(world, hours=10)
    for slip in shown(world, football)[:4]:
        world.settled(slip.by(world.gina).click("⋯").click("Won"))
    messages = shown(world, football)
    assert all("Won" in slip.text and f"<@&{fans.id}>" in slip.text for slip in messages[:4])
    assert "4" in messages[-1].text
    assert len(messages) == 5
    assert world.slips(world.bob) == []
    assert world.simulator.problems == []


def test_routes_are_listed_and_removed(world: World) -> None:
    football = world.guild.channel("football")
    assert "no routes yet" in world.olga.slash("capper routes").text
    world.olga.slash("capper route", sport="Football", channel=football)
    world.olga.slash("capper route", user=world.ann, ping=world.guild.role("anns"))
    listed = world.olga.slash("capper routes")
    assert "Every capper · Football" in listed.text
    assert "Ann the Sharp · every sport" in listed.text
    left = listed.select("Remove a route", "Every capper · Football")
    assert "Every capper · Football" not in left.text
    post(world)
    assert len(world.slips(world.bob)) == 1


def test_a_route_takes_rights_in_the_channel_and_a_role_of_the_servers_own(world: World) -> None:
    closed = world.guild.channel("closed")
    closed.overwrite("bot", deny=("MANAGE_WEBHOOKS", "SEND_MESSAGES"))
    refused = world.olga.slash("capper route", sport="Football", channel=closed)
    assert "Manage Webhooks" in refused.text
    assert "Send Messages" in refused.text
    bots = world.guild.role("some-bot")
    bots.managed = True
    assert "integration" in world.olga.slash("capper route", ping=bots).text
    everyone = world.guild.guild.roles[world.guild.id]
    assert "@everyone" in world.olga.slash("capper route", ping=everyone).text.replace("\\", "")
    assert "Name a channel" in world.olga.slash("capper route", sport="Football").text
    assert "not a capper" in world.olga.slash("capper route", user=world.bob, channel=world.guild.channel("slips")).text
    assert world.rows("SELECT capper_id FROM routes") == ()


def test_a_lost_channel_is_told_and_nothing_is_lost(world: World) -> None:
    football, picks = world.guild.channel("football"), world.guild.channel("picks")
    world.olga.slash("capper route", sport="Football", channel=football)
    football.delete()
    post(world)
    told = world.slips(world.bob)[-1]  # the first slip after the loss: told where everybody reads, to the capper
    assert f"<#{football.id}>" in told.text
    assert told.pinged_users == [world.ann.user_id]
    preview = world.settled(world.ann.slash("bet", pick="chiefs ml -160 1u"))
    refused = preview.click("Post")
    assert refused.private
    assert f"<#{football.id}>" in refused.text
    assert "preview is kept" in refused.text
    assert len(world.rows("SELECT bet_id FROM bets")) == 1
    assert "cannot post" in told.by(world.ann).click("Post again").text
    assert "capper" in told.by(world.bob).click("Post again").text
    assert "I cannot post there" in world.olga.slash("capper routes").text
    world.olga.slash("capper route", sport="Football", channel=picks)
    assert f"<#{picks.id}>" in world.settled(told.by(world.ann).click("Post again")).text
    assert "Chiefs −3" in shown(world, picks)[-1].text
    assert "Nothing was posted twice" in told.by(world.ann).click("Post again").text
    world.settled(preview.click("Post"))
    assert "Chiefs ML" in shown(world, picks)[-1].text
    assert len(shown(world, picks)) == 2


def test_a_channel_that_was_repaired_is_picked_again(world: World) -> None:
    football = world.guild.channel("football")
    world.olga.slash("capper route", sport="Football", channel=football)
    football.overwrite("bot", deny=("VIEW_CHANNEL",))
    post(world)
    football.overwrite("bot")
    again = world.olga.slash("capper route", sport="Football", channel=football)
    assert "I cannot post there" not in again.text
    told = world.slips(world.bob)[-1]
    world.settled(told.by(world.ann).click("Post again"))
    assert len(shown(world, football)) == 1


def test_nobody_posts_under_a_name_of_the_staff(world: World) -> None:
    mod = world.guild.user("mo", nick="M0derator")
    assert "run the server" in world_text(world.olga.slash("capper add", user=mod))
    assert "run the server" in world_text(world.olga.slash("capper add", user=mod, name="Server Owner"))
    assert "Mo the Sharp" in world_text(world.olga.slash("capper add", user=mod, name="Mo the Sharp"))
    assert "run the server" in world_text(world.ann.slash("profile", name="ad\u200bmin"))
    assert "does not allow" in world_text(world.ann.slash("profile", name="disc0rd picks"))
    names = world.rows("SELECT display_name FROM cappers ORDER BY display_name")
    assert [row["display_name"] for row in names] == ["Ann the Sharp", "Mo the Sharp"]


def test_another_guild_has_its_own_routes_and_members_have_none(world: World) -> None:
    football = world.guild.channel("football")
    world.olga.slash("capper route", sport="Football", channel=football)
    for person in (world.bob, world.ann):
        assert "Manage Server" in world_text(person.slash("capper routes"))
        assert "Manage Server" in world_text(person.slash("capper route", channel=football))
    listed = world.olga.slash("capper routes")
    elsewhere = world.simulator.guild("Elsewhere")
    hugo = elsewhere.user("hugo", role="admin")
    hugo.slash("setup", slip_channel=elsewhere.channel("slips"))
    hugo.slash("capper add", user=hugo)
    assert "no routes yet" in hugo.slash("capper routes").text
    world.game(away="Denver Broncos", home="New York Jets")
    world.settled(hugo.slash("bet", pick="broncos -3 -110 1u").click("Post"))
    assert len(elsewhere.channel("slips").seen_by(hugo)) == 1
    assert len(world.rows("SELECT capper_id FROM routes")) == 1
    assert "Football" in listed.text


def world_text(seen: Seen) -> str:
    assert seen.private
    return seen.text
