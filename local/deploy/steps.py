"""The steps of a deployment, in order; each may be done again, and does nothing where nothing is to be done."""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError
from nacl.bindings import crypto_sign_seed_keypair

from dbsbm.core.transport import PooledTransport
from dbsbm.discord.rest import DiscordClient
from infra.catalog import CATALOG, SHIFTED
from infra.cdk.options import options_from
from infra.cdk.stage import stage_named
from local.cloud.execution import variable_of
from local.deploy.account import Account, DeployError
from local.deploy.dependencies import before_deploying
from local.deploy.quotas import fits
from local.run.registration import register

BOOTSTRAP_PARAMETER, BOOTSTRAP_VERSION = "/cdk-bootstrap/hnb659fds/version", 21
KEPT_VERSIONS = 5
OPTIONAL = frozenset({"odds-api-key", "weather-api-key", "api-sports-key"})
"""Without these the product runs; their feeds say that they have no key."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """``choices`` are the ``-c`` of the command line by name; ``cdk`` runs the CDK's command line."""

    stage: str
    choices: Mapping[str, str]
    account: Account
    cdk: Callable[[Sequence[str]], None]
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    def name(self, thing: str) -> str:
        return f"dbsbm-{self.stage}-{thing}"

    def secret(self, thing: str) -> str:
        return f"dbsbm/{self.stage}/{thing}"

    def context(self) -> list[str]:
        """What the CDK is told: the operator's choices, and the public half of the canary's key, what the edge says."""
        given = {"stage": self.stage, **self.choices}
        seed = self.account.secret(self.secret("canary-key"))
        if seed and "canary_public_key" not in given:
            given["canary_public_key"] = crypto_sign_seed_keypair(base64.b64decode(seed))[0].hex()
        token = self.account.secret(self.secret("edge-token"))
        if token and "edge_digest" not in given:
            given["edge_digest"] = hashlib.sha256(token.encode()).hexdigest()
        return [word for name, value in given.items() for word in ("--context", f"{name}={value}")]


def bootstrap(deployment: Deployment) -> str:
    """The CDK's own bucket and roles, once per account and region."""
    try:
        found = deployment.account.client("ssm").get_parameter(Name=BOOTSTRAP_PARAMETER)
        version = int(found["Parameter"]["Value"])
    except ClientError:
        version = 0
    if version >= BOOTSTRAP_VERSION:
        return f"there, version {version}"
    deployment.cdk(["bootstrap"])
    return "bootstrapped"


def stacks(deployment: Deployment) -> str:
    """Everything that outlives a version, and what keeps the schema."""
    parts = ["data", "records"]
    if any(function.before_shift for function in CATALOG.functions):
        parts.append("schema")
    deployment.cdk(["deploy", "--exclusively", *map(deployment.name, parts), *deployment.context()])
    return ", ".join(parts)


def fill_secrets(deployment: Deployment) -> str:
    """Make the secrets that are random, take the others from the environment, say which are missing.

    Raises
    ------
    DeployError
        Naming each secret that only the operator has.
    """
    manager = deployment.account.client("secretsmanager")
    made: list[str] = []
    missing: list[str] = []
    later: list[str] = []
    for secret in CATALOG.secrets:
        if secret.made_by_rds or secret.filled_by_rotation:
            continue  # made where it is rotated
        name = deployment.secret(secret.name)
        if deployment.account.secret(name):
            continue
        value = deployment.environ.get(variable_of(secret), "")
        if not value and secret.generated_bytes:
            value = base64.b64encode(secrets.token_bytes(secret.generated_bytes)).decode()
            before = secret.goes_on_from
            if before and before not in made:  # what it named so far is found on
                value = f"{value}@{datetime.now(UTC):%Y-%m-%d},{deployment.account.secret(deployment.secret(before))}"
        if value:
            manager.put_secret_value(SecretId=name, SecretString=value)
            made.append(secret.name)
        else:
            (later if secret.name in OPTIONAL else missing).append(secret.name)
    if missing:
        commands = "; ".join(
            f"aws secretsmanager put-secret-value --secret-id {deployment.secret(name)} --secret-string file://{name}"
            for name in missing
        )
        raise DeployError(f"nobody but you has these: {commands}; then start again")
    words = f"put in: {', '.join(made)}" if made else "all there"
    return f"{words}; without: {', '.join(later)}" if later else words


def doctor(deployment: Deployment) -> str:
    """Raises DeployError naming each quota that has no room, and what of Discord would stop a later step."""
    stage = stage_named(deployment.stage)
    found = list(fits(deployment.account, stage, options_from(dict(deployment.choices).get, stage)))
    full = [f"{fit.what}: {fit.detail}" for fit in found if fit.good is False]
    if full:
        raise DeployError("; ".join(full))
    broken = [f"{each.what}: {each.detail}" for each in before_deploying(deployment) if each.good is False]
    if broken:
        raise DeployError("; ".join(broken))
    unknown = [fit.what for fit in found if fit.good is None]
    return f"{len(found) - len(unknown)} quotas have room, Discord takes the token" + (
        f"; not told: {', '.join(unknown)}" if unknown else ""
    )


def migrate(deployment: Deployment) -> str:
    """What the new version needs is added; what the old one needs stays."""
    return _migrated(deployment, "expand")


def shift(deployment: Deployment) -> str:
    """The functions: checked, then a tenth of the calls, then all; CodeDeploy goes back by itself on an alarm."""
    deployment.cdk(["deploy", "--exclusively", deployment.name("functions"), *deployment.context()])
    return f"old versions cleared: {_clear_old_versions(deployment)}"


def watch(deployment: Deployment) -> str:
    """Alarms, dashboards and the budget, over what is there now."""
    deployment.cdk(["deploy", "--exclusively", deployment.name("watch"), *deployment.context()])
    return "alarms and dashboards"


def contract(deployment: Deployment) -> str:
    """What only the old version needed goes."""
    return _migrated(deployment, "contract")


def commands(deployment: Deployment) -> str:
    changes = register(_discord(deployment))
    count = len(changes.created) + len(changes.changed) + len(changes.removed)
    return f"{count} commands changed" if count else "as they are"


def endpoint(deployment: Deployment) -> str:
    """Discord asks the endpoint with good and bad signatures before it takes it."""
    settings = _discord(deployment)
    client = DiscordClient(PooledTransport(), settings["DISCORD_API_BASE_URL"], lambda: settings["DISCORD_BOT_TOKEN"])
    wanted = {
        "interactions_endpoint_url": deployment.account.outputs(deployment.name("functions"))["InteractionsEndpoint"]
    }
    now = client.call("GET", "/applications/@me") or {}
    if all(now.get(name) == value for name, value in wanted.items()):
        return "registered before"
    client.call("PATCH", "/applications/@me", wanted)
    return f"registered {wanted['interactions_endpoint_url']}"


STEPS: Mapping[str, Callable[[Deployment], str]] = {
    "bootstrap": bootstrap,
    "stacks": stacks,
    "secrets": fill_secrets,
    "doctor": doctor,
    "migrate": migrate,
    "shift": shift,
    "watch": watch,
    "contract": contract,
    "commands": commands,
    "endpoint": endpoint,
}


def live_versions(deployment: Deployment) -> dict[str, str]:
    """Which version people meet, by function; empty before the first shift."""
    client = deployment.account.client("lambda")
    found = {}
    for name in SHIFTED:
        try:
            alias = client.get_alias(FunctionName=deployment.name(name), Name="live")
        except ClientError:
            continue
        found[name] = str(alias["FunctionVersion"])
    return found


def rolled_back(deployment: Deployment, since: Any) -> bool:
    """Whether CodeDeploy gave up a shift that began after ``since``."""
    client = deployment.account.client("codedeploy")
    try:
        for group in SHIFTED:
            found = client.list_deployments(
                applicationName=f"dbsbm-{deployment.stage}",
                deploymentGroupName=group,
                createTimeRange={"start": since},
                includeOnlyStatuses=["Failed", "Stopped"],
            )
            if found["deployments"]:
                return True
    except ClientError:
        return False
    return False


def _migrated(deployment: Deployment, phase: str) -> str:
    if not any(function.name == "database_migrate" for function in CATALOG.functions):
        return "this catalog has no function for it: docs/runbooks/deploy.md"
    answer = deployment.account.invoke(deployment.name("database_migrate"), {"v": 1, "phase": phase})
    done = answer.get("done") or []
    stale = "" if answer.get("cache_forgotten", True) else "; the cache did not answer: what it has may be a minute old"
    return f"{phase}: {', '.join(map(str, done)) or 'nothing to do'}{stale}"


def _clear_old_versions(deployment: Deployment) -> int:
    """All but the last ones and what an alias names."""
    client = deployment.account.client("lambda")
    cleared = 0
    for function in CATALOG.functions:
        name = deployment.name(function.name)
        pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=name)
        numbers = sorted(int(v["Version"]) for page in pages for v in page["Versions"] if v["Version"].isdigit())
        aliases = client.list_aliases(FunctionName=name)["Aliases"]
        named = {alias["FunctionVersion"] for alias in aliases}
        named |= {v for alias in aliases for v in alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})}
        for number in numbers[:-KEPT_VERSIONS]:
            if str(number) not in named:
                client.delete_function(FunctionName=name, Qualifier=str(number))
                cleared += 1
    return cleared


def _discord(deployment: Deployment) -> dict[str, str]:
    token = deployment.account.secret(deployment.secret("discord-bot-token"))
    return {
        "DISCORD_API_BASE_URL": deployment.environ.get("DISCORD_API_BASE_URL", "https://discord.com/api/v10"),
        "DISCORD_APPLICATION_ID": deployment.choices.get("discord_application_id", ""),
        "DISCORD_BOT_TOKEN": token or "",
    }
