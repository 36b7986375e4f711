"""Valkey serverless: L1, because CDK has no construct for it yet."""

from __future__ import annotations

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.cdk.network import Network
from infra.cdk.stage import Stage


class Valkey(Construct):
    """Optional by design: every read works without it."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, network: Network, key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        subnets = network.vpc.select_subnets(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED).subnet_ids
        self.name = f"dbsbm-{stage.name}"
        self.cache = elasticache.CfnServerlessCache(
            self,
            "Cache",
            engine="valkey",
            major_engine_version="8",
            serverless_cache_name=self.name,
            kms_key_id=key.key_arn,
            security_group_ids=[network.data.security_group_id],
            subnet_ids=subnets,
            cache_usage_limits=elasticache.CfnServerlessCache.CacheUsageLimitsProperty(
                data_storage=elasticache.CfnServerlessCache.DataStorageProperty(maximum=1, unit="GB")
            ),
        )
        self.url = f"rediss://{self.cache.attr_endpoint_address}:{self.cache.attr_endpoint_port}"
