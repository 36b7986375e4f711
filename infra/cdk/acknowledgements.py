"""Findings of cdk-nag that we live with: each for named constructs, with a reason, an owner and a day it ends.

A finding that is not here fails ``./dev synth``; an entry that no longer silences anything, or whose day has come,
fails the tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from aws_cdk import Acknowledgment, Stack, Validations
from constructs import IConstruct

from infra.catalog import CATALOG, Function, HttpRoute, Ref
from infra.cdk.acknowledgement import HALF_YEAR, HIPAA, NIST, PCI, YEAR, Acknowledgement
from infra.cdk.acknowledgement import in_packs as _in
from infra.cdk.acknowledgements_beside import BESIDE
from infra.grants import on_objects


def _each(pattern: str, names: Iterator[str]) -> tuple[str, ...]:
    return tuple(pattern.format(name) for name in names)


_SERVICE_POLICY = "Policy::arn:<AWS::Partition>:iam::aws:policy/service-role"


def _of(functions: Iterable[Function], part: str) -> tuple[str, ...]:
    """A construct of each function, in the stack that holds it."""
    return tuple(f"{'schema' if f.before_shift else 'functions'}/Function-{f.name}/{part}/Resource" for f in functions)


_FUNCTIONS = _of(CATALOG.functions, "Function")
_POLICIES = _of(CATALOG.functions, "Policy")


def _naming(bucket: str) -> tuple[str, ...]:
    """The policies of the functions that reach into a bucket."""

    def reaches(function: Function) -> bool:
        return any(p.resource == Ref("bucket", bucket) and on_objects(p) for p in function.permits)

    return _of(filter(reaches, CATALOG.functions), "Policy")


_ACCESS_LOGS = ("data/Storage/AccessLogs/Resource", "records/Storage/AccessLogs/Resource")
_BUCKETS = (
    *_ACCESS_LOGS,
    "data/Trail/Bucket/Resource",
    *(f"{'records' if b.locked_days else 'data'}/Storage/Bucket-{b.name}/Resource" for b in CATALOG.buckets),
)
_STAGED = _each(
    "data/Storage/Secret-{}/Resource", (s.name for s in CATALOG.secrets if not s.rotated_by and not s.made_by_rds)
)
_ROTATED = _each("data/Storage/Secret-{}/Resource", (s.name for s in CATALOG.secrets if s.rotated_by))
_ROUTES = _each(
    "functions/Http/Api/{}/Resource",
    (
        f"{t.method}{t.path.replace('/', '--')}"
        for f in CATALOG.functions
        for t in f.triggers
        if isinstance(t, HttpRoute)
    ),
)
_INSTANCE = ("data/Database/Instance/Resource",)
_REPLICA = ("data/Database/Replica/Resource",)
_CLUSTER = ("data/Database/Cluster/Resource",)
_MEMBERS = _each("data/Database/Cluster/{}/Resource", iter(("Writer", "Reader1", "Reader2")))
_NAT_INSTANCE = ("data/Network/Vpc/publicSubnet1/NatInstance/Resource",)
_PUBLIC_ROUTES = _each("data/Network/Vpc/publicSubnet{}/DefaultRoute", iter("12"))

ACKNOWLEDGEMENTS = (
    Acknowledgement(
        ("AwsSolutions-L1", "Serverless-LambdaLatestVersion"),
        _FUNCTIONS,
        "Python 3.13 starts some 20 ms sooner than 3.14 and every wheel of the layer exists for it; AWS "
        "supports it to 2029.",
        "runtime",
        HALF_YEAR,
    ),
    Acknowledgement(
        ("Serverless-LambdaDLQ", *_in("LambdaDLQ", NIST, HIPAA)),
        _FUNCTIONS,
        "The alias live has an OnFailure destination (queue failed-invocations), which also carries the "
        "error; a dead-letter "
        "queue beside it would get every event a second time.",
        "runtime",
        YEAR,
    ),
    Acknowledgement(
        _in("LambdaInsideVPC", NIST, HIPAA, PCI),
        ("functions/Function-interactions/Function/Resource",),
        "The front door holds no secret and reaches no data; inside the VPC it would pay for the door out on "
        "every invoke.",
        "security",
        YEAR,
    ),
    Acknowledgement(
        _in("LambdaInsideVPC", NIST, HIPAA, PCI),
        _of((CATALOG.function(n) for n in ("rotate_generated", "job_secrets", "secret_access")), "Function"),
        "They change, test and watch secrets and have no business with the data; a function that holds both would be "
        "worth more to whoever takes it over.",
        "security",
        YEAR,
    ),
    Acknowledgement(
        _in("LambdaInsideVPC", NIST, HIPAA, PCI),
        ("functions/Function-job_canary/Function/Resource",),
        "It comes to us from outside, as Discord does, and has no business with the data: from inside the VPC it would "
        "see neither the public road nor a door out that is closed.",
        "security",
        YEAR,
    ),
    Acknowledgement(
        _in("LambdaInsideVPC", NIST, HIPAA, PCI),
        ("functions/Function-deployment_check/Function/Resource",),
        "It asks new versions over Lambda's own API and reaches no data; it works while the door out does not.",
        "operations",
        YEAR,
    ),
    Acknowledgement(
        _in("LambdaInsideVPC", NIST, HIPAA, PCI),
        ("functions/Function-job_audit_sign/Function/Resource",),
        "It stays away from the database on purpose: whoever reaches the data must not reach the key, nor the other "
        "way round.",
        "security",
        YEAR,
    ),
    Acknowledgement(
        _in("LambdaInsideVPC", NIST, HIPAA, PCI),
        ("functions/Function-job_remedy/Function/Resource",),
        "It stays away from the database on purpose: it may set buckets, and does only what its caller was told by two "
        "people.",
        "security",
        YEAR,
    ),
    Acknowledgement(
        tuple(
            f"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:cloudformation:<AWS::Region>:<AWS::AccountId>:stack/<{part}>/*]"
            for part in ("data", "records", "schema", "functions", "watch")
        ),
        ("functions/Function-job_compliance/Policy/Resource",),
        "A stack's address ends with an id that nobody knows before it exists; its template is all that may be read.",
        "security",
        YEAR,
    ),
    Acknowledgement(
        ("AwsSolutions-IAM5[Resource::*]",),
        _POLICIES,
        "X-Ray and EC2's network interface calls know no narrower resource; infra/cdk/permissions.py lists "
        "each action.",
        "security",
        YEAR,
    ),
    Acknowledgement(
        ("AwsSolutions-IAM5[Resource::<data>:ExportsOutputFnGetAttStorageBucketfeedsB4A7AEE7ArnBD1CEA52/*]",),
        _naming("feeds"),
        "The objects of one bucket, each named after the moment it was fetched.",
        "security",
        YEAR,
    ),
    Acknowledgement(
        ("AwsSolutions-IAM5[Resource::<data>:ExportsOutputFnGetAttStorageBucketflagsA7E10912Arn0FB59B86/*]",),
        _naming("flags"),
        "The objects of one bucket: switches and limits, every version of them. No function may write there.",
        "security",
        YEAR,
    ),
    Acknowledgement(
        ("AwsSolutions-IAM5[Resource::<data>:ExportsOutputFnGetAttStorageBucketkeyring39994F9DArn184BB02F/*]",),
        _naming("keyring"),
        "The objects of one bucket, each a data key with a random name. Only two jobs may delete there.",
        "security",
        YEAR,
    ),
    Acknowledgement(
        ("AwsSolutions-IAM5[Resource::<data>:ExportsOutputFnGetAttStorageBucketaudit9FA60A59Arn12089DF1/*]",),
        _naming("audit"),
        "The objects of one bucket: tiles and entries, named by how far the log has grown.",
        "security",
        YEAR,
    ),
    Acknowledgement(
        ("AwsSolutions-IAM5[Resource::<data>:ExportsOutputFnGetAttStorageBucketerasures9ABEEB9BArnE4F159E9/*]",),
        _naming("erasures"),
        "The objects of one bucket, each the note of one erasure, for doing it again after a restore.",
        "security",
        YEAR,
    ),
    Acknowledgement(
        ("AwsSolutions-IAM5[Resource::<data>:ExportsOutputFnGetAttStorageBucketexportsD5D15271Arn039D8FAE/*]",),
        _naming("exports"),
        "The objects of one bucket, each a file that somebody asked for and has a link to; gone after a day.",
        "security",
        YEAR,
    ),
    Acknowledgement(
        ("AwsSolutions-IAM5[Resource::<records>:ExportsOutputFnGetAttStorageBucketarchiveE9D03ED5ArnCDFDF5EC/*]",),
        _naming("archive"),
        "The objects of one bucket, each named by its own digest; Object Lock keeps them.",
        "security",
        YEAR,
    ),
    Acknowledgement(
        ("AwsSolutions-IAM5[Resource::<records>:ExportsOutputFnGetAttStorageBucketcheckpoints10644408Arn43E39205/*]",),
        _naming("checkpoints"),
        "The objects of one bucket, each named by the size of the log it signs; Object Lock keeps them.",
        "security",
        YEAR,
    ),
    Acknowledgement(
        ("AwsSolutions-IAM5[Resource::<records>:ExportsOutputFnGetAttStorageBucketquestionsCE0D86E5ArnD24F8B52/*]",),
        _naming("questions"),
        "The objects of one bucket, each named by the moment of one question; Object Lock keeps them.",
        "security",
        YEAR,
    ),
    Acknowledgement(
        ("AwsSolutions-IAM5[Resource::<records>:ExportsOutputFnGetAttStorageBucketevidence240B882FArn6B3629B6/*]",),
        _naming("evidence"),
        "The objects of one bucket, each named by its own hash; Object Lock keeps them.",
        "security",
        YEAR,
    ),
    Acknowledgement(
        ("AwsSolutions-IAM5[Resource::<records>:ExportsOutputFnGetAttStorageBucketbackups3CD6E7CBArn88F3EF3E/*]",),
        _naming("backups"),
        "The objects of one bucket: backups, named by the moment they show; Object Lock keeps them.",
        "security",
        YEAR,
    ),
    Acknowledgement(
        ("Serverless-EventBusDLQ",),
        ("functions/Events/Rule-secrets",),
        "The rule calls the alias asynchronously; what the function gives up lies in failed-invocations, and "
        "EventBridge itself tries for a day.",
        "operations",
        YEAR,
    ),
    Acknowledgement(
        (
            "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:codedeploy:<AWS::Region>:<AWS::AccountId>:deploymentgroup:dbsbm-<stage>/*]",
        ),
        ("functions/Function-deployment_check/Policy/Resource",),
        "The groups of one CodeDeploy application, all of them asked about by this one check.",
        "operations",
        YEAR,
    ),
    Acknowledgement(
        ("AwsSolutions-APIG4",),
        _ROUTES,
        "Discord signs what it sends (Ed25519, checked on the raw bytes before anything is parsed) and knows "
        "no other way; "
        "GET /health tells nothing but that it answers, GET /log what is signed to be shown to everybody.",
        "security",
        YEAR,
    ),
    Acknowledgement(
        ("AwsSolutions-SQS3", "Serverless-SQSRedrivePolicy"),
        _each("data/Storage/Queue-{}/Resource", (q.name for q in CATALOG.queues)),
        "It is where failed invocations end up: nothing consumes it but a person, so it has nothing to hand on.",
        "operations",
        YEAR,
    ),
    Acknowledgement(
        ("AwsSolutions-SMG4", *_in("SecretsManagerRotationEnabled", NIST, HIPAA)),
        _STAGED,
        "Discord and the providers hand out keys to people only: an operator stages the next one, job_secrets tests "
        "and promotes it, and an alarm sounds when one is older than 97 days.",
        "security",
        YEAR,
    ),
    Acknowledgement(
        ("AwsSolutions-SMG4", *_in("SecretsManagerRotationEnabled", NIST, HIPAA)),
        _ROTATED,
        "They are changed every 80 days; the schedules stand in the stack of the functions that do it, where the rule "
        "does not look (infra/cdk/rotations.py, and a test that each has one).",
        "security",
        YEAR,
    ),
    Acknowledgement(
        ("AwsSolutions-SMG4", *_in("SecretsManagerRotationEnabled", NIST, HIPAA)),
        ("data/Database/Proxy/Account/Resource",),
        "Only the proxy and database_birth read it, functions sign in with IAM tokens. A proxy knows one account by "
        "one name, so two cannot take turns; a new password is the account's with the next run of database_birth "
        "(docs/growing.md).",
        "security",
        HALF_YEAR,
    ),
    Acknowledgement(
        ("AwsSolutions-SMG4", *_in("SecretsManagerRotationEnabled", NIST, HIPAA)),
        ("data/EdgeToken/Resource",),
        "CloudFront and the front door are told it by one deployment; replacing it takes another.",
        "security",
        HALF_YEAR,
    ),
    Acknowledgement(
        ("AwsSolutions-CFR1", "AwsSolutions-CFR3"),
        ("functions/Edge/Distribution/Resource",),
        "Discord asks from where it likes; the API logs what is let through, the WAF what it stops.",
        "security",
        YEAR,
    ),
    Acknowledgement(
        ("AwsSolutions-CFR4",),
        ("functions/Edge/Distribution/Resource",),
        "CloudFront's own name allows old TLS versions; with a domain of the operator's it is 1.2.",
        "security",
        YEAR,
    ),
    Acknowledgement(
        _in("RDSInBackupPlan", NIST, HIPAA),
        (*_REPLICA, *_MEMBERS),
        "It holds no data of its own: what it copies, or the cluster it belongs to, is in the plan.",
        "operations",
        YEAR,
    ),
    Acknowledgement(
        ("AwsSolutions-RDS2", *_in("RDSStorageEncrypted", NIST, HIPAA, PCI)),
        _REPLICA,
        "A replica is encrypted with its source's key; RDS refuses the setting beside a source.",
        "security",
        YEAR,
    ),
    Acknowledgement(
        ("AwsSolutions-RDS14",),
        _CLUSTER,
        "Backtrack winds a whole cluster back in place; point-in-time recovery beside it covers the same "
        "hours and more.",
        "operations",
        YEAR,
    ),
    Acknowledgement(
        _in("LambdaConcurrency", NIST, HIPAA),
        _FUNCTIONS,
        "Asked for with -c reserve=off: an account whose quota is ten cannot reserve anything.",
        "operations",
        YEAR,
    ),
    Acknowledgement(
        _in("S3BucketReplicationEnabled", NIST, HIPAA, PCI),
        _BUCKETS,
        "What the feed fetched and who read it are not the only copy of anybody's record; the database's backups are "
        "AWS Backup's matter.",
        "operations",
        YEAR,
    ),
    Acknowledgement(
        _in("S3DefaultEncryptionKMS", NIST, HIPAA, PCI),
        _ACCESS_LOGS,
        "S3 delivers its access logs only to buckets with the keys it manages itself; the bucket is "
        "encrypted with those.",
        "security",
        YEAR,
    ),
    Acknowledgement(
        ("AwsSolutions-RDS11",),
        (*_INSTANCE, *_REPLICA, *_CLUSTER),
        "Only the functions' security group reaches the port; another number would keep nobody out.",
        "security",
        YEAR,
    ),
    Acknowledgement(
        (
            *_in("RDSLoggingEnabled[LogExport::general]", NIST, HIPAA, PCI),
            *_in("RDSLoggingEnabled[LogExport::audit]", NIST, HIPAA, PCI),
        ),
        (*_INSTANCE, *_CLUSTER),
        "The general log would copy every statement with people's data into a log group. The server's audit "
        "plugin needs an "
        "option group and an account of its own to watch; until then errors and slow statements are exported.",
        "security",
        HALF_YEAR,
    ),
    Acknowledgement(
        ("AwsSolutions-RDS3", *_in("RDSMultiAZSupport", NIST, HIPAA)),
        _INSTANCE,
        "Nobody depends on this stage: it may be away for as long as a restore takes.",
        "operations",
        YEAR,
        stages=("dev", "staging"),
    ),
    Acknowledgement(
        ("AwsSolutions-RDS10", *_in("RDSInstanceDeletionProtectionEnabled", NIST, HIPAA)),
        _INSTANCE,
        "This stage is made and deleted at will; a last snapshot is taken.",
        "operations",
        YEAR,
        stages=("dev",),
    ),
    Acknowledgement(
        (
            "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole]",
        ),
        _each("data/Database/{}/MonitoringRole/Resource", iter(("Instance", "Replica", "Cluster"))),
        "RDS asks for this policy by name; only monitoring.rds.amazonaws.com takes the role.",
        "security",
        YEAR,
    ),
    Acknowledgement(
        (f"AwsSolutions-IAM4[{_SERVICE_POLICY}/AWSCodeDeployRoleForLambdaLimited]",),
        ("functions/Shift/Role/Resource",),
        "CodeDeploy keeps the policy in step with what shifting an alias needs; nobody but CodeDeploy takes the role.",
        "security",
        YEAR,
    ),
    Acknowledgement(
        (f"AwsSolutions-IAM4[{_SERVICE_POLICY}/AWSBackupServiceRolePolicyForBackup]",),
        ("data/Backup/Plan/Database/Role/Resource",),
        "AWS Backup keeps the policy in step with what its backups need; only backup.amazonaws.com takes the role.",
        "security",
        YEAR,
    ),
    Acknowledgement(
        _in("VPCDefaultSecurityGroupClosed", NIST, HIPAA, PCI),
        ("data/Network/Vpc/Resource",),
        "CloudFormation cannot close that group; nothing is in it (tests/infra), and it admits only its own members.",
        "security",
        YEAR,
    ),
    Acknowledgement(
        _in("VPCNoUnrestrictedRouteToIGW", NIST, HIPAA, PCI),
        _PUBLIC_ROUTES,
        "The one door out stands in the public subnets; neither functions nor data are there.",
        "security",
        YEAR,
    ),
    Acknowledgement(
        ("AwsSolutions-EC29",),
        _NAT_INSTANCE,
        "It keeps nothing and is replaced by CloudFormation when Amazon Linux has a new image, which "
        "protection would stop.",
        "operations",
        YEAR,
    ),
    Acknowledgement(
        (*_in("EC2InstanceNoPublicIp", NIST, HIPAA, PCI), *_in("EC2InstancesInVPC", NIST, HIPAA, PCI)),
        _NAT_INSTANCE,
        "It is the door out, so it has a public address; it is in the VPC, but its subnet stands in the "
        "network interface, "
        "where the rule does not look.",
        "operations",
        YEAR,
    ),
    *BESIDE,
)


def acknowledge(stacks: Mapping[str, Stack], stage: str) -> None:
    """Silence the acknowledged findings of one stage, each at its construct alone; ``stacks`` by the paths' first word.

    A path that this choice of options does not build is passed over; the tests hold that each is built by some.
    """
    for entry in ACKNOWLEDGEMENTS:
        if entry.stages and stage not in entry.stages:
            continue
        rules = [_in_full(rule, stacks).replace("<stage>", stage) for rule in entry.rules]
        for path in entry.where:
            part, *names = path.split("/")
            construct = _find(stacks[part], names) if part in stacks else None
            if construct is not None:
                ids = [f"{rule.split('-', 1)[0]}::{rule}" for rule in rules]
                Validations.of(construct).acknowledge(*(Acknowledgment(id=i, reason=entry.reason) for i in ids))


def _in_full(rule: str, stacks: Mapping[str, Stack]) -> str:
    for part, stack in stacks.items():
        rule = rule.replace(f"<{part}>", stack.stack_name)
    return rule


def _find(construct: IConstruct, names: list[str]) -> IConstruct | None:
    for name in names:
        child = construct.node.try_find_child(name)
        if child is None:
            return None
        construct = child
    return construct
