"""The three dashboards: for those who run the business, the service and the machines."""

from __future__ import annotations

from infra.catalog import Catalog
from infra.telemetry.alarms import nat_alarm
from infra.telemetry.model import (
    OUTCOMES,
    Panel,
    Search,
    of_api,
    of_cache,
    of_cluster,
    of_database,
    of_front_door,
    of_function,
    of_ours,
    of_queue,
)


def executive() -> list[Panel]:
    return [
        Panel("Interactions of people", (of_ours("interactions", "Sum"),)),
        Panel("Interactions by outcome", tuple(of_front_door("took_ms", "SampleCount", o) for o in OUTCOMES)),
        Panel(
            "Time to the answer, p50 and p99 (ms)",
            (of_front_door("took_ms", "p50", "answered"), of_front_door("took_ms", "p99", "answered")),
        ),
        Panel("Bets posted and graded", (of_ours("bets_posted", "Sum"), of_ours("bets_graded", "Sum"))),
        Panel("Bets followed or faded", (of_ours("tails", "Sum"),)),
        Panel("Results told to followers", (of_ours("direct_messages", "Sum"),)),
        Panel("Games and prices fetched", (of_function("feed_odds_api", "Invocations", "Sum"),)),
        Panel("Given up", (of_queue("failed-invocations", "ApproximateNumberOfMessagesVisible"),)),
    ]


def operational(catalog: Catalog, *, aurora: bool) -> list[Panel]:
    names = [function.name for function in catalog.functions]
    connections = of_cluster if aurora else of_database
    return [
        Panel("HTTP requests and failures", (of_api("Count", "Sum"), of_api("4xx", "Sum"), of_api("5xx", "Sum"))),
        Panel(
            "Age on arrival, p99 (ms)",
            tuple(of_front_door("age_ms", "p99", o) for o in ("answered", "deferred", "late")),
        ),
        Panel("Canary: failures, p90 (ms)", (Search("canary_failures", "Sum", ("what",)), of_ours("canary_ms", "p90"))),
        Panel("Errors told to people, by code", (Search("errors", "Sum", ("code",)),)),
        Panel("Errors of ours, by command", (Search("command_errors", "Sum", ("route",)),)),
        Panel("Slower than they may be", (Search("over_budget", "Sum", ("kind",)), of_ours("slow_statements", "Sum"))),
        Panel("Commands, p99 (ms)", (Search("command_ms", "p99", ("route",)),)),
        Panel("Outbox rows by what became of them", (Search("delivery_rows", "Sum", ("state",)),)),
        Panel("Recaps, reminders, counters and roles", (Search("routines", "Sum", ("routine",)),)),
        Panel("Endpoints told, by what became of it", (Search("webhook_attempts", "Sum", ("outcome",)),)),
        Panel("Rows whose time was over", (Search("rows_removed", "Sum", ("table_name",)),)),
        Panel("Audit log", (of_ours("audit_leaves", "Sum"), of_ours("audit_lag_s", "Maximum"))),
        Panel("Erasures done, and late", (of_ours("erasures", "Sum"), of_ours("erasures_late", "Maximum"))),
        Panel("The erased canary", (of_ours("canary_erased", "Sum"), of_ours("erasure_residues", "Maximum"))),
        Panel("Keys to be changed", (Search("keys_old", "Maximum", ("state",)),)),
        Panel("Data keys and sealed words", (Search("key_work", "Sum", ("what",)),)),
        Panel("Words that do not open, keys that are lost", (Search("key_faults", "Maximum", ("what",)),)),
        Panel("Controls by what they came to", (Search("controls", "Maximum", ("state",)),)),
        Panel(
            "Findings overdue; run of controls",
            (of_ours("findings_overdue", "Maximum"), of_ours("controls_ms", "Maximum")),
        ),
        Panel("Controls not judged for two days", (Search("controls_unjudged", "Maximum", ("why",)),)),
        Panel("Faults of the audit log", (Search("audit_faults", "Sum", ("what",)),)),
        Panel("Backups: age (s), verified", (of_ours("backup_age_s", "Maximum"), of_ours("backups_verified", "Sum"))),
        Panel("Backups: rows, bytes", (of_ours("backup_rows", "Maximum"), of_ours("backup_bytes", "Maximum"))),
        Panel("Faults of backups", (Search("backup_faults", "Sum", ("what",)),)),
        Panel("Feed", (of_ours("feed_credits_left", "Minimum"), of_ours("feed_failures", "Sum"))),
        Panel("Refused; flags not read", (Search("limited", "Sum", ("what",)), of_ours("flags_unread", "Sum"))),
        Panel("Age of secrets (days)", (Search("secret_age_days", "Maximum", ("secret",)),)),
        Panel(
            "Secrets overdue, unhealthy, not rotated",
            (
                of_ours("secrets_overdue", "Maximum"),
                of_ours("secrets_unhealthy", "Sum"),
                of_ours("rotations_failed", "Sum"),
            ),
        ),
        Panel("Reads of secrets", (Search("secret_reads", "Sum", ("who",)),)),
        Panel("Questions of operators to the database", (of_ours("questions", "Sum"),)),
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


def technical(catalog: Catalog, *, aurora: bool, replica: bool, gateway: bool) -> list[Panel]:
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
        Panel("Left alone for a while", (Search("breaker_opened", "Sum", ("dependency",)),)),
        Panel("Hit rate of the cache (%)", (Search("cache_hit_percent", "Average", ("service",)),)),
        Panel("Time in workers, p99 (ms)", (Search("invocation_ms", "p99", ("function", "outcome")),)),
        Panel("Memory (MB)", (Search("memory_mb", "Maximum", ("function",)),)),
        Panel("Memory (%)", (Search("memory_percent", "Maximum", ("function",)), of_ours("memory_short", "Sum"))),
        Panel("Blocks that each invocation leaves", (Search("memory_growth", "Maximum", ("function",)),)),
        Panel("Cache size (bytes)", (of_cache("BytesUsedForCache", "Maximum"),)),
        Panel("Door out", (nat_alarm(gateway=gateway).metric,)),
    ]
