"""The data files, and what happens when one is wrong."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from dbsbm.betting import catalogue as module
from dbsbm.betting.catalogue import DATA, CatalogueError, catalogue, load
from dbsbm.betting.legs import Leg
from dbsbm.betting.markets import Market, Side
from dbsbm.betting.names import load_roster, plain
from dbsbm.betting.rules import RULES, explain
from tests.unit.betting.build import EVEN

LEAGUES = {"NFL", "NBA", "MLB", "NHL", "WNBA", "NCAAF", "NCAAB", "EPL", "EFL_CHAMP", "MLS", "ATP", "WTA", "UFC", "F1"}
TEAMS = {"NFL": 32, "NBA": 30, "MLB": 30, "NHL": 32, "WNBA": 15, "MLS": 30}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The data files, to be spoilt."""
    return Path(shutil.copytree(DATA, tmp_path / "data"))


def test_every_league_is_there_with_its_teams() -> None:
    assert set(catalogue().leagues) == LEAGUES
    teams = load_roster().teams
    for league, count in TEAMS.items():
        assert sum(team.leagues == (league,) for team in teams) == count
    for league in LEAGUES:
        assert sum(league in team.leagues for team in teams) >= 15, league


def test_abbreviations_of_a_league_name_one_team_each() -> None:
    """Two teams of one league may share a place ("New York"), never their own nickname."""
    for league in TEAMS:
        nicks: dict[str, str] = {}
        for team in load_roster().teams:
            if team.leagues == (league,):
                nick = plain(team.name)
                assert nick not in nicks
                nicks[nick] = team.name


def test_every_player_plays_for_a_team_that_is_there() -> None:
    roster = load_roster()
    names = {team.name for team in roster.teams}
    assert len(roster.players) > 300
    assert all(player.team in names for player in roster.players)


def test_a_league_is_added_without_code(copy: Path) -> None:
    path = copy / "leagues.json"
    rows = json.loads(path.read_text())
    new = {**rows[0], "id": "UFL", "name": "UFL", "aliases": ["ufl"]}
    path.write_text(json.dumps([*rows, new]))
    assert load(copy).span("UFL", "2h").overtime


@pytest.mark.parametrize(
    ("file", "field", "value"),
    [
        ("leagues.json", "sport", "quidditch"),
        ("leagues.json", "minimum_play", {"hours": 1}),
        ("leagues.json", "total", [90, 10]),
        ("leagues.json", "total", ["nan", 10]),
        ("leagues.json", "id", ""),
        ("stats.json", "kind", "maybe"),
        ("stats.json", "sports", ["quidditch"]),
        ("stats.json", "sports", []),
        ("teasers.json", "pays", {"1": "1/1"}),
        ("teasers.json", "source", ""),
    ],
)
def test_a_wrong_row_is_named(copy: Path, file: str, field: str, value: object) -> None:
    rows = json.loads((copy / file).read_text())
    rows[0][field] = value
    (copy / file).write_text(json.dumps(rows))
    with pytest.raises(CatalogueError, match=re.escape(file)):
        load(copy)


def test_a_span_outside_the_game_is_refused(copy: Path) -> None:
    rows = json.loads((copy / "sports.json").read_text())
    rows["soccer"]["spans"]["3h"] = [3, 3, False]
    (copy / "sports.json").write_text(json.dumps(rows))
    with pytest.raises(CatalogueError, match="soccer"):
        load(copy)


@pytest.mark.parametrize("text", ["", "{", "[]x"])
def test_a_file_that_is_no_json_is_named(copy: Path, text: str) -> None:
    (copy / "sports.json").write_text(text)
    with pytest.raises(CatalogueError, match=r"sports\.json"):
        load(copy)


def test_a_repeated_row_is_refused(copy: Path) -> None:
    rows = json.loads((copy / "stats.json").read_text())
    (copy / "stats.json").write_text(json.dumps([*rows, rows[0]]))
    with pytest.raises(CatalogueError, match=rows[0]["id"]):
        load(copy)


def test_a_player_without_a_team_is_refused(copy: Path) -> None:
    rows = json.loads((copy / "players.json").read_text())
    rows[0]["team"] = "Nobody"
    (copy / "players.json").write_text(json.dumps(rows))
    with pytest.raises(CatalogueError, match="Nobody"):
        load_roster(copy)


def test_every_rule_the_engine_names_is_explained() -> None:
    """Each upper-case name in the engine's source that looks like a rule has its sentence, and each sentence a user."""
    modules = [path for path in Path(module.__file__).parent.glob("*.py") if path.name != "rules.py"]
    sources = "".join(path.read_text() for path in modules)
    used = set(re.findall(r'"([A-Z0-9]*[A-Z]{2}[A-Z0-9]*(?:-[A-Z0-9]+)+|3WAY-REGULATION)"', sources))
    assert used == set(RULES) - {"PERSON"}
    assert all(len(rule) <= 64 and explain(rule).endswith(".") for rule in RULES)


def test_sides_fit_their_column() -> None:
    assert all(len(side) <= 12 for side in Side)
    assert all(len(market) <= 24 for market in Market)
    assert Leg(Market.PLAYER_PROP, Side.YES, EVEN, stat="home_run").line_q == 0


@pytest.mark.parametrize(
    ("file", "text", "named"),
    [
        ("teams_nfl.json", '{"leagues": ["XFL"], "teams": []}', "XFL"),
        ("teams_nfl.json", '{"teams": []}', "leagues"),
        ("teams_nfl.json", "{", "teams_nfl"),
        ("players.json", '[{"name": "Nobody"}]', "Nobody"),
    ],
)
def test_a_wrong_roster_is_named(copy: Path, file: str, text: str, named: str) -> None:
    (copy / file).write_text(text)
    with pytest.raises(CatalogueError, match=named):
        load_roster(copy)


def test_a_team_that_stands_twice_is_refused(copy: Path) -> None:
    document = json.loads((copy / "teams_nfl.json").read_text())
    document["teams"].append(document["teams"][0])
    (copy / "teams_nfl.json").write_text(json.dumps(document))
    with pytest.raises(CatalogueError, match="Arizona Cardinals"):
        load_roster(copy)
