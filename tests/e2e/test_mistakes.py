"""Mistakes a person can make: each is answered privately, names what was typed and what works, and stores nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import pytest

from local.discord_simulator import Seen
from tests.e2e.world import KICK_OFF, World, opened

pytestmark = pytest.mark.slow
_PICK = "chiefs -3 -110 2u"
_NOT_COUNTED = ("interactions", "schema_migrations", "audit_events", "audit_secrets")


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as world:
        yield world


def stored(world: World) -> Mapping[str, int]:
    """Rows by table, apart from the claims of interactions and the audit log, which holds refusals too."""
    tables = world.rows("SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()")
    names = sorted(str(row["name"]) for row in tables if row["name"] not in _NOT_COUNTED)
    return {name: int(world.rows(f"SELECT COUNT(*) AS n FROM {name}")[0]["n"]) for name in names}


def public(world: World) -> list[str]:
    """What everybody reads in the slip channel."""
    return [slip.text for slip in world.slips(world.bob) if not slip.private]


def refused(world: World, act: Callable[[], Seen]) -> str:
    """The private words of a refusal, after making sure that it stored and showed nothing."""
    before, slips = stored(world), public(world)
    seen = world.settled(act())
    assert seen.private
    assert seen.buttons == []
    assert stored(world) == before
    assert public(world) == slips
    assert world.simulator.problems == []
    return seen.text


def example(text: str) -> str:
    """What the answer says will work."""
    return text.split("`")[1]


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("abc", "“abc”"),
        ("chiefs -3 -110 -5 units", "“-5”"),
        ("chiefs -3 @0 2u", "“0”"),
        ("chiefs ml 0 2u", "“0”"),
        ("chiefs ml +50 2u", "“+50”"),
        ("chiefs ml -99 2u", "“-99”"),
        ("chiefs -3 -110 0u", "“0”"),
        ("chiefs -3 -110 20000u", "“20000”"),
        ("chiefs -3 -110 101u", "“101u”"),
        ("chiefs -3.3 -110 2u", "3.3"),
        ("chiefs -3 -110 2u banana", "“banana”"),
        ("=0000000000000 spread away -12 21/11 american 2000000 risk -", "“=0000000000000 spread"),
        ("x" * 300, f"“{'x' * 100}"),
    ],
)
def test_a_pick_that_cannot_be_read_is_named_beside_one_that_works(world: World, typed: str, named: str) -> None:
    world.set_up()
    text = refused(world, lambda: world.ann.slash("bet", pick=typed))
    assert named in text, text
    assert "Post" in world.ann.slash("bet", pick=example(text)).buttons


def test_a_bet_before_set_up_names_the_step(world: World) -> None:
    world.game()
    assert "`/setup slip_channel:`" in refused(world, lambda: world.ann.slash("bet", pick=_PICK))


def test_somebody_who_is_no_capper_is_told_who_makes_one(world: World) -> None:
    world.set_up()
    text = refused(world, lambda: world.bob.slash("bet", pick=_PICK))
    assert f"<@{world.bob.user_id}>" in text
    assert "`/capper add`" in text


def test_a_capper_without_the_role_is_told_which(world: World) -> None:
    world.set_up()
    world.olga.slash("capper add", user=world.bob)
    text = refused(world, lambda: world.bob.slash("bet", pick=_PICK))
    assert f"<@&{world.guild.role('capper').id}>" in text


def test_a_started_game_is_named_and_another_bet_works(world: World) -> None:
    world.set_up()
    world.game("Denver Broncos", "Seattle Seahawks", starts_at=KICK_OFF.replace(day=KICK_OFF.day + 1))
    world.cloud.skip_to(KICK_OFF)
    text = refused(world, lambda: world.ann.slash("bet", pick=_PICK))
    assert f"“{_PICK}”" in text
    assert "Chiefs @ Raiders, which has started" in text
    assert "Post" in world.ann.slash("bet", pick=example(text)).buttons


def test_post_after_the_start_is_refused_in_words_and_stores_no_bet(world: World) -> None:
    world.set_up()
    world.game("Denver Broncos", "Seattle Seahawks", starts_at=KICK_OFF.replace(day=KICK_OFF.day + 1))
    preview = world.settled(world.ann.slash("bet", pick=_PICK))
    world.cloud.skip_to(KICK_OFF)
    text = refused(world, lambda: preview.click("Post"))
    assert "Chiefs @ Raiders, which has started" in text
    assert "Post" in world.ann.slash("bet", pick=example(text)).buttons


@pytest.mark.parametrize(
    ("field", "typed"),
    [("stake", "-5 units"), ("stake", "many"), ("odds", "0"), ("odds", "+50"), ("pick", "abc"), ("pick", "x" * 90)],
)
def test_a_wrong_field_of_the_editor_is_named_beside_a_value_that_works(world: World, field: str, typed: str) -> None:
    world.set_up()
    form = world.settled(world.ann.slash("bet", pick=_PICK)).click("Edit")
    text = refused(world, lambda: form.submit_modal({field: typed}))
    assert f"“{typed[:60]}" in text, text
    assert example(text)


def test_a_grade_by_somebody_without_the_right_names_the_role(world: World) -> None:
    world.set_up()
    world.settled(world.ann.slash("bet", pick=_PICK).click("Post"))
    slip = world.slips(world.bob)[-1]
    text = refused(world, lambda: slip.click("⋯"))
    assert "Manage Server" in text
    assert f"<@&{world.guild.role('grader').id}>" in text
