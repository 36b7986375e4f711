"""Builds the environment of a worker function from its environment variables."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from random import Random, SystemRandom
from typing import TYPE_CHECKING, Any

from dbsbm.cache.cache import RedisCache
from dbsbm.cache.client import build_cache
from dbsbm.core.clock import Clock, environment_clock
from dbsbm.core.flag_store import READ_S, FlagReader
from dbsbm.core.http import HttpRequest, HttpResponse, Transport
from dbsbm.core.ids import Ids
from dbsbm.core.secrets import Secrets, SecretsManager
from dbsbm.core.settings import Settings, load
from dbsbm.database.connection import Connection, connect_from_url
from dbsbm.database.database import Database
from dbsbm.discord.rest import DiscordClient
from dbsbm.environment import Environment
from dbsbm.keys.ring import READ_S as KEY_READ_S
from dbsbm.keys.ring import BucketRing
from dbsbm.outbox.repository import OutboxRepository
from dbsbm.resilience.rate_limit import RateLimiter
from dbsbm.security.blind_index import BlindIndex
from dbsbm.security.tokens import TokenBox

if TYPE_CHECKING:
    from dbsbm.core.aws import Account, Invoke
    from dbsbm.core.bucket import Bucket
    from dbsbm.database.session import Keyring


def build(
    environ: Mapping[str, str] | None = None,
    *,
    clock: Clock | None = None,
    random: Random | None = None,
    connect: Callable[[str], Connection] | None = None,
    transport: Transport | None = None,
    invoke: Invoke | None = None,
    secrets: SecretsManager | None = None,
    keyring: Keyring | None = None,
) -> Environment:
    """Everything a worker needs, opened when first used.

    ``environ`` replaces the process's variables. The other arguments replace one way out each, so that the in-process
    cloud and the tests can stand in every one of them.

    Raises
    ------
    SettingsError
        Naming each variable that is wrong.
    """
    settings = load(environ)
    clock = clock or environment_clock()
    random = random or SystemRandom()
    ids = Ids(clock, random)
    carried = transport or _PooledLater()
    variables = os.environ if environ is None else environ
    secret = Secrets(settings, clock, secrets or _secrets_manager(variables))
    tokens = TokenBox(lambda: secret("token_key"), anew=lambda: secret.anew("token_key"))
    opened = connect or (lambda url: connect_from_url(url, variables))
    database_url, redis_url = settings.database_url.get_secret_value(), settings.redis_url
    cache = build_cache(redis_url.get_secret_value() if redis_url else None, clock, ids, environ=variables)
    return Environment(
        settings=settings,
        clock=clock,
        ids=ids,
        random=random,
        database=Database(
            lambda: opened(database_url),
            clock,
            OutboxRepository(tokens),
            keyring or _keyring(settings, variables, carried, clock),
        ),
        connect=opened,
        cache=cache,
        discord=DiscordClient(carried, settings.discord_api_base_url, lambda: secret("discord_bot_token")),
        tokens=tokens,
        index=BlindIndex(lambda: secret("index_key"), clock),
        invoke=invoke or _InvokeLater(variables),
        secret=secret,
        transport=carried,
        flags=FlagReader(_flags_bucket(settings, variables, carried), clock),
        limiter=RateLimiter(cache.link if isinstance(cache, RedisCache) else None, clock),
        account=lambda: _account(variables),
    )


def _account(environ: Mapping[str, str]) -> Account:
    from dbsbm.core.aws import Account  # noqa: PLC0415 — commands call AWS only to nudge delivery

    return Account.from_environ(environ)


def _flags_bucket(settings: Settings, environ: Mapping[str, str], transport: Transport) -> Callable[[], Bucket] | None:
    if not settings.flags_bucket:
        return None

    def opened() -> Bucket:
        from dbsbm.core.bucket import Aws, Bucket  # noqa: PLC0415 — only who has a bucket pays for the signing

        return Bucket(Aws(transport, _account(environ), timeout_s=READ_S), settings.flags_bucket)

    return opened


def _keyring(settings: Settings, environ: Mapping[str, str], transport: Transport, clock: Clock) -> Keyring | None:
    """The keys of words, for functions that have their bucket; the code behind it is loaded with the first key."""
    if not settings.keyring_bucket:
        return None

    def opened() -> Bucket:
        from dbsbm.core.bucket import Aws, Bucket  # noqa: PLC0415 — most commands never need a key

        return Bucket(Aws(transport, _account(environ), timeout_s=KEY_READ_S), settings.keyring_bucket)

    return BucketRing(opened, clock)


class _PooledLater:
    """The pooled transport, made with the first request: most commands never send one."""

    def __init__(self) -> None:
        self._pooled: Transport | None = None

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self._pooled is None:
            from dbsbm.core.transport import PooledTransport  # noqa: PLC0415 — urllib3 costs 30 ms to import

            self._pooled = PooledTransport()
        return self._pooled(request)


class _InvokeLater:
    """The signed way to other functions, made with the first call."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._made: Invoke | None = None

    def __call__(
        self, function: str, payload: dict[str, Any], *, asynchronous: bool, timeout_s: float
    ) -> dict[str, Any] | None:
        if self._made is None:
            from dbsbm.core.aws import LambdaInvoke  # noqa: PLC0415 — delivery never invokes anything

            self._made = LambdaInvoke.from_environ(self._environ)
        return self._made(function, payload, asynchronous=asynchronous, timeout_s=timeout_s)


def _secrets_manager(environ: Mapping[str, str]) -> SecretsManager:
    def call(target: str, body: Mapping[str, Any]) -> dict[str, Any]:
        from dbsbm.core.aws import Account, call_json  # noqa: PLC0415 — a local run with plain settings needs no AWS

        return call_json(Account.from_environ(environ), "secretsmanager", target, body)

    return call
