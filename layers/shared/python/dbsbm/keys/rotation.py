"""New data keys for old: made after eighty days, what is sealed is sealed anew, and then the old key is destroyed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from dbsbm.core import metrics
from dbsbm.core.clock import Clock
from dbsbm.database.database import Database
from dbsbm.database.session import Keyring, Row, Session
from dbsbm.keys import envelope
from dbsbm.keys.envelope import SealBrokenError
from dbsbm.keys.repository import KeyRepository
from dbsbm.keys.ring import Shredder
from dbsbm.keys.shredding import destroy
from dbsbm.keys.sweep.repository import SweepRepository
from dbsbm.keys.words import place, sealing_key, tell_lost

logger = logging.getLogger(__name__)

RENEWED_AFTER = timedelta(days=80)
"""Ten days before a key is due, so that a sweep that is behind for days is not late."""
BATCH = 200
"""Rows sealed anew in one transaction."""
KEYS_AT_ONCE = 500
KEPT_FOR_BACKUPS = timedelta(days=45)
"""How long a replaced key opens what it sealed. Backups are gone after 43 days, and rows that came back out of one are
under the key of their day; two days more for a sweep that is behind."""
FAULTS = ("broken", "lost")
"""What a run found and could not mend: words that do not open, keys that the database has and the bucket has not."""
_PAST = b"\xff" * (envelope.KID_BYTES + 1)
ORPHAN = timedelta(days=1)
"""A key that no committed row names so long after it was made belongs to a transaction that came to nothing."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """One run; every step is bounded and may be cut off anywhere."""

    database: Database
    ring: Keyring
    shredder: Shredder
    clock: Clock
    has_time: Callable[[], bool]

    def run(self) -> dict[str, int]:
        """How many of each: keys renewed, words sealed anew, keys destroyed, words from before taken in; and of each of
        ``FAULTS``: words that do not open stay as they are, keys that are lost are told of.

        Raises
        ------
        DatabaseUnavailableError, BucketError
            What was done stays done.
        """
        taken_in, renewed = self._taken_in(), self._renewed()
        resealed, broken = self._resealed()
        metrics.record(metrics.KEY_FAULTS, broken, what="broken")
        self._condemned()
        return {
            "taken_in": taken_in,
            "renewed": renewed,
            "resealed": resealed,
            "broken": broken,
            "destroyed": self._destroyed(),
            "orphans": self._orphans(),
            "lost": len(self._lost()),
        }

    def give_up(self) -> int:
        """Keys that are lost are condemned like those of an erasure; returns how many.

        Raises
        ------
        DatabaseUnavailableError, BucketError
            As :meth:`run`.
        """
        lost = self._lost()
        for kid in lost:
            self.database.run(partial(_condemn, kid=kid, at=self.clock.now()))
        return len(lost)

    def _renewed(self) -> int:
        before, renewed = self.clock.now() - RENEWED_AFTER, 0
        while self.has_time():
            with self.database.read() as session:
                aged = KeyRepository(session).aged(before, KEYS_AT_ONCE)
            for row in aged:
                self.database.run(partial(_renew, user_id=int(row["user_id"])))
            renewed += len(aged)
            if len(aged) < KEYS_AT_ONCE:
                break
        return renewed

    def _resealed(self) -> tuple[int, int]:
        """Whatever is under a replaced key goes under its successor. How many did, and how many do not open."""
        now, resealed, broken = self.clock.now(), 0, 0
        after: Row | None = None
        while self.has_time():
            with self.database.read() as session:
                replaced = KeyRepository(session).replaced_in_use(now, after, KEYS_AT_ONCE)
            for row in replaced:
                anew, closed = self._successor_seals(bytes(row["kid"]))
                resealed, broken = resealed + anew, broken + closed
            if len(replaced) < KEYS_AT_ONCE:
                break
            after = replaced[-1]
        return resealed, broken

    def _successor_seals(self, kid: bytes) -> tuple[int, int]:
        resealed = broken = 0
        after: Row | None = None
        while self.has_time():
            rows, anew = self.database.run(partial(_page_resealed, kid=kid, after=after))
            resealed, broken = resealed + anew, broken + len(rows) - anew
            if len(rows) < BATCH:
                break
            after = rows[-1]
        return resealed, broken

    def _condemned(self) -> None:
        """Replaced keys that no backup needs. One under which something stands, because it does not open, is kept."""
        now = self.clock.now()
        with self.database.read() as session:
            unused = KeyRepository(session).replaced_unused(now - KEPT_FOR_BACKUPS, KEYS_AT_ONCE)
        for row in unused:
            self.database.run(partial(_condemn, kid=bytes(row["kid"]), at=now))

    def _destroyed(self) -> int:
        with self.database.read() as session:
            pending = KeyRepository(session).pending(KEYS_AT_ONCE)
        done = 0
        for row in pending:
            if self.has_time():
                destroy(self.database, self.shredder, bytes(row["kid"]), self.clock.now())
                done += 1
        return done

    def _orphans(self) -> int:
        """Keys of the bucket that the database never heard of."""
        before, found = self.clock.now() - ORPHAN, 0
        for page in self.shredder.older_than(before, KEYS_AT_ONCE):
            with self.database.read() as session:
                known = KeyRepository(session).known(page)
            for kid in page:
                if kid not in known:
                    self.shredder.remove(kid)
                    found += 1
            if not self.has_time():
                break
        return found

    def _lost(self) -> list[bytes]:
        """Keys that the database counts on and the bucket has not, by both lists, which are in one order."""
        there, at, last, lost = self.shredder.there(), b"", b"", list[bytes]()
        while self.has_time():
            with self.database.read() as session:
                wanted = KeyRepository(session).after(last, KEYS_AT_ONCE)
            for kid in wanted:
                while at < kid:
                    at = next(there, _PAST)
                if at != kid and self._is_lost(kid):
                    lost.append(kid)
            if len(wanted) < KEYS_AT_ONCE:
                break
            last = wanted[-1]
        tell_lost(lost)
        return lost

    def _is_lost(self, kid: bytes) -> bool:
        """Not made since the list was, and not condemned since: it is in the bucket before it is in the database."""
        if self.shredder.is_there(kid):
            return False
        with self.database.read() as session:
            return KeyRepository(session).counts_on(kid)

    def _taken_in(self) -> int:
        """Words from before there were keys, page by page until the end, once."""
        taken = 0
        for kind in SweepRepository.KINDS:
            more = True
            while more and self.has_time():
                rows, more = self.database.run(partial(_page_taken_in, kind=kind))
                taken += rows
        return taken


def _renew(session: Session, user_id: int) -> bytes:
    return KeyRepository(session).add(user_id, session.keyring.make(), session.cause.at)


def _condemn(session: Session, kid: bytes, at: datetime) -> None:
    KeyRepository(session).condemn_one(kid, at)


def _page_resealed(session: Session, kid: bytes, after: Row | None) -> tuple[Sequence[Row], int]:
    """The next of what is under a key, put under the one that its owner has now; returns it, and how many opened."""
    sweep, done = SweepRepository(session), 0
    key = session.keyring.key(kid)
    if key is None:  # nothing opens these any more: condemned since, or lost, which is told of
        return [], 0
    rows = sweep.under(kid, after, BATCH)
    for row in rows:
        at = _place(row)
        try:
            plain = envelope.opened(key, bytes(row["sealed"]), at)
        except SealBrokenError:
            logger.warning("does not open, and stays as it is", extra={"place": f"{at.table} {at.column} {at.row}"})
            continue
        newer, newer_key = sealing_key(session, int(row["owner_id"]))
        sweep.replace(row, kid, newer, envelope.seal(newer_key, newer, plain, at))
        done += 1
    return rows, done


def _page_taken_in(session: Session, kind: str) -> tuple[int, bool]:
    sweep = SweepRepository(session)
    rows, more = sweep.unsealed(kind, BATCH, session.cause.at)
    for row in rows:
        sweep.take_in(kind, row)
    return len(rows), more


def _place(row: Row) -> envelope.Place:
    return place(row["guild_id"], row["place"], row["object_id"], row["number"], row["owner_id"])
