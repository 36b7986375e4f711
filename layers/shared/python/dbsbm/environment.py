"""What one Lambda execution environment holds: settings, clock, database, the way to Discord and to other functions.

A handler asks :func:`current`. In the cloud it is built once from the environment variables; the in-process cloud of
the tests installs its own, with a virtual clock and faults at every crossing.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from dbsbm.core.clock import Clock
from dbsbm.core.http import Transport
from dbsbm.core.ids import Ids
from dbsbm.core.secrets import Secrets
from dbsbm.core.settings import Settings

if TYPE_CHECKING:
    from dbsbm.cache.cache import Cache
    from dbsbm.core.aws import Account, Invoke
    from dbsbm.core.flag_store import FlagReader
    from dbsbm.database.connection import Connection
    from dbsbm.database.database import Database
    from dbsbm.discord.rest import DiscordClient
    from dbsbm.resilience.rate_limit import RateLimiter
    from dbsbm.security.blind_index import BlindIndex
    from dbsbm.security.tokens import TokenBox


@dataclass(frozen=True)
class Environment:
    """Everything a worker reaches beyond its own arguments.

    ``secret(name)`` reads a secret by setting name ("discord_bot_token", "token_key", "odds_api_key"): the plain
    setting if given, else from Secrets Manager, kept until ``secret.anew(name)``.
    """

    settings: Settings
    clock: Clock
    ids: Ids
    random: Random
    database: Database
    cache: Cache
    discord: DiscordClient
    tokens: TokenBox
    index: BlindIndex
    invoke: Invoke
    secret: Secrets
    transport: Transport
    """The way out over HTTP, for providers and AWS."""
    flags: FlagReader
    limiter: RateLimiter
    connect: Callable[[str], Connection]
    """A connection of its own to an address that is not ``DATABASE_URL``: as another account."""
    account: Callable[[], Account]
    """Whose AWS calls these are; raises SettingsError where there are no credentials."""


_installed: ContextVar[Environment | None] = ContextVar("environment", default=None)
_own: list[Environment] = []


def current() -> Environment:
    """The environment of this process; built from the environment variables on first use."""
    installed = _installed.get()
    if installed is not None:
        return installed
    if not _own:
        from dbsbm.wiring import build  # noqa: PLC0415 — imports every adapter; tests that install their own never pay

        _own.append(build())
        gc.collect()
        gc.freeze()  # what was made so far lives as long as the process: no collection looks at it again
    return _own[0]


@contextmanager
def installed(environment: Environment) -> Iterator[None]:
    """Run a block with an environment of the caller's."""
    token = _installed.set(environment)
    try:
        yield
    finally:
        _installed.reset(token)
