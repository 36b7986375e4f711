"""A recorded season moved in time: what is known when, and by how much it is moved."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbsbm.core.errors import InvokeError
from local.feed_replay import Player
from local.providers.recording import DAY, WEEK, Recording, shift_to

OPEN, CLOSE, OVER = "2022-09-06T00:20:00Z", "2022-09-09T00:18:00Z", "2022-09-09T03:40:00Z"
FIRST_DOCUMENT = datetime(2022, 9, 6, 0, 20, tzinfo=UTC)
FIRST_START = datetime(2022, 9, 9, 0, 20, tzinfo=UTC)


def odds(book: str, updated: str, price: int) -> dict[str, Any]:
    outcomes = [{"name": "Rams", "price": price}, {"name": "Bills", "price": -price}]
    markets = [{"key": "h2h", "last_update": updated, "outcomes": outcomes}]
    return {**facts(), "bookmakers": [{"key": book, "title": book, "last_update": updated, "markets": markets}]}


def facts() -> dict[str, Any]:
    return {
        "id": "e1",
        "sport_key": "americanfootball_nfl",
        "sport_title": "NFL",
        "commence_time": "2022-09-09T00:20:00Z",
        "home_team": "Rams",
        "away_team": "Bills",
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    scores = [{"name": "Rams", "score": "10"}, {"name": "Bills", "score": "31"}]
    (tmp_path / "odds_open.json").write_text(json.dumps([odds("opener", OPEN, 110)]))
    (tmp_path / "odds_close.json").write_text(json.dumps([odds("closer", CLOSE, 106)]))
    (tmp_path / "scores.json").write_text(
        json.dumps([{**facts(), "completed": True, "scores": scores, "last_update": OVER}])
    )
    return tmp_path


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_each_document_appears_at_its_last_update_and_not_before(folder: Path) -> None:
    recording = Recording.load(folder)
    second = timedelta(seconds=1)

    def books(moment: datetime) -> list[str]:
        games = recording.odds("americanfootball_nfl", moment)
        return [book["key"] for game in games for book in game["bookmakers"]]

    assert books(at(OPEN) - second) == []
    assert books(at(OPEN)) == ["opener"]
    assert books(at(CLOSE) - second) == ["opener"]
    assert sorted(books(at(CLOSE))) == ["closer", "opener"]
    assert recording.scores("americanfootball_nfl", at(OVER) - second, 3)[0]["scores"] is None
    assert recording.scores("americanfootball_nfl", at(OVER), 3)[0]["completed"] is True
    assert books(at(OVER)) == [], "a game that is over has no odds"
    assert recording.scores("americanfootball_nfl", at(OVER) + 4 * DAY, 3) == []
    assert [len(recording.documents_until(at(moment))) for moment in (OPEN, CLOSE, OVER)] == [1, 2, 3]


def test_every_time_is_moved_by_the_same_shift(folder: Path) -> None:
    recording = Recording.load(folder, timedelta(days=1526))

    (game,) = recording.odds("americanfootball_nfl", at("2026-11-13T00:18:00Z"))
    assert game["commence_time"] == "2026-11-13T00:20:00Z"
    assert {book["last_update"] for book in game["bookmakers"]} == {"2026-11-10T00:20:00Z", "2026-11-13T00:18:00Z"}


def test_a_folder_without_odds_is_no_recording(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no recording"):
        Recording.load(tmp_path)


def test_weekdays_are_kept_when_the_first_game_is_then_still_ahead() -> None:
    wednesday = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)

    assert shift_to(FIRST_DOCUMENT, FIRST_START, wednesday) == timedelta(days=1540)
    assert timedelta(days=1540) % WEEK == timedelta(0)


def test_otherwise_the_time_of_day_is_kept() -> None:
    sunday = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

    shift = shift_to(FIRST_DOCUMENT, FIRST_START, sunday)

    assert FIRST_DOCUMENT + shift == datetime(2026, 11, 22, 0, 20, tzinfo=UTC)


@settings(derandomize=True)
@given(minutes=st.integers(0, 10_000_000))
def test_whenever_it_starts_the_first_prices_are_out_and_the_first_game_is_ahead(minutes: int) -> None:
    now = FIRST_DOCUMENT + timedelta(minutes=minutes)
    shift = shift_to(FIRST_DOCUMENT, FIRST_START, now)

    assert shift % DAY == timedelta(0)
    assert FIRST_DOCUMENT + shift <= now < FIRST_START + shift


class Stopwatch:
    """Real seconds and the cloud's clock of a replay, both moved by whoever waits."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._seconds = 0.0
        self._moved = timedelta(0)
        self.stops: list[datetime] = []

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._seconds) + self._moved

    def sleep(self, seconds: float) -> None:
        self.wait(seconds)

    def elapsed(self) -> float:
        return self._seconds

    def wait(self, seconds: float) -> None:
        self._seconds += seconds

    def move(self, moment: datetime) -> None:
        self._moved += max(moment - self.now(), timedelta(0))

    def feed(self, leagues: list[str]) -> dict[str, int]:
        assert leagues == ["nfl"]
        self.stops.append(self.now())
        return {"games": 1, "prices": 2, "scores": 0}


@pytest.mark.parametrize(("speed", "seconds"), [(86_400.0, 3.1), (3600.0, 75.3), (1e9, 0.0)])
def test_a_replay_stops_at_every_document_and_takes_as_long_as_its_speed_says(
    folder: Path, speed: float, seconds: float
) -> None:
    watch, said = Stopwatch(at(OPEN)), list[str]()
    player = Player(Recording.load(folder), watch, watch.feed, watch.move, said.append, watch.elapsed, watch.wait)

    assert player.play(speed) == 3

    assert watch.stops == [at(OPEN), at(CLOSE), at(OVER)]
    assert round(watch.elapsed(), 1) == seconds
    assert [text.split("  ", 1)[1] for text in said if not text.startswith(" ")] == [
        "odds   Bills @ Rams  opener",
        "odds   Bills @ Rams  closer",
        "score  Bills @ Rams  31–10",
    ]


def test_a_feed_that_is_busy_is_asked_again_and_a_broken_one_is_told(folder: Path) -> None:
    watch, said = Stopwatch(at(OPEN)), list[str]()
    busy = [True, True]

    def feed(leagues: list[str]) -> dict[str, int]:
        if busy:
            busy.pop()
            raise InvokeError("busy")
        return watch.feed(leagues)

    def broken(_leagues: list[str]) -> dict[str, int]:
        raise InvokeError("broken")

    recording = Recording.load(folder)
    assert Player(recording, watch, feed, watch.move, said.append, watch.elapsed, watch.wait).play(1e9) == 3
    with pytest.raises(InvokeError, match="broken"):
        Player(recording, watch, broken, watch.move, said.append, watch.elapsed, watch.wait).play(1e9)


def test_at_the_clock_s_own_speed_the_clock_is_left_alone(folder: Path) -> None:
    watch, said = Stopwatch(at(OPEN)), list[str]()

    def never(_moment: datetime) -> None:
        """Moves nothing, as at speed 1."""

    player = Player(Recording.load(folder), watch, watch.feed, never, said.append, watch.elapsed, watch.wait)
    player.play(1)

    assert watch.stops[0] == at(OPEN)
    assert [stop - at(text) < timedelta(seconds=2) for stop, text in zip(watch.stops, (OPEN, CLOSE, OVER), strict=True)]
    assert watch.now() >= at(OVER)
