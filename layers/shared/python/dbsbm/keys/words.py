"""What repositories use: words of a person, sealed under that person's key where they are written."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence

from dbsbm.core import metrics
from dbsbm.database.session import Session
from dbsbm.keys import envelope
from dbsbm.keys.envelope import Place, SealBrokenError
from dbsbm.keys.repository import KeyRepository, SealedRepository

logger = logging.getLogger(__name__)

CASE = "case"
DECISION = "decision"
IMPORT = "import"
NOTE = "note"

_NAMED = 50
"""So many lost keys are named in one line."""

Words = Mapping[str, str]


class SealedWords:
    """The words of one guild, by what they are of. ``number`` tells apart the steps of a case, decisions and revisions
    of a bet."""

    def __init__(self, session: Session, guild_id: int) -> None:
        self._session = session
        self._guild_id = guild_id
        self._rows = SealedRepository(session, guild_id)

    def put(self, kind: str, object_id: int, number: int, owner_id: int, words: Words) -> None:
        """Seal and store. Raises DatabaseUnavailableError when the keys cannot be reached."""
        at = self._session.cause.at
        kid, key = sealing_key(self._session, owner_id)
        plain = json.dumps(dict(words), ensure_ascii=False, separators=(",", ":")).encode()
        sealed = envelope.seal(key, kid, plain, place(self._guild_id, kind, object_id, number, owner_id))
        self._rows.put((kind, object_id, number, owner_id, kid, sealed), at)

    def of(self, kind: str, object_id: int) -> dict[int, Words]:
        """What was written, by number; what no key opens any more is left out.

        Raises
        ------
        DatabaseUnavailableError
            When the keys cannot be reached.
        SealBrokenError
            When a ciphertext was changed or moved.
        """
        found: dict[int, Words] = {}
        for row in self._rows.of(kind, object_id):
            at = place(self._guild_id, kind, object_id, int(row["number"]), int(row["owner_id"]))
            plain = opened(self._session, bytes(row["sealed"]), at)
            if plain is not None:
                found[int(row["number"])] = json.loads(plain)
        return found

    def at(self, kind: str, object_id: int, number: int) -> Words | None:
        """One of them, None where there is none or no key opens it. Raises as :meth:`of`."""
        row = self._rows.at(kind, object_id, number)
        if row is None:
            return None
        where = place(self._guild_id, kind, object_id, number, int(row["owner_id"]))
        plain = opened(self._session, bytes(row["sealed"]), where)
        return None if plain is None else dict(json.loads(plain))

    def drop(self, kind: str, object_id: int) -> None:
        """Forget them."""
        self._rows.drop(kind, object_id)


def place(guild_id: int, kind: str, object_id: int, number: int, owner_id: int) -> Place:
    """What a row of ``sealed_words`` is bound to."""
    return Place("sealed_words", kind, f"{guild_id}|{object_id}|{number}", owner_id)


def sealing_key(session: Session, owner_id: int) -> tuple[bytes, bytes]:
    """The id and the key that seal for a person now; made when there is none.

    One that was lost is replaced, and operators are told: what it sealed opens again should it come back.
    """
    keys = KeyRepository(session)
    kid = keys.current(owner_id)
    key = None if kid is None else session.keyring.key(kid)
    if kid is not None and key is None:
        tell_lost([kid])
    if kid is None or key is None:
        kid = keys.add(owner_id, session.keyring.make(), session.cause.at)
        key = session.keyring.key(kid)
    if key is None:
        raise SealBrokenError("a key that was just made is not there")
    return kid, key


def opened(session: Session, sealed: bytes, at: Place) -> bytes | None:
    """What a ciphertext says; None when its key is gone, and operators are told unless it was destroyed on purpose.

    Raises
    ------
    SealBrokenError
        When the ciphertext was changed or moved.
    """
    kid = envelope.kid_of(sealed)
    key = session.keyring.key(kid)
    if key is not None:
        return envelope.opened(key, sealed, at)
    if KeyRepository(session).counts_on(kid):
        tell_lost([kid])
    return None


def tell_lost(kids: Sequence[bytes]) -> None:
    """Keys that the database counts on are not in the bucket: nobody erased them."""
    metrics.record(metrics.KEY_FAULTS, len(kids), what="lost")
    if kids:
        named = [kid.hex() for kid in kids[:_NAMED]]
        logger.error("a data key is missing", extra={"lost": named, "keys": len(kids)})
