"""Nothing comes in from anywhere; what goes out is TLS."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbsbm.compliance.judging import beside, each, of_type
from dbsbm.compliance.model import Control, Priority, Source, Verdict, mapped


def _judge(content: Mapping[str, Any], _at: datetime) -> Verdict:
    groups = list(of_type(content, "AWS::EC2::SecurityGroup"))
    doors = [(name, rule, "in") for name, had, _ in groups for rule in had.get("SecurityGroupIngress", [])] + [
        (name, rule, "out") for name, had, _ in groups for rule in had.get("SecurityGroupEgress", [])
    ]
    # A group for which no way out is named has all of them.
    named = {beside(name, had.get("GroupId")) for name, had, _ in of_type(content, "AWS::EC2::SecurityGroupEgress")}
    named |= {name for name, had, _ in groups if had.get("SecurityGroupEgress")}
    doors += [(name, _ANYWHERE, "out") for name, *_ in groups if name not in named]
    doors += [(name, had, "in") for name, had, _ in of_type(content, "AWS::EC2::SecurityGroupIngress")]
    doors += [(name, had, "out") for name, had, _ in of_type(content, "AWS::EC2::SecurityGroupEgress")]
    return each(
        [name for name, *_ in doors],
        [name for name, rule, way in doors if _open(rule, way)],
        "rules of security groups",
    )


_ANYWHERE = {"CidrIp": "0.0.0.0/0"}


def _open(rule: Mapping[str, Any], way: str) -> bool:
    anywhere = rule.get("CidrIp") == "0.0.0.0/0" or rule.get("CidrIpv6") == "::/0"
    # A door instance forwards nothing but new connections to port 443; ephemeral answers come by the same state.
    return anywhere and (way == "in" or (rule.get("FromPort"), rule.get("ToPort")) != (443, 443))


CONTROL = Control(
    "network-closed",
    title="No network door is open to the internet",
    expected="No security group lets in what comes from anywhere, and outwards only port 443 goes anywhere.",
    priority=Priority.CRITICAL,
    source=Source.TEMPLATE,
    evidence="stacks",
    maps=mapped(
        "gdpr 32(1)(b) partial; soc2 CC6.6 partial; pci 1.3.1 partial; pci 1.3.2 partial; "
        "hipaa 164.312(e)(1) supporting; iso A.8.20 partial; iso A.8.22 supporting; nist SC-7 partial"
    ),
    evaluate=_judge,
)
