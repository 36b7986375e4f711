"""The stacks of a stage: data and records, which outlive deployments, functions, which change with them, and watch."""

from __future__ import annotations

from typing import Any

from aws_cdk import ArnFormat, CfnOutput, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.build.layer import FUNCTIONS, REPORTS, SOURCE, build_functions, build_reports_layer, build_shared_layer
from infra.catalog import Catalog, Function, Ref
from infra.catalog_proxy import SECRET as PROXY_SECRET
from infra.catalog_proxy import with_proxy
from infra.cdk.acknowledgements import acknowledge
from infra.cdk.backup import WeeklyBackup
from infra.cdk.cache import Valkey
from infra.cdk.copies import Copies
from infra.cdk.database import Database, parameters
from infra.cdk.deployment import Shift
from infra.cdk.edge import Edge
from infra.cdk.functions import CatalogFunction
from infra.cdk.keys import Keys
from infra.cdk.monitoring import Monitoring, ShiftAlarms
from infra.cdk.network import Network
from infra.cdk.options import Options
from infra.cdk.permissions import References
from infra.cdk.rotations import Rotations
from infra.cdk.stage import Stage
from infra.cdk.storage import Buckets, Storage
from infra.cdk.trail import Trail
from infra.cdk.triggers import EventRules, HttpApi, Schedules
from infra.telemetry import Of, Telemetry, telemetry

GIVEN = ("discord_public_key", "discord_application_id", "canary_public_key", "canary_guild_id", "edge_digest")
"""Settings that the operator, or ``./dev deploy``, gives with ``-c``."""


def build(
    scope: Construct, prefix: str, *, stage: Stage, options: Options, catalog: Catalog, explained: bool = True
) -> FunctionStack:
    """The stacks of a stage, each ``<prefix>-<part>``; ``explained`` with what is acknowledged of them."""
    catalog = with_proxy(catalog) if options.proxy else catalog
    common: dict[str, Any] = {"stage": stage, "options": options, "catalog": catalog}
    data = DataStack(scope, f"{prefix}-data", **common)
    records = RecordStack(scope, f"{prefix}-records", data=data, **common)
    parts: dict[str, Stack] = {"data": data, "records": records}
    if any(function.before_shift for function in catalog.functions):
        parts["schema"] = SchemaStack(scope, f"{prefix}-schema", data=data, records=records, **common)
    functions = FunctionStack(scope, f"{prefix}-functions", data=data, records=records, **common)
    if "schema" in parts:
        functions.add_stack_dependency(parts["schema"], reason="the schema is there before anybody asks for it")
    watch = WatchStack(scope, f"{prefix}-watch", data=data, functions=functions, **common)
    if explained:
        acknowledge({**parts, "functions": functions, "watch": watch}, stage.name)
    return functions


def _versions_last(catalog: Catalog, *, before_shift: bool) -> list[Function]:
    """Those that name versions of others come after them."""
    here = [function for function in catalog.functions if function.before_shift is before_shift]
    return sorted(here, key=lambda function: any(permit.resource.kind == "version" for permit in function.permits))


def _copy(stack: Stack, stage: Stage, options: Options, storage: Buckets, keys: Keys) -> None:
    if options.copy_key:
        Copies(stack, "Copies", stage=stage, key=options.copy_key, buckets=storage.buckets, sealed_with=keys.data)


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
        self.keys = Keys(self, "Keys", stage=stage, catalog=catalog.keys)
        self.network = Network(self, "Network", egress=options.egress, log_key=self.keys.operations)
        self.database = Database(self, "Database", stage=stage, options=options, network=self.network, keys=self.keys)
        self.cache = Valkey(self, "Valkey", stage=stage, network=self.network, key=self.keys.data)
        self.storage = Storage(self, "Storage", stage=stage, options=options, catalog=catalog, keys=self.keys)
        _copy(self, stage, options, self.storage, self.keys)
        if options.trail:
            Trail(self, "Trail", stage=stage, key=self.keys.operations, access_logs=self.storage.access_logs)
        self.edge_token = self._build_edge_token(stage) if options.edge else ""
        CfnOutput(self, "DeploymentsBucket", value=self.storage.buckets["deployments"].bucket_name)
        WeeklyBackup(self, "Backup", stage=stage, database_arn=self.database.arn, key=self.keys.data)

    def _build_edge_token(self, stage: Stage) -> str:
        """What CloudFront says to the front door, which knows its SHA-256 alone; resolved while deploying."""
        secret = secretsmanager.Secret(
            self,
            "EdgeToken",
            secret_name=f"dbsbm/{stage.name}/edge-token",
            description="CloudFront says it to the front door, so that there is no way around the WAF.",
            encryption_key=self.keys.secrets,
            generate_secret_string=secretsmanager.SecretStringGenerator(exclude_punctuation=True, password_length=48),
        )
        return secret.secret_value.unsafe_unwrap()


class RecordStack(Stack):
    """Buckets under Object Lock, apart: nothing done to the other stacks can touch what they keep."""

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
        super().__init__(scope, construct_id, termination_protection=stage.protected, **kwargs)
        locked = [bucket for bucket in catalog.buckets if bucket.locked_days]
        self.storage = Buckets(self, "Storage", options=options, buckets=locked, keys=data.keys)
        _copy(self, stage, options, self.storage, data.keys)


class CodeStack(Stack):
    """``functions`` of the catalog by name: those that go before the shift, or the others."""

    before_shift = False

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        options: Options,
        catalog: Catalog,
        data: DataStack,
        records: RecordStack,
        **kwargs: Any,
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)
        here = [function for function in catalog.functions if function.before_shift is self.before_shift]
        builders = {"shared": self._build_shared_layer, "reports": self._build_reports_layer}
        used = sorted({name for function in here for name in function.layers}, reverse=True)
        layers = {name: builders[name]() for name in used}
        references = self._references(stage, catalog, data, records)
        self.functions: dict[str, CatalogFunction] = {}
        for function in _versions_last(catalog, before_shift=self.before_shift):
            built = CatalogFunction(
                self,
                function,
                stage=stage,
                options=options,
                network=data.network,
                code=self._code_of(function),
                layers=layers,
                references=references,
                failed=data.storage.queues["failed-invocations"],
                log_key=data.keys.operations,
            )
            self.functions[function.name] = built
            references.values[f"version:{function.name}"] = built.function.current_version.version
            references.arns[f"version:{function.name}"] = built.function.current_version.function_arn

    @property
    def _bare(self) -> bool:
        """``-c layer=source`` takes the bare source: for reading templates without building anything."""
        return bool(self.node.try_get_context("layer") == "source")

    def _build_shared_layer(self) -> lambda_.LayerVersion:
        return self._layer(
            "Shared",
            lambda_.Code.from_asset(str(SOURCE), exclude=["**/__pycache__"])
            if self._bare
            else lambda_.Code.from_asset(str(build_shared_layer())),
        )

    def _build_reports_layer(self) -> lambda_.LayerVersion:
        """What makes PDFs, for the one function that does."""
        path = REPORTS if self._bare else build_reports_layer()
        return self._layer("Reports", lambda_.Code.from_asset(str(path)))

    def _layer(self, name: str, code: lambda_.Code) -> lambda_.LayerVersion:
        return lambda_.LayerVersion(
            self,
            name,
            code=code,
            compatible_runtimes=[lambda_.Runtime.PYTHON_3_13],
            compatible_architectures=[lambda_.Architecture.ARM_64],
        )

    def _code_of(self, function: Function) -> lambda_.Code:
        if not self._bare:
            return lambda_.Code.from_asset(str(build_functions() / function.name))
        return lambda_.Code.from_asset(
            str(FUNCTIONS), exclude=["*", f"!{function.name}", f"!{function.name}/**", "**/__pycache__"]
        )

    def _references(self, stage: Stage, catalog: Catalog, data: DataStack, records: RecordStack) -> References:
        settings = {
            **stage.settings,
            **data.database.urls,
            "REDIS_URL": data.cache.url,
            "PUBLIC_URL": "",  # the API's, which does not exist yet: see _address
            **{name.upper(): str(self.node.try_get_context(name) or "") for name in GIVEN},
        }
        storage = data.storage
        buckets = {**storage.buckets, **records.storage.buckets}
        values = {f"setting:{name}": value for name, value in settings.items()}
        secrets = dict(storage.secrets)
        if data.database.proxy:
            secrets[PROXY_SECRET] = data.database.proxy.secret
        values |= {f"secret:{name}": secret.secret_name for name, secret in secrets.items()}
        by_rds = [f"secret:{secret.name}" for secret in catalog.secrets if secret.made_by_rds]
        values |= dict.fromkeys(by_rds, data.database.master_secret)
        values |= {f"bucket:{name}": bucket.bucket_name for name, bucket in buckets.items()}
        values |= {f"queue:{name}": queue.queue_url for name, queue in storage.queues.items()}
        values |= {f"key:{name}": alias.alias_name for name, alias in data.keys.named.items()}
        arns = {f"key:{name}": alias.alias_target_key.key_arn for name, alias in data.keys.named.items()}
        arns |= {f"secret:{name}": secret.secret_arn for name, secret in secrets.items()}
        arns |= dict.fromkeys(by_rds, data.database.master_secret)
        arns |= {f"bucket:{name}": bucket.bucket_arn for name, bucket in buckets.items()}
        arns |= {f"queue:{name}": queue.queue_arn for name, queue in storage.queues.items()}
        for name in ("data", "records", "schema", "functions", "watch"):
            stack = f"{data.stack_name.removesuffix('-data')}-{name}"
            values[f"stack:{name}"] = stack
            arns[f"stack:{name}"] = f"arn:{self.partition}:cloudformation:{self.region}:{self.account}:stack/{stack}/*"
        arns["deployment:group"] = self.format_arn(
            service="codedeploy",
            resource="deploymentgroup",
            resource_name=f"dbsbm-{stage.name}/*",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
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
            database_users=data.database.user_arns,
            cache=data.cache.arns,
        )


class SchemaStack(CodeStack):
    """What keeps the schema: called between the data and the functions that expect it."""

    before_shift = True


class FunctionStack(CodeStack):
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
        super().__init__(scope, construct_id, stage=stage, options=options, catalog=catalog, data=data, **kwargs)
        failed = data.storage.queues["failed-invocations"]
        self.http = HttpApi(
            self, "Http", stage=stage, options=options, functions=self.functions, log_key=data.keys.operations
        )
        Schedules(self, "Schedules", stage=stage, functions=self.functions, failed=failed)
        EventRules(self, "Events", stage=stage, functions=self.functions)
        Rotations(self, "Rotations", catalog=catalog, functions=self.functions, secrets=data.storage.secrets)
        self.monitoring = ShiftAlarms(
            self,
            "Monitoring",
            stage=stage,
            options=options,
            telemetry=_watched(catalog, options),
            names=lambda of: _name_of(of, stage, data, self.http),
            key=data.keys.operations,
        )
        if stage.canary:
            Shift(self, "Shift", stage=stage, functions=self.functions, alarms=self.monitoring.alarms)
        url = self.http.url
        if options.edge:
            edge = Edge(
                self, "Edge", stage=stage, options=options, api=self.http.api, token=data.edge_token,
                log_key=data.keys.operations,
            )  # fmt: skip
            url = edge.url
        self._address(url)
        CfnOutput(self, "InteractionsEndpoint", value=f"{url}/discord/interactions")

    def _address(self, url: str) -> None:
        """Tell the functions that ask for it where the API is that was built around them."""
        for built in self.functions.values():
            if Ref("setting", "PUBLIC_URL") in built.spec.environment.values():
                built.function.add_environment("PUBLIC_URL", url)


class WatchStack(Stack):
    """What watches: nothing here keeps anything, and it comes after what it watches."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        options: Options,
        catalog: Catalog,
        data: DataStack,
        functions: FunctionStack,
        **kwargs: Any,
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)
        Monitoring(
            self,
            "Monitoring",
            stage=stage,
            options=options,
            telemetry=_watched(catalog, options),
            names=lambda of: _name_of(of, stage, data, functions.http),
            shift=functions.monitoring,
        )


def _name_of(of: Of, stage: Stage, data: DataStack, http: HttpApi) -> str:
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
