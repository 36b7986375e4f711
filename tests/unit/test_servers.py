"""The private servers: what ``./dev up`` and the tests stand on."""

from __future__ import annotations

import configparser
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pymysql
import pytest
import redis

from local.servers import PARAMETERS, SOCKET_PATH_BYTES, THROWAWAY, MariaDB, Redis, ServerError, free_port

VARIABLES = {"default_time_zone": "time_zone", "transaction_isolation": "tx_isolation"}


@pytest.fixture(scope="module")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDB]:
    with MariaDB(tmp_path_factory.mktemp("mariadb"), extra=THROWAWAY) as server:
        yield server


def _one(server: MariaDB, sql: str) -> object:
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        row = cursor.fetchone()
    assert row is not None
    return row[0]


def test_every_parameter_of_the_shared_file_is_in_force(mariadb: MariaDB) -> None:
    parameters = configparser.ConfigParser()
    parameters.read(PARAMETERS)
    for name, value in parameters["mariadbd"].items():
        shown = str(_one(mariadb, f"SELECT @@{VARIABLES.get(name, name)}"))
        assert shown == {"ON": "1", "OFF": "0"}.get(value, value), name


def test_the_database_refuses_what_strict_mode_refuses(mariadb: MariaDB) -> None:
    with mariadb.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE strict")
        cursor.execute("CREATE TABLE strict.t (short VARCHAR(2), happened DATETIME(3))")
        with pytest.raises(pymysql.err.DataError):
            cursor.execute("INSERT INTO strict.t (short) VALUES ('abc')")
        with pytest.raises(pymysql.err.OperationalError):
            cursor.execute("INSERT INTO strict.t (happened) VALUES ('2026-02-30 00:00:00')")
        cursor.execute("INSERT INTO strict.t (short) VALUES ('🏈a')")


def test_data_stays_between_starts_on_the_same_directory(tmp_path: Path) -> None:
    server = MariaDB(tmp_path, extra=THROWAWAY)
    with server, server.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE kept")
    with server:
        assert _one(server, "SELECT schema_name FROM information_schema.schemata WHERE schema_name = 'kept'") == "kept"
    server.stop()  # a second stop has nothing to do
    with pytest.raises(pymysql.err.OperationalError):
        server.connect()


def test_a_server_left_by_a_killed_run_is_ended_before_the_next_starts(tmp_path: Path) -> None:
    first = MariaDB(tmp_path, extra=THROWAWAY).start()
    left = int((tmp_path / "mariadb.pid").read_text())
    with MariaDB(tmp_path, extra=THROWAWAY) as second:
        assert int((tmp_path / "mariadb.pid").read_text()) != left
        assert _one(second, "SELECT 1") == 1
    first.kill()


def test_the_socket_path_fits_under_a_deep_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    with MariaDB(tmp_path / "server", extra=THROWAWAY) as server:
        assert len(os.fsencode(str(_one(server, "SELECT @@socket")))) <= SOCKET_PATH_BYTES


def test_a_taken_fixed_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServerError, match=str(port)):
            MariaDB(tmp_path, port=port, extra=THROWAWAY).start()


def test_redis_refuses_a_command_over_keys_of_two_slots(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.set("a", "1")
        with pytest.raises(redis.exceptions.ResponseError, match="same slot"):
            client.mget("a", "b")
        assert client.mget("{guild}a", "{guild}b") == [None, None]


def test_redis_starts_again_empty_on_the_same_directory(tmp_path: Path) -> None:
    server = Redis(tmp_path)
    for _ in range(2):
        with server, redis.Redis.from_url(server.url()) as client:
            assert client.get("key") is None
            client.set("key", "value")


def test_a_free_port_can_be_listened_on() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", free_port()))
