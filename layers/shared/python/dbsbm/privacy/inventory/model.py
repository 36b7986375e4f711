"""How a table and its columns are classified."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

LIFE = "while the community has the bot, and 30 days after"


class Class(StrEnum):
    """What a column says of a person."""

    NONE = "none"
    """Nothing: games, prices, settings, numbers of rows."""
    IDENTIFIER = "identifier"
    """Who it is: the person's number at Discord."""
    BEHAVIOURAL = "behavioural"
    """What somebody did: bets, amounts, times, decisions."""
    CONTENT = "content"
    """What somebody wrote or is called, or what may repeat it."""
    SECRET = "secret"  # noqa: S105 — the name of a class
    """Keys and tokens."""


class Purpose(StrEnum):
    SERVICE = "to answer people and show in Discord what they asked for"
    RECORD = "to keep a record of bets that its community can trust"
    COMMUNITY = "to run the community as its admins set it up"
    GAMES = "to know games, prices and results"
    PROOF = "to show afterwards what was changed, and that nothing was changed unseen"
    RIGHTS = "to answer requests of people about their data, and to prove that it was done"
    OPERATION = "to keep the service and its budget going"


class Basis(StrEnum):
    """Article 6 of the GDPR; NONE where a table has nothing of a person."""

    CONTRACT = "6(1)(b), the service that was asked for"
    INTEREST = "6(1)(f), a record that a community can rely on"
    DUTY = "6(1)(c), answering requests and proving it"
    NONE = "no personal data"


class Erase(StrEnum):
    """What becomes of the rows of somebody who is erased."""

    DELETE = "the row is deleted"
    PSEUDONYMISE = (
        "the person's number becomes that of a former member of the one community, what they wrote is emptied"
    )
    REDACT = "the person's number and names are taken out of what is stored; their own rows are deleted"
    OPERATOR = "the row is kept: it has an operator's short name; whose that is stands in the service's settings alone"
    KEEP = "the row is kept: it names nobody"


@dataclass(frozen=True, slots=True)
class Table:
    """A table with every column in exactly one of the classes, names with blanks between.

    ``sealed`` are the columns that are encrypted with AES-256-GCM by the application; all storage is encrypted besides.
    """

    name: str
    purpose: Purpose
    basis: Basis
    kept: str
    erase: Erase
    identifiers: str = ""
    behavioural: str = ""
    content: str = ""
    secrets: str = ""
    plain: str = ""
    sealed: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column, everything that is said of it."""

    table: str
    name: str
    classed: Class
    purpose: Purpose
    basis: Basis
    kept: str
    erase: Erase
    encryption: str
    anonymisation: str


_ANONYMISED = {
    Class.NONE: "unchanged",
    Class.IDENTIFIER: "left out",
    Class.BEHAVIOURAL: "only in sums of five people or more",
    Class.CONTENT: "left out",
    Class.SECRET: "left out",
}


def columns_of(table: Table) -> list[Column]:
    """The columns of a table, by class."""
    classes = {
        Class.IDENTIFIER: table.identifiers,
        Class.BEHAVIOURAL: table.behavioural,
        Class.CONTENT: table.content,
        Class.SECRET: table.secrets,
        Class.NONE: table.plain,
    }
    sealed = set(table.sealed.split())
    return [
        Column(
            table.name,
            name,
            classed,
            table.purpose,
            table.basis,
            table.kept,
            Erase.KEEP if classed is Class.NONE and table.erase is Erase.PSEUDONYMISE else table.erase,
            "storage, AES-256-GCM" if name in sealed else "storage",
            _ANONYMISED[classed],
        )
        for classed, names in classes.items()
        for name in names.split()
    ]


def fingerprint(columns: Sequence[Column]) -> str:
    """SHA-256 of all that is said of the columns, in order of their names: what an impact assessment is signed for."""
    rows = sorted((asdict(column) for column in columns), key=lambda row: (row["table"], row["name"]))
    return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()
