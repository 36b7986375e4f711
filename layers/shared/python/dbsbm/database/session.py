"""What repositories and handlers see of the database: one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a transaction is: the person and the interaction, 0 where a job works. ``at`` is when it began."""

    actor_id: int
    interaction_id: int
    at: datetime


class Keyring(Protocol):
    """Data keys, which are not in the database."""

    def make(self) -> bytes:
        """A new key; returns its id."""
        ...

    def key(self, kid: bytes) -> bytes | None:
        """A key by its id, None when it was destroyed."""
        ...


class Session(Protocol):
    """One transaction on one connection. Values are always bound (``%s`` or ``%(name)s``), times are parameters.

    DATETIME(3) columns hold UTC: naive on the wire, timezone-aware UTC in Python both ways.

    Raises
    ------
    DatabaseUnavailableError
        When the server is gone, read-only, or a lock or statement time limit passed. The transaction is over then.
    """

    cause: Cause
    """Who wants what is done here; what the audit log says of it."""

    @property
    def keyring(self) -> Keyring:
        """The keys under which words of people are sealed. Raises SettingsError where there is no way to them."""
        ...

    def one(self, sql: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> Row | None: ...

    def all(self, sql: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> Sequence[Row]: ...

    def execute(self, sql: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> int:
        """Run a change; returns the number of rows found (not only those that differ)."""
        ...

    def execute_many(self, sql: str, params: Sequence[Sequence[Any]]) -> int: ...

    def lines(self, sql: str, params: Sequence[Any] = ()) -> Iterator[bytes | None]:
        """The values of a statement with one column of bytes, as they come; to be read to the end."""
        ...

    def load(self, sql: str, blocks: Iterable[bytes]) -> int:
        """``LOAD DATA LOCAL`` of the given bytes, on a connection made for it; returns the rows.

        Raises
        ------
        LoadWarningError
            When the server stored anything otherwise than it was given.
        """
        ...
