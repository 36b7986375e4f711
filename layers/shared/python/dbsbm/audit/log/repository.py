"""The log in the database: events that wait, tiles, checkpoints. Not guild-scoped: there is one tree for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dbsbm.audit.events import Entry
from dbsbm.audit.repository import entry_of
from dbsbm.database.session import Session

_COLUMNS = "SELECT event_id, leaf_index, guild_id, at, kind, actor, object, cause, details, seal FROM audit_events"
_LOG = 1


@dataclass(frozen=True, slots=True)
class Progress:
    """``size`` leaves are in the tree, ``published`` of them in the bucket."""

    size: int
    published: int


@dataclass(frozen=True, slots=True)
class Round:
    """A way through the whole log that is under way: the leaf it goes on with, and when it began."""

    following: int
    began_at: datetime | None


@dataclass(frozen=True, slots=True)
class Sealed:
    """A checkpoint with the key it is signed with."""

    size: int
    note: str
    public_key: bytes
    kept_at: datetime


class LogRepository:
    """Reads and extends the log."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def progress(self) -> Progress:
        # By PRIMARY.
        row = self._session.one("SELECT tree_size, published_size FROM audit_log WHERE log_id = %s", (_LOG,))
        return Progress(row["tree_size"], row["published_size"]) if row else Progress(0, 0)

    def round(self) -> Round:
        """Where the check goes on."""
        # By PRIMARY.
        row = self._session.one("SELECT round_next, round_began_at FROM audit_log WHERE log_id = %s", (_LOG,))
        return Round(row["round_next"], row["round_began_at"]) if row else Round(0, None)

    def beyond(self) -> int | None:
        """The first leaf behind the end of the tree that a row claims; of one moment, for the tree grows meanwhile."""
        # The log by PRIMARY, the first of a range by audit_events_by_leaf.
        row = self._session.one(
            "SELECT e.leaf_index FROM audit_log l JOIN audit_events e ON e.leaf_index >= l.tree_size "
            "WHERE l.log_id = %s ORDER BY e.leaf_index LIMIT 1",
            (_LOG,),
        )
        return row["leaf_index"] if row else None

    def lock(self) -> Progress:
        """The same, held until the transaction ends: one at a time takes events in."""
        self._session.execute(
            "INSERT INTO audit_log (log_id) VALUES (%s) ON DUPLICATE KEY UPDATE log_id = log_id", (_LOG,)
        )
        return self.progress()

    def oldest_waiting(self) -> datetime | None:
        """When the event happened that has waited longest."""
        # By audit_events_by_leaf.
        row = self._session.one("SELECT at FROM audit_events WHERE leaf_index IS NULL ORDER BY event_id LIMIT 1")
        return row["at"] if row else None

    def waiting(self, limit: int) -> Sequence[Entry]:
        """Events that are not in the tree, in the order of their numbers."""
        # By audit_events_by_leaf, in order.
        rows = self._session.all(_COLUMNS + " WHERE leaf_index IS NULL ORDER BY event_id LIMIT %s", (limit,))
        return [entry_of(row) for row in rows]

    def place(self, event_ids: Sequence[int], first: int) -> None:
        """Give events, by rising number, the leaves from ``first`` on."""
        # By PRIMARY of both.
        self._session.execute(
            """UPDATE audit_events e
               JOIN (SELECT event_id, ROW_NUMBER() OVER (ORDER BY event_id) AS place
                     FROM audit_events WHERE event_id IN %s) w ON w.event_id = e.event_id
               SET e.leaf_index = %s + w.place - 1""",
            (tuple(event_ids), first),
        )

    def entries(self, first: int, end: int) -> Sequence[Entry]:
        """The events at leaves ``first`` up to ``end``, in order."""
        # By audit_events_by_leaf, a range in order.
        rows = self._session.all(
            _COLUMNS + " WHERE leaf_index >= %s AND leaf_index < %s ORDER BY leaf_index, event_id", (first, end)
        )
        return [entry_of(row) for row in rows]

    def numbered(self, event_ids: Sequence[int]) -> Sequence[Entry]:
        """Events by their numbers, held until the transaction ends (by PRIMARY)."""
        rows = self._session.all(_COLUMNS + " WHERE event_id IN %s FOR UPDATE", (tuple(event_ids),))
        return [entry_of(row) for row in rows]

    def renumber(self, event_ids: Sequence[int]) -> None:
        """Give events that wait new numbers, the highest there are (each by PRIMARY)."""
        for event_id in event_ids:
            self._session.execute(
                """INSERT INTO audit_events (guild_id, at, kind, actor, object, cause, details, seal)
                   SELECT guild_id, at, kind, actor, object, cause, details, seal FROM audit_events
                   WHERE event_id = %s AND leaf_index IS NULL""",
                (event_id,),
            )
            self._session.execute("DELETE FROM audit_events WHERE event_id = %s AND leaf_index IS NULL", (event_id,))

    def bring(self, entries: Sequence[Entry]) -> None:
        """Events that were lost, under their own numbers and at their own leaves."""
        self._session.execute_many(
            "INSERT INTO audit_events (event_id, leaf_index, guild_id, at, kind, actor, object, cause, details, seal) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                (
                    *(each.event_id, each.leaf_index, each.guild_id, each.at, each.kind, each.actor, each.object),
                    *(each.cause, each.details, each.seal),
                )
                for each in entries
            ],
        )

    def put_leaves(self, entries: Sequence[Entry]) -> None:
        """The leaves of events that are there and waited (each by PRIMARY)."""
        for each in entries:
            self._session.execute(
                "UPDATE audit_events SET leaf_index = %s WHERE event_id = %s", (each.leaf_index, each.event_id)
            )

    def tile(self, level: int, number: int) -> bytes:
        """The hashes of a tile, b"" when there is none."""
        # By PRIMARY.
        row = self._session.one("SELECT hashes FROM audit_tiles WHERE level = %s AND tile = %s", (level, number))
        return row["hashes"] if row else b""

    def put_tiles(self, tiles: Mapping[tuple[int, int], bytes]) -> None:
        # By PRIMARY.
        self._session.execute_many(
            "INSERT INTO audit_tiles (level, tile, hashes) VALUES (%s, %s, %s) "
            "ON DUPLICATE KEY UPDATE hashes = VALUES(hashes)",
            [(level, number, hashes) for (level, number), hashes in tiles.items()],
        )

    def grown(self, size: int) -> None:
        # By PRIMARY.
        self._session.execute("UPDATE audit_log SET tree_size = %s WHERE log_id = %s", (size, _LOG))

    def published(self, size: int) -> None:
        # By PRIMARY.
        self._session.execute("UPDATE audit_log SET published_size = %s WHERE log_id = %s", (size, _LOG))

    def round_goes_on(self, following: int, began_at: datetime) -> None:
        # By PRIMARY.
        self._session.execute(
            "UPDATE audit_log SET round_next = %s, round_began_at = %s WHERE log_id = %s", (following, began_at, _LOG)
        )

    def round_done(self, size: int, began_at: datetime) -> None:
        """All of it was looked at; the next round begins at the first leaf."""
        # By PRIMARY.
        self._session.execute(
            "UPDATE audit_log SET round_next = 0, checked_size = %s, checked_since = %s WHERE log_id = %s",
            (size, began_at, _LOG),
        )

    def keep(self, sealed: Sealed) -> None:
        """A checkpoint; the first one of a size stays."""
        # By PRIMARY.
        self._session.execute(
            "INSERT INTO audit_checkpoints (tree_size, note, public_key, kept_at) VALUES (%s, %s, %s, %s) "
            "ON DUPLICATE KEY UPDATE tree_size = tree_size",
            (sealed.size, sealed.note, sealed.public_key, sealed.kept_at),
        )

    def newest_checkpoint(self) -> Sealed | None:
        # By PRIMARY, backwards.
        found = self.checkpoints_below((1 << 63) - 1, 1)
        return found[0] if found else None

    def checkpoints_below(self, size: int, limit: int) -> Sequence[Sealed]:
        """Checkpoints of smaller trees, largest first."""
        # By PRIMARY, backwards.
        rows = self._session.all(
            "SELECT tree_size, note, public_key, kept_at FROM audit_checkpoints WHERE tree_size < %s "
            "ORDER BY tree_size DESC LIMIT %s",
            (size, limit),
        )
        return [Sealed(row["tree_size"], row["note"], row["public_key"], row["kept_at"]) for row in rows]
