"""The rule packs that every template is held to, and what they found."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import aws_cdk as cdk
import cdk_nag

PACKS = (
    cdk_nag.AwsSolutionsChecks,
    cdk_nag.ServerlessChecks,
    cdk_nag.NIST80053R5Checks,
    cdk_nag.HIPAASecurityChecks,
    cdk_nag.PCIDSS321Checks,
)
REPORT = "validation-report.json"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """``path`` is the construct's, with the stack's name first; ``reason`` is set when it was acknowledged."""

    rule: str
    path: str
    reason: str = ""


def watch(app: cdk.App) -> None:
    """Have ``app.synth()`` raise when a pack finds what nobody acknowledged."""
    cdk.Validations.of(app).add_plugins(*(pack() for pack in PACKS))


def findings(out: Path) -> Iterator[Finding]:
    """Everything the packs found in the assembly at ``out``, acknowledged or not."""
    for report in json.loads((out / REPORT).read_text())["pluginReports"]:
        for violation in [*report["violations"], *report.get("suppressedViolations", [])]:
            for construct in violation["violatingConstructs"]:
                yield Finding(violation["ruleName"], construct["constructPath"], violation.get("reason", ""))
