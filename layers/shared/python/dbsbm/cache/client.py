"""How Redis or Valkey is reached: TLS, a cluster, and passwords that are signed instead of stored."""

from __future__ import annotations

import os
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs, unquote, urlsplit

from dbsbm.cache.cache import Cache, LocalCache, RedisCache
from dbsbm.core.clock import Clock
from dbsbm.core.errors import SettingsError
from dbsbm.core.ids import Ids

if TYPE_CHECKING:
    import redis
    from redis.credentials import CredentialProvider

CONNECT_S = 0.5
ANSWER_S = 0.25


def build_cache(
    redis_url: str | None,
    clock: Clock,
    ids: Ids,
    *,
    namespace: str = "dbsbm",
    environ: Mapping[str, str] | None = None,
) -> Cache:
    """The cache of an environment; local alone without a URL."""
    if redis_url is None:
        return LocalCache(clock, ids)
    return RedisCache(lambda: redis_client(redis_url, environ), clock, ids, namespace=namespace)


def redis_client(
    url: str, environ: Mapping[str, str] | None = None, now: Callable[[], float] = time.time
) -> redis.Redis:
    """A client with short time limits for ``redis://`` or ``rediss://user:password@host:port/0?…``.

    ``rediss`` is TLS with the server's certificate and name verified, against ``ssl_ca`` or the system's certificates.
    ``cluster=true`` asks the endpoint which node serves which slot and follows it. ``auth=iam&cache=<name>`` signs the
    password of ``user`` with the AWS credentials in ``environ`` (default: the process's), anew for each connection;
    ``serverless=true`` says that the cache is one.

    Raises
    ------
    SettingsError
        When the URL is not of that shape.
    """
    import redis  # noqa: PLC0415 — 200 ms, paid by the first read that wants the cache
    from redis.backoff import NoBackoff  # noqa: PLC0415
    from redis.retry import Retry  # noqa: PLC0415

    parts = urlsplit(url)
    if parts.scheme not in {"redis", "rediss"}:
        raise SettingsError("REDIS_URL: must look like redis://host:6379/0 or rediss://…")
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    given: dict[str, Any] = {
        "host": parts.hostname or "127.0.0.1",
        "port": parts.port or 6379,
        "decode_responses": True,
        "protocol": 2,  # no HELLO
        "driver_info": None,  # no CLIENT SETINFO, which older servers refuse
        "socket_connect_timeout": CONNECT_S,
        "socket_timeout": ANSWER_S,
        "retry": Retry(NoBackoff(), 1),  # once: a connection that idled while the environment was frozen
        **_who(parts.username, parts.password, query, environ, now, secure=parts.scheme == "rediss"),
    }
    if parts.scheme == "rediss":
        given["connection_class"] = _over_tls(query.get("ssl_ca"))
    if query.get("cluster") != "true":
        return redis.Redis.from_pool(redis.ConnectionPool(**given))
    # As an URL, since a cluster takes a class of connections in no other way. A slot that nobody serves costs its own
    # keys alone.
    where = f"redis://{given.pop('host')}:{given.pop('port')}"
    return cast("redis.Redis", redis.RedisCluster(url=where, **given, require_full_coverage=False))


def _over_tls(certificates: str | None) -> type[Any]:
    """Connections that share one context: redis makes one for each, and reads the system's certificates every time."""
    from redis.connection import SSLConnection  # noqa: PLC0415 — as above

    class Connection(SSLConnection):
        def _wrap_socket_with_ssl(self, sock: socket.socket) -> ssl.SSLSocket:
            return _verified(certificates).wrap_socket(sock, server_hostname=self.host)

    return Connection


@cache
def _verified(certificates: str | None) -> ssl.SSLContext:
    """Reading certificates takes 25 ms: once per environment."""
    return ssl.create_default_context(cafile=certificates)


def _who(
    user: str | None,
    password: str | None,
    query: Mapping[str, str],
    environ: Mapping[str, str] | None,
    now: Callable[[], float],
    *,
    secure: bool,
) -> dict[str, Any]:
    if query.get("auth") != "iam":
        return {"username": unquote(user) if user else None, "password": unquote(password) if password else None}
    if not secure or not user or not query.get("cache"):
        raise SettingsError("REDIS_URL: auth=iam needs rediss://, a user and cache=<name of the cache>")
    variables = os.environ if environ is None else environ
    signer = _signer(unquote(user), query["cache"], query.get("serverless") == "true", variables, now)
    return {"credential_provider": signer}


def _signer(
    user: str, place: str, serverless: bool, environ: Mapping[str, str], now: Callable[[], float]
) -> CredentialProvider:
    from redis.credentials import CredentialProvider  # noqa: PLC0415 — as above

    from dbsbm.cache.iam import auth_token  # noqa: PLC0415 — a local cache has no password
    from dbsbm.core.aws import Account  # noqa: PLC0415

    class Signer(CredentialProvider):
        """Asked for each connection: a token is good for 15 minutes, the connection for twelve hours."""

        def get_credentials(self) -> tuple[str, str]:
            account = Account.from_environ(environ)
            return user, auth_token(
                place,
                user,
                region=account.region,
                credentials=account.credentials,
                now=now(),
                serverless=serverless,
            )

    return Signer()
