"""Valkey serverless and the one user of it: L1, because CDK has no constructs for them yet."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.cache_user import ACCESS
from infra.cdk.network import Network
from infra.cdk.stage import Stage


class Valkey(Construct):
    """Optional by design: every read works without it."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, network: Network, key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        subnets = network.vpc.select_subnets(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED).subnet_ids
        self.name, user = f"dbsbm-{stage.name}", f"dbsbm-{stage.name}-app"
        group = self._build_users(user)
        self.cache = elasticache.CfnServerlessCache(
            self,
            "Cache",
            engine="valkey",
            major_engine_version="8",
            serverless_cache_name=self.name,
            kms_key_id=key.key_arn,
            security_group_ids=[network.data.security_group_id],
            subnet_ids=subnets,
            user_group_id=group.user_group_id,
            cache_usage_limits=elasticache.CfnServerlessCache.CacheUsageLimitsProperty(
                data_storage=elasticache.CfnServerlessCache.DataStorageProperty(maximum=1, unit="GB")
            ),
        )
        self.cache.add_dependency(group)
        where = f"{self.cache.attr_endpoint_address}:{self.cache.attr_endpoint_port}"
        self.url = f"rediss://{user}@{where}/0?cluster=true&auth=iam&cache={self.name}&serverless=true"
        stack = Stack.of(self)
        here = f"arn:{stack.partition}:elasticache:{stack.region}:{stack.account}"
        self.arns = [f"{here}:serverlesscache:{self.name}", f"{here}:user:{user}"]

    def _build_users(self, user: str) -> elasticache.CfnUserGroup:
        """One user, whose password is signed by the role of the function; no default user beside it."""
        built = elasticache.CfnUser(
            self,
            "User",
            engine="valkey",
            user_id=user,
            user_name=user,  # with IAM authentication ElastiCache wants both to be the same
            access_string=ACCESS,
            authentication_mode={"Type": "iam"},
        )
        group = elasticache.CfnUserGroup(self, "Users", engine="valkey", user_group_id=user, user_ids=[user])
        group.add_dependency(built)
        return group
