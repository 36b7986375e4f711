"""What one function may do, no other may by accident."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import each, ours
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    found = [(name, json.dumps(had["Role"], sort_keys=True)) for name, had in ours(content)]
    used = Counter(role for _, role in found)
    return each([name for name, _ in found], [name for name, role in found if used[role] > 1], "functions")


CONTROL = Control(
    "one-role-each",
    title="Every function has a role of its own",
    expected="No two functions share a role.",
    priority=Priority.MEDIUM,
    source=Source.TEMPLATE,
    evidence="stacks",
    maps=mapped(
        "gdpr 25(2) supporting; soc2 CC6.3 supporting; pci 7.2.2 supporting; iso A.5.18 supporting; "
        "nist AC-6 supporting; nist AC-5 supporting; sox ITGC-APD supporting"
    ),
    evaluate=_judge,
)
