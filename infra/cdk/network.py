"""The VPC: isolated subnets for data, private ones for functions with one door out (ARCHITECTURE rule 4)."""

from __future__ import annotations

from typing import cast

from aws_cdk import RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.cdk.options import Egress

MARIADB_PORT = 3306
VALKEY_PORTS = (6379, 6380)  # 6380 serves reads on serverless caches
CIDR = "10.0.0.0/16"
NAT_INSTANCE = "t4g.nano"

NAT_USER_DATA = f"""#!/bin/bash
set -euo pipefail
dnf install --assumeyes nftables
echo 'net.ipv4.ip_forward = 1' > /etc/sysctl.d/90-nat.conf
sysctl --load /etc/sysctl.d/90-nat.conf
out="$(ip -4 route show default | sed -E 's/.* dev ([^ ]+).*/\\1/;q')"
cat > /etc/sysconfig/nftables.conf <<RULES
flush ruleset
table ip nat {{
    chain postrouting {{
        type nat hook postrouting priority srcnat;
        ip saddr {CIDR} oifname "$out" masquerade
    }}
}}
table ip filter {{
    chain forward {{
        type filter hook forward priority filter; policy drop;
        ct state established,related accept
        ip saddr {CIDR} ip daddr != {CIDR} tcp dport 443 accept
    }}
}}
RULES
systemctl enable --now nftables
"""
"""Amazon Linux 2023 as NAT: forwards new connections from inside the VPC to port 443 outside it, and nothing else."""


class Network(Construct):
    """``functions`` is the only group that ``data`` admits; ``data`` has no way out."""

    def __init__(self, scope: Construct, construct_id: str, *, egress: Egress, log_key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        provider = self._nat_instance() if egress == "instance" else None
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            ip_addresses=ec2.IpAddresses.cidr(CIDR),
            max_azs=2,
            nat_gateways=1,
            nat_gateway_provider=provider,
            restrict_default_security_group=False,  # nothing uses that group, which a test checks
            subnet_configuration=[
                ec2.SubnetConfiguration(
                    name="public", subnet_type=ec2.SubnetType.PUBLIC, cidr_mask=26, map_public_ip_on_launch=False
                ),
                ec2.SubnetConfiguration(name="functions", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS, cidr_mask=22),
                ec2.SubnetConfiguration(name="data", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=26),
            ],
            gateway_endpoints={"S3": ec2.GatewayVpcEndpointOptions(service=ec2.GatewayVpcEndpointAwsService.S3)},
        )
        self._build_flow_log(log_key)
        self.functions = self._group("Functions", "Functions of the data network")
        self.data = self._group("Data", "MariaDB and Valkey")
        self.functions.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443), "Discord, providers and AWS over TLS")
        for port in (MARIADB_PORT, *VALKEY_PORTS):
            self.data.add_ingress_rule(self.functions, ec2.Port.tcp(port), "from the functions")
            self.functions.add_egress_rule(self.data, ec2.Port.tcp(port), "to the data")
        if provider is not None:
            self._admit(provider)
        self.door_id = self._door_id(provider)

    def _group(self, name: str, description: str) -> ec2.SecurityGroup:
        return ec2.SecurityGroup(self, name, vpc=self.vpc, description=description, allow_all_outbound=False)

    def _nat_instance(self) -> ec2.NatInstanceProviderV2:
        user_data = ec2.UserData.custom(NAT_USER_DATA)
        return ec2.NatProvider.instance_v2(
            instance_type=ec2.InstanceType(NAT_INSTANCE),
            machine_image=ec2.MachineImage.latest_amazon_linux2023(cpu_type=ec2.AmazonLinuxCpuType.ARM_64),
            default_allowed_traffic=ec2.NatTrafficDirection.NONE,
            user_data=user_data,
            associate_public_ip_address=True,
            credit_specification=ec2.CpuCredits.STANDARD,
        )

    def _admit(self, provider: ec2.NatInstanceProviderV2) -> None:
        group = provider.security_group
        group.add_ingress_rule(self.functions, ec2.Port.tcp(443), "from the functions")
        group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443), "onward, over TLS alone")
        for instance in provider.gateway_instances:
            resource = instance.node.default_child
            if isinstance(resource, ec2.CfnInstance):
                resource.monitoring = True
                resource.metadata_options = ec2.CfnInstance.MetadataOptionsProperty(
                    http_tokens="required", http_put_response_hop_limit=1
                )
                resource.block_device_mappings = [
                    ec2.CfnInstance.BlockDeviceMappingProperty(
                        device_name="/dev/xvda", ebs=ec2.CfnInstance.EbsProperty(encrypted=True, volume_type="gp3")
                    )
                ]

    def _door_id(self, provider: ec2.NatInstanceProviderV2 | None) -> str:
        """Id of the NAT instance or gateway, for the alarm on it."""
        if provider is not None:
            return provider.gateway_instances[0].instance_id
        gateway = self.vpc.public_subnets[0].node.find_child("NATGateway")
        return cast(ec2.CfnNatGateway, gateway).ref

    def _build_flow_log(self, key: kms.IKey) -> None:
        """By hand: the construct for it writes an inline policy."""
        group = logs.LogGroup(
            self,
            "FlowLogs",
            retention=logs.RetentionDays.ONE_MONTH,
            encryption_key=key,
            removal_policy=RemovalPolicy.DESTROY,
        )
        writes = iam.PolicyStatement(
            actions=["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
            resources=[group.log_group_arn],
        )
        role = iam.Role(
            self,
            "FlowLogRole",
            assumed_by=iam.ServicePrincipal("vpc-flow-logs.amazonaws.com"),
            managed_policies=[iam.ManagedPolicy(self, "FlowLogPolicy", statements=[writes])],
        )
        ec2.CfnFlowLog(
            self,
            "Flow",
            resource_id=self.vpc.vpc_id,
            resource_type="VPC",
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_group_name=group.log_group_name,
            deliver_logs_permission_arn=role.role_arn,
        )
