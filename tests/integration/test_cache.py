"""The cache against a real Redis in cluster mode: present, slow, killed, back again."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from functools import partial
from pathlib import Path
from random import Random
from threading import Barrier, Event

import pytest
import redis
from hypothesis import given, settings
from hypothesis import strategies as st

from dbsbm.cache.cache import MOST_PATTERNS, Cache, CacheSilentError, LocalCache, RedisCache
from dbsbm.cache.client import build_cache, redis_client
from dbsbm.core import metrics
from dbsbm.core.ids import Ids
from local.servers import Redis
from tests.integration.moments import HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def cache_at(url: str | None, clock: HandClock, seed: int = 1) -> Cache:
    return build_cache(url, clock, Ids(clock, Random(seed)))


class Loads:
    """A loader that counts how often it was asked."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> object:
        self.count += 1
        return {"load": self.count, "pair": (1, 2)}


@pytest.fixture(params=["redis", "local"])
def cache(request: pytest.FixtureRequest, clock: HandClock) -> Cache:
    url = request.getfixturevalue("redis_url") if request.param == "redis" else None
    return cache_at(url, clock)


def test_a_value_is_loaded_once_and_reads_the_same_fresh_and_kept(cache: Cache) -> None:
    load = Loads()

    assert cache.get_or_load("games:a", 60, load) == cache.get_or_load("games:a", 60, load)
    assert load.count == 1
    assert cache.get_or_load("games:a", 60, load) == {"load": 1, "pair": [1, 2]}


def test_none_is_a_value(cache: Cache) -> None:
    assert cache.get_or_load("games:none", 60, lambda: None) is None
    assert cache.get_or_load("games:none", 60, lambda: "not asked") is None


def test_clearing_a_prefix_forgets_its_values_and_no_others(cache: Cache) -> None:
    games, guilds = Loads(), Loads()
    cache.get_or_load("games:a", 60, games)
    cache.get_or_load("guilds:a", 60, guilds)
    before = cache.version("games"), cache.version("guilds")

    cache.clear_prefix("games")

    assert cache.get_or_load("games:a", 60, games)["load"] == 2
    assert cache.get_or_load("guilds:a", 60, guilds)["load"] == 1
    assert cache.version("games") != before[0]
    assert cache.version("guilds") == before[1]
    assert cache.version("games") == cache.version("games")


def test_a_pattern_forgets_what_fits_it_and_changes_the_version(cache: Cache) -> None:
    loads = {key: Loads() for key in ("7:a", "7:b", "8:a")}

    def read() -> list[int]:
        return [cache.get_or_load(f"boards:{key}", 60, load)["load"] for key, load in loads.items()]

    assert read() == [1, 1, 1]
    version = cache.version("boards")
    cache.clear_prefix("boards", "7:*")
    assert cache.version("boards") != version
    assert read() == [2, 2, 1]
    cache.clear_prefix("boards", "?:a")
    assert read() == [3, 2, 2]
    assert read() == [3, 2, 2]


def test_more_patterns_than_a_generation_holds_clear_it_whole(redis_url: str, clock: HandClock) -> None:
    cache, load = cache_at(redis_url, clock), Loads()
    cache.get_or_load("boards:kept", 60, load)
    for number in range(MOST_PATTERNS):
        cache.clear_prefix("boards", f"{number}:*")
    assert cache.get_or_load("boards:kept", 60, load)["load"] == 1
    cache.clear_prefix("boards", "another:*")
    assert cache.get_or_load("boards:kept", 60, load)["load"] == 2
    assert len(cache.version("boards")) < 32


def test_a_pattern_whose_generation_was_evicted_brings_nothing_back(redis_url: str, clock: HandClock) -> None:
    cache, load = cache_at(redis_url, clock), Loads()
    cache.get_or_load("boards:a", 60, load)
    with redis.Redis.from_url(redis_url) as client:
        client.set("dbsbm:generation:boards", "\nb:*")
    assert cache.get_or_load("boards:a", 60, load)["load"] == 2
    assert cache.get_or_load("boards:a", 60, load)["load"] == 2


class Waiting(HandClock):
    """Lets the loader finish once everybody else has begun to wait."""

    def __init__(self, others: int) -> None:
        super().__init__()
        self.everybody, self.loaded = Barrier(others + 1), Event()
        self._seen = threading.local()

    def sleep(self, seconds: float) -> None:
        if not hasattr(self._seen, "waited"):
            self._seen.waited = True
            self.everybody.wait(30)
        self.loaded.wait(30)


def test_of_many_who_miss_at_once_one_loads(redis_url: str) -> None:
    clock, load = Waiting(others=15), Loads()
    cache_at(redis_url, HandClock()).version("games")  # the generation is there

    def slow() -> object:
        clock.everybody.wait(30)
        return load()

    def read(number: int) -> object:
        return cache_at(redis_url, clock, number).get_or_load("games:board", 60, slow)

    with ThreadPoolExecutor(16) as pool:
        reads = [pool.submit(read, number) for number in range(16)]
        done, _ = wait(reads, timeout=30, return_when=FIRST_COMPLETED)
        clock.loaded.set()
        values = [each.result(30) for each in reads]
    assert done
    assert values == [{"load": 1, "pair": [1, 2]}] * 16


def test_whoever_dies_loading_holds_nobody_up_for_long(redis_url: str, clock: HandClock) -> None:
    cache = cache_at(redis_url, clock)
    generation = cache.version("games")
    with redis.Redis.from_url(redis_url) as client:
        client.set(f"dbsbm:{generation}:games:a:loading", "", px=60_000)
    before = clock.now()
    assert cache.get_or_load("games:a", 60, lambda: 7) == 7
    assert (clock.now() - before).total_seconds() == pytest.approx(0.2)


def test_a_loader_that_fails_lets_the_next_one_load_at_once(redis_url: str, clock: HandClock) -> None:
    cache, before = cache_at(redis_url, clock), clock.now()
    with pytest.raises(ZeroDivisionError):
        cache.get_or_load("games:a", 60, lambda: 1 // 0)
    assert cache.get_or_load("games:a", 60, lambda: 7) == 7
    assert clock.now() == before


def test_the_hit_rate_is_told_by_service(redis_url: str, clock: HandClock) -> None:
    cache = cache_at(redis_url, clock)
    with metrics.collected() as samples:
        for _ in range(4):
            cache.get_or_load("games:a", 60, lambda: 7)
    told = [sample.amount for sample in samples if sample.metric is metrics.CACHE_HITS and sample.values == ("games",)]
    assert told == [0, 100, 100, 100]


def test_an_error_of_the_loader_passes_through_and_is_not_kept(cache: Cache) -> None:
    def fail() -> object:
        raise KeyError("the loader's own")

    with pytest.raises(KeyError, match="the loader's own"):
        cache.get_or_load("games:a", 60, fail)
    assert cache.get_or_load("games:a", 60, lambda: 7) == 7


def test_another_environment_sees_the_value_and_the_clearing(redis_url: str, clock: HandClock) -> None:
    one, other = cache_at(redis_url, clock, 1), cache_at(redis_url, clock, 2)
    one.get_or_load("games:a", 60, lambda: "first")

    assert other.get_or_load("games:a", 60, lambda: "second") == "first"
    one.clear_prefix("games")
    assert other.get_or_load("games:a", 60, lambda: "second") == "second"


def test_a_value_of_before_the_clearing_is_never_seen_after_it(redis_url: str, clock: HandClock) -> None:
    """A slow reader that loaded old data stores it under the old generation, where nobody looks any more."""
    slow, feed = cache_at(redis_url, clock, 1), cache_at(redis_url, clock, 2)

    def old_data_while_the_feed_clears() -> str:
        feed.clear_prefix("games")
        return "old"

    slow.get_or_load("games:a", 60, old_data_while_the_feed_clears)

    assert feed.get_or_load("games:a", 60, lambda: "new") == "new"
    assert slow.get_or_load("games:a", 60, lambda: "new") == "new"


def test_a_flushed_generation_never_brings_old_values_back(redis_url: str, clock: HandClock) -> None:
    cache = cache_at(redis_url, clock)
    cache.get_or_load("games:a", 60, lambda: "old")
    cache.clear_prefix("games")
    with redis.Redis.from_url(redis_url, decode_responses=True) as client:
        client.delete("dbsbm:generation:games")

    assert cache.get_or_load("games:a", 60, lambda: "new") == "new"


def test_a_spoiled_value_is_loaded_again(redis_url: str, clock: HandClock) -> None:
    cache = cache_at(redis_url, clock)
    cache.get_or_load("games:a", 60, lambda: "good")
    with redis.Redis.from_url(redis_url, decode_responses=True) as client:
        (name,) = client.keys("*:games:a")
        client.set(name, "{not json")

    assert cache.get_or_load("games:a", 60, lambda: "again") == "again"


def test_values_in_redis_end_by_themselves(redis_url: str, clock: HandClock) -> None:
    cache_at(redis_url, clock).get_or_load("games:a", 60, lambda: 1)

    with redis.Redis.from_url(redis_url, decode_responses=True) as client:
        (name,) = client.keys("*:games:a")
        assert 0 < client.pttl(name) <= 60_000


def test_no_command_crosses_slots(redis_url: str, clock: HandClock) -> None:
    """The server refuses a command over keys of two slots; not one of ours is refused, over many prefixes."""
    with (
        redis.Redis.from_url(redis_url, decode_responses=True) as client,
        pytest.raises(redis.exceptions.ResponseError, match="same slot"),
    ):
        client.execute_command("MSET", "one", 1, "other", 2)
    cache = cache_at(redis_url, clock)
    cache.version("opens the connection")
    with redis.Redis.from_url(redis_url, decode_responses=True) as client:
        client.config_resetstat()
        errors = client.info("stats")["total_error_replies"]
        for number in range(50):
            cache.get_or_load(f"prefix{number}:value", 60, lambda: 1)
            cache.version(f"prefix{number}")
            cache.clear_prefix(f"prefix{number}")
        stats = client.info("commandstats")
        assert client.info("stats")["total_error_replies"] == errors
    assert stats["cmdstat_set"]["calls"] == 200
    assert not {"cmdstat_mget", "cmdstat_mset", "cmdstat_eval", "cmdstat_multi"} & stats.keys()


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[Redis]:
    with Redis(tmp_path) as server:
        yield server


def test_redis_killed_midway_costs_no_reader_an_error(own_redis: Redis, clock: HandClock) -> None:
    cache = cache_at(own_redis.url(), clock)

    def read(numbers: range) -> list[object]:
        values = []
        for number in numbers:
            values.append(cache.get_or_load(f"games:{number % 7}", 60, partial(int, number % 7)))
            if number % 20 == 0:
                cache.clear_prefix("games")
        return values

    values = read(range(50))
    own_redis.kill()
    values += read(range(50, 150))
    with Redis(own_redis.directory, own_redis.port):
        clock.move(6)
        values += read(range(150, 200))

    assert values == [number % 7 for number in range(200)]


def test_a_clearing_that_redis_missed_is_made_up_for_when_it_is_back(redis_url: str, clock: HandClock) -> None:
    """A pause instead of a kill: the values are still there afterwards, and must not be believed."""
    cache = cache_at(redis_url, clock)
    cache.get_or_load("games:a", 600, lambda: "old")
    with redis.Redis.from_url(redis_url) as client:
        client.client_pause(60_000, all=False)
    cache.clear_prefix("games")
    with redis.Redis.from_url(redis_url) as client:
        client.client_unpause()
    clock.move(6)

    assert cache.get_or_load("games:a", 600, lambda: "new") == "new"


def test_who_has_to_know_what_is_in_it_is_told_when_redis_does_not_answer(own_redis: Redis, clock: HandClock) -> None:
    cache = cache_at(own_redis.url(), clock)
    cache.get_or_load("a:b", 60, lambda: "a needle")
    assert len(cache.holding(["needle"])) == 1
    assert cache.holding(["nothing"]) == []
    own_redis.kill()
    with pytest.raises(CacheSilentError):
        cache.holding(["nothing"])


def test_a_dead_redis_is_asked_once_in_five_seconds(clock: HandClock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed_port = listener.getsockname()[1]
    attempts = []

    def connect() -> redis.Redis:
        attempts.append(clock.now())
        return redis_client(f"redis://127.0.0.1:{closed_port}/0")

    cache = RedisCache(connect, clock, Ids(clock, Random(1)), open_s=5)
    for _ in range(10):
        assert cache.get_or_load("games:a", 60, lambda: 1) == 1
    cache.clear_prefix("games")
    cache.version("games")

    assert len(attempts) == 1


def test_a_local_value_stays_five_seconds_at_most_because_others_cannot_clear_it(clock: HandClock) -> None:
    cache, load = cache_at(None, clock), Loads()
    cache.get_or_load("games:a", 60, load)
    version = cache.version("games")
    clock.move(4.9)
    assert cache.get_or_load("games:a", 60, load)["load"] == 1
    assert cache.version("games") == version
    clock.move(0.1)
    assert cache.get_or_load("games:a", 60, load)["load"] == 2
    assert cache.version("games") != version


@settings(deadline=None, derandomize=True)
@given(keys=st.lists(st.integers(0, 40), max_size=200))
def test_a_local_cache_never_outgrows_its_bound_and_never_lies(keys: list[int]) -> None:
    clock = HandClock()
    cache = LocalCache(clock, Ids(clock, Random(1)), max_entries=8)
    for key in keys:
        assert cache.get_or_load(f"games:{key}", 60, partial(int, key)) == key
    assert len(cache) <= 8
