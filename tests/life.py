"""A stage without tables yet: an encrypted MariaDB, its master's secret, and addresses for the accounts to come."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from dbsbm.accounts.model import APP, CHECKER, MIGRATIONS, READER
from dbsbm.core.http import Transport
from dbsbm.database.connection import Connection, connect_from_url
from dbsbm.rotation.steps import STEPS, Step
from infra.catalog import CATALOG, Catalog
from local.cloud import Cloud, FunctionError, VirtualClock
from local.servers import MariaDB
from tests.certificates import authority, encrypted_server

SCHEMA = "dbsbm"
PREFIX = "dbsbm-local-"


@dataclass(frozen=True, slots=True)
class Server:
    """``roots`` is the file with the authority that vouches for it."""

    mariadb: MariaDB
    roots: Path

    def url(self, user: str, password: str = "", schema: str = SCHEMA) -> str:
        place = f"localhost:{self.mariadb.port}/{schema}?ssl_ca={self.roots}"
        return f"mysql://{user}:{password}@{place}" if password else f"mysql://{user}@{place}"

    def signed_in(self, user: str, password: str = "", schema: str = SCHEMA) -> Connection:
        return connect_from_url(self.url(user, password, schema))

    def settings(self) -> dict[str, str]:
        """What a stage is told: where the cloud has IAM, a laptop's accounts have a password each."""
        return {
            "DATABASE_URL": self.url(APP, "app-password"),
            "DATABASE_MIGRATION_URL": self.url(MIGRATIONS, "migrations-password"),
            "DATABASE_CHECK_URL": self.url(CHECKER, "checker-password"),
            "DATABASE_READER_URL": self.url(READER, "reader-password"),
            "DATABASE_MASTER": json.dumps({"username": "root", "password": ""}),
        }

    def empty(self) -> None:
        """Take schema and accounts away again."""
        with self.signed_in("root", schema="mysql") as connection, connection.cursor() as cursor:
            cursor.execute("DROP DATABASE IF EXISTS dbsbm")
            cursor.execute("SELECT user AS name FROM mysql.user WHERE user LIKE 'dbsbm\\_%'")
            for row in cursor.fetchall():
                cursor.execute("DROP USER %s@'%%'", (row["name"],))


@contextmanager
def server(directory: Path) -> Iterator[Server]:
    ours = authority(directory, "ours")
    with encrypted_server(ours, directory / "mariadb") as running:
        yield Server(running, ours.file)


@contextmanager
def born(directory: Path) -> Iterator[Server]:
    """One that has schema, accounts and tables already."""
    with server(directory) as running:
        with stage(running.settings()) as cloud:
            cloud.invoke("database_migrate", {"v": 1})
        yield running


@contextmanager
def stage(
    settings: dict[str, str],
    clock: VirtualClock | None = None,
    outside: Transport | None = None,
    catalog: Catalog = CATALOG,
) -> Iterator[Cloud]:
    with Cloud(catalog, settings=settings, clock=clock, outside=outside) as cloud:
        yield cloud


def version(number: int) -> str:
    """Secrets Manager names versions so."""
    return str(UUID(int=number))


def step(cloud: Cloud, function: str, secret: str, number: int, name: Step) -> None:
    cloud.invoke(function, {"SecretId": f"{PREFIX}{secret}", "ClientRequestToken": version(number), "Step": name})


def rotate(cloud: Cloud, function: str, secret: str, number: int) -> int:
    """The four steps as Secrets Manager takes them, each again until it is done; returns the attempts."""
    attempts = 0
    for name in STEPS:
        for _ in range(5):
            attempts += 1
            try:
                step(cloud, function, secret, number, name)
                break
            except FunctionError:
                continue
        else:
            raise AssertionError(f"{name} does not get done")
    return attempts


def manager(cloud: Cloud, action: str, secret: str, **arguments: Any) -> dict[str, Any]:
    """A call of the operator's to Secrets Manager."""
    from local.cloud.aws import call  # noqa: PLC0415 — moto loads with it

    return call(cloud._backend.aws(), "secretsmanager", action, SecretId=f"{PREFIX}{secret}", **arguments)


def value(cloud: Cloud, secret: str, label: str = "AWSCURRENT") -> str:
    return str(manager(cloud, "GetSecretValue", secret, VersionStage=label)["SecretString"])


def labels(cloud: Cloud, secret: str) -> dict[str, set[str]]:
    found = manager(cloud, "DescribeSecret", secret)["VersionIdsToStages"]
    return {each: set(carried) for each, carried in found.items() if carried}
