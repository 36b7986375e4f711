"""RDS for MariaDB, the server the tests run on, with the same parameter file; or, from birth, Aurora MySQL."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from aws_cdk import Duration, RemovalPolicy, SecretValue, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_rds as rds
from constructs import Construct

from infra.cdk.copies import copy_database
from infra.cdk.keys import Keys
from infra.cdk.network import Network
from infra.cdk.options import Options
from infra.cdk.proxy import ACCOUNT, Proxy
from infra.cdk.stage import Stage

PARAMETER_FILE = Path(__file__).parents[1] / "database.cnf"
ACCOUNTS = {
    "DATABASE_URL": "dbsbm_app",
    "DATABASE_APP_URL": "dbsbm_app",
    "DATABASE_MIGRATION_URL": "dbsbm_migrations",
    "DATABASE_CHECK_URL": "dbsbm_checker",
    "DATABASE_READER_URL": "dbsbm_reader",
}
"""Who signs in, by the setting with the address; all do so with IAM tokens, so there is no password to keep.

``DATABASE_APP_URL`` is where the account itself lives; with a proxy functions sign in to that, as another account.
"""
TLS_ONLY = {"require_secure_transport": "ON"}

STORAGE_GB, MOST_STORAGE_GB = 20, 200
"""RDS begins with the first and grows by itself up to the second."""

_RDS_NAME = {"default_time_zone": "time_zone", "transaction_isolation": "tx_isolation"}
_AURORA_NAME = {"default_time_zone": "time_zone"}
_RDS_VALUE = {"default_time_zone": "UTC", "innodb_rollback_on_timeout": "1"}
_NOT_AT_AURORA = ("innodb_rollback_on_timeout",)
"""Fixed by Aurora; the code rolls back a whole transaction on a lock wait anyway."""


def parameters() -> dict[str, str]:
    """The parameters of ``infra/database.cnf``: the one file for mariadbd and for the RDS parameter group."""
    return {_RDS_NAME.get(name, name): _RDS_VALUE.get(name, value) for name, value in _lines().items()}


def aurora_parameters() -> dict[str, str]:
    """The same, under the names Aurora MySQL 3 (MySQL 8.0) knows them by."""
    found = {name: value for name, value in _lines().items() if name not in _NOT_AT_AURORA}
    return {_AURORA_NAME.get(name, name): _RDS_VALUE.get(name, value) for name, value in found.items()}


def _lines() -> Mapping[str, str]:
    lines = (line.split("#")[0].strip() for line in PARAMETER_FILE.read_text().splitlines())
    pairs = (line.split("=", 1) for line in lines if "=" in line)
    return {name.strip().replace("-", "_"): value.strip() for name, value in pairs}


class Database(Construct):
    """Encrypted, private, with IAM authentication; its master secret is made and rotated by RDS.

    ``host`` and ``port`` are the server's, ``urls`` and ``user_arns`` are by setting: where functions connect, and what
    their roles may sign in as. ``master_secret`` is RDS's own, ``proxy`` is there where somebody chose it.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, stage: Stage, options: Options, network: Network, keys: Keys
    ) -> None:
        super().__init__(scope, construct_id)
        common = {
            "vpc": network.vpc,
            "vpc_subnets": ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            "security_groups": [network.data],
            "credentials": rds.Credentials.from_password(
                "dbsbm_master", SecretValue.unsafe_plain_text("removed below")
            ),
            "iam_authentication": True,
            "storage_encrypted": True,
            "storage_encryption_key": keys.data,
            "deletion_protection": stage.protected,
            "removal_policy": RemovalPolicy.SNAPSHOT,
            "monitoring_interval": Duration.minutes(1),
        }
        if options.database == "aurora-mysql":
            resource_id = self._build_aurora(stage, options, keys, common)
        else:
            resource_id = self._build_mariadb(stage, options, keys, common)
        places = {setting: (user, self.host, resource_id, "rds") for setting, user in ACCOUNTS.items()}
        self.proxy: Proxy | None = None
        if options.proxy:  # which knows one account alone
            self.proxy = proxy = Proxy(
                self, "Proxy", stage=stage, network=network, secrets_key=keys.secrets, target=self.target
            )
            places["DATABASE_URL"] = (ACCOUNT, proxy.host, proxy.resource_id, "rds-proxy")
        stack = Stack.of(self)
        self.urls = {
            setting: f"mysql://{user}@{host}:{self.port}/dbsbm?auth=iam&ssl_ca={roots}"
            for setting, (user, host, _, roots) in places.items()
        }
        self.user_arns = {
            setting: f"arn:{stack.partition}:rds-db:{stack.region}:{stack.account}:dbuser:{known}/{user}"
            for setting, (user, _, known, _) in places.items()
        }

    def _build_mariadb(self, stage: Stage, options: Options, keys: Keys, common: Mapping[str, Any]) -> str:
        engine = rds.DatabaseInstanceEngine.maria_db(version=rds.MariaDbEngineVersion.of("10.11.19", "10.11"))
        instance = rds.DatabaseInstance(
            self,
            "Instance",
            engine=engine,
            instance_type=ec2.InstanceType(stage.database_class),
            parameter_group=rds.ParameterGroup(
                self, "Parameters", engine=engine, parameters={**parameters(), **TLS_ONLY}
            ),
            database_name="dbsbm",
            storage_type=rds.StorageType.GP3,
            allocated_storage=STORAGE_GB,
            max_allocated_storage=MOST_STORAGE_GB,
            multi_az=stage.multi_az,
            backup_retention=Duration.days(stage.backup_days),
            delete_automated_backups=not stage.protected,
            copy_tags_to_snapshot=True,
            auto_minor_version_upgrade=True,
            cloudwatch_logs_exports=["error", "slowquery"],
            **common,
        )
        self.master_secret = _let_rds_make_the_password(instance.node.default_child, keys)
        if options.copy_key:
            copy_database(instance, options.copy_key, stage)
        if options.replica:
            self._build_replica(instance, stage, common)
        self.identifier = instance.instance_identifier
        self.arn = instance.instance_arn
        self.target = {"db_instance_identifiers": [instance.instance_identifier]}
        self.host, self.port = instance.db_instance_endpoint_address, instance.db_instance_endpoint_port
        return str(instance.instance_resource_id)

    def _build_replica(self, source: rds.DatabaseInstance, stage: Stage, common: Mapping[str, Any]) -> None:
        taken = (
            "vpc",
            "vpc_subnets",
            "security_groups",
            "iam_authentication",
            "deletion_protection",
            "monitoring_interval",
        )  # fmt: skip; encrypted with the source's key
        replica = rds.DatabaseInstanceReadReplica(
            self,
            "Replica",
            source_database_instance=source,
            instance_type=ec2.InstanceType(stage.database_class),
            multi_az=stage.multi_az,
            auto_minor_version_upgrade=True,
            copy_tags_to_snapshot=True,
            cloudwatch_logs_exports=["error", "slowquery"],
            removal_policy=RemovalPolicy.DESTROY,
            **{name: common[name] for name in taken},
        )
        self.replica_identifier = replica.instance_identifier

    def _build_aurora(self, stage: Stage, options: Options, keys: Keys, common: Mapping[str, Any]) -> str:
        engine = rds.DatabaseClusterEngine.aurora_mysql(version=rds.AuroraMysqlEngineVersion.VER_3_10_0)
        readers = int(stage.multi_az) + int(options.replica)
        cluster = rds.DatabaseCluster(
            self,
            "Cluster",
            engine=engine,
            writer=rds.ClusterInstance.serverless_v2("Writer", publicly_accessible=False),
            readers=[
                rds.ClusterInstance.serverless_v2(f"Reader{n}", scale_with_writer=n == 1, publicly_accessible=False)
                for n in range(1, readers + 1)
            ],
            serverless_v2_min_capacity=0.5,
            serverless_v2_max_capacity=16,
            parameter_group=rds.ParameterGroup(
                self, "Parameters", engine=engine, parameters={**aurora_parameters(), **TLS_ONLY}
            ),
            default_database_name="dbsbm",
            backup=rds.BackupProps(retention=Duration.days(stage.backup_days)),
            copy_tags_to_snapshot=True,
            cloudwatch_logs_exports=["error", "slowquery"],
            **common,
        )
        self.master_secret = _let_rds_make_the_password(cluster.node.default_child, keys)
        self.identifier = cluster.cluster_identifier
        self.arn = cluster.cluster_arn
        self.target = {"db_cluster_identifiers": [cluster.cluster_identifier]}
        self.host, self.port = cluster.cluster_endpoint.hostname, str(cluster.cluster_endpoint.port)
        return str(cluster.cluster_resource_identifier)


def _let_rds_make_the_password(child: object, keys: Keys) -> str:
    """RDS makes and rotates it, under our key: no password of ours anywhere. Returns the secret's ARN."""
    resource = cast(rds.CfnDBInstance, child)
    resource.manage_master_user_password = True
    resource.master_user_password = None
    if isinstance(child, rds.CfnDBCluster):
        child.master_user_secret = rds.CfnDBCluster.MasterUserSecretProperty(kms_key_id=keys.secrets.key_arn)
    else:
        resource.master_user_secret = rds.CfnDBInstance.MasterUserSecretProperty(kms_key_id=keys.secrets.key_arn)
    return resource.attr_master_user_secret_secret_arn
