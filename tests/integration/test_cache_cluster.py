"""Cache and limits against what the cloud has: two nodes, TLS, a user with few rights whose password is signed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode

import botocore.session
import pytest
import redis
from botocore.model import ServiceId
from botocore.signers import RequestSigner

from dbsbm.cache.cache import RedisCache
from dbsbm.cache.client import redis_client
from dbsbm.cache.iam import auth_token
from dbsbm.core.aws import Credentials
from dbsbm.core.errors import SettingsError
from dbsbm.core.ids import Ids
from dbsbm.resilience.rate_limit import Quota, RateLimiter
from tests.integration.moments import MONDAY, HandClock
from tests.integration.secure_redis import Node, cluster

CACHE, USER = "dbsbm-test", "dbsbm-test-app"
KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY"}
CREDENTIALS = Credentials(*KEYS.values())
NOW = MONDAY.timestamp()


@dataclass
class Place:
    url: str
    nodes: list[Node]

    def client(self, now: float = NOW) -> redis.Redis:
        return redis_client(self.url, {**KEYS, "AWS_REGION": "eu-west-1"}, lambda: now)

    def cache(self, clock: HandClock, seed: int = 1) -> RedisCache:
        return RedisCache(self.client, clock, Ids(clock, Random(seed)))

    def calls(self) -> list[dict[str, int]]:
        counts = []
        for node in self.nodes:
            with node.operator() as client:
                stats = client.info("commandstats")
            counts.append({name.removeprefix("cmdstat_"): each["calls"] for name, each in stats.items()})
        return counts


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The server knows the one password that is signed at ``NOW``: it cannot check signatures, ElastiCache does."""
    token = auth_token(CACHE, USER, region="eu-west-1", credentials=CREDENTIALS, now=NOW, serverless=True)
    with cluster(tmp_path_factory.mktemp("cluster"), USER, token) as (certificates, nodes):
        options = {"cluster": "true", "auth": "iam", "cache": CACHE, "serverless": "true", "ssl_ca": certificates}
        yield Place(f"rediss://{USER}@127.0.0.1:{nodes[0].port}/0?{urlencode(options)}", nodes)


@pytest.mark.parametrize("session_token", ["", "a/session+token=="])
def test_the_password_is_the_one_botocore_signs(session_token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    session: Any = botocore.session.Session()
    session.set_credentials(*KEYS.values(), session_token or None)
    signer = RequestSigner(
        ServiceId("elasticache"),
        "eu-west-1",
        "elasticache",
        "v4",
        session.get_credentials(),
        session.get_component("event_emitter"),
    )
    query = urlencode({"Action": "connect", "User": USER, "ResourceType": "ServerlessCache"})
    request = {"method": "GET", "url": f"http://{CACHE}/?{query}", "body": {}, "headers": {}, "context": {}}
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda **_: MONDAY.replace(tzinfo=None))
    theirs = signer.generate_presigned_url(request, operation_name="connect", expires_in=900, region_name="eu-west-1")
    ours = auth_token(
        CACHE.upper(),
        USER,
        region="eu-west-1",
        credentials=CREDENTIALS._replace(session_token=session_token),
        now=NOW,
        serverless=True,
    )
    assert sorted(ours.partition("?")[2].split("&")) == sorted(theirs.partition("?")[2].split("&"))
    assert ours.startswith(f"{CACHE}/?")


def test_values_live_on_both_nodes_and_every_reader_finds_them(place: Place) -> None:
    clock = HandClock()
    before, writer = place.calls(), place.cache(clock)
    for number in range(40):
        prefix = f"prefix{number}"
        assert writer.get_or_load(f"{prefix}:a", 60, partial(int, number)) == number
    reader = place.cache(clock, 2)
    for number in range(40):
        assert reader.get_or_load(f"prefix{number}:a", 60, lambda: "loaded twice") == number
    assert reader.alive()
    after = place.calls()
    assert all(now["set"] > then.get("set", 0) + 20 for then, now in zip(before, after, strict=True))


def test_clearing_whole_or_in_part_holds_for_every_environment(place: Place) -> None:
    clock = HandClock()
    one, other = place.cache(clock, 3), place.cache(clock, 4)
    for key in ("7:a", "7:b", "8:a"):
        one.get_or_load(f"parts:{key}", 60, lambda: "old")
    one.clear_prefix("parts", "7:*")
    assert [other.get_or_load(f"parts:{key}", 60, lambda: "new") for key in ("7:a", "7:b", "8:a")] == [
        "new",
        "new",
        "old",
    ]
    one.clear_prefix("parts")
    assert other.get_or_load("parts:8:a", 60, lambda: "new") == "new"


def test_limits_are_counted_over_the_cluster(place: Place) -> None:
    clock = HandClock()
    limiter = RateLimiter(place.cache(clock).link, clock)
    for subject in range(20):
        taken = [limiter.take(f"cluster:{subject}", Quota(3, 60, 2, 60), f"{subject}-{n}").allowed for n in range(5)]
        assert taken == [True, True, True, False, False]
    scripts = [each.get("eval", 0) + each.get("evalsha", 0) for each in place.calls()]
    assert min(scripts) >= 20, "both nodes counted"


def test_no_command_but_ours_and_no_key_but_ours(place: Place) -> None:
    client: Any = place.client()
    for refused in (("FLUSHALL",), ("KEYS", "*"), ("SCAN", "0"), ("CONFIG", "GET", "*")):
        with pytest.raises(redis.exceptions.NoPermissionError):
            client.execute_command(*refused, target_nodes=redis.RedisCluster.RANDOM)
    with pytest.raises(redis.exceptions.NoPermissionError):
        client.get("someone:else")


def test_whose_password_was_signed_at_another_moment_gets_nothing_and_nobody_waits(place: Place) -> None:
    clock = HandClock()
    cache = RedisCache(lambda: place.client(now=NOW + 901), clock, Ids(clock, Random(5)))
    assert cache.get_or_load("late:a", 60, lambda: "from the database") == "from the database"
    assert not cache.alive()


def test_a_certificate_that_nobody_vouches_for_is_not_talked_to(place: Place) -> None:
    url = place.url.partition("&ssl_ca=")[0]
    clock = HandClock()
    cache = RedisCache(lambda: redis_client(url, KEYS, lambda: NOW), clock, Ids(clock, Random(6)))
    assert not cache.alive()


def test_a_node_that_dies_costs_no_reader_an_error(tmp_path: Path) -> None:
    token = auth_token(CACHE, USER, region="eu-west-1", credentials=CREDENTIALS, now=NOW)
    clock = HandClock()
    with cluster(tmp_path, USER, token) as (certificates, nodes):
        options = {"cluster": "true", "auth": "iam", "cache": CACHE, "ssl_ca": certificates}
        own = Place(f"rediss://{USER}@127.0.0.1:{nodes[0].port}/0?{urlencode(options)}", nodes)
        cache = own.cache(clock)
        read = [cache.get_or_load(f"p{n}:a", 60, partial(int, n)) for n in range(10)]
        nodes[1].kill()
        for n in range(20):
            read.append(cache.get_or_load(f"p{n % 10}:a", 60, partial(int, n % 10)))
            clock.move(1)
    assert read == [n % 10 for n in range(30)]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1",
        "redis://app@127.0.0.1?auth=iam&cache=x",
        "rediss://127.0.0.1?auth=iam&cache=x",
        "rediss://app@h?auth=iam",
    ],
)
def test_an_address_that_cannot_be_meant_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="REDIS_URL"):
        redis_client(url, KEYS)
