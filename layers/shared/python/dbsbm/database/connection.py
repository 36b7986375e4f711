"""One connection to MariaDB, opened from a URL with our time limits and conversions."""

from __future__ import annotations

import os
import ssl
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

import pymysql
from pymysql.constants import CLIENT, FIELD_TYPE
from pymysql.converters import conversions
from pymysql.cursors import DictCursor

from dbsbm.core.errors import SettingsError
from dbsbm.database.bulk import Result, literal_of_time, time_of_text

_OWN_MACHINE = frozenset({"127.0.0.1", "localhost", "::1"})
_OF_RDS = frozenset({"rds", "rds-proxy"})
CERTIFICATES = Path(__file__).parent / "certificates"
"""Amazon's public roots: a file for each region's servers, one for the proxies (their certificates are ACM's). One
region's three instead of all 108, since each is read at a cold start."""
CONNECT_S = 1.0
READ_S = 3.0
"""How long the socket waits for an answer: a little more than the server's own limit of a statement."""
LOAD_S = 600.0
"""How long the server may stop reading while it puts rows in order."""


if TYPE_CHECKING:
    _Connection = pymysql.Connection[DictCursor]
else:  # generic in the stubs alone
    _Connection = pymysql.Connection


class Connection(_Connection):
    """PyMySQL's connection, whose read time limit may change with the work at hand, and which reads rows faster."""

    _blocks: Iterator[bytes] | None = None

    def set_read_timeout(self, seconds: float) -> None:
        self._read_timeout = seconds

    def load_from(self, blocks: Iterator[bytes] | None) -> None:
        """What the next ``LOAD DATA LOCAL`` gets as its file."""
        self._blocks = blocks

    def to_load(self) -> Iterator[bytes]:
        """Raises OperationalError when nobody asked for a load: the server may not fetch anything by itself."""
        if self._blocks is None:
            raise pymysql.err.OperationalError(2027, "the server asked for a file that nobody offered")
        return self._blocks

    def _read_query_result(self, unbuffered: bool = False) -> int:
        self._result = None
        result = Result(self)
        if unbuffered:
            result.init_unbuffered_query()
        else:
            result.read()
        self._result = result
        if result.server_status is not None:
            self.server_status = result.server_status
        return result.affected_rows or 0


def connect_from_url(url: str, environ: Mapping[str, str] | None = None, *, loads: bool = False) -> Connection:
    """Open a connection to ``mysql://user:password@host:port/schema?unix_socket=…&ssl_ca=…&auth=iam``.

    Beyond this machine the connection is TLS and the server's certificate and host name are verified, against
    ``ssl_ca``: a file, ``rds`` (RDS's own roots of the region) or ``rds-proxy``; without it against the system's
    certificates. There is no fallback to plain text. On this machine it is TLS where ``ssl_ca`` is named. With
    ``auth=iam`` the password is a token signed with the AWS credentials in ``environ`` (default: the process's), fresh
    for each connection. Only with ``loads`` may the server ask for what ``LOAD DATA LOCAL`` names, and take its time.

    Raises
    ------
    SettingsError
        When the URL is not of that shape.
    pymysql.err.OperationalError
        When the server does not take the connection.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"mysql", "mariadb"} or not parts.path.strip("/"):
        raise SettingsError("DATABASE_URL: must look like mysql://user:password@host:3306/schema")
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    where: dict[str, Any] = {"host": parts.hostname or "127.0.0.1", "port": parts.port or 3306}
    if "unix_socket" in query:
        where["unix_socket"] = query["unix_socket"]
    iam = query.get("auth") == "iam"
    if "ssl_ca" not in query and ("unix_socket" in query or where["host"] in _OWN_MACHINE):
        where["ssl_disabled"] = True
    else:
        where["ssl"] = _verified(_certificates(query.get("ssl_ca"), environ))
    return Connection(
        **where,
        user=unquote(parts.username or ""),
        password=_signed(where, parts.username, environ) if iam else unquote(parts.password or ""),
        database=unquote(parts.path.strip("/")),
        charset="utf8mb4",
        collation="utf8mb4_unicode_ci",
        autocommit=False,
        connect_timeout=CONNECT_S,
        read_timeout=READ_S,
        write_timeout=LOAD_S if loads else READ_S,
        local_infile=loads,
        client_flag=CLIENT.FOUND_ROWS,
        cursorclass=DictCursor,
        conv=_conversions(),
    )


def _signed(where: Mapping[str, Any], user: str | None, environ: Mapping[str, str] | None) -> str:
    from dbsbm.core.aws import Account  # noqa: PLC0415 — a local database has a plain password
    from dbsbm.database.iam import auth_token  # noqa: PLC0415

    if where.get("ssl") is None:
        raise SettingsError("DATABASE_URL: auth=iam sends its token in the clear and needs TLS")
    account = Account.from_environ(os.environ if environ is None else environ)
    return auth_token(
        where["host"],
        where["port"],
        unquote(user or ""),
        region=account.region,
        credentials=account.credentials,
        now=time.time(),
    )


def _certificates(named: str | None, environ: Mapping[str, str] | None) -> str | None:
    """The file of roots that the server's certificate has to go back to."""
    if named not in _OF_RDS:
        return named
    region = (os.environ if environ is None else environ).get("AWS_REGION") or "us-east-1"
    file = CERTIFICATES / f"{'proxy' if named == 'rds-proxy' else region}.pem"
    if not file.exists():
        raise SettingsError(f"DATABASE_URL: no certificates of RDS in {region}; they belong into {CERTIFICATES.name}/")
    return str(file)


@cache
def _verified(certificates: str | None) -> ssl.SSLContext:
    """Reading certificates takes 25 ms: once per environment."""
    return ssl.create_default_context(cafile=certificates)


def _conversions() -> dict[Any, Any]:
    return {
        **conversions,
        datetime: literal_of_time,
        FIELD_TYPE.DATETIME: time_of_text,
        FIELD_TYPE.TIMESTAMP: time_of_text,
    }
