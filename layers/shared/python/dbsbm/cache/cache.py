"""A cache that every read can do without.

Keys are ``<prefix>:<rest>``; a prefix is thrown away as a whole by giving it a new generation, and in part by writing
a pattern behind its generation. All Redis commands name a single key, so that the same code runs against a cluster. No
call here but ``holding`` ever raises for the cache's sake: an error of the loader passes through, an error of Redis
means the local cache for a while.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from dbsbm.core import metrics
from dbsbm.core.clock import Clock
from dbsbm.core.errors import DbsbmError
from dbsbm.core.ids import Ids
from dbsbm.resilience.recovery import CACHE_AWAY
from dbsbm.resilience.redis_link import RedisLink

if TYPE_CHECKING:
    import redis

Json = Any


class CacheSilentError(DbsbmError):
    """The cache did not answer whoever has to know what is in it."""

    code = "cache_silent"
    retryable = True


class Cache(Protocol):
    """What readers see. Values are JSON; what comes back is always what JSON makes of it, stored or fresh."""

    def get_or_load(self, key: str, ttl_s: float, loader: Callable[[], Json]) -> Json:
        """The value of ``<prefix>:<rest>``, loaded when absent, kept at most ``ttl_s`` seconds."""
        ...

    def version(self, prefix: str) -> str:
        """A text that changes when the prefix is cleared: equal texts, equal content. For memos of parsed values."""
        ...

    def clear_prefix(self, prefix: str, pattern: str | None = None) -> None:
        """Forget every value under the prefix, or those whose ``<rest>`` fits ``pattern`` (``7:*``, ``[ab]?``)."""
        ...

    def alive(self) -> bool | None:
        """Whether the shared cache answers; None where there is none."""
        ...

    def holding(self, needles: Sequence[str]) -> list[str]:
        """The keys that hold one of these texts, in key or value: goes through all of it, for jobs alone.

        Raises
        ------
        CacheSilentError
            When it did not answer: nothing is known then.
        """
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
        counted(key, "local_miss" if text is None else "local_hit")
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

    def clear_prefix(self, prefix: str, pattern: str | None = None) -> None:
        begin = f"{prefix}:"
        for key in [key for key in self._values if key.startswith(begin)]:
            if pattern is None or fnmatchcase(key.removeprefix(begin), pattern):
                del self._values[key]
        self._values.pop(f"generation:{prefix}", None)

    def alive(self) -> None:
        return None

    def holding(self, needles: Sequence[str]) -> list[str]:
        return [key for key, (_, text) in self._values.items() if any(each in f"{key} {text}" for each in needles)]

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


MOST_PATTERNS = 64
"""Behind one generation; the next one clears the whole prefix, so that a read stays one short answer."""
LOADING_MS = 2_000
"""How long the others leave a value to whoever loads it."""
_LOOKS, _LOOK_S = 10, 0.02
"""How often, and how far apart, those who find a value being loaded look for it, before they load it themselves."""


class _Generation(NamedTuple):
    """``name`` changes with the whole prefix; ``patterns`` are what was cleared of it since, oldest first."""

    name: str
    patterns: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return "\n".join((self.name, *self.patterns))


class RedisCache:
    """Values in Redis or Valkey, under generations; :class:`LocalCache` for ``open_s`` seconds after any error.

    A value is stored with the number of patterns that were known before it was loaded: one that a later pattern fits
    is not believed. Whoever misses first loads, the others wait a moment for it.
    """

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
        self._clock = clock
        self._ids = ids
        self._namespace = namespace
        self._local = LocalCache(clock, ids)
        self._missed: set[str] = set()

    def get_or_load(self, key: str, ttl_s: float, loader: Callable[[], Json]) -> Json:
        prefix, _, rest = key.partition(":")
        generation = self._generation(prefix)
        if generation is None:
            return self._local.get_or_load(key, ttl_s, loader)
        name = f"{self._namespace}:{generation.name}:{key}"
        known = self._kept(name, rest, generation)
        if known is None and not self._may_load(name):
            known = self._awaited(name, rest, generation)
        if known is not None:
            counted(key, "hit")
            return known[0]
        counted(key, "miss")
        return self._loaded(name, generation, ttl_s, loader)

    def version(self, prefix: str) -> str:
        generation = self._generation(prefix)
        return self._local.version(prefix) if generation is None else generation.text

    def clear_prefix(self, prefix: str, pattern: str | None = None) -> None:
        self._local.clear_prefix(prefix, pattern)
        if pattern is not None and "\n" not in pattern:
            known = self._generation(prefix)
            if known is not None and len(known.patterns) < MOST_PATTERNS:
                # Appending is one step: of two who clear at once, neither is lost.
                line = f"\n{pattern}"
                if self.link.ask(lambda client: client.append(self._generation_key(prefix), line)) is not None:
                    return
        if self.link.ask(lambda client: client.set(self._generation_key(prefix), self._fresh())) is None:
            self._missed.add(prefix)

    def alive(self) -> bool:
        return bool(self.link.ask(lambda client: client.ping()))

    def holding(self, needles: Sequence[str]) -> list[str]:
        names: list[Any] = self._answered(lambda client: list(client.scan_iter(count=1000)))
        found = []
        for name in map(_text, names):
            kind = _text(self._answered(partial(_kind, name=name)))
            [value] = self._answered(partial(_value, name=name)) if kind == "string" else [None]
            if any(each in f"{name} {_text(value or '')}" for each in needles):
                found.append(name)
        return found

    def _answered(self, question: Callable[[Any], Any]) -> Any:
        answer = self.link.ask(question)
        if answer is None:
            raise CacheSilentError("Redis did not answer")
        return answer

    def _kept(self, name: str, rest: str, generation: _Generation) -> tuple[Json] | None:
        """What is stored and still holds, as one element: None is a value."""
        stored = self.link.ask(lambda client: client.get(name))
        if stored is None:
            return None
        number, _, text = str(stored).partition("\n")
        if not number.isdecimal() or any(fnmatchcase(rest, each) for each in generation.patterns[int(number) :]):
            return None
        try:
            return (json.loads(text),)
        except ValueError:
            return None  # not what we wrote: load it again and overwrite

    def _may_load(self, name: str) -> bool:
        """Whether nobody else is loading; without an answer everybody loads."""
        taken = self.link.ask(lambda client: bool(client.set(f"{name}:loading", "", nx=True, px=LOADING_MS)))
        return taken is not False

    def _awaited(self, name: str, rest: str, generation: _Generation) -> tuple[Json] | None:
        for _ in range(_LOOKS):
            self._clock.sleep(_LOOK_S)
            known = self._kept(name, rest, generation)
            if known is not None:
                return known
        return None

    def _loaded(self, name: str, generation: _Generation, ttl_s: float, loader: Callable[[], Json]) -> Json:
        try:
            text = json.dumps(loader(), separators=(",", ":"))
            kept = f"{len(generation.patterns)}\n{text}"
            self.link.ask(lambda client: client.set(name, kept, px=max(1, round(ttl_s * 1000))))
        finally:
            self.link.ask(lambda client: client.delete(f"{name}:loading"))
        return json.loads(text)

    def _generation(self, prefix: str) -> _Generation | None:
        """The prefix's generation, made when there is none; None without Redis.

        Never counted up: a counter that Redis evicted would start again and bring old values back.
        """
        if prefix in self._missed:
            self._missed.discard(prefix)
            self.clear_prefix(prefix)
        key = self._generation_key(prefix)
        known = self.link.ask(lambda client: client.get(key))
        if known is not None and not str(known).startswith("\n"):
            return _read(str(known))
        fresh = self._fresh()
        # A pattern behind nothing: the generation was evicted between two steps of whoever cleared.
        if self.link.ask(lambda client: client.set(key, fresh, nx=known is None)):
            return _Generation(fresh)
        known = self.link.ask(lambda client: client.get(key))
        return None if known is None else _read(str(known))

    def _generation_key(self, prefix: str) -> str:
        return f"{self._namespace}:generation:{prefix}"

    def _fresh(self) -> str:
        return str(self._ids.new())


def _kind(client: Any, name: str) -> Any:
    return client.type(name)


def _value(client: Any, name: str) -> list[Any]:
    """In a list: a key that has just ended is an answer too."""
    return [client.get(name)]


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _read(text: str) -> _Generation:
    name, *patterns = text.split("\n")
    return _Generation(name, tuple(patterns))


def counted(key: str, how: str) -> None:
    """A read by service, which is the key's prefix; the average of the second metric is the service's hit rate."""
    service = key.partition(":")[0]
    metrics.record(metrics.CACHE, service=service, how=how)
    metrics.record(metrics.CACHE_HITS, 100 if how.endswith("hit") else 0, service=service)
