"""Fired each morning: how old every secret is, whether what was promoted works. An operator's call promotes."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from dbsbm.core import metrics
from dbsbm.core.bucket import Aws
from dbsbm.core.invocation import watched
from dbsbm.environment import Environment, current
from dbsbm.rotation.ages import Standing, standings
from dbsbm.rotation.checks import Checks
from dbsbm.rotation.errors import RotationError
from dbsbm.rotation.staged import promote, settle
from dbsbm.security.secret_store import SecretStore

logger = logging.getLogger(__name__)

STAGED = ("discord_bot_token", "odds_api_key", "weather_api_key", "api_sports_key", "canary_key")


@watched
def handler(event: Mapping[str, Any], _context: Any) -> dict[str, Any]:
    """``{"v": 1, "promote": "discord-bot-token"}`` promotes, ``{"v": 1, "status": true}`` only tells."""
    environment = current()
    asked = event.get("promote")
    if isinstance(asked, str):
        return _promoted(environment, asked.replace("-", "_"))
    if not event.get("status"):
        _settle(environment)
    found = _standings(environment)
    _measure(found)
    return {"v": 1, "secrets": [each.to_json() for each in found]}


def _promoted(environment: Environment, name: str) -> dict[str, Any]:
    if name not in STAGED:
        raise RotationError(
            f"{name}: only {', '.join(STAGED)} are staged by operators; the others change by themselves"
        )
    done = promote(_store(environment, name), Checks(environment.transport, environment.settings).of(name))
    logger.info("promoted", extra={"secret": name, "tested": done.tested})
    return {"v": 1, "promoted": name, "tested": done.tested}


def _settle(environment: Environment) -> None:
    checks = Checks(environment.transport, environment.settings)
    for name in STAGED:
        try:
            became = settle(_store(environment, name), checks.of(name))
        except RotationError as error:
            logger.warning("not settled: %s", error.detail, extra={"secret": name})
            continue
        if became != "nothing":
            logger.info("settled", extra={"secret": name, "became": became})
        if became in ("put back", "broken"):
            metrics.record(metrics.SECRETS_UNHEALTHY)


def _standings(environment: Environment) -> list[Standing]:
    """Of all that the function is told of; a provider's key that nobody uses has no age."""
    checks, settings = Checks(environment.transport, environment.settings), environment.settings
    told = [name.removesuffix("_secret") for name in type(settings).model_fields if name.endswith("_secret")]
    names = [name for name in told if getattr(settings, f"{name}_secret")]
    used = [name for name in names if not checks.unused(name)]
    return standings({name: _store(environment, name) for name in used}, environment.clock.now())


def _measure(found: list[Standing]) -> None:
    for each in found:
        if each.age is not None:
            metrics.record(metrics.SECRET_AGE, each.age.total_seconds() / 86_400, secret=each.name)
    metrics.record(metrics.SECRETS_OVERDUE, sum(each.overdue or each.stuck for each in found))


def _store(environment: Environment, name: str) -> SecretStore:
    stored = getattr(environment.settings, f"{name}_secret")
    return SecretStore(Aws(environment.transport, environment.account()), stored)
