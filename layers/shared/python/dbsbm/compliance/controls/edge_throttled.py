"""A flood is answered cheaply, and what came in is noted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import each, of_type
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    found = list(of_type(content, "AWS::ApiGatewayV2::Stage"))
    wrong = [
        name
        for name, had, _ in found
        if not had.get("DefaultRouteSettings", {}).get("ThrottlingRateLimit")
        or not had.get("DefaultRouteSettings", {}).get("ThrottlingBurstLimit")
        or not had.get("AccessLogSettings")
    ]
    return each([name for name, *_ in found], wrong, "API stages")


CONTROL = Control(
    "edge-throttled",
    title="The public door is throttled and logged",
    expected="Every API stage has a rate, a burst and an access log.",
    priority=Priority.HIGH,
    source=Source.TEMPLATE,
    evidence="stacks",
    maps=mapped(
        "gdpr 32(1)(b) supporting; soc2 CC6.6 partial; pci 6.4.2 supporting; iso A.8.26 supporting; nist SC-5 partial"
    ),
    evaluate=_judge,
)
