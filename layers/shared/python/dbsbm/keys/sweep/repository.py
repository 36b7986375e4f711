"""Words of all guilds, as far as they are to be sealed or sealed anew. Not guild-scoped: it is housekeeping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from dbsbm.database.session import Row, Session
from dbsbm.keys.words import CASE, DECISION, NOTE, SealedWords

_NEXT_GUILD = {
    CASE: "SELECT guild_id FROM disputes WHERE guild_id > %s ORDER BY guild_id LIMIT 1",
    DECISION: "SELECT guild_id FROM bet_grades WHERE guild_id > %s ORDER BY guild_id LIMIT 1",
    NOTE: "SELECT guild_id FROM bet_revisions WHERE guild_id > %s ORDER BY guild_id LIMIT 1",
}
_CASES = """SELECT guild_id, dispute_id AS object_id, number, user_id AS owner_id, said, proof FROM dispute_events
 WHERE guild_id = %s AND dispute_id > %s ORDER BY dispute_id, number LIMIT %s"""
_DECISIONS = """SELECT guild_id, bet_id AS object_id, grade_seq AS number, decided_by AS owner_id, source, reason
 FROM bet_grades WHERE guild_id = %s AND bet_id > %s ORDER BY bet_id, grade_seq LIMIT %s"""
_NOTES = """SELECT r.guild_id, r.bet_id AS object_id, r.revision AS number, b.capper_id AS owner_id, r.link, r.write_up
 FROM bet_revisions r JOIN bets b ON b.guild_id = r.guild_id AND b.bet_id = r.bet_id
 WHERE r.guild_id = %s AND r.bet_id > %s ORDER BY r.bet_id, r.revision LIMIT %s"""
_PAGE = {CASE: _CASES, DECISION: _DECISIONS, NOTE: _NOTES}
_EMPTY_CASE = """UPDATE dispute_events SET said = '', proof = ''
 WHERE guild_id = %s AND dispute_id = %s AND number = %s"""
_EMPTY_DECISION = "UPDATE bet_grades SET reason = '' WHERE guild_id = %s AND bet_id = %s AND grade_seq = %s"
_EMPTY_NOTE = """UPDATE bet_revisions SET link = '', write_up = '', noted = 1
 WHERE guild_id = %s AND bet_id = %s AND revision = %s"""
_EMPTY = {CASE: _EMPTY_CASE, DECISION: _EMPTY_DECISION, NOTE: _EMPTY_NOTE}
_LONGEST = 1000
"""A case or a bet never has so many steps: a page is never filled by one."""
_KEY = ("guild_id", "place", "object_id", "number")
_TEXTS = ("said", "proof", "reason", "link", "write_up")


class SweepRepository:
    KINDS = (CASE, DECISION, NOTE)

    def __init__(self, session: Session) -> None:
        self._session = session

    def under(self, kid: bytes, after: Row | None, limit: int) -> Sequence[Row]:
        """What is sealed under a key, after a row, held until the transaction ends (by sealed_words_by_key)."""
        last = (0, "", 0, 0) if after is None else tuple(after[name] for name in _KEY)
        return self._session.all(
            "SELECT guild_id, place, object_id, number, owner_id, sealed FROM sealed_words WHERE kid = %s "
            "AND (guild_id, place, object_id, number) > (%s, %s, %s, %s) "
            "ORDER BY guild_id, place, object_id, number LIMIT %s FOR UPDATE",
            (kid, *last, limit),
        )

    def replace(self, row: Row, kid: bytes, newer: bytes, sealed: bytes) -> None:
        """The same words under another key (by PRIMARY)."""
        self._session.execute(
            "UPDATE sealed_words SET kid = %s, sealed = %s "
            "WHERE guild_id = %s AND place = %s AND object_id = %s AND number = %s AND kid = %s",
            (newer, sealed, row["guild_id"], row["place"], row["object_id"], row["number"], kid),
        )

    def unsealed(self, kind: str, limit: int, now: datetime) -> tuple[Sequence[Row], bool]:
        """Texts in the open among the next rows, and whether there are more rows; notes how far it is."""
        # By PRIMARY.
        progress = self._session.one(
            "SELECT guild_id, object_id, done_at FROM sealing_progress WHERE place = %s FOR UPDATE", (kind,)
        )
        if progress is not None and progress["done_at"] is not None:
            return [], False
        guild_id, after = (0, 0) if progress is None else (progress["guild_id"], progress["object_id"])
        # Each by PRIMARY, in order.
        rows = self._session.all(_PAGE[kind], (guild_id, after, limit + _LONGEST))
        if not rows:
            following = self._session.one(_NEXT_GUILD[kind], (guild_id,))
            self._note(kind, guild_id if following is None else following["guild_id"], 0, now, following is None)
            return [], following is not None
        whole = _whole(rows, limit + _LONGEST)
        self._note(kind, guild_id, whole[-1]["object_id"], now, False)
        return [row for row in whole if _in_the_open(row)], True

    def take_in(self, kind: str, row: Row) -> None:
        """Seal what stands in the open, and empty it there (by PRIMARY)."""
        key = (row["guild_id"], row["object_id"], row["number"])
        words = {name: str(row[name]) for name in _TEXTS if name in row}
        SealedWords(self._session, row["guild_id"]).put(kind, row["object_id"], row["number"], row["owner_id"], words)
        self._session.execute(_EMPTY[kind], key)

    def _note(self, kind: str, guild_id: int, object_id: int, now: datetime, done: bool) -> None:
        # By PRIMARY.
        self._session.execute(
            """INSERT INTO sealing_progress (place, guild_id, object_id, done_at) VALUES (%s, %s, %s, %s)
               ON DUPLICATE KEY UPDATE guild_id = VALUES(guild_id), object_id = VALUES(object_id),
               done_at = VALUES(done_at)""",
            (kind, guild_id, object_id, now if done else None),
        )


def _whole(rows: Sequence[Row], most: int) -> Sequence[Row]:
    """Without the last object where the page ends in the middle of it, perhaps."""
    if len(rows) < most:
        return rows
    last = rows[-1]["object_id"]
    return [row for row in rows if row["object_id"] != last] or rows


def _in_the_open(row: Mapping[str, object]) -> bool:
    if row.get("source") == "auto":
        return False
    return any(row.get(name) for name in _TEXTS)
