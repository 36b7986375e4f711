"""``./dev audit fsck`` goes through the audit log, ``search`` finds entries by whom, what, which and when.

``rejoin`` brings back what was signed since a backup that was restored.
"""

from __future__ import annotations

import argparse
import os
from datetime import datetime

from dbsbm.audit.check import check
from dbsbm.audit.events import Entry, Kind, Subject, bet, person
from dbsbm.audit.rejoin import rejoin
from dbsbm.audit.repository import AuditRepository, Search
from dbsbm.audit.stored import StoredLog
from dbsbm.bets.repository import BetRepository
from dbsbm.core.aws import Account
from dbsbm.core.bucket import Aws, Bucket
from dbsbm.core.clock import SystemClock
from dbsbm.core.ids import decode
from dbsbm.core.transport import PooledTransport
from dbsbm.database.connection import connect_from_url
from dbsbm.database.database import Database
from local.cloud.execution import ACCESS_KEY, SECRET_KEY, STAGE, Names
from local.run.state import read
from local.servers import ServerError


def run(arguments: argparse.Namespace) -> int:
    state = read()
    settings = {**(state.settings if state else {}), **os.environ}
    url = settings.get("DATABASE_URL")
    if not url:
        raise ServerError("nothing runs here: ./dev up first, or name the database with DATABASE_URL")
    database = Database(lambda: connect_from_url(url), SystemClock())
    try:
        if arguments.action == "search":
            return search(database, arguments)
        store = stored(database, settings)
        return fsck(store) if arguments.action == "fsck" else brought_back(store)
    finally:
        database.close()


def stored(database: Database, settings: dict[str, str]) -> StoredLog:
    """The log of what runs here, or of the stage that variables name."""
    here = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}
    aws, names = Aws(PooledTransport(), Account.from_environ({**here, **settings})), Names()
    audit = settings.get("AUDIT_BUCKET") or names.of("audit")
    locked = settings.get("CHECKPOINT_BUCKET") or names.of("checkpoints")
    origin = f"dbsbm-{settings.get('DBSBM_STAGE', STAGE)}-audit"
    return StoredLog(database, Bucket(aws, audit), Bucket(aws, locked), origin, SystemClock().now())


def fsck(store: StoredLog) -> int:
    """Go through all of it; 1 when something is not what was written."""
    checked = check(store, store.origin, 0, lambda: True)
    came, fault = checked.came, checked.fault
    if fault is None:
        signed = [each.size for each in store.checkpoints()]
        print(f"{came} entries are what was written; {signed[-1] if signed else 0} of them are signed")
        return 0
    print(f"entry {fault.leaf} is the first that is wrong – {fault.where}: {fault.detail}")
    return 1


def brought_back(store: StoredLog) -> int:
    came = rejoin(store)
    print(f"{came.brought} entries brought back, {came.signed} are signed; {came.renumbered} of since got new numbers")
    return 0


def search(database: Database, arguments: argparse.Namespace) -> int:
    """Print what fits, newest first."""
    with database.read() as session:
        wanted = Search(
            actor=arguments.actor,
            subject=_subject(BetRepository(session, arguments.guild), arguments),
            kind=Kind(arguments.kind) if arguments.kind else None,
            since=_moment(arguments.since),
            until=_moment(arguments.until),
            limit=arguments.limit,
        )
        found = AuditRepository(session, arguments.guild).search(wanted)
    for entry in found:
        print(shown(entry))
    return 0


def shown(entry: Entry) -> str:
    place = "waits" if entry.leaf_index is None else str(entry.leaf_index)
    what = f"{entry.kind:<24} by {entry.actor[:12]} on {entry.object[:24]}"
    return f"{entry.at:%Y-%m-%d %H:%M:%S}  {place:>8}  {what}  {entry.details}"


def _subject(bets: BetRepository, arguments: argparse.Namespace) -> Subject | None:
    """A bet by its number, a person by theirs at Discord, anything else by its name in the log."""
    if arguments.bet:
        bet_id = decode(arguments.bet)
        return bet(bet_id, bets.bet(bet_id).capper_id)
    if not arguments.object:
        return None
    return person(int(arguments.object)) if arguments.object.isdecimal() else Subject(arguments.object)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone() if text else None
