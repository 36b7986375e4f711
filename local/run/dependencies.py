"""What the settings point at, each asked once: database, cache, Discord, providers, the clock.

``./dev doctor`` shows all of it; ``./dev doctor --stage STAGE`` and a deployment ask the same of a stage's secrets.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import pymysql

from dbsbm.core.errors import SettingsError
from dbsbm.core.http import HttpRequest, HttpResponse, Transport, TransportError
from dbsbm.core.logging import redacted
from dbsbm.core.settings import Settings, load
from dbsbm.core.transport import PooledTransport
from dbsbm.database import migrate
from dbsbm.discord.rest import USER_AGENT
from dbsbm.rotation.checks import Checks
from dbsbm.rotation.errors import RotationError, UnhealthyError
from local.run.doctor import Finding, shown
from local.run.state import alive, read

CLOCK_OFF_S = 5.0
"""Discord's signatures may be 30 s ahead of us, AWS's five minutes off; a clock that is kept is never this far."""
_TIMEOUT_S = 8.0
_UNSIGNED = 401
_REFUSED = frozenset({400, 401, 403})
KEYS = ("odds_api_key", "weather_api_key", "api_sports_key")


@dataclass(frozen=True, slots=True)
class Looking:
    """``now`` is this machine's time in seconds since 1970."""

    settings: Settings
    transport: Transport
    now: Callable[[], float] = time.time


def main() -> int:
    """Look at what this machine's settings name, those of a running ``./dev up`` behind them."""
    state = read()
    behind = state.settings if state is not None and alive(state) else {}
    return shown(findings({**behind, **os.environ}, PooledTransport()), "broken")


def findings(
    environ: Mapping[str, str], transport: Transport, now: Callable[[], float] = time.time
) -> Iterator[Finding]:
    """Everything that is named in ``environ``; what is not named ``./dev up`` brings itself."""
    try:
        settings = load(environ)
    except SettingsError as error:
        yield Finding("settings", False, f"{error.detail}; every name there is stands in .env.example")
        return
    yield Finding("settings", True, "every variable is known, every value fits")
    yield _database(environ.get("DATABASE_URL", ""))
    yield _cache(environ.get("REDIS_URL", ""))
    looking = Looking(settings, transport, now)
    if environ.get("DISCORD_BOT_TOKEN"):
        yield from discord(looking)
    else:
        yield Finding("discord", True, "no DISCORD_BOT_TOKEN: ./dev up simulates it")
    yield from keys(looking)


def _database(url: str) -> Finding:
    if not url:
        return Finding("database", True, "no DATABASE_URL: ./dev up starts its own")
    newest = len(migrate.migrations())
    try:
        version = migrate.found(url)
    except SettingsError as error:
        return Finding("database", False, error.detail)
    except (pymysql.err.MySQLError, OSError) as error:
        cure = "is it running, and do host, port, user and password of DATABASE_URL fit?"
        return Finding("database", False, f"{redacted(str(error))}: {cure} Without it ./dev up starts its own")
    if version < newest:
        return Finding("database", False, f"its tables are of migration {version} of {newest}: ./dev migrate")
    if version > newest:
        return Finding("database", False, f"migration {version} is unknown here ({newest} is the last): git pull")
    return Finding("database", True, f"answers, all {newest} migrations are there")


def _cache(url: str) -> Finding:
    if not url:
        return Finding("cache", True, "no REDIS_URL: ./dev up starts its own")
    from redis.exceptions import RedisClusterException, RedisError  # noqa: PLC0415 — 200 ms

    from dbsbm.cache.client import redis_client  # noqa: PLC0415 — as above

    try:
        redis_client(url).ping()
    except SettingsError as error:
        return Finding("cache", False, error.detail)
    except (RedisError, RedisClusterException, OSError) as error:
        cure = "is it running, and is REDIS_URL right? The product works without it, more slowly"
        return Finding("cache", False, f"{redacted(str(error))}: {cure}")
    return Finding("cache", True, "answers")


@dataclass(frozen=True, slots=True)
class Told:
    """What Discord says of the application; ``at`` is this machine's time halfway through the question."""

    application: Mapping[str, object]
    date: str
    at: float


def discord(looking: Looking) -> Iterator[Finding]:
    """The token, the application it is of, how late it is there and here, where Discord sends interactions."""
    finding, told = application(looking)
    yield finding
    if told is not None:
        yield clock(told)
        yield _endpoint(looking, str(told.application.get("interactions_endpoint_url") or ""))


def application(looking: Looking) -> tuple[Finding, Told | None]:
    """Whether Discord takes the token, and as whose."""
    settings = looking.settings
    token = settings.discord_bot_token.get_secret_value() if settings.discord_bot_token else ""
    if not token:
        return Finding("discord", None, "no token yet: not looked at"), None
    headers = {"authorization": f"Bot {token}", "user-agent": USER_AGENT}
    began = looking.now()
    answer = _asked(looking, HttpRequest("GET", f"{settings.discord_api_base_url}/applications/@me", headers))
    if isinstance(answer, str) or (answer.status != 200 and answer.status not in _REFUSED):
        said = answer if isinstance(answer, str) else f"status {answer.status}"
        return Finding("discord", None, f"{said}: not looked at"), None
    if answer.status in _REFUSED:
        cure = "Developer Portal, Bot, Reset Token; then DISCORD_BOT_TOKEN, or ./dev secrets stage discord-bot-token"
        return Finding("discord", False, f"the token is refused (status {answer.status}): {cure}"), None
    told = Told(json.loads(answer.body), answer.headers.get("date", ""), (began + looking.now()) / 2)
    return _whose(settings, told.application), told


def _whose(settings: Settings, found: Mapping[str, object]) -> Finding:
    wanted, key = settings.discord_application_id, str(found.get("verify_key") or "")
    if wanted and str(found.get("id")) != wanted:
        detail = f"the token is of application {found.get('id')}, DISCORD_APPLICATION_ID is {wanted}"
        return Finding("discord", False, f"{detail}: take both from one page of the Developer Portal")
    if settings.discord_public_key and key not in settings.discord_public_key:
        cure = f"Discord signs with {key}: put it into DISCORD_PUBLIC_KEY"
        return Finding("discord", False, f"DISCORD_PUBLIC_KEY is another application's. {cure}")
    return Finding("discord", True, f"takes the token; application {found.get('id')}")


def _endpoint(looking: Looking, url: str) -> Finding:
    """Asked without a signature, as anybody may: our front door says 401."""
    if not url:
        cure = "Developer Portal, General Information, Interactions Endpoint URL: https://…/discord/interactions"
        return Finding("endpoint", False, f"Discord sends interactions nowhere. {cure}")
    answer = _asked(looking, HttpRequest("POST", url, {"content-type": "application/json"}, b'{"type":1}'))
    if isinstance(answer, str):
        return Finding("endpoint", False, f"{url}: {answer}. Does ./dev up run, and does the tunnel lead to it?")
    if answer.status != _UNSIGNED:
        said = f"{url} answers {answer.status} to a request without a signature, not {_UNSIGNED}"
        return Finding("endpoint", False, f"{said}: something else stands there")
    return Finding("endpoint", True, f"{url} refuses what is not signed")


def clock(told: Told) -> Finding:
    """How far this machine's clock is off."""
    try:
        off_s = told.at - parsedate_to_datetime(told.date).timestamp()
    except ValueError:
        return Finding("clock", None, "Discord does not say how late it is: not compared")
    if abs(off_s) > CLOCK_OFF_S:
        said = f"{abs(off_s):.0f} s {'ahead of' if off_s > 0 else 'behind'} Discord's"
        return Finding("clock", False, f"{said}: signatures will be refused. timedatectl set-ntp true, or chrony")
    return Finding("clock", True, f"within {CLOCK_OFF_S:.0f} s of Discord's")


def keys(looking: Looking) -> Iterator[Finding]:
    """The keys of those who bring odds, scores and weather, each tried with a question that costs nothing."""
    checks = Checks(looking.transport, looking.settings)
    for name in KEYS:
        given = getattr(looking.settings, name)
        what, variable = name.removesuffix("_key").replace("_", "-"), name.upper()
        check = checks.of(name)
        if not given or check is None:
            yield Finding(what, True, f"not asked: no {variable}" if not given else "not asked: no address")
            continue
        try:
            check(given.get_secret_value())
        except UnhealthyError as error:
            cure = f"put the right one into {variable}, or ./dev secrets stage {name.replace('_', '-')}"
            yield Finding(what, False, f"{error.detail}: {cure}")
        except RotationError as error:
            yield Finding(what, None, error.detail)
        else:
            yield Finding(what, True, "takes the key")


def _asked(looking: Looking, request: HttpRequest) -> HttpResponse | str:
    """An answer, or why there is none."""
    try:
        return looking.transport(HttpRequest(request.method, request.url, request.headers, request.body, _TIMEOUT_S))
    except TransportError as error:
        return error.detail


if __name__ == "__main__":
    sys.exit(main())
