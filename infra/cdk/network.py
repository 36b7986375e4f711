"""The VPC: isolated subnets for data, private ones for functions with one door out (ARCHITECTURE rule 4)."""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_logs as logs
from constructs import Construct

MARIADB_PORT = 3306
VALKEY_PORTS = (6379, 6380)  # 6380 serves reads on serverless caches


class Network(Construct):
    """``functions`` is the only group that ``data`` admits; ``data`` has no way out."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            max_azs=2,
            nat_gateways=1,
            restrict_default_security_group=False,
            subnet_configuration=[
                ec2.SubnetConfiguration(name="public", subnet_type=ec2.SubnetType.PUBLIC, cidr_mask=26),
                ec2.SubnetConfiguration(name="functions", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS, cidr_mask=22),
                ec2.SubnetConfiguration(name="data", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=26),
            ],
            gateway_endpoints={"S3": ec2.GatewayVpcEndpointOptions(service=ec2.GatewayVpcEndpointAwsService.S3)},
        )
        flow_logs = logs.LogGroup(
            self, "FlowLogs", retention=logs.RetentionDays.ONE_MONTH, removal_policy=RemovalPolicy.DESTROY
        )
        self.vpc.add_flow_log("Flow", destination=ec2.FlowLogDestination.to_cloud_watch_logs(flow_logs))
        self.functions = ec2.SecurityGroup(
            self,
            "Functions",
            vpc=self.vpc,
            description="Functions of the data network",
            allow_all_outbound=False,
        )
        self.data = ec2.SecurityGroup(
            self, "Data", vpc=self.vpc, description="MariaDB and Valkey", allow_all_outbound=False
        )
        self.functions.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443), "Discord, providers and AWS over TLS")
        for port in (MARIADB_PORT, *VALKEY_PORTS):
            self.data.add_ingress_rule(self.functions, ec2.Port.tcp(port), "from the functions")
            self.functions.add_egress_rule(self.data, ec2.Port.tcp(port), "to the data")
