"""All commands, buttons and modals × roles × guilds: who may not is told so, and no guild reaches into another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import pytest

from dbsbm.betting.settlement import Grade
from dbsbm.discord.definitions import Who
from local.discord_simulator import GuildPlace, Person, Seen
from tests.e2e.community import past
from tests.e2e.forging import COMPONENT, Route, routes, sent, stopped_at_the_gate
from tests.e2e.world import KICK_OFF, World, later, opened

pytestmark = [pytest.mark.slow, pytest.mark.longest]
_MARK = "Ann the Sharp"
_NOT_OURS = ("interactions", "outbox", "outbox_targets", "schema_migrations")
_NOT_IDS = ("guild_id", "channel_id", "card_game_id")


@dataclass(frozen=True)
class Other:
    """A second guild, with an owner and a capper of its own."""

    guild: GuildPlace
    zoe: Person
    yan: Person
    slip: Seen


@pytest.fixture(scope="module")
def world(module_database_url: str) -> Iterator[World]:
    with opened(module_database_url) as world:
        world.game("Buffalo Bills", "Miami Dolphins", starts_at=KICK_OFF + timedelta(days=2))
        yield busy(world.set_up())


@pytest.fixture(scope="module")
def other(world: World) -> Other:
    guild = world.simulator.guild("Other House")
    zoe, yan = guild.user("zoe", role="admin"), guild.user("yan", role="capper")
    zoe.slash("setup", slip_channel=guild.channel("slips"), capper_role=guild.role("capper"))
    zoe.slash("capper add", user=yan)
    world.settled(world.settled(yan.slash("bet", pick="bills -3 -110 1u")).click("Post"))
    world.settled(yan.slash("bet", pick="bills ml -160 1u"))
    return Other(guild, zoe, yan, guild.channel("slips").seen_by(zoe)[-1])


def busy(world: World) -> World:
    """Open, tailed, graded and withdrawn bets, a draft, a list of bets to grade."""
    past(world, world.ann, [Grade.WON, Grade.LOST, Grade.PUSH])
    for pick in ("chiefs -3 -110 2u", "chiefs ml -160 1u", "chiefs/raiders o44.5 -105 1u"):
        world.settled(world.settled(world.ann.slash("bet", pick=pick)).click("Post"))
    slip = world.slips(world.bob)[0]
    world.settled(slip.by(world.bob).click("Tail"))
    world.settled(world.ann.slash("bet", pick="raiders +3 -110 1u"))
    later(world, seconds=(KICK_OFF - world.clock.now()).total_seconds())
    world.settled(world.gina.slash("ungraded"))
    return world


def rows_of(world: World, guild_id: int) -> Mapping[str, tuple[str, ...]]:
    """Every row that carries this guild's id, by table."""
    tables = world.rows(
        "SELECT table_name AS name FROM information_schema.columns "
        "WHERE table_schema = DATABASE() AND column_name = 'guild_id'"
    )
    names = sorted(str(row["name"]) for row in tables if row["name"] not in _NOT_OURS)
    return {
        name: tuple(sorted(repr(row) for row in world.rows(f"SELECT * FROM {name} WHERE guild_id = %s", guild_id)))
        for name in names
    }


def ids_of(world: World, guild_id: int) -> list[int]:
    """A few of every kind of number by which the guild's things are called."""
    columns = world.rows(
        "SELECT table_name AS t, column_name AS c FROM information_schema.columns WHERE table_schema = DATABASE() "
        "AND data_type = 'bigint' AND column_name LIKE '%\\_id' AND table_name IN (SELECT table_name FROM "
        "information_schema.columns WHERE table_schema = DATABASE() AND column_name = 'guild_id')"
    )
    found: set[int] = set()
    for column in columns:
        table, name = str(column["t"]), str(column["c"])
        if name in _NOT_IDS or table in _NOT_OURS:
            continue
        picked = world.rows(
            f"SELECT DISTINCT {name} AS id FROM {table} WHERE guild_id = %s AND {name} > 0 ORDER BY 1 DESC LIMIT 3",
            guild_id,
        )
        found.update(int(row["id"]) for row in picked)
    return sorted(found)


def may(who: Who, person: Person, world: World) -> bool:
    """The table of rights, written down a second time."""
    return {
        Who.ANYONE: True,
        Who.MEMBER: True,
        Who.CAPPER: person is world.ann,
        Who.GRADER: person in (world.olga, world.gina),
        Who.ADMIN: person in (world.olga, world.gina),
        Who.OPERATOR: False,  # they are in no guild
    }[who]


def test_who_lacks_the_right_for_a_route_is_told_so_and_who_has_it_is_not(
    world: World, figure: Callable[[str], None]
) -> None:
    slip, wrong, tried = world.slips(world.bob)[0], [], Counter[bool]()
    for route in routes():
        for person in (world.olga, world.gina, world.ann, world.bob):
            seen = next(iter(sent(world, route, person, slip.by(person), [1])))
            allowed = may(route.who, person, world)
            tried[allowed] += 1
            if stopped_at_the_gate(seen) is allowed or seen.failed or (not allowed and not seen.private):
                wrong.append(f"{route} by {person.name}: {seen.text}")
    assert wrong == []
    figure(f"matrix of {len(routes())} routes × 4 roles: {tried[True]} let pass, {tried[False]} refused, 0 wrong")


def test_nothing_of_a_guild_is_read_or_changed_from_another_whoever_asks_with_whatever_ids(
    world: World, other: Other, figure: Callable[[str], None]
) -> None:
    ids, before, tried = ids_of(world, world.guild.id), rows_of(world, world.guild.id), 0
    assert len(ids) > 10
    for route in routes():
        person = other.yan if route.who is Who.CAPPER else other.zoe
        for seen in sent(world, route, person, other.slip.by(person), ids):
            tried += 1
            assert not seen.failed, f"{route}: {seen.text}"
            assert _MARK not in seen.text, f"{route} shows another guild's capper: {seen.text}"
    assert rows_of(world, world.guild.id) == before
    assert {post.text for post in other.guild.channel("slips").seen_by(other.zoe) if _MARK in post.text} == set()
    figure(f"{tried} interactions from another guild with {len(ids)} ids of this one: 0 of its rows read or changed")


def test_a_capper_reaches_no_bet_or_draft_of_another_capper(world: World) -> None:
    cyn = world.guild.user("cyn", role="capper")
    world.olga.slash("capper add", user=cyn)
    slip = world.slips(cyn)[0]
    ids, before = ids_of(world, world.guild.id), rows_of(world, world.guild.id)
    for route in routes():
        if route.who is Who.CAPPER and route.kind != "command":
            for seen in sent(world, route, cyn, slip.by(cyn), ids):
                assert not seen.failed, f"{route}: {seen.text}"
    now = rows_of(world, world.guild.id)
    for table in ("bets", "bet_revisions", "bet_grades", "ledger_entries"):
        assert now[table] == before[table], table
    assert set(before["drafts"]) <= set(now["drafts"])


@pytest.mark.parametrize(
    "forged",
    [
        "v1:slip.grade",
        "v1:slip.grade:zzz",
        "v1:slip.grade:0000000000001:0000000000001",
        "v1:grade.set:0000000000001:0000000000000:won:more",
        "v1:grade.set:0000000000001:0000000000000:jackpot",
        "v0:slip.details:0000000000001",
        "v2:slip.details:0000000000001",
        "v1:nothing",
        "v1:",
        "slip.grade",
        "v1:slip.grade:8000000000000",
        "v1:settings.switch:posts:guild_id:0000000000001",
        "v1:slip.details:' OR 1=1 --",
    ],
)
def test_a_forged_or_stale_custom_id_is_refused_in_private_and_changes_nothing(world: World, forged: str) -> None:
    slip, before = world.slips(world.bob)[0], rows_of(world, world.guild.id)
    for person in (world.olga, world.ann):
        data = {"custom_id": forged, "component_type": 2}
        seen = world.settled(person.forge(COMPONENT, data, slip.by(person)))
        assert seen.private
        assert "older version" in seen.text
    assert rows_of(world, world.guild.id) == before


def test_what_works_in_a_server_only_says_so_in_a_direct_message(world: World) -> None:
    direct = world.bob.in_direct()
    slip = world.slips(world.bob)[0]
    for route in routes():
        if route.who in (Who.ANYONE, Who.OPERATOR):
            continue
        seen = next(iter(sent(world, Route(route.kind, route.name, route.who), direct, slip, [1])))
        assert "server only" in seen.text, f"{route}: {seen.text}"
