"""Reminders, counters and the role of the month's best, as admins set them and everybody sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from dbsbm.betting.settlement import Grade
from local.discord_simulator.errors import ClientRefusalError
from tests.e2e.community import past
from tests.e2e.routines import (
    COUNTERS,
    ROLE,
    below_the_bot,
    bet,
    community,
    decide,
    holders,
    local,
    posts,
    switch_on,
    tab,
    voice,
)
from tests.e2e.world import World

pytestmark = pytest.mark.slow
START = datetime(2026, 10, 12, 16, 0, tzinfo=UTC)
WON, LOST = Grade.WON, Grade.LOST
DAY = timedelta(days=1)
TODAY = date(2026, 10, 12)


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with community(database_url, START) as world:
        yield world


def skip(world: World, **time: float) -> None:
    world.cloud.skip_to(world.clock.now() + timedelta(**time))


def renames(world: World) -> list[int]:
    """How Discord answered each request for another name."""
    return [
        status
        for method, path, status in world.simulator.requests
        if method == "PATCH" and re.fullmatch(r".*/channels/\d+", path)
    ]


# The tab.


def test_the_tab_shows_what_is_set_and_each_control_saves_at_once(world: World) -> None:
    seen = tab(world)
    assert seen.private
    assert "Posts: **none**" in seen.text
    assert "Counter channels: **none**" in seen.text
    seen = switch_on(world, "Daily recap", "Reminder of ungraded bets")
    assert "Posts: **Daily recap, Reminder of ungraded bets**" in seen.text
    assert f"<#{world.guild.channel('recaps').id}>" in seen.text
    seen = seen.select("When recaps are posted", "Recaps at 7:00 AM").select("How many get the role", "First 5")
    seen = seen.select("When graders are reminded", "Reminder at 8:00 PM")
    assert "**7:00 AM** · Reminder: **8:00 PM**" in seen.text
    seen = seen.select("Posts that are on", "Weekly recap")
    assert "Posts: **Weekly recap**" in tab(world).text
    rows = world.rows("SELECT routine FROM community_routines ORDER BY routine")
    assert [row["routine"] for row in rows] == ["corrections", "weekly"]
    assert "Posts: **none**" in seen.select("Posts that are on").text
    logged = world.rows("SELECT details FROM audit_events WHERE kind = 'guild.setting' ORDER BY event_id")
    assert {'{"value":"daily,reminder"}', '{"value":"7"}', '{"value":"5"}'} <= {row["details"] for row in logged}
    assert world.rows("SELECT routine FROM community_routines") == ()
    cleared = seen.select("Channel for posts")
    assert f"<#{world.guild.channel('slips').id}>" in cleared.text
    with pytest.raises(ClientRefusalError):
        tab(world, world.bob)
    assert world.simulator.problems == []


def test_a_channel_the_bot_cannot_post_in_is_refused_by_name_of_the_right(world: World) -> None:
    world.guild.channel("staff").overwrite("bot", deny=("SEND_MESSAGES",))
    refused = tab(world).select("Channel for posts", world.guild.channel("staff"))
    assert "Send Messages" in refused.text
    assert f"<#{world.guild.channel('slips').id}>" in tab(world).text


def test_a_tier_says_how_many_posts_there_may_be(database_url: str) -> None:
    with community(database_url, START, DISCORD_SKU_PREMIUM="9001") as world:
        switch_on(world, "Daily recap", "Reminder of ungraded bets")
        refused = tab(world).select("Posts that are on", "Daily recap", "Weekly recap", "Reminder of ungraded bets")
        assert refused.private
        assert "2" in refused.text
        seen = tab(world)
        assert "Posts: **Daily recap, Reminder of ungraded bets**" in seen.text
        seen = seen.select("Posts that are on", "Weekly recap", "Monthly standings")
        assert "Posts: **Weekly recap, Monthly standings**" in seen.text


# The reminder.


def test_graders_are_reminded_and_the_button_opens_their_private_page(world: World) -> None:
    switch_on(world, "Reminder of ungraded bets")
    started = bet(world, world.ann, local(TODAY, 19))
    bet(world, world.bob, local(TODAY, 22, 30))
    world.cloud.skip_to(local(TODAY, 23))
    (reminder,) = posts(world)
    assert "wait for a grade: **1**" in reminder.text
    assert reminder.pinged_roles == [world.guild.role("grader").id]
    opened = reminder.by(world.gina).click("Open the list")
    assert opened.private
    assert "wait for a grade" in opened.text
    refused = reminder.by(world.bob).click("Open the list")
    assert refused.private
    assert "wait for a grade" not in refused.text
    assert f"<@&{world.guild.role('grader').id}>" in refused.text
    decide(world, started, WON)
    world.database.run(lambda session: session.execute("UPDATE bets SET state = 'graded' WHERE state = 'open'"))
    world.cloud.skip_to(local(TODAY + DAY, 23))
    assert len(posts(world)) == 1


def test_reminders_go_to_the_channel_of_those_who_grade_and_come_at_most_once(world: World) -> None:
    world.olga.slash("settings show").select("Channel for those who grade", world.guild.channel("staff"))
    switch_on(world, "Reminder of ungraded bets")
    bet(world, world.ann, local(TODAY, 13))
    world.cloud.skip_to(local(TODAY + DAY, 1))
    assert len(posts(world, "staff")) == 1
    assert posts(world) == []
    world.cloud.skip_to(local(TODAY + 2 * DAY, 4))
    assert len(posts(world, "staff")) == 1
    world.cloud.skip_to(local(TODAY + 2 * DAY, 23))
    assert len(posts(world, "staff")) == 2


# Counters.


def test_counters_are_made_renamed_when_they_change_and_removed(world: World) -> None:
    seen = tab(world).select(COUNTERS, "Record", "Units", "Open bets")
    world.cloud.run_until_idle()
    assert voice(world) == ["Record 0–0–0", "Units 0u", "Open bets 0"]
    assert "Counter channels: **Record, Units, Open bets**" in seen.text
    bet(world, world.ann, START + timedelta(hours=1), WON)
    bet(world, world.bob, START + timedelta(hours=1))
    skip(world, minutes=10)
    assert voice(world) == ["Record 1–0–0", "Units +0.91u", "Open bets 1"]
    for _ in range(6):
        skip(world, minutes=10)
    assert renames(world) == [200] * 3
    seen = tab(world).select(COUNTERS, "Units")
    world.cloud.run_until_idle()
    assert voice(world) == ["Units +0.91u"]
    seen.select(COUNTERS)
    world.cloud.run_until_idle()
    assert voice(world) == []
    assert world.rows("SELECT counter FROM community_counters") == ()
    assert world.simulator.problems == []


def test_a_counter_that_never_stands_still_is_renamed_within_discords_limit(world: World) -> None:
    tab(world).select(COUNTERS, "Open bets")
    world.cloud.run_until_idle()
    for _ in range(24):
        bet(world, world.ann, START + timedelta(hours=1))
        skip(world, minutes=5)
    assert voice(world) == ["Open bets 24"]
    assert 10 <= len(renames(world)) <= 12
    assert set(renames(world)) == {200}


def test_everybody_sees_a_counter_and_nobody_enters_it(world: World) -> None:
    tab(world).select(COUNTERS, "Units")
    world.cloud.run_until_idle()
    channel = next(each for each in world.simulator.state.guild_channels(world.guild.id) if each.type == 2)
    everyone, bot = channel.overwrites[world.guild.id], channel.overwrites[world.simulator.application_id]
    assert (everyone.allow, everyone.deny) == (1 << 10, 1 << 20)
    assert bot.allow & 1 << 20


def test_a_missing_right_is_named_before_anything_is_made(world: World) -> None:
    for name in ("general", "slips", "recaps", "staff"):
        world.guild.channel(name).overwrite("bot", deny=("MANAGE_CHANNELS",))
    refused = tab(world).select(COUNTERS, "Units")
    assert "Manage Channels" in refused.text
    world.cloud.run_until_idle()
    assert voice(world) == []
    assert world.rows("SELECT counter FROM community_counters") == ()
    world.guild.channel("general").overwrite("bot")
    tab(world).select(COUNTERS, "Units")
    world.cloud.run_until_idle()
    world.guild.channel("general").overwrite("bot", deny=("MANAGE_CHANNELS",))
    assert "Manage Channels" in tab(world).select(COUNTERS).text
    assert voice(world) == ["Units 0u"]


def test_a_counter_that_somebody_deletes_is_switched_off(world: World) -> None:
    tab(world).select(COUNTERS, "Units", "Open bets")
    world.cloud.run_until_idle()
    world.guild.channel("Units 0u").delete()
    bet(world, world.ann, START + timedelta(hours=1), WON)
    skip(world, minutes=10)
    skip(world, minutes=10)
    assert "Counter channels: **Open bets**" in tab(world).text
    assert voice(world) == ["Open bets 0"]


def test_what_discord_refuses_of_counters_is_told_once_and_healed(world: World) -> None:
    switch_on(world)
    tab(world).select(COUNTERS, "Units")
    world.cloud.run_until_idle()
    world.guild.channel("Units 0u").overwrite("bot", allow=("VIEW_CHANNEL",), deny=("CONNECT", "MANAGE_CHANNELS"))
    bet(world, world.ann, START + timedelta(hours=1), WON)
    for _ in range(6):
        skip(world, minutes=10)
    (told,) = posts(world)
    assert "lacks a permission" in told.text
    assert "⚠" in tab(world).text
    world.guild.channel("Units 0u").overwrite("bot", allow=("VIEW_CHANNEL", "CONNECT", "MANAGE_CHANNELS"))
    skip(world, hours=7)
    skip(world, hours=7)
    skip(world, minutes=10)
    assert voice(world) == ["Units +0.91u"]
    assert "⚠" not in tab(world).text


# The role of the month's best.


def test_the_first_of_the_month_hold_the_role_and_lose_it(world: World) -> None:
    below_the_bot(world, "sharpest")
    past(world, world.ann, [WON] * 20)
    past(world, world.bob, [WON] * 10 + [LOST] * 10)
    past(world, world.olga, [LOST] * 22)
    seen = tab(world).select(ROLE, world.guild.role("sharpest")).select("How many get the role", "First 2")
    assert "the first **2** of the month's leaderboard" in seen.text
    assert holders(world, "sharpest") == set()
    world.cloud.skip_to(local(TODAY + DAY, 9))
    assert holders(world, "sharpest") == {"ann", "bob"}
    past(world, world.olga, [WON] * 100)
    world.cloud.skip_to(local(TODAY + DAY, 18))
    assert holders(world, "sharpest") == {"ann", "bob"}
    world.cloud.skip_to(local(TODAY + 2 * DAY, 9))
    assert holders(world, "sharpest") == {"ann", "olga"}
    world.cloud.skip_to(local(TODAY + 2 * DAY, 9, 30))
    tab(world).select(ROLE)
    world.cloud.run_until_idle()
    assert holders(world, "sharpest") == set()
    skip(world, minutes=20)
    assert world.rows("SELECT user_id FROM community_top_roles") == ()
    assert posts(world) == []
    assert world.simulator.problems == []


def test_in_a_new_month_the_last_ones_best_keep_it_until_somebody_is_ranked(world: World) -> None:
    below_the_bot(world, "sharpest")
    past(world, world.ann, [WON] * 20)
    tab(world).select(ROLE, world.guild.role("sharpest")).select("How many get the role", "First 1")
    world.cloud.skip_to(local(TODAY + DAY, 9))
    world.cloud.skip_to(local(date(2026, 11, 3), 9))
    assert holders(world, "sharpest") == {"ann"}
    for _ in range(20):
        bet(world, world.bob, local(date(2026, 11, 2), 20), WON)
    world.cloud.skip_to(local(date(2026, 11, 4), 9))
    assert holders(world, "sharpest") == {"bob"}


def test_roles_that_are_not_for_this_are_refused_when_chosen(world: World) -> None:
    world.guild.role("mods", "MANAGE_MESSAGES")
    world.guild.role("robots").managed = True
    for name, reason in (
        ("mods", "moderating rights"),
        ("robots", "integration"),
        ("capper", "capper or admin role"),
        ("grader", "capper or admin role"),
    ):
        assert reason in tab(world).select(ROLE, world.guild.role(name)).text
    assert "none" in tab(world).text
    assert world.rows("SELECT routine FROM community_routines") == ()


def test_a_role_that_became_too_high_or_moderating_is_not_given_and_the_admins_read_why(world: World) -> None:
    role = below_the_bot(world, "sharpest")
    past(world, world.ann, [WON] * 20)
    switch_on(world)
    tab(world).select(ROLE, world.guild.role("sharpest"))
    role.position = 1000
    world.cloud.skip_to(local(TODAY + DAY, 9))
    world.cloud.skip_to(local(TODAY + DAY, 9, 15))
    assert holders(world, "sharpest") == set()
    assert "not below the bot's own" in posts(world)[-1].text
    assert "not below the bot's own" in tab(world).text
    role.position, role.permissions = 1, 1 << 2
    world.cloud.skip_to(local(TODAY + 2 * DAY, 9))
    world.cloud.skip_to(local(TODAY + 2 * DAY, 9, 15))
    assert holders(world, "sharpest") == set()
    assert "moderating rights" in posts(world)[-1].text
    role.permissions = 0
    world.cloud.skip_to(local(TODAY + 3 * DAY, 9))
    world.cloud.skip_to(local(TODAY + 3 * DAY, 9, 15))
    assert holders(world, "sharpest") == {"ann"}
    assert "⚠" not in tab(world).text
    assert len(posts(world)) == 2


def test_a_member_who_left_costs_nobody_a_notice(world: World) -> None:
    below_the_bot(world, "sharpest")
    past(world, world.ann, [WON] * 20)
    switch_on(world)
    tab(world).select(ROLE, world.guild.role("sharpest"))
    del world.guild.guild.members[world.ann.user_id]
    world.cloud.skip_to(local(TODAY + DAY, 9))
    world.cloud.skip_to(local(TODAY + DAY, 9, 15))
    assert posts(world) == []
    assert "⚠" not in tab(world).text
