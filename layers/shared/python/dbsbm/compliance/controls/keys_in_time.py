"""The ledger of keys knows every kind: data keys, KMS, signers, secrets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from dbsbm.compliance.judging import broken, hours, moment, nothing, satisfied
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], at: datetime) -> Verdict:
    if not content["keys"]:
        return nothing("No key is in the ledger yet.")
    old = at - moment(content["seen_at"])
    said = f"Keys: {content['keys']}, looked at {hours(old)} ago"
    if old > timedelta(days=2) or content["overdue"]:
        return broken(f"{said}; past their day: {', '.join(content['overdue'][:5]) or 'none'}.")
    return satisfied(f"{said}; none is past its day.")


CONTROL = Control(
    "keys-in-time",
    title="No key is older than it may be",
    expected="The ledger of key ages was written within two days, and no key in it is past its day.",
    priority=Priority.HIGH,
    source=Source.DATA,
    evidence="keys",
    maps=mapped(
        "gdpr 32(1)(a) supporting; soc2 CC6.1 supporting; pci 3.7.4 partial; pci 8.6.3 supporting; "
        "hipaa 164.312(a)(2)(iv) supporting; iso A.8.24 partial; nist SC-12 partial; "
        "nist IA-5(1) supporting; sox ITGC-APD supporting"
    ),
    evaluate=_judge,
)
