"""What the catalog is written in: functions, what calls them, what they may do, and what they need. No CDK import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Network = Literal["edge", "data"]
"""``edge``: outside the VPC, holds no secret. ``data``: private subnets, reaches database and cache, one door out."""


@dataclass(frozen=True, slots=True)
class Ref:
    """A value known only where the thing lives: ``Ref("secret", "token-key")``, ``Ref("setting", "DATABASE_URL")``.

    Kinds: ``secret`` (its name), ``bucket`` (its name), ``queue`` (its URL), ``function`` (its full name),
    ``setting`` (a value of the stage, e.g. the database's address), ``key`` (the alias of a signing key).
    """

    kind: Literal["secret", "bucket", "queue", "function", "setting", "key"]
    name: str


@dataclass(frozen=True, slots=True)
class HttpRoute:
    method: str
    path: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """EventBridge Scheduler expression (``rate(…)``, ``cron(…)``, ``at(…)``); dropped when older than ``max_age_s``."""

    expression: str
    timezone: str = "UTC"
    max_age_s: int = 300


@dataclass(frozen=True, slots=True)
class Permit:
    """Literal actions on one thing."""

    actions: tuple[str, ...]
    resource: Ref


@dataclass(frozen=True, slots=True)
class Queue:
    name: str
    retention_days: int = 14


@dataclass(frozen=True, slots=True)
class Bucket:
    """``locked_days``: S3 Object Lock keeps every version so long, whoever asks to delete it."""

    name: str
    versioned: bool = True
    expire_days: int | None = None
    locked_days: int | None = None


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An ECDSA P-256 key in KMS: it signs there and cannot be taken out."""

    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Secret:
    """``generated``: we make the value (bytes, base64). Otherwise the operator puts it in."""

    name: str
    description: str
    generated_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Function:
    """``before_shift``: deployed and called before the others take traffic (it keeps the schema they expect)."""

    name: str
    description: str
    network: Network
    triggers: Sequence[HttpRoute | Schedule] = ()
    memory_mb: int = 512
    timeout_s: int = 10
    concurrency: int = 10
    layers: tuple[str, ...] = ("shared",)
    environment: Mapping[str, str | Ref] = field(default_factory=dict)
    permits: tuple[Permit, ...] = ()
    retries: int = 0
    max_age_s: int = 840
    on_failure: Ref = Ref("queue", "failed-invocations")
    alarms: tuple[str, ...] = ("errors", "throttles", "duration")
    before_shift: bool = False


@dataclass(frozen=True, slots=True)
class Catalog:
    functions: tuple[Function, ...]
    queues: tuple[Queue, ...]
    buckets: tuple[Bucket, ...]
    secrets: tuple[Secret, ...]
    keys: tuple[SigningKey, ...] = ()

    def function(self, name: str) -> Function:
        for function in self.functions:
            if function.name == name:
                return function
        raise KeyError(f"no function {name!r} in the catalog")
