"""The second score source end to end: both providers over HTTP, the real function's code, a real database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from dbsbm.cache.cache import LocalCache
from dbsbm.core.errors import NotFoundError, ProviderError, ProviderUnavailableError
from dbsbm.core.ids import Ids
from dbsbm.core.transport import PooledTransport
from dbsbm.environment import installed
from dbsbm.games.feed.usage import UsageRepository
from dbsbm.games.model import Game, GameState
from dbsbm.games.repository import GameRepository
from dbsbm.games.sources.identity import Match
from dbsbm.games.sources.repository import SourceRepository
from dbsbm.providers.errors import ProviderDocumentError, ProviderRateError
from dbsbm.providers.espn import Espn
from dbsbm.providers.espn_feed import EspnScores
from dbsbm.providers.feed import Feed
from dbsbm.providers.odds_api import OddsApi
from dbsbm.providers.score_feed import ScoreFeed, ScoreRun
from dbsbm.wiring import build
from feed_espn.handler import handler
from local.demo.slate import DemoSlate
from local.providers.odds_api import OddsApiProvider
from local.providers.server import Fault, ProviderServer
from tests.integration.moments import HandClock, open_database

EVENTS = Path(__file__).resolve().parents[2] / "events"
BEGINNING = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
RAIDERS, CELTICS, PATRIOTS = "Las Vegas Raiders", "Boston Celtics", "New England Patriots"


class Two:
    """The demo's games at both providers, the feeds that read them, and a clock for all."""

    def __init__(self, database_url: str) -> None:
        self.clock = HandClock(BEGINNING)
        self.server = ProviderServer(OddsApiProvider(DemoSlate(BEGINNING), self.clock))
        self.database = open_database(database_url, self.clock)
        ids = Ids(self.clock, Random(1))
        self.cache = LocalCache(self.clock, ids)
        transport = PooledTransport()
        self.kept: dict[str, bytes] = {}
        url = self.server.url
        odds = OddsApi(transport, url, lambda: "key", self.clock)
        self.first = Feed(odds, self.database, self.cache, ids, self.clock, None)
        source = EspnScores(Espn(transport, url, self.clock, timeout_s=0.5))
        self.second = ScoreFeed(
            source, self.database, self.cache, ids, self.clock, lambda key, body: self.kept.update({key: body})
        )

    def both(self, **later: float) -> ScoreRun:
        """Time passes, then both feeds fetch everything."""
        self.clock.move(timedelta(**later).total_seconds())
        self.first.run(["nfl", "nba", "epl"])
        return self.second.run(["nfl", "nba", "epl"])

    def again(self, **later: float) -> ScoreRun:
        """Time passes, then the second source is asked for the NFL and the NBA."""
        self.clock.move(timedelta(**later).total_seconds())
        return self.second.run(["nfl", "nba"])

    def game(self, home: str) -> Game:
        with self.database.read() as session:
            row = session.one("SELECT game_id FROM games WHERE home = %s", (home,))
            assert row is not None
            return GameRepository(session).game(row["game_id"])

    def said(self, home: str) -> list[tuple[str, str]]:
        """State and start that the source gave the game, one after another."""
        game_id = self.game(home).game_id
        with self.database.read() as session:
            changes = SourceRepository(session).changes(game_id)
        return [(change.state.value, f"{change.starts_at:%d %H:%M}") for change in changes]

    def scores(self, home: str) -> list[tuple[str, int, int, bool]]:
        game_id = self.game(home).game_id
        with self.database.read() as session:
            rows = session.all(
                "SELECT provider, home_score, away_score, final FROM game_scores WHERE game_id = %s "
                "ORDER BY reported_at, provider",
                (game_id,),
            )
        return [(r["provider"], r["home_score"], r["away_score"], bool(r["final"])) for r in rows]

    def count(self, table: str) -> int:
        with self.database.read() as session:
            row = session.one(f"SELECT COUNT(*) AS n FROM {table}")
        assert row is not None
        return int(row["n"])


@pytest.fixture
def two(database_url: str) -> Iterator[Two]:
    sources = Two(database_url)
    with sources.server:
        yield sources
    sources.database.close()


def test_every_game_is_one_game_of_two_sources_and_both_finals_stand_beside_each_other(two: Two) -> None:
    two.both()
    games = two.count("games")

    done = two.both(minutes=20)

    assert two.count("games") == games, "the second source makes no games of its own"
    assert (done.failures, done.problems, done.sourced.unmatched) == ([], [], 0)
    assert two.game(RAIDERS).state is GameState.FINAL
    assert {row[0] for row in two.scores(RAIDERS)} == {"espn", "the_odds_api"}
    assert {row[1:] for row in two.scores(RAIDERS)} == {(20, 27, True)}
    assert min(two.kept).startswith("espn/epl/2026/11/22/")


def test_a_document_that_is_the_same_is_not_sent_again(two: Two) -> None:
    two.both()
    two.both(minutes=20)
    kept = len(two.kept)

    done = two.again(minutes=5)

    assert done.unchanged == done.documents == done.requests > 0
    assert len(two.kept) == kept, "it is in the archive already"
    two.server.espn.order(RAIDERS, score=(20, 28))
    changed = two.again(minutes=5)
    assert (changed.documents - changed.unchanged, changed.sourced.scores) == (1, 1)
    assert two.scores(RAIDERS)[-1][1:] == (20, 28, True)


def test_what_was_not_taken_in_whole_is_sent_again(two: Two) -> None:
    two.server.espn.order(RAIDERS, name="The Unknowns")
    two.both()
    assert two.both(minutes=20).sourced.unmatched == 1
    again = two.again(minutes=5)
    assert (again.documents - again.unchanged, again.sourced.unmatched) == (1, 1)


def test_asking_again_changes_nothing(two: Two) -> None:
    two.both()
    two.both(minutes=20)
    scores, changes = two.count("game_scores"), two.count("game_changes")

    done = two.again(minutes=5)

    assert (two.count("game_scores"), two.count("game_changes")) == (scores, changes)
    assert (done.sourced.changes, done.sourced.scores) == (0, 0)


def test_live_scores_periods_and_the_end_are_followed(two: Two) -> None:
    two.both()
    two.server.espn.order(PATRIOTS, state="in", score=(7, 3), periods=((7,), (3,)))
    two.again(hours=3, minutes=10)
    live = two.game(PATRIOTS)
    two.server.espn.order(PATRIOTS, state="final", score=(17, 24), periods=((7, 3, 7, 0), (3, 7, 7, 7)))
    two.again(hours=3)

    assert (live.state, live.home_score, live.away_score) == (GameState.LIVE, 7, 3)
    assert two.game(PATRIOTS).state is GameState.FINAL
    assert two.scores(PATRIOTS) == [("espn", 7, 3, False), ("espn", 17, 24, True)]
    assert [state for state, _ in two.said(PATRIOTS)] == ["scheduled", "live", "final"]
    with two.database.read() as session:
        row = session.one("SELECT home_points, away_points FROM game_periods")
    assert row == {"home_points": "7,3,7,0", "away_points": "3,7,7,7"}


def test_a_source_that_is_behind_does_not_undo_a_final(two: Two) -> None:
    two.both()
    two.server.espn.order(RAIDERS, state="in", score=(20, 24))

    two.both(minutes=20)

    game = two.game(RAIDERS)
    assert (game.state, game.home_score, game.away_score) == (GameState.FINAL, 20, 27)


def test_a_corrected_score_is_a_second_row_and_the_newest_stands(two: Two) -> None:
    two.both()
    two.both(minutes=20)
    two.server.espn.order(RAIDERS, score=(20, 26))

    two.again(hours=6)

    assert two.scores(RAIDERS)[-1] == ("espn", 20, 26, True)
    assert two.game(RAIDERS).away_score == 26


def test_a_postponed_game_leaves_the_board_and_comes_back_with_its_new_day(two: Two) -> None:
    two.both()
    two.server.espn.order(PATRIOTS, state="postponed")
    two.again(minutes=5)
    with two.database.read() as session:
        offered = [game.home for game in GameRepository(session).upcoming(two.clock.now())]
    assert two.game(PATRIOTS).state is GameState.POSTPONED
    assert PATRIOTS not in offered

    two.server.espn.order(PATRIOTS, state="scheduled", date="2026-11-22T17:00Z")
    two.again(minutes=5)

    assert two.game(PATRIOTS).state is GameState.SCHEDULED
    assert two.said(PATRIOTS) == [("scheduled", "22 15:00"), ("postponed", "22 15:00"), ("scheduled", "22 17:00")]


def test_a_game_put_off_is_on_again_when_the_first_source_moves_it(two: Two) -> None:
    two.both()
    two.server.espn.order(PATRIOTS, state="postponed")
    two.again(minutes=5)
    with two.database.transaction() as session:  # as if it had been planned for the day before
        session.execute("UPDATE games SET starts_at = starts_at - INTERVAL 1 DAY WHERE home = %s", (PATRIOTS,))

    two.first.run(["nfl"])

    assert two.game(PATRIOTS).state is GameState.SCHEDULED


def test_suspended_and_cancelled_games_are_followed(two: Two) -> None:
    two.both()
    two.server.espn.order(PATRIOTS, state="suspended", score=(3, 0))
    two.server.espn.order("Denver Nuggets", state="canceled")
    two.again(hours=3, minutes=30)

    assert (two.game(PATRIOTS).state, two.game(PATRIOTS).home_score) == (GameState.LIVE, 3)
    assert two.said(PATRIOTS)[-1][0] == "suspended"
    assert two.game("Denver Nuggets").state is GameState.CANCELLED


def test_a_renamed_team_is_listed_until_a_person_says_who_it_is(two: Two) -> None:
    two.both()
    two.server.espn.order("Green Bay Packers", name="Wisconsin Cheese")
    with two.database.transaction() as session:
        session.execute("DELETE FROM source_events WHERE home = 'Green Bay Packers'")
    two.again(minutes=5)
    with two.database.read() as session:
        (missing,) = SourceRepository(session).unmatched(BEGINNING, 10)
    assert (missing.home, missing.away, missing.reason) == ("Wisconsin Cheese", "Detroit Lions", "unknown_team")

    game_id = two.game("Green Bay Packers").game_id
    with two.database.transaction() as session:
        SourceRepository(session).assign("espn", missing.provider_game_id, Match(game_id, False), "olga")
    two.server.espn.order("Green Bay Packers", state="in", score=(7, 0))
    two.again(days=1, hours=3, minutes=30)

    assert two.scores("Green Bay Packers") == [("espn", 7, 0, False)]
    with two.database.read() as session, pytest.raises(NotFoundError):
        SourceRepository(session).assign("espn", "no such event", Match(game_id, False), "olga")


def test_a_known_team_that_changes_its_name_keeps_its_game(two: Two) -> None:
    two.both()
    two.server.espn.order(PATRIOTS, name="Boston Patriots", state="in", score=(7, 0))

    done = two.again(hours=3, minutes=5)

    assert done.sourced.unmatched == 0
    assert two.scores(PATRIOTS) == [("espn", 7, 0, False)]


def test_a_document_that_comes_late_overwrites_nothing(two: Two) -> None:
    two.both()
    two.server.espn.order(PATRIOTS, state="final", score=(17, 24))
    two.again(hours=6)
    two.server.espn.order(PATRIOTS, state="postponed")

    two.again(hours=-1)

    assert two.game(PATRIOTS).state is GameState.FINAL
    assert two.said(PATRIOTS)[-1][0] == "final"


def test_only_days_with_games_are_asked_for_near_a_start_often_and_far_away_seldom(two: Two) -> None:
    two.first.run(["nfl", "nba", "epl"])
    two.second.run()
    first = two.second.run()
    assert first.requests == 0, "just asked"

    two.clock.move(900)
    soon = two.second.run().requests

    assert soon == 2, "the NFL and the NBA begin or play within the hour, football in England in two hours and more"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.RATE, ProviderRateError),
        (Fault.ERROR, ProviderUnavailableError),
        (Fault.GATEWAY, ProviderUnavailableError),
        (Fault.SLOW, ProviderUnavailableError),
        (Fault.RESET, ProviderUnavailableError),
        (Fault.TRUNCATED, ProviderUnavailableError),
        (Fault.CUT_JSON, ProviderDocumentError),
        (Fault.ENCODING, ProviderDocumentError),
    ],
)
def test_a_spoilt_answer_is_named_and_the_next_run_makes_it_good(
    two: Two, fault: Fault, error: type[ProviderError]
) -> None:
    two.first.run(["nhl"])
    two.server.faults.extend([fault, fault])
    with pytest.raises(error):
        two.second.run(["nhl"])
    assert two.count("source_events") == 0

    two.server.faults.clear()
    done = two.second.run()

    assert (done.failures, done.sourced.matched) == ([], 2)


def test_one_spoilt_document_does_not_keep_the_others_out(two: Two) -> None:
    two.first.run(["nfl", "nba", "epl"])
    two.server.faults.append(Fault.ERROR)

    done = two.second.run(["nfl", "nba", "epl"])

    assert len(done.failures) == 1
    assert done.documents == done.requests - 1 > 1
    with two.database.read() as session:
        assert UsageRepository(session).month("espn", two.clock.now()).requests == done.requests


def test_the_function_takes_the_schedule_s_event_and_a_person_s_questions(two: Two, database_url: str) -> None:
    two.first.run(["nfl"])
    environ = {"DATABASE_URL": database_url, "ESPN_BASE_URL": two.server.url}
    environment = build(environ, clock=two.clock, random=Random(1))
    with installed(environment):
        scheduled = handler(json.loads((EVENTS / "feed_espn.json").read_text()), None)
        listed = handler({"v": 1, "unmatched": True}, None)
    environment.database.close()
    off = build({**environ, "ESPN_BASE_URL": ""}, clock=two.clock, random=Random(1))
    with installed(off):
        disabled = handler({}, None)

    assert (scheduled["failures"], scheduled["matched"] > 5) == ([], True)
    assert listed["unmatched"] == []
    assert "disabled" in disabled
