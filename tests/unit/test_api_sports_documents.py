"""API-Sports' games and races: what a row must say to be taken, and which row is named when it does not."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dbsbm.games.facts.model import FINISH, Q
from dbsbm.games.model import EventState
from dbsbm.providers.api_sports import SportHost, sport_hosts
from dbsbm.providers.api_sports_boxes import read_players
from dbsbm.providers.api_sports_documents import read_games
from dbsbm.providers.api_sports_races import classification, read_calendar
from dbsbm.providers.errors import ProviderDocumentError

Json = dict[str, Any]
AT = datetime(2026, 9, 6, 18, 0, tzinfo=UTC)
HOSTS: dict[str, SportHost] = {each.shape: each for each in sport_hosts()}


def envelope(*rows: Any, **more: Any) -> bytes:
    return json.dumps({"response": list(rows), **more}).encode()


def game(shape: str, league: str, **changed: Any) -> Json:
    """A finished game of basketball, hockey or baseball, 5–3."""
    return {
        "id": 7,
        "league": {"id": HOSTS[shape].leagues[league]},
        "status": {"short": "FT"},
        "timestamp": int(AT.timestamp()),
        "teams": {"home": {"name": "Boston"}, "away": {"name": "Toronto"}},
        "scores": {"home": {"total": 5}, "away": {"total": 3}},
        **changed,
    }


def fight(**changed: Any) -> Json:
    fighters = {"first": {"name": "Ann Archer", "winner": True}, "second": {"name": "Bo Bell", "winner": False}}
    return {"id": 9, "status": {"short": "FT"}, "timestamp": int(AT.timestamp()), "fighters": fighters, **changed}


def race(**changed: Any) -> Json:
    named = {"name": "Italian Grand Prix"}
    return {"id": 3, "type": "Race", "status": "Completed", "date": AT.isoformat(), "competition": named, **changed}


NBA = next(iter(HOSTS["basketball"].leagues))
UFC = next(iter(HOSTS["mma"].leagues))


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"id": "seven"}, "id 'seven' is not a number"),
        ({"status": {"short": "???"}}, "7: status '???' is none we know"),
        ({"timestamp": "noon"}, "7: timestamp 'noon' is not one"),
        ({"scores": {"home": {"total": "five"}, "away": {"total": 3}}}, "is not a number of points"),
        ({"teams": {"home": {"name": "Boston"}}}, "7: away"),
    ],
)
def test_a_game_that_cannot_be_read_is_named_and_costs_no_other(changed: Json, says: str) -> None:
    whole = game("basketball", NBA, id=8)
    read = read_games(envelope(game("basketball", NBA, **changed), whole), HOSTS["basketball"], NBA, AT)
    (problem,) = read.problems
    assert says in problem.detail
    assert [report.provider_game_id for report in read.reports] == [f"{HOSTS['basketball'].host}-8"]


def test_a_day_of_several_pages_is_refused_as_a_whole() -> None:
    with pytest.raises(ProviderDocumentError, match="further pages"):
        read_games(envelope(paging={"current": 1, "total": 2}), HOSTS["basketball"], NBA, AT)


def test_a_start_may_stand_one_level_down() -> None:
    dated = game("basketball", NBA, timestamp=None, date={"timestamp": int(AT.timestamp())})
    read = read_games(envelope(dated), HOSTS["basketball"], NBA, AT)
    assert [(report.starts_at, report.home_score, report.away_score) for report in read.reports] == [(AT, 5, 3)]


def test_a_fight_is_won_by_one_and_a_draw_by_none() -> None:
    drawn = {"first": {"name": "Ann Archer", "winner": False}, "second": {"name": "Bo Bell", "winner": False}}
    both = {"first": {"name": "Ann Archer", "winner": True}, "second": {"name": "Bo Bell", "winner": True}}
    rows = fight(), fight(id=10, fighters=drawn), fight(id=11, fighters=both)
    read = read_games(envelope(*rows), HOSTS["mma"], UFC, AT)
    assert [(report.home_score, report.away_score) for report in read.reports] == [(1, 0), (0, 0)]
    assert [problem.detail for problem in read.problems] == ["event 2: 11: both fighters have won"]


def test_a_race_has_no_score_and_its_practice_is_none() -> None:
    rows = race(), race(id=4, type="1st Practice"), race(id=5, status="Unheard of"), race(id="x")
    read = read_games(envelope(*rows), HOSTS["formula_1"], "f1", AT)
    assert [(report.home, report.state, report.home_score) for report in read.reports] == [
        (("Italian Grand Prix",), EventState.FINAL, 0)
    ]
    assert [problem.detail for problem in read.problems] == [
        "event 2: status 'unheard of' is none we know",
        "event 3: id 'x' is not a number",
    ]


def test_the_calendar_holds_the_races_of_the_next_sixty_days_and_the_last_four() -> None:
    def on(day: int, **changed: Any) -> Json:
        dated = {"id": 100 + day, "status": "Scheduled", "date": (AT + timedelta(days=day)).isoformat()}
        return race(**{**dated, **changed})

    rows: list[Any] = [on(-5), on(-4), on(7), on(60), on(61), on(14, type="Sprint"), on(21, status="Cancelled")]
    rows += [on(28, status="Postponed"), "no race"]
    read = read_calendar(envelope(*rows), HOSTS["formula_1"], "f1", AT)
    assert [report.provider_game_id.rpartition("-")[2] for report in read.reports] == ["96", "107", "160"]
    assert all(report.away == "" for report in read.reports)
    assert len(read.problems) == 1


def test_who_has_no_place_is_not_told_of_and_no_two_share_one() -> None:
    def came(position: Any, name: str, **more: Any) -> Json:
        return {"position": position, "driver": {"name": name}, **more}

    lines = classification([came(1, "Ann", team={"name": "Red"}), came(None, "Bo"), came(2, "Cy")])
    assert [(line.name, line.team, line.stats) for line in lines] == [
        ("Ann", "Red", {FINISH: Q}),
        ("Cy", "", {FINISH: 2 * Q}),
    ]
    with pytest.raises(ProviderDocumentError, match="two drivers share a place"):
        classification([came(1, "Ann"), came(1, "Bo")])


def test_a_race_without_a_classification_tells_of_nobody_yet() -> None:
    host = HOSTS["formula_1"]
    assert read_players(envelope(), host, "v1-3", AT) is None
    report = read_players(envelope({"position": 1, "driver": {"name": "Ann"}}), host, "v1-3", AT)
    assert report is not None
    assert (report.covers, [line.name for line in report.lines]) == (frozenset({FINISH}), ["Ann"])


def test_players_of_a_match_that_is_not_over_are_not_told() -> None:
    live = {"fixture": {"status": {"short": "2H"}}, "players": []}
    assert read_players(envelope(live), HOSTS["football"], "v3-1", AT) is None
