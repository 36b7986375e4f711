"""Box scores as reports, from documents written by hand after the shapes the sources serve."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from dbsbm.games.facts.model import BoxReport, PlayerLine
from dbsbm.providers.api_sports import SportHost, sport_hosts
from dbsbm.providers.api_sports_boxes import read_players
from dbsbm.providers.box_stats import values
from dbsbm.providers.errors import ProviderDocumentError
from dbsbm.providers.espn import EspnLeague, espn_leagues
from dbsbm.providers.espn_boxes import read_summary

AT = datetime(2026, 9, 14, 4, 0, tzinfo=UTC)
LEAGUES = {row.league: row for row in espn_leagues()}
Json = dict[str, Any]


def summary(players: list[Json], *, name: str = "STATUS_FINAL", completed: bool = True, **more: Any) -> bytes:
    status = {"type": {"name": name, "state": "post", "completed": completed}}
    header = {"id": "401", "competitions": [{"status": status}]}
    return json.dumps({"header": header, "boxscore": {"players": players}, **more}).encode()


def team(name: str, *tables: Json) -> Json:
    return {"team": {"displayName": name}, "statistics": list(tables)}


def table(name: str, keys: str, **rows: str | Json) -> Json:
    """Each row's values divided by spaces, or the row itself."""
    athletes = []
    for number, (who, row) in enumerate(rows.items()):
        facts: Json = {"stats": row.split()} if isinstance(row, str) else row
        athletes.append({"athlete": {"id": f"{name}{number}", "displayName": who.replace("_", " ")}, **facts})
    for athlete in athletes:
        athlete["athlete"]["id"] = athlete["athlete"]["displayName"]
    return {"name": name, "keys": keys.split(), "athletes": athletes}


def starting(stats: str) -> Json:
    return {"stats": stats.split(), "didNotPlay": False, "starter": True}


def box(league: str, players: list[Json], **more: Any) -> BoxReport:
    found = read_summary(summary(players, **more), LEAGUES[league], "401", AT)
    assert found is not None
    return found


def line(report: BoxReport, name: str) -> PlayerLine:
    return next(each for each in report.lines if each.name == name)


def test_football_adds_up_a_player_of_several_tables() -> None:
    passing = table(
        "passing",
        "completions/passingAttempts passingYards passingTouchdowns interceptions",
        Patrick_Mahomes="24/35 287 2 1",
    )
    rushing = table(
        "rushing", "rushingAttempts rushingYards rushingTouchdowns", Patrick_Mahomes="5 -3 1", Isiah_Pacheco="14 71 0"
    )
    receiving = table(
        "receiving", "receptions receivingYards receivingTouchdowns longReception", Isiah_Pacheco="3 20 0 11"
    )
    defensive = table("defensive", "totalTackles soloTackles sacks defensiveTouchdowns", Chris_Jones="4 2 1.5 0")
    report = box("nfl", [team("Kansas City Chiefs", passing, rushing, receiving, defensive)])
    mahomes, pacheco, jones = (line(report, who) for who in ("Patrick Mahomes", "Isiah Pacheco", "Chris Jones"))
    assert mahomes.stats["passing_yards"] == 4 * 287
    assert (mahomes.stats["passing_completions"], mahomes.stats["passing_attempts"]) == (96, 140)
    assert mahomes.stats["rushing_yards"] == -12
    assert mahomes.stats["passing_rushing_yards"] == 4 * 284
    assert mahomes.stats["anytime_touchdown"] == 4
    assert pacheco.stats["rushing_receiving_yards"] == 4 * 91
    assert "anytime_touchdown" not in pacheco.stats
    assert jones.stats["sacks"] == 6
    assert all(each.participated for each in report.lines)
    assert {"anytime_touchdown", "longest_reception"} <= report.covers
    assert "kicking_points" not in report.covers, "nothing is said of a table that is not there"


def test_basketball_knows_who_sat_and_sums_doubles() -> None:
    keys = (
        "minutes points fieldGoalsMade-fieldGoalsAttempted threePointFieldGoalsMade-threePointFieldGoalsAttempted "
        "rebounds assists turnovers steals blocks"
    )
    sat = {"stats": [], "didNotPlay": True, "reason": "COACH'S DECISION", "starter": False}
    starter = starting("38 27 10-18 3-6 12 10 2 1 0")
    report = box("nba", [team("Boston Celtics", table("", keys, Luka_Garza=starter, Payton_Pritchard=sat))])
    garza, sitting = line(report, "Luka Garza"), line(report, "Payton Pritchard")
    assert (garza.participated, garza.started) == (True, True)
    assert garza.stats["threes"] == 12
    assert garza.stats["points_rebounds_assists"] == 4 * 49
    assert (garza.stats["double_double"], garza.stats["triple_double"]) == (4, 4)
    assert (sitting.participated, sitting.started) == (False, False)


def test_baseball_outs_and_a_batter_of_whom_no_plate_appearance_is_told() -> None:
    batting = table(
        "",
        "hits-atBats atBats runs hits RBIs homeRuns walks strikeouts",
        James_Wood=starting("2-3 3 1 2 2 1 0 1"),
        Late_Glove={**starting("0-0 0 0 0 0 0 0 0"), "starter": False},
    )
    pitching = table(
        "",
        "fullInnings.partInnings hits runs earnedRuns walks strikeouts",
        Jake_Irvin=starting("5.2 8 3 3 1 6"),
    )
    report = box(
        "mlb", [team("Washington Nationals", {**batting, "type": "batting"}, {**pitching, "type": "pitching"})]
    )
    wood, irvin = line(report, "James Wood"), line(report, "Jake Irvin")
    assert (wood.stats["hits_runs_rbis"], wood.stats["home_run"], wood.stats["hits"]) == (20, 4, 8)
    assert "strikeouts" not in wood.stats, "those are a pitcher's"
    assert (irvin.stats["pitcher_outs"], irvin.stats["strikeouts"], irvin.stats["hits_allowed"]) == (68, 24, 32)
    assert line(report, "Late Glove").participated is None
    assert not {"total_bases", "stolen_bases"} & report.covers


def test_hockey_counts_time_on_ice() -> None:
    skaters = table("forwards", "goals assists shotsTotal timeOnIce", Connor_McDavid="1 2 5 21:07")
    goalies = table("goalies", "goalsAgainst saves timeOnIce", Stuart_Skinner="2 30 60:00", Calvin_Pickard="0 0 0:00")
    report = box("nhl", [team("Edmonton Oilers", skaters, goalies)])
    assert line(report, "Connor McDavid").stats["shots_on_goal"] == 20
    assert line(report, "Stuart Skinner").stats["saves"] == 120
    assert [line(report, who).participated for who in ("Stuart Skinner", "Calvin Pickard")] == [True, False]


def soccer(name: str) -> BoxReport:
    def player(who: str, starter: bool, came_on: bool, **stats: float) -> Json:
        named = [{"name": key, "value": value} for key, value in stats.items()]
        return {"athlete": {"id": who, "displayName": who}, "starter": starter, "subbedIn": came_on, "stats": named}

    roster = [
        player(
            "Bukayo Saka", True, False, totalGoals=1.0, goalAssists=0.0, totalShots=4.0, yellowCards=1.0, redCards=0.0
        ),
        player("Leandro Trossard", False, True, totalGoals=0.0, totalShots=1.0),
        player("Kai Havertz", False, False),
    ]
    return box("epl", [], name=name, rosters=[{"team": {"displayName": "Arsenal"}, "roster": roster}])


def test_soccer_substitutes_and_extra_time() -> None:
    report = soccer("STATUS_FULL_TIME")
    assert [each.participated for each in report.lines] == [True, True, False]
    saka = line(report, "Bukayo Saka")
    assert (saka.stats["shots"], saka.stats["anytime_goal"], saka.stats["booked"]) == (16, 4, 4)
    assert soccer("STATUS_FINAL_AET").covers == frozenset(), "what was done in extra time is not told apart"


def test_a_game_that_goes_on_has_no_box_score_and_another_game_s_is_refused() -> None:
    league: EspnLeague = LEAGUES["nfl"]
    assert read_summary(summary([], completed=False), league, "401", AT) is None
    with pytest.raises(ProviderDocumentError, match="not of 402"):
        read_summary(summary([]), league, "402", AT)


@pytest.mark.parametrize(
    ("key", "text", "wanted", "found"),
    [
        ("completions/passingAttempts", "24/35", 2, [96, 140]),
        ("threes", "3-6", 1, [12]),
        ("rushingYards", "-7", 1, [-28]),
        ("sacks", "1.5", 1, [6]),
        ("fullInnings.partInnings", "6.1", 1, [76]),
        ("points", "--", 1, []),
        ("points", "1.33", 1, []),
        ("points", "999999", 1, []),
    ],
)
def test_values_are_quarter_units_or_nothing(key: str, text: str, wanted: int, found: list[int]) -> None:
    assert values(key, text, wanted) == found


def sport(shape: str) -> SportHost:
    return next(each for each in sport_hosts() if each.shape == shape)


def players(rows: list[Json], shape: str) -> BoxReport:
    body = json.dumps({"errors": [], "response": rows}).encode()
    found = read_players(body, sport(shape), "v1.sport-7", AT)
    assert found is not None
    return found


def test_the_second_source_of_football_says_the_same() -> None:
    def group(name: str, who: str, **stats: str) -> Json:
        named = [{"name": key.replace("_", " "), "value": value} for key, value in stats.items()]
        return {"name": name, "players": [{"player": {"id": 1, "name": who}, "statistics": named}]}

    groups = [
        group("Passing", "Patrick Mahomes", comp_att="24/35", yards="287", passing_touch_downs="2", interceptions="1"),
        group("Rushing", "Patrick Mahomes", total_rushes="5", yards="-3", rushing_touch_downs="1"),
    ]
    report = players([{"team": {"name": "Kansas City Chiefs"}, "groups": groups}], "american_football")
    assert report.lines[0].stats["passing_yards"] == 4 * 287
    assert report.lines[0].stats["passing_rushing_yards"] == 4 * 284
    assert "anytime_touchdown" not in report.covers, "a touchdown of the defence is not told"


def test_the_second_source_of_basketball_and_soccer() -> None:
    row = {
        "team": {"id": 9},
        "player": {"id": 4, "name": "Garza Luka"},
        "type": "starters",
        "minutes": "38:10",
        "threepoint_goals": {"total": 3, "attempts": 6},
        "rebounds": {"total": 12},
        "assists": 10,
        "points": 27,
    }
    sat = {**row, "player": {"id": 5, "name": "Pritchard Payton"}, "minutes": None, "type": "bench"}
    report = players([row, sat], "basketball")
    assert report.lines[0].stats["points_rebounds_assists"] == 4 * 49
    assert [each.participated for each in report.lines] == [True, False]
    statistics = [
        {
            "games": {"minutes": 71, "substitute": False},
            "shots": {"total": 4, "on": None},
            "goals": {"total": 1, "assists": None},
            "cards": {"yellow": 1, "red": 0},
        }
    ]
    saka = {"player": {"id": 1, "name": "B. Saka"}, "statistics": statistics}
    side = {"team": {"name": "Arsenal"}, "players": [saka]}
    finished = players([{"fixture": {"id": 7, "status": {"short": "FT"}}, "players": [side]}], "football")
    assert finished.lines[0].stats["anytime_goal"] == 4
    assert {"shots_on_target", "cards"} <= finished.covers
    extra = players([{"fixture": {"id": 7, "status": {"short": "AET"}}, "players": [side]}], "football")
    assert (extra.lines, extra.covers) == ([], frozenset())
