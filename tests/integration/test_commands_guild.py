"""Set-up and cappers, through the runner on a real database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.integration.stage import ADMIN_ROLE, ANN, BOB, CAPPER_ROLE, GRADER, OWNER, SLIPS, Stage, open_stage


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    stage = open_stage(database_url)
    yield stage
    stage.close()


def test_setup_stores_what_was_chosen_and_shows_it(stage: Stage) -> None:
    seen = stage.slash(OWNER, "setup", slip_channel=SLIPS, capper_role=CAPPER_ROLE, admin_role=ADMIN_ROLE)
    assert seen.private
    assert f"<#{SLIPS}>" in seen.text
    assert f"<@&{CAPPER_ROLE}>" in seen.text
    assert f"<@&{ADMIN_ROLE}>" in seen.text
    stored = stage.rows("SELECT slip_channel_id, capper_role_id, admin_role_id FROM guilds WHERE guild_id = 5001")
    assert stored == [{"slip_channel_id": SLIPS, "capper_role_id": CAPPER_ROLE, "admin_role_id": ADMIN_ROLE}]


def test_setup_keeps_what_is_not_named_again(stage: Stage) -> None:
    stage.slash(OWNER, "setup", slip_channel=SLIPS, capper_role=CAPPER_ROLE)
    assert f"<#{SLIPS}>" in stage.slash(OWNER, "setup", admin_role=ADMIN_ROLE).text


def test_setup_names_each_right_that_is_missing_in_the_channel(stage: Stage) -> None:
    interaction = stage.command(OWNER, "setup", slip_channel=SLIPS)
    interaction["data"]["resolved"]["channels"][str(SLIPS)]["app_permissions"] = str(1 << 10 | 1 << 11)
    seen = stage.send(interaction)
    assert all(right in seen.text for right in ("Manage Webhooks", "Attach Files", "Read Message History"))
    assert "View Channel" not in seen.text
    assert stage.count("guilds") == 0


def test_setup_takes_an_administrator_bot_as_having_every_right(stage: Stage) -> None:
    interaction = stage.command(OWNER, "setup", slip_channel=SLIPS)
    interaction["data"]["resolved"]["channels"][str(SLIPS)]["app_permissions"] = str(1 << 3)
    assert f"<#{SLIPS}>" in stage.send(interaction).text


def test_a_member_cannot_set_up(stage: Stage) -> None:
    seen = stage.slash(BOB, "setup", slip_channel=SLIPS)
    assert seen.private
    assert "Manage Server" in seen.text
    assert stage.count("guilds") == 0


def test_the_admin_role_may_set_up_once_it_is_named(stage: Stage) -> None:
    assert "Manage Server" in stage.slash(GRADER, "setup", slip_channel=SLIPS).text
    stage.slash(OWNER, "setup", slip_channel=SLIPS, admin_role=ADMIN_ROLE)
    assert "Set-up" in stage.slash(GRADER, "setup").text
    assert f"<@&{ADMIN_ROLE}>" in stage.slash(BOB, "setup").text


def test_commands_work_in_a_server_only(stage: Stage) -> None:
    assert "in a server only" in stage.elsewhere(None).slash(OWNER, "setup").text


def test_the_test_slip_is_one_post_to_the_slip_channel(stage: Stage) -> None:
    seen = stage.slash(OWNER, "setup", slip_channel=SLIPS)
    stage.click(OWNER, seen.button("Send test slip"))
    posted = stage.rows("SELECT kind, target, images FROM outbox")
    assert [row["kind"] for row in posted] == ["setup.test"]
    assert str(SLIPS) in posted[0]["target"]
    assert stage.nudges[-1]["function"] == "delivery"


def test_a_member_cannot_press_an_admins_button(stage: Stage) -> None:
    seen = stage.slash(OWNER, "setup", slip_channel=SLIPS)
    assert "Manage Server" in stage.click(BOB, seen.button("Send test slip")).text
    assert stage.count("outbox") == 0


def test_a_capper_is_added_under_the_name_of_the_server(stage: Stage) -> None:
    stage.slash(OWNER, "setup", slip_channel=SLIPS)
    assert "Ann the Sharp" in stage.slash(OWNER, "capper add", user=ANN.user_id).text
    stored = stage.rows("SELECT user_id, display_name, state, avatar_url FROM cappers")
    assert [(row["user_id"], row["display_name"], row["state"]) for row in stored] == [
        (ANN.user_id, "Ann the Sharp", "active")
    ]
    assert stored[0]["avatar_url"].startswith("https://cdn.discordapp.com/")


def test_adding_a_capper_takes_a_set_up_server(stage: Stage) -> None:
    assert "/setup" in stage.slash(OWNER, "capper add", user=ANN.user_id).text
    assert stage.count("cappers") == 0


def test_a_removed_capper_keeps_the_row_and_can_come_back(stage: Stage) -> None:
    stage.slash(OWNER, "setup", slip_channel=SLIPS)
    stage.slash(OWNER, "capper add", user=ANN.user_id)
    stage.slash(OWNER, "capper remove", user=ANN.user_id)
    assert stage.rows("SELECT state FROM cappers") == [{"state": "removed"}]
    assert "no such thing" in stage.slash(OWNER, "capper remove", user=ANN.user_id).text
    stage.slash(OWNER, "capper add", user=ANN.user_id, name="Ann")
    assert stage.rows("SELECT state, display_name FROM cappers") == [{"state": "active", "display_name": "Ann"}]


@pytest.mark.parametrize("name", ["Clyde Betting", "the DISCORD sharp", "   "])
def test_a_name_that_discord_refuses_is_named(stage: Stage, name: str) -> None:
    stage.slash(OWNER, "setup", slip_channel=SLIPS)
    seen = stage.slash(OWNER, "capper add", user=ANN.user_id, name=name)
    assert name.strip() in seen.text
    assert "Ann the Sharp" in seen.text
    assert stage.count("cappers") == 0


def test_the_list_goes_on_past_a_page(stage: Stage) -> None:
    stage.slash(OWNER, "setup", slip_channel=SLIPS)
    for number in range(45):
        person = replace(ANN, user_id=20_000 + number, nick=f"Capper {number:02}")
        interaction = stage.command(OWNER, "capper add", user=person.user_id)
        interaction["data"]["resolved"]["users"][str(person.user_id)] = person.member()["user"]
        interaction["data"]["resolved"]["members"][str(person.user_id)] = {"nick": person.nick, "roles": []}
        stage.send(interaction)
    first = stage.slash(BOB, "capper list")
    assert "Capper 39" in first.text
    assert "Capper 40" not in first.text
    second = stage.click(BOB, first.button("More"))
    assert "Capper 44" in second.text
    assert second.labels == []


def test_markdown_in_a_name_is_shown_as_typed(stage: Stage) -> None:
    stage.slash(OWNER, "setup", slip_channel=SLIPS)
    seen = stage.slash(OWNER, "capper add", user=ANN.user_id, name="*@everyone* [x](https://e.example)")
    assert r"\*\@everyone\* \[x\](https\://e.example)" in seen.text


def test_another_guild_sees_nothing_of_this_one(stage: Stage) -> None:
    stage.slash(OWNER, "setup", slip_channel=SLIPS)
    stage.slash(OWNER, "capper add", user=ANN.user_id)
    other = stage.elsewhere(5002)
    assert f"<#{SLIPS}>" not in other.slash(OWNER, "setup").text
    assert "Ann" not in other.slash(OWNER, "capper list").text
