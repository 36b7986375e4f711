"""The demo's community in the simulator."""

from __future__ import annotations

from local.demo.guild import ADMIN, CAPPERS, CHANNELS, COMMUNITY, GUILD, MEMBERS
from local.discord_simulator import Simulator
from local.discord_simulator.seeding import seed
from tests.integration.moments import HandClock


def test_sharp_side_has_its_people_and_a_room_that_only_staff_sees() -> None:
    simulator = Simulator(HandClock())
    seed(simulator, COMMUNITY)
    made = seed(simulator, COMMUNITY)

    guild = simulator.guild(GUILD)
    assert list(made["channels"]) == list(CHANNELS)
    assert len(guild.guild.channel_ids) == len(CHANNELS)
    staff, slips = guild.channel("staff"), guild.channel("slips")
    people = {name: int(number) for name, number in made["users"].items()}
    assert staff.may_view(people[ADMIN])
    assert not any(staff.may_view(people[name]) for name in (*CAPPERS, *MEMBERS))
    assert all(slips.may_view(people[name]) for name in MEMBERS)
