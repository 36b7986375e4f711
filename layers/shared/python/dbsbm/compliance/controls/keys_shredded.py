"""An erasure is as good as the destruction of its key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import broken, nothing, satisfied
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    if not content["condemned"]:
        return nothing("No key was ever condemned.")
    said = f"Newest condemned keys looked at: {content['condemned']}; late: {content['pending']}."
    return broken(said) if content["pending"] else satisfied(said)


CONTROL = Control(
    "keys-shredded",
    title="Keys of the erased are destroyed within a day",
    expected="No key that was condemned more than a day ago is still there.",
    priority=Priority.CRITICAL,
    source=Source.DATA,
    evidence="keys",
    maps=mapped(
        "gdpr 17(1) partial; gdpr 5(1)(e) supporting; ccpa 1798.105(c) supporting; soc2 C1.2 partial; "
        "hipaa 164.310(d)(2)(i) supporting; iso A.8.10 partial; nist SI-12(3) supporting; "
        "nist SC-12 supporting"
    ),
    evaluate=_judge,
)
