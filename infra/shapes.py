"""What the catalog is written in: functions, what calls them, what they may do, and what they need. No CDK import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

ROTATION_DAYS = 80
"""Ten days before a value is overdue: Secrets Manager takes its turn at some time of that day, or has to try again."""
Network = Literal["edge", "data"]
"""``edge``: outside the VPC. ``data``: private subnets, reaches database and cache, one door out."""


@dataclass(frozen=True, slots=True)
class Ref:
    """A value known only where the thing lives: ``Ref("secret", "token-key")``, ``Ref("setting", "DATABASE_URL")``.

    Kinds: ``secret`` (its name), ``bucket`` (its name), ``queue`` (its URL), ``function`` (its full name),
    ``setting`` (a value of the stage, e.g. the database's address), ``key`` (the alias of a signing key), ``stack``
    (the name of a stack of ours: ``data``, ``records``, ``functions`` or ``watch``), ``version`` (number of a
    function's version that is being deployed), ``deployment`` (the stage's deployments).
    """

    kind: Literal["secret", "bucket", "queue", "function", "setting", "key", "stack", "version", "deployment"]
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
class EventRule:
    """Events of an AWS service that EventBridge hands on; those of CloudTrail about reading are among them.

    ``kinds`` are detail-types, ``names`` event names.
    """

    name: str
    source: str
    kinds: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def pattern(self) -> dict[str, Any]:
        """As EventBridge takes it, in AWS and on a laptop."""
        return {"source": [self.source], "detail-type": list(self.kinds), "detail": {"eventName": list(self.names)}}


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
    """``locked_days``: S3 Object Lock keeps every version so long, whoever asks to delete it.

    ``expire_days``: then it is gone for good, its older versions and what was never finished with it.
    """

    name: str
    versioned: bool = True
    expire_days: int | None = None
    locked_days: int | None = None


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An ECDSA P-256 key in KMS: it signs there and cannot be taken out.

    KMS rotates no key of two halves: one more in ``generation`` makes a new key, to which the alias moves. Those before
    stay, for what they signed.
    """

    name: str
    description: str
    generation: int = 1


@dataclass(frozen=True, slots=True)
class EncryptionKey:
    """A key in KMS that makes data keys and opens them; it cannot be taken out, and is rotated there."""

    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Secret:
    """``generated``: we make the value (bytes, base64). Otherwise the operator puts it in, or ``made_by_rds``.

    ``rotated_by`` is the function that changes it every ``ROTATION_DAYS``; without one an operator stages the next
    value, and ``job_secrets`` promotes it. ``goes_on_from`` is the secret that did its work before there was this one:
    its keys are the older ones of the first value.
    """

    name: str
    description: str
    generated_bytes: int | None = None
    rotated_by: str | None = None
    made_by_rds: bool = False
    goes_on_from: str | None = None

    @property
    def filled_by_rotation(self) -> bool:
        """Its first change makes its first value, in place of a filling that opens nothing."""
        return self.rotated_by is not None and self.generated_bytes is None


@dataclass(frozen=True, slots=True)
class Function:
    """``before_shift``: deployed and called before the others take traffic (it keeps the schema they expect)."""

    name: str
    description: str
    network: Network
    triggers: Sequence[HttpRoute | Schedule | EventRule] = ()
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
    keys: tuple[SigningKey | EncryptionKey, ...] = ()

    def function(self, name: str) -> Function:
        for function in self.functions:
            if function.name == name:
                return function
        raise KeyError(f"no function {name!r} in the catalog")


def invoking(*names: str) -> tuple[Permit, ...]:
    return tuple(Permit(("lambda:InvokeFunction",), Ref("function", name)) for name in names)


def reading(*names: str) -> tuple[Permit, ...]:
    return tuple(Permit(("secretsmanager:GetSecretValue",), Ref("secret", name)) for name in names)


def taking(bucket: str) -> tuple[Permit, ...]:
    """Take an object out, and be told when there is none: without ListBucket that would read as a refusal."""
    return (Permit(("s3:GetObject",), Ref("bucket", bucket)), Permit(("s3:ListBucket",), Ref("bucket", bucket)))
