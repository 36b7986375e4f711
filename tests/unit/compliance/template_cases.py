"""For each control of templates: resources as they should be, and as they should not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Resources = Mapping[str, Any]


def one(kind: str, properties: Mapping[str, Any] | None = None, **whole: Any) -> Resources:
    return {"One": {"Type": kind, "Properties": properties or {}, **whole}}


def _policy(*statements: Mapping[str, Any]) -> Resources:
    return one("AWS::IAM::ManagedPolicy", {"PolicyDocument": {"Statement": list(statements)}})


def _allow(actions: Any, resource: Any) -> Mapping[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resource}


def _function(
    variables: Mapping[str, Any] | None = None, runtime: str = "python3.13", role: str = "A", log: str = ""
) -> Resources:
    given = {"DBSBM_FUNCTION": "x", **(variables or {})}
    properties = {"Environment": {"Variables": given}, "Runtime": runtime, "Role": {"Ref": role}}
    return one(
        "AWS::Lambda::Function",
        {**properties, "FunctionName": "dbsbm-x", "LoggingConfig": {"LogGroup": {"Ref": log}}},
    )


def _with(first: Resources, **others: Resources) -> Resources:
    return {**first, **{name: resources["One"] for name, resources in others.items()}}


def _demanding(way: str) -> Resources:
    group = one("AWS::RDS::DBParameterGroup", {"Parameters": {"require_secure_transport": way}})
    return _with(_database(DBParameterGroupName={"Ref": "Group"}), Group=group)


def _logged(days: int | None) -> Resources:
    group = one("AWS::Logs::LogGroup", {"KmsKeyId": "k", **({"RetentionInDays": days} if days else {})})
    return _with(_function(log="Log"), Log=group)


def _budgeted(*subscribers: str) -> Resources:
    told = [{"Subscribers": [{"Address": address} for address in subscribers]}]
    return _with(_function(), Budget=one("AWS::Budgets::Budget", {"NotificationsWithSubscribers": told}))


def _kept(destination: Mapping[str, Any]) -> Resources:
    config = {"FunctionName": {"Ref": "One"}, "DestinationConfig": destination}
    queue = one("AWS::SQS::Queue", {"SqsManagedSseEnabled": True})
    return _with(_function(), Config=one("AWS::Lambda::EventInvokeConfig", config), Queue=queue)


def _role(policy: Any, action: str) -> Resources:
    inside = {"PolicyName": "x", "PolicyDocument": {"Statement": [_allow(action, _ELSEWHERE)]}}
    return one("AWS::IAM::Role", {"ManagedPolicyArns": [policy], "Policies": [inside]})


def _named(name: str, resources: Resources) -> Resources:
    return {name: resources["One"]}


def _bucket(**properties: Any) -> Resources:
    return one("AWS::S3::Bucket", properties)


def _locked(days: int, mode: str = "COMPLIANCE", name: str = "Bucketcheckpoints1") -> Resources:
    rule = {"DefaultRetention": {"Mode": mode, "Days": days}}
    return _named(name, _bucket(ObjectLockEnabled=True, ObjectLockConfiguration={"Rule": rule}))


def _database(**properties: Any) -> Resources:
    return one("AWS::RDS::DBInstance", properties, DeletionPolicy="Snapshot")


def _encrypted(algorithm: str) -> Resources:
    rules = [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}}]
    return _bucket(BucketEncryption={"ServerSideEncryptionConfiguration": rules})


def _closed(effect: str) -> Resources:
    statement = {"Effect": effect, "Action": "s3:*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    guard = one("AWS::S3::BucketPolicy", {"Bucket": {"Ref": "One"}, "PolicyDocument": {"Statement": [statement]}})
    return {**_bucket(), **_named("Policy", guard)}


def _private(last: bool) -> Resources:
    block = {"BlockPublicAcls": True, "BlockPublicPolicy": True, "IgnorePublicAcls": True}
    return _bucket(PublicAccessBlockConfiguration={**block, "RestrictPublicBuckets": last})


def _vaulted(schedule: str) -> Resources:
    plan = {"BackupPlan": {"BackupPlanRule": [{"ScheduleExpression": schedule}]}}
    return {
        **_database(),
        **_named("Vault", one("AWS::Backup::BackupVault", {"EncryptionKeyArn": "arn"})),
        **_named("Plan", one("AWS::Backup::BackupPlan", plan)),
    }


def _alarmed(name: str, actions: list[str]) -> Resources:
    alarm = one("AWS::CloudWatch::Alarm", {"AlarmName": name, "AlarmActions": actions})
    return {**_function(), **_named("Alarm", alarm)}


def _network(traffic: str) -> Resources:
    log = one("AWS::EC2::FlowLog", {"ResourceId": {"Ref": "One"}, "TrafficType": traffic})
    return {**one("AWS::EC2::VPC"), **_named("Log", log)}


def _door(way: str, address: str, port: int) -> Resources:
    rule = {"CidrIp": address, "FromPort": port, "ToPort": port, "IpProtocol": "tcp"}
    return one("AWS::EC2::SecurityGroup", {way: [rule]})


def _stage(rate: int) -> Resources:
    settings = {"ThrottlingRateLimit": rate, "ThrottlingBurstLimit": 10}
    return one("AWS::ApiGatewayV2::Stage", {"DefaultRouteSettings": settings, "AccessLogSettings": {"Format": "x"}})


def _shift(enabled: bool, how: str = "CodeDeployDefault.LambdaCanary10Percent5Minutes") -> Resources:
    back = {"Enabled": enabled, "Events": ["DEPLOYMENT_STOP_ON_ALARM"]}
    alarms = {"Alarms": [{"Name": "x"}], "Enabled": True}
    shift = {"DeploymentStyle": {"DeploymentOption": "WITH_TRAFFIC_CONTROL"}, "DeploymentConfigName": how}
    group = {"AutoRollbackConfiguration": back, "AlarmConfiguration": alarms, **shift}
    return one("AWS::CodeDeploy::DeploymentGroup", group)


def _trailed(everywhere: bool) -> Resources:
    trail = {"IsLogging": True, "IsMultiRegionTrail": everywhere, "EnableLogFileValidation": True}
    return {**_function(), **_named("Trail", one("AWS::CloudTrail::Trail", trail))}


_BY_AWS = ":iam::aws:policy/PowerUserAccess"
_ELSEWHERE = "arn:aws:s3:::x/*"
_NOTED = {"OnFailure": {"Destination": "arn"}}
_SECRET = "AWS::SecretsManager::Secret"

CASES: Mapping[str, tuple[Resources, Resources]] = {
    "database-encrypted": (_database(StorageEncrypted=True, KmsKeyId="k"), _database(StorageEncrypted=True)),
    "database-private": (_database(PubliclyAccessible=False), _database()),
    "database-tls": (_demanding("ON"), _demanding("OFF")),
    "database-protected": (_database(DeletionProtection=True), _database(DeletionProtection=False)),
    "database-available": (_database(MultiAZ=True), _database(MultiAZ=False)),
    "database-backups": (_database(BackupRetentionPeriod=7), _database(BackupRetentionPeriod=6)),
    "backup-vault": (_vaulted("cron(0 7 ? * SUN *)"), _vaulted("")),
    "cache-encrypted": (
        one("AWS::ElastiCache::ServerlessCache", {"KmsKeyId": "k"}),
        one("AWS::ElastiCache::ReplicationGroup", {"KmsKeyId": "k"}),
    ),
    "buckets-encrypted": (_encrypted("aws:kms"), _encrypted("AES256")),
    "buckets-tls": (_closed("Deny"), _closed("Allow")),
    "buckets-private": (_private(True), _private(False)),
    "buckets-logged": (_bucket(LoggingConfiguration={"LogFilePrefix": "x/"}), _bucket()),
    "checkpoints-locked": (_locked(365), _locked(364)),
    "lock-mode": (_locked(400), _locked(400, "GOVERNANCE")),
    "keys-rotate": (
        one("AWS::KMS::Key", {"EnableKeyRotation": True, "RotationPeriodInDays": 90}),
        one("AWS::KMS::Key", {"EnableKeyRotation": True}),
    ),
    "secrets-encrypted": (one(_SECRET, {"KmsKeyId": "k"}), one(_SECRET)),
    "functions-hold-no-secret": (
        _function({"TOKEN_KEY_SECRET": "dbsbm/prod/token-key"}),
        _function({"BOT_TOKEN": "hunter2"}),
    ),
    "functions-supported": (_function(), _function(runtime="python3.8")),
    "least-privilege": (
        _policy(_allow("s3:GetObject", _ELSEWHERE), _allow(["xray:PutTraceSegments"], "*")),
        _policy(_allow("s3:GetObject", "*")),
    ),
    "one-role-each": (
        {**_function(), **_named("Two", _function(role="B"))},
        {**_function(), **_named("Two", _function())},
    ),
    "log-groups-bounded": (_logged(30), _logged(None)),
    "log-history": (_logged(365), _logged(90)),
    "alarms-exist": (_alarmed("dbsbm-x-errors", ["arn"]), _alarmed("dbsbm-x-errors", [])),
    "failures-kept": (_kept(_NOTED), _kept({})),
    "network-closed": (
        _door("SecurityGroupEgress", "0.0.0.0/0", 443),
        _door("SecurityGroupIngress", "0.0.0.0/0", 3306),
    ),
    "network-watched": (_network("ALL"), _network("REJECT")),
    "edge-throttled": (_stage(100), _stage(0)),
    "releases-go-back": (_shift(True), _shift(False)),
    "account-trail-on": (_trailed(True), _trailed(False)),
    "data-outlives-stack": (one(_SECRET, DeletionPolicy="Retain"), one(_SECRET, DeletionPolicy="Delete")),
    "spending-watched": (_budgeted("x"), _budgeted()),
}
"""Satisfied, not satisfied. Not applicable is a template without any of what is to be protected."""
MISSING: tuple[tuple[str, Resources], ...] = (
    ("database-tls", _database()),
    ("database-tls", _database(DBParameterGroupName={"Ref": "Gone"})),
    ("log-groups-bounded", _function()),
    ("log-history", _function(log="Gone")),
    ("failures-kept", _function()),
    ("failures-kept", {**_kept(_NOTED), **one("AWS::SQS::Queue", {"QueueName": "x"})}),
    ("releases-go-back", _function()),
    ("spending-watched", _function()),
    ("account-trail-on", _function()),
    ("checkpoints-locked", _locked(400, name="Bucketarchive1")),
    ("checkpoints-locked", {**_locked(400, name="Bucketarchive1"), **_named("Bucketcheckpoints1", _bucket())}),
    ("network-closed", one("AWS::EC2::SecurityGroup")),
    ("least-privilege", _role({"Ref": "Ours"}, "s3:*")),
    ("least-privilege", _role("arn:aws:iam::aws:policy/AdministratorAccess", "s3:GetObject")),
    ("least-privilege", _role({"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, _BY_AWS]]}, "s3:GetObject")),
)
"""Not satisfied: what is to be protected is there, its protection is not, or another thing has it."""
