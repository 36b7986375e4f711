"""RDS for MariaDB: the server the tests run on, with the same parameter file."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from aws_cdk import Duration, RemovalPolicy, SecretValue
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_rds as rds
from constructs import Construct

from infra.cdk.network import Network
from infra.cdk.stage import Stage

PARAMETER_FILE = Path(__file__).parents[1] / "database.cnf"

_RDS_NAME = {"default_time_zone": "time_zone", "transaction_isolation": "tx_isolation"}
_RDS_VALUE = {"default_time_zone": "UTC", "innodb_rollback_on_timeout": "1"}


def parameters() -> dict[str, str]:
    """The parameters of ``infra/database.cnf``: the one file for mariadbd and for the RDS parameter group."""
    lines = (line.split("#")[0].strip() for line in PARAMETER_FILE.read_text().splitlines())
    pairs = (line.split("=", 1) for line in lines if "=" in line)
    found = {name.strip().replace("-", "_"): value.strip() for name, value in pairs}
    return {_RDS_NAME.get(name, name): _RDS_VALUE.get(name, value) for name, value in found.items()}


class MariaDb(Construct):
    """Encrypted, private, with IAM authentication; its master secret is made and rotated by RDS."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, network: Network, key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        engine = rds.DatabaseInstanceEngine.maria_db(version=rds.MariaDbEngineVersion.of("10.11.19", "10.11"))
        self.instance = rds.DatabaseInstance(
            self,
            "Instance",
            engine=engine,
            instance_type=ec2.InstanceType(stage.database_class),
            vpc=network.vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            security_groups=[network.data],
            parameter_group=rds.ParameterGroup(
                self, "Parameters", engine=engine, parameters={**parameters(), "require_secure_transport": "ON"}
            ),
            credentials=rds.Credentials.from_password("dbsbm_master", SecretValue.unsafe_plain_text("removed below")),
            database_name="dbsbm",
            iam_authentication=True,
            storage_encrypted=True,
            storage_encryption_key=key,
            multi_az=stage.multi_az,
            backup_retention=Duration.days(stage.backup_days),
            deletion_protection=stage.protected,
            delete_automated_backups=not stage.protected,
            copy_tags_to_snapshot=True,
            auto_minor_version_upgrade=True,
            cloudwatch_logs_exports=["error", "slowquery"],
            removal_policy=RemovalPolicy.SNAPSHOT,
        )
        resource = cast(rds.CfnDBInstance, self.instance.node.default_child)
        resource.manage_master_user_password = True  # RDS makes and rotates it: no password of ours anywhere
        resource.master_user_password = None
