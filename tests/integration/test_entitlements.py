"""The table of entitlements: the newest word of Discord stands, in whatever order it comes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from dbsbm.database.connection import connect_from_url
from dbsbm.database.database import Database
from dbsbm.tiers.model import Entitlement, EntitlementState
from dbsbm.tiers.repository import EntitlementRepository, GuildEntitlementRepository
from tests.integration.moments import HandClock

NOW = datetime(2026, 9, 13, 15, 0, tzinfo=UTC)
LIVE, ENDED, DELETED = EntitlementState
DAY = timedelta(days=1)


@pytest.fixture
def database(database_url: str) -> Database:
    return Database(lambda: connect_from_url(database_url), HandClock(NOW))


def take(database: Database, *entitlements: Entitlement) -> None:
    for each in entitlements:
        with database.transaction() as session:
            EntitlementRepository(session).take([each])


def held(database: Database, guild_id: int = 7) -> list[Entitlement]:
    with database.read() as session:
        return list(GuildEntitlementRepository(session, guild_id).all())


def test_any_order_and_any_number_of_times_ends_the_same(database: Database) -> None:
    bought = Entitlement(7, 1, 11, NOW, None, LIVE, NOW)
    prolonged = Entitlement(7, 1, 11, NOW, NOW + 30 * DAY, LIVE, NOW + DAY)
    refunded = Entitlement(7, 1, 11, NOW, NOW + 30 * DAY, DELETED, NOW + 2 * DAY)
    for number, order in enumerate(permutations((bought, prolonged, refunded, bought, refunded))):
        with database.transaction() as session:
            session.execute("DELETE FROM entitlements")
        take(database, *order)
        assert held(database) == [refunded], number
    take(database, Entitlement(8, 1, 11, NOW, None, LIVE, NOW))
    assert held(database) == [refunded]


def test_of_two_words_of_one_moment_the_refund_stands(database: Database) -> None:
    bought = Entitlement(7, 1, 11, NOW, None, LIVE, NOW)
    refunded = Entitlement(7, 1, 11, NOW, None, DELETED, NOW)
    take(database, bought, refunded, bought)
    assert held(database) == [refunded]


def test_what_a_complete_look_does_not_tell_of_has_ended(database: Database) -> None:
    old = Entitlement(7, 1, 11, NOW, None, LIVE, NOW)
    told = Entitlement(7, 2, 11, NOW, None, LIVE, NOW + DAY)
    over = Entitlement(7, 3, 11, NOW, NOW + DAY / 2, LIVE, NOW)
    take(database, old, told, over)
    assert database.run(lambda session: EntitlementRepository(session).end_untold(NOW + DAY, 10)) == 2
    states = {each.entitlement_id: (each.state, each.ends_at) for each in held(database)}
    assert states == {1: (ENDED, NOW + DAY), 2: (LIVE, None), 3: (ENDED, NOW + DAY / 2)}
    take(database, Entitlement(7, 1, 11, NOW, None, LIVE, NOW + 2 * DAY))
    assert held(database)[0].state is LIVE
