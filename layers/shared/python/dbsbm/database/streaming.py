"""Rows that never stand in memory together: out of a statement line by line, into a table block by block.

Both ways are what a backup needs: a table of any size, at a few microseconds a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, cast

import pymysql
from pymysql.constants import CR

from dbsbm.database.bulk import Result, wide
from dbsbm.database.connection import Connection

_ERROR, _EOF, _NULL = 0xFF, 0xFE, 0xFB
_EOF_BYTES = 9
"""An EOF packet is shorter; a value whose length takes eight bytes is not."""
_WIDE = 0xFB
"""From here on the first byte is no length by itself."""
_HEADER = 4
_READ_BYTES = 1 << 18
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
        turn = cast(Any, self._connection)._next_seq_id
        came, at = b"", 0
        while True:
            behind = at + _HEADER
            if len(came) < behind or len(came) < behind + (size := came[at] | came[at + 1] << 8 | came[at + 2] << 16):
                came, at = came[at:] + self._more(), 0
                continue
            turn = (turn + 1) & 0xFF
            first, at = came[behind], behind + size
            if first < _WIDE:
                yield came[behind + 1 : at]
            elif first == _NULL:
                yield None
            elif first == _ERROR:
                self._ended(turn)
                pymysql.err.raise_mysql_exception(came[behind:at])
            elif first == _EOF and size < _EOF_BYTES:
                self._ended(turn)
                return
            elif size < _MOST:
                yield came[wide(came, behind + 1, first)[1] : at]
            else:
                data, parts, came, at = self._whole(came[behind - _HEADER :])
                turn = (turn + parts) & 0xFF
                yield data[wide(data, 1, first)[1] :]

    def _whole(self, came: bytes) -> tuple[bytes, int, bytes, int]:
        """A value whose length takes more than a byte, maybe in several packets: all of it, how many packets came
        after its first, and what came after it."""
        data, parts, size, at = bytearray(), -1, _MOST, 0
        while size == _MOST:
            while len(came) < at + _HEADER:
                came += self._more()
            size = int.from_bytes(came[at : at + 3], "little")
            at += _HEADER
            while len(came) < at + size:
                came += self._more()
            data += came[at : at + size]
            at += size
            parts += 1
        return bytes(data), parts, came, at

    def _more(self) -> bytes:
        """What the server has sent by now, at least a byte of it."""
        connection = cast(Any, self._connection)
        try:
            came: bytes = connection._rfile.read1(_READ_BYTES)
        except OSError as error:
            connection._force_close()
            raise pymysql.err.OperationalError(CR.CR_SERVER_LOST, f"lost while reading: {error}") from error
        if not came:
            connection._force_close()
            raise pymysql.err.OperationalError(CR.CR_SERVER_LOST, "lost while reading")
        return came

    def give_up(self) -> None:
        """Nothing more is read: PyMySQL would otherwise read the rest when the result is let go."""
        result = cast(Any, self._connection)._result
        result.unbuffered_active = False
        result.connection = None

    def _ended(self, turn: int) -> None:
        cast(Any, self._connection)._next_seq_id = turn
        self.give_up()
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
