"""``./dev feed rebuild URL``: the documents kept by the running local cloud, taken in again into another database."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dbsbm.cache.cache import LocalCache
from dbsbm.core.aws import Account, Credentials
from dbsbm.core.clock import SystemClock
from dbsbm.core.ids import Ids
from dbsbm.core.transport import PooledTransport
from dbsbm.database.connection import connect_from_url
from dbsbm.database.database import Database
from dbsbm.database.migrate import migrate
from dbsbm.providers.archive import ArchiveError, BucketReader
from dbsbm.providers.rebuild import Rebuild, Rebuilt, in_order
from local.cloud.execution import ACCESS_KEY, REGION, SECRET_KEY, SESSION_TOKEN, Names
from local.servers import ServerError


def rebuild(url: str, settings: Mapping[str, str], say: Callable[[str], None] = print) -> int:
    """Fill the database of ``url``, an empty schema, from the bucket of what runs; returns an exit status.

    Raises
    ------
    ServerError
        When ``url`` is the running system's own database, or the bucket cannot be read.
    """
    if url == settings.get("DATABASE_URL"):
        raise ServerError("that is the running system's own database: name an empty schema")
    endpoint = settings["AWS_ENDPOINT_URL"]
    account = Account(REGION, Credentials(ACCESS_KEY, SECRET_KEY, SESSION_TOKEN), {"": endpoint})
    reader = BucketReader(PooledTransport(), account, Names().of("feeds"))
    try:
        done = rebuild_from(reader, url)
    except ArchiveError as error:
        raise ServerError(f"the feed bucket cannot be read: {error.detail}") from error
    say(f"{done.documents} documents taken in, {done.unread} could not be read then either.")
    return 0


def rebuild_from(reader: BucketReader, url: str) -> Rebuilt:
    """Every document of the bucket in its order, into the database of ``url``.

    Raises
    ------
    ArchiveError
        When the bucket cannot be read.
    """
    migrate(url)
    clock = SystemClock()
    ids, done = Ids(clock), Rebuilt()
    database = Database(lambda: connect_from_url(url), clock)
    try:
        work = Rebuild(database, LocalCache(clock, ids), ids)
        for document in in_order(reader.keys()):
            work.take(document, reader.get(document.key), done)
    finally:
        database.close()
    return done
