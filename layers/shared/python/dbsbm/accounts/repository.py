"""SQL of the accounts: the schema, users and grants. Global: belongs to the server, not to a guild.

A grant on ``*`` is one on the schema of the connection. Names cannot be bound in such statements, so those with one
are prepared by the server from a text in which it was quoted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from dbsbm.accounts.model import Account, Rights
from dbsbm.database.session import Session

_OF_SCHEMA = {
    Rights.ROWS: frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"}),
    Rights.TABLES: frozenset(
        {"SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "INDEX", "REFERENCES"}
    ),
    Rights.BESIDE: frozenset[str](),
    Rights.READING: frozenset[str](),
    Rights.REPORTING: frozenset[str](),
}


class AccountRepository:
    """On a connection of the master's. DDL: each statement takes effect by itself, and once more it changes nothing."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def make_schema(self, name: str) -> None:
        self._session.execute(
            "SET @wanted = CONCAT('CREATE DATABASE IF NOT EXISTS `', REPLACE(%s, '`', '``'), "
            "'` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci')",
            (name,),
        )
        self._run_wanted()

    def make(self, account: Account) -> None:
        """The account, with its way to sign in; never without TLS."""
        if account.password is None:
            self._session.execute(
                "CREATE USER IF NOT EXISTS %s@'%%' IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS' REQUIRE SSL",
                (account.name,),
            )
            return
        known = account.name, _native(account.password)
        self._session.execute(
            "CREATE USER IF NOT EXISTS %s@'%%' IDENTIFIED WITH mysql_native_password AS %s REQUIRE SSL", known
        )
        self._session.execute("ALTER USER %s@'%%' IDENTIFIED WITH mysql_native_password AS %s REQUIRE SSL", known)

    def grant(self, account: Account) -> None:
        """Its rights on the schema; those it should not have are taken away first."""
        wanted, held = _OF_SCHEMA[account.rights], self._held(account.name)
        if held - wanted:
            self._session.execute("REVOKE ALL PRIVILEGES ON * FROM %s@'%%'", (account.name,))
        if held != wanted and account.rights is Rights.ROWS:
            self._session.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON * TO %s@'%%'", (account.name,))
        elif held != wanted and account.rights is Rights.TABLES:
            self._session.execute(
                "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES ON * TO %s@'%%'",
                (account.name,),
            )

    def grant_beside(self, account: Account, suffix: str) -> None:
        """Everything about tables in the schema named like this one and ``suffix``, which need not be there.

        In the name of a grant's schema an underscore stands for any character unless it is escaped.
        """
        self._session.execute(
            "SET @wanted = CONCAT('GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES ON `', "
            "REPLACE(REPLACE(CONCAT(DATABASE(), %s), '_', %s), '`', '``'), '`.* TO ', QUOTE(%s), '@''%%''')",
            (suffix, "\\_", account.name),
        )
        self._run_wanted()

    def tables(self) -> frozenset[str]:
        rows = self._session.all(
            "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()"
        )
        return frozenset(row["name"] for row in rows)

    def show(self, account: Account, tables: Iterable[str]) -> None:
        """Let it read these tables and no others."""
        rows = self._session.all(
            "SELECT DISTINCT table_name AS name FROM information_schema.table_privileges "
            "WHERE table_schema = DATABASE() AND grantee = CONCAT(%s, %s, %s)",
            ("'", account.name, "'@'%'"),
        )
        shown, wanted = {row["name"] for row in rows}, set(tables)
        for table in sorted(wanted - shown):
            self._session.execute(
                "SET @wanted = CONCAT('GRANT SELECT ON `', REPLACE(%s, '`', '``'), '` TO ', QUOTE(%s), '@''%%''')",
                (table, account.name),
            )
            self._run_wanted()
        for table in sorted(shown - wanted):
            self._session.execute(
                "SET @wanted = CONCAT('REVOKE ALL PRIVILEGES ON `', REPLACE(%s, '`', '``'), '` FROM ', QUOTE(%s), "
                "'@''%%''')",
                (table, account.name),
            )
            self._run_wanted()

    def knows(self, name: str) -> bool:
        row = self._session.one(
            "SELECT 1 AS there FROM information_schema.user_privileges WHERE grantee = CONCAT(%s, %s, %s) LIMIT 1",
            ("'", name, "'@'%'"),
        )
        return row is not None

    def who(self) -> str:
        """The account of this connection, without its host."""
        row = self._session.one("SELECT CURRENT_USER() AS account")
        return str(row["account"]).partition("@")[0] if row else ""

    def _held(self, name: str) -> frozenset[str]:
        rows = self._session.all(
            "SELECT privilege_type AS held FROM information_schema.schema_privileges "
            "WHERE table_schema = DATABASE() AND grantee = CONCAT(%s, %s, %s) AND privilege_type <> 'USAGE'",
            ("'", name, "'@'%'"),
        )
        return frozenset(row["held"] for row in rows)

    def _run_wanted(self) -> None:
        self._session.execute("PREPARE wanted FROM @wanted")
        self._session.execute("EXECUTE wanted")
        self._session.execute("DEALLOCATE PREPARE wanted")


def _native(password: str) -> str:
    """What the server keeps of a password (MariaDB, "Authentication Plugin - mysql_native_password"): so no statement,
    and no log of statements, ever holds the password itself. SHA-1 twice is the protocol's; ours are 240 random bits.
    """
    once = hashlib.sha1(password.encode(), usedforsecurity=False).digest()
    return f"*{hashlib.sha1(once, usedforsecurity=False).hexdigest().upper()}"
