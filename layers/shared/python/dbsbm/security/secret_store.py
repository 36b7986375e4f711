"""One secret in AWS Secrets Manager: its versions, by their labels.

Reference: "Rotation by Lambda function" (AWS Secrets Manager user guide). AWSCURRENT is what readers get, AWSPENDING
what is to follow, AWSPREVIOUS what was current before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dbsbm.core.bucket import Aws, BucketError

CURRENT, PENDING, PREVIOUS = "AWSCURRENT", "AWSPENDING", "AWSPREVIOUS"
_MISSING = "ResourceNotFoundException"


@dataclass(frozen=True, slots=True)
class Version:
    """``labels`` are those it carries; ``created_at`` is when its value was put in."""

    id: str
    labels: frozenset[str]
    created_at: datetime


class SecretStore:
    """The secret ``name``, an ARN or a name. Every method raises BucketError when AWS refuses or does not answer."""

    def __init__(self, aws: Aws, name: str) -> None:
        self._aws = aws
        self.name = name

    def labels(self) -> Mapping[str, frozenset[str]]:
        """The labels of every version that has any, by the version's id."""
        found = self._call("DescribeSecret").get("VersionIdsToStages") or {}
        return {version: frozenset(labels) for version, labels in found.items()}

    def versions(self) -> tuple[Version, ...]:
        """The versions that carry a label, with the time of each."""
        found = self._call("ListSecretVersionIds").get("Versions") or ()
        return tuple(
            Version(each["VersionId"], frozenset(each["VersionStages"]), _moment(each["CreatedDate"]))
            for each in found
            if each.get("VersionStages")
        )

    def in_use_since(self) -> datetime | None:
        """When the value that readers get was put in, None where there is none. The secret's own dates say less:
        staging what is to follow moves them."""
        return next((each.created_at for each in self.versions() if CURRENT in each.labels), None)

    def value(self, label: str, version: str = "") -> str | None:
        """What the version with that label holds; None while it holds nothing, or is another than ``version``."""
        wanted = {"VersionStage": label, **({"VersionId": version} if version else {})}
        try:
            found = self._call("GetSecretValue", **wanted)
        except BucketError as error:
            if error.refusal == _MISSING:
                return None
            raise
        text = found.get("SecretString")
        return None if text is None else str(text)

    def put(self, version: str, value: str, label: str) -> None:
        """Give a version its value and a label. Once more with the same value it changes nothing."""
        self._call("PutSecretValue", ClientRequestToken=version, SecretString=value, VersionStages=[label])

    def move(self, label: str, *, to: str | None = None, off: str | None = None) -> None:
        """Take a label off a version, put it on another, or both at once. AWSPREVIOUS follows AWSCURRENT by itself."""
        moved = {"MoveToVersionId": to, "RemoveFromVersionId": off}
        self._call("UpdateSecretVersionStage", VersionStage=label, **{name: v for name, v in moved.items() if v})

    def _call(self, action: str, **arguments: Any) -> dict[str, Any]:
        return self._aws.call("secretsmanager", f"secretsmanager.{action}", {"SecretId": self.name, **arguments})


def holder(labels: Mapping[str, frozenset[str]], label: str) -> str | None:
    """The version that carries a label."""
    return next((version for version, carried in labels.items() if label in carried), None)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
