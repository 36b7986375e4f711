"""A release that breaks something goes back by itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import broken, each, of_type
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    found = list(of_type(content, "AWS::CodeDeploy::DeploymentGroup"))
    wrong = [
        name
        for name, had, _ in found
        if had.get("AutoRollbackConfiguration", {}).get("Enabled") is not True
        or not had.get("AlarmConfiguration", {}).get("Alarms")
        or not _shifts(had)
    ]
    if not found and list(of_type(content, "AWS::Lambda::Function")):
        return broken("There are functions, and no deployment group: a release is all there at once and stays.")
    return each([name for name, *_ in found], wrong, "deployment groups")


def _shifts(had: Mapping[str, Any]) -> bool:
    """By steps: with traffic control, and not all of it at once."""
    controlled = had.get("DeploymentStyle", {}).get("DeploymentOption") == "WITH_TRAFFIC_CONTROL"
    return controlled and any(kind in str(had.get("DeploymentConfigName")) for kind in ("Canary", "Linear"))


CONTROL = Control(
    "releases-go-back",
    title="Releases shift gradually and go back when alarms ring",
    expected="Every deployment group shifts traffic by steps (canary or linear), watches alarms and rolls back.",
    priority=Priority.MEDIUM,
    source=Source.TEMPLATE,
    evidence="stacks",
    maps=mapped(
        "gdpr 32(1)(d) supporting; soc2 CC8.1 partial; pci 6.5.1 supporting; iso A.8.32 partial; "
        "nist CM-3 supporting; sox ITGC-PC partial"
    ),
    evaluate=_judge,
)
