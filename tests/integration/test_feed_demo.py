"""The demo's games, and the bucket for raw documents."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

import botocore.credentials
import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest

from dbsbm.betting.markets import Market
from dbsbm.cache.cache import LocalCache
from dbsbm.core.aws import Account, Credentials, Request, Scope, sign
from dbsbm.core.http import HttpRequest, HttpResponse
from dbsbm.core.ids import Ids
from dbsbm.database.database import Database
from dbsbm.games.model import GameState
from dbsbm.games.repository import GameRepository
from dbsbm.games.service import upcoming_board
from dbsbm.providers.archive import BucketArchive
from dbsbm.providers.leagues import FeedLeague, feed_leagues
from dbsbm.providers.odds_api_documents import read_odds, read_scores
from infra.catalog import CATALOG
from local.cloud.aws import MotoInside, create_resources
from local.cloud.execution import Names
from local.demo.games import load_games
from local.demo.slate import DemoSlate
from tests.integration.moments import HandClock, open_database

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOW)


@pytest.fixture
def database(database_url: str, clock: HandClock) -> Iterator[Database]:
    database = open_database(database_url, clock)
    yield database
    database.close()


def test_twenty_games_are_ahead_two_of_them_soon_and_three_are_over(database: Database, clock: HandClock) -> None:
    with database.transaction() as session:
        load_games(session, NOW, Ids(clock, Random(1)))

    with database.read() as session:
        upcoming = GameRepository(session).upcoming(NOW)
        prices = GameRepository(session).prices([game.game_id for game in upcoming])
        final = session.all("SELECT state, home_score, away_score FROM games WHERE starts_at <= %s", (NOW,))
    assert len(upcoming) == 20
    assert [game.away for game in upcoming if game.starts_at <= NOW + timedelta(minutes=15)] == [
        "Kansas City Chiefs",
        "Los Angeles Lakers",
    ]
    assert {game.league for game in upcoming} == {"nfl", "ncaaf", "nba", "mlb", "nhl", "epl", "efl_championship"}
    priced = {(price.game_id, price.market) for price in prices}
    for game in upcoming:
        winner = {(game.game_id, Market.MONEYLINE), (game.game_id, Market.MONEYLINE_3WAY)} & priced
        assert len(winner) == 1
        assert {(game.game_id, Market.SPREAD), (game.game_id, Market.TOTAL)} <= priced
    books = Counter(game_id for game_id, _book in {(price.game_id, price.book) for price in prices})
    assert set(books.values()) == {2, 3}
    assert [(row["state"], row["home_score"], row["away_score"]) for row in final] == [
        ("final", 17, 23),
        ("final", 109, 115),
        ("final", 2, 2),
    ]


def test_both_sides_of_every_demo_market_leave_the_book_a_margin() -> None:
    """Hand-written prices that a bettor could beat for certain would be a mistake."""
    slate = DemoSlate(NOW)
    for league in feed_leagues():
        for game in slate.odds(league.sport_key, NOW):
            for book in game["bookmakers"]:
                for market in book["markets"]:
                    prices = [outcome["price"] for outcome in market["outcomes"]]
                    implied = sum(_implied(price) for price in prices)
                    assert 1.0 < implied < 1.12, (game["home_team"], book["key"], market["key"], implied)


def _implied(price: float) -> float:
    if abs(price) < 100:
        return 1 / price
    return 100 / (price + 100) if price > 0 else -price / (100 - price)


def test_loading_the_demo_again_replaces_what_has_not_begun(database: Database, clock: HandClock) -> None:
    ids = Ids(clock, Random(1))
    with database.transaction() as session:
        load_games(session, NOW, ids)
    later = NOW + timedelta(hours=2)

    with database.transaction() as session:
        load_games(session, later, ids)

    with database.read() as session:
        upcoming = GameRepository(session).upcoming(later)
        states = Counter(row["state"] for row in session.all("SELECT state FROM games"))
    assert len(upcoming) == len({(game.home, game.away) for game in upcoming}) == 20
    assert states[GameState.CANCELLED] == 18
    assert states[GameState.FINAL] == 6


def test_the_provider_goes_on_with_the_games_that_were_loaded(database: Database, clock: HandClock) -> None:
    with database.transaction() as session:
        load_games(session, NOW, Ids(clock, Random(1)))
    served = {game["id"] for league in feed_leagues() for game in DemoSlate(NOW).odds(league.sport_key, NOW)}

    with database.read() as session:
        stored = {row["provider_game_id"] for row in session.all("SELECT provider_game_id FROM game_sources")}
    assert served < stored


@pytest.mark.parametrize("league", feed_leagues(), ids=lambda league: league.league)
def test_every_demo_document_can_be_read(league: FeedLeague) -> None:
    slate = DemoSlate(NOW)
    for minutes in (0, 5, 30, 400, 3000):
        now = NOW + timedelta(minutes=minutes)
        odds = read_odds(json.dumps(slate.odds(league.sport_key, now)).encode(), league, now)
        scores = read_scores(json.dumps(slate.scores(league.sport_key, now, 3)).encode(), league, now)
        assert odds.problems == ()
        assert scores.problems == ()


def test_the_board_over_the_demo_is_read_from_the_cache_the_second_time(database: Database, clock: HandClock) -> None:
    with database.transaction() as session:
        load_games(session, NOW, Ids(clock, Random(1)))
    cache = LocalCache(clock, Ids(clock, Random(2)))
    with database.read() as session:
        board = upcoming_board(cache, session, NOW)

    clock.move(360)

    assert [game.away for game in board.games if game not in board.upcoming(clock.now())] == ["Kansas City Chiefs"]


def test_a_raw_document_is_in_the_bucket_as_it_was_served() -> None:
    aws = MotoInside()
    create_resources(CATALOG, Names(), {}, aws)
    bucket = Names().of("feeds")
    account = Account("us-east-1", Credentials("id", "secret", "token"), {"": "http://127.0.0.1"})
    key = "the_odds_api/v4/americanfootball_nfl/2022/09/09/001807-odds.json.gz"

    BucketArchive(aws, account, bucket)(key, gzip.compress(b"[]"))

    request = Request("GET", f"/{bucket}/{key}", "", b"")
    headers = sign(request, {"host": "127.0.0.1"}, Scope(account.credentials, "us-east-1", "s3", 0.0))
    stored = aws(HttpRequest("GET", f"http://127.0.0.1{request.path}", headers))
    assert gzip.decompress(stored.body) == b"[]"
    assert stored.headers["content-encoding"] == "gzip"


def test_the_put_is_signed_as_botocore_signs_it() -> None:
    sent: list[HttpRequest] = []

    def transport(request: HttpRequest) -> HttpResponse:
        sent.append(request)
        return HttpResponse(200)

    account = Account("us-east-1", Credentials("id", "secret", "token"), {})
    BucketArchive(transport, account, "feeds", lambda: 1_662_682_687.0)("a b/c+d.json.gz", b"body")

    (request,) = sent
    unsigned = {name: value for name, value in request.headers.items() if name != "authorization"}
    theirs = AWSRequest("PUT", request.url, headers=unsigned, data=request.body)
    theirs.context.update(timestamp=request.headers["x-amz-date"], payload_signing_enabled=True)
    signer = S3SigV4Auth(botocore.credentials.Credentials("id", "secret", "token"), "s3", "us-east-1")
    signature = signer.signature(signer.string_to_sign(theirs, signer.canonical_request(theirs)), theirs)
    assert request.url == "https://s3.us-east-1.amazonaws.com/feeds/a%20b/c%2Bd.json.gz"
    assert request.headers["authorization"].endswith(f"Signature={signature}")
