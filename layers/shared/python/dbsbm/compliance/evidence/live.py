"""What AWS itself says: buckets, secrets, keys, queues, and the templates of the deployed stacks. Reads alone.

Reference: Amazon S3 API ("GetPublicAccessBlock", "GetBucketVersioning", "GetBucketEncryption",
"GetObjectLockConfiguration"), AWS CloudFormation API ("GetTemplate"), Secrets Manager API ("ListSecretVersionIds"),
AWS KMS API ("GetKeyRotationStatus"), Amazon SQS API ("GetQueueAttributes").
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from html import unescape
from json import loads
from typing import Any
from urllib.parse import urlencode

from dbsbm.compliance.judging import BLOCKS
from dbsbm.core.aws import Request, quote
from dbsbm.core.bucket import Aws, Bucket, BucketError
from dbsbm.security.secret_store import SecretStore

MANIFESTS, NAME = "manifests/", "%Y%m%dT%H%M%SZ"
"""Where backups have their manifests, and how these are named: the moment that they show."""
DAY_S = 86_400
_LOOKED = 8
_EMPTY = hashlib.sha256(b"").hexdigest()
_BODY = re.compile(r"<TemplateBody>(.*?)</TemplateBody>", re.DOTALL)


def buckets(aws: Aws, names: Mapping[str, str]) -> dict[str, Any]:
    """The settings of each bucket, by its name in the catalog. Raises BucketError."""
    return {name: _bucket(aws, full) for name, full in names.items()}


def public_access(aws: Aws, bucket: str) -> dict[str, bool]:
    found = _subresource(aws, bucket, "publicAccessBlock") or ""
    return {name: _value(found, name) == "true" for name in BLOCKS}


def versioning(aws: Aws, bucket: str) -> str:
    """ "Enabled", "Suspended", or "" where it never was."""
    return _value(_subresource(aws, bucket, "versioning") or "", "Status")


def secrets(aws: Aws, names: Mapping[str, str]) -> dict[str, Any]:
    """When the value in use of each secret was put in, None where it has none. Raises BucketError."""
    since = {name: SecretStore(aws, full).in_use_since() for name, full in names.items()}
    return {name: {"changed_at": changed.isoformat() if changed else None} for name, changed in since.items()}


def keys(aws: Aws, names: Mapping[str, str]) -> dict[str, Any]:
    """Whether KMS makes new ones, and how often. Raises BucketError."""
    return {name: rotation(aws, full) for name, full in names.items()}


def key_id(aws: Aws, key: str) -> str:
    """The id of what an alias names: KMS sets rotation by ids alone."""
    return str(aws.call("kms", "TrentService.DescribeKey", {"KeyId": key})["KeyMetadata"]["KeyId"])


def rotation(aws: Aws, key: str) -> dict[str, Any]:
    """``days`` is None where KMS does not name the period."""
    said = aws.call("kms", "TrentService.GetKeyRotationStatus", {"KeyId": key_id(aws, key)})
    return {"on": said.get("KeyRotationEnabled") is True, "days": said.get("RotationPeriodInDays")}


def queues(aws: Aws, names: Mapping[str, str]) -> dict[str, Any]:
    """Whether each is encrypted, and for how many days it keeps a message. Raises BucketError."""
    return {name: {"encrypted": queue_encrypted(aws, url), "days": queue_days(aws, url)} for name, url in names.items()}


def queue_encrypted(aws: Aws, url: str) -> bool:
    found = _attributes(aws, url, "SqsManagedSseEnabled", "KmsMasterKeyId")
    return found.get("SqsManagedSseEnabled") == "true" or bool(found.get("KmsMasterKeyId"))


def queue_days(aws: Aws, url: str) -> float:
    return int(_attributes(aws, url, "MessageRetentionPeriod")["MessageRetentionPeriod"]) / DAY_S


def _attributes(aws: Aws, url: str, *names: str) -> dict[str, str]:
    asked = {"QueueUrl": url, "AttributeNames": names}
    found: dict[str, str] = aws.call("sqs", "AmazonSQS.GetQueueAttributes", asked).get("Attributes") or {}
    return found


def stacks(aws: Aws, names: Mapping[str, str]) -> dict[str, Any]:
    """The resources of each deployed stack. Raises BucketError where there is no such stack."""
    return {name: _template(aws, full)["Resources"] for name, full in names.items()}


def backups(bucket: Bucket) -> dict[str, Any]:
    """What backups there are, by the names of their manifests, and what the newest of them were found to be."""
    names = [key.removeprefix(MANIFESTS).removesuffix(".json") for key in bucket.keys(MANIFESTS)]
    if not names:
        return {"backups": 0}
    notes = [loads(found) for name in names[-_LOOKED:] if (found := bucket.get(f"checks/{name}.json"))]
    whole = [str(note["at"]) for note in notes if note.get("whole") is True]
    newest = datetime.strptime(names[-1], NAME).replace(tzinfo=UTC)
    return {
        "backups": len(names),
        "newest_at": newest.isoformat(),
        "looked": min(len(names), _LOOKED),
        "verified_at": max(whole, default=None),
    }


def _template(aws: Aws, stack: str) -> dict[str, Any]:
    asked = {"Action": "GetTemplate", "StackName": stack, "TemplateStage": "Processed", "Version": "2010-05-15"}
    headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    answer = aws.send("cloudformation", Request("POST", "/", "", urlencode(asked).encode()), headers)
    found = _BODY.search(answer.body.decode())
    if answer.status != 200 or found is None:
        raise BucketError(f"cloudformation {stack}: status {answer.status}", answer.status)
    document: dict[str, Any] = loads(unescape(found[1]))
    return document


def _bucket(aws: Aws, bucket: str) -> dict[str, Any]:
    lock = _subresource(aws, bucket, "object-lock") or ""
    days = int(_value(lock, "Days") or 0) + 365 * int(_value(lock, "Years") or 0)
    return {
        "public_access": public_access(aws, bucket),
        "versioning": versioning(aws, bucket),
        "encryption": _value(_subresource(aws, bucket, "encryption") or "", "SSEAlgorithm"),
        "locked_days": days,
        "lock_mode": _value(lock, "Mode"),
    }


def _subresource(aws: Aws, bucket: str, name: str) -> str | None:
    """The document of a bucket's setting, None where it has none."""
    request = Request("GET", f"/{quote(bucket)}", f"{name}=", b"")
    answer = aws.send("s3", request, {"x-amz-content-sha256": _EMPTY})
    if answer.status == 404:
        return None
    if answer.status != 200:
        raise BucketError(f"{bucket} {name}: status {answer.status}", answer.status)
    return answer.body.decode()


def _value(document: str, tag: str) -> str:
    found = re.search(rf"<{tag}>([^<]*)</{tag}>", document)
    return found[1] if found else ""
