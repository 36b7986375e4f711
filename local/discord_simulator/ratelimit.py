"""Rate limits: route buckets, the global limit, shared and hidden ones, and Cloudflare's ban.

Figures marked observed are not documented by Discord; clients must not hard-code any of them.
"""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from local.discord_simulator.errors import ApiError

GLOBAL_LIMIT, GLOBAL_WINDOW_S = 50, 1.0
INVALID_LIMIT, INVALID_WINDOW_S = 10_000, 600.0


@dataclass(frozen=True, slots=True)
class Limit:
    """``count`` requests in ``window_s`` seconds; ``scope`` as in X-RateLimit-Scope; ``hidden``: headers never tell."""

    count: int
    window_s: float
    scope: str = "user"
    hidden: bool = False
    code: int = 0


DEFAULT = Limit(50, 1.0)
SEND = Limit(5, 1.0)  # observed: messages of one channel
EDIT = Limit(5, 1.0)
WEBHOOK = Limit(5, 2.0)  # observed: one webhook, or one interaction token
SHARED_CHANNEL = Limit(30, 60.0, scope="shared")  # observed: followups and webhook messages of one channel
RENAME = Limit(2, 600.0, hidden=True)
OLD_EDIT = Limit(3, 20.0, hidden=True, code=30046)
COMMANDS = Limit(20, 20.0)


@dataclass(slots=True)
class _Window:
    started: float
    used: int


@dataclass(slots=True)
class RateLimiter:
    enabled: bool = True
    _windows: dict[tuple[str, str], _Window] = field(default_factory=dict)
    _global: _Window = field(default_factory=lambda: _Window(0.0, 0))
    _invalid: deque[float] = field(default_factory=deque)

    def take(self, name: str, major: str, limit: Limit, now: datetime) -> dict[str, str]:
        """Count one request of bucket ``name`` for ``major`` and give its headers.

        Raises
        ------
        ApiError
            429 with the headers and body Discord sends.
        """
        if not self.enabled:
            return {}
        moment = now.timestamp()
        window = self._windows.get((name, major))
        if window is None or moment >= window.started + limit.window_s:
            window = self._windows[(name, major)] = _Window(moment, 0)
        left = window.started + limit.window_s - moment
        if window.used >= limit.count:
            raise _too_many(left, limit, self._headers(name, limit, window, left))
        window.used += 1
        return {} if limit.hidden else self._headers(name, limit, window, left)

    def take_global(self, now: datetime) -> None:
        """Count one request against the bot's global limit.

        Raises
        ------
        ApiError
            429 with ``global`` true.
        """
        if not self.enabled:
            return
        moment = now.timestamp()
        if moment >= self._global.started + GLOBAL_WINDOW_S:
            self._global = _Window(moment, 0)
        left = self._global.started + GLOBAL_WINDOW_S - moment
        if self._global.used >= GLOBAL_LIMIT:
            headers = {
                "retry-after": str(max(1, round(left))),
                "x-ratelimit-global": "true",
                "x-ratelimit-scope": "global",
            }
            raise ApiError(
                429,
                0,
                "You are being rate limited.",
                headers=headers,
                extra={"retry_after": round(left, 3), "global": True},
            )
        self._global.used += 1

    def count_invalid(self, status: int, scope: str, now: datetime) -> None:
        """Remember a 401, 403 or 429 (not of shared scope): ten thousand in ten minutes mean a ban."""
        if status in (401, 403, 429) and scope != "shared":
            self._invalid.append(now.timestamp())

    def banned(self, now: datetime) -> bool:
        """Whether Cloudflare turns this address away."""
        while self._invalid and self._invalid[0] <= now.timestamp() - INVALID_WINDOW_S:
            self._invalid.popleft()
        return self.enabled and len(self._invalid) >= INVALID_LIMIT

    def _headers(self, name: str, limit: Limit, window: _Window, left: float) -> dict[str, str]:
        return {
            "x-ratelimit-limit": str(limit.count),
            "x-ratelimit-remaining": str(max(0, limit.count - window.used)),
            "x-ratelimit-reset": f"{window.started + limit.window_s:.3f}",
            "x-ratelimit-reset-after": f"{left:.3f}",
            "x-ratelimit-bucket": hashlib.sha256(name.encode()).hexdigest()[:32],
        }


def _too_many(left: float, limit: Limit, headers: dict[str, str]) -> ApiError:
    headers |= {"retry-after": str(max(1, int(left + 0.999))), "x-ratelimit-scope": limit.scope}
    extra = {"retry_after": round(left, 3), "global": False}
    return ApiError(429, limit.code, "You are being rate limited.", headers=headers, extra=extra)
