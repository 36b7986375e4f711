"""Who read which secret: AWS CloudTrail's events about Secrets Manager, held against the roles that may.

Reference: "Log AWS Secrets Manager events with AWS CloudTrail". Whoever else reads a secret, and every refused attempt,
is somebody to look for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dbsbm.core.errors import SettingsError
from dbsbm.rotation.catalogue import plain_name

READ = frozenset({"GetSecretValue", "BatchGetSecretValue"})
FAILED = frozenset({"RotationFailed", "RotationAbandoned", "TestRotationFailed"})
"""Events that Secrets Manager itself writes."""
OTHERS = {"rds.amazonaws.com": "database-master"}
"""Services that look after a secret of theirs."""


_ARN = re.compile(r"arn:[\w-]+:(iam|sts)::\d{12}:[\w+=,.@/-]+")


@dataclass(frozen=True, slots=True)
class Event:
    """``who`` is a role's name, a service's, or the ARN of anybody else; ``arn`` is always the ARN. ``error`` is why it
    was refused.
    """

    name: str
    secret: str
    who: str
    arn: str
    error: str

    @classmethod
    def of(cls, detail: Mapping[str, Any]) -> Event:
        identity = _mapping(detail.get("userIdentity"))
        issuer = _mapping(_mapping(identity.get("sessionContext")).get("sessionIssuer"))
        who = issuer.get("userName") or identity.get("invokedBy") or identity.get("arn") or "unknown"
        asked = _mapping(detail.get("requestParameters")).get("secretId")
        told = _mapping(detail.get("additionalEventData")).get("SecretId")
        secret = plain_name(str(asked or told or "unknown"))
        arn = str(identity.get("arn") or "")
        return cls(
            str(detail.get("eventName")),
            secret,
            str(who),
            arn if _ARN.fullmatch(arn) else "unknown",
            str(detail.get("errorCode") or ""),
        )


@dataclass(frozen=True, slots=True)
class Readers:
    """``by_secret``: the functions that may read each secret, by its plain name. Roles are named as functions are."""

    by_secret: Mapping[str, frozenset[str]]
    prefix: str

    @classmethod
    def parse(cls, text: str, prefix: str) -> Readers:
        """Of ``{"token-key": ["delivery", …]}``. Raises SettingsError."""
        try:
            found = {secret: frozenset(names) for secret, names in json.loads(text).items()}
        except (ValueError, AttributeError, TypeError) as error:
            raise SettingsError("SECRET_READERS: an object of lists is needed") from error
        return cls(found, prefix)

    def told(self, event: Event) -> dict[str, str]:
        """What a log line says of it: names of ours where they are known, else an ARN; no other text of the event."""
        function = event.who.removeprefix(self.prefix)
        known = event.who.startswith(self.prefix) and any(function in names for names in self.by_secret.values())
        return {"opened": event.secret if event.secret in self.by_secret else "unknown",
                "reader": function if known else event.arn}  # fmt: skip

    def expected(self, event: Event) -> bool:
        """Whether this reader of this secret is one of those that the catalog gives it to, and was let."""
        if event.error:
            return False
        if OTHERS.get(event.who) == event.secret:
            return True
        allowed = self.by_secret.get(event.secret, frozenset())
        return event.who.startswith(self.prefix) and event.who.removeprefix(self.prefix) in allowed


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
