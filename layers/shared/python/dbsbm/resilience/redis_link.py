"""One connection to Redis that nobody waits for: after an error it is left alone for a while."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from dbsbm.core import metrics
from dbsbm.core.clock import Clock
from dbsbm.resilience.recovery import CACHE_AWAY

logger = logging.getLogger(__name__)

if TYPE_CHECKING:
    import redis


class RedisLink:
    """``ask`` answers None for ``open_s`` seconds after any error."""

    def __init__(self, connect: Callable[[], redis.Redis], clock: Clock, open_s: float = CACHE_AWAY.first_s) -> None:
        self._connect = connect
        self._clock = clock
        self._open_s = open_s
        self._client: redis.Redis | None = None
        self._closed_until: datetime | None = None

    def ask(self, question: Callable[[redis.Redis], Any]) -> Any:
        """One command's answer; None when Redis is away or was lately."""
        if self._closed_until is not None and self._clock.now() < self._closed_until:
            return None
        from redis.exceptions import RedisClusterException, RedisError  # noqa: PLC0415 — redis costs 200 ms to import

        try:
            if self._client is None:
                self._client = self._connect()
            answer = question(self._client)
        except (RedisError, RedisClusterException, OSError) as error:
            logger.warning("cache left alone", extra={"error": type(error).__name__})
            metrics.record(metrics.BREAKER, dependency="cache")
            self._closed_until = self._clock.now() + timedelta(seconds=self._open_s)
            return None
        self._closed_until = None
        return answer
