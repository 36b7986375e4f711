"""The table ``privacy_requests``. Not guild-scoped: a request is of a person."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from dbsbm.audit.events import Kind as Event
from dbsbm.audit.events import Subject
from dbsbm.audit.repository import AuditRepository
from dbsbm.database.session import Row, Session
from dbsbm.privacy.requests.model import Kind, Request, State

_REQUEST = """SELECT request_id, subject, user_id, kind, state, received_at, confirm_by, answer_by, begins_at, stage,
 cursor_guild, cursor_key, names, counts, done_at FROM privacy_requests """


def subject_of(request_id: int) -> Subject:
    """What the audit log calls a request."""
    return Subject(f"privacy:{request_id}")


class RequestRepository:
    """``subjects`` are all names a person may be keyed by, one for each key in use."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, request: Request) -> None:
        """A new request; one with the same number that is there already begins anew."""
        # By PRIMARY.
        self._session.execute(
            """INSERT INTO privacy_requests (request_id, subject, user_id, kind, state, received_at, confirm_by,
               answer_by, begins_at, names, counts) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, '[]', '{}')
               ON DUPLICATE KEY UPDATE user_id = VALUES(user_id), state = VALUES(state), stage = '', cursor_guild = 0,
               cursor_key = '', names = '[]', counts = '{}', done_at = NULL, begins_at = VALUES(begins_at)""",
            (
                *(request.request_id, request.subject, request.user_id, request.kind.value, request.state.value),
                *(request.received_at, request.confirm_by, request.answer_by, request.begins_at),
            ),
        )
        self._record(request)

    def of(self, subjects: Sequence[str], limit: int) -> list[Request]:
        """A person's requests, newest first."""
        # By privacy_requests_by_subject.
        rows = self._session.all(
            _REQUEST + "WHERE subject IN %s ORDER BY request_id DESC LIMIT %s", (list(subjects), limit)
        )
        return [_request(row) for row in rows]

    def lock(self, request_id: int) -> Request | None:
        # By PRIMARY.
        row = self._session.one(_REQUEST + "WHERE request_id = %s FOR UPDATE", (request_id,))
        return None if row is None else _request(row)

    def due(self, now: datetime, limit: int) -> list[Request]:
        """Erasures to begin or to go on with, oldest first."""
        # Each by privacy_requests_due.
        working = self._session.all(
            _REQUEST + "WHERE state = 'working' AND begins_at <= %s AND kind = 'delete' ORDER BY begins_at LIMIT %s",
            (now, limit),
        )
        waiting = self._session.all(
            _REQUEST + "WHERE state = 'waiting' AND begins_at <= %s AND kind = 'delete' ORDER BY begins_at LIMIT %s",
            (now, limit),
        )
        return [_request(row) for row in [*working, *waiting]][:limit]

    def erasing_since(self, since: datetime) -> list[Request]:
        """Erasures that are at work, or were until after a moment."""
        # By privacy_requests_due: an operator's question, seldom asked.
        rows = self._session.all(
            _REQUEST + "WHERE state IN ('working', 'done') AND kind = 'delete' AND (done_at IS NULL OR done_at > %s)",
            (since,),
        )
        return [_request(row) for row in rows]

    def late(self, now: datetime) -> int:
        """How many requests of any kind are past one of their days: not begun by the first, not done by the second.

        A copy of which a part was given is with the person: the next one is a button away.
        """
        # By privacy_requests_due.
        row = self._session.one(
            "SELECT COUNT(*) AS late FROM privacy_requests WHERE state IN ('waiting', 'working') "
            "AND (answer_by < %s OR (state = 'waiting' AND confirm_by < %s)) "
            "AND (kind = 'delete' OR JSON_EXTRACT(counts, '$.parts') IS NULL)",
            (now, now),
        )
        return int(row["late"]) if row else 0

    def keep(self, request: Request, receipt: str = "") -> Request:
        """How far it is. What is done forgets whose it was; the hash of its receipt goes into the audit log."""
        if request.kind is Kind.DELETE and not request.open:
            request = replace(request, user_id=None, names=())
        # By PRIMARY.
        self._session.execute(
            """UPDATE privacy_requests SET user_id = %s, state = %s, stage = %s, cursor_guild = %s, cursor_key = %s,
               names = %s, counts = %s, done_at = %s, begins_at = %s WHERE request_id = %s""",
            (
                *(request.user_id, request.state.value, request.stage, request.cursor_guild, request.cursor_key),
                *(json.dumps(list(request.names)), json.dumps(dict(request.counts)), request.done_at),
                *(request.begins_at, request.request_id),
            ),
        )
        if request.state in (State.DONE, State.WITHDRAWN):
            self._record(request, receipt)
        return request

    def _record(self, request: Request, receipt: str = "") -> None:
        details = {"kind": request.kind.value, "state": request.state.value}
        details |= {"receipt": receipt} if receipt else {}
        AuditRepository(self._session, 0).append(Event.PRIVACY_STEP, subject_of(request.request_id), details)


def _request(row: Row) -> Request:
    return Request(
        request_id=row["request_id"],
        subject=row["subject"],
        user_id=row["user_id"],
        kind=Kind(row["kind"]),
        state=State(row["state"]),
        received_at=row["received_at"],
        confirm_by=row["confirm_by"],
        answer_by=row["answer_by"],
        begins_at=row["begins_at"],
        stage=row["stage"],
        cursor_guild=row["cursor_guild"],
        cursor_key=row["cursor_key"],
        names=[_name(each) for each in json.loads(row["names"])],
        counts=json.loads(row["counts"]),
        done_at=row["done_at"],
    )


def _name(stored: list[Any] | str) -> tuple[int, str]:
    """An erasure that was under way before names had a place has them without: they count everywhere."""
    return (0, stored) if isinstance(stored, str) else (int(stored[0]), str(stored[1]))
