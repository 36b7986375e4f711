"""Somebody is told when a function fails."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import broken, each, of_type, ours
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    alarms = [(name, had) for name, had, _ in of_type(content, "AWS::CloudWatch::Alarm")]
    silent = [name for name, had in alarms if not had.get("AlarmActions")]
    if silent:
        return broken(f"{len(silent)} of {len(alarms)} alarms tell nobody: {', '.join(silent[:5])}.")
    watched = {str(had.get("AlarmName", "")) for _, had in alarms}
    functions = [str(had.get("FunctionName", name)) for name, had in ours(content)]
    return each(functions, [name for name in functions if f"{name}-errors" not in watched], "functions with an alarm")


CONTROL = Control(
    "alarms-exist",
    title="Every function has an alarm that tells somebody",
    expected="For each function there is an alarm on its errors, and every alarm has an action.",
    priority=Priority.HIGH,
    source=Source.TEMPLATE,
    evidence="stacks",
    maps=mapped(
        "gdpr 33(1) supporting; soc2 CC7.2 partial; pci 10.4.1.1 supporting; "
        "hipaa 164.308(a)(6)(ii) supporting; iso A.8.16 partial; nist SI-4 partial; sox ITGC-CO partial"
    ),
    evaluate=_judge,
)
