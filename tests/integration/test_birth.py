"""The birth of a database and its growth, through the functions a deployment invokes, on an encrypted MariaDB."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pymysql
import pytest

from dbsbm.accounts.identity import about, proof
from dbsbm.accounts.model import APP, BESIDE, CHECKER, ENTRANCE, HIDDEN, MIGRATIONS, READER, REPORTED, REPORTERS
from dbsbm.accounts.service import account_of, as_master, signed_in
from dbsbm.backup.check import SUFFIX
from dbsbm.cache.client import build_cache
from dbsbm.cache.prefixes import EVERY
from dbsbm.core.aws import Account, Credentials
from dbsbm.core.clock import SystemClock
from dbsbm.core.errors import SettingsError
from dbsbm.core.http import HttpRequest
from dbsbm.core.ids import Ids
from dbsbm.database.connection import connect_from_url
from dbsbm.database.migrate import Migration, MigrationError, migrations
from dbsbm.database.phases import takes, target
from local.cloud import Cloud, Faults, FunctionError
from local.cloud.aws import INSIDE, headers
from local.cloud.execution import ACCESS_KEY, ACCOUNT, REGION, SECRET_KEY, SESSION_TOKEN
from tests.life import Server, rotate, server, stage, value

DENIED = {1044, 1142, 1227}
REFUSED = 1045


@pytest.fixture(scope="module")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with server(tmp_path_factory.mktemp("birth")) as running:
        yield running


@pytest.fixture(scope="module")
def born(mariadb: Server) -> Iterator[Cloud]:
    """Deployed once, as the first deployment does it: one invocation."""
    with stage(mariadb.settings()) as cloud:
        done = cloud.invoke("database_migrate", {"v": 1})
        assert done["version"] == len(migrations())
        yield cloud


def _denied(connection: pymysql.Connection[Any], sql: str) -> bool:
    with connection.cursor() as cursor:
        try:
            cursor.execute(sql)
        except pymysql.err.OperationalError as error:
            return error.args[0] in DENIED
    return False


def _tables(server_: Server) -> set[str]:
    with server_.signed_in("root") as connection, connection.cursor() as cursor:
        cursor.execute("SHOW TABLES")
        return {next(iter(row.values())) for row in cursor.fetchall()}


@pytest.mark.usefixtures("born")
def test_commands_may_write_rows_and_touch_no_table(mariadb: Server) -> None:
    with mariadb.signed_in(APP, "app-password") as connection:
        for sql in (
            "DROP TABLE bets",
            "ALTER TABLE bets ADD COLUMN x INT",
            "CREATE TABLE x (a INT)",
            "TRUNCATE TABLE bets",
            "CREATE INDEX x ON bets (guild_id)",
            "CREATE USER x IDENTIFIED BY 'x'",
            "GRANT SELECT ON dbsbm.* TO dbsbm_reader@'%'",
            "SELECT * FROM mysql.user",
            "SET GLOBAL max_connections = 1",
        ):
            assert _denied(connection, sql), sql
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM bets WHERE guild_id = 1")
            cursor.execute("UPDATE guilds SET locale = 'de' WHERE guild_id = 1")


@pytest.mark.usefixtures("born")
def test_migrations_may_change_tables_and_make_no_account(mariadb: Server) -> None:
    with mariadb.signed_in(MIGRATIONS, "migrations-password") as connection:
        for sql in ("CREATE USER x IDENTIFIED BY 'x'", "GRANT SELECT ON dbsbm.* TO dbsbm_reader@'%'", "DROP USER root"):
            assert _denied(connection, sql), sql
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE of_a_test (a INT)")
            cursor.execute("DROP TABLE of_a_test")


@pytest.mark.usefixtures("born")
def test_operators_read_every_table_but_the_names_behind_the_audit_log(mariadb: Server) -> None:
    tables = _tables(mariadb)
    with mariadb.signed_in(READER, "reader-password") as connection:
        readable = {table for table in tables if not _denied(connection, f"SELECT * FROM {table} LIMIT 1")}
        assert readable == tables - HIDDEN
        assert all(_denied(connection, f"DELETE FROM {table} WHERE 1 = 0") for table in tables)
    assert tables >= HIDDEN | REPORTED


@pytest.mark.usefixtures("born")
def test_backups_are_tried_beside_the_schema_in_use_and_nowhere_else(mariadb: Server) -> None:
    tables = _tables(mariadb)
    assert BESIDE == SUFFIX
    with mariadb.signed_in(CHECKER, "checker-password") as connection, connection.cursor() as cursor:
        readable = {table for table in tables if not _denied(connection, f"SELECT * FROM {table} LIMIT 1")}
        assert readable == ENTRANCE
        for sql in ("DROP DATABASE dbsbm", "CREATE TABLE x (a INT)", "CREATE DATABASE dbsbmxrestore_check"):
            assert _denied(connection, sql), sql
        cursor.execute("CREATE DATABASE dbsbm_restore_check")
        cursor.execute("CREATE TABLE dbsbm_restore_check.x (a INT)")
        cursor.execute("DROP DATABASE dbsbm_restore_check")


def test_the_reporting_account_reads_what_is_reported(born: Cloud, mariadb: Server) -> None:
    rotate(born, "rotate_reporting", "database-reporting", 1)
    known = json.loads(value(born, "database-reporting"))
    tables = _tables(mariadb)
    with mariadb.signed_in(known["username"], known["password"]) as connection:
        readable = {table for table in tables if not _denied(connection, f"SELECT * FROM {table} LIMIT 1")}
    assert known["username"] in REPORTERS
    assert readable == REPORTED


@pytest.mark.usefixtures("born")
@pytest.mark.parametrize(("user", "password"), [(APP, "app-password"), (READER, "reader-password")])
def test_nobody_signs_in_without_tls_or_with_another_password(mariadb: Server, user: str, password: str) -> None:
    plain = f"mysql://{user}:{password}@127.0.0.1:{mariadb.mariadb.port}/dbsbm"
    for url in (plain, mariadb.url(user, f"{password}!")):
        with pytest.raises(pymysql.err.OperationalError) as refused:
            connect_from_url(url)
        assert refused.value.args[0] == REFUSED


@pytest.mark.usefixtures("born")
def test_the_cache_forgets_what_was_made_of_the_tables_as_they_were(mariadb: Server, redis_url: str) -> None:
    clock = SystemClock()
    cache = build_cache(redis_url, clock, Ids(clock))
    for prefix in EVERY:
        assert cache.get_or_load(f"{prefix}:1", 60, lambda: "before") == "before"
    with stage({**mariadb.settings(), "REDIS_URL": redis_url}) as cloud:
        done = cloud.invoke("database_migrate", {"v": 1})
    assert (done["done"], done["cache_forgotten"]) == ([], True)
    kept = {prefix: cache.get_or_load(f"{prefix}:1", 60, lambda: "after") for prefix in EVERY}
    assert kept == dict.fromkeys(EVERY, "after")
    with stage({**mariadb.settings(), "REDIS_URL": "redis://127.0.0.1:1/0"}) as cloud:
        assert cloud.invoke("database_migrate", {"v": 1})["cache_forgotten"] is False


def test_born_once_more_nothing_changes_and_lost_or_added_rights_are_put_right(born: Cloud, mariadb: Server) -> None:
    with mariadb.signed_in("root") as connection, connection.cursor() as cursor:
        cursor.execute("GRANT DROP ON dbsbm.* TO dbsbm_app@'%'")
        cursor.execute("GRANT SELECT ON dbsbm.audit_secrets TO dbsbm_reader@'%'")
        cursor.execute("REVOKE SELECT ON dbsbm.bets FROM dbsbm_reader@'%'")
    assert born.invoke("database_birth", {"v": 1}) == {"v": 1, "accounts": [APP, MIGRATIONS, CHECKER, READER]}
    with mariadb.signed_in(APP, "app-password") as connection:
        assert _denied(connection, "DROP TABLE bets")
    with mariadb.signed_in(READER, "reader-password") as connection:
        assert _denied(connection, "SELECT * FROM audit_secrets")
        assert not _denied(connection, "SELECT * FROM bets")
    assert born.invoke("database_migrate", {"v": 1})["done"] == []


def test_killed_at_any_crossing_and_done_again_it_is_born_all_the_same(mariadb: Server, figure: Any) -> None:
    mariadb.empty()
    with stage(mariadb.settings()) as cloud:
        cloud.invoke("database_birth", {"v": 1})
        crossed = len(cloud.crossings)
        wanted = _grants(mariadb)
        for number in range(1, crossed + 1, 5):
            mariadb.empty()
            cloud.arm(Faults.kill(crossing=number, when="after" if number % 2 else "before"))
            with suppress(FunctionError):  # killed after its last crossing it has answered
                cloud.invoke("database_birth", {"v": 1})
            cloud.arm(Faults())
            cloud.invoke("database_birth", {"v": 1})
            assert _grants(mariadb) == wanted, number
        figure(f"birth: {crossed} crossings, every fifth killed and done again")
        cloud.invoke("database_migrate", {"v": 1})


def _grants(server_: Server) -> dict[str, set[str]]:
    with server_.signed_in("root") as connection, connection.cursor() as cursor:
        found = {}
        for name in (APP, MIGRATIONS, CHECKER, READER):
            cursor.execute("SHOW GRANTS FOR %s@'%%'", (name,))
            found[name] = {next(iter(row.values())) for row in cursor.fetchall()}
    return found


def test_only_the_accounts_of_ours_are_made() -> None:
    assert account_of("mysql://dbsbm_app@db.example/dbsbm?auth=iam&ssl_ca=rds").password is None
    with pytest.raises(SettingsError, match="no account of ours"):
        account_of("mysql://root@db.example/dbsbm")
    with pytest.raises(SettingsError, match="RDS's own JSON"):
        as_master("mysql://dbsbm_migrations@db.example/dbsbm", "not json")
    url = signed_in("mysql://a@db.example:3307/dbsbm?auth=iam&ssl_ca=rds", "master", "p@ss/word")
    assert url == "mysql://master:p%40ss%2Fword@db.example:3307/dbsbm?ssl_ca=rds"


def _migration(number: int, *statements: str) -> Migration:
    return Migration(number, f"{number:03d}_x", statements, (), "")


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE bets",
        "ALTER TABLE bets DROP COLUMN note",
        "ALTER TABLE bets DROP note",
        "ALTER TABLE bets RENAME COLUMN note TO words",
        "ALTER TABLE bets CHANGE note words TEXT NULL",
        "RENAME TABLE bets TO wagers",
        "TRUNCATE TABLE bets",
        "ALTER TABLE bets ADD COLUMN must INT NOT NULL",
        "ALTER TABLE bets MODIFY note VARCHAR(10) NOT NULL",
    ],
)
def test_what_the_version_before_cannot_live_with_takes(statement: str) -> None:
    assert takes(_migration(1, statement)) == (statement,)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE x (a INT NOT NULL)",
        "ALTER TABLE bets ADD COLUMN may INT NULL",
        "ALTER TABLE bets ADD COLUMN may INT NOT NULL DEFAULT 0, ADD INDEX may (may)",
        "ALTER TABLE bets DROP INDEX old, ADD UNIQUE KEY newer (guild_id, bet_id)",
        "ALTER TABLE bets DROP PRIMARY KEY, ADD PRIMARY KEY (guild_id, bet_id)",
        "ALTER TABLE bets MODIFY odds_num BIGINT UNSIGNED NULL",
        "UPDATE bets SET note = 'DROP COLUMN x'",
    ],
)
def test_what_only_adds_does_not(statement: str) -> None:
    assert takes(_migration(1, statement)) == ()


def test_a_deployment_expands_before_the_shift_and_contracts_after() -> None:
    adds, takes_ = _migration(2, "ALTER TABLE a ADD COLUMN b INT NULL"), _migration(3, "ALTER TABLE a DROP COLUMN c")
    known = [_migration(1, "CREATE TABLE a (c INT)"), adds, takes_]
    assert (target(known, 1, "expand"), target(known, 1, "contract"), target(known, 0, "expand")) == (2, 3, 3)
    with pytest.raises(MigrationError, match="deploy as far as that one first"):
        target([*known, replace(adds, version=4, name="004_y")], 2, "expand")


def test_the_function_knows_no_other_phase(born: Cloud) -> None:
    with pytest.raises(FunctionError, match="migration"):
        born.invoke("database_migrate", {"v": 1, "phase": "sideways"})


OLGA = Account(REGION, Credentials(ACCESS_KEY, SECRET_KEY, SESSION_TOKEN), {"": INSIDE})


def _asked(cloud: Cloud, sql: str, who: Account = OLGA, **more: Any) -> Any:
    signed = proof(who, about(sql, "ticket 12"), time.time())
    return cloud.invoke("database_query", {"v": 1, "sql": sql, "why": "ticket 12", "signed": signed, **more})


def _in_a_role(cloud: Cloud, account: str, role: str, person: str) -> Account:
    """Somebody signed in under a role, as AWS's own sign-in does it."""
    asked = urlencode({"Action": "AssumeRole", "Version": "2011-06-15", "RoleSessionName": person,
                       "RoleArn": f"arn:aws:iam::{account}:role/{role}"})  # fmt: skip
    sent = headers("sts") | {"content-type": "application/x-www-form-urlencoded"}
    answer = cloud._backend.aws()(HttpRequest("POST", "http://127.0.0.1/", sent, asked.encode())).body.decode()
    found = [answer.split(f"<{name}>")[1].split("<")[0] for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")]
    return Account(REGION, Credentials(*found), {"": INSIDE})


def _noted(cloud: Cloud) -> list[dict[str, Any]]:
    def got(path: str) -> str:
        url = f"http://127.0.0.1/dbsbm-local-questions{path}"
        return cloud._backend.aws()(HttpRequest("GET", url, headers("s3"))).body.decode()

    keys = [each.partition("<")[0] for each in got("?list-type=2").split("<Key>")[1:]]
    return [json.loads(got(f"/{key}")) for key in keys]


def test_an_operator_s_question_is_answered_and_noted(born: Cloud) -> None:
    before = len(_noted(born))
    found = _asked(born, "SELECT version, name FROM schema_migrations WHERE version <= 2 ORDER BY version;")
    assert found == {"v": 1, "columns": ["version", "name"], "rows": [[1, "001_exchange"], [2, "002_guilds"]]}
    noted = _noted(born)
    assert len(noted) == before + 1
    assert {(each["by"], each["why"]) for each in noted} == {(f"arn:aws:sts::{ACCOUNT}:user/moto", "ticket 12")}
    assert any("schema_migrations" in each["sql"] for each in noted)
    assert "schema_migrations" not in json.dumps(born.logs("database_query"))


def test_who_asked_is_what_aws_says_and_not_what_the_event_says(born: Cloud) -> None:
    pete = _in_a_role(born, ACCOUNT, "operators", "pete")
    assert "rows" in _asked(born, "SELECT 41", pete, by="olga")
    [noted] = [each for each in _noted(born) if each["sql"] == "SELECT 41"]
    assert noted["by"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/operators/pete"


def test_nobody_asks_with_what_was_signed_for_another_question_by_nobody_or_elsewhere(born: Cloud) -> None:
    before = len(_noted(born))
    theirs = proof(OLGA, about("SELECT 42", "ticket 12"), time.time())
    stripped = {**theirs, "authorization": theirs["authorization"].replace(";x-dbsbm-about", "")}
    swapped = {**stripped, "x-dbsbm-about": about("SELECT 43", "ticket 12")}
    for signed in (theirs, swapped, {**theirs, "x-forwarded-host": "sts.example.org"}, {}, None, "olga"):
        assert "sign in again" in _asked(born, "SELECT 43", signed=signed)["refused"]
    stranger = _in_a_role(born, "999999999999", "operators", "mallory")
    assert "of this account" in _asked(born, "SELECT 44", stranger)["refused"]
    assert len(_noted(born)) == before


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM bets",
        "DROP TABLE bets",
        "UPDATE guilds SET locale = 'de'",
        "SELECT * FROM audit_secrets",
        "SELECT * FROM mysql.user",
        "SELECT 1; DELETE FROM bets",
        "SELECT * FROM bets INTO OUTFILE '/tmp/bets'",
        "SELECT LOAD_FILE('/etc/passwd') FROM nowhere",
        "SET GLOBAL read_only = 1",
        "COMMIT",
        "GRANT SELECT ON dbsbm.* TO dbsbm_app@'%'",
    ],
)
def test_what_is_no_reading_of_what_may_be_read_is_refused_and_noted_all_the_same(born: Cloud, sql: str) -> None:
    before = len(_noted(born))
    found = _asked(born, sql)
    assert found.get("refused") or found["rows"] == []
    assert len(_noted(born)) == before + 1


def test_a_thousand_rows_at_most(born: Cloud) -> None:
    assert (
        len(_asked(born, "SELECT 1 FROM schema_migrations a, schema_migrations b, schema_migrations c")["rows"]) == 1000
    )


@pytest.mark.parametrize("missing", ["sql", "why"])
def test_without_a_reason_or_a_name_nothing_is_asked(born: Cloud, missing: str) -> None:
    before = len(_noted(born))
    assert missing in born.invoke("database_query", {"sql": "SELECT 1", "why": "b", missing: " "})["refused"]
    assert len(_noted(born)) == before


def test_what_cannot_be_noted_is_not_answered(born: Cloud) -> None:
    born.arm(Faults.drop("http", 2))
    with pytest.raises(FunctionError):
        _asked(born, "SELECT 1")
    born.arm(Faults.drop("http", 1))
    assert "ask again" in _asked(born, "SELECT 1")["refused"]  # nor what AWS could not be asked about
    born.arm(Faults())
    assert _asked(born, "SELECT 1 AS one")["rows"] == [[1]]
