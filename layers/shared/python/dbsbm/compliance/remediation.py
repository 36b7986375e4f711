"""The fixes there are: each sets one thing right, can be put back, and may be done twice.

Nothing that deletes, opens a network or takes a right away is here, whatever finding asks for it.
Reference: Amazon S3 API ("PutPublicAccessBlock", "PutBucketVersioning").
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dbsbm.compliance.evidence import live
from dbsbm.core.aws import Request, quote
from dbsbm.core.bucket import Aws, BucketError
from dbsbm.core.errors import DbsbmError

_SPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
State = Any
"""What a thing is set to, as JSON has it."""


class FixError(DbsbmError):
    """There is no such fix or no such bucket."""

    code = "fix"


@dataclass(frozen=True, slots=True)
class Fix:
    """``wanted`` is what is right; ``look`` and ``put`` read and set it for one bucket."""

    wanted: State
    look: Callable[[Aws, str], State]
    put: Callable[[Aws, str, State], None]


def _put_public_access(aws: Aws, bucket: str, state: State) -> None:
    told = "".join(f"<{name}>{str(bool(state[name])).lower()}</{name}>" for name in live.BLOCKS)
    _send(aws, bucket, "publicAccessBlock", f"<PublicAccessBlockConfiguration {_SPACE}>{told}")


def _put_versioning(aws: Aws, bucket: str, state: State) -> None:
    """S3 knows no way back to a bucket that never had versions: suspended is the nearest."""
    told = "Enabled" if state == "Enabled" else "Suspended"
    _send(aws, bucket, "versioning", f"<VersioningConfiguration {_SPACE}><Status>{told}</Status>")


FIXES: Mapping[str, Fix] = {
    "s3.public_access": Fix(dict.fromkeys(live.BLOCKS, True), live.public_access, _put_public_access),
    "s3.versioning": Fix("Enabled", live.versioning, _put_versioning),
}


def remedy(aws: Aws, buckets: Mapping[str, str], event: Mapping[str, Any]) -> dict[str, Any]:
    """Look, or with ``apply`` set what is wrong, and say how each bucket was before and is now.

    ``event``: ``fix``, ``apply`` (default: a dry run), ``only`` the buckets that were agreed to (default: all), and for
    putting back their ``states``.

    Raises
    ------
    FixError
        When the fix is not on the list.
    BucketError
        When S3 refuses; what was set before stays set, and a repetition goes on.
    """
    fix = FIXES.get(str(event.get("fix")))
    if fix is None:
        raise FixError(f"no fix {str(event.get('fix'))[:40]!r}")
    wanted = _wanted(fix, buckets, event)
    before = {name: fix.look(aws, buckets[name]) for name in wanted}
    wrong = [name for name, state in wanted.items() if before[name] != state]
    if event.get("apply") is not True:
        return {"v": 1, "applied": False, "would_change": wrong, "before": before}
    for name in wrong:
        fix.put(aws, buckets[name], wanted[name])
    after = {name: fix.look(aws, buckets[name]) for name in wanted}
    return {"v": 1, "applied": True, "changed": wrong, "before": before, "after": after}


def _wanted(fix: Fix, buckets: Mapping[str, str], event: Mapping[str, Any]) -> dict[str, State]:
    states: Mapping[str, State] = event.get("states") or dict.fromkeys(event.get("only") or buckets, fix.wanted)
    strange = sorted(set(states) - set(buckets))
    if strange:
        raise FixError(f"no bucket {strange[0][:40]!r}")
    return dict(states)


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
