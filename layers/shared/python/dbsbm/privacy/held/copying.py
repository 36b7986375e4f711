"""One part of a person's copy: as many rows as a file has room for, and where the next part begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from dbsbm.database.session import Row, Session
from dbsbm.keys import words
from dbsbm.privacy.held.repository import HELD, KEYS, HeldRepository, Key
from dbsbm.privacy.inventory import TABLES
from dbsbm.privacy.people.repository import PeopleRepository

ROWS = 2000
"""Rows in one part: some 1 MB, below what an answer may carry."""
_PAGE = 500
_ORDER = tuple(HELD)
_TABLES = {table.name: table for table in TABLES}
ELSE = "somebody else"

Shown = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cursor:
    """``after`` is the last community that is done; in the one behind it, the table to go on with, behind which key."""

    after: int = 0
    table: int = 0
    key: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """Communities → tables → rows, and where to go on; None when this was the last part."""

    communities: Mapping[int, Mapping[str, Sequence[Shown]]]
    then: Cursor | None
    rows: int


def part(session: Session, user_id: int, cursor: Cursor) -> Part:
    """The next rows of everything that is held about a person."""
    people = PeopleRepository(session)
    communities: dict[int, dict[str, list[Shown]]] = {}
    rows = 0
    while True:
        found, then = people.guilds_of(user_id, cursor.after)
        for guild_id in found:
            taken, cursor = _of_community(session, guild_id, user_id, cursor, ROWS - rows)
            if taken:
                communities[guild_id] = taken
            rows += sum(len(each) for each in taken.values())
            if rows >= ROWS:
                return Part(communities, cursor, rows)
        if then is None:
            return Part(communities, None, rows)
        cursor = Cursor(then)


def _of_community(
    session: Session, guild_id: int, user_id: int, cursor: Cursor, room: int
) -> tuple[dict[str, list[Shown]], Cursor]:
    held, actor = HeldRepository(session, guild_id), PeopleRepository(session).actor_in(user_id, guild_id)
    taken: dict[str, list[Shown]] = {}
    table, key = cursor.table, cursor.key
    while table < len(_ORDER):
        limit = min(_PAGE, room)
        if not limit:
            return taken, Cursor(cursor.after, table, key)
        found = held.of(_ORDER[table], user_id, actor, limit, key)
        if found:
            readable = [_readable(session, guild_id, each) if "sealed" in each else each for each in found]
            taken.setdefault(_ORDER[table], []).extend(_shown(_ORDER[table], each, user_id) for each in readable)
        room -= len(found)
        table, key = (table, _key(_ORDER[table], found[-1])) if len(found) == limit else (table + 1, ())
    return taken, Cursor(guild_id)


def _key(table: str, row: Row) -> tuple[Key, ...]:
    values = (row[name] for name in KEYS[table].split())
    return tuple(value if isinstance(value, int | str) else str(value) for value in values)


def _readable(session: Session, guild_id: int, row: Row) -> Row:
    """A row of ``sealed_words``, opened."""
    at = words.place(guild_id, row["place"], row["object_id"], row["number"], row["owner_id"])
    return {**row, "kid": row["kid"].hex(), "sealed": words.opened(session, row["sealed"], at)}


def _shown(table: str, row: Row, user_id: int) -> Shown:
    """A row without secrets, and without the numbers of other people."""
    classed = _TABLES[table]
    secrets, people = classed.secrets.split(), classed.identifiers.split()
    return {
        name: _value(value) if name not in people or value in (user_id, 0, None) else ELSE
        for name, value in row.items()
        if name not in secrets
    }


def _value(value: Any) -> Any:
    match value:
        case bytes():
            return value.decode("utf-8", "replace")
        case datetime() | date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case int() if abs(value) >= 1 << 53:
            return str(value)  # a number that JSON's readers would round
        case _:
            return value
