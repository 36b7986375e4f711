"""Guilds and cappers in a real database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from dbsbm.betting.profile import DEFAULT_PROFILE
from dbsbm.database.database import Database
from dbsbm.guilds.repository import GuildRepository
from dbsbm.guilds.service import on_application_authorized
from tests.integration.moments import MONDAY, HandClock, open_database


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = open_database(database_url, HandClock())
    yield database
    database.close()


def test_an_install_makes_an_active_guild_with_the_default_rules(database: Database) -> None:
    with database.transaction() as session:
        on_application_authorized(session, 5001, MONDAY)
        guild = GuildRepository(session, 5001).guild()
    assert guild is not None
    assert (guild.state, guild.slip_channel_id, guild.zone.key) == ("active", None, "America/New_York")
    assert guild.rule_profile == DEFAULT_PROFILE


def test_a_second_install_keeps_every_setting(database: Database) -> None:
    with database.transaction() as session:
        on_application_authorized(session, 5001, MONDAY)
        GuildRepository(session, 5001).set_slip_channel(7, MONDAY)
        on_application_authorized(session, 5001, MONDAY + timedelta(days=1))
        guild = GuildRepository(session, 5001).guild()
    assert guild is not None
    assert guild.slip_channel_id == 7


def test_an_install_revives_a_guild_that_was_unreachable(database: Database) -> None:
    with database.transaction() as session:
        on_application_authorized(session, 5001, MONDAY)
        session.execute("UPDATE guilds SET state = 'unreachable' WHERE guild_id = 5001")
        on_application_authorized(session, 5001, MONDAY)
        guild = GuildRepository(session, 5001).guild()
    assert guild is not None
    assert guild.state == "active"


def test_cappers_are_a_guilds_own(database: Database) -> None:
    with database.transaction() as session:
        for guild_id in (5001, 5002):
            on_application_authorized(session, guild_id, MONDAY)
        one, two = GuildRepository(session, 5001), GuildRepository(session, 5002)
        one.put_capper(1, "Ann", "https://cdn.discordapp.com/embed/avatars/0.png", 9, MONDAY)
        assert [capper.user_id for capper in one.cappers()] == [1]
        assert list(two.cappers()) == []
        assert two.capper(1) is None
        two.remove_capper(1)
        known = one.capper(1)
    assert known is not None
    assert known.active


def test_cappers_come_a_page_at_a_time_without_a_gap(database: Database) -> None:
    with database.transaction() as session:
        repository = GuildRepository(session, 5001)
        for user_id in range(1, 8):
            repository.put_capper(user_id, f"Capper {user_id}", "https://cdn.discordapp.com/a.png", 9, MONDAY)
        repository.remove_capper(4)
        seen: list[int] = []
        while page := repository.cappers(seen[-1] if seen else 0, limit=2):
            seen += [capper.user_id for capper in page]
    assert seen == [1, 2, 3, 5, 6, 7]
