"""What Lambda puts around a function: names, ARNs, environment variables, and the outcome of an invocation."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from infra.catalog import Catalog, Function, Ref, Secret

REGION = "us-east-1"
ACCOUNT = "123456789012"
ACCESS_KEY = "local-access-key"
SECRET_KEY = "local-secret-key"  # noqa: S105 — opens nothing: the local cloud's own signature check
SESSION_TOKEN = "local-session-token"  # noqa: S105 — likewise
STAGE = "local"
ACCOUNTS = frozenset({"DATABASE_APP_URL", "DATABASE_MIGRATION_URL", "DATABASE_CHECK_URL", "DATABASE_READER_URL"})
"""A laptop has one account for all of them, unless it is told otherwise."""
QUALIFIERS = frozenset({"live", "$LATEST"})
ROOT = Path(__file__).resolve().parents[2]
LAYER = ROOT / "layers" / "shared" / "python"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one invocation ended. ``payload`` is JSON; the cold start stands in ``init_ms``, not in ``duration_ms``."""

    payload: bytes
    failed: bool
    duration_ms: float
    init_ms: float | None = None
    memory_mb: float | None = None
    version: str = "1"

    def document(self) -> Any:
        return json.loads(self.payload)


@dataclass(frozen=True, slots=True)
class Invocation:
    """One attempt, for tests to look at. Times in milliseconds; ``memory_mb`` is the process's high-water mark."""

    function: str
    request_id: str
    attempt: int
    event: Any
    result: Any
    failed: bool
    duration_ms: float
    init_ms: float | None
    memory_mb: float | None
    version: str = "1"


@dataclass(frozen=True, slots=True)
class Names:
    """Full names and ARNs: everything is called ``<prefix><catalog name>``."""

    prefix: str = f"dbsbm-{STAGE}-"

    def of(self, name: str) -> str:
        return f"{self.prefix}{name}"

    def function_arn(self, name: str) -> str:
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.of(name)}"

    def catalog_name(self, spoken: str) -> tuple[str, str]:
        """Catalog name and qualifier of what Lambda's API takes: a name, ``name:qualifier`` or an ARN.

        Raises
        ------
        KeyError
            When it cannot be one of ours.
        """
        text = spoken.rpartition("function:")[2]
        name, _, qualifier = text.partition(":")
        qualifier = qualifier or "$LATEST"
        if not name.startswith(self.prefix) or not (qualifier in QUALIFIERS or qualifier.isdecimal()):
            raise KeyError(spoken)
        return name.removeprefix(self.prefix), qualifier


def access_key_of(function: str) -> str:
    """Each function signs with a key of its own, so that the endpoint knows whose role a call has."""
    return f"{ACCESS_KEY}.{function}"


def role_of(access_key: str) -> str | None:
    """The function a key belongs to, "" for the operator's own; None for nobody's."""
    if access_key == ACCESS_KEY:
        return ""
    key, _, function = access_key.partition(".")
    return function if key == ACCESS_KEY and function else None


def lambda_variables(function: Function, names: Names) -> dict[str, str]:
    """The variables Lambda itself sets, and the four of ours that every function gets."""
    return {
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": access_key_of(function.name),
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_SESSION_TOKEN": SESSION_TOKEN,
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_FUNCTION_NAME": names.of(function.name),
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "AWS_LAMBDA_LOG_LEVEL": "INFO",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{names.of(function.name)}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "local",
        "_HANDLER": f"{function.name}.handler.handler",
        "TZ": ":UTC",
        "LANG": "en_US.UTF-8",
        "DBSBM_STAGE": STAGE,
        "DBSBM_FUNCTION": function.name,
        "DBSBM_FUNCTION_PREFIX": names.prefix,
    }


def catalog_variables(function: Function, settings: Mapping[str, str], names: Names, endpoint: str) -> dict[str, str]:
    """The catalog's variables with every ``Ref`` resolved; a setting the stage does not have is left out.

    ``FLAGS_BUCKET`` may be given as a setting: empty, nothing is switched off and nothing limited.
    """
    resolved = {name: _resolve(value, settings, names, endpoint) for name, value in function.environment.items()}
    if "FLAGS_BUCKET" in resolved and "FLAGS_BUCKET" in settings:
        resolved["FLAGS_BUCKET"] = settings["FLAGS_BUCKET"]
    return {name: value for name, value in resolved.items() if value is not None}


def _resolve(value: str | Ref, settings: Mapping[str, str], names: Names, endpoint: str) -> str | None:
    if isinstance(value, str):
        return value
    if value.kind == "setting":
        another = settings.get("DATABASE_URL") if value.name in ACCOUNTS else None
        return settings.get(value.name, another)
    if value.kind == "queue":
        return f"{endpoint}/{ACCOUNT}/{names.of(value.name)}"
    if value.kind == "key":
        return f"alias/{names.of(value.name)}"
    if value.kind == "version":
        return settings.get("NEW_VERSION", "live")
    return names.of(value.name)


def variable_of(secret: Secret) -> str:
    """The setting that gives a secret's plain value: ``discord-bot-token`` → ``DISCORD_BOT_TOKEN``."""
    return secret.name.upper().replace("-", "_")


def secret_values(catalog: Catalog, settings: Mapping[str, str], random: Random) -> dict[str, str]:
    """Each secret's value by its setting's name: given, else generated; without either, it is left out."""
    values: dict[str, str] = {}
    for secret in catalog.secrets:
        given = settings.get(variable_of(secret))
        if given:
            values[variable_of(secret)] = given
        elif secret.generated_bytes:
            values[variable_of(secret)] = base64.b64encode(random.randbytes(secret.generated_bytes)).decode()
    return values


def error_payload(error_type: str, message: str) -> bytes:
    return json.dumps({"errorType": error_type, "errorMessage": message}).encode()


def timed_out(request_id: str, timeout_s: float) -> bytes:
    """What Lambda answers for a timeout."""
    return error_payload(
        "Sandbox.Timedout", f"RequestId: {request_id} Error: Task timed out after {timeout_s:.2f} seconds"
    )


def crashed(request_id: str, how: str) -> bytes:
    """What Lambda answers when the process ended: ``how`` is "exit status 1" or "signal: killed"."""
    return error_payload("Runtime.ExitError", f"RequestId: {request_id} Error: Runtime exited with error: {how}")
