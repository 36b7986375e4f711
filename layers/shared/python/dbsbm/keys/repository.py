"""What the database knows of data keys: their names and ages, and what is sealed with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from dbsbm.audit.events import Kind, Subject
from dbsbm.audit.repository import AuditRepository
from dbsbm.database.session import Row, Session

_EVER = datetime(2000, 1, 1, tzinfo=UTC)
_BY_AGE = ("replaced_at", "made_at", "user_id", "version")


class KeyRepository:
    """Not guild-scoped: a key is a person's."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def current(self, user_id: int) -> bytes | None:
        """The id of the key that seals for a person now."""
        # By PRIMARY, backwards.
        row = self._session.one(
            "SELECT kid FROM data_keys WHERE user_id = %s ORDER BY version DESC LIMIT 1", (user_id,)
        )
        return None if row is None else bytes(row["kid"])

    def add(self, user_id: int, kid: bytes, at: datetime) -> bytes:
        """A new key seals from now on, unless somebody else has just added one: returns the one that does."""
        # By PRIMARY.
        last = self._session.one("SELECT MAX(version) AS last FROM data_keys WHERE user_id = %s", (user_id,))
        version = int((last or {}).get("last") or 0) + 1
        self._session.execute(
            "INSERT IGNORE INTO data_keys (user_id, version, kid, made_at) VALUES (%s, %s, %s, %s)",
            (user_id, version, kid, at),
        )
        # By PRIMARY.
        self._session.execute(
            "UPDATE data_keys SET replaced_at = %s WHERE user_id = %s AND version < %s AND replaced_at IS NULL",
            (at, user_id, version),
        )
        now = self.current(user_id) or kid
        if now != kid:
            self.condemn_one(kid, at)
        else:
            self._append(_key(kid), {"action": "made", "version": version})
        return now

    def aged(self, made_before: datetime, limit: int) -> Sequence[Row]:
        """Keys in use that are older, oldest first (by data_keys_by_age)."""
        return self._session.all(
            "SELECT user_id, kid, made_at FROM data_keys WHERE replaced_at IS NULL AND made_at < %s "
            "ORDER BY made_at LIMIT %s",
            (made_before, limit),
        )

    def replaced_in_use(self, before: datetime, after: Row | None, limit: int) -> Sequence[Row]:
        """Keys that seal no more since a time, and under which there is something still, oldest first, after one."""
        last = (_EVER, _EVER, 0, 0) if after is None else tuple(after[name] for name in _BY_AGE)
        # By data_keys_by_age, and sealed_words_by_key for each.
        return self._session.all(
            "SELECT kid, user_id, version, made_at, replaced_at FROM data_keys "
            "WHERE replaced_at >= %s AND replaced_at < %s "
            "AND (replaced_at, made_at, user_id, version) > (%s, %s, %s, %s) "
            "AND EXISTS (SELECT 1 FROM sealed_words WHERE sealed_words.kid = data_keys.kid) "
            "ORDER BY replaced_at, made_at, user_id, version LIMIT %s",
            (last[0], before, *last, limit),
        )

    def replaced_unused(self, before: datetime, limit: int) -> Sequence[Row]:
        """Keys that seal no more since a time, and under which there is nothing, oldest first."""
        # By data_keys_by_age, and sealed_words_by_key for each.
        return self._session.all(
            "SELECT kid FROM data_keys WHERE replaced_at < %s "
            "AND NOT EXISTS (SELECT 1 FROM sealed_words WHERE sealed_words.kid = data_keys.kid) "
            "ORDER BY replaced_at LIMIT %s",
            (before, limit),
        )

    def oldest(self) -> Row | None:
        """When the oldest key in use was made (by data_keys_by_age)."""
        return self._session.one("SELECT made_at FROM data_keys WHERE replaced_at IS NULL ORDER BY made_at LIMIT 1")

    def condemn(self, user_id: int, request_id: int, at: datetime) -> int:
        """A person's keys are to be destroyed: from now on nothing says whose they were (by PRIMARY)."""
        self._session.execute(
            "INSERT IGNORE INTO shredded_keys (kid, request_id, condemned_at) "
            "SELECT kid, %s, %s FROM data_keys WHERE user_id = %s",
            (request_id, at, user_id),
        )
        condemned = self._session.execute("DELETE FROM data_keys WHERE user_id = %s", (user_id,))
        if condemned:
            self._append(f"keys:{request_id}", {"action": "condemned", "keys": condemned})
        return condemned

    def condemn_one(self, kid: bytes, at: datetime) -> None:
        """One key that seals nothing any more is to be destroyed (by data_keys_by_kid)."""
        self._session.execute(
            "INSERT IGNORE INTO shredded_keys (kid, request_id, condemned_at) VALUES (%s, 0, %s)", (kid, at)
        )
        self._session.execute("DELETE FROM data_keys WHERE kid = %s", (kid,))
        self._append(_key(kid), {"action": "condemned"})

    def of_request(self, request_id: int) -> Sequence[Row]:
        """What an erasure condemned (by shredded_keys_by_request)."""
        return self._session.all(
            "SELECT kid, condemned_at, gone_at, versions FROM shredded_keys WHERE request_id = %s ORDER BY kid",
            (request_id,),
        )

    def pending(self, limit: int) -> Sequence[Row]:
        """What is condemned and not known to be gone (by shredded_keys_pending)."""
        return self._session.all(
            "SELECT kid FROM shredded_keys WHERE gone_at IS NULL ORDER BY condemned_at LIMIT %s", (limit,)
        )

    def gone(self, kid: bytes, versions: int, at: datetime) -> None:
        """A key was destroyed, and it was read back that it is (by PRIMARY)."""
        self._session.execute(
            "UPDATE shredded_keys SET gone_at = %s, versions = versions + %s WHERE kid = %s", (at, versions, kid)
        )
        self._append(_key(kid), {"action": "destroyed", "versions": versions})

    def after(self, kid: bytes, limit: int) -> list[bytes]:
        """The ids of keys past one, in order (by data_keys_by_kid)."""
        rows = self._session.all("SELECT kid FROM data_keys WHERE kid > %s ORDER BY kid LIMIT %s", (kid, limit))
        return [bytes(row["kid"]) for row in rows]

    def counts_on(self, kid: bytes) -> bool:
        """Whether a key is to open things still: it was not condemned (by data_keys_by_kid)."""
        return self._session.one("SELECT 1 FROM data_keys WHERE kid = %s", (kid,)) is not None

    def known(self, kids: Sequence[bytes]) -> set[bytes]:
        """Which of these the database has or condemned (by data_keys_by_kid and PRIMARY)."""
        if not kids:
            return set()
        kept = self._session.all("SELECT kid FROM data_keys WHERE kid IN %s", (tuple(kids),))
        condemned = self._session.all("SELECT kid FROM shredded_keys WHERE kid IN %s", (tuple(kids),))
        return {bytes(row["kid"]) for row in (*kept, *condemned)}

    def _append(self, name: str, details: Mapping[str, object]) -> None:
        AuditRepository(self._session, 0).append(Kind.KEY_STEP, Subject(name), details)


def _key(kid: bytes) -> str:
    return f"key:{kid.hex()}"


class SealedRepository:
    """The table ``sealed_words`` of one guild."""

    def __init__(self, session: Session, guild_id: int) -> None:
        self._session = session
        self._guild_id = guild_id

    def put(self, row: tuple[str, int, int, int, bytes, bytes], at: datetime) -> None:
        """Place, object, number, owner, key id and ciphertext; what stood there is replaced (by PRIMARY)."""
        self._session.execute(
            """INSERT INTO sealed_words (guild_id, place, object_id, number, owner_id, kid, sealed, sealed_at)
               VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON DUPLICATE KEY UPDATE owner_id = VALUES(owner_id),
               kid = VALUES(kid), sealed = VALUES(sealed), sealed_at = VALUES(sealed_at)""",
            (self._guild_id, *row, at),
        )

    def of(self, place: str, object_id: int) -> Sequence[Row]:
        # By PRIMARY.
        return self._session.all(
            "SELECT number, owner_id, sealed FROM sealed_words WHERE guild_id = %s AND place = %s AND object_id = %s "
            "ORDER BY number",
            (self._guild_id, place, object_id),
        )

    def at(self, place: str, object_id: int, number: int) -> Row | None:
        # By PRIMARY.
        return self._session.one(
            "SELECT owner_id, sealed FROM sealed_words WHERE guild_id = %s AND place = %s AND object_id = %s "
            "AND number = %s",
            (self._guild_id, place, object_id, number),
        )

    def drop(self, place: str, object_id: int) -> None:
        # By PRIMARY.
        self._session.execute(
            "DELETE FROM sealed_words WHERE guild_id = %s AND place = %s AND object_id = %s",
            (self._guild_id, place, object_id),
        )
