"""CloudFront and a WAF before the HTTP API (``-c edge=on``): something that absorbs floods before they are paid for.

What CloudFront sends on carries a header that only it knows, and the front door refuses interactions without it: the
API's own address, which stays reachable, is no way around. CloudFront's WAF exists in us-east-1 alone, so a stage with
this option lives there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import Duration, Fn, RemovalPolicy, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_wafv2 as waf
from constructs import Construct

from infra.cdk.functions import RETENTION
from infra.cdk.options import Options
from infra.cdk.stage import Stage

HEADER = "x-dbsbm-edge"
ADDRESS_LIMIT = 30_000
"""Requests from one address in five minutes: Discord has few senders, so this is far above a busy evening's."""


class Edge(Construct):
    """``url`` is what Discord is told."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        options: Options,
        api: apigateway.HttpApi,
        token: str,
        log_key: kms.IKey,
    ) -> None:
        super().__init__(scope, construct_id)
        acl = self._build_acl(stage, log_key)
        host = Fn.select(2, Fn.split("/", api.api_endpoint))
        origin = origins.HttpOrigin(
            host,
            protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
            origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2],
            custom_headers={HEADER: token},
            read_timeout=Duration.seconds(10),
        )
        distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment=f"dbsbm {stage.name}",
            web_acl_id=acl.attr_arn,
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            default_behavior=cloudfront.BehaviorOptions(
                origin=origin,
                allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
                cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
                origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
                viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
            ),
            **self._named(options),
        )
        self.url = f"https://{options.domain or distribution.distribution_domain_name}"

    def _named(self, options: Options) -> Mapping[str, Any]:
        if not options.domain:
            return {}
        certificate = acm.Certificate.from_certificate_arn(self, "Certificate", options.certificate_arn)
        return {
            "domain_names": [options.domain],
            "certificate": certificate,
            "minimum_protocol_version": cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
        }

    def _build_acl(self, stage: Stage, log_key: kms.IKey) -> waf.CfnWebACL:
        acl = waf.CfnWebACL(
            self,
            "Acl",
            name=f"dbsbm-{stage.name}",
            scope="CLOUDFRONT",
            default_action=waf.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_seen("all"),
            rules=[
                waf.CfnWebACL.RuleProperty(
                    name="one-address",
                    priority=0,
                    action=waf.CfnWebACL.RuleActionProperty(block={}),
                    statement=waf.CfnWebACL.StatementProperty(
                        rate_based_statement=waf.CfnWebACL.RateBasedStatementProperty(
                            aggregate_key_type="IP", limit=ADDRESS_LIMIT
                        )
                    ),
                    visibility_config=_seen("one-address"),
                )
            ],
        )
        group = logs.LogGroup(
            self,
            "AclLogs",
            log_group_name=f"aws-waf-logs-dbsbm-{stage.name}",  # WAF takes no other beginning
            retention=RETENTION[stage.log_days],
            encryption_key=log_key,
            removal_policy=RemovalPolicy.DESTROY,
        )
        stack = Stack.of(self)
        destination = (
            f"arn:{stack.partition}:logs:{stack.region}:{stack.account}:log-group:aws-waf-logs-dbsbm-{stage.name}"
        )
        logging = waf.CfnLoggingConfiguration(
            self, "AclLogging", resource_arn=acl.attr_arn, log_destination_configs=[destination],
            redacted_fields=[
                waf.CfnLoggingConfiguration.FieldToMatchProperty(single_header={"Name": name})
                for name in ("authorization", "x-signature-ed25519")
            ],
        )  # fmt: skip
        logging.node.add_dependency(group)
        return acl


def _seen(name: str) -> waf.CfnWebACL.VisibilityConfigProperty:
    return waf.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=f"dbsbm-{name}", sampled_requests_enabled=False
    )
