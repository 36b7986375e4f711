"""Which of our games an event of another source is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbsbm.games.model import EventReport, EventState, Game, GameState
from dbsbm.games.sources.identity import Match, Reason, matches

START = datetime(2026, 9, 13, 17, 0, tzinfo=UTC)


def game(game_id: int, home: str, away: str, starts_at: datetime = START, league: str = "nfl") -> Game:
    return Game(game_id, league, home, away, starts_at, GameState.SCHEDULED)


def event(
    event_id: str,
    home: Sequence[str] | str,
    away: Sequence[str] | str,
    starts_at: datetime = START,
    league: str = "nfl",
) -> EventReport:
    names = [(name,) if isinstance(name, str) else tuple(name) for name in (home, away)]
    return EventReport("espn", event_id, league, names[0], names[1], starts_at, START, EventState.SCHEDULED)


@pytest.mark.parametrize(
    ("league", "ours", "theirs"),
    [
        ("nfl", "Kansas City Chiefs", "Kansas City Chiefs"),
        ("nfl", "Washington Commanders", "Commanders"),
        ("mlb", "Athletics", "Oakland Athletics"),
        ("epl", "Brighton and Hove Albion", "Brighton & Hove Albion"),
        ("mls", "CF Montréal", "CF Montreal"),
        ("nba", "Los Angeles Clippers", "LA Clippers"),
        ("xfl", "Nowhere United", "Nowhere  United"),
    ],
)
def test_a_team_is_known_by_its_aliases(league: str, ours: str, theirs: str) -> None:
    games = [game(1, ours, "Somebody Else", league=league)]

    assert matches([event("e", theirs, "Somebody Else", league=league)], games) == {"e": Match(1, False)}


def test_starts_may_differ_by_half_a_day_but_not_by_a_day() -> None:
    games = [game(1, "Chicago Bears", "Detroit Lions")]

    late = event("e", "Chicago Bears", "Detroit Lions", START + timedelta(hours=12))
    next_day = event("f", "Chicago Bears", "Detroit Lions", START + timedelta(hours=12, minutes=1))
    assert matches([late], games) == {"e": Match(1, False)}
    assert matches([next_day], games) == {"f": Reason.NO_GAME}


def test_the_same_teams_in_another_league_are_others() -> None:
    assert matches([event("e", "A", "B", league="nba")], [game(1, "A", "B")]) == {"e": Reason.UNKNOWN_TEAM}


def test_at_a_neutral_site_home_and_away_may_be_changed_about() -> None:
    assert matches([event("e", "Detroit Lions", "Chicago Bears")], [game(1, "Chicago Bears", "Detroit Lions")]) == {
        "e": Match(1, True)
    }


def test_the_games_of_a_doubleheader_stay_apart() -> None:
    noon, evening = START, START + timedelta(hours=6)
    games = [
        game(1, "New York Yankees", "Boston Red Sox", noon, "mlb"),
        game(2, "New York Yankees", "Boston Red Sox", evening, "mlb"),
    ]
    events = [
        event("second", "New York Yankees", "Boston Red Sox", evening + timedelta(minutes=5), "mlb"),
        event("first", "New York Yankees", "Boston Red Sox", noon + timedelta(minutes=10), "mlb"),
    ]

    assert matches(events, games) == {"first": Match(1, False), "second": Match(2, False)}
    assert matches(events, games[:1])["second"] is Reason.NO_GAME


def test_a_name_in_no_file_and_no_game_is_unknown() -> None:
    assert matches([event("e", "Gotham Knights", "Detroit Lions")], []) == {"e": Reason.UNKNOWN_TEAM}


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 60)), max_size=8), st.permutations(range(8)))
def test_each_game_is_given_once_whatever_the_order(drawn: list[tuple[str, int]], order: list[int]) -> None:
    games = [game(n, home, "Z", START + timedelta(hours=hours), "x") for n, (home, hours) in enumerate(drawn)]
    events = [event(str(n), g.home, "Z", g.starts_at + timedelta(minutes=7), "x") for n, g in enumerate(games)]
    shuffled = [events[n] for n in order if n < len(events)]

    found = matches(events, games)

    ids = [match.game_id for match in found.values() if isinstance(match, Match)]
    assert len(ids) == len(set(ids)) == len(games)
    assert matches(shuffled, games) == found
