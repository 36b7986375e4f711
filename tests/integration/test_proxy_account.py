"""With ``-c proxy=true`` whoever makes the accounts also gives the proxy's its password: moto, a real MariaDB."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pymysql
import pytest

from dbsbm.accounts.model import APP, CHECKER, MIGRATIONS, PROXY, READER
from dbsbm.accounts.service import account_in
from dbsbm.core.errors import SettingsError
from dbsbm.database.connection import connect_from_url
from infra.catalog import CATALOG
from infra.catalog_proxy import MAKER, ROLE, SECRET, with_proxy
from infra.grants import grants_of
from local.cloud import Cloud, Faults, FunctionError
from local.cloud.aws import call
from tests.life import PREFIX, Server, born, manager

FIRST, SECOND = "a-first-password", "a-second-password"
REFUSED = 1045


@pytest.fixture(scope="module")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with born(tmp_path_factory.mktemp("proxy")) as running:
        yield running


@pytest.fixture
def cloud(mariadb: Server) -> Iterator[Cloud]:
    """A stage whose operator chose the proxy; CloudFormation has made its secret."""
    with Cloud(with_proxy(CATALOG), settings=mariadb.settings()) as made:
        call(made._backend.aws(), "secretsmanager", "CreateSecret", Name=f"{PREFIX}{SECRET}", SecretString=_said(FIRST))
        yield made


def _said(password: str, username: str = PROXY) -> str:
    return json.dumps({"username": username, "password": password})


def _lets_in(mariadb: Server, password: str, user: str = PROXY) -> bool:
    try:
        mariadb.signed_in(user, password).close()
    except pymysql.err.OperationalError as error:
        assert error.args[0] == REFUSED
        return False
    return True


def test_the_account_has_the_secret_s_password_and_the_functions_rights(cloud: Cloud, mariadb: Server) -> None:
    made = {"v": 1, "accounts": [APP, MIGRATIONS, CHECKER, READER, PROXY]}
    assert [cloud.invoke("database_birth", {"v": 1}) for _ in range(2)] == [made, made]
    with mariadb.signed_in(PROXY, FIRST) as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE guilds SET locale = 'de' WHERE guild_id = 1")
        for sql in ("DROP TABLE bets", "CREATE TABLE x (a INT)", "SELECT * FROM mysql.user"):
            with pytest.raises(pymysql.err.OperationalError, match="denied"):
                cursor.execute(sql)
    assert not _lets_in(mariadb, SECOND)
    with pytest.raises(pymysql.err.OperationalError, match="Access denied"):
        connect_from_url(f"mysql://{PROXY}:{FIRST}@127.0.0.1:{mariadb.mariadb.port}/dbsbm")  # without TLS
    assert _lets_in(mariadb, "app-password", APP)  # who has not heard of the proxy yet


def test_a_new_value_is_the_account_s_with_the_next_deployment(cloud: Cloud, mariadb: Server) -> None:
    cloud.invoke("database_birth", {"v": 1})
    with mariadb.signed_in(PROXY, FIRST) as held, held.cursor() as cursor:
        manager(cloud, "PutSecretValue", SECRET, SecretString=_said(SECOND))
        assert cloud.invoke("database_migrate", {"v": 1})["done"] == []
        assert (_lets_in(mariadb, FIRST), _lets_in(mariadb, SECOND)) == (False, True)
        cursor.execute("SELECT COUNT(*) FROM guilds")  # what the proxy holds goes on


@pytest.mark.parametrize("wrong", [_said(SECOND, "root"), _said(SECOND, APP), _said(""), "no json", "[]"])
def test_a_secret_of_anybody_else_changes_nobody(cloud: Cloud, mariadb: Server, wrong: str) -> None:
    cloud.invoke("database_birth", {"v": 1})
    manager(cloud, "PutSecretValue", SECRET, SecretString=wrong)
    with pytest.raises(FunctionError, match=r"DATABASE_PROXY_SECRET|settings"):
        cloud.invoke("database_birth", {"v": 1})
    assert _lets_in(mariadb, FIRST)
    assert _lets_in(mariadb, "app-password", APP)
    with pytest.raises(SettingsError):
        account_in(wrong)


def test_killed_at_any_crossing_and_done_again_the_password_is_the_secret_s(
    cloud: Cloud, mariadb: Server, figure: Any
) -> None:
    cloud.invoke("database_birth", {"v": 1})
    cloud.arm(Faults())
    cloud.invoke("database_birth", {"v": 1})
    crossed = len(cloud.crossings)
    for number in range(1, crossed + 1, 3):
        wanted = (FIRST, SECOND)[number % 2]
        manager(cloud, "PutSecretValue", SECRET, SecretString=_said(wanted))
        cloud.arm(Faults.kill(crossing=number, when="after" if number % 2 else "before"))
        with suppress(FunctionError):  # killed after its last crossing it has answered
            cloud.invoke("database_birth", {"v": 1})
        cloud.arm(Faults())
        cloud.invoke("database_birth", {"v": 1})
        assert _lets_in(mariadb, wanted), number
    figure(f"the proxy's account: {crossed} crossings, every third killed and done again")


def test_the_password_stands_in_no_statement_and_no_log(cloud: Cloud) -> None:
    cloud.arm(Faults())
    cloud.invoke("database_birth", {"v": 1})
    said = " ".join(each.detail for each in cloud.crossings if each.kind == "sql")
    assert "mysql_native_password" in said
    assert FIRST not in said + json.dumps(cloud.logs("database_birth"))


def test_who_reads_the_secret_is_known_and_nobody_else_may(cloud: Cloud) -> None:
    for who, expected in ((MAKER, True), (ROLE, True), ("delivery", False)):
        identity = {"sessionContext": {"sessionIssuer": {"userName": f"{PREFIX}{who}"}}}
        detail = {"eventName": "GetSecretValue", "userIdentity": identity, "requestParameters": {"secretId": SECRET}}
        assert cloud.invoke("secret_access", {"detail": detail})["expected"] is expected
    grown = with_proxy(CATALOG)
    assert {each.name for each in grown.functions} == {each.name for each in CATALOG.functions}
    more = {str(g) for f in grown.functions for g in grants_of(f)} - {
        str(g) for f in CATALOG.functions for g in grants_of(f)
    }
    assert more == {f"{MAKER} secretsmanager:GetSecretValue secret:{SECRET}"}
