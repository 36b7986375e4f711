"""A cache that every read can do without.

Keys are ``<prefix>:<rest>``; a prefix is thrown away as a whole by giving it a new generation. All Redis commands name
a single key, so that the same code runs against a cluster. No call here ever raises for the cache's sake: an error of
the loader passes through, an error of Redis means the local cache for a while.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from dbsbm.core import metrics
from dbsbm.core.clock import Clock
from dbsbm.core.ids import Ids
from dbsbm.resilience.recovery import CACHE_AWAY
from dbsbm.resilience.redis_link import RedisLink

if TYPE_CHECKING:
    import redis

Json = Any


class Cache(Protocol):
    """What readers see. Values are JSON; what comes back is always what JSON makes of it, stored or fresh."""

    def get_or_load(self, key: str, ttl_s: float, loader: Callable[[], Json]) -> Json:
        """The value of ``<prefix>:<rest>``, loaded when absent, kept at most ``ttl_s`` seconds."""
        ...

    def version(self, prefix: str) -> str:
        """A text that changes when the prefix is cleared: equal texts, equal content. For memos of parsed values."""
        ...

    def clear_prefix(self, prefix: str) -> None:
        """Forget every value under the prefix."""
        ...

    def alive(self) -> bool | None:
        """Whether the shared cache answers; None where there is none."""
        ...


class LocalCache:
    """A bounded cache of this process, least recently used out first.

    Other processes cannot clear it, so nothing stays longer than ``max_ttl_s``.
    """

    def __init__(self, clock: Clock, ids: Ids, *, max_entries: int = 256, max_ttl_s: float = 5.0) -> None:
        self._clock = clock
        self._ids = ids
        self._max_entries = max_entries
        self._max_ttl_s = max_ttl_s
        self._values: OrderedDict[str, tuple[datetime, str]] = OrderedDict()

    def get_or_load(self, key: str, ttl_s: float, loader: Callable[[], Json]) -> Json:
        text = self._get(key)
        _count(key, "local_miss" if text is None else "local_hit")
        if text is None:
            text = json.dumps(loader(), separators=(",", ":"))
            self._put(key, text, ttl_s)
        return json.loads(text)

    def version(self, prefix: str) -> str:
        key = f"generation:{prefix}"
        known = self._get(key)
        if known is not None:
            return known
        fresh = f"local-{self._ids.new()}"
        self._put(key, fresh, self._max_ttl_s)
        return fresh

    def clear_prefix(self, prefix: str) -> None:
        for key in [key for key in self._values if key.startswith(f"{prefix}:")]:
            del self._values[key]
        self._values.pop(f"generation:{prefix}", None)

    def alive(self) -> None:
        return None

    def __len__(self) -> int:
        return len(self._values)

    def _get(self, key: str) -> str | None:
        entry = self._values.get(key)
        if entry is None:
            return None
        until, text = entry
        if until <= self._clock.now():
            del self._values[key]
            return None
        self._values.move_to_end(key)
        return text

    def _put(self, key: str, text: str, ttl_s: float) -> None:
        self._values[key] = (self._clock.now() + timedelta(seconds=min(ttl_s, self._max_ttl_s)), text)
        self._values.move_to_end(key)
        while len(self._values) > self._max_entries:
            self._values.popitem(last=False)


class RedisCache:
    """Values in Redis or Valkey, under generations; :class:`LocalCache` for ``open_s`` seconds after any error."""

    def __init__(
        self,
        connect: Callable[[], redis.Redis],
        clock: Clock,
        ids: Ids,
        *,
        namespace: str = "dbsbm",
        open_s: float = CACHE_AWAY.first_s,
    ) -> None:
        self.link = RedisLink(connect, clock, open_s)
        self._ids = ids
        self._namespace = namespace
        self._local = LocalCache(clock, ids)
        self._missed: set[str] = set()

    def get_or_load(self, key: str, ttl_s: float, loader: Callable[[], Json]) -> Json:
        generation = self._generation(key.split(":", 1)[0])
        if generation is None:
            return self._local.get_or_load(key, ttl_s, loader)
        name = f"{self._namespace}:{generation}:{key}"
        known = self.link.ask(lambda client: client.get(name))
        if known is not None:
            try:
                value = json.loads(known)
            except ValueError:
                pass  # not what we wrote: load it again and overwrite
            else:
                _count(key, "hit")
                return value
        _count(key, "miss")
        text = json.dumps(loader(), separators=(",", ":"))
        self.link.ask(lambda client: client.set(name, text, px=max(1, round(ttl_s * 1000))))
        return json.loads(text)

    def version(self, prefix: str) -> str:
        generation = self._generation(prefix)
        return self._local.version(prefix) if generation is None else generation

    def clear_prefix(self, prefix: str) -> None:
        self._local.clear_prefix(prefix)
        if self.link.ask(lambda client: client.set(self._generation_key(prefix), self._fresh())) is None:
            self._missed.add(prefix)

    def alive(self) -> bool:
        return bool(self.link.ask(lambda client: client.ping()))

    def _generation(self, prefix: str) -> str | None:
        """The prefix's generation, made when there is none; None without Redis.

        Never counted up: a counter that Redis evicted would start again and bring old values back.
        """
        if prefix in self._missed:
            self._missed.discard(prefix)
            self.clear_prefix(prefix)
        key = self._generation_key(prefix)
        known = self.link.ask(lambda client: client.get(key))
        if known is not None:
            return str(known)
        fresh = self._fresh()
        if self.link.ask(lambda client: client.set(key, fresh, nx=True)):
            return fresh
        known = self.link.ask(lambda client: client.get(key))
        return None if known is None else str(known)

    def _generation_key(self, prefix: str) -> str:
        return f"{self._namespace}:generation:{prefix}"

    def _fresh(self) -> str:
        return str(self._ids.new())


def _count(key: str, how: str) -> None:
    """A read by service, which is the key's prefix."""
    metrics.record(metrics.CACHE, service=key.split(":", 1)[0], how=how)


CONNECT_S = 0.5
ANSWER_S = 0.25


def build_cache(redis_url: str | None, clock: Clock, ids: Ids, *, namespace: str = "dbsbm") -> Cache:
    """The cache of an environment: ``redis://`` or ``rediss://`` (TLS), local alone without a URL."""
    if redis_url is None:
        return LocalCache(clock, ids)
    return RedisCache(lambda: redis_client(redis_url), clock, ids, namespace=namespace)


def redis_client(url: str) -> redis.Redis:
    """A client with short time limits, for one endpoint that serves every slot (ElastiCache serverless is one)."""
    import redis  # noqa: PLC0415 — 200 ms, paid by the first read that wants the cache
    from redis.backoff import NoBackoff  # noqa: PLC0415
    from redis.retry import Retry  # noqa: PLC0415

    return redis.Redis.from_url(
        url,
        decode_responses=True,
        protocol=2,  # no HELLO
        driver_info=None,  # no CLIENT SETINFO, which older servers refuse
        socket_connect_timeout=CONNECT_S,
        socket_timeout=ANSWER_S,
        retry=Retry(NoBackoff(), 1),  # once: a connection that idled while the environment was frozen
    )
