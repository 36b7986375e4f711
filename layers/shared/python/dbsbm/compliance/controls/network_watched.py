"""Who spoke to whom can be looked up afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import each, of_type
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    networks = [name for name, *_ in of_type(content, "AWS::EC2::VPC")]
    noted = {
        f"{name.partition('/')[0]}/{had['ResourceId']['Ref']}"
        for name, had, _ in of_type(content, "AWS::EC2::FlowLog")
        if had.get("TrafficType") == "ALL"
    }
    return each(networks, [name for name in networks if name not in noted], "networks")


CONTROL = Control(
    "network-watched",
    title="Traffic of the network is noted",
    expected="Every network has a flow log of all its traffic.",
    priority=Priority.MEDIUM,
    source=Source.TEMPLATE,
    evidence="stacks",
    maps=mapped(
        "soc2 CC7.2 supporting; pci 10.2.1 supporting; hipaa 164.312(b) supporting; "
        "iso A.8.16 supporting; nist SI-4 supporting; nist AU-12 supporting"
    ),
    evaluate=_judge,
)
