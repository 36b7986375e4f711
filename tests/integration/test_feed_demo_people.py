"""The demo's community in the simulator."""

from __future__ import annotations

from local.demo.guild import populate
from local.discord_simulator import Simulator
from tests.integration.moments import HandClock


def test_sharp_side_has_its_people_and_a_room_that_only_staff_sees() -> None:
    community = populate(Simulator(HandClock()))
    populate(community.guild.simulator)

    guild = community.guild.guild
    names = [community.guild.simulator.state.channels[channel].name for channel in guild.channel_ids]
    assert names == ["general", "slips", "results", "staff"]
    staff = community.guild.channel("staff")
    assert staff.may_view(community.admin.user_id)
    assert not any(staff.may_view(person.user_id) for person in (*community.cappers, *community.members))
    assert (len(community.cappers), len(community.members)) == (2, 3)
    assert all(community.guild.channel("slips").may_view(person.user_id) for person in community.members)
