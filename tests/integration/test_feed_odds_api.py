"""The odds feed end to end: a provider over HTTP, the real function's code, a real database."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from dbsbm.betting.markets import Market, Side
from dbsbm.betting.odds import OddsFormat
from dbsbm.cache.client import build_cache
from dbsbm.core.aws import Credentials, Request, Scope, sign
from dbsbm.core.http import HttpRequest, HttpResponse
from dbsbm.core.ids import Ids
from dbsbm.core.transport import PooledTransport
from dbsbm.environment import installed
from dbsbm.games.model import Game, GameState
from dbsbm.games.service import Board, upcoming_board
from dbsbm.providers.feed import Feed
from dbsbm.wiring import build
from feed_odds_api.handler import handler
from infra.catalog import CATALOG
from local.cloud.aws import MotoInside, create_resources
from local.cloud.execution import Names
from local.demo.slate import DemoSlate
from local.providers.recording import Recording
from tests.integration.feed_season import BEGINNING, EVENTS, KEY, RECORDINGS, Season


@pytest.fixture
def demo(database_url: str) -> Iterator[Season]:
    season = Season(database_url, DemoSlate(BEGINNING), BEGINNING)
    with season.server:
        yield season
    season.database.close()


@pytest.fixture
def nfl_2022(database_url: str) -> Iterator[Season]:
    folder = RECORDINGS / "nfl_2022"
    if not folder.is_dir():
        pytest.skip(f"no recording at {folder.relative_to(Path(__file__).resolve().parents[3])}")
    season = Season(database_url, Recording.load(folder), datetime(2022, 9, 6, 0, 20, tzinfo=UTC))
    with season.server:
        yield season
    season.database.close()


def line(season: Season, game: Game, market: Market, side: Side, book: str = "consensus") -> tuple[int, str]:
    (price,) = [p for p in season.prices(game) if (p.market, p.side, p.book) == (market, side, book)]
    return price.line_q, price.odds.shown(OddsFormat.AMERICAN)


def test_week_one_of_2022_opens_closes_and_ends_as_it_did(nfl_2022: Season) -> None:
    """Every five minutes from the first opening line to the last score, as the schedule would fire."""
    season = nfl_2022
    first_close, week_two = datetime(2022, 9, 9, 0, 18, tzinfo=UTC), datetime(2022, 9, 13, 12, 0, tzinfo=UTC)
    season.run_at(season.clock.now())
    (opener,) = season.games()
    assert (opener.home, opener.away, opener.state) == ("Los Angeles Rams", "Buffalo Bills", GameState.SCHEDULED)
    assert line(season, opener, Market.SPREAD, Side.HOME, "consensus_open") == (10, "-110")

    season.run_at(first_close)
    assert line(season, opener, Market.MONEYLINE, Side.HOME) == (0, "+106")
    assert line(season, opener, Market.SPREAD, Side.AWAY) == (-4, "-112")
    assert line(season, opener, Market.TOTAL, Side.OVER) == (206, "-111")

    for firing in firings(season, week_two):
        done = season.run_at(firing)
        assert done.problems == done.failures == []

    week = [game for game in season.games() if game.starts_at < datetime(2022, 9, 14, tzinfo=UTC)]
    assert [(game.away, game.away_score, game.home, game.home_score) for game in week] == WEEK_ONE
    assert {game.state for game in week} == {GameState.FINAL}
    assert {game.away: line(season, game, Market.SPREAD, Side.HOME) for game in week} == WEEK_ONE_HOME_SPREADS
    assert {game.away: line(season, game, Market.TOTAL, Side.OVER)[0] / 4 for game in week} == WEEK_ONE_TOTALS


def firings(season: Season, until: datetime) -> list[datetime]:
    """The five-minute marks after each thing that becomes known, and the second mark after it, in order."""
    recording = season.provider.source
    assert isinstance(recording, Recording)
    five = timedelta(minutes=5)
    known = {a.at + (datetime.min.replace(tzinfo=UTC) - a.at) % five for a in recording.documents_until(until)}
    marks = known | {mark + five for mark in known} | {mark + 2 * five for mark in known}
    return sorted(mark for mark in marks if season.clock.now() < mark <= until)


WEEK_ONE = [
    ("Buffalo Bills", 31, "Los Angeles Rams", 10),
    ("New Orleans Saints", 27, "Atlanta Falcons", 26),
    ("Cleveland Browns", 26, "Carolina Panthers", 24),
    ("San Francisco 49ers", 10, "Chicago Bears", 19),
    ("Pittsburgh Steelers", 23, "Cincinnati Bengals", 20),
    ("Philadelphia Eagles", 38, "Detroit Lions", 35),
    ("Indianapolis Colts", 20, "Houston Texans", 20),
    ("New England Patriots", 7, "Miami Dolphins", 20),
    ("Baltimore Ravens", 24, "New York Jets", 9),
    ("Jacksonville Jaguars", 22, "Washington Commanders", 28),
    ("Kansas City Chiefs", 44, "Arizona Cardinals", 21),
    ("Las Vegas Raiders", 19, "Los Angeles Chargers", 24),
    ("Green Bay Packers", 7, "Minnesota Vikings", 23),
    ("New York Giants", 21, "Tennessee Titans", 20),
    ("Tampa Bay Buccaneers", 19, "Dallas Cowboys", 3),
    ("Denver Broncos", 16, "Seattle Seahawks", 17),
]
"""Away, points, home, points: nfl.com, week 1 of 2022, in order of start and home team."""

WEEK_ONE_HOME_SPREADS = {
    "Buffalo Bills": (4, "+101"),
    "New Orleans Saints": (24, "-107"),
    "Cleveland Browns": (-10, "+102"),
    "San Francisco 49ers": (26, "-111"),
    "Pittsburgh Steelers": (-30, "+107"),
    "Philadelphia Eagles": (24, "+100"),
    "Indianapolis Colts": (28, "-107"),
    "New England Patriots": (-12, "-106"),
    "Baltimore Ravens": (26, "-107"),
    "Jacksonville Jaguars": (-12, "-110"),
    "Kansas City Chiefs": (24, "-104"),
    "Las Vegas Raiders": (-14, "-104"),
    "Green Bay Packers": (-10, "+105"),
    "New York Giants": (-22, "-102"),
    "Tampa Bay Buccaneers": (10, "-102"),
    "Denver Broncos": (24, "-103"),
}
"""The home team's closing line in quarter points and its price, by the away team."""

WEEK_ONE_TOTALS = {
    "Buffalo Bills": 51.5,
    "New Orleans Saints": 43.5,
    "Cleveland Browns": 42.5,
    "San Francisco 49ers": 38.0,
    "Pittsburgh Steelers": 44.5,
    "Philadelphia Eagles": 49.0,
    "Indianapolis Colts": 46.0,
    "New England Patriots": 47.0,
    "Baltimore Ravens": 44.0,
    "Jacksonville Jaguars": 43.5,
    "Kansas City Chiefs": 54.0,
    "Las Vegas Raiders": 52.5,
    "Green Bay Packers": 47.0,
    "New York Giants": 43.5,
    "Tampa Bay Buccaneers": 49.5,
    "Denver Broncos": 44.0,
}


def test_a_second_run_of_the_same_moment_stores_nothing_new(nfl_2022: Season) -> None:
    moment = datetime(2022, 9, 11, 16, 58, tzinfo=UTC)
    nfl_2022.clock.set(moment)
    first = nfl_2022.feed.run(["nfl"])
    before = nfl_2022.count("odds_snapshots")

    again = nfl_2022.feed.run(["nfl"])

    assert first.ingested.anything
    assert not again.ingested.anything
    assert nfl_2022.count("odds_snapshots") == before


def test_the_raw_document_is_kept_whole_under_its_moment(nfl_2022: Season) -> None:
    nfl_2022.clock.set(datetime(2022, 9, 9, 0, 18, 7, tzinfo=UTC))

    nfl_2022.feed.run(["nfl"])

    odds = nfl_2022.kept["the_odds_api/v4/americanfootball_nfl/2022/09/09/001807-odds.json.gz"]
    assert nfl_2022.kept.keys() >= {"the_odds_api/v4/americanfootball_nfl/2022/09/09/001807-scores.json.gz"}
    books = {book["key"] for event in json.loads(gzip.decompress(odds)) for book in event["bookmakers"]}
    assert books == {"consensus", "consensus_open"}


def test_championship_prices_are_three_way_with_quarter_lines(database_url: str) -> None:
    folder = RECORDINGS / "efl_championship_2019_20"
    if not folder.is_dir():
        pytest.skip("no recording of the Championship")
    season = Season(database_url, Recording.load(folder), datetime(2019, 8, 2, 18, 43, tzinfo=UTC))
    with season.server:
        done = season.feed.run()
    season.database.close()

    assert done.problems == []
    game = season.games()[0]
    assert (game.league, game.home, game.away) == ("efl_championship", "Luton", "Middlesbrough")
    prices = {(p.market, p.side): (p.line_q, p.odds.price) for p in season.prices(game)}
    assert {key: (line_q, float(price)) for key, (line_q, price) in prices.items()} == {
        (Market.MONEYLINE_3WAY, Side.HOME): (0, 2.25),
        (Market.MONEYLINE_3WAY, Side.AWAY): (0, 3.32),
        (Market.MONEYLINE_3WAY, Side.DRAW): (0, 3.4),
        (Market.TOTAL, Side.OVER): (10, 2.07),
        (Market.TOTAL, Side.UNDER): (10, 1.83),
        (Market.SPREAD, Side.HOME): (-1, 1.96),
        (Market.SPREAD, Side.AWAY): (1, 1.96),
    }


def test_a_started_game_is_final_some_minutes_later_and_leaves_the_board(demo: Season) -> None:
    demo.feed.run()
    chiefs = demo.game("demo-202611221200-nfl-01")
    assert chiefs in demo.board().upcoming(demo.clock.now())

    for _ in range(6):
        demo.run_at(demo.clock.now() + timedelta(minutes=5))

    chiefs = demo.game("demo-202611221200-nfl-01")
    assert (chiefs.state, chiefs.away_score, chiefs.home_score) == (GameState.FINAL, 27, 20)
    assert chiefs.game_id not in {game.game_id for game in demo.board().games}


def test_the_board_is_one_object_until_a_feed_changes_something(demo: Season) -> None:
    demo.feed.run(["nfl"])
    board = demo.board()

    assert demo.board() is board
    assert not demo.feed.run(["nfl"]).ingested.anything
    assert demo.board() is board

    demo.provider.source = DemoSlate(BEGINNING + timedelta(minutes=1))
    assert demo.feed.run(["nfl"]).ingested.anything
    assert len(demo.board().games) > len(board.games)


def test_a_feed_run_of_one_environment_changes_the_board_of_another(demo: Season, redis_url: str) -> None:
    feeding = build_cache(redis_url, demo.clock, Ids(demo.clock, Random(5)))
    typing = build_cache(redis_url, demo.clock, Ids(demo.clock, Random(6)))
    feed = Feed(demo.api(), demo.database, feeding, demo.ids, demo.clock, None)

    def board() -> Board:
        with demo.database.read() as session:
            return upcoming_board(typing, session, demo.clock.now())

    assert board().games == ()
    feed.run(["nfl"])
    assert {game.league for game in board().games} == {"nfl"}
    feed.run(["nba"])
    assert {game.league for game in board().games} == {"nfl", "nba"}


def test_the_board_has_the_best_price_of_each_selection(demo: Season) -> None:
    demo.feed.run()
    chiefs = demo.game("demo-202611221200-nfl-01")

    best = demo.board().best

    shown = {
        (side.value, line_q): (price.book, price.odds.shown(OddsFormat.AMERICAN))
        for (game_id, market, side, line_q), price in best.items()
        if game_id == chiefs.game_id and market is Market.SPREAD
    }
    assert shown == {
        ("home", 12): ("fanduel", "-108"),
        ("away", -12): ("draftkings", "-110"),
        ("home", 14): ("betmgm", "-115"),
        ("away", -14): ("betmgm", "-105"),
    }


def test_quota_headers_are_told(demo: Season) -> None:
    done = demo.feed.run(["nfl"])

    assert done.quota is not None
    assert (done.quota.remaining, done.quota.used, done.quota.last) == (19_995, 5, 2)
    assert done.to_json()["quota"] == {"remaining": 19_995, "used": 5, "last": 2}


def test_the_function_takes_the_scheduler_s_event_and_one_for_chosen_leagues(demo: Season, database_url: str) -> None:
    aws, pooled = MotoInside(), PooledTransport()
    create_resources(CATALOG, Names(), {}, aws)

    def transport(request: HttpRequest) -> HttpResponse:
        return pooled(request) if request.url.startswith(demo.server.url) else aws(request)

    environ = {
        "DATABASE_URL": database_url,
        "ODDS_API_BASE_URL": demo.server.url,
        "ODDS_API_KEY": KEY,
        "FEED_BUCKET": Names().of("feeds"),
        "AWS_ENDPOINT_URL": "http://127.0.0.1",
        "AWS_ACCESS_KEY_ID": "id",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }
    environment = build(environ, clock=demo.clock, random=Random(1), transport=transport)
    scheduled = json.loads((EVENTS / "feed_odds_api.json").read_text())

    with installed(environment):
        first = handler(scheduled, None)
        again = handler(scheduled, None)
        chosen = handler({"v": 1, "leagues": ["mlb"]}, None)
    environment.database.close()

    assert (first["games"], first["failures"], first["problems"]) == (20, [], [])
    assert first["documents"] == 7, "a document of odds for each league in season"
    assert (again["games"], again["documents"]) == (0, 2), "two leagues start a game within the hour"
    assert (chosen["games"], chosen["documents"]) == (0, 2)
    stamp = f"{demo.clock.now():%Y/%m/%d/%H%M%S}"
    assert bucket_holds(aws, f"the_odds_api/v4/baseball_mlb/{stamp}-odds.json.gz")
    assert not bucket_holds(aws, f"the_odds_api/v4/cricket/{stamp}-odds.json.gz")


def bucket_holds(aws: MotoInside, key: str) -> bool:
    path = f"/{Names().of('feeds')}/{key}"
    scope = Scope(Credentials("id", "secret"), "us-east-1", "s3", 0.0)
    headers = sign(Request("HEAD", path, "", b""), {"host": "127.0.0.1"}, scope)
    return aws(HttpRequest("HEAD", f"http://127.0.0.1{path}", headers)).status == 200
