"""Endpoints and their events: writing what is to be told, and taking it for sending."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dbsbm.database.session import Row, Session
from dbsbm.webhooks import nudge
from dbsbm.webhooks.model import Endpoint, EndpointState, Event, EventState, Told

_ENDPOINT = """SELECT guild_id, endpoint_id, url, url_cipher, secret_cipher, events, state, created_by, created_at,
 failures, failing_since, waits_until FROM webhook_endpoints WHERE guild_id = %s """
_EVENT = """SELECT guild_id, endpoint_id, event_id, event, subject_id, seq, occurred_at, body, state, attempts,
 attempted_at, status, error FROM webhook_events WHERE guild_id = %s AND endpoint_id = %s """
_TELL = """INSERT IGNORE INTO webhook_events (guild_id, endpoint_id, event_id, event, subject_id, seq, occurred_at,
 body, state)
SELECT e.guild_id, e.endpoint_id, %s, %s, %s, %s, %s, %s, IF(e.state = 'parked', 'parked', 'pending')
FROM webhook_endpoints e WHERE e.guild_id = %s AND e.state <> 'removed' AND FIND_IN_SET(%s, e.events) > 0"""
_TEST = """INSERT INTO webhook_events (guild_id, endpoint_id, event_id, event, subject_id, seq, occurred_at, body,
 state) VALUES (%s, %s, %s, 'test', 0, 0, %s, %s, 'pending')"""


class WebhookRepository:
    """The endpoints of one guild."""

    def __init__(self, session: Session, guild_id: int) -> None:
        self._session = session
        self._guild_id = guild_id

    def bet_created(self, bet_id: int, at: datetime) -> None:
        """Tell of a new bet, in the transaction that writes it. Its body is made when it is first sent."""
        self._tell(f"bet-{bet_id}-created", Event.BET_CREATED, bet_id, 0, at, None)

    def bet_decided(self, bet_id: int, grade_seq: int, *, first: bool, at: datetime) -> None:
        """Tell of a decision about a bet; ``first``: it was open before and has a grade now."""
        event = Event.BET_GRADED if first else Event.BET_REGRADED
        self._tell(f"bet-{bet_id}-grade-{grade_seq}", event, bet_id, grade_seq, at, None)

    def capper_changed(self, event_id: int, user_id: int, body: str, at: datetime) -> None:
        """Tell how a capper stands from now on."""
        self._tell(f"capper-{event_id}", Event.CAPPER_CHANGED, user_id, 0, at, body)

    def test(self, endpoint_id: int, event_id: int, body: str, at: datetime) -> None:
        """Tell one endpoint nothing but that it is reached."""
        self._session.execute(_TEST, (self._guild_id, endpoint_id, f"test-{event_id}", at, body))
        nudge.note()

    def _tell(  # noqa: PLR0917 — the columns of a row
        self, event_id: str, event: Event, subject_id: int, seq: int, at: datetime, body: str | None
    ) -> None:
        values = (event_id, event.value, subject_id, seq, at, body, self._guild_id, event.value)
        if self._session.execute(_TELL, values):
            nudge.note()

    def add(self, endpoint: Endpoint) -> None:
        self._session.execute(
            """INSERT INTO webhook_endpoints (guild_id, endpoint_id, url, url_cipher, plain_http, secret_cipher, events,
               created_by, created_at) VALUES (%s, %s, '', %s, %s, %s, %s, %s, %s)""",
            (
                self._guild_id,
                endpoint.endpoint_id,
                endpoint.url_cipher,
                not endpoint.url.startswith("https://"),
                endpoint.secret_cipher,
                ",".join(event.value for event in endpoint.events),
                endpoint.created_by,
                endpoint.created_at,
            ),
        )

    def count(self) -> int:
        # By PRIMARY.
        row = self._session.one(
            "SELECT COUNT(*) AS n FROM webhook_endpoints WHERE guild_id = %s AND state <> 'removed'", (self._guild_id,)
        )
        return int(row["n"]) if row else 0

    def endpoints(self) -> list[Endpoint]:
        """Those that were not removed, oldest first."""
        # By PRIMARY, in order.
        rows = self._session.all(_ENDPOINT + "AND state <> 'removed' ORDER BY endpoint_id", (self._guild_id,))
        return [_endpoint(row) for row in rows]

    def endpoint(self, endpoint_id: int) -> Endpoint | None:
        # By PRIMARY.
        row = self._session.one(
            _ENDPOINT + "AND endpoint_id = %s AND state <> 'removed'", (self._guild_id, endpoint_id)
        )
        return None if row is None else _endpoint(row)

    def remove(self, endpoint_id: int) -> None:
        """Forget where and with which secret; what was not sent never is."""
        # By PRIMARY.
        self._session.execute(
            """UPDATE webhook_endpoints SET state = 'removed', url = '', url_cipher = '', secret_cipher = ''
               WHERE guild_id = %s AND endpoint_id = %s""",
            (self._guild_id, endpoint_id),
        )
        # By webhook_events_in_order.
        self._session.execute(
            """UPDATE webhook_events SET state = 'dropped'
               WHERE guild_id = %s AND endpoint_id = %s AND state IN ('pending', 'parked')""",
            (self._guild_id, endpoint_id),
        )

    def latest(self, endpoint_id: int, limit: int) -> list[Told]:
        """The newest events of an endpoint."""
        # By webhook_events_latest, backwards.
        rows = self._session.all(_EVENT + "ORDER BY occurred_at DESC LIMIT %s", (self._guild_id, endpoint_id, limit))
        return [_told(row) for row in rows]

    def waiting(self, endpoint_id: int) -> int:
        """How many events have not got through."""
        # By webhook_events_in_order.
        row = self._session.one(
            """SELECT COUNT(*) AS n FROM webhook_events
               WHERE guild_id = %s AND endpoint_id = %s AND state IN ('pending', 'parked')""",
            (self._guild_id, endpoint_id),
        )
        return int(row["n"]) if row else 0

    def resend(self, endpoint_id: int, event_id: str) -> bool:
        """Send an event again, under the same id; False when the endpoint has no such event."""
        # By PRIMARY.
        found = self._session.execute(
            """UPDATE webhook_events SET state = 'pending'
               WHERE guild_id = %s AND endpoint_id = %s AND event_id = %s AND state <> 'dropped'""",
            (self._guild_id, endpoint_id, event_id),
        )
        nudge.note()
        return found == 1

    def change_secret(self, endpoint_id: int, before: bytes, cipher: bytes) -> bool:
        """Replace a secret; False when it is another than ``before`` by now."""
        # By PRIMARY.
        found = self._session.execute(
            """UPDATE webhook_endpoints SET secret_cipher = %s
               WHERE guild_id = %s AND endpoint_id = %s AND secret_cipher = %s AND state <> 'removed'""",
            (cipher, self._guild_id, endpoint_id, before),
        )
        return found == 1

    def resume(self, endpoint_id: int) -> None:
        """Try a parked or waiting endpoint again at once, with all that is kept for it."""
        # By PRIMARY.
        self._session.execute(
            """UPDATE webhook_endpoints SET state = 'live', failures = 0, failing_since = NULL, waits_until = NULL
               WHERE guild_id = %s AND endpoint_id = %s AND state <> 'removed'""",
            (self._guild_id, endpoint_id),
        )
        # By webhook_events_in_order.
        self._session.execute(
            """UPDATE webhook_events SET state = 'pending'
               WHERE guild_id = %s AND endpoint_id = %s AND state = 'parked'""",
            (self._guild_id, endpoint_id),
        )
        nudge.note()


class WebhookQueue:
    """The sending side. Not guild-scoped: it serves every guild."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def due(self, now: datetime, limit: int) -> list[tuple[int, int]]:
        """Endpoints with something to send, nobody at it and no wait: (guild id, endpoint id), oldest events first."""
        # By webhook_events_due, and the PRIMARY of the endpoints.
        rows = self._session.all(
            """SELECT v.guild_id, v.endpoint_id FROM webhook_events v
               JOIN webhook_endpoints e ON e.guild_id = v.guild_id AND e.endpoint_id = v.endpoint_id
               WHERE v.state = 'pending' AND v.occurred_at <= %s AND e.state = 'live'
               AND (e.waits_until IS NULL OR e.waits_until <= %s) AND (e.locked_until IS NULL OR e.locked_until <= %s)
               GROUP BY v.guild_id, v.endpoint_id ORDER BY MIN(v.occurred_at), v.endpoint_id LIMIT %s""",
            (now, now, now, limit),
        )
        return [(row["guild_id"], row["endpoint_id"]) for row in rows]

    def sealed_after(self, guild_id: int, endpoint_id: int, limit: int) -> Sequence[Row]:
        """Endpoints of all guilds with what is sealed of them, in order of guild and endpoint."""
        # By PRIMARY.
        return self._session.all(
            """SELECT guild_id, endpoint_id, secret_cipher, url_cipher FROM webhook_endpoints
               WHERE guild_id >= %s AND (guild_id > %s OR endpoint_id > %s) AND state <> 'removed'
               ORDER BY guild_id, endpoint_id LIMIT %s""",
            (guild_id, guild_id, endpoint_id, limit),
        )

    def reseal_address(self, guild_id: int, endpoint_id: int, before: bytes, cipher: bytes) -> None:
        """The same address under another key (by PRIMARY)."""
        self._session.execute(
            """UPDATE webhook_endpoints SET url_cipher = %s
               WHERE guild_id = %s AND endpoint_id = %s AND url_cipher = %s AND state <> 'removed'""",
            (cipher, guild_id, endpoint_id, before),
        )

    def reseal_secret(self, guild_id: int, endpoint_id: int, before: bytes, cipher: bytes) -> None:
        """The same secret under another key, unless it was changed meanwhile."""
        # By PRIMARY.
        self._session.execute(
            """UPDATE webhook_endpoints SET secret_cipher = %s
               WHERE guild_id = %s AND endpoint_id = %s AND secret_cipher = %s AND state <> 'removed'""",
            (cipher, guild_id, endpoint_id, before),
        )

    def lease(self, guild_id: int, endpoint_id: int, owner: str, now: datetime, until: datetime) -> bool:
        """Take or renew the right to send to an endpoint; False while another run has it."""
        # By PRIMARY.
        held = self._session.execute(
            """UPDATE webhook_endpoints SET locked_by = %s, locked_until = %s
               WHERE guild_id = %s AND endpoint_id = %s
               AND (locked_by IS NULL OR locked_by = %s OR locked_until <= %s)""",
            (owner, until, guild_id, endpoint_id, owner, now),
        )
        return held == 1

    def release(self, guild_id: int, endpoint_id: int, owner: str) -> None:
        # By PRIMARY.
        self._session.execute(
            """UPDATE webhook_endpoints SET locked_by = NULL, locked_until = NULL
               WHERE guild_id = %s AND endpoint_id = %s AND locked_by = %s""",
            (guild_id, endpoint_id, owner),
        )

    def in_the_clear(self, limit: int) -> Sequence[Row]:
        """Addresses from before they were sealed, held (by webhook_endpoints_in_the_clear: none of the sealed)."""
        return self._session.all(
            "SELECT guild_id, endpoint_id, url FROM webhook_endpoints FORCE INDEX (webhook_endpoints_in_the_clear) "
            "WHERE url > '' LIMIT %s FOR UPDATE",
            (limit,),
        )

    def seal_address(self, guild_id: int, endpoint_id: int, cipher: bytes, *, plain: bool) -> None:
        # By PRIMARY.
        self._session.execute(
            """UPDATE webhook_endpoints SET url = '', url_cipher = %s, plain_http = %s
               WHERE guild_id = %s AND endpoint_id = %s""",
            (cipher, plain, guild_id, endpoint_id),
        )

    def first(self, guild_id: int, endpoint_id: int) -> Told | None:
        """What an endpoint is told next: in the order it happened."""
        # By webhook_events_in_order.
        row = self._session.one(
            _EVENT + "AND state = 'pending' ORDER BY occurred_at, subject_id, seq LIMIT 1", (guild_id, endpoint_id)
        )
        return None if row is None else _told(row)

    def begin(self, event: Told, body: str, now: datetime) -> None:
        """Write down that an attempt is made, and with which body."""
        # By PRIMARY.
        self._session.execute(
            """UPDATE webhook_events SET body = %s, attempts = attempts + 1, attempted_at = %s
               WHERE guild_id = %s AND endpoint_id = %s AND event_id = %s""",
            (body, now, event.guild_id, event.endpoint_id, event.event_id),
        )

    def record(self, event: Told, state: EventState, status: int | None, error: str) -> None:
        """What became of an attempt."""
        # By PRIMARY.
        self._session.execute(
            """UPDATE webhook_events SET state = %s, status = %s, error = %s
               WHERE guild_id = %s AND endpoint_id = %s AND event_id = %s AND state = 'pending'""",
            (state.value, status, error[:190], event.guild_id, event.endpoint_id, event.event_id),
        )

    def succeeded(self, guild_id: int, endpoint_id: int) -> None:
        # By PRIMARY.
        self._session.execute(
            """UPDATE webhook_endpoints SET failures = 0, failing_since = NULL, waits_until = NULL
               WHERE guild_id = %s AND endpoint_id = %s""",
            (guild_id, endpoint_id),
        )

    def wait(self, guild_id: int, endpoint_id: int, since: datetime, until: datetime) -> None:
        """The last attempt failed, and so did all since ``since``; the next one is made at ``until``."""
        # By PRIMARY.
        self._session.execute(
            """UPDATE webhook_endpoints SET failures = failures + 1, failing_since = %s, waits_until = %s
               WHERE guild_id = %s AND endpoint_id = %s""",
            (since, until, guild_id, endpoint_id),
        )

    def park(self, guild_id: int, endpoint_id: int) -> None:
        """Keep what an endpoint is to be told, and try no more."""
        # By PRIMARY.
        self._session.execute(
            """UPDATE webhook_endpoints SET state = 'parked', failures = failures + 1
               WHERE guild_id = %s AND endpoint_id = %s AND state = 'live'""",
            (guild_id, endpoint_id),
        )
        # By webhook_events_in_order.
        self._session.execute(
            """UPDATE webhook_events SET state = 'parked'
               WHERE guild_id = %s AND endpoint_id = %s AND state = 'pending'""",
            (guild_id, endpoint_id),
        )


def _endpoint(row: Row) -> Endpoint:
    return Endpoint(
        guild_id=row["guild_id"],
        endpoint_id=row["endpoint_id"],
        url=row["url"],
        url_cipher=row["url_cipher"],
        secret_cipher=row["secret_cipher"],
        events=tuple(Event(name) for name in row["events"].split(",")),
        state=EndpointState(row["state"]),
        created_by=row["created_by"],
        created_at=row["created_at"],
        failures=row["failures"],
        failing_since=row["failing_since"],
        waits_until=row["waits_until"],
    )


def _told(row: Row) -> Told:
    return Told(
        guild_id=row["guild_id"],
        endpoint_id=row["endpoint_id"],
        event_id=row["event_id"],
        event=Event(row["event"]),
        subject_id=row["subject_id"],
        seq=row["seq"],
        occurred_at=row["occurred_at"],
        body=row["body"],
        state=EventState(row["state"]),
        attempts=row["attempts"],
        attempted_at=row["attempted_at"],
        status=row["status"],
        error=row["error"],
    )
