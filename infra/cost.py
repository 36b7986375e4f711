"""What a deployment costs a month, from its templates, ``prices.json`` and a number of commands. No CDK import.

Every type of resource is either priced or on the list of what costs nothing by itself, so that a new one cannot hide.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PRICES = Path(__file__).with_name("prices.json")
Template = Mapping[str, Any]

FREE = frozenset(
    {
        "AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::ApiMapping", "AWS::ApiGatewayV2::DomainName",
        "AWS::ApiGatewayV2::Integration", "AWS::ApiGatewayV2::Route", "AWS::ApiGatewayV2::Stage",
        "AWS::ElastiCache::User", "AWS::ElastiCache::UserGroup",
        "AWS::Backup::BackupPlan", "AWS::Backup::BackupSelection", "AWS::Budgets::Budget", "AWS::CDK::Metadata",
        "AWS::CloudFront::Distribution",
        "AWS::CloudWatch::Dashboard", "AWS::CodeDeploy::Application", "AWS::CodeDeploy::DeploymentGroup",
        "AWS::EC2::FlowLog", "AWS::EC2::InternetGateway", "AWS::EC2::Route", "AWS::EC2::RouteTable",
        "AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupEgress", "AWS::EC2::SecurityGroupIngress",
        "AWS::EC2::Subnet", "AWS::EC2::SubnetRouteTableAssociation", "AWS::EC2::VPC", "AWS::EC2::VPCEndpoint",
        "AWS::EC2::VPCGatewayAttachment",
        "AWS::IAM::InstanceProfile",
        "AWS::IAM::ManagedPolicy", "AWS::IAM::Role",
        "AWS::KMS::Alias", "AWS::Lambda::Alias", "AWS::Lambda::EventInvokeConfig", "AWS::Lambda::LayerVersion",
        "AWS::Lambda::Permission", "AWS::Lambda::Version", "AWS::Logs::LogGroup", "AWS::RDS::DBClusterParameterGroup",
        "AWS::RDS::DBParameterGroup", "AWS::RDS::DBProxyTargetGroup", "AWS::RDS::DBSubnetGroup",
        "AWS::S3::BucketPolicy", "AWS::Scheduler::Schedule", "AWS::SNS::Subscription", "AWS::SNS::Topic",
        "AWS::SNS::TopicPolicy", "AWS::SQS::Queue", "AWS::SQS::QueuePolicy",
        "AWS::CloudTrail::Trail", "AWS::Events::Rule", "AWS::SecretsManager::RotationSchedule",
        "AWS::WAFv2::LoggingConfiguration",
        "AWS::Lambda::Function", "AWS::S3::Bucket", "AWS::Backup::BackupVault",
    }
)  # fmt: skip
"""Free by itself (three dashboards and two budgets are), or paid by use, which :func:`lines` counts apart."""


class UnpricedError(Exception):
    """The template has a type of resource that nobody put a price on."""


@dataclass(frozen=True, slots=True)
class Line:
    what: str
    usd: float


@dataclass(frozen=True, slots=True)
class Book:
    prices: Mapping[str, Any]
    assumed: Mapping[str, float]
    noted: str
    region: str

    @classmethod
    def read(cls, path: Path = PRICES) -> Book:
        document = json.loads(path.read_text())
        return cls(document["prices"], document["assumptions"], document["noted"], document["region"])

    def hourly(self, usd: float) -> float:
        return usd * self.assumed["hours_a_month"]


def lines(resources: Template, book: Book, *, commands: int) -> list[Line]:
    """Cost of a month with so many commands, largest first.

    Raises
    ------
    UnpricedError
        Naming the types of resources without a price.
    """
    standing = [line for resource in resources.values() for line in _standing(resource, book)]
    unknown = {r["Type"] for r in resources.values()} - FREE - set(_PRICED)
    if unknown:
        raise UnpricedError(", ".join(sorted(unknown)))
    summed: dict[str, float] = {}
    for line in [*standing, *_usage(resources, book, commands)]:
        summed[line.what] = summed.get(line.what, 0.0) + line.usd
    return sorted((Line(what, usd) for what, usd in summed.items()), key=lambda line: -line.usd)


def _standing(resource: Template, book: Book) -> Iterator[Line]:
    price = _PRICED.get(resource["Type"])
    if price is not None:
        yield from price(resource.get("Properties", {}), book)


def _database(properties: Template, book: Book) -> Iterator[Line]:
    copies = 2 if properties.get("MultiAZ") else 1
    kind = properties["DBInstanceClass"]
    if kind == "db.serverless":
        usd = book.hourly(book.prices["db_acu_hour"] * book.assumed["aurora_acus"])
        yield Line("database", usd)
        return
    yield Line("database", copies * book.hourly(book.prices["db_class_hour"][kind]))
    storage = float(properties.get("AllocatedStorage", 0))
    yield Line("database storage", copies * storage * book.prices["db_storage_gb_month"])
    if properties.get("ManageMasterUserPassword"):
        yield Line("secrets", book.prices["secret_month"])
    if properties.get("AutomaticBackupReplicationRegion"):
        kept = book.assumed["backup_gb"] * book.prices["backup_gb_month"]
        sent = book.assumed["copied_gb"] * book.prices["transfer_region_gb"]
        yield Line("copies elsewhere", kept + sent + book.prices["kms_key_month"])


def _cluster(properties: Template, book: Book) -> Iterator[Line]:
    if properties.get("ManageMasterUserPassword"):
        yield Line("secrets", book.prices["secret_month"])


def _nat_instance(properties: Template, book: Book) -> Iterator[Line]:
    hour = book.prices["ec2_class_hour"][properties["InstanceType"]] + book.prices["public_ipv4_hour"]
    disk = book.prices["ebs_gb_month"] * book.assumed["nat_instance_disk_gb"]
    yield Line("door out", book.hourly(hour) + disk + book.prices["ec2_detailed_monitoring_month"])


def _alarm(properties: Template, book: Book) -> Iterator[Line]:
    yield Line("alarms", book.prices["alarm_metric_month"] * max(1, len(properties.get("Metrics", []))))


_PRICED: Mapping[str, Any] = {
    "AWS::RDS::DBInstance": _database,
    "AWS::RDS::DBCluster": _cluster,
    "AWS::RDS::DBProxy": lambda _, b: [
        Line("database proxy", b.hourly(b.prices["proxy_vcpu_hour"] * b.assumed["proxy_vcpus"]))
    ],
    "AWS::ElastiCache::ServerlessCache": lambda _, b: [
        Line("cache", b.hourly(b.prices["cache_gb_hour"] * b.assumed["cache_gb"]))
    ],
    "AWS::EC2::NatGateway": lambda _, b: [Line("door out", b.hourly(b.prices["nat_gateway_hour"]))],
    "AWS::EC2::EIP": lambda _, b: [Line("door out", b.hourly(b.prices["public_ipv4_hour"]))],
    "AWS::EC2::Instance": _nat_instance,
    "AWS::WAFv2::WebACL": lambda p, b: [
        Line("WAF", b.prices["waf_acl_month"] + len(p["Rules"]) * b.prices["waf_rule_month"])
    ],
    "AWS::KMS::Key": lambda _, b: [Line("keys", b.prices["kms_key_month"])],
    "AWS::SecretsManager::Secret": lambda _, b: [Line("secrets", b.prices["secret_month"])],
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::CloudWatch::CompositeAlarm": lambda _, b: [Line("alarms", b.prices["alarm_composite_month"])],
}


def _usage(resources: Template, book: Book, commands: int) -> Iterator[Line]:
    prices, assumed = book.prices, book.assumed
    runs = list(_runs(resources, book, commands))
    invocations = sum(count for count, _, _ in runs)
    gb_seconds = sum(count * memory / 1024 * ms / 1000 for count, memory, ms in runs)
    yield Line("functions", invocations / 1e6 * prices["lambda_requests_million"]
               + gb_seconds * prices["lambda_gb_second"])  # fmt: skip
    interactions = commands * assumed["interactions_a_command"]
    yield Line("HTTP API", interactions / 1e6 * prices["api_requests_million"])
    if _has(resources, "AWS::WAFv2::WebACL"):
        asked = prices["waf_requests_million"] + prices["edge_requests_million"]
        yield Line("WAF", interactions / 1e6 * asked)
    logged = assumed["logs_gb_idle"] + invocations * assumed["logs_kb_an_invocation"] / 1e6
    yield Line("logs", logged * prices["logs_gb"])
    traces = _scheduled(resources) + interactions
    yield Line("traces", max(0.0, traces - prices["traces_free"]) / 1e6 * prices["traces_million"])
    out_gb = assumed["out_gb_idle"] + commands * assumed["out_kb_a_command"] / 1e6
    through = prices["nat_gateway_gb"] if _has(resources, "AWS::EC2::NatGateway") else 0.0
    yield Line("traffic out", out_gb * (prices["transfer_out_gb"] + through))
    schedules = sum(1 for r in resources.values() if r["Type"] == "AWS::Scheduler::Schedule")
    series = schedules * assumed["metrics_a_scheduled_function"] + (assumed["metrics_in_use"] if commands else 0)
    yield Line("metrics of ours", max(0.0, series - prices["custom_metrics_free"]) * prices["custom_metric_month"])
    if _has(resources, "AWS::S3::Bucket"):
        puts = _scheduled(resources) / 1000 * prices["s3_puts_thousand"]
        yield Line("objects", assumed["stored_objects_gb"] * prices["s3_gb_month"] + puts)
    if _has(resources, "AWS::Backup::BackupPlan"):
        yield Line("weekly copies", assumed["backup_gb"] * prices["backup_gb_month"])


def _runs(resources: Template, book: Book, commands: int) -> Iterator[tuple[float, float, float]]:
    """Invocations a month, memory (MB) and duration (ms) of each kind of run."""
    assumed = book.assumed
    memory = {
        re.sub(r"^dbsbm-[a-z]+-", "", r["Properties"]["FunctionName"]): float(r["Properties"]["MemorySize"])
        for r in resources.values() if r["Type"] == "AWS::Lambda::Function"
    }  # fmt: skip
    interactions = commands * assumed["interactions_a_command"]
    yield interactions, memory["interactions"], assumed["front_door_ms"]
    yield interactions, memory["command_betting"], assumed["command_ms"]
    yield commands, memory["delivery"], assumed["delivery_ms"]
    yield _scheduled(resources), max(memory.values()), assumed["scheduled_ms"]


def _scheduled(resources: Template) -> float:
    """Invocations a month by schedules: ``rate(5 minutes)`` is 8,760."""
    minutes = {"minute": 1, "minutes": 1, "hour": 60, "hours": 60, "day": 1440, "days": 1440}
    total = 0.0
    for resource in resources.values():
        if resource["Type"] == "AWS::Scheduler::Schedule":
            found = re.fullmatch(r"rate\((\d+) (\w+)\)", resource["Properties"]["ScheduleExpression"])
            total += 43_800 / (int(found[1]) * minutes[found[2]]) if found else 31  # cron: some once a day
    return total


def _has(resources: Template, kind: str) -> bool:
    return any(resource["Type"] == kind for resource in resources.values())
