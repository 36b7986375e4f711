"""Backups of one community alone, as the operator makes, lists and brings them back."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator

import pytest

from dbsbm.backup.model import BackupError
from dbsbm.environment import Environment
from local.run.backup import bring_back, list_backups
from tests.e2e.backups import backed_up, raw, store_of
from tests.e2e.test_recovery import QUIET, TOKEN_KEY, busy, everything_of, operator
from tests.e2e.world import World, after, distinct_pick, opened

pytestmark = pytest.mark.slow


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url, catalog=QUIET, more={"TOKEN_KEY": TOKEN_KEY, "INDEX_KEY": TOKEN_KEY}) as world:
        yield busy(world.set_up())


@pytest.fixture
def theirs(world: World, database_url: str) -> Iterator[Environment]:
    environment = operator(world, database_url)
    yield environment
    environment.database.close()


def posted(world: World, number: int) -> None:
    world.settled(world.ann.slash("bet", pick=distinct_pick(number)).click("Post"))
    after(world, seconds=1)


def asked(world: World, at: str | None = None) -> Namespace:
    return Namespace(guild=world.guild.id, into=None, at=at, list=False)


def test_a_communitys_own_backup_and_what_changed_since_come_back(world: World, theirs: Environment) -> None:
    guild, store = world.guild.id, store_of(world)
    first = backed_up(world, guild=guild)
    posted(world, 4)
    second = backed_up(world, guild=guild)
    own = everything_of(world, guild)
    made = [store.manifest(each["backup"], guild) for each in (first, second)]
    assert [(each.kind, each.base, each.guild) for each in made] == [
        ("full", first["backup"], guild),
        ("increment", first["backup"], guild),
    ]
    assert len(made[1].sources) == 2, "what did not change is named where it lies"
    assert made[1].written < made[0].written
    assert backed_up(world, guild=guild, full=True)["kind"] == "full"
    assert store.names() == [], "none of everything"

    posted(world, 5)
    world.olga.slash("capper remove", user=world.ann)
    [other] = [row["guild_id"] for row in world.rows("SELECT guild_id FROM guilds WHERE guild_id <> %s", guild)]
    others = everything_of(world, other)
    assert bring_back(theirs, {}, asked(world, made[1].at.isoformat())) == 0
    assert everything_of(world, guild) == own
    assert everything_of(world, other) == others


def test_the_newest_that_fits_is_taken_of_either_kind(
    world: World, theirs: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    guild, store = world.guild.id, store_of(world)
    with pytest.raises(BackupError, match="no backup of"):
        store.of_guild(world.clock.now(), guild)
    names = [backed_up(world, guild=number)["backup"] for number in (guild, 0, guild)]
    moments = [store.manifest(name, number).at for name, number in zip(names, (guild, 0, guild), strict=True)]
    assert [store.of_guild(at, guild).backup for at in moments] == names
    assert store.at(world.clock.now()).backup == names[1], "one community's is never taken for everything"
    assert store.of_guild(world.clock.now(), guild + 1).backup == names[1]
    capsys.readouterr()
    assert list_backups(theirs, 0) == list_backups(theirs, guild) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [names[1], names[0], names[2]] * 2
    raw(world, "DELETE", f"data/{names[0]}")
    assert list_backups(theirs, guild) == 1
    assert f"{names[0]}  WRONG" in capsys.readouterr().out
    assert backed_up(world, guild=guild)["kind"] == "full", "not upon what is gone"
