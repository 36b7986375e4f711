"""``/settings``, ``/capper pause`` and ``/profile`` as persons meet them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.discord_simulator import Seen
from local.discord_simulator.errors import ClientRefusalError
from tests.e2e.world import World, opened

pytestmark = pytest.mark.slow


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as world:
        yield world.set_up()


def setting(world: World, column: str) -> object:
    return world.rows(f"SELECT {column} AS value FROM guilds WHERE guild_id = %s", world.guild.id)[0]["value"]


def controls(seen: Seen) -> int:
    return sum(len(row.get("components", ())) for row in seen.components)


def test_every_tab_shows_what_is_set_and_saves_at_once(world: World) -> None:
    seen = world.olga.slash("settings show")
    assert seen.private
    assert "slips" in seen.text or "<#" in seen.text
    rules = seen.click("Betting rules")
    assert "what is risked" in rules.text
    changed = rules.select("What a typed stake means", "what can be won")
    assert "A typed stake is: **what can be won**" in changed.text
    changed = changed.select("Most units of one bet", "10u")
    changed = changed.select("Most open bets of a capper", "5")
    changed = changed.click("Turn on deciding on own bets")
    changed = changed.click("Turn on automatic grades")
    assert [setting(world, name) for name in ("stake_mode", "max_units_micro", "max_open_bets")] == [
        "to_win",
        10_000_000,
        5,
    ]
    assert (setting(world, "self_grading"), setting(world, "auto_grade")) == (1, 1)
    look = changed.click("Look").select("How prices are shown", "Decimal (1.91)")
    assert "Decimal" in look.text
    assert "(1.91)" in world.ann.slash("bet", pick="chiefs -3 -110 2u").text
    posts = look.click("Posts & counters")
    assert "on" in posts.text
    assert "off" in posts.click("Turn off result cards").text
    assert setting(world, "result_cards") == 0
    assert world.simulator.problems == []


def test_no_tab_has_more_than_ten_controls_of_its_own(world: World) -> None:
    seen = world.olga.slash("settings show")
    for tab in ("Roles", "Betting rules", "Posts & counters", "Look", "Channels"):
        seen = seen.click(tab)
        assert controls(seen) - 5 <= 10


def test_channels_and_roles_are_picked_with_discords_own_selects(world: World) -> None:
    seen = world.olga.slash("settings show")
    seen.select("Channel for result cards", world.guild.channel("general"))
    assert setting(world, "results_channel_id") == world.guild.channel("general").id
    seen = seen.click("Result cards beside the slips")
    assert setting(world, "results_channel_id") is None
    roles = seen.click("Roles").select("Capper role", world.guild.role("grader"))
    assert setting(world, "capper_role_id") == world.guild.role("grader").id
    assert str(world.guild.role("grader").id) in roles.text


def test_commands_are_taken_in_the_channels_picked_for_them_alone(world: World) -> None:
    slips, general = world.guild.channel("slips"), world.guild.channel("general")
    seen = world.olga.at("slips").slash("settings show")
    assert "in every channel" in seen.text
    picked = seen.select("Channels for commands (none: every channel)", general)
    assert f"<#{general.id}>" in picked.text
    for person, command in ((world.ann, "bets open"), (world.bob, "leaderboard"), (world.gina, "ungraded")):
        refused = world.settled(person.at("slips").slash(command))
        assert refused.private
        assert refused.text == f"Commands are not taken in this channel. Use <#{general.id}>."
        assert "not taken" not in world.settled(person.at("general").slash(command)).text
    assert "Set-up of this server" in world.olga.at("slips").slash("setup").text
    world.settled(world.ann.at("general").slash("bet", pick="chiefs -3 -110 2u").click("Post"))
    slip = world.slips(world.bob)[-1]
    assert "Risk" in slip.by(world.bob).click("Details").text
    pasted = world.ann.at("slips").says("Chiefs ml -160 1u")
    assert "Post" in world.settled(world.ann.at("slips").message_command("Log as bet", pasted)).buttons
    assert "not taken" not in world.settled(world.bob.at("slips").slash("privacy status")).text
    assert world.rows("SELECT event_id FROM audit_events WHERE kind = 'security.right_refused'") == ()
    assert (
        f"<#{general.id}> <#{slips.id}>"
        in picked.select("Channels for commands (none: every channel)", general, slips).text
    )
    assert "not taken" not in world.ann.at("slips").slash("bets open").text
    picked.select("Channels for commands (none: every channel)")
    assert setting(world, "command_channels") == ""
    assert world.simulator.problems == []


def test_the_time_zone_is_found_by_typing(world: World) -> None:
    choices = world.olga.autocomplete("settings timezone", "zone", "berlin")
    assert [choice.value for choice in choices] == ["Europe/Berlin"]
    assert "Europe/Berlin" in world.olga.slash("settings timezone", zone="europe/berlin").text
    assert setting(world, "timezone") == "Europe/Berlin"
    assert "“Mars”" in world.olga.slash("settings timezone", zone="Mars").text


def test_settings_are_an_admins_and_of_one_guild(world: World) -> None:
    elsewhere = world.simulator.guild("Elsewhere")
    hugo = elsewhere.user("hugo", role="admin")
    hugo.slash("setup", slip_channel=elsewhere.channel("slips"))
    theirs = hugo.slash("settings show").click("Look").select("How prices are shown", "Malay (0.91)")
    assert "Malay" in theirs.text
    assert setting(world, "odds_format") == "american"
    with pytest.raises(ClientRefusalError):
        world.bob.slash("settings show")


def test_a_paused_capper_posts_nothing_until_the_pause_ends(world: World) -> None:
    assert "does not post" in world.olga.slash("capper pause", user=world.ann).text
    assert "/capper add" in world.ann.slash("bet", pick="chiefs -3 -110 2u").text
    assert "can post bets" in world.olga.slash("capper pause", user=world.ann).text
    assert "Post" in world.ann.slash("bet", pick="chiefs -3 -110 2u").buttons
    assert "no such thing" in world.olga.slash("capper pause", user=world.bob).text


def test_a_capper_chooses_the_name_on_the_slips(world: World) -> None:
    assert "**Queen Ann**" in world.ann.slash("profile", name="Queen Ann").text
    world.settled(world.ann.slash("bet", pick="chiefs -3 -110 2u").click("Post"))
    assert world.slips(world.bob)[-1].author == "Queen Ann"
    for name in ("Discord Ann", "The Clyde", "Admin Ann", "staff"):
        assert f"“{name}”" in world.ann.slash("profile", name=name).text
    assert "“http" in world.ann.slash("profile", picture="http://evil.example/a.png").text
    assert "/capper add" in world.bob.slash("profile", name="Bob").text
