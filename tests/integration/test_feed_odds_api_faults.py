"""What a provider of odds gets wrong: each fault has its type, costs one league alone, and is tried again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from dbsbm.betting.markets import Market
from dbsbm.core.aws import Account, Credentials
from dbsbm.core.errors import DbsbmError, ProviderError, ProviderUnavailableError
from dbsbm.core.http import HttpRequest, HttpResponse, TransportError
from dbsbm.providers.archive import ArchiveError, BucketArchive
from dbsbm.providers.errors import (
    ProviderDocumentError,
    ProviderKeyError,
    ProviderNotFoundError,
    ProviderQuotaError,
    ProviderRateError,
    ProviderRequestError,
)
from dbsbm.providers.feed import Feed
from dbsbm.providers.leagues import FeedLeague
from local.demo.slate import DemoSlate
from local.providers.server import Fault
from tests.integration.feed_season import BEGINNING, KEY, NFL, Season


@pytest.fixture
def demo(database_url: str) -> Iterator[Season]:
    season = Season(database_url, DemoSlate(BEGINNING), BEGINNING)
    with season.server:
        yield season
    season.database.close()


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.RATE, ProviderRateError),
        (Fault.ERROR, ProviderUnavailableError),
        (Fault.GATEWAY, ProviderUnavailableError),
        (Fault.TRUNCATED, ProviderUnavailableError),
        (Fault.RESET, ProviderUnavailableError),
    ],
)
def test_each_fault_of_the_provider_has_its_type(demo: Season, fault: Fault, error: type[ProviderError]) -> None:
    demo.server.faults.append(fault)

    with pytest.raises(error) as raised:
        demo.api().odds(NFL)
    assert raised.value.retryable
    assert KEY not in str(raised.value)
    assert demo.api().odds(NFL).body.startswith(b"[{"), "the next request is served again"


def test_a_slow_provider_is_given_up_in_time(demo: Season) -> None:
    demo.server.faults.append(Fault.SLOW)

    with pytest.raises(ProviderUnavailableError):
        demo.api(timeout_s=0.2).odds(NFL)


def test_a_rate_limit_says_when_to_come_back(demo: Season) -> None:
    demo.server.faults.append(Fault.RATE)

    with pytest.raises(ProviderRateError) as raised:
        demo.api().odds(NFL)
    assert raised.value.retry_after_s == 7


def test_a_wrong_key_and_a_used_up_quota_are_told_apart(demo: Season) -> None:
    with pytest.raises(ProviderKeyError) as raised:
        demo.api(key="wrong").odds(NFL)
    assert not raised.value.retryable
    demo.provider.spend_all()
    with pytest.raises(ProviderQuotaError):
        demo.api().odds(NFL)


def test_an_unknown_sport_and_a_bad_parameter_are_told_apart(demo: Season) -> None:
    with pytest.raises(ProviderNotFoundError, match="UNKNOWN_SPORT"):
        demo.api().odds(FeedLeague("curling", "curling", "us", "american"))
    with pytest.raises(ProviderRequestError, match="INVALID_REGION"):
        demo.api().odds(FeedLeague("americanfootball_nfl", "nfl", "mars", "american"))


def test_a_fault_in_one_league_costs_the_others_nothing(demo: Season) -> None:
    served = None
    demo.server.faults.extend([served, Fault.CUT_JSON, served, Fault.ERROR])

    done = demo.feed.run(["nfl", "nba", "nhl"])

    assert [failure.split(" ")[:3] for failure in done.failures] == [
        ["nfl", "odds:", "provider_document:"],
        ["nba", "odds:", "provider_unavailable:"],
    ]
    assert done.documents == 4
    upcoming = {game.league for game in demo.board().upcoming(demo.clock.now())}
    assert "nhl" in upcoming
    assert any(price.market is Market.TOTAL for game in demo.games() for price in demo.prices(game))


def test_a_failed_document_is_tried_again_at_the_next_run_and_a_good_one_is_not(demo: Season) -> None:
    demo.provider.source = DemoSlate(BEGINNING - timedelta(hours=1))
    served = None
    demo.server.faults.extend([served, Fault.ERROR])
    demo.feed.run()
    demo.provider.requests.clear()

    demo.run_at(demo.clock.now() + timedelta(minutes=5))

    asked = [path.split("/")[3:] for path in demo.provider.requests]
    assert ["americanfootball_nfl", "odds"] in asked
    assert ["basketball_nba", "odds"] not in asked


def test_a_provider_that_gives_nothing_fails_the_run(demo: Season) -> None:
    demo.server.faults.append(Fault.ERROR)

    with pytest.raises(ProviderUnavailableError):
        demo.feed.run()
    assert demo.count("games") == 0


def test_a_document_that_cannot_be_read_is_kept_in_the_archive_all_the_same(demo: Season) -> None:
    served = None
    demo.server.faults.extend([served, Fault.CUT_JSON, Fault.CUT_JSON])

    with pytest.raises(ProviderDocumentError, match="not JSON"):
        demo.feed.run(["nfl"])
    assert sorted(key[-11:] for key in demo.kept) == ["dds.json.gz", "res.json.gz"]


def test_an_archive_that_is_away_does_not_keep_games_from_people(demo: Season) -> None:
    def away(_key: str, _body: bytes) -> None:
        raise ArchiveError("no bucket")

    feed = Feed(demo.api(), demo.database, demo.cache, demo.ids, demo.clock, away)

    done = feed.run(["nfl"])

    assert done.failures == ["nfl odds: not archived: no bucket", "nfl scores: not archived: no bucket"]
    assert done.ingested.games > 0


class Bucket:
    """Stands where S3 is: remembers the request, answers a status."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.requests: list[HttpRequest] = []

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.requests.append(request)
        if self.status == 0:
            raise TransportError("reset", sent=True)
        return HttpResponse(self.status)


@pytest.mark.parametrize("status", [403, 503, 0])
def test_a_bucket_that_does_not_confirm_is_an_archive_error(status: int) -> None:
    account = Account("us-east-1", Credentials("id", "secret"), {"": "http://127.0.0.1:1"})

    with pytest.raises(ArchiveError) as raised:
        BucketArchive(Bucket(status), account, "feeds", lambda: 0.0)("a/b", b"body")
    assert isinstance(raised.value, DbsbmError)
    assert raised.value.retryable
