"""The reader on labelled picks, and what it promises whatever is typed."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbsbm.betting.markets import Market, Side
from dbsbm.betting.reader import GameCandidate, GameIndex, read_pick
from dbsbm.betting.stakes import StakeMode
from dbsbm.core.errors import InputError
from tests.unit.betting.labels import NOW, differences, labels, slate

FLOORS = {"tune": 0.98, "held": 0.93}


@cache
def _index() -> tuple[dict[str, int], GameIndex]:
    keys, games = slate()
    return keys, GameIndex(games)


@pytest.mark.parametrize("name", ["tune", "held"])
def test_the_reader_on_labelled_picks(name: str) -> None:
    keys, index = _index()
    picks = labels(f"reader_{name}.txt")
    right = sum(not differences(each, index, keys) for each in picks)
    print(f"reader, {name}: {right} of {len(picks)} right, {right / len(picks):.1%}")  # noqa: T201 - to be seen
    assert len(picks) >= 150
    assert right / len(picks) >= FLOORS[name]


def test_the_labels_notice_a_wrong_reading() -> None:
    """A label with any one part changed differs."""
    keys, index = _index()
    label = next(each for each in labels("reader_tune.txt") if each.text == "Chiefs -3 -110 2u")
    assert not differences(label, index, keys)
    (wanted,) = label.wanted
    for part, other in (("KC@LV", "BUF@NE"), ("away", "home"), ("-3 ", "-4 "), ("-110", "-115"), ("risk=2", "win=2")):
        assert differences(type(label)(label.text, (wanted.replace(part, other),)), index, keys), part


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_by_name(text: str) -> None:
    _, index = _index()
    try:
        reading = read_pick(text, index, NOW)
    except InputError as error:
        assert error.field in {"pick", "odds", "stake", "line", "legs"}
        return
    assert all(option.game is not None for option in reading.interpretations)


_PIECES = st.sampled_from(
    [
        "chiefs",
        "lakers",
        "ny",
        "-3",
        "-110",
        "+150",
        "2u",
        "o44.5",
        "u6",
        "1h",
        "ml",
        "parlay",
        ";",
        ":",
        "@",
        "/",
        "vs",
        "to",
        "win",
        "mahomes",
        "pts",
        "25+",
        "1.91",
        "10/11",
        "pk",
        "-0.5,-1",
        "tt",
        "draw",
        "sets",
        "teaser",
    ]
)


@given(st.lists(_PIECES, max_size=9).map(" ".join))
def test_any_order_of_familiar_pieces_is_read_or_refused_by_name(text: str) -> None:
    _, index = _index()
    try:
        read_pick(text, index, NOW)
    except InputError as error:
        assert error.field in {"pick", "odds", "stake", "line", "legs"}


def test_nothing_is_missing_that_was_said() -> None:
    _, index = _index()
    reading = read_pick("Chiefs", index, NOW)
    assert set(reading.missing) == {"market", "odds", "stake"}
    assert reading.best is not None
    assert reading.best.side is Side.AWAY


def test_the_next_game_of_a_team_comes_first() -> None:
    later = GameCandidate(2, "NFL", "Kansas City Chiefs", "Denver Broncos", NOW + timedelta(days=7))
    sooner = GameCandidate(1, "NFL", "Kansas City Chiefs", "Las Vegas Raiders", NOW + timedelta(hours=3))
    played = GameCandidate(3, "NFL", "Kansas City Chiefs", "Los Angeles Chargers", NOW - timedelta(days=7))
    reading = read_pick("chiefs ml -150", [later, played, sooner], NOW)
    assert [option.game_id for option in reading.interpretations] == [1, 2, 3]
    assert reading.choices == ()


def test_games_of_unknown_leagues_are_found_by_their_names() -> None:
    game = GameCandidate(1, "KBO", "Doosan Bears", "LG Twins", NOW + timedelta(hours=1))
    best = read_pick("doosan ml -120 1u", [game], NOW).best
    assert best is not None
    assert (best.game_id, best.market, best.side) == (1, Market.MONEYLINE, Side.HOME)


def test_a_word_still_being_typed_offers_its_games() -> None:
    _, index = _index()
    reading = read_pick("laker", index, NOW)
    assert reading.best is not None
    assert reading.best.game is not None
    assert reading.best.game.away == "Los Angeles Lakers"


def test_what_is_not_understood_is_said() -> None:
    _, index = _index()
    assert read_pick("Chiefs -3 -110 2u zzyzx", index, NOW).unread == ("zzyzx",)


def test_two_amounts_that_agree_are_one_stake() -> None:
    _, index = _index()
    reading = read_pick("Chiefs ML -150 1.5u to win 1", index, NOW)
    assert reading.choices == ()
    assert reading.best is not None
    assert (reading.best.stake_mode, reading.best.amount_micro) == (StakeMode.TO_WIN, 1_000_000)


def test_lines_without_a_header_ask_whether_they_are_a_parlay() -> None:
    _, index = _index()
    reading = read_pick("Chiefs -3 -110 1u\nBills -7 -110 1u", index, NOW)
    assert [choice.field for choice in reading.choices] == ["ticket"]
    assert len(reading.legs) == 2


@pytest.mark.parametrize("text", ["", "   ", "x" * 2_001])
def test_nothing_and_too_much_are_refused(text: str) -> None:
    with pytest.raises(InputError) as refused:
        read_pick(text, [], NOW)
    assert refused.value.field == "pick"


def test_forty_legs_are_refused() -> None:
    _, index = _index()
    with pytest.raises(InputError) as refused:
        read_pick("parlay 1u +1000;" + "chiefs ml -110;" * 40, index, NOW)
    assert refused.value.field == "legs"


def test_a_player_nobody_knows_is_taken_as_typed() -> None:
    keys, index = _index()
    reading = read_pick("bengals joe flacco o220.5 pass yds -110 1u", index, NOW)
    assert reading.best is not None
    assert (reading.best.player, reading.best.stat) == ("Joe Flacco", "passing_yards")
    assert reading.best.game_id == keys["LAC@CIN"]
    nowhere = read_pick("joe flacco o220.5 pass yds -110 1u", index, NOW)
    assert (nowhere.best, nowhere.missing, nowhere.said.player) == (None, ("game",), "Joe Flacco")


def test_players_of_one_name_are_offered() -> None:
    _, index = _index()
    (choice,) = read_pick("williams o15.5 pts -110 1u", index, NOW).choices
    assert choice.field == "player"
    assert {option.player for option in choice.options} == {"Jalen Williams", "Jaylin Williams"}


@pytest.mark.parametrize(
    ("head", "points_q", "amount"),
    [
        ("6.5 pt teaser -130 2u", 26, 2_000_000),
        ("6.5 teaser -130 2u", 26, 2_000_000),
        ("teaser 6.5 -130 2u", 26, 2_000_000),
        ("teaser 7 points 2u", 28, 2_000_000),
        ("10-point teaser 1u", 40, 1_000_000),
        ("teaser 5 units", None, 5_000_000),
        ("teaser 4.5u -120", None, 4_500_000),
        ("teaser 15u", None, 15_000_000),
    ],
)
def test_a_teaser_keeps_its_points_which_are_no_stake(head: str, points_q: int | None, amount: int) -> None:
    _, index = _index()
    for reading in (
        read_pick(f"{head}; chiefs +3.5; bills -0.5", index, NOW),
        read_pick(f"{head}: chiefs +3.5; bills -0.5", index, NOW),
    ):
        assert (reading.ticket, reading.points_q, reading.amount_micro) == ("teaser", points_q, amount)
        assert len(reading.legs) == 2


@pytest.mark.parametrize(
    "text", ["Chiefs-3 -110 2u", "chiefs -3-110, 2u", "2u on Chiefs -3 @-110", "🔒 CHIEFS -3.0 (-110) [2.0u]"]
)
def test_one_pick_in_many_hands(text: str) -> None:
    keys, index = _index()
    best = read_pick(text, index, NOW).best
    assert best is not None
    assert (best.game_id, best.market, best.side, best.line_q) == (keys["KC@LV"], Market.SPREAD, Side.AWAY, -12)
    assert (best.odds and best.odds.num, best.amount_micro) == (21, 2_000_000)


def test_a_word_that_only_resembles_a_team_does_not_change_the_game() -> None:
    """ "beat" is one slip from "heat"."""
    keys, index = _index()
    best = read_pick("Alcaraz to beat Fritz -300 3u", index, NOW).best
    assert best is not None
    assert (best.game_id, best.side) == (keys["FRI@ALC"], Side.HOME)


def test_no_run_in_the_first_inning_is_a_total() -> None:
    _, index = _index()
    best = read_pick("Yankees Dodgers NRFI -120 1u", index, NOW).best
    assert best is not None
    assert (best.market, best.side, best.line_q, best.period) == (Market.TOTAL, Side.UNDER, 2, "f1")


def test_the_statistic_beside_the_line_is_the_one_meant() -> None:
    _, index = _index()
    reading = read_pick("Jokic 25+ points 12+ rebounds +180", index, NOW)
    assert reading.best is not None
    assert reading.best.stat == "points"
    assert reading.unread == ("12+", "rebounds")


def test_a_parlay_on_one_line() -> None:
    _, index = _index()
    reading = read_pick("Cavs ML / Celtics ML parlay +150 1u", index, NOW)
    assert (reading.ticket, len(reading.legs), reading.amount_micro, reading.missing) == ("parlay", 2, 1_000_000, ())


@pytest.mark.parametrize(
    ("text", "market", "missing"),
    [
        ("Chiefs spread -110 2u", Market.SPREAD, ("line",)),
        ("Florida Panthers puck line +180 1u", Market.SPREAD, ("line",)),
        ("Lakers Celtics over -110 1u", Market.TOTAL, ("line",)),
        ("Mahomes over pass yds -110 1u", Market.PLAYER_PROP, ("line",)),
        ("Chiefs ml 2u", Market.MONEYLINE, ("odds",)),
    ],
)
def test_a_market_without_its_line_says_so(text: str, market: Market, missing: tuple[str, ...]) -> None:
    _, index = _index()
    reading = read_pick(text, index, NOW)
    assert reading.best is not None
    assert (reading.best.market, reading.missing) == (market, missing)
