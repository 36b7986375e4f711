"""Tells endpoints what happened: each in order, one at a time, until it got through or was silent for a day."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from dbsbm.core import metrics
from dbsbm.core.errors import NotFoundError
from dbsbm.database.session import Session
from dbsbm.discord.definitions import Post
from dbsbm.dispatch.attempt import Outcome, Way, tell
from dbsbm.dispatch.body import body_of
from dbsbm.environment import Environment
from dbsbm.outbox.repository import OutboxRepository
from dbsbm.resilience.recovery import ENDPOINT_AWAY
from dbsbm.security.tokens import TokenTamperedError
from dbsbm.webhooks import signing
from dbsbm.webhooks.model import Endpoint, EndpointState, EventState, Told, secret_context
from dbsbm.webhooks.repository import WebhookQueue, WebhookRepository
from dbsbm.webhooks.sealing import addressed, take_in

logger = logging.getLogger(__name__)

PARKED_AFTER = timedelta(seconds=ENDPOINT_AWAY.give_up_s)
LEASE = timedelta(seconds=45)
"""Longer than an attempt with its records can take."""
_AT_ONCE = 50
AGENT = "DBSBM-Webhooks/1"

Notice = Callable[[Endpoint, int, Session], Post | None]
"""``(parked endpoint, events kept, session)`` → what the admins are told; None when there is nowhere to."""


@dataclass(frozen=True, slots=True)
class _Taken:
    endpoint: Endpoint
    event: Told
    body: bytes


class Dispatch:
    """One run. ``owner`` names it in its leases, so that two runs never tell one endpoint at once."""

    def __init__(self, environment: Environment, way: Way, notice: Notice, owner: str) -> None:
        self._environment = environment
        self._way = way
        self._notice = notice
        self._owner = owner
        self.counts: Counter[str] = Counter()
        self.posts: list[str] = []
        """Targets of the outbox that came about."""

    def run(self, has_time: Callable[[], bool]) -> dict[str, int]:
        """Tell whatever is due; returns the attempts by what became of them.

        Raises
        ------
        DatabaseUnavailableError
            What was told and not recorded is told again, under the same id.
        """
        while has_time() and self._environment.database.run(lambda session: take_in(session, self._environment.tokens)):
            pass
        seen: set[tuple[int, int]] = set()
        while due := [each for each in self._due() if each not in seen]:
            for guild_id, endpoint_id in due:
                seen.add((guild_id, endpoint_id))
                while has_time() and self._next(guild_id, endpoint_id):
                    pass
                if not has_time():
                    return dict(self.counts)
        return dict(self.counts)

    def _due(self) -> list[tuple[int, int]]:
        with self._environment.database.read() as session:
            return WebhookQueue(session).due(self._environment.clock.now(), _AT_ONCE)

    def _next(self, guild_id: int, endpoint_id: int) -> bool:
        """Tell an endpoint its next event; False when there is none, or it did not get through."""
        taken = self._environment.database.run(lambda session: self._take(session, guild_id, endpoint_id))
        if taken is None:
            return False
        outcome = self._told(taken)
        went = self._environment.database.run(lambda session: self._record(session, taken, outcome))
        self.counts[went] += 1
        metrics.record(metrics.WEBHOOKS, outcome=went)
        logger.info("told", extra={"event": taken.event.event_id, "outcome": went, "status": outcome.status})
        return outcome.good

    def _take(self, session: Session, guild_id: int, endpoint_id: int) -> _Taken | None:
        queue, now = WebhookQueue(session), self._environment.clock.now()
        if not queue.lease(guild_id, endpoint_id, self._owner, now, now + LEASE):
            return None
        endpoint = WebhookRepository(session, guild_id).endpoint(endpoint_id)
        event = queue.first(guild_id, endpoint_id)
        if endpoint is None or event is None or not _may_send(endpoint, now):
            queue.release(guild_id, endpoint_id, self._owner)
            return None
        try:
            body = event.body if event.attempts and event.body else body_of(session, event)
        except NotFoundError:
            queue.record(event, EventState.DROPPED, None, "the bet is gone")
            queue.release(guild_id, endpoint_id, self._owner)
            return None
        queue.begin(event, body, now)
        return _Taken(endpoint, event, body.encode())

    def _told(self, taken: _Taken) -> Outcome:
        endpoint, event = taken.endpoint, taken.event
        try:
            secret = self._environment.tokens.open(endpoint.secret_cipher, secret_context(endpoint.endpoint_id))
            url = addressed(self._environment.tokens, endpoint).url
        except TokenTamperedError:
            return Outcome(None, "its secret or its address does not open")
        signed = signing.headers(secret, event.event_id, self._environment.clock.now(), taken.body)
        headers = {"content-type": "application/json; charset=utf-8", "user-agent": AGENT, **signed}
        return tell(self._way, url, headers, taken.body)

    def _record(self, session: Session, taken: _Taken, outcome: Outcome) -> str:
        """Write down what became of an attempt; in which word it is counted."""
        queue, endpoint, now = WebhookQueue(session), taken.endpoint, self._environment.clock.now()
        guild_id, endpoint_id = endpoint.guild_id, endpoint.endpoint_id
        queue.lease(guild_id, endpoint_id, self._owner, now, now + LEASE)
        if outcome.good:
            queue.record(taken.event, EventState.SENT, outcome.status, "")
            queue.succeeded(guild_id, endpoint_id)
            return "sent"
        queue.record(taken.event, EventState.PENDING, outcome.status, outcome.error)
        since = endpoint.failing_since or now
        if outcome.gone or now - since >= PARKED_AFTER:
            queue.park(guild_id, endpoint_id)
            self._give_notice(session, endpoint, now)
            went = "parked"
        else:
            wait = outcome.retry_after_s or ENDPOINT_AWAY.wait_s(endpoint.failures, self._environment.random)
            queue.wait(guild_id, endpoint_id, since, now + timedelta(seconds=min(wait, ENDPOINT_AWAY.longest_s)))
            went = "failed"
        queue.release(guild_id, endpoint_id, self._owner)
        return went

    def _give_notice(self, session: Session, endpoint: Endpoint, now: datetime) -> None:
        kept = WebhookRepository(session, endpoint.guild_id).waiting(endpoint.endpoint_id)
        post = self._notice(addressed(self._environment.tokens, endpoint), kept, session)
        if post is None:
            return
        cause = f"parked-{endpoint.endpoint_id}-{int(now.timestamp())}"
        outbox = OutboxRepository(self._environment.tokens)
        self.posts.extend(outbox.enqueue(session, cause, endpoint.guild_id, [post], now))


def _may_send(endpoint: Endpoint, now: datetime) -> bool:
    return endpoint.state is EndpointState.LIVE and (endpoint.waits_until is None or endpoint.waits_until <= now)
