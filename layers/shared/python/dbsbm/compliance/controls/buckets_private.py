"""Nothing can be made public, not even by mistake."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import BLOCKS, each, of_type
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    found = list(of_type(content, "AWS::S3::Bucket"))
    wrong = [name for name, had, _ in found if not _blocked(had.get("PublicAccessBlockConfiguration", {}))]
    return each([name for name, *_ in found], wrong, "buckets")


def _blocked(block: Mapping[str, Any]) -> bool:
    return all(block.get(name) is True for name in BLOCKS)


CONTROL = Control(
    "buckets-private",
    title="Buckets block public access",
    expected="All four blocks are set on every bucket.",
    priority=Priority.CRITICAL,
    source=Source.TEMPLATE,
    evidence="stacks",
    maps=mapped(
        "gdpr 25(2) partial; soc2 CC6.1 partial; pci 1.4.4 supporting; hipaa 164.312(a)(1) partial; "
        "iso A.8.3 partial; nist AC-3 partial"
    ),
    evaluate=_judge,
)
