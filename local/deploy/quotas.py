"""What a stage needs of an account's quotas, and what the account has: ``./dev doctor --stage STAGE``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from infra.catalog import CATALOG
from infra.cdk.options import Options
from infra.cdk.stage import Stage
from local.deploy.account import Account

KEPT_UNRESERVED = 100
"""Lambda lets nobody reserve the account's last hundred."""


@dataclass(frozen=True, slots=True)
class Quota:
    """``need`` is what the stage adds; ``switch`` what to do without an increase."""

    what: str
    need: int
    used: Callable[[Account], int]
    most: Callable[[Account], float]
    switch: str


@dataclass(frozen=True, slots=True)
class Fit:
    """``good`` is None where the account would not say."""

    what: str
    good: bool | None
    detail: str


def fits(account: Account, stage: Stage, options: Options) -> Iterator[Fit]:
    """Each quota the stage meets, and whether it has room."""
    there = account.has_stack(f"dbsbm-{stage.name}-data")
    for quota in _needed(stage, options):
        try:
            used, most = quota.used(account), quota.most(account)
        except (BotoCoreError, ClientError) as error:
            yield Fit(quota.what, None, f"the account does not say: {error}")
            continue
        added = 0 if there else quota.need
        good = used + added <= most
        detail = f"{used:g} used + {added:g} of this stage, {most:g} allowed"
        yield Fit(quota.what, good, detail if good else f"{detail}: ask AWS for more, or {quota.switch}")


def _needed(stage: Stage, options: Options) -> Iterator[Quota]:
    reserved = sum(function.concurrency for function in CATALOG.functions)
    if options.reserve:
        yield Quota("Lambda concurrency", reserved + KEPT_UNRESERVED, _reserved, _concurrency, "-c reserve=off")
    else:
        yield Quota("Lambda concurrency", 10, _nothing, _concurrency, "wait")
    yield Quota("VPCs", 1, _count("ec2", "describe_vpcs", "Vpcs"), _quota("vpc", "L-F678F1CE"), "another region")
    addresses = _count("ec2", "describe_addresses", "Addresses")
    if options.egress == "gateway":
        yield Quota("Elastic IPs", 1, addresses, _quota("ec2", "L-0263D0A3"), "-c egress=instance")
        gateways = _count("ec2", "describe_nat_gateways", "NatGateways")
        yield Quota("NAT gateways", 1, gateways, _quota("vpc", "L-FE5A380F"), "-c egress=instance")
    instances = 1 + int(options.replica) + int(options.database == "aurora-mysql" and stage.multi_az)
    rds = _count("rds", "describe_db_instances", "DBInstances")
    yield Quota("database instances", instances, rds, _quota("rds", "L-7B6409FD"), "-c replica=off")


def _reserved(account: Account) -> int:
    limit = account.client("lambda").get_account_settings()["AccountLimit"]
    return int(limit["ConcurrentExecutions"] - limit["UnreservedConcurrentExecutions"])


def _concurrency(account: Account) -> float:
    return float(account.client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"])


def _nothing(_account: Account) -> int:
    return 0


def _count(service: str, call: str, key: str) -> Callable[[Account], int]:
    def counted(account: Account) -> int:
        client = account.client(service)
        pages = client.get_paginator(call).paginate() if client.can_paginate(call) else [getattr(client, call)()]
        return sum(len(page[key]) for page in pages)

    return counted


def _quota(service: str, code: str) -> Callable[[Account], float]:
    def most(account: Account) -> float:
        client = account.client("service-quotas")
        try:
            return float(client.get_service_quota(ServiceCode=service, QuotaCode=code)["Quota"]["Value"])
        except ClientError:  # never raised for this account: AWS's own figure holds
            pages = client.get_paginator("list_aws_default_service_quotas").paginate(ServiceCode=service)
            defaults = {quota["QuotaCode"]: quota["Value"] for page in pages for quota in page["Quotas"]}
            if code not in defaults:
                raise
            return float(defaults[code])

    return most
