"""The raw documents that were kept make the same games, prices and scores again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from dbsbm.cache.cache import LocalCache
from dbsbm.core.aws import Account, Credentials
from dbsbm.core.http import HttpResponse
from dbsbm.core.ids import Ids
from dbsbm.database.database import Database
from dbsbm.database.migrate import migrate
from dbsbm.providers.api_sports import ApiSports
from dbsbm.providers.api_sports_calendar import CalendarFeed
from dbsbm.providers.archive import ArchiveError, BucketArchive, BucketReader
from dbsbm.providers.rebuild import Rebuild, Rebuilt, in_order, kept
from infra.catalog import CATALOG
from local.cloud.aws import MotoInside, create_resources
from local.cloud.execution import Names
from local.feed_rebuild import rebuild_from
from local.providers.server import Fault
from tests.integration.moments import HandClock, open_database
from tests.integration.test_feed_espn import PATRIOTS, Two

TABLES = (
    "games",
    "game_sources",
    "odds_snapshots",
    "current_odds",
    "game_scores",
    "source_events",
    "game_changes",
    "game_periods",
    "prop_lines",
    "prop_fetches",
)


@pytest.fixture
def two(database_url: str) -> Iterator[Two]:
    sources = Two(database_url)
    sources.first = replace(sources.first, archive=lambda key, body: sources.kept.update({key: body}))
    with sources.server:
        yield sources
    sources.database.close()


def dump(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the tables that documents make, with our ids replaced by the first source's."""
    with database.read() as session:
        named = {
            row["game_id"]: row["provider_game_id"]
            for row in session.all("SELECT game_id, provider_game_id FROM game_sources WHERE provider = 'the_odds_api'")
        }
        named |= {
            row["prop_id"]: (named[row["game_id"]], row["player"], row["stat"])
            for row in session.all("SELECT game_id, player, stat, prop_id FROM prop_lines")
        }
        rows = {table: session.all(f"SELECT * FROM {table}") for table in TABLES}
    return {
        table: sorted(
            (
                tuple(
                    named.get(value, value) if name in ("game_id", "prop_id") else value for name, value in row.items()
                )
                for row in found
            ),
            key=repr,
        )
        for table, found in rows.items()
    }


def play(two: Two) -> None:
    """An afternoon of both sources: prices, a moved game, a stopped one, a spoilt document, ends."""
    leagues = ["nfl", "nba", "epl"]
    two.first.run()  # what is due, players too
    for step in range(8):
        two.clock.move(timedelta(minutes=29, seconds=1, microseconds=345_678).total_seconds())
        if step == 2:
            two.server.espn.order(PATRIOTS, state="postponed")
        if step == 4:
            two.server.espn.order(PATRIOTS, state="scheduled", date="2026-11-22T17:00Z")
            two.server.faults.extend([None, Fault.CUT_JSON])
        if step == 6:
            two.server.espn.order("New York Giants", state="in", score=(7, 3), periods=((7,), (3,)))
        two.first.run(leagues if step else None)
        two.second.run(leagues if step else None)


def test_the_kept_documents_make_the_same_rows_in_an_empty_database(two: Two, empty_database_url: str) -> None:
    play(two)
    migrate(empty_database_url)
    clock = HandClock(datetime(2027, 5, 1, tzinfo=UTC))
    ids = Ids(clock, Random(99))
    fresh = open_database(empty_database_url, clock)
    rebuild, done = Rebuild(fresh, LocalCache(clock, ids), ids), Rebuilt()

    documents = in_order(two.kept)
    for document in documents:
        rebuild.take(document, two.kept[document.key], done)

    before, after = dump(two.database), dump(fresh)
    assert all(before[table] for table in TABLES)
    assert after == before
    assert (done.unread, done.documents) == (1, len(documents) - 1)

    for document in documents:
        rebuild.take(document, two.kept[document.key], done)
    assert dump(fresh) == before, "a second time changes nothing"
    fresh.close()


def test_a_calendar_of_races_is_made_again(database_url: str, empty_database_url: str) -> None:
    clock = HandClock(datetime(2026, 11, 20, 12, 0, tzinfo=UTC))
    race = {"id": 7, "competition": {"name": "Qatar Grand Prix"}, "type": "Race", "status": "Scheduled"}
    body = json.dumps({"errors": [], "response": [{**race, "date": "2026-11-29T16:00:00+00:00"}]}).encode()
    api = ApiSports(lambda _: HttpResponse(200, {}, body), "http://api/{host}", lambda: "key", clock)
    kept_documents: dict[str, bytes] = {}
    first, ids = open_database(database_url, clock), Ids(clock, Random(5))
    feed = CalendarFeed(api, first, LocalCache(clock, ids), ids, clock, kept_documents.__setitem__)
    assert (feed.run().games, feed.run().games) == (1, 0), "once a day is often enough"
    migrate(empty_database_url)
    fresh = open_database(empty_database_url, clock)

    (document,) = in_order(kept_documents)
    Rebuild(fresh, LocalCache(clock, ids), ids).take(document, kept_documents[document.key], Rebuilt())

    asked = "SELECT league, home, away, starts_at, state FROM games"
    with first.read() as before, fresh.read() as after:
        assert [row["home"] for row in after.all(asked)] == ["Qatar Grand Prix"]
        assert after.all(asked) == before.all(asked)
        fetches = "SELECT * FROM feed_fetches"
        assert after.all(fetches) == before.all(fetches)
    first.close()
    fresh.close()


def test_the_bucket_is_read_page_by_page_into_an_empty_schema(two: Two, empty_database_url: str) -> None:
    aws = MotoInside()
    create_resources(CATALOG, Names(), {}, aws)
    account = Account("us-east-1", Credentials("id", "secret"), {"": "http://127.0.0.1"})
    two.first.run(["nfl"])
    two.second.run(["nfl"])
    keep = BucketArchive(aws, account, Names().of("feeds"))
    for key, body in two.kept.items():
        keep(key, body)
    for number in range(1001):
        keep(f"another/{number:04}", b"x")
    reader = BucketReader(aws, account, Names().of("feeds"))

    done = rebuild_from(reader, empty_database_url)

    assert len(list(reader.keys())) == 1001 + len(two.kept)
    assert (done.documents, done.unread) == (len(two.kept), 0)
    fresh = open_database(empty_database_url, two.clock)
    assert dump(fresh) == dump(two.database)
    fresh.close()
    with pytest.raises(ArchiveError):
        reader.get("no/such/key")


def test_other_things_in_the_bucket_are_passed_over() -> None:
    assert kept("espn/nfl/2026/11/22/120001-20261122.json.gz") is not None
    for key in ("", "espn/nfl/2026/11/22/120001-20261122.json", "unknown/nfl/2026/11/22/120001-x.json.gz", "a/b"):
        assert kept(key) is None
