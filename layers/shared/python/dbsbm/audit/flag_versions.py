"""Versions of the flags in the audit log: operators publish them to S3, where nothing of ours sees it happen."""

from __future__ import annotations

import hashlib
import json
from functools import partial

from dbsbm.audit.events import Kind, Subject
from dbsbm.audit.repository import AuditRepository, Search
from dbsbm.core.flag_store import FlagStore
from dbsbm.database.database import Database
from dbsbm.database.session import Session

AT_ONCE = 100


def note_versions(database: Database, store: FlagStore) -> int:
    """An event for each version that has none yet, oldest first; how many there were.

    Who published it and why stands in the document, which is written once: the log has its digest.

    Raises
    ------
    BucketError, DatabaseUnavailableError
        What is noted stays noted.
    """
    with database.read() as session:
        last = _last(session)
    for number in range(last + 1, last + 1 + AT_ONCE):
        document = store.document(number)
        if document is None:
            return number - last - 1
        database.run(partial(_note, number=number, document=document))
    return AT_ONCE


def _last(session: Session) -> int:
    # Events of one run may be of one millisecond, and then they are in no order.
    newest = AuditRepository(session, 0).search(Search(kind=Kind.FLAGS_PUBLISHED, limit=AT_ONCE))
    return max((int(json.loads(entry.details)["version"]) for entry in newest), default=0)


def _note(session: Session, number: int, document: bytes) -> None:
    details = {"version": number, "digest": hashlib.sha256(document).hexdigest()}
    AuditRepository(session, 0).append(Kind.FLAGS_PUBLISHED, Subject("flags"), details)
