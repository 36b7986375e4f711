"""Rows that never stand in memory together: out of a statement line by line, into a table block by block.

Both ways are what a backup needs: a table of any size, at a few microseconds a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, cast

import pymysql

from dbsbm.database.bulk import Result, wide
from dbsbm.database.connection import Connection

_ERROR, _EOF, _NULL = 0xFF, 0xFE, 0xFB
_EOF_BYTES = 9
"""An EOF packet is shorter; a value whose length takes eight bytes is not."""
_MOST = 0xFFFFFF
"""Of one packet; what fills it goes on in the next."""


class Lines:
    """The values of a statement with one column of bytes. Read to the end, or the connection is given up."""

    def __init__(self, connection: Connection, sql: str, params: Any) -> None:
        with connection.cursor() as cursor:
            connection.query(cursor.mogrify(sql, params or None), unbuffered=True)
        self._connection = connection
        self.done = False

    def __iter__(self) -> Iterator[bytes | None]:
        """None for NULL. Raises pymysql's errors, those of a statement that was cut off among them."""
        connection = cast(Any, self._connection)
        read, turn = connection._read_bytes, connection._next_seq_id
        while True:
            header = read(4)
            size = header[0] | header[1] << 8 | header[2] << 16
            data = read(size)
            turn = (turn + 1) & 0xFF
            first = data[0]
            if first < _NULL:
                yield data[1:]
            elif first == _NULL:
                yield None
            elif first == _ERROR:
                self._ended(turn)
                pymysql.err.raise_mysql_exception(data)
            elif first == _EOF and size < _EOF_BYTES:
                self._ended(turn)
                return
            else:
                while size == _MOST:
                    header = read(4)
                    size = header[0] | header[1] << 8 | header[2] << 16
                    data += read(size)
                    turn = (turn + 1) & 0xFF
                yield data[wide(data, 1, first)[1] :]

    def _ended(self, turn: int) -> None:
        connection = cast(Any, self._connection)
        connection._next_seq_id = turn
        connection._result.unbuffered_active = False
        connection._result.connection = None
        self.done = True


def loaded(connection: Connection, sql: str, blocks: Iterable[bytes]) -> int:
    """``LOAD DATA LOCAL INFILE`` with the given bytes as the file; returns how many rows came in.

    Nothing of this machine's files is ever read, whatever name the server asks for. What the server took otherwise than
    it was given (a value that does not fit, a row that is there already) is a warning of its own.

    Raises
    ------
    LoadWarningError
        When there was any.
    """
    connection.load_from(iter(blocks))
    try:
        rows = connection.query(sql)
    finally:
        connection.load_from(None)
    result = cast(Result, cast(Any, connection)._result)
    if result.warning_count:
        raise LoadWarningError(_first_warning(connection))
    return rows


class LoadWarningError(pymysql.err.DataError):
    """The server did not store what it was given."""


def _first_warning(connection: Connection) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW WARNINGS LIMIT 1")
        row = cursor.fetchone()
    return str((row or {}).get("Message", "a warning that is gone"))
