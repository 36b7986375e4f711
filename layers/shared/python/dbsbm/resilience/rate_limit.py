"""How much somebody may ask for within a sliding window; exact, whoever counts.

A subject is one sorted set of Redis: a member ``u<cost>:<id>`` for each thing let through, scored by its moment, and
the running totals as members scored far below any moment. One script on one key decides, so that concurrent callers
are counted one after the other and the code runs against a cluster. The same id again is let through without being
counted: Discord and our own retries repeat interactions.

Without Redis each environment counts for itself what it sees, and shuts nobody out: a limit may then let through
more, never less.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dbsbm.core.clock import Clock
from dbsbm.resilience.redis_link import RedisLink

if TYPE_CHECKING:
    import redis

NAMESPACE = "dbsbm:limit"
MOST_SUBJECTS = 1024
"""That one environment counts for by itself, least recently seen out first."""

_SCRIPT = """
local key, id = KEYS[1], ARGV[5]
local now, window, limit, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local block_after, block = tonumber(ARGV[6]), tonumber(ARGV[7])
local first = 1000000000
local function spent(member) return tonumber(string.match(member, '^u(%d+):')) end

local used = tonumber(redis.call('ZSCORE', key, 'used') or '0')
local strikes = tonumber(redis.call('ZSCORE', key, 'strikes') or '0')
local old = redis.call('ZRANGEBYSCORE', key, first, now - window)
for _, member in ipairs(old) do
  used = used - (spent(member) or 0)
  if string.sub(member, 1, 2) == 'r:' then strikes = strikes - 1 end
end
if #old > 0 then
  redis.call('ZREMRANGEBYSCORE', key, first, now - window)
  redis.call('ZADD', key, used, 'used', strikes, 'strikes')
end

local ends = redis.call('ZSCORE', key, 'block')
if ends and tonumber(ends) > now then return {0, tonumber(ends) - now, 1} end
local member = 'u' .. ARGV[4] .. ':' .. id
if redis.call('ZSCORE', key, member) then return {1, 0, 0} end
if used + cost <= limit then
  redis.call('ZADD', key, now, member, used + cost, 'used')
  redis.call('PEXPIRE', key, window + block)
  return {1, 0, 0}
end

local wait, freed = window, 0
local oldest = redis.call('ZRANGEBYSCORE', key, first, '+inf', 'WITHSCORES', 'LIMIT', 0, cost + block_after + 1)
for i = 1, #oldest, 2 do
  freed = freed + (spent(oldest[i]) or 0)
  if used - freed + cost <= limit then
    wait = tonumber(oldest[i + 1]) + window - now
    break
  end
end
if block_after > 0 and redis.call('ZADD', key, 'NX', now, 'r:' .. id) == 1 then
  strikes = strikes + 1
  if strikes >= block_after then
    for _, each in ipairs(redis.call('ZRANGEBYSCORE', key, first, '+inf')) do
      if string.sub(each, 1, 2) == 'r:' then redis.call('ZREM', key, each) end
    end
    redis.call('ZADD', key, 0, 'strikes', now + block, 'block')
    redis.call('PEXPIRE', key, window + block)
    return {0, block, 1}
  end
  redis.call('ZADD', key, strikes, 'strikes')
  redis.call('PEXPIRE', key, window + block)
end
return {0, wait, 0}
"""
_SHA = hashlib.sha1(_SCRIPT.encode(), usedforsecurity=False).hexdigest()
"""The name that Redis gives the script."""


@dataclass(frozen=True, slots=True)
class Quota:
    """``limit`` within ``window_s``; ``block_after`` refusals in that time shut out for ``block_s``, 0: never."""

    limit: int
    window_s: int
    block_after: int = 0
    block_s: int = 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """``retry_after_s`` is when the same would be let through, if nothing else is asked for meanwhile."""

    allowed: bool
    retry_after_s: float = 0.0
    blocked: bool = False


class RateLimiter:
    """Counts in Redis while it answers, else by itself."""

    def __init__(self, link: RedisLink | None, clock: Clock) -> None:
        self._link = link
        self._clock = clock
        self._own = _OwnCount()
        self._woken = False

    def is_new(self) -> bool:
        """True once: the first call of an environment is the slowest, and need not load Redis too to be counted."""
        was, self._woken = self._woken, True
        return not was

    def take(self, subject: str, quota: Quota, call_id: str, cost: int = 1) -> Verdict:
        """Let something through and count it, or say when to come again. Nothing is raised for Redis' sake."""
        now_ms = int(self._clock.now().timestamp() * 1000)
        if self._link is not None:
            given = (now_ms, quota.window_s * 1000, quota.limit, cost, call_id, quota.block_after, quota.block_s * 1000)
            told = self._link.ask(lambda client: _counted(client, subject, given))
            if told is not None:
                allowed, wait_ms, blocked = told
                return Verdict(bool(allowed), wait_ms / 1000, bool(blocked))
        return self._own.take(subject, quota, call_id, cost, now_ms)


def _counted(client: redis.Redis, subject: str, given: Sequence[int | str]) -> Any:
    from redis.exceptions import NoScriptError  # noqa: PLC0415 — as in the link

    key, values = f"{NAMESPACE}:{subject}", [str(each) for each in given]
    try:
        return client.evalsha(_SHA, 1, key, *values)
    except NoScriptError:
        return client.eval(_SCRIPT, 1, key, *values)


class _OwnCount:
    """The same window over what this environment let through; it shuts nobody out."""

    def __init__(self) -> None:
        self._spent: OrderedDict[str, deque[tuple[int, int, str]]] = OrderedDict()

    def take(self, subject: str, quota: Quota, call_id: str, cost: int, now_ms: int) -> Verdict:
        spent = self._spent.setdefault(subject, deque())
        self._spent.move_to_end(subject)
        if len(self._spent) > MOST_SUBJECTS:
            self._spent.popitem(last=False)
        window_ms = quota.window_s * 1000
        while spent and spent[0][0] <= now_ms - window_ms:
            spent.popleft()
        if any(each == call_id for _, _, each in spent):
            return Verdict(True)
        used = sum(each for _, each, _ in spent)
        if used + cost <= quota.limit:
            spent.append((now_ms, cost, call_id))
            return Verdict(True)
        for at, each, _ in spent:
            used -= each
            if used + cost <= quota.limit:
                return Verdict(False, (at + window_ms - now_ms) / 1000)
        return Verdict(False, float(quota.window_s))
