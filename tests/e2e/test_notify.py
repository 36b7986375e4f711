"""``/notify``: roles that slips ping, and direct messages with the results of one's own tails."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dbsbm.bets import grading
from dbsbm.bets.grading import Decider, Ruling
from dbsbm.bets.repository import BetRepository
from dbsbm.betting.settlement import Grade
from dbsbm.database.session import Session
from local.discord_simulator import Person, Seen
from tests.e2e.world import World, after, later, opened

pytestmark = pytest.mark.slow
ROLES = "Slips you want to be pinged for"


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as world:
        yield world.set_up()


def routed(world: World) -> None:
    world.olga.slash("capper route", sport="Football", ping=world.guild.role("football-fans"))
    world.olga.slash("capper route", user=world.ann, ping=world.guild.role("ann-fans"))


def roles_of(world: World, person: Person) -> set[str]:
    guild = world.guild.guild
    return {guild.roles[role_id].name for role_id in guild.members[person.user_id].role_ids}


def slip(world: World, pick: str = "chiefs -3 -110 2u") -> Seen:
    after(world, seconds=1)  # ids rise with time
    world.settled(world.ann.slash("bet", pick=pick).click("Post"))
    return world.slips(world.bob)[-1]


def newest(world: World) -> int:
    return int(world.rows("SELECT MAX(bet_id) AS bet_id FROM bets WHERE guild_id = %s", world.guild.id)[0]["bet_id"])


def graded(world: World, grade: Grade, bet_id: int) -> None:
    def work(session: Session) -> None:
        bets = BetRepository(session, world.guild.id)
        grading.grade(bets, bet_id, bets.bet(bet_id).grade_seq, Ruling(grade), Decider(1, world.clock.now(), 1))

    world.database.run(work)


def inbox(world: World, person: Person) -> list[Seen]:
    world.cloud.run_until_idle()
    return [message for message in person.in_direct().sees() if not message.private]


def plain(seen: Seen) -> str:
    return seen.text.replace("*", "")


# Roles.


def test_members_take_and_leave_the_roles_that_slips_ping(world: World) -> None:
    routed(world)
    seen = world.bob.slash("notify")
    assert seen.private
    assert "not pinged by any slip" in seen.text
    asked = world.settled(seen.select(ROLES, "Every capper · Football", "Ann the Sharp · every sport"))
    assert "Discord is asked" in asked.text
    assert roles_of(world, world.bob) == {"football-fans", "ann-fans"}
    checked = asked.click("Check")
    assert f"<@&{world.guild.role('ann-fans').id}>" in checked.text
    world.settled(checked.select(ROLES, "Ann the Sharp · every sport"))
    assert roles_of(world, world.bob) == {"ann-fans"}
    world.settled(checked.click("Check").select(ROLES))
    assert roles_of(world, world.bob) == set()
    assert world.simulator.problems == []


def test_nobody_takes_a_role_with_power_or_one_that_this_server_runs_on(world: World) -> None:
    mods = world.guild.role("mods", "KICK_MEMBERS")
    assert "power over others" in world.olga.slash("capper route", sport="Football", ping=mods).text
    world.olga.slash("capper route", ping=world.guild.role("grader"))
    world.olga.slash("capper route", sport="Tennis", ping=world.guild.role("capper"))
    assert "No slips ping a role" in world.bob.slash("notify").text
    slip(world)  # the ping itself is allowed
    assert world.slips(world.bob)[-1].pinged_roles == [mods.id]


def test_a_role_that_gained_power_is_not_handed_out_and_everybody_concerned_is_told(world: World) -> None:
    routed(world)
    fans = world.guild.role("football-fans")
    fans.permissions |= 1 << 5
    seen = world.settled(world.bob.slash("notify").select(ROLES, "Every capper · Football"))
    assert roles_of(world, world.bob) == set()
    assert "power over others" in seen.click("Check").text
    assert "not given to a member" in plain(world.olga.slash("capper routes"))
    assert [row["state"] for row in world.rows("SELECT state FROM outbox WHERE kind = 'role.set'")] == ["dead"]


def test_what_discord_refuses_is_told_and_gone_once_it_works(world: World) -> None:
    routed(world)
    bot = next(role for role in world.guild.guild.roles.values() if role.managed)
    rights, bot.permissions = bot.permissions, bot.permissions & ~(1 << 28)
    seen = world.settled(world.bob.slash("notify").select(ROLES, "Every capper · Football"))
    assert "Manage Roles" in seen.click("Check").text
    bot.permissions = rights
    world.settled(seen.click("Check").select(ROLES, "Every capper · Football"))
    assert roles_of(world, world.bob) == {"football-fans"}
    assert "did not work" not in seen.click("Check").text
    assert world.rows("SELECT role_id FROM role_refusals") == ()


def test_an_old_select_gives_nothing_that_is_no_longer_offered(world: World) -> None:
    routed(world)
    seen = world.bob.slash("notify")
    listed = world.olga.slash("capper routes")
    listed.select("Remove a route", "Every capper · Football")
    world.settled(seen.select(ROLES, "Every capper · Football"))
    assert roles_of(world, world.bob) == set()


def test_many_roles_with_long_names_go_on_past_a_page(world: World) -> None:
    names = [f"{number:02} " + "*_`W" * 24 for number in range(33)]
    roles = [world.guild.role(name) for name in names]

    def work(session: Session) -> None:
        for number, role in enumerate(roles):
            session.execute(
                "INSERT INTO cappers (guild_id, user_id, display_name, avatar_url, added_by, added_at) "
                "VALUES (%s, %s, %s, '', 1, %s)",
                (world.guild.id, 1000 + number, names[number][:80], world.clock.now()),
            )
            session.execute(
                "INSERT INTO routes (guild_id, capper_id, sport, channel_id, role_id, role_name, self_assign, set_by, "
                "set_at) VALUES (%s, %s, 'mma', 1, %s, %s, 1, 1, %s)",
                (world.guild.id, 1000 + number, role.id, role.name, world.clock.now()),
            )

    world.database.run(work)
    second = world.bob.slash("notify").click("More")
    world.settled(second.select(ROLES, str(roles[32].id)))
    assert roles_of(world, world.bob) == {names[32]}
    first = second.click("Check").click("Back")
    world.settled(first.select(ROLES, *(str(role.id) for role in roles[:25])))
    assert len(roles_of(world, world.bob)) == 26  # what stands on another page stays
    listed = world.olga.slash("capper routes")
    for _ in range(4):
        listed = listed.click("More")
    assert "32 " in listed.click("Back").click("More").text
    assert world.simulator.problems == []


# Direct messages.


def test_results_of_ones_own_tails_come_in_one_message_with_ones_own_terms(world: World) -> None:
    first = slip(world)
    world.bob.slash("notify").click("Send me my results")
    first.by(world.bob).click("Tail").select("Change stake", "3u")
    bets = [newest(world)]
    slip(world, "chiefs/raiders o44.5 -105 1u").by(world.bob).click("Fade")
    bets.append(newest(world))
    slip(world, "chiefs ml -160 1u").by(world.gina).click("Tail")
    for bet_id in [*bets, newest(world)]:
        graded(world, Grade.WON, bet_id)
    assert inbox(world, world.bob) == []
    after(world, minutes=11)
    (message,) = inbox(world, world.bob)
    assert "Won +2.78u · Chiefs −3 · your 3u at −108" in plain(message)
    assert "Lost −1u · against Over 44.5 · your 1u at −115" in plain(message)
    assert "In all +1.78u" in plain(message)
    assert "ML" not in message.text
    assert inbox(world, world.gina) == []
    for _ in range(2):  # a run that is repeated tells nothing twice
        world.cloud.invoke("job_notify", {})
    after(world, minutes=30)
    assert len(inbox(world, world.bob)) == 1
    assert world.simulator.problems == []


def test_a_correction_and_a_grade_taken_back_are_told_as_such(world: World) -> None:
    world.bob.slash("notify").click("Send me my results").select("Prices in messages", "Decimal (1.91)")
    slip(world).by(world.bob).click("Tail")
    bet_id = newest(world)
    graded(world, Grade.WON, bet_id)
    after(world, minutes=11)
    graded(world, Grade.LOST, bet_id)
    after(world, minutes=11)
    one, two = inbox(world, world.bob)
    assert "at 1.9" in one.text
    assert "Corrected: Lost −1u" in plain(two)


def test_quiet_hours_go_by_the_members_own_zone(world: World) -> None:
    seen = world.bob.slash("notify", timezone="europe/berlin").click("Send me my results")
    assert "Europe/Berlin" in seen.text
    seen = seen.select("Quiet hours from", "Quiet from 5 PM").select("Quiet hours until", "until 9 PM")
    slip(world).by(world.bob).click("Tail")
    graded(world, Grade.WON, newest(world))
    later(world, hours=3)  # 15:00 UTC is 17:00 in Berlin
    assert inbox(world, world.bob) == []
    after(world, minutes=65)
    assert len(inbox(world, world.bob)) == 1


def test_the_button_in_each_message_ends_them_and_only_ones_own(world: World) -> None:
    for person in (world.bob, world.gina):
        person.slash("notify").click("Send me my results")
    public = slip(world)
    for person in (world.bob, world.gina):
        public.by(person).click("Tail")
    graded(world, Grade.WON, newest(world))
    after(world, minutes=11)
    ended = inbox(world, world.bob)[0].click("Stop these messages")
    assert "Switched off" in ended.text
    graded(world, Grade.LOST, newest(world))
    after(world, minutes=11)
    assert (len(inbox(world, world.bob)), len(inbox(world, world.gina))) == (1, 2)
    assert "Send me my results" in world.bob.slash("notify").buttons


def test_who_takes_no_messages_gets_no_more_and_reads_it_in_notify(world: World) -> None:
    world.bob.slash("notify").click("Send me my results")
    world.bob.takes_direct_messages(False)
    slip(world).by(world.bob).click("Tail")
    graded(world, Grade.WON, newest(world))
    after(world, minutes=11)
    world.cloud.run_until_idle()
    assert [row["state"] for row in world.rows("SELECT state FROM outbox WHERE kind = 'direct.post'")] == ["dropped"]
    seen = world.bob.slash("notify")
    assert "privacy settings" in seen.text
    world.bob.takes_direct_messages(True)
    seen.click("Send me my results")
    graded(world, Grade.LOST, newest(world))
    after(world, minutes=11)
    assert len(inbox(world, world.bob)) == 1


def test_nobody_is_told_who_did_not_ask_or_left_the_bet(world: World) -> None:
    public = slip(world)
    public.by(world.gina).click("Tail")
    world.bob.slash("notify").click("Send me my results")
    public.by(world.bob).click("Tail").click("Undo")
    graded(world, Grade.WON, newest(world))
    after(world, minutes=11)
    assert (inbox(world, world.bob), inbox(world, world.gina)) == ([], [])


def test_each_guild_is_asked_for_itself(world: World) -> None:
    routed(world)
    elsewhere = world.simulator.guild("Elsewhere")
    hugo = elsewhere.user("hugo", role="admin")
    hugo.slash("setup", slip_channel=elsewhere.channel("slips"))
    bob_there = elsewhere.user("bob")
    there = bob_there.slash("notify")
    assert "No slips ping a role" in there.text
    there.click("Send me my results")
    slip(world).by(world.bob).click("Tail")
    graded(world, Grade.WON, newest(world))
    after(world, minutes=11)
    assert inbox(world, world.bob) == []
    assert "Send me my results" in world.bob.slash("notify").buttons


def test_more_results_than_a_message_holds_come_in_several(world: World) -> None:
    world.bob.slash("notify").click("Send me my results")
    for number in range(14):
        slip(world, f"chiefs -{number + 1}.5 -110 1u").by(world.bob).click("Tail")
        graded(world, Grade.WON, newest(world))
    after(world, minutes=16)
    messages = inbox(world, world.bob)
    assert [message.text.count("Won") for message in messages] == [12, 2]
