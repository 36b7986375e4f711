"""RDS Proxy (``-c proxy=true``): many functions share few connections of the database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aws_cdk import Fn, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_rds as rds
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.catalog_proxy import ROLE, SECRET
from infra.cdk.network import MARIADB_PORT, Network
from infra.cdk.stage import Stage

ACCOUNT = "dbsbm_proxy"
IDLE_S = 300


class Proxy(Construct):
    """Functions sign in with IAM tokens as before; the proxy itself needs a password, kept as ``secret``.

    ``database_birth`` reads it too, and gives it to the account.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        network: Network,
        secrets_key: kms.IKey,
        target: Mapping[str, Any],
    ) -> None:
        super().__init__(scope, construct_id)
        self.secret = secretsmanager.Secret(
            self,
            "Account",
            secret_name=f"dbsbm/{stage.name}/{SECRET}",
            description="Password of the account that the proxy signs in with.",
            encryption_key=secrets_key,
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template=json.dumps({"username": ACCOUNT}),
                generate_string_key="password",
                exclude_punctuation=True,
            ),
            removal_policy=RemovalPolicy.RETAIN,
        )
        proxy = rds.CfnDBProxy(
            self,
            "Proxy",
            db_proxy_name=f"dbsbm-{stage.name}",
            engine_family="MYSQL",
            role_arn=self._build_role(stage, secrets_key).role_arn,
            require_tls=True,
            idle_client_timeout=IDLE_S,
            auth=[
                rds.CfnDBProxy.AuthFormatProperty(
                    auth_scheme="SECRETS", iam_auth="REQUIRED", secret_arn=self.secret.secret_arn
                )
            ],
            vpc_subnet_ids=network.vpc.select_subnets(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED).subnet_ids,
            vpc_security_group_ids=[self._build_group(network).security_group_id],
        )
        rds.CfnDBProxyTargetGroup(
            self,
            "Targets",
            db_proxy_name=proxy.ref,
            target_group_name="default",
            connection_pool_configuration_info=rds.CfnDBProxyTargetGroup.ConnectionPoolConfigurationInfoFormatProperty(
                max_connections_percent=80, max_idle_connections_percent=20, connection_borrow_timeout=2
            ),
            **target,
        )
        self.host = proxy.attr_endpoint
        self.resource_id = Fn.select(6, Fn.split(":", proxy.attr_db_proxy_arn))  # …:db-proxy:prx-0123

    def _build_group(self, network: Network) -> ec2.SecurityGroup:
        group = ec2.SecurityGroup(self, "Group", vpc=network.vpc, description="RDS Proxy", allow_all_outbound=False)
        port = ec2.Port.tcp(MARIADB_PORT)
        group.add_ingress_rule(network.functions, port, "from the functions")
        network.functions.add_egress_rule(group, port, "to the proxy")
        group.add_egress_rule(network.data, port, "to the database")
        network.data.add_ingress_rule(group, port, "from the proxy")
        return group

    def _build_role(self, stage: Stage, key: kms.IKey) -> iam.Role:
        service = f"secretsmanager.{Stack.of(self).region}.amazonaws.com"
        statements = [
            iam.PolicyStatement(actions=["secretsmanager:GetSecretValue"], resources=[self.secret.secret_arn]),
            iam.PolicyStatement(
                actions=["kms:Decrypt"],
                resources=[key.key_arn],
                conditions={"StringEquals": {"kms:ViaService": service}},
            ),
        ]
        return iam.Role(
            self,
            "Role",
            role_name=f"dbsbm-{stage.name}-{ROLE}",  # as it is named where reads of secrets are noted
            assumed_by=iam.ServicePrincipal("rds.amazonaws.com"),
            managed_policies=[iam.ManagedPolicy(self, "Policy", statements=statements)],
        )
