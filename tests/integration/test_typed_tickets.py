"""What a typed ticket becomes: offered while typed, opened again to correct it, refused by the part that is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.integration.stage import ANN, KICK_OFF, Stage, chiefs_offers, open_stage

TOMORROW = KICK_OFF + timedelta(days=1)
LONG = (
    "parlay 2u; Kansas City Chiefs -3 -110; Denver Broncos moneyline -160; New York Jets under 44.5 -115; "
    "Las Vegas Raiders +3"
)


@pytest.fixture(scope="module")
def stage(module_database_url: str) -> Iterator[Stage]:
    """Nothing here is posted, so one guild does for all."""
    stage = open_stage(module_database_url).ready()
    for away, home in (("Denver Broncos", "Seattle Seahawks"), ("New York Jets", "Buffalo Bills")):
        stage.game(away, home, TOMORROW, chiefs_offers(stage.clock.now()))
    yield stage
    assert stage.count("bets") == 0
    stage.close()


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("chiefs -3 -110; broncos ml -160", "2-leg parlay (+210) 1u · Chiefs −3, Broncos ML"),
        ("6 pt teaser 1u; chiefs -3; broncos -3", "2-leg teaser, 6 points (−115) 1u · Chiefs +3, Broncos +3"),
        (LONG.replace("2u", "2u +900"), "4-leg parlay (+900) 2u · Chiefs −3, Broncos ML, Under 44.5, Raiders +3"),
    ],
)
def test_legs_that_are_being_typed_are_offered_as_the_ticket_they_make(stage: Stage, typed: str, offered: str) -> None:
    (choice,) = stage.complete(ANN, typed)
    assert choice["name"] == offered
    assert len(choice["value"]) <= 100
    seen = stage.slash(ANN, "bet", pick=choice["value"])
    assert seen.text.splitlines()[0].startswith(f"**{offered.partition(' · ')[0]}**")


def test_a_ticket_too_long_for_a_suggestion_is_offered_in_fewer_words_that_are_read_the_same(stage: Stage) -> None:
    (choice,) = stage.complete(ANN, LONG)
    assert len(LONG) > 100 >= len(choice["value"])
    assert choice["value"].startswith("parlay 2u;Chiefs -3 -110;Broncos ml -160;")
    whole, short = (stage.slash(ANN, "bet", pick=text).text for text in (LONG, choice["value"]))
    assert whole == short


@pytest.mark.parametrize("typed", ["x;y", "chiefs -3 -110; nobody", "teaser; chiefs ml; broncos -3"])
def test_legs_that_cannot_be_read_yet_offer_nothing(stage: Stage, typed: str) -> None:
    assert stage.complete(ANN, typed) == []


def test_a_long_ticket_with_an_open_leg_is_not_put_into_other_words(stage: Stage) -> None:
    assert stage.complete(ANN, LONG.replace("Las Vegas Raiders +3", "Las Vegas Raiders                ")) == []


@pytest.mark.parametrize(
    ("typed", "prefilled"),
    [
        ("chiefs tt over 23.5 -110", "Kansas City Chiefs team total over 23.5"),
        ("chiefs team total under 23.5 -110", "Kansas City Chiefs team total under 23.5"),
        ("chiefs dnb -110", "Kansas City Chiefs dnb"),
        ("chiefs or draw -110", "Kansas City Chiefs or draw"),
        ("chiefs/draw -110", "Las Vegas Raiders draw"),
        ("chiefs 1h -1.5 -110", "Kansas City Chiefs 1h -1.5"),
        ("mahomes over 268.5 passing yards -110", "Patrick Mahomes over 268.5 passing yards"),
        ("kelce anytime td -110", "Travis Kelce anytime touchdown"),
    ],
)
def test_a_correction_opens_with_what_would_be_typed_and_reads_it_the_same(
    stage: Stage, typed: str, prefilled: str
) -> None:
    seen = stage.slash(ANN, "bet", pick=f"{typed} 1u")
    form = stage.click(ANN, seen.button("Edit"))
    fields = {label["component"]["custom_id"]: label["component"].get("value") for label in form.data["components"][:3]}
    assert fields == {"pick": prefilled, "odds": "-110", "stake": "1u"}
    assert stage.submit(ANN, form.data).text == seen.text


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("mahomes over 268.5 passing yards", "has no price, and no book offers this now: type one"),
        ("under 44.5 -110", "names no team of an upcoming game"),
        ("chiefs 12345", "“12345” as the odds: needs a sign"),
        ("teaser 6 1u; chiefs ml -160; broncos -3", "“Kansas City Chiefs ml” as the pick: cannot be teased"),
        ("6.5 point teaser 1u; chiefs -3; broncos -3", "is a teaser of 6.5 points: there are cards of 6"),
        ("rr 1u; chiefs -3; broncos -3", "is a round robin"),
        ("parlay 1u; chiefs -3; nobody -110", "as the leg 2"),
        ("parlay 1u; chiefs -3; chiefs 12345", "“12345” as the odds"),
        ("parlay; " + ";".join(["chiefs -3"] * 16), "“16” as the legs: a ticket has 2 to 15 legs"),
        ("x" * 5000, "has 5000 characters, 2000 are read"),
    ],
)
def test_what_is_wrong_with_a_ticket_is_named_with_a_pick_that_works(stage: Stage, typed: str, says: str) -> None:
    seen = stage.slash(ANN, "bet", pick=typed)
    assert seen.private
    assert says in seen.text.replace("\\", "")
    assert "This works" in seen.text


@pytest.mark.parametrize(
    ("given", "forged", "says"),
    [
        ("", "zz", "is not a suggestion of ours"),
        ("", "0000000000000 spread away -12 21/11 american 1 risk -", "is a game we do not know any more"),
        (" away ", " over ", "is not a suggestion of ours"),
        (" 2000000 ", " -5 ", "is not a suggestion of ours"),
        ("21/11", "21/0", "is not a suggestion of ours"),
        ("spread", "spreads", "is not a suggestion of ours"),
    ],
)
def test_a_suggestion_that_was_changed_on_its_way_is_refused(stage: Stage, given: str, forged: str, says: str) -> None:
    ours = stage.complete(ANN, "chiefs -3 -110 2u")[0]["value"]
    seen = stage.slash(ANN, "bet", pick=ours.replace(given, forged) if given else f"={forged}")
    assert says in seen.text
    assert "Post" not in seen.labels
