"""What an operator chooses per deployment with ``-c name=value``; everything has a value without it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, cast

from infra.cdk.stage import Stage

Egress = Literal["instance", "gateway"]
Lock = Literal["governance", "compliance"]
Engine = Literal["mariadb", "aurora-mysql"]
_KEY = re.compile(r"arn:aws[\w-]*:kms:[a-z0-9-]+:\d{12}:key/[\w-]+")


@dataclass(frozen=True, slots=True)
class Options:
    """``docs/growing.md`` says when to choose which.

    ``egress``: the one door out, a NAT instance or a NAT gateway. ``reserve``: reserved concurrency for each function;
    off for accounts whose quota is too small. ``trail``: CloudTrail's record of who did what in the account; off where
    the account has one already. ``domain`` with ``certificate_arn``: a name of the operator's own for the HTTP API.
    ``copy_key``: a key in another region, where copies go. ``edge``: CloudFront and a WAF before the API. ``lock``: how
    S3 keeps signed checkpoints from being deleted. ``alarm_email`` gets the alarms, ``budget_usd`` is a month's.
    """

    egress: Egress = "gateway"
    reserve: bool = True
    proxy: bool = False
    replica: bool = False
    trail: bool = True
    database: Engine = "mariadb"
    lock: Lock = "governance"
    edge: bool = False
    domain: str = ""
    certificate_arn: str = ""
    copy_key: str = ""
    alarm_email: str = ""
    budget_usd: int = 100


def options_from(context: Callable[[str], Any], stage: Stage) -> Options:
    """Read the context of a CDK app.

    Raises
    ------
    ValueError
        Naming the value that is not one of those there are, or the two that do not go together.
    """
    options = Options(
        egress=cast(Egress, _one_of(context, "egress", ("instance", "gateway"), stage.egress)),
        reserve=_switch(context, "reserve", default=True),
        proxy=_switch(context, "proxy", default=False),
        replica=_switch(context, "replica", default=False),
        trail=_switch(context, "trail", default=True),
        database=cast(Engine, _one_of(context, "database", ("mariadb", "aurora-mysql"), "mariadb")),
        lock=cast(Lock, _one_of(context, "lock", ("governance", "compliance"), "governance")),
        edge=_switch(context, "edge", default=False),
        domain=str(context("domain") or ""),
        certificate_arn=str(context("certificate_arn") or ""),
        copy_key=_copy_key(context),
        alarm_email=str(context("alarm_email") or ""),
        budget_usd=int(context("budget_usd") or stage.budget_usd),
    )
    if bool(options.domain) != bool(options.certificate_arn):
        raise ValueError("-c domain=… and -c certificate_arn=… go together")
    if options.copy_key and options.database != "mariadb":
        raise ValueError("-c copy_key=…: RDS copies no Aurora; that is a global database's matter")
    return options


def _copy_key(context: Callable[[str], Any]) -> str:
    value = str(context("copy_key") or "")
    if value and not _KEY.fullmatch(value):
        raise ValueError(f"-c copy_key={value}: the ARN of a key in another region (docs/runbooks/region.md)")
    return value


def _one_of(context: Callable[[str], Any], name: str, allowed: tuple[str, ...], default: str) -> str:
    value = str(context(name) or default)
    if value not in allowed:
        raise ValueError(f"-c {name}={value}: choose one of {', '.join(allowed)}")
    return value


def _switch(context: Callable[[str], Any], name: str, *, default: bool) -> bool:
    words = {"on": True, "true": True, "off": False, "false": False}
    value = str(context(name) if context(name) is not None else ("on" if default else "off")).lower()
    if value not in words:
        raise ValueError(f"-c {name}={value}: choose on or off")
    return words[value]
