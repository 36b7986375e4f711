"""A variable is read by everybody who may look at a function."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import each, of_type
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    found = list(of_type(content, "AWS::Lambda::Function"))
    wrong = [name for name, had, _ in found if any(map(_given_away, _variables(had).items()))]
    return each([name for name, *_ in found], wrong, "functions")


_SECRET_NAME = re.compile(r"(TOKEN|PASSWORD|SECRET|PRIVATE|CREDENTIAL|API_KEY)")
_NAMES_ONE = re.compile(r"_(SECRET|ID|URL|BUCKET|READERS)$")
_TOKEN = re.compile(
    r"[A-Za-z0-9+/_-]{20,}\.[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{20,}|AKIA[A-Z0-9]{16}|BEGIN [A-Z ]*PRIVATE KEY"
)


def _variables(had: Mapping[str, Any]) -> Mapping[str, Any]:
    variables: Mapping[str, Any] = had.get("Environment", {}).get("Variables", {})
    return variables


def _given_away(variable: tuple[str, Any]) -> bool:
    name, value = variable
    if not isinstance(value, str) or not value:
        return False
    return bool(_TOKEN.search(value)) or bool(_SECRET_NAME.search(name) and not _NAMES_ONE.search(name))


CONTROL = Control(
    "functions-hold-no-secret",
    title="No function has a secret among its variables",
    expected="Variables with a secret's name hold the secret's name, never a value; none looks like a token.",
    priority=Priority.CRITICAL,
    source=Source.TEMPLATE,
    evidence="stacks",
    maps=mapped(
        "gdpr 32(1)(b) supporting; soc2 CC6.1 partial; pci 8.6.2 partial; "
        "hipaa 164.312(a)(1) supporting; iso A.8.9 supporting; nist IA-5(7) partial"
    ),
    evaluate=_judge,
)
