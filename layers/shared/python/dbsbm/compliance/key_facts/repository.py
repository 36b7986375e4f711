"""What the database shows of keys, of pseudonyms that were led back, and of holds: counts and kinds, never whose."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from dbsbm.database.session import Session

_NEWEST = 500


class KeyFacts:
    """Not guild-scoped: it is the operator's."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def all(self, at: datetime) -> dict[str, Any]:
        return {**self._ages(at), **self._shredded(at), **self._reveals(at), **self._holds(at)}

    def _ages(self, at: datetime) -> dict[str, Any]:
        # By PRIMARY: each kind is a range, some dozens of rows in all.
        rows = self._session.all(
            "SELECT kind, due_at, seen_at FROM key_ages WHERE kind IN ('data', 'kms', 'signer', 'secret')"
        )
        overdue = sorted({str(row["kind"]) for row in rows if row["due_at"] is not None and row["due_at"] <= at})
        seen = max((row["seen_at"] for row in rows), default=at)
        return {"keys": len(rows), "overdue": overdue, "seen_at": seen.isoformat()}

    def _shredded(self, at: datetime) -> dict[str, Any]:
        # By shredded_keys_pending, twice.
        pending = self._session.one(
            "SELECT COUNT(*) AS n FROM shredded_keys WHERE gone_at IS NULL AND condemned_at < %s",
            (at - timedelta(days=1),),
        )
        newest = self._session.all("SELECT gone_at FROM shredded_keys ORDER BY gone_at DESC LIMIT %s", (_NEWEST,))
        return {"condemned": len(newest), "pending": int(pending["n"]) if pending else 0}

    def _reveals(self, at: datetime) -> dict[str, Any]:
        # By PRIMARY, backwards.
        rows = self._session.all(
            "SELECT asked_by, approved_by, approved_at, hidden_at FROM reveals ORDER BY reveal_id DESC LIMIT %s",
            (_NEWEST,),
        )
        shown = [row for row in rows if row["approved_at"] is not None]
        long = [row for row in shown if (row["hidden_at"] or at) - row["approved_at"] > timedelta(days=2)]
        return {
            "reveals": len(shown),
            "alone": sum(row["asked_by"] == row["approved_by"] for row in shown),
            "shown_long": len(long),
        }

    def _holds(self, at: datetime) -> dict[str, Any]:
        # By PRIMARY, in order: a row for each case of a community.
        rows = self._session.all(
            "SELECT placed_at, released_at FROM legal_holds ORDER BY guild_id, case_id LIMIT %s", (_NEWEST,)
        )
        standing = [row for row in rows if row["released_at"] is None]
        long = sum(at - row["placed_at"] > timedelta(days=365) for row in standing)
        return {"holds": len(standing), "long_holds": long}
