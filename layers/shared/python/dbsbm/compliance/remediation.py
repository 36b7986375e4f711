"""The fixes there are: each sets one thing right, can be put back, and may be done twice.

Nothing that deletes, opens a network or takes a right away is here, whatever finding asks for it.
Reference: Amazon S3 API ("PutPublicAccessBlock", "PutBucketVersioning"), AWS KMS API ("EnableKeyRotation",
"DisableKeyRotation"), Amazon SQS API ("SetQueueAttributes").
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dbsbm.compliance.evidence import live
from dbsbm.compliance.judging import BLOCKS
from dbsbm.core.aws import Request, quote
from dbsbm.core.bucket import Aws, BucketError
from dbsbm.core.errors import DbsbmError

_SPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
LONGEST_PERIOD = 90
"""Days after which a key of KMS has had another one made."""
KEPT_DAYS = 14
"""How long a queue keeps what failed: SQS does not keep anything longer."""
State = Any
"""What a thing is set to, as JSON has it."""


class FixError(DbsbmError):
    """There is no such fix or no such thing."""

    code = "fix"


@dataclass(frozen=True, slots=True)
class Fix:
    """``right`` says what a thing should be instead of what it is; ``look`` and ``put`` read and set it for one thing.

    ``kind`` is what it is for: "bucket", "key", "queue".
    """

    kind: str
    right: Callable[[State], State]
    look: Callable[[Aws, str], State]
    put: Callable[[Aws, str, State], None]


def _put_public_access(aws: Aws, bucket: str, state: State) -> None:
    told = "".join(f"<{name}>{str(bool(state[name])).lower()}</{name}>" for name in BLOCKS)
    _send(aws, bucket, "publicAccessBlock", f"<PublicAccessBlockConfiguration {_SPACE}>{told}")


def _put_versioning(aws: Aws, bucket: str, state: State) -> None:
    """S3 knows no way back to a bucket that never had versions: suspended is the nearest."""
    told = "Enabled" if state == "Enabled" else "Suspended"
    _send(aws, bucket, "versioning", f"<VersioningConfiguration {_SPACE}><Status>{told}</Status>")


def _rotating(state: State) -> State:
    in_time = state["on"] and (state["days"] or LONGEST_PERIOD) <= LONGEST_PERIOD
    return state if in_time else {"on": True, "days": LONGEST_PERIOD}


def _put_rotation(aws: Aws, key: str, state: State) -> None:
    key_id = live.key_id(aws, key)
    if state["on"]:
        period = int(state["days"] or LONGEST_PERIOD)
        aws.call("kms", "TrentService.EnableKeyRotation", {"KeyId": key_id, "RotationPeriodInDays": period})
    else:
        aws.call("kms", "TrentService.DisableKeyRotation", {"KeyId": key_id})


def _put_queue_encryption(aws: Aws, queue: str, state: State) -> None:
    attributes = {"SqsManagedSseEnabled": str(bool(state)).lower()}
    aws.call("sqs", "AmazonSQS.SetQueueAttributes", {"QueueUrl": queue, "Attributes": attributes})


def _put_queue_days(aws: Aws, queue: str, state: State) -> None:
    attributes = {"MessageRetentionPeriod": str(round(float(state) * live.DAY_S))}
    aws.call("sqs", "AmazonSQS.SetQueueAttributes", {"QueueUrl": queue, "Attributes": attributes})


FIXES: Mapping[str, Fix] = {
    "s3.public_access": Fix("bucket", lambda _: dict.fromkeys(BLOCKS, True), live.public_access, _put_public_access),
    "s3.versioning": Fix("bucket", lambda _: "Enabled", live.versioning, _put_versioning),
    "kms.rotation": Fix("key", _rotating, live.rotation, _put_rotation),
    "sqs.encryption": Fix("queue", lambda _: True, live.queue_encrypted, _put_queue_encryption),
    "sqs.retention": Fix("queue", lambda days: max(days, KEPT_DAYS), live.queue_days, _put_queue_days),
}


def remedy(aws: Aws, things: Mapping[str, Mapping[str, str]], event: Mapping[str, Any]) -> dict[str, Any]:
    """Look, or with ``apply`` set what is wrong, and say how each thing was before and is now.

    ``things``: full names by their names in the catalog, by kind. ``event``: ``fix``, ``apply`` (default: a dry run),
    ``only`` the things that were agreed to (default: all), and for putting back their ``states``. None of them named
    in either is nothing to do.

    Raises
    ------
    FixError
        When the fix is not on the list.
    BucketError
        When AWS refuses; what was set before stays set, and a repetition goes on.
    """
    fix = FIXES.get(str(event.get("fix")))
    if fix is None:
        raise FixError(f"no fix {str(event.get('fix'))[:40]!r}")
    full = things.get(fix.kind, {})
    named = _named(full, event)
    before = {name: fix.look(aws, full[name]) for name in named}
    asked: Mapping[str, State] | None = event.get("states")
    states = {name: fix.right(before[name]) for name in named} if asked is None else asked
    wrong = [name for name in named if before[name] != states[name]]
    if event.get("apply") is not True:
        return {"v": 1, "applied": False, "would_change": wrong, "before": before}
    for name in wrong:
        fix.put(aws, full[name], states[name])
    after = {name: fix.look(aws, full[name]) for name in named}
    return {"v": 1, "applied": True, "changed": wrong, "before": before, "after": after}


def _named(full: Mapping[str, str], event: Mapping[str, Any]) -> list[str]:
    asked = (event.get("states"), event.get("only"), full)
    named = list(next(each for each in asked if each is not None))
    strange = sorted(set(named) - set(full))
    if strange:
        raise FixError(f"nothing of the kind is called {strange[0][:40]!r}")
    return named


def _send(aws: Aws, bucket: str, setting: str, told: str) -> None:
    """Set one thing; ``told`` is its document without the end of its root."""
    root = told[1 : told.index(" ")]
    body = f"{told}</{root}>".encode()
    headers = {
        "content-type": "application/xml",
        "content-md5": base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode(),
        "x-amz-content-sha256": hashlib.sha256(body).hexdigest(),
    }
    answer = aws.send("s3", Request("PUT", f"/{quote(bucket)}", f"{setting}=", body), headers)
    if answer.status not in (200, 204):
        raise BucketError(f"{bucket} {setting}: status {answer.status}", answer.status)
