"""The lock as it is now, not as it was deployed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import each
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    locked = [name for name in ("checkpoints", "evidence") if name in content]
    return each(
        locked,
        [name for name in locked if int(content[name]["locked_days"]) < 365],
        "locked buckets",
        "what S3 was asked for",
    )


CONTROL = Control(
    "live-lock",
    title="The lock on checkpoints and evidence stands, as S3 says itself",
    expected=(
        "GetObjectLockConfiguration shows a default retention of 365 days or more on the buckets "
        "checkpoints and evidence."
    ),
    priority=Priority.CRITICAL,
    source=Source.LIVE,
    evidence="buckets",
    maps=mapped(
        "gdpr 5(2) partial; soc2 PI1.5 partial; pci 10.3.4 partial; hipaa 164.312(c)(1) partial; "
        "iso A.5.28 partial; iso A.5.33 partial; nist AU-9 partial"
    ),
    evaluate=_judge,
)
