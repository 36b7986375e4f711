"""The database is as the release made it, by steps that are known to the byte."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import broken, nothing, satisfied
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    if not content["migrations"]:
        return nothing("No migration was ever applied.")
    if content["unfinished"] or content["different"]:
        return broken(f"Unfinished: {content['unfinished']}; other than released: {content['different']}.")
    return satisfied(f"Migrations applied as released: {content['migrations']}.")


CONTROL = Control(
    "schema-as-released",
    title="The database's schema is the release's own",
    expected="Every migration of the release is applied whole, with the checksum it has here, and no other.",
    priority=Priority.HIGH,
    source=Source.DATA,
    evidence="schema",
    maps=mapped(
        "gdpr 32(1)(d) supporting; soc2 CC8.1 partial; pci 6.5.1 supporting; iso A.8.32 supporting; "
        "nist CM-3 supporting; nist CM-6 supporting; nist SI-7 supporting; sox ITGC-PC partial"
    ),
    evaluate=_judge,
)
