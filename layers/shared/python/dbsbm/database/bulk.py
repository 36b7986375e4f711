"""Many rows to a statement, and many rows out of one, in a fraction of the time that PyMySQL takes for them.

PyMySQL asks the connection about every single value. A Saturday of odds has 600,000, so what a value looks like in SQL
is looked up by its type here, once per row. The text sent is the same.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from types import NoneType
from typing import Any, cast

from pymysql.connections import MySQLResult
from pymysql.cursors import RE_INSERT_VALUES

STATEMENT_CHARACTERS = 1_000_000
"""Of a statement of many rows: four bytes each would still be well below the server's 16 MiB."""

PACKET_BYTES = 1 << 20
"""Of a file that is loaded, in one packet."""


def filled(sql: str, rows: Sequence[Sequence[Any]]) -> Iterator[str] | None:
    """``INSERT … VALUES (%s, …)`` with all rows, in as few statements as they fit in; None for other statements.

    For a session without NO_BACKSLASH_ESCAPES, which ours never has.
    """
    parts = RE_INSERT_VALUES.match(sql)
    if parts is None:
        return None
    head, values, tail = parts.group(1) % (), parts.group(2).rstrip(), (parts.group(3) or "") % ()
    return (f"{head}{text}{tail}" for text in _texts(values, rows))


def _texts(values: str, rows: Sequence[Sequence[Any]]) -> Iterator[str]:
    """``(…),(…)`` of as many rows as one statement takes."""
    texts: list[str] = []
    size = 0
    for row in rows:
        text = values % tuple([v if type(v) is int else _LITERALS[type(v)](v) for v in row])
        size += len(text)
        if size > STATEMENT_CHARACTERS and texts:
            yield ",".join(texts)
            texts, size = [], len(text)
        texts.append(text)
    yield ",".join(texts)


def literal_of_time(moment: datetime, _mapping: object = None) -> str:
    """A DATETIME(3) in UTC.

    Raises
    ------
    ValueError
        When the moment has no zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"a time without a zone reached the database: {moment}")
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return f"'{moment.isoformat(' ', 'milliseconds')[:23]}'"


def time_of_text(text: str | bytes) -> datetime:
    """A DATETIME column's text as the moment in UTC that it is."""
    plain = text.decode() if isinstance(text, bytes) else text
    return datetime.fromisoformat(plain + "+00:00")


def _quoted(text: str) -> str:
    """Two characters mean something between quotes; what else PyMySQL escapes is for reading it in a terminal."""
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    if "'" in text:
        text = text.replace("'", "''")
    return f"'{text}'"


class _Literals(dict[type, Callable[[Any], str]]):
    """By exact type; subclasses, such as our enums, are looked for once."""

    def __missing__(self, kind: type) -> Callable[[Any], str]:
        for base in kind.__mro__[1:]:
            if base in self:
                self[kind] = self[base]
                return self[base]
        raise TypeError(f"{kind.__name__} is no value of a column")


_LITERALS = _Literals(
    {
        int: int.__str__,
        str: _quoted,
        NoneType: lambda _: "NULL",
        bool: lambda value: "1" if value else "0",
        datetime: lru_cache(256)(literal_of_time),
        date: lambda value: f"'{value.isoformat()}'",
        Decimal: lambda value: format(value, "f"),
        float: lambda value: f"{value!r}e0" if "e" not in repr(value) else repr(value),
        bytes: lambda value: f"_binary X'{value.hex()}'",
    }
)

_WIDE: dict[int, struct.Struct] = {252: struct.Struct("<H"), 254: struct.Struct("<Q")}


class Result(MySQLResult):
    """Reads the rows of a result with one look at each value."""

    converters: list[tuple[str | None, Callable[[Any], Any] | None]]
    warning_count: int
    _check_packet_is_eof: Callable[[Any], bool]
    _read_ok_packet: Callable[[Any], None]

    def _read_rowdata_packet(self) -> None:
        read_packet = cast(Any, self.connection)._read_packet
        readers = [_reader(encoding, converter) for encoding, converter in self.converters]
        rows = []
        while True:
            packet = read_packet()
            if self._check_packet_is_eof(packet):
                break
            rows.append(_row(packet.get_all_data(), readers))
        self.connection = None  # as PyMySQL does: no cycle
        self.affected_rows = len(rows)
        self.rows = tuple(rows)

    def _read_load_local_packet(self, _first_packet: Any) -> None:
        """The server asks for a file: what the connection was given goes out, never a file of this machine."""
        connection = cast(Any, self.connection)
        try:
            for block in connection.to_load():
                for at in range(0, len(block), PACKET_BYTES):
                    connection.write_packet(block[at : at + PACKET_BYTES])
        finally:  # an empty packet ends the file; without it the connection would be of no more use
            connection.write_packet(b"")
            answer = connection._read_packet()
        self._read_ok_packet(answer)


def _row(data: bytes, readers: list[Callable[[bytes], Any]]) -> tuple[Any, ...]:
    """One row of the text protocol: each value is its length and its text, 251 alone is NULL."""
    row: list[Any] = []
    at = 0
    for reader in readers:
        size = data[at]
        at += 1
        if size == 251:
            row.append(None)
            continue
        if size > 251:
            size, at = wide(data, at, size)
        row.append(reader(data[at : at + size]))
        at += size
    return tuple(row)


def wide(data: bytes, at: int, first: int) -> tuple[int, int]:
    """A length that does not fit in one byte, and where its value begins."""
    if first == 253:
        return int.from_bytes(data[at : at + 3], "little"), at + 3
    shape = _WIDE[first]
    return shape.unpack_from(data, at)[0], at + shape.size


def _reader(encoding: str | None, converter: Callable[[Any], Any] | None) -> Callable[[bytes], Any]:
    if converter is int or converter is time_of_text:
        return converter  # both read bytes as they are
    if encoding is None:
        return bytes if converter is None else converter
    if converter is None:
        return lambda data: data.decode(encoding)
    return lambda data: converter(data.decode(encoding))
