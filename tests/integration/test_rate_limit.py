"""The sliding window against real Redis: held to a naive model, exact under concurrency, harmless without Redis."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dbsbm.cache.client import redis_client
from dbsbm.resilience.rate_limit import MOST_SUBJECTS, Quota, RateLimiter, Verdict
from dbsbm.resilience.redis_link import RedisLink
from tests.integration.moments import HandClock


class Naive:
    """Every call ever made, looked through anew each time."""

    def __init__(self, quota: Quota, *, blocks: bool) -> None:
        self._quota, self._blocks = quota, blocks
        self._let: list[tuple[int, int]] = []
        self._strikes: list[int] = []
        self._until = 0

    def take(self, now: int, cost: int) -> tuple[bool, int]:
        """Whether it is let through, and for how many milliseconds it is not."""
        window = self._quota.window_s * 1000
        if now < self._until:
            return False, self._until - now

        def room(then: int) -> bool:
            return sum(c for at, c in self._let if at > then - window) + cost <= self._quota.limit

        if room(now):
            self._let.append((now, cost))
            return True, 0
        self._strikes = [*(at for at in self._strikes if at > now - window), now]
        if self._blocks and self._quota.block_after and len(self._strikes) >= self._quota.block_after:
            self._until, self._strikes = now + self._quota.block_s * 1000, []
            return False, self._until - now
        return False, min(at + window - now for at, _ in self._let if room(at + window))


def limiter_at(url: str | None, clock: HandClock) -> RateLimiter:
    return RateLimiter(RedisLink(lambda: redis_client(url), clock) if url else None, clock)


STEPS = st.lists(st.tuples(st.integers(0, 4_000), st.integers(1, 4), st.booleans()), max_size=60)
QUOTAS = st.builds(
    Quota,
    limit=st.integers(4, 12),
    window_s=st.integers(1, 9),
    block_after=st.integers(0, 5),
    block_s=st.integers(1, 9),
)


@pytest.mark.parametrize("where", ["redis", "own"])
def test_it_decides_as_the_naive_model_does(where: str, redis_url: str) -> None:
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(QUOTAS, STEPS)
    def held(quota: Quota, steps: list[tuple[int, int, bool]]) -> None:
        clock = HandClock()
        limiter, naive = (
            limiter_at(redis_url if where == "redis" else None, clock),
            Naive(quota, blocks=where == "redis"),
        )
        subject, now = uuid4().hex, int(clock.now().timestamp() * 1000)
        for number, (passed_ms, cost, again) in enumerate(steps):
            clock.move(passed_ms / 1000)
            now += passed_ms
            verdict = limiter.take(subject, quota, str(number), cost)
            assert (verdict.allowed, round(verdict.retry_after_s * 1000)) == naive.take(now, cost)
            if again and verdict.allowed:
                assert limiter.take(subject, quota, str(number), cost) == Verdict(True), "the same again is not counted"

    held()


def test_ten_thousand_calls_at_once_are_counted_exactly(redis_url: str) -> None:
    """Sixteen environments, twenty people with 100 each, one community with 1,500; every call made twice over."""
    clock = HandClock()
    environments = [limiter_at(redis_url, clock) for _ in range(16)]
    person, guild = Quota(100, 60), Quota(1_500, 60)

    def call(number: int) -> str:
        limiter, call_id = environments[number % 16], number // 2
        if not limiter.take(f"person:{call_id % 20}", person, str(call_id)).allowed:
            return "person"
        return "let" if limiter.take("guild:1", guild, str(call_id)).allowed else "guild"

    def calls(environment: int) -> Counter[str]:
        return Counter(call(number) for number in range(environment, 10_000, 16))

    with ThreadPoolExecutor(16) as pool:
        counted = sum(pool.map(calls, range(16)), Counter())
    assert sum(counted.values()) == 10_000
    with redis_client(redis_url) as client:
        for who in range(20):
            assert client.zscore(f"dbsbm:limit:person:{who}", "used") == 100
        assert client.zscore("dbsbm:limit:guild:1", "used") == 1_500


def test_whoever_goes_on_is_shut_out_and_let_in_again(redis_url: str) -> None:
    clock = HandClock()
    limiter, quota = limiter_at(redis_url, clock), Quota(2, 60, block_after=3, block_s=300)
    verdicts = [limiter.take("person:1", quota, str(number)) for number in range(5)]
    assert [each.blocked for each in verdicts] == [False, False, False, False, True]
    clock.move(299)
    assert limiter.take("person:1", quota, "a") == Verdict(False, 1.0, True), "asking does not make it longer"
    assert limiter.take("person:2", quota, "a").allowed
    clock.move(1)
    assert limiter.take("person:1", quota, "b") == Verdict(True)


def test_without_redis_nobody_is_locked_out(redis_url: str) -> None:
    clock = HandClock()
    quota = Quota(2, 60, block_after=1, block_s=86_400)
    for number in range(3):
        limiter_at(redis_url, clock).take("person:1", quota, str(number))
    assert limiter_at(redis_url, clock).take("person:1", quota, "x").blocked

    gone = limiter_at("redis://127.0.0.1:1/0", clock)
    assert gone.take("person:1", quota, "y").allowed, "it starts anew by itself"
    assert gone.take("person:1", quota, "z").allowed
    assert gone.take("person:1", quota, "0") == Verdict(False, 60.0)
    clock.move(60)
    assert gone.take("person:1", quota, "1").allowed


def test_its_own_count_is_bounded() -> None:
    clock = HandClock()
    limiter = limiter_at(None, clock)
    for number in range(MOST_SUBJECTS * 2):
        limiter.take(f"person:{number}", Quota(1, 60), "a")
    assert len(limiter._own._spent) == MOST_SUBJECTS


def test_a_flushed_redis_counts_anew(redis_url: str) -> None:
    clock = HandClock()
    limiter, quota = limiter_at(redis_url, clock), Quota(1, 60)
    assert [limiter.take("person:1", quota, each).allowed for each in "ab"] == [True, False]
    with redis_client(redis_url) as client:
        client.flushall()
        client.script_flush()
    assert limiter.take("person:1", quota, "c").allowed
