"""What operators ask the database: one statement that reads, noted where nobody can change it before it is answered."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pymysql

from dbsbm.accounts.identity import about
from dbsbm.core.bucket import Bucket
from dbsbm.core.errors import InputError
from dbsbm.database.database import Database
from dbsbm.database.session import Session

MOST_ROWS = 1_000
STATEMENT_S = 20.0
_LONGEST = 20_000
_LONGEST_WHY = 500


@dataclass(frozen=True, slots=True)
class Question:
    """``by`` is who asks: of a stage the ARN that AWS vouches for; ``why`` the reason that is kept with it."""

    sql: str
    by: str
    why: str

    @classmethod
    def of(cls, event: Mapping[str, Any], by: Callable[[str], str]) -> Question:
        """Read ``{"sql", "why"}``; ``by`` says who asks what has that digest.

        Raises
        ------
        InputError
            When one is missing or too long; as ``by`` does.
        """
        found = {name: str(event.get(name) or "").strip() for name in ("sql", "why")}
        for name, most in (("sql", _LONGEST), ("why", _LONGEST_WHY)):
            if not found[name] or len(found[name]) > most:
                raise InputError(name, found[name][:80], f"has to be there, with at most {most} characters")
        return cls(found["sql"], by(about(found["sql"], found["why"])), found["why"])


def note(bucket: Bucket, question: Question, at: datetime, request_id: str) -> str:
    """Write down what is asked; returns the key. Raises BucketError: then nothing may be answered."""
    key = f"sql/{at:%Y/%m/%d}/{at:%H%M%S}-{request_id}.json"
    told = {"v": 1, "at": at.isoformat(), "by": question.by, "why": question.why, "sql": question.sql}
    bucket.put(key, json.dumps(told, ensure_ascii=False).encode(), new=True)
    return key


def answer(database: Database, question: Question) -> dict[str, Any]:
    """The rows, at most a thousand, as JSON values.

    The account may only read, the transaction is read-only, and the server takes one statement alone.

    Raises
    ------
    InputError
        With the server's own words when it refuses the statement.
    DatabaseUnavailableError
        When it takes longer than 20 s, or the server is away.
    """
    try:
        with database.read(statement_s=STATEMENT_S) as session:
            rows = _rows(session, question.sql)
    except pymysql.err.Error as error:
        raise InputError("sql", question.sql[:80], str(error.args[-1])) from error
    return {
        "columns": list(rows[0]) if rows else [],
        "rows": [[_plain(value) for value in row.values()] for row in rows],
    }


def fingerprint(question: Question) -> str:
    """What stands in the log instead of the statement, whose values may be private."""
    return hashlib.sha256(question.sql.encode()).hexdigest()[:16]


def _rows(session: Session, sql: str) -> list[Mapping[str, Any]]:
    session.execute("SET SESSION sql_select_limit = %s", (MOST_ROWS,))
    session.execute("SET @asked = %s", (sql,))
    session.execute("START TRANSACTION READ ONLY")
    session.execute("PREPARE asked FROM @asked")
    return list(session.all("EXECUTE asked"))


def _plain(value: object) -> Any:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case bytes():
            return f"0x{value.hex()}"
        case datetime() | date():
            return value.isoformat()
        case Decimal() | timedelta():
            return str(value)
        case _:
            return repr(value)
