"""What a stage stands on: Discord and the providers asked from here, database and cache from within."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from dbsbm.core.secrets import ring
from dbsbm.core.settings import load
from dbsbm.core.transport import PooledTransport
from infra.cdk.stage import stage_named
from local.deploy.account import DeployError
from local.run.dependencies import KEYS, Looking, application, clock, discord, keys
from local.run.doctor import Finding

if TYPE_CHECKING:
    from local.deploy.steps import Deployment

CURES: Mapping[str, str] = {
    "database": "docs/runbooks/database.md",
    "cache": "docs/runbooks/cache.md",
    "flags": "docs/runbooks/limits.md",
    "outbox": "./dev outbox list, with DATABASE_URL of the stage",
    "discord": "docs/runbooks/discord-outage.md",
    "feed": "docs/runbooks/feed.md",
}
"""Where it is written what to do about what ``/health/detailed`` names."""


def of_stage(deployment: Deployment) -> Iterator[Finding]:
    """All of it, for a person who asks."""
    yield from _from_within(deployment)
    looking = _looking(deployment)
    yield from discord(looking)
    yield from keys(looking)


def before_deploying(deployment: Deployment) -> Iterator[Finding]:
    """What a deployment cannot do without. What is down in a stage may be just what it is to mend."""
    finding, told = application(_looking(deployment))
    yield finding
    if told is not None:
        yield clock(told)


def _looking(deployment: Deployment) -> Looking:
    stage = stage_named(deployment.stage)
    given = {name: deployment.environ.get(name, value) for name, value in stage.settings.items()}
    given |= {name.upper(): value for name, value in deployment.choices.items() if name.startswith("discord_")}
    for name in ("discord_bot_token", *KEYS):
        value = deployment.account.secret(deployment.secret(name.replace("_", "-")))
        given |= {name.upper(): value} if value else {}
    return Looking(load(given), PooledTransport())


def _from_within(deployment: Deployment) -> Iterator[Finding]:
    """What the stage's own ``/health/detailed`` says: nobody else reaches its database and cache."""
    token = ring(deployment.account.secret(deployment.secret("operations-token")) or "")
    event = {"rawPath": "/health/detailed", "headers": {"authorization": f"Bearer {token[0] if token else ''}"}}
    try:
        document = json.loads(deployment.account.invoke(deployment.name("api"), event)["body"])
        dependencies = document["dependencies"]
    except (DeployError, BotoCoreError, ClientError, KeyError, ValueError) as error:
        yield Finding("from within", None, f"the stage's function api does not say: {type(error).__name__} {error}")
        return
    for each in dependencies:
        good = {"ok": True, "unknown": None}.get(each["status"], False)
        detail = each.get("detail", "") or each["status"]
        cure = f": {CURES[each['name']]}" if good is False and each["name"] in CURES else ""
        yield Finding(each["name"], good, f"{detail}{cure}")
