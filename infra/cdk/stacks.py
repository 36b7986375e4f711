"""Two stacks: data, which outlives deployments, and functions, which change with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.catalog import Catalog
from infra.cdk.acknowledgements import acknowledge
from infra.cdk.assets import ROOT, SOURCE, build_shared_layer
from infra.cdk.backup import WeeklyBackup
from infra.cdk.cache import Valkey
from infra.cdk.database import Database, parameters
from infra.cdk.deployment import Shift
from infra.cdk.functions import CatalogFunction
from infra.cdk.keys import Keys
from infra.cdk.monitoring import Monitoring
from infra.cdk.network import Network
from infra.cdk.options import Options
from infra.cdk.permissions import References
from infra.cdk.stage import Stage
from infra.cdk.storage import Storage
from infra.cdk.triggers import HttpApi, Schedules
from infra.telemetry import Of, Telemetry, telemetry

BUILD = ROOT / ".local/build/shared"


def build(scope: Construct, prefix: str, *, stage: Stage, options: Options, catalog: Catalog) -> FunctionStack:
    """Both stacks of a stage, named ``<prefix>-data`` and ``<prefix>-functions``, with what is acknowledged of them."""
    data = DataStack(scope, f"{prefix}-data", stage=stage, options=options, catalog=catalog)
    functions = FunctionStack(scope, f"{prefix}-functions", stage=stage, options=options, catalog=catalog, data=data)
    acknowledge(data=data, functions=functions, stage=stage.name)
    return functions


def _watched(catalog: Catalog, options: Options) -> Telemetry:
    return telemetry(
        catalog,
        max_connections=int(parameters()["max_connections"]),
        aurora=options.database == "aurora-mysql",
        replica=options.replica,
        gateway=options.egress == "gateway",
    )


class DataStack(Stack):
    def __init__(
        self, scope: Construct, construct_id: str, *, stage: Stage, options: Options, catalog: Catalog, **kwargs: Any
    ) -> None:
        super().__init__(scope, construct_id, termination_protection=stage.protected, **kwargs)
        self.keys = Keys(self, "Keys", stage=stage, signing=catalog.keys)
        self.network = Network(self, "Network", egress=options.egress, log_key=self.keys.operations)
        self.database = Database(self, "Database", stage=stage, options=options, network=self.network, keys=self.keys)
        self.cache = Valkey(self, "Valkey", stage=stage, network=self.network, key=self.keys.data)
        self.storage = Storage(self, "Storage", stage=stage, options=options, catalog=catalog, keys=self.keys)
        WeeklyBackup(self, "Backup", stage=stage, database_arn=self.database.arn, key=self.keys.data)


class FunctionStack(Stack):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        options: Options,
        catalog: Catalog,
        data: DataStack,
        **kwargs: Any,
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
                options=options,
                network=data.network,
                layers=layers,
                references=references,
                failed=failed,
                log_key=data.keys.operations,
            )
            for function in catalog.functions
        }
        http = HttpApi(
            self, "Http", stage=stage, options=options, functions=self.functions, log_key=data.keys.operations
        )
        Schedules(self, "Schedules", stage=stage, functions=self.functions, failed=failed)
        self.monitoring = Monitoring(
            self,
            "Monitoring",
            stage=stage,
            options=options,
            telemetry=_watched(catalog, options),
            names=lambda of: self._name_of(of, stage, data, http),
            key=data.keys.operations,
        )
        if stage.canary:
            Shift(self, "Shift", stage=stage, functions=self.functions, alarms=self.monitoring.alarms)
        CfnOutput(self, "InteractionsEndpoint", value=f"{http.url}/discord/interactions")

    def _name_of(self, of: Of, stage: Stage, data: DataStack, http: HttpApi) -> str:
        if of.thing == "function":
            return f"dbsbm-{stage.name}-{of.name}"
        if of.thing == "queue":
            return data.storage.queues[of.name].queue_name
        single = {
            "api": lambda: http.api.api_id,
            "cache": lambda: data.cache.name,
            "database": lambda: data.database.identifier,
            "replica": lambda: data.database.replica_identifier,
            "nat_gateway": lambda: data.network.door_id,
            "nat_instance": lambda: data.network.door_id,
        }
        return single[of.thing]()

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
        settings = {
            **stage.settings,
            "DATABASE_URL": data.database.url,
            "REDIS_URL": data.cache.url,
            "DISCORD_PUBLIC_KEY": str(self.node.try_get_context("discord_public_key") or ""),
            "DISCORD_APPLICATION_ID": str(self.node.try_get_context("discord_application_id") or ""),
        }
        storage = data.storage
        values = {f"setting:{name}": value for name, value in settings.items()}
        values |= {f"secret:{name}": secret.secret_name for name, secret in storage.secrets.items()}
        values |= {f"bucket:{name}": bucket.bucket_name for name, bucket in storage.buckets.items()}
        values |= {f"queue:{name}": queue.queue_url for name, queue in storage.queues.items()}
        values |= {f"key:{name}": alias.alias_name for name, alias in data.keys.signing.items()}
        arns = {f"key:{name}": alias.alias_target_key.key_arn for name, alias in data.keys.signing.items()}
        arns |= {f"secret:{name}": secret.secret_arn for name, secret in storage.secrets.items()}
        arns |= {f"bucket:{name}": bucket.bucket_arn for name, bucket in storage.buckets.items()}
        arns |= {f"queue:{name}": queue.queue_arn for name, queue in storage.queues.items()}
        for function in catalog.functions:
            full_name = f"dbsbm-{stage.name}-{function.name}"
            values[f"function:{function.name}"] = full_name
            arns[f"function:{function.name}"] = (
                f"arn:{self.partition}:lambda:{self.region}:{self.account}:function:{full_name}:live"
            )
        return References(
            values=values,
            arns=arns,
            region=self.region,
            secrets_key=data.keys.secrets.key_arn,
            data_key=data.keys.data.key_arn,
            database_user=data.database.user_arn,
        )
