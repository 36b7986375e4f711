"""What a backup is made of: runs of rows in one object for each day, and a manifest that names every one of them.

An increment's manifest is as whole as a full one's: what did not change since is named where it lies already.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from dbsbm.core.errors import DbsbmError

VERSION = 1
NAME = "%Y%m%dT%H%M%SZ"
"""A backup is named after the moment it shows; behind it, one of a community alone has the community's number."""
Kind = Literal["full", "increment"]


def name_of(at: datetime, guild_id: int = 0) -> str:
    """What a backup is called, in UTC."""
    moment = at.astimezone(UTC).strftime(NAME)
    return f"{moment}-{guild_id}" if guild_id else moment


def moment_in(name: str) -> datetime:
    """The moment that a backup's name says."""
    return datetime.strptime(name.partition("-")[0] + "+0000", f"{NAME}%z")


class BackupError(DbsbmError):
    """A backup was not made, or is not what was made; ``detail`` says what and where."""

    code = "backup"


@dataclass(frozen=True, slots=True)
class Source:
    """An object with sealed runs: the backup that wrote it, its data key as KMS wrapped it, its size in bytes."""

    backup: str
    key: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Run:
    """Rows that follow each other in a table's order of keys.

    ``source`` counts the manifest's sources, ``number`` the runs within that source; ``offset`` and ``length`` are
    bytes of the sealed object. ``first`` and ``last`` are the communities of the first and the last row, 0 in tables
    that are of none.
    """

    source: int
    number: int
    offset: int
    length: int
    rows: int
    digest: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class TableDump:
    """``digest`` is SHA-256 over all lines, each with its end of line; ``columns`` are in the order of a line."""

    name: str
    columns: tuple[str, ...]
    rows: int
    digest: str
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """``at`` is the moment that the rows show. ``guild`` 0: everything. ``checkpoint``: the audit log's last, then."""

    backup: str
    kind: Kind
    base: str
    at: datetime
    guild: int
    schema_version: int
    schema_digest: str
    checkpoint: str
    sources: tuple[Source, ...]
    tables: tuple[TableDump, ...]

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables)

    @property
    def written(self) -> int:
        """Bytes that this backup added."""
        return sum(source.bytes for source in self.sources if source.backup == self.backup)

    def table(self, name: str) -> TableDump:
        """Raises BackupError when there is none."""
        for table in self.tables:
            if table.name == name:
                return table
        raise BackupError(f"{self.backup}: no table {name}")

    def runs(self) -> Iterator[tuple[TableDump, Run]]:
        return ((table, run) for table in self.tables for run in table.runs)

    def to_json(self) -> dict[str, Any]:
        return {
            "v": VERSION,
            "backup": self.backup,
            "kind": self.kind,
            "base": self.base,
            "at": self.at.isoformat(timespec="milliseconds"),
            "guild": str(self.guild),
            "schema": {"version": self.schema_version, "sha256": self.schema_digest},
            "checkpoint": self.checkpoint,
            "sources": [[each.backup, each.key, each.bytes] for each in self.sources],
            "tables": [_table_json(table) for table in self.tables],
        }


def _table_json(table: TableDump) -> dict[str, Any]:
    runs = [
        [each.source, each.number, each.offset, each.length, each.rows, each.digest, str(each.first), str(each.last)]
        for each in table.runs
    ]
    return {
        "name": table.name,
        "columns": list(table.columns),
        "rows": table.rows,
        "sha256": table.digest,
        "runs": runs,
    }


def sealed(manifest: Manifest, key: bytes) -> bytes:
    """The manifest as it is stored: JSON, with an HMAC over the rest of it."""
    document = manifest.to_json()
    return json.dumps({**document, "mac": _mac(document, key)}, separators=(",", ":")).encode()


def opened(name: str, stored: bytes) -> tuple[Manifest, Mapping[str, Any]]:
    """A stored manifest and its document, not yet verified.

    Raises
    ------
    BackupError
        When it is no manifest.
    """
    try:
        document = json.loads(stored)
        if document["v"] != VERSION:
            raise BackupError(f"manifest {name} has version {document['v']}, and only {VERSION} is known")
        manifest = Manifest(
            backup=document["backup"],
            kind=document["kind"],
            base=document["base"],
            at=datetime.fromisoformat(document["at"]).astimezone(UTC),
            guild=int(document["guild"]),
            schema_version=document["schema"]["version"],
            schema_digest=document["schema"]["sha256"],
            checkpoint=document["checkpoint"],
            sources=tuple(Source(*each) for each in document["sources"]),
            tables=tuple(_table(each) for each in document["tables"]),
        )
    except (ValueError, TypeError, KeyError) as error:
        raise BackupError(f"manifest {name} cannot be read: {error!r}") from error
    return manifest, document


def _table(document: Mapping[str, Any]) -> TableDump:
    runs = tuple(_run(each) for each in document["runs"])
    columns = tuple(document["columns"])
    return TableDump(document["name"], columns, document["rows"], document["sha256"], runs)


def _run(row: Sequence[Any]) -> Run:
    source, number, offset, length, rows, digest, first, last = row
    return Run(source, number, offset, length, rows, digest, int(first), int(last))


def verified(manifest: Manifest, document: Mapping[str, Any], key: bytes) -> Manifest:
    """The manifest, if it is as it was written and adds up.

    Raises
    ------
    BackupError
        When anything in it was changed.
    """
    plain = {name: value for name, value in document.items() if name != "mac"}
    if not hmac.compare_digest(_mac(plain, key), str(document.get("mac", ""))):
        raise BackupError(f"manifest {manifest.backup}: it is not what was written")
    for table in manifest.tables:
        if sum(run.rows for run in table.runs) != table.rows:
            raise BackupError(f"manifest {manifest.backup}, {table.name}: its runs have other rows than it says")
    return manifest


def _mac(document: Mapping[str, Any], key: bytes) -> str:
    text = json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
    return hmac.digest(key, b"dbsbm manifest|" + text, hashlib.sha256).hex()
