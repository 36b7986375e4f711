"""What is told of an erasure that is done. Its hash stands in the audit log, so that it can be proven to anybody."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from dbsbm.audit.events import canonical, moment
from dbsbm.database.session import Row
from dbsbm.privacy.requests.model import Request


def receipt_of(request: Request, keys: Sequence[Row]) -> dict[str, Any]:
    """Rows by table, and every key with how many versions of it were removed and when it was read back as gone."""
    return {
        "request": str(request.request_id),
        "rows": dict(request.counts),
        "keys": [
            {"key": bytes(row["kid"]).hex(), "versions": row["versions"], "gone_at": moment(row["gone_at"])}
            for row in keys
            if row["gone_at"] is not None
        ],
    }


def digest(receipt: dict[str, Any]) -> str:
    """What the audit log has of it."""
    return hashlib.sha256(canonical(receipt)).hexdigest()
