"""Who did what in the account, by hand too."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import broken, nothing, of_type, satisfied
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    if not list(of_type(content, "AWS::Lambda::Function")):
        return nothing("There is nothing in the deployed template that calls could be made to.")
    wanted = ("IsLogging", "IsMultiRegionTrail", "EnableLogFileValidation")
    found = list(of_type(content, "AWS::CloudTrail::Trail"))
    right = [name for name, had, _ in found if all(had.get(each_of) is True for each_of in wanted)]
    said = f"{len(right)} of {len(found)} trails record in all regions and validate their files."
    return satisfied(said) if right else broken(said)


CONTROL = Control(
    "account-trail-on",
    title="The cloud account's own calls are recorded in all regions",
    expected="A trail records, in all regions, and its files can be proven to be whole.",
    priority=Priority.HIGH,
    source=Source.TEMPLATE,
    evidence="stacks",
    maps=mapped(
        "gdpr 5(2) supporting; soc2 CC7.2 partial; pci 10.2.1 partial; hipaa 164.312(b) partial; "
        "iso A.8.15 supporting; nist AU-2 partial; nist AU-12 partial; sox ITGC-CO supporting"
    ),
    evaluate=_judge,
)
