"""Redis as the cloud has it: a cluster of two nodes, TLS alone, users with few rights and no default user."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import redis
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from infra.cache_user import ACCESS
from local.servers import READY_WITHIN_S, Redis, free_port

OPERATOR, OPERATORS_PASSWORD = "operator", "of-this-test"
SLOTS = 16_384


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1 that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "cache of a test")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "cache.crt", folder / "cache.key"
    public.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return public, private


class Node(Redis):
    """One node. Nobody comes in without TLS, a name and a password."""

    def __init__(self, directory: Path, public: Path, private: Path, user: str, password: str) -> None:
        super().__init__(directory)
        self._public, self._private = public, private
        self.bus = free_port()
        self._users = (
            "user default off\n"
            f"user {OPERATOR} on ~* &* +@all >{OPERATORS_PASSWORD}\n"
            f"user {user} {ACCESS} >{password}\n"
        )

    def operator(self) -> redis.Redis:
        return redis.Redis(
            "127.0.0.1",
            self.port,
            username=OPERATOR,
            password=OPERATORS_PASSWORD,
            ssl=True,
            ssl_ca_certs=str(self._public),
            decode_responses=True,
        )

    def _command(self) -> Sequence[str]:
        (self.directory / "users.acl").write_text(self._users)
        plain = list(super()._command())
        plain[plain.index("--port") + 1] = "0"
        plain[plain.index("--cluster-port") + 1] = str(self.bus)
        files = ("--tls-cert-file", str(self._public), "--tls-key-file", str(self._private))
        tls = ("--tls-port", str(self.port), *files, "--tls-ca-cert-file", str(self._public), "--tls-cluster", "yes")
        users = ("--aclfile", str(self.directory.resolve() / "users.acl"))
        return (*plain, *tls, "--tls-auth-clients", "no", *users)

    def _answers(self) -> bool:
        try:
            with self.operator() as client:
                return bool(client.ping())
        except (redis.exceptions.RedisError, ssl.SSLError):
            return False


@contextmanager
def cluster(folder: Path, user: str, password: str) -> Iterator[tuple[str, list[Node]]]:
    """Two nodes that share the slots; ``host:port`` of the first one and the file that vouches for both."""
    folder.mkdir(parents=True, exist_ok=True)
    public, private = certificate(folder)
    with ExitStack() as stack:
        nodes = [
            stack.enter_context(Node(folder / str(number), public, private, user, password)) for number in range(2)
        ]
        first, second = (stack.enter_context(node.operator()) for node in nodes)
        first.execute_command("CLUSTER ADDSLOTSRANGE", 0, SLOTS // 2 - 1)
        second.execute_command("CLUSTER ADDSLOTSRANGE", SLOTS // 2, SLOTS - 1)
        first.execute_command("CLUSTER MEET", "127.0.0.1", nodes[1].port, nodes[1].bus)
        until = time.monotonic() + READY_WITHIN_S
        while not all(_is_whole(client) for client in (first, second)):
            assert time.monotonic() < until, "the nodes do not find each other"
            time.sleep(0.05)
        yield str(public), nodes


def _is_whole(client: redis.Redis) -> bool:
    info: Any = client.cluster("INFO")
    return bool(info["cluster_state"] == "ok" and info["cluster_known_nodes"] == "2")
