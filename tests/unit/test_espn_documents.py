"""ESPN's scoreboards as reports: the shape as observed, written by hand."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from dbsbm.games.model import EventState
from dbsbm.providers.errors import ProviderDocumentError
from dbsbm.providers.espn import EspnLeague
from dbsbm.providers.espn_documents import read_scoreboard

NFL = EspnLeague("football/nfl", "nfl", {})
UCL = EspnLeague("soccer/uefa.champions", "ucl", {})
FETCHED = datetime(2026, 9, 14, 3, 30, tzinfo=UTC)


def side(where: str, name: str, score: str, *periods: float) -> dict[str, Any]:
    team = {"displayName": name, "shortDisplayName": name.rsplit(maxsplit=1)[-1], "location": name.split(maxsplit=1)[0]}
    return {"homeAway": where, "team": team, "score": score, "linescores": [{"value": value} for value in periods]}


def event(name: str = "STATUS_FINAL", state: str = "post", completed: bool = True, **changed: Any) -> dict[str, Any]:
    competition = {
        "date": "2026-09-14T00:20Z",
        "competitors": [
            side("home", "Las Vegas Raiders", "20", 3.0, 7.0, 0.0, 10.0),
            side("away", "Kansas City Chiefs", "27", 7.0, 10.0, 3.0, 7.0),
        ],
        "status": {"type": {"name": name, "state": state, "completed": completed}},
        **changed,
    }
    return {"id": "401671789", "date": "2026-09-14T00:20Z", "competitions": [competition]}


def body(*events: Any) -> bytes:
    return json.dumps({"leagues": [{"slug": "nfl"}], "events": events}).encode()


def test_a_final_has_its_score_and_its_periods() -> None:
    (report,) = read_scoreboard(body(event()), NFL, FETCHED).reports

    assert (report.provider, report.provider_game_id, report.league) == ("espn", "401671789", "nfl")
    assert report.home == ("Las Vegas Raiders", "Raiders", "Las")
    assert report.starts_at == datetime(2026, 9, 14, 0, 20, tzinfo=UTC)
    assert (report.state, report.home_score, report.away_score) == (EventState.FINAL, 20, 27)
    assert (report.home_periods, report.away_periods) == ((3, 7, 0, 10), (7, 10, 3, 7))


@pytest.mark.parametrize(
    ("name", "state", "completed", "read"),
    [
        ("STATUS_SCHEDULED", "pre", False, EventState.SCHEDULED),
        ("STATUS_IN_PROGRESS", "in", False, EventState.LIVE),
        ("STATUS_HALFTIME", "in", False, EventState.LIVE),
        ("STATUS_RAIN_DELAY", "in", False, EventState.LIVE),
        ("STATUS_FULL_TIME", "post", True, EventState.FINAL),
        ("STATUS_FINAL", "post", False, EventState.LIVE),
        ("STATUS_POSTPONED", "post", False, EventState.POSTPONED),
        ("STATUS_POSTPONED", "post", True, EventState.POSTPONED),
        ("STATUS_CANCELED", "post", False, EventState.CANCELLED),
        ("STATUS_SUSPENDED", "in", False, EventState.SUSPENDED),
        ("STATUS_ABANDONED", "post", True, EventState.SUSPENDED),
    ],
)
def test_the_state_is_read_from_name_and_phase(name: str, state: str, completed: bool, read: EventState) -> None:
    (report,) = read_scoreboard(body(event(name, state, completed)), NFL, FETCHED).reports

    assert report.state is read
    played = read in (EventState.LIVE, EventState.SUSPENDED, EventState.FINAL)
    assert (report.home_score is not None) == played, "a zero before the start is no score"


def test_a_cup_tie_counts_after_ninety_minutes() -> None:
    sides = [side("home", "Arsenal", "3", 0.0, 1.0, 1.0, 1.0), side("away", "Chelsea", "2", 1.0, 0.0, 1.0, 0.0)]
    (report,) = read_scoreboard(body(event("STATUS_FINAL_AET", competitors=sides)), UCL, FETCHED).reports

    assert (report.home_score, report.away_score) == (1, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        "text",
        {"id": 5},
        event(competitors=[]),
        event(competitors=[side("home", "A", "1"), side("home", "B", "1")]),
        event(competitors=[side("home", "Raiders", "x"), side("away", "Chiefs", "1")]),
        event(state="half"),
        event(date="tomorrow"),
        {"id": "1", "date": "2026-09-14T00:20Z", "competitions": []},
    ],
)
def test_an_entry_that_cannot_be_read_is_named_and_the_others_are_kept(wrong: Any) -> None:
    read = read_scoreboard(body(wrong, event()), NFL, FETCHED)

    assert len(read.reports) == 1
    assert [problem.detail[:7] for problem in read.problems] == ["event 0"]


@pytest.mark.parametrize("document", [b"", b"[]", b'{"events": {}}', b'{"events"', b'{"\xe9": 1}', b"<html>"])
def test_what_is_no_scoreboard_is_refused(document: bytes) -> None:
    with pytest.raises(ProviderDocumentError):
        read_scoreboard(document, NFL, FETCHED)
