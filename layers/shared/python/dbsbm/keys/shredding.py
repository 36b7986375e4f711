"""Destroying a condemned key, so that every step may be cut off and done again."""

from __future__ import annotations

from datetime import datetime

from dbsbm.core.bucket import BucketError
from dbsbm.database.database import Database
from dbsbm.keys.repository import KeyRepository
from dbsbm.keys.ring import Shredder


def destroy(database: Database, shredder: Shredder, kid: bytes, at: datetime) -> None:
    """Every version of the key is removed, then read back as missing, and only then noted as gone.

    Raises
    ------
    BucketError
        When it is still there, or that cannot be told: it stays condemned.
    """
    versions = shredder.remove(kid)
    if not shredder.is_gone(kid):
        raise BucketError("a condemned key is still there")
    database.run(lambda session: KeyRepository(session).gone(kid, versions, at))
