"""How many taps the fast ways take, counted on a person who types, taps a choice, sends, and taps a button."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from local.discord_simulator import Seen
from tests.e2e.world import KICK_OFF, World, opened

pytestmark = pytest.mark.slow


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as world:
        yield world.set_up()


class Hand:
    """A capper's hand: each tap counted, typing is not one."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.taps = 0

    def command(self, name: str) -> str:
        self.taps += 1
        return name

    def choice(self, name: str, option: str, typed: str) -> str:
        self.taps += 1
        value = self.world.ann.autocomplete(name, option, typed)[0].value
        assert isinstance(value, str)
        return value

    def send(self, name: str, **options: object) -> Seen:
        self.taps += 1
        return self.world.settled(self.world.ann.slash(name, **options))

    def press(self, shown: Seen, label: str) -> Seen:
        self.taps += 1
        return self.world.settled(shown.click(label))


def bets(world: World) -> int:
    return len(world.rows("SELECT bet_id FROM bets"))


def test_a_straight_bet_takes_four_taps(world: World) -> None:
    hand, before = Hand(world), bets(world)
    name = hand.command("bet")
    pick = hand.choice(name, "pick", "chiefs -3 -110 2u")
    hand.press(hand.send(name, pick=pick), "Post")
    assert (hand.taps, bets(world)) == (4, before + 1)


def test_a_prop_takes_four_taps(world: World) -> None:
    hand, before = Hand(world), bets(world)
    name = hand.command("bet")
    pick = hand.choice(name, "pick", "mahomes o275.5 pass -115 1u")
    shown = hand.send(name, pick=pick)
    assert "Patrick Mahomes over 275.5 passing yards (−115) 1u" in shown.text
    hand.press(shown, "Post")
    assert (hand.taps, bets(world)) == (4, before + 1)


def test_a_four_leg_parlay_takes_three_taps(world: World) -> None:
    start = KICK_OFF + timedelta(hours=1)
    world.game("Denver Broncos", "Seattle Seahawks", start)
    world.game("New York Jets", "Buffalo Bills", start)
    world.game("Los Angeles Rams", "San Francisco 49ers", start)
    world.cloud.advance(61)
    hand, before = Hand(world), bets(world)
    typed = "chiefs -3 -110; broncos ml -160; bills +3 -110; rams 49ers over 44.5 -105; 1u"
    shown = hand.send(hand.command("bet"), pick=typed)
    assert "4-leg parlay" in shown.text
    hand.press(shown, "Post")
    assert (hand.taps, bets(world)) == (3, before + 1)
    slip = world.slips(world.bob)[-1]
    assert "Bills +3" in slip.text
    assert slip.images[0].data.startswith(b"\x89PNG")


def test_an_instant_bet_takes_three_taps_and_can_be_undone(world: World) -> None:
    world.ann.slash("instant", on=True)
    hand, before = Hand(world), bets(world)
    name = hand.command("bet")
    pick = hand.choice(name, "pick", "chiefs -3 -108 2.5u")
    world.cloud.advance(600)
    world.game()
    done = hand.send(name, pick=pick)
    assert (hand.taps, bets(world)) == (3, before + 1)
    hand.press(done, "Undo (60 s)")
    assert "Withdrawn" in world.slips(world.bob)[-1].text
    world.ann.slash("instant", on=False)


def test_a_pasted_pick_is_logged_from_its_message(world: World) -> None:
    pasted = world.bob.says("Chiefs ml -160 1u")
    shown = world.ann.message_command("Log as bet", pasted.message_id)
    assert "Chiefs ML (−160) 1u" in shown.text
    assert "Post" in shown.buttons


def test_the_panels_form_opens_without_a_function(world: World) -> None:
    world.settled(world.olga.slash("panel"))
    posted = world.guild.channel("general").seen_by(world.ann)[-1]
    assert posted.buttons == ["New bet", "My open", "Repeat last"]
    form = posted.by(world.ann).click("New bet")
    shown = world.settled(form.submit_modal(bets="raiders ml +140 1u"))
    assert "Raiders ML (+140) 1u" in shown.text
    assert world.simulator.problems == []


def test_the_panels_form_takes_the_reasons_for_every_bet_in_it(world: World) -> None:
    world.settled(world.olga.slash("panel"))
    form = world.guild.channel("general").seen_by(world.ann)[-1].by(world.ann).click("New bet")
    shown = world.settled(form.submit_modal(bets="raiders ml +140 1u\nchiefs -3 -110 1u", note="*Rested* at home"))
    world.settled(shown.click("Post"))
    world.settled(world.settled(world.ann.slash("draft")).click("Post"))
    slips = world.guild.channel("slips").seen_by(world.bob)
    assert [r"\*Rested\* at home" in slip.text for slip in slips] == [True, True]
