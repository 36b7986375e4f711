"""What communities' own systems are told goes over TLS."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import broken, nothing, satisfied
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    if content["stage"] == "local" or not content["endpoints"]:
        return nothing("No endpoint of a community is told anything outside this machine.")
    said = f"Endpoints: {content['endpoints']}; without TLS: {content['in_the_clear']}."
    return broken(said) if content["in_the_clear"] else satisfied(said)


CONTROL = Control(
    "webhooks-encrypted",
    title="Endpoints of communities are told over TLS alone",
    expected="Every live endpoint's address begins with https.",
    priority=Priority.HIGH,
    source=Source.DATA,
    evidence="endpoints",
    maps=mapped(
        "gdpr 32(1)(a) partial; soc2 CC6.7 partial; pci 4.2.1 supporting; "
        "hipaa 164.312(e)(1) supporting; iso A.5.14 partial; nist SC-8(1) supporting"
    ),
    evaluate=_judge,
)
