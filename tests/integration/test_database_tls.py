"""No connection beyond this machine without a verified authority and host name; no token before that."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pymysql
import pytest
from cryptography import x509
from pymysql.constants import CLIENT

from dbsbm.core.errors import SettingsError
from dbsbm.database.connection import CERTIFICATES, connect_from_url
from local.servers import MariaDB
from tests.certificates import Authority, authority, encrypted_server

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "eu-west-1"}
STILL_GOOD_FOR = timedelta(days=5 * 365)


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("tls"), "ours")


@pytest.fixture(scope="module")
def server(ours: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDB]:
    with encrypted_server(ours, tmp_path_factory.mktemp("mariadb")) as running:
        yield running


def test_a_server_that_the_authority_vouches_for_is_taken(server: MariaDB, ours: Authority) -> None:
    connection = connect_from_url(f"mysql://root@localhost:{server.port}/mysql?ssl_ca={ours.file}")
    with connection, connection.cursor() as cursor:
        cursor.execute("SHOW SESSION STATUS LIKE 'Ssl_version'")
        row = cursor.fetchone()
    assert row is not None
    assert row["Value"].startswith("TLSv1.")


def test_another_authority_is_not_believed(server: MariaDB, tmp_path: Path) -> None:
    theirs = authority(tmp_path, "theirs").file
    with pytest.raises(pymysql.err.OperationalError, match="CERTIFICATE_VERIFY_FAILED"):
        connect_from_url(f"mysql://root@localhost:{server.port}/mysql?ssl_ca={theirs}")


def test_another_host_s_certificate_is_not_believed(server: MariaDB, ours: Authority) -> None:
    with pytest.raises(pymysql.err.OperationalError, match="CERTIFICATE_VERIFY_FAILED"):
        connect_from_url(f"mysql://root@127.0.0.1:{server.port}/mysql?ssl_ca={ours.file}")


@pytest.mark.parametrize("roots", ["rds", "rds-proxy"])
def test_amazon_s_roots_do_not_vouch_for_anybody_else(server: MariaDB, roots: str) -> None:
    with pytest.raises(pymysql.err.OperationalError, match="CERTIFICATE_VERIFY_FAILED"):
        connect_from_url(f"mysql://root@localhost:{server.port}/mysql?ssl_ca={roots}", CREDENTIALS)


def test_a_plain_text_server_gets_neither_token_nor_name(ours: Authority) -> None:
    with _plain_text() as (port, received), pytest.raises(pymysql.err.OperationalError, match="SSL is required"):
        connect_from_url(f"mysql://dbsbm_app@localhost:{port}/dbsbm?auth=iam&ssl_ca={ours.file}", CREDENTIALS)
    assert bytes(received) == b""


def test_a_plain_mariadb_gets_no_token(mariadb_server: str, ours: Authority) -> None:
    port = mariadb_server.rstrip("/").rpartition(":")[2]
    with pytest.raises(pymysql.err.OperationalError, match="SSL is required"):
        connect_from_url(f"mysql://dbsbm_app@localhost:{port}/dbsbm?auth=iam&ssl_ca={ours.file}", CREDENTIALS)


def test_a_region_without_roots_says_so() -> None:
    with pytest.raises(SettingsError, match="no certificates of RDS in mars-north-1"):
        connect_from_url(
            "mysql://a@db.example/dbsbm?auth=iam&ssl_ca=rds", {**CREDENTIALS, "AWS_REGION": "mars-north-1"}
        )


@pytest.mark.parametrize("file", sorted(CERTIFICATES.glob("*.pem")), ids=lambda file: file.stem)
def test_roots_are_amazon_s_own_and_good_for_years(file: Path) -> None:
    """An expiry in sight fails here, years before it stops anybody."""
    found = x509.load_pem_x509_certificates(file.read_bytes())
    assert len(found) == (4 if file.stem == "proxy" else 3)
    for certificate in found:
        certificate.verify_directly_issued_by(certificate)
        assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        wanted = "CN=Amazon Root CA " if file.stem == "proxy" else f"CN=Amazon RDS {file.stem} Root CA "
        assert wanted in certificate.subject.rfc4514_string()
        assert certificate.not_valid_after_utc - datetime.now(UTC) > STILL_GOOD_FOR


@contextmanager
def _plain_text() -> Iterator[tuple[int, bytearray]]:
    """A server that greets without TLS and asks for the password in the clear; keeps what it is sent."""
    received = bytearray()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = threading.Thread(target=_greet, args=(listening, received), daemon=True)
        serving.start()
        yield listening.getsockname()[1], received
        serving.join(10)


def _greet(listening: socket.socket, received: bytearray) -> None:
    can = (CLIENT.CAPABILITIES | CLIENT.PLUGIN_AUTH) & ~CLIENT.SSL
    body = b"\x0a10.11.19-MariaDB\0" + struct.pack("<I", 7) + b"12345678\0" + struct.pack("<H", can & 0xFFFF)
    body += b"\x21\x02\x00" + struct.pack("<H", can >> 16) + b"\x15" + bytes(10) + b"123456789012\0"
    body += b"mysql_clear_password\0"
    taken, _ = listening.accept()
    with taken:
        taken.sendall(struct.pack("<I", len(body))[:3] + b"\0" + body)
        while data := taken.recv(4096):
            received += data
