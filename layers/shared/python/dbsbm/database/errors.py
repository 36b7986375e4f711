"""Errors of PyMySQL, turned into ours where they are seen."""

from __future__ import annotations

import pymysql

from dbsbm.core.errors import DatabaseUnavailableError, DbsbmError


class DuplicateKeyError(DbsbmError):
    """A row with this primary or unique key is there already. The transaction goes on."""

    code = "duplicate_key"


class ContentionError(DatabaseUnavailableError):
    """Deadlock or lock wait: the transaction is over, the same transaction may succeed at once."""

    code = "database_contention"


class ConnectionLostError(DatabaseUnavailableError):
    """The connection is gone or its server became read-only; a new connection may serve."""

    code = "database_connection_lost"


# Numbers: MariaDB "Error codes" and MySQL "Client Error Message Reference".
DUPLICATE_KEY = 1062
_CONTENTION = frozenset({1205, 1213})  # lock wait, deadlock
_LOST = frozenset(
    {
        0,  # PyMySQL: the socket is closed already
        1053,  # server shutdown in progress
        1290,  # --read-only: the old writer after a failover
        1836,  # read-only mode
        1927,  # connection was killed
        2006,  # server has gone away
        2013,  # lost connection during query
        2014,  # commands out of sync: a reply was cut off
        2055,  # lost connection, system error
        4031,  # disconnected for inactivity
    }
)
_UNAVAILABLE = frozenset(
    {
        1040,  # too many connections
        1158,  # network read error
        1159,  # network read time-out
        1160,  # network write error
        1161,  # network write time-out
        1203,  # too many connections of this user
        1226,  # a resource limit of this user
        1317,  # query interrupted
        1969,  # max_statement_time exceeded
        2002,  # cannot connect through the socket
        2003,  # cannot connect
        3024,  # MySQL's statement time limit
    }
)
_RETRY_AFTER_S = 2.0


def translated(error: pymysql.err.Error) -> Exception:
    """Our error for one of PyMySQL's; the same error back when it is a fault of ours (bad SQL, bad data)."""
    number = error.args[0] if error.args and isinstance(error.args[0], int) else None
    if number == DUPLICATE_KEY:
        return DuplicateKeyError(str(error.args[1]))
    if not isinstance(error, pymysql.err.OperationalError | pymysql.err.InterfaceError | pymysql.err.InternalError):
        return error
    if number in _CONTENTION:
        return ContentionError(str(error), retry_after_s=_RETRY_AFTER_S)
    if number in _LOST:
        return ConnectionLostError(str(error), retry_after_s=_RETRY_AFTER_S)
    if number in _UNAVAILABLE:
        return DatabaseUnavailableError(str(error), retry_after_s=_RETRY_AFTER_S)
    return error
