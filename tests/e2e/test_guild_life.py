"""A guild that removes the bot: noticed by what fails, confirmed by a look, revived by whoever comes back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from dbsbm.core.http import HttpRequest, HttpResponse
from dbsbm.delivery.guild_look import look
from dbsbm.discord.rest import DiscordClient
from dbsbm.guilds.model import LOOK_EVERY
from tests.e2e.world import DISCORD_URL, NOW, World, opened

pytestmark = pytest.mark.slow
EVENT = {"version": "0", "detail-type": "Scheduled Event", "source": "aws.scheduler"}


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as world:
        yield world.set_up()


def guild(world: World) -> dict[str, Any]:
    return dict(world.rows("SELECT state, look_due_at, removed_at FROM guilds WHERE guild_id = %s", world.guild.id)[0])


def believed(world: World) -> bool:
    """In the guild, as far as anybody knows until a week after the last look."""
    found = guild(world)
    ahead = found.pop("look_due_at") - world.clock.now()
    return found == {"state": "active", "removed_at": None} and LOOK_EVERY - timedelta(minutes=5) <= ahead <= LOOK_EVERY


def is_due(world: World) -> bool:
    return bool(guild(world)["look_due_at"] <= world.clock.now())


def looked(world: World) -> Any:
    return world.cloud.invoke("job_guilds", EVENT)


def kicked(world: World) -> None:
    """The bot is removed while a slip is on its way."""
    preview = world.ann.slash("bet", pick="chiefs -3 -110 2u")
    world.guild.remove_bot()
    preview.click("Post")
    world.cloud.run_until_idle()


def test_a_removed_bot_is_noticed_confirmed_looked_for_daily_and_revived(world: World) -> None:
    kicked(world)
    assert is_due(world)
    assert looked(world) == {"v": 1, "reachable": 0, "gone": 1, "removed": 0}
    found = guild(world)
    assert found["state"] == "unreachable"
    removed_at = found["removed_at"]
    assert removed_at is not None
    assert looked(world) == {"v": 1, "reachable": 0, "gone": 0, "removed": 0}, "not again before tomorrow"
    world.database.run(
        lambda session: session.execute("UPDATE guilds SET look_due_at = look_due_at - INTERVAL 1 DAY", ())
    )
    assert looked(world)["gone"] == 1
    assert guild(world)["removed_at"] == removed_at, "the clock runs from the first look"
    world.guild.add_bot()
    world.settled(world.bob.slash("capper list"))
    assert believed(world)
    world.settled(world.ann.slash("bet", pick="chiefs ml -160 1u").click("Post"))
    assert "Chiefs ML" in world.guild.channel("slips").seen_by(world.gina)[-1].text


def test_a_bot_removed_in_silence_is_noticed_within_a_week(world: World) -> None:
    assert believed(world)
    world.guild.remove_bot()
    assert looked(world) == {"v": 1, "reachable": 0, "gone": 0, "removed": 0}, "nothing failed, nobody asks yet"
    world.cloud.skip_to(NOW + LOOK_EVERY)  # the job comes each hour
    found = guild(world)
    assert found["state"] == "unreachable"
    assert found["removed_at"] is not None, "its thirty days have begun"


def test_a_guild_of_before_every_guild_had_its_time_is_asked_for_at_once(world: World) -> None:
    world.database.run(lambda session: session.execute("UPDATE guilds SET look_due_at = NULL", ()))
    assert looked(world)["reachable"] == 1
    assert believed(world)


def test_a_guild_that_is_there_is_asked_for_once_a_week_and_its_log_stays_short(world: World) -> None:
    events = "SELECT COUNT(*) AS n FROM audit_events WHERE kind = 'guild.state'"
    before = world.rows(events)[0]["n"]
    first = guild(world)["look_due_at"]
    world.cloud.skip_to(NOW + LOOK_EVERY)
    assert believed(world)
    assert guild(world)["look_due_at"] > first
    assert looked(world)["reachable"] == 0, "not again before the next week"
    assert world.rows(events)[0]["n"] == before, "nothing has changed"


def test_a_look_revives_a_guild_that_only_lost_a_channel(world: World) -> None:
    preview = world.ann.slash("bet", pick="chiefs -3 -110 2u")
    world.guild.channel("slips").overwrite("bot", deny=("VIEW_CHANNEL",))
    preview.click("Post")
    world.cloud.run_until_idle()
    assert guild(world)["state"] == "active"
    assert is_due(world)
    assert looked(world)["reachable"] == 1
    assert believed(world)


def test_jobs_make_nothing_for_a_guild_out_of_reach(world: World) -> None:
    kicked(world)
    looked(world)
    before = world.rows("SELECT COUNT(*) AS n FROM outbox")[0]["n"]
    world.database.run(
        lambda session: session.execute(
            "INSERT INTO bet_proposals (guild_id, bet_id, batch, status, result, sources, grade_seq, stamp_due, "
            "updated_at) SELECT guild_id, bet_id, 0, 'applied', '27-20', 2, grade_seq, 1, %s FROM bets",
            (NOW,),
        )
    )
    world.cloud.invoke("job_settle", EVENT)
    assert world.rows("SELECT COUNT(*) AS n FROM outbox")[0]["n"] == before
    assert world.rows("SELECT COUNT(*) AS n FROM bet_proposals WHERE stamp_due > 0")[0]["n"] == 0


def test_rights_taken_back_are_followed_by_a_look(world: World) -> None:
    events = world.simulator.events
    events.connect(world.cloud.http)
    events.send("APPLICATION_DEAUTHORIZED", {"user": {"id": str(world.olga.user_id)}})
    events.send(
        "APPLICATION_DEAUTHORIZED", {"user": {"id": str(world.olga.user_id)}, "guild": {"id": str(world.guild.id)}}
    )
    events.run_due()
    assert events.delivered == 2
    assert is_due(world)
    assert looked(world)["reachable"] == 1


@pytest.mark.parametrize(
    ("status", "body"), [(429, b'{"message": "slow", "retry_after": 3}'), (500, b""), (401, b'{"code": 0}'), (403, b"")]
)
def test_an_answer_that_says_nothing_about_the_guild_changes_nothing(world: World, status: int, body: bytes) -> None:
    kicked(world)
    before = guild(world)

    def refuses(request: HttpRequest) -> HttpResponse:
        return HttpResponse(status, {"content-type": "application/json"}, body)

    client = DiscordClient(refuses, DISCORD_URL, lambda: "token")
    done = look(world.database, client, world.clock, lambda: True)
    assert (done.reachable, done.gone) == (0, 0)
    assert guild(world) == before


def test_a_lost_webhook_is_followed_by_a_look(world: World) -> None:
    told = world.settled(world.ann.slash("bet", pick="chiefs -3 -110 2u").click("Post"))
    world.guild.channel("slips").delete_webhooks()
    world.settled(told.click("Correct").submit_modal(stake="3u"))
    assert is_due(world)
    assert looked(world)["reachable"] == 1
