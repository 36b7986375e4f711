"""The birth of a database: its schema and its accounts, made by the master and by nobody else.

Everything here may be done again at any time; after migrations it is, so that readers see new tables.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import closing
from urllib.parse import parse_qs, quote, unquote, urlsplit, urlunsplit

from dbsbm.accounts.model import BESIDE, ENTRANCE, HIDDEN, PROXY, REPORTED, REPORTERS, RIGHTS, Account, Rights
from dbsbm.accounts.repository import AccountRepository
from dbsbm.core.clock import Clock
from dbsbm.core.errors import SettingsError
from dbsbm.database.connection import Connection
from dbsbm.database.database import Database

STATEMENT_S = 30
_ANY_SCHEMA = "information_schema"
Connect = Callable[[str], Connection]


def signed_in(url: str, user: str, password: str, schema: str = "") -> str:
    """The address of the same server, and of another schema if one is named, for an account with a password."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    query = "&".join(each for each in parts.query.split("&") if each and not each.startswith("auth="))
    path = f"/{quote(schema)}" if schema else parts.path
    return urlunsplit((parts.scheme, f"{quote(user)}:{quote(password, safe='')}@{place}", path, query, ""))


def as_master(url: str, secret: str, schema: str = "") -> str:
    """The same for the master, whose secret RDS keeps: ``{"username", "password"}``.

    Raises
    ------
    SettingsError
        When the secret is not of that shape.
    """
    try:
        known = json.loads(secret)
        return signed_in(url, str(known["username"]), str(known["password"]), schema)
    except (ValueError, KeyError, TypeError) as error:
        raise SettingsError("DATABASE_MASTER_SECRET: RDS's own JSON with username and password is needed") from error


def account_of(url: str) -> Account:
    """The account that an address names: with IAM where it says ``auth=iam``, with its password otherwise.

    Raises
    ------
    SettingsError
        When it is none of ours.
    """
    parts = urlsplit(url)
    name = unquote(parts.username or "")
    if name not in RIGHTS:
        raise SettingsError(f"no account of ours is named {name!r}; there are {', '.join(RIGHTS)}")
    iam = parse_qs(parts.query).get("auth", [""])[-1] == "iam"
    return Account(name, RIGHTS[name], None if iam else unquote(parts.password or ""))


def account_in(secret: str) -> Account:
    """The account that a secret is of, ``{"username", "password"}``, as the proxy reads it.

    Raises
    ------
    SettingsError
        When the secret is not of that shape, or of an account that signs in another way.
    """
    try:
        known = json.loads(secret)
        name, password = known["username"], known["password"]
    except (ValueError, KeyError, TypeError) as error:
        raise SettingsError("DATABASE_PROXY_SECRET: JSON with username and password is needed") from error
    if name != PROXY or not isinstance(password, str) or not password:
        raise SettingsError(f"DATABASE_PROXY_SECRET: the account {PROXY} with its password is needed")
    return Account(PROXY, RIGHTS[PROXY], password)


def give_birth(connect: Connect, clock: Clock, master_url: str, accounts: Iterable[Account]) -> tuple[str, ...]:
    """Make schema and accounts where they are missing, and give each account its rights; returns their names.

    Raises
    ------
    DatabaseUnavailableError
        When the server is away.
    """
    schema = unquote(urlsplit(master_url).path.strip("/"))
    nowhere = urlunsplit(urlsplit(master_url)._replace(path=f"/{_ANY_SCHEMA}"))
    with closing(Database(lambda: connect(nowhere), clock)) as server:
        server.run(lambda session: AccountRepository(session).make_schema(schema))
    made = []
    with closing(Database(lambda: connect(master_url), clock)) as database:
        for account in accounts:
            establish(database, account)
            made.append(account.name)
        for name in REPORTERS:  # their rotation makes them; new tables are shown to them here
            _show_more(database, Account(name, Rights.REPORTING))
    return tuple(made)


def establish(database: Database, account: Account) -> None:
    """Make one account, or change its password, and bring its rights to what they should be."""
    with database.transaction(statement_s=STATEMENT_S) as session:
        repository = AccountRepository(session)
        repository.make(account)
        _give_rights(repository, account)


def _show_more(database: Database, account: Account) -> None:
    with database.transaction(statement_s=STATEMENT_S) as session:
        repository = AccountRepository(session)
        if repository.knows(account.name):
            _give_rights(repository, account)


def _give_rights(repository: AccountRepository, account: Account) -> None:
    repository.grant(account)
    there = repository.tables()
    if account.rights is Rights.BESIDE:
        repository.grant_beside(account, BESIDE)
        repository.show(account, there & ENTRANCE)
    elif account.rights is Rights.READING:
        repository.show(account, there - HIDDEN)
    elif account.rights is Rights.REPORTING:
        repository.show(account, there & REPORTED)
