"""Two stacks: data, which outlives deployments, and functions, which change with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.catalog import Catalog
from infra.cdk.assets import ROOT, SOURCE, build_shared_layer
from infra.cdk.cache import Valkey
from infra.cdk.database import MariaDb
from infra.cdk.functions import CatalogFunction, References
from infra.cdk.network import Network
from infra.cdk.stage import Stage
from infra.cdk.storage import Storage
from infra.cdk.triggers import HttpApi, Schedules

BUILD = ROOT / ".local/build/shared"


class DataStack(Stack):
    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, catalog: Catalog, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, termination_protection=stage.protected, **kwargs)
        self.key = kms.Key(self, "Key", enable_key_rotation=True, description=f"dbsbm {stage.name}: data and secrets")
        self.network = Network(self, "Network")
        self.database = MariaDb(self, "MariaDb", stage=stage, network=self.network, key=self.key)
        self.cache = Valkey(self, "Valkey", stage=stage, network=self.network)
        self.storage = Storage(self, "Storage", stage=stage, catalog=catalog, key=self.key)


class FunctionStack(Stack):
    def __init__(
        self, scope: Construct, construct_id: str, *, stage: Stage, catalog: Catalog, data: DataStack, **kwargs: Any
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)
        layers = {"shared": self._build_shared_layer()}
        references = self._references(stage, catalog, data)
        failed = data.storage.queues["failed-invocations"]
        self.functions = {
            function.name: CatalogFunction(
                self,
                function,
                stage=stage,
                network=data.network,
                layers=layers,
                references=references,
                failed=failed,
            )
            for function in catalog.functions
        }
        http = HttpApi(self, "Http", stage=stage, functions=self.functions)
        Schedules(self, "Schedules", stage=stage, functions=self.functions, failed=failed)
        CfnOutput(self, "InteractionsEndpoint", value=f"{http.api.api_endpoint}/discord/interactions")

    def _build_shared_layer(self) -> lambda_.LayerVersion:
        """``-c layer=source`` takes the bare source: for reading templates without building wheels."""
        bare = self.node.try_get_context("layer") == "source"
        path: Path = SOURCE if bare else build_shared_layer(BUILD)
        return lambda_.LayerVersion(
            self,
            "Shared",
            code=lambda_.Code.from_asset(str(path), exclude=["**/__pycache__"]),
            compatible_runtimes=[lambda_.Runtime.PYTHON_3_13],
            compatible_architectures=[lambda_.Architecture.ARM_64],
        )

    def _references(self, stage: Stage, catalog: Catalog, data: DataStack) -> References:
        database = data.database.instance
        settings = {
            **stage.settings,
            "DATABASE_URL": f"mysql://dbsbm_app@{database.db_instance_endpoint_address}"
            f":{database.db_instance_endpoint_port}/dbsbm?auth=iam",
            "REDIS_URL": data.cache.url,
            "DISCORD_PUBLIC_KEY": str(self.node.try_get_context("discord_public_key") or ""),
            "DISCORD_APPLICATION_ID": str(self.node.try_get_context("discord_application_id") or ""),
        }
        storage = data.storage
        values = {f"setting:{name}": value for name, value in settings.items()}
        values |= {f"secret:{name}": secret.secret_name for name, secret in storage.secrets.items()}
        values |= {f"bucket:{name}": bucket.bucket_name for name, bucket in storage.buckets.items()}
        values |= {f"queue:{name}": queue.queue_url for name, queue in storage.queues.items()}
        arns = {f"secret:{name}": secret.secret_arn for name, secret in storage.secrets.items()}
        arns |= {f"bucket:{name}": bucket.bucket_arn for name, bucket in storage.buckets.items()}
        arns |= {f"queue:{name}": queue.queue_arn for name, queue in storage.queues.items()}
        for function in catalog.functions:
            full_name = f"dbsbm-{stage.name}-{function.name}"
            values[f"function:{function.name}"] = full_name
            arns[f"function:{function.name}"] = (
                f"arn:{self.partition}:lambda:{self.region}:{self.account}:function:{full_name}:live"
            )
        return References(values=values, arns=arns)
