"""Flags: what is refused is named, a rollout only grows, every version stays, two publishers never lose a change."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from dbsbm.core.bucket import Bucket, BucketError
from dbsbm.core.errors import ConflictError, FlagsError, NotFoundError
from dbsbm.core.flag_store import AGAIN, CURRENT, KEPT, FlagReader, FlagStore
from dbsbm.core.flags import Flags, Switch, checked, parsed
from tests.integration.moments import HandClock

NOW = datetime(2026, 9, 13, 15, 0, tzinfo=UTC)
Change = Callable[[dict[str, Any]], object]


class Objects(Bucket):
    """A bucket in memory that can be away."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.away = False
        self.reads = 0

    def get(self, key: str) -> bytes | None:
        self.reads += 1
        if self.away:
            raise BucketError("no answer")
        return self.objects.get(key)

    def put(self, key: str, body: bytes, *, new: bool = False) -> bool:
        if new and key in self.objects:
            return False
        self.objects[key] = body
        return True


def published(store: FlagStore, **changes: Any) -> Flags:
    before = store.current()
    return store.publish(before, before.following(replace(before, **changes), NOW, "olga", "a test"))


def test_the_defaults_are_a_document_that_can_be_used() -> None:
    assert parsed(json.dumps(Flags().to_json()).encode()) == Flags()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda d: d.update(v=2), "not a document of version 1"),
        (lambda d: d.update(extra=1), "unknown ['extra']"),
        (lambda d: d.pop("limits"), "wrong or missing ['limits']"),
        (lambda d: d["commands"].update(bet={"percent": 101, "why": "x"}), "commands.bet: 101 is no percentage"),
        (lambda d: d["commands"].update(bet={"percent": True, "why": "x"}), "commands.bet: True is no percentage"),
        (lambda d: d["commands"].update(bet={"percent": 0, "why": " "}), "commands.bet: say why"),
        (lambda d: d["commands"].update(bet=False), "commands.bet: takes percent and why"),
        (lambda d: d["providers"].update(espm="down"), "providers.espm: no such provider; there are api_sports, espn"),
        (lambda d: d["limits"].update(window_s=0), "limits.window_s: 0 is not between 1 and 3600"),
        (lambda d: d["limits"].update(block_s="5m"), "limits.block_s: '5m' is not between"),
        (lambda d: d["limits"]["person"].update(free=0), "limits.person.free: 0 is not between 10 and"),
        (lambda d: d["limits"]["guild"].pop("free"), "limits.guild: takes free, premium, platinum"),
        (lambda d: d["limits"]["costs"].update(bet=101), "limits.costs.bet: 101 is not between 1 and 100"),
        (lambda d: d["limits"]["person"].update(free=10), "limits.costs.import: 20 is more than a person may spend"),
    ],
)
def test_a_bad_value_is_named(change: Change, told: str) -> None:
    document = Flags().to_json()
    change(document)
    with pytest.raises(FlagsError) as refused:
        checked(document)
    assert told in refused.value.detail


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"7", b" " * 70_000])
def test_what_is_no_document_is_refused(body: bytes) -> None:
    with pytest.raises(FlagsError):
        parsed(body)


def test_a_rollout_is_near_its_percentage_and_only_grows() -> None:
    guilds = range(10_000)
    had: set[int] = set()
    for percent in (0, 1, 10, 25, 50, 99, 100):
        has = {guild for guild in guilds if Switch(percent, "x").on_for("weather", guild)}
        assert had <= has
        assert abs(len(has) / 100 - percent) < 1.5
        had = has
    assert len(had) == 10_000


def test_a_command_is_shut_with_its_subcommands() -> None:
    flags = Flags(commands={"capper": Switch(0, "x"), "stats": Switch(100, "x")})
    assert [flags.shut(route, 1) is not None for route in ("capper", "capper add", "capper_add", "stats", "bet")] == [
        True, True, False, False, False,
    ]  # fmt: skip


def test_every_version_stays_and_going_back_is_a_version() -> None:
    bucket = Objects()
    store = FlagStore(bucket)
    first = published(store, providers={"espn": "It answers nonsense."})
    second = published(store, providers={})
    back = store.publish(second, second.following(store.version(1), NOW, "bob", "back"))
    assert (first.version, back.version, store.current()) == (1, 3, back)
    assert (back.providers, back.by, back.at) == (first.providers, "bob", NOW)
    assert store.version(2) == second
    with pytest.raises(NotFoundError, match="no version 9"):
        store.version(9)


def test_two_who_publish_at_once_do_not_lose_a_change() -> None:
    store = FlagStore(Objects())
    before = store.current()
    store.publish(before, before.following(replace(before, providers={"espn": "one"}), NOW, "a", "r"))
    with pytest.raises(ConflictError, match="somebody else"):
        store.publish(before, before.following(replace(before, providers={}), NOW, "b", "r"))
    assert store.current().by == "a"


def test_a_publisher_that_died_half_way_holds_nobody_up() -> None:
    bucket = Objects()
    store = FlagStore(bucket)
    published(store, providers={"espn": "one"})
    bucket.objects.pop(CURRENT)
    with pytest.raises(ConflictError):
        published(store, providers={})
    assert store.current().version == 1
    assert published(store, providers={}).version == 2


def test_nothing_bad_is_published() -> None:
    bucket = Objects()
    with pytest.raises(FlagsError, match="no such provider"):
        published(FlagStore(bucket), providers={"espm": "typed wrong"})
    assert bucket.objects == {}


def test_a_change_is_seen_within_a_minute_and_asked_for_no_oftener() -> None:
    bucket, clock = Objects(), HandClock(NOW)
    reader = FlagReader(lambda: bucket, clock)
    assert reader.current() == Flags()
    published(FlagStore(bucket), providers={"espn": "down"})
    bucket.reads = 0
    clock.move(KEPT.total_seconds() - 0.001)
    assert (reader.current().version, bucket.reads) == (0, 0)
    clock.move(0.001)
    assert [reader.current().version for _ in range(50)] == [1] * 50
    assert bucket.reads == 1


@pytest.mark.parametrize("how", ["away", "spoiled"])
def test_the_last_good_one_holds_when_s3_does_not(how: str) -> None:
    bucket, clock = Objects(), HandClock(NOW)
    reader = FlagReader(lambda: bucket, clock)
    published(FlagStore(bucket), providers={"espn": "down"})
    assert reader.current().version == 1
    good = bucket.objects[CURRENT]
    bucket.away, bucket.objects[CURRENT] = how == "away", b"{"
    clock.move(3 * 3600)
    bucket.reads = 0
    assert [reader.current().off("espn") for _ in range(9)] == ["down"] * 9
    assert bucket.reads == 1, "and it is not asked for with every call"
    bucket.away, bucket.objects[CURRENT] = False, good.replace(b'"version": 1', b'"version": 2')
    clock.move(AGAIN.total_seconds())
    assert reader.current().version == 2


def test_without_a_bucket_all_is_on_and_nothing_limited() -> None:
    flags = FlagReader(None, HandClock(NOW)).current()
    assert (flags.limits, flags.shut("bet", 1), flags.off("espn")) == (None, None, None)
