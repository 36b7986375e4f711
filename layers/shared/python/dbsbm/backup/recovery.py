"""A restore as a whole: what came back is brought up to date, and who was erased since is erased again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from dbsbm.backup import restore
from dbsbm.backup.model import Manifest
from dbsbm.backup.repository import Table, TableRepository
from dbsbm.backup.store import Store
from dbsbm.commands.erasing import Erasing, erase
from dbsbm.commands.restoring import Replayed, erase_in, replay
from dbsbm.database.connection import connect_from_url
from dbsbm.database.database import Database
from dbsbm.database.migrate import migrate
from dbsbm.database.session import Session
from dbsbm.environment import Environment
from dbsbm.keys.ring import Shredder
from dbsbm.privacy.erasure.ledger import Erased, Ledger, LedgerGapError
from dbsbm.privacy.inventory import COLUMNS
from dbsbm.privacy.inventory.model import Class
from dbsbm.privacy.requests.model import Request
from dbsbm.privacy.requests.repository import RequestRepository

AT_ONCE = 2
"""Tables that are loaded at the same time: the server works on each with one processor."""
_CLOCKS_APART = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Recovered:
    """What came back, and how many people were erased again.

    ``held`` are erasures that waited and that the ledger does not name: somebody has to ask whether they still hold.
    ``gap`` is what the ledger lacks: who stands there may be back.
    """

    restored: restore.Restored
    erased: int
    held: Sequence[Request] = field(default=())
    gap: LedgerGapError | None = None


def recover(
    environment: Environment, store: Store, manifest: Manifest, ledger: Ledger, shredder: Shredder
) -> Recovered:
    """Everything into the empty schema that ``environment`` is built on, ready for use when this returns.

    Requests of those who are erased again are done a little later, by ``job_privacy``; their rows are gone.

    Raises
    ------
    BackupError, RestoreRefusedError
        As :func:`dbsbm.backup.restore.restore`.
    """
    url = environment.settings.database_url.get_secret_value()
    loading = [Database(lambda: connect_from_url(url, loads=True), environment.clock) for _ in range(AT_ONCE)]
    try:
        restored = restore.restore(store, manifest, loading, url)
    finally:
        for database in loading:
            database.close()
    migrate(url)
    replayed = replay(Erasing(environment, ledger, shredder, lambda: True))
    while due := _due(environment, replayed):
        erase(Erasing(environment, ledger, shredder, lambda: True), due)
    return Recovered(restored, len(replayed.named), replayed.held, replayed.gap)


def recover_guild(
    environment: Environment, store: Store, manifest: Manifest, guild_id: int, ledger: Ledger
) -> Recovered:
    """One community in the schema that is in use; who was erased since is erased in the same transaction.

    Raises
    ------
    BackupError, RestoreRefusedError
        As :func:`dbsbm.backup.restore.restore_guild`.
    """
    url = environment.settings.database_url.get_secret_value()
    loading = Database(lambda: connect_from_url(url, loads=True), environment.clock)
    began, known, gap = environment.clock.now(), dict[str, Erased](), None
    try:
        for erased in ledger.all():
            known[erased.subject] = erased
    except LedgerGapError as missing:
        gap = missing
    again: list[int] = []

    def erase_again(session: Session, tables: Sequence[Table]) -> None:
        again.clear()
        at_work = {
            each.subject: _entry(each) for each in RequestRepository(session).erasing_since(began - _CLOCKS_APART)
        }
        for user_id, erased in _erased(environment, session, tables, guild_id, {**known, **at_work}):
            request = RequestRepository(session).lock(erased.request_id)
            if request is not None and request.done_at is not None and request.done_at <= manifest.at:
                continue  # the backup was made without them: what it has is of their coming back
            erase_in(session, environment, guild_id, user_id, erased)
            again.append(user_id)

    try:
        restored = restore.restore_guild(store, manifest, loading, guild_id, erase_again)
    finally:
        loading.close()
    return Recovered(restored, len(again), gap=gap)


def _entry(request: Request) -> Erased:
    """What the ledger does not have yet, or had not when it was read. The numbers stand in the database."""
    return Erased(request.request_id, request.subject, request.received_at.isoformat(), {})


def _erased(
    environment: Environment, session: Session, tables: Sequence[Table], guild_id: int, known: dict[str, Erased]
) -> Iterator[tuple[int, Erased]]:
    """Everybody in the community whose erasure is known."""
    identifying = {(column.table, column.name) for column in COLUMNS if column.classed is Class.IDENTIFIER}
    numbers = {table.name: {column.name for column in table.columns if column.kind == "bigint"} for table in tables}
    repository = TableRepository(session)
    people = {
        user_id
        for table in tables
        for column in numbers[table.name]
        if (table.name, column) in identifying
        for user_id in repository.people(table, column, guild_id)
    }
    for user_id in sorted(people):
        for name in environment.index.keyed(f"person|{user_id}"):
            if name in known:
                yield user_id, known[name]
                break


def _due(environment: Environment, replayed: Replayed) -> list[Request]:
    """What is to be done now of those that the ledger names."""
    now = environment.clock.now()
    with environment.database.read() as session:
        named = [RequestRepository(session).lock(request_id) for request_id in replayed.named]
    return [request for request in named if request is not None and request.open and request.begins_at <= now]
