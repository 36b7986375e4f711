"""What is watched: every metric, alarm and dashboard, named once. No CDK import.

``infra/cdk/monitoring.py`` deploys it; the tests hold it to what the code emits. No metric carries a guild or a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from infra.catalog import Catalog, Function, Schedule

OURS = "dbsbm"
"""Namespace of the metrics that our code writes into its log lines (embedded metric format)."""
OUTCOMES = (
    *("answered", "deferred", "late", "pong", "refused"),
    *("malformed", "unknown_route", "failed", "not_taken", "unusable"),
)
"""What the front door calls the ways an interaction can end."""

Thing = Literal["api", "cache", "database", "nat_gateway", "nat_instance", "replica", "queue", "function"]


@dataclass(frozen=True, slots=True)
class Of:
    """A dimension's value known only where the thing lives, e.g. ``Of("function", "delivery")``, ``Of("database")``."""

    thing: Thing
    name: str = ""


@dataclass(frozen=True, slots=True)
class Metric:
    """``statistic`` as CloudWatch spells it: ``Sum``, ``p99``, ``SampleCount``."""

    namespace: str
    name: str
    statistic: str
    dimensions: Mapping[str, str | Of]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Search:
    """One of our metrics for every value its dimensions ever had, e.g. each error code. On dashboards alone."""

    name: str
    statistic: str
    dimensions: tuple[str, ...]
    namespace: str = OURS


@dataclass(frozen=True, slots=True)
class Alarm:
    """Sounds when ``metric`` is ``at_least`` or ``below`` the threshold, ``periods`` stretches of ``minutes`` in a row.

    ``silence_is_bad``: no datum at all counts as breaching. ``runbook`` is a page under ``docs/runbooks/``.
    ``stages`` limits it, all when empty; ``people_notice`` feeds the composite alarm.
    """

    name: str
    metric: Metric
    threshold: float
    runbook: str
    why: str
    direction: Literal["at_least", "below"] = "at_least"
    minutes: int = 5
    periods: int = 1
    silence_is_bad: bool = False
    people_notice: bool = False
    stages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Panel:
    title: str
    metrics: tuple[Metric | Search, ...]


@dataclass(frozen=True, slots=True)
class Telemetry:
    alarms: Sequence[Alarm]
    dashboards: Mapping[str, Sequence[Panel]] = field(default_factory=dict)

    def metrics(self) -> frozenset[tuple[str, str]]:
        """Namespace and name of everything on an alarm or a dashboard."""
        shown = [metric for panels in self.dashboards.values() for panel in panels for metric in panel.metrics]
        return frozenset((m.namespace, m.name) for m in [*shown, *(alarm.metric for alarm in self.alarms)])


def of_function(function: str, name: str, statistic: str) -> Metric:
    """A metric that Lambda keeps of the alias ``live``."""
    where = Of("function", function)
    dimensions = {"FunctionName": where, "Resource": Of("function", f"{function}:live")}
    return Metric("AWS/Lambda", name, statistic, dimensions, label=function)


def of_front_door(name: str, statistic: str, outcome: str) -> Metric:
    return Metric(OURS, name, statistic, {"function": "interactions", "outcome": outcome}, label=outcome)


def of_ours(name: str, statistic: str) -> Metric:
    """A metric of ours without dimensions."""
    return Metric(OURS, name, statistic, {}, label=name)


def of_database(name: str, statistic: str, thing: Thing = "database") -> Metric:
    return Metric("AWS/RDS", name, statistic, {"DBInstanceIdentifier": Of(thing)}, label=thing)


def of_cluster(name: str, statistic: str) -> Metric:
    return Metric("AWS/RDS", name, statistic, {"DBClusterIdentifier": Of("database")}, label="database")


def of_api(name: str, statistic: str) -> Metric:
    return Metric("AWS/ApiGateway", name, statistic, {"ApiId": Of("api")}, label=name)


def of_cache(name: str, statistic: str) -> Metric:
    return Metric("AWS/ElastiCache", name, statistic, {"clusterId": Of("cache")}, label=name)


def of_queue(queue: str, name: str) -> Metric:
    return Metric("AWS/SQS", name, "Maximum", {"QueueName": Of("queue", queue)}, label=queue)


def telemetry(
    catalog: Catalog, *, max_connections: int, aurora: bool = False, replica: bool = False, gateway: bool = True
) -> Telemetry:
    """Everything to watch of a deployment of ``catalog`` with these choices."""
    alarms = [
        *(alarm for function in catalog.functions for alarm in _function_alarms(function)),
        *(_queue_alarm(queue.name) for queue in catalog.queues),
        *_entry_alarms(),
        *(_aurora_alarms(max_connections) if aurora else _database_alarms(max_connections, replica=replica)),
        _nat_alarm(gateway=gateway),
        _cache_alarm(),
        *_feed_alarms(),
        *_audit_alarms(),
    ]
    dashboards = {
        "executive": _executive(),
        "operational": _operational(catalog, aurora=aurora),
        "technical": _technical(catalog, aurora=aurora, replica=replica, gateway=gateway),
    }
    return Telemetry(alarms, dashboards)


def _function_alarms(function: Function) -> list[Alarm]:
    name, seen = function.name, function.name == "interactions"
    known = {
        "errors": Alarm(
            f"{name}-errors",
            of_function(name, "Errors", "Sum"),
            1,
            "function-errors.md",
            "Invocations that ended in an error.",
            people_notice=seen,
        ),
        "throttles": Alarm(
            f"{name}-throttles",
            of_function(name, "Throttles", "Sum"),
            1,
            "function-throttled.md",
            "More at once than its reserved concurrency.",
            people_notice=seen,
        ),
        "duration": Alarm(
            f"{name}-duration",
            of_function(name, "Duration", "p99"),
            function.timeout_s * 800,
            "function-slow.md",
            "The slowest hundredth comes near the timeout (ms).",
        ),
    }
    found = [known[alarm] for alarm in function.alarms]
    if function.retries:
        found.append(
            Alarm(
                f"{name}-dropped",
                of_function(name, "AsyncEventsDropped", "Sum"),
                1,
                "failed-invocations.md",
                "Events given up after their retries.",
            )
        )
    often = [t for t in function.triggers if isinstance(t, Schedule) and t.expression.startswith("rate(")]
    if often:  # what runs once a week is silent for longer than an alarm can look back
        found.append(
            Alarm(
                f"{name}-silent",
                of_function(name, "Invocations", "Sum"),
                1,
                "schedule-silent.md",
                "A schedule that did not run is a failure.",
                direction="below",
                minutes=15,
                silence_is_bad=True,
            )
        )
    return found


def _queue_alarm(queue: str) -> Alarm:
    metric = of_queue(queue, "ApproximateNumberOfMessagesVisible")
    return Alarm(f"queue-{queue}", metric, 1, "failed-invocations.md", "Something was given up and waits for a person.")


def _entry_alarms() -> list[Alarm]:
    return [
        Alarm(
            "api-5xx",
            of_api("5xx", "Sum"),
            1,
            "function-errors.md",
            "Discord drops an endpoint that answers with 5xx.",
            people_notice=True,
        ),
        Alarm(
            "interactions-failed",
            of_front_door("took_ms", "SampleCount", "failed"),
            3,
            "function-errors.md",
            "People were told that something went wrong.",
            people_notice=True,
        ),
        Alarm(
            "interactions-not-taken",
            of_front_door("took_ms", "SampleCount", "not_taken"),
            1,
            "function-throttled.md",
            "Work could not be handed off; people were asked to try again.",
            people_notice=True,
        ),
        Alarm(
            "interactions-old",
            of_front_door("age_ms", "p99", "answered"),
            2500,
            "function-slow.md",
            "Interactions arrive so old (ms) that Discord's 3 s run out.",
            periods=3,
        ),
        Alarm(
            "no-interactions",
            of_api("Count", "Sum"),
            1,
            "no-interactions.md",
            "Nobody at all for an hour: Discord, DNS or the endpoint.",
            direction="below",
            minutes=60,
            silence_is_bad=True,
            people_notice=True,
            stages=("prod",),
        ),
    ]


def _audit_alarms() -> list[Alarm]:
    return [
        Alarm(
            f"audit-{what}",
            Metric(OURS, "audit_faults", "Sum", {"what": what}, label=what),
            1,
            "audit.md",
            why,
        )
        for what, why in (
            ("refused", "What was to be signed does not continue the signed log."),
            ("check", "The audit log is not what was written."),
        )
    ] + [
        Alarm(
            "audit-lag",
            Metric(OURS, "audit_lag_s", "Maximum", {}, label="audit_lag_s"),
            1800,
            "audit.md",
            "An event has waited for half an hour to be sealed (s).",
        )
    ]


def _database_alarms(max_connections: int, *, replica: bool) -> list[Alarm]:
    page = "database.md"
    alarms = [
        Alarm(
            "database-cpu",
            of_database("CPUUtilization", "Average"),
            80,
            page,
            "Busy for a quarter of an hour (%).",
            periods=3,
        ),
        Alarm(
            "database-credits",
            of_database("CPUCreditBalance", "Minimum"),
            20,
            page,
            "A t-class instance without credits runs at a tenth of its speed.",
            direction="below",
        ),
        Alarm(
            "database-storage",
            of_database("FreeStorageSpace", "Minimum"),
            2 * 1024**3,
            page,
            "Less than 2 GiB left (bytes).",
            direction="below",
        ),
        Alarm(
            "database-memory",
            of_database("FreeableMemory", "Minimum"),
            64 * 1024**2,
            page,
            "Less than 64 MiB left (bytes).",
            direction="below",
            periods=3,
        ),
        Alarm(
            "database-connections",
            of_database("DatabaseConnections", "Maximum"),
            int(max_connections * 0.8),
            page,
            "Four fifths of max_connections.",
        ),
    ]
    if replica:
        alarms.append(
            Alarm(
                "replica-lag",
                of_database("ReplicaLag", "Maximum", "replica"),
                60,
                page,
                "The replica is a minute behind (s).",
                periods=3,
            )
        )
    return alarms


def _aurora_alarms(max_connections: int) -> list[Alarm]:
    page = "database.md"
    return [
        Alarm(
            "database-cpu",
            of_cluster("CPUUtilization", "Average"),
            80,
            page,
            "Busy for a quarter of an hour (%).",
            periods=3,
        ),
        Alarm(
            "database-capacity",
            of_cluster("ACUUtilization", "Average"),
            90,
            page,
            "Near the most capacity it may take (%).",
            periods=3,
        ),
        Alarm(
            "database-connections",
            of_cluster("DatabaseConnections", "Maximum"),
            int(max_connections * 0.8),
            page,
            "Four fifths of max_connections.",
        ),
    ]


def _nat_alarm(*, gateway: bool) -> Alarm:
    if gateway:
        metric = Metric("AWS/NATGateway", "ErrorPortAllocation", "Sum", {"NatGatewayId": Of("nat_gateway")})
        return Alarm("door-out", metric, 1, "door-out.md", "The gateway ran out of ports for one address.")
    metric = Metric("AWS/EC2", "StatusCheckFailed", "Maximum", {"InstanceId": Of("nat_instance")})
    return Alarm("door-out", metric, 1, "door-out.md", "The NAT instance is not well: no posts, no feed.", periods=2)


def _cache_alarm() -> Alarm:
    return Alarm(
        "cache-throttled",
        of_cache("ThrottledCmds", "Sum"),
        100,
        "cache.md",
        "The cache turns requests away; reads go to the database.",
    )


def _feed_alarms() -> list[Alarm]:
    return [
        Alarm(
            "feed-credits",
            of_ours("feed_credits_left", "Minimum"),
            50,
            "feed.md",
            "The odds provider gives few more documents this month.",
            direction="below",
        ),
        Alarm(
            "feed-failures",
            of_ours("feed_failures", "Sum"),
            3,
            "feed.md",
            "Documents of the provider could not be fetched or kept.",
            minutes=15,
        ),
    ]


def _executive() -> list[Panel]:
    return [
        Panel("Interactions by outcome", tuple(of_front_door("took_ms", "SampleCount", o) for o in OUTCOMES)),
        Panel(
            "Time to the answer, p50 and p99 (ms)",
            (of_front_door("took_ms", "p50", "answered"), of_front_door("took_ms", "p99", "answered")),
        ),
        Panel("Bets posted and graded", (of_ours("bets_posted", "Sum"), of_ours("bets_graded", "Sum"))),
        Panel("Results told to followers", (of_ours("direct_messages", "Sum"),)),
        Panel("Games and prices fetched", (of_function("feed_odds_api", "Invocations", "Sum"),)),
        Panel("Given up", (of_queue("failed-invocations", "ApproximateNumberOfMessagesVisible"),)),
    ]


def _operational(catalog: Catalog, *, aurora: bool) -> list[Panel]:
    names = [function.name for function in catalog.functions]
    connections = of_cluster if aurora else of_database
    return [
        Panel("HTTP requests and failures", (of_api("Count", "Sum"), of_api("4xx", "Sum"), of_api("5xx", "Sum"))),
        Panel(
            "Age on arrival, p99 (ms)",
            tuple(of_front_door("age_ms", "p99", o) for o in ("answered", "deferred", "late")),
        ),
        Panel("Errors told to people, by code", (Search("errors", "Sum", ("code",)),)),
        Panel("Commands, p99 (ms)", (Search("command_ms", "p99", ("route",)),)),
        Panel("Outbox rows by what became of them", (Search("delivery_rows", "Sum", ("state",)),)),
        Panel("Recaps, reminders, counters and roles", (Search("routines", "Sum", ("routine",)),)),
        Panel("Endpoints told, by what became of it", (Search("webhook_attempts", "Sum", ("outcome",)),)),
        Panel("Rows whose time was over", (Search("rows_removed", "Sum", ("table_name",)),)),
        Panel("Audit log", (of_ours("audit_leaves", "Sum"), of_ours("audit_lag_s", "Maximum"))),
        Panel("Erasures done, and late", (of_ours("erasures", "Sum"), of_ours("erasures_late", "Maximum"))),
        Panel("Faults of the audit log", (Search("audit_faults", "Sum", ("what",)),)),
        Panel("Feed", (of_ours("feed_credits_left", "Minimum"), of_ours("feed_failures", "Sum"))),
        Panel("Refused; flags", (Search("limited", "Sum", ("what",)), Search("flags_unread", "Sum", ("code",)))),
        Panel("Errors", tuple(of_function(name, "Errors", "Sum") for name in names)),
        Panel("Throttles", tuple(of_function(name, "Throttles", "Sum") for name in names)),
        Panel(
            "Age of asynchronous events (ms)",
            tuple(of_function(f.name, "AsyncEventAge", "Maximum") for f in catalog.functions if f.retries),
        ),
        Panel(
            "Asynchronous events dropped",
            tuple(of_function(f.name, "AsyncEventsDropped", "Sum") for f in catalog.functions if f.retries),
        ),
        Panel("Database connections", (connections("DatabaseConnections", "Maximum"),)),
    ]


def _technical(catalog: Catalog, *, aurora: bool, replica: bool, gateway: bool) -> list[Panel]:
    names = [function.name for function in catalog.functions]
    if aurora:
        database = [
            Panel(
                "Database load (%)", (of_cluster("CPUUtilization", "Average"), of_cluster("ACUUtilization", "Average"))
            )
        ]
    else:
        database = [
            Panel(
                "Database CPU (%) and credits",
                (of_database("CPUUtilization", "Average"), of_database("CPUCreditBalance", "Minimum")),
            ),
            Panel(
                "Database space (bytes)",
                (of_database("FreeStorageSpace", "Minimum"), of_database("FreeableMemory", "Minimum")),
            ),
            Panel(
                "Database latency (s)", (of_database("ReadLatency", "Average"), of_database("WriteLatency", "Average"))
            ),
        ]
        if replica:
            database.append(Panel("Replica lag (s)", (of_database("ReplicaLag", "Maximum", "replica"),)))
    return [
        Panel("Invocations", tuple(of_function(name, "Invocations", "Sum") for name in names)),
        Panel("Duration, p99 (ms)", tuple(of_function(name, "Duration", "p99") for name in names)),
        Panel("At once", tuple(of_function(name, "ConcurrentExecutions", "Maximum") for name in names)),
        *database,
        Panel("Cache", (of_cache("CacheHitRate", "Average"), of_cache("ThrottledCmds", "Sum"))),
        Panel("Reads of the cache", (Search("cache_reads", "Sum", ("service", "how")),)),
        Panel("Time in workers, p99 (ms)", (Search("invocation_ms", "p99", ("function", "outcome")),)),
        Panel("Memory (MB)", (Search("memory_mb", "Maximum", ("function",)),)),
        Panel("Memory (%)", (Search("memory_percent", "Maximum", ("function",)),)),
        Panel("Cache size (bytes)", (of_cache("BytesUsedForCache", "Maximum"),)),
        Panel("Door out", (_nat_alarm(gateway=gateway).metric,)),
    ]
