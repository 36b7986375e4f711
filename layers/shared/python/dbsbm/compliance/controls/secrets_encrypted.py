"""Tokens and keys of others lie in Secrets Manager under a key of ours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import each, of_type
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    found = list(of_type(content, "AWS::SecretsManager::Secret"))
    return each([name for name, *_ in found], [name for name, had, _ in found if not had.get("KmsKeyId")], "secrets")


CONTROL = Control(
    "secrets-encrypted",
    title="Secrets are encrypted with our own key",
    expected="Every secret names a KmsKeyId.",
    priority=Priority.HIGH,
    source=Source.TEMPLATE,
    evidence="stacks",
    maps=mapped(
        "gdpr 32(1)(a) supporting; soc2 CC6.1 partial; pci 8.6.2 supporting; "
        "hipaa 164.312(a)(2)(iv) supporting; iso A.5.17 partial; nist IA-5(7) partial; "
        "sox ITGC-APD supporting"
    ),
    evaluate=_judge,
)
