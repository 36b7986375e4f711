"""Every alarm: what it looks at, when it sounds, which page of the runbooks it names."""

from __future__ import annotations

from infra.catalog import Catalog, Function, Schedule
from infra.telemetry.guardianship import guardianship_alarms
from infra.telemetry.model import (
    OURS,
    Alarm,
    Metric,
    Of,
    of_api,
    of_cache,
    of_cluster,
    of_database,
    of_front_door,
    of_function,
    of_ours,
    of_queue,
)


def alarms(catalog: Catalog, *, max_connections: int, aurora: bool, replica: bool, gateway: bool) -> list[Alarm]:
    return [
        *(alarm for function in catalog.functions for alarm in _function_alarms(function)),
        *(_queue_alarm(queue.name) for queue in catalog.queues),
        *_entry_alarms(),
        *(_aurora_alarms(max_connections) if aurora else _database_alarms(max_connections, replica=replica)),
        nat_alarm(gateway=gateway),
        *_cache_alarms(),
        *_limit_alarms(),
        *_pace_alarms(),
        *_canary_alarms(),
        *_feed_alarms(),
        *guardianship_alarms(),
        *_secret_alarms(),
    ]


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
        found += _waiting_alarms(function)
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
                minutes=max(15, 3 * min(_minutes_between(schedule.expression) for schedule in often)),
                silence_is_bad=True,
            )
        )
    return found


def _waiting_alarms(function: Function) -> list[Alarm]:
    """Of a function that is handed events to be done later."""
    name, page = function.name, "failed-invocations.md"
    return [
        Alarm(
            f"{name}-dropped",
            of_function(name, "AsyncEventsDropped", "Sum"),
            1,
            page,
            "Events given up after their retries.",
        ),
        Alarm(
            f"{name}-waiting",
            of_function(name, "AsyncEventAge", "Maximum"),
            function.max_age_s * 500,
            page,
            "An event has waited (ms) for half of the time after which it is given up.",
        ),
    ]


def _minutes_between(expression: str) -> int:
    """ "rate(2 hours)" → 120: three firings are missed before anybody is called."""
    count, unit = expression.removeprefix("rate(").removesuffix(")").split()
    return int(count) * {"minute": 1, "hour": 60, "day": 1440}[unit.removesuffix("s")]


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
            of_ours("interactions", "Sum"),
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


def _secret_alarms() -> list[Alarm]:
    page = "secrets.md"
    unexpected = Metric(OURS, "secret_reads", "Sum", {"who": "unexpected"}, label="unexpected")
    return [
        Alarm("secrets-overdue", of_ours("secrets_overdue", "Maximum"), 1, page,
              "A secret is 90 days old, or a change of it has been pending for two.", minutes=60),
        Alarm("secrets-unhealthy", of_ours("secrets_unhealthy", "Sum"), 1, page,
              "A promoted value does not work; the one before is back, if that one does."),
        Alarm("secrets-read", unexpected, 1, page, "A secret was read, or tried, by a role that has no reason to."),
        Alarm("secrets-rotation", of_ours("rotations_failed", "Sum"), 1, page, "Secrets Manager gave a rotation up."),
    ]  # fmt: skip


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


def nat_alarm(*, gateway: bool) -> Alarm:
    if gateway:
        metric = Metric("AWS/NATGateway", "ErrorPortAllocation", "Sum", {"NatGatewayId": Of("nat_gateway")})
        return Alarm("door-out", metric, 1, "door-out.md", "The gateway ran out of ports for one address.")
    metric = Metric("AWS/EC2", "StatusCheckFailed", "Maximum", {"InstanceId": Of("nat_instance")})
    return Alarm("door-out", metric, 1, "door-out.md", "The NAT instance is not well: no posts, no feed.", periods=2)


def _cache_alarms() -> list[Alarm]:
    throttled = Alarm(
        "cache-throttled",
        of_cache("ThrottledCmds", "Sum"),
        100,
        "cache.md",
        "The cache turns requests away; reads go to the database.",
    )
    away = Alarm(
        "cache-away",
        Metric(OURS, "breaker_opened", "Sum", {"dependency": "cache"}, label="cache"),
        5,
        "cache.md",
        "Functions do without the cache: it did not answer in time, again and again.",
    )
    return [throttled, away]


def _limit_alarms() -> list[Alarm]:
    refused = {
        "person": (300, "Somebody keeps asking although they are told to wait."),
        "guild": (100, "A whole community meets its limit: too low for it, or somebody uses it to flood."),
        "address": (1000, "An address floods /health or /metrics."),
    }
    return [
        *(
            Alarm(
                f"limited-{what}", Metric(OURS, "limited", "Sum", {"what": what}, label=what), least, "limits.md", why
            )
            for what, (least, why) in refused.items()
        ),
        Alarm(
            "flags-unread",
            of_ours("flags_unread", "Sum"),
            3,
            "limits.md",
            "Switches and limits cannot be read: what was read last holds.",
            minutes=15,
        ),
    ]


def _canary_alarms() -> list[Alarm]:
    flights = {
        "endpoint": "Discord has no endpoint of this application, or not ours.",
        "ping": "The endpoint that Discord has does not answer a PING as ours does.",
        "command": "A command of our own, sent as Discord sends it, got no good answer.",
    }
    return [
        *(
            Alarm(
                f"canary-{what}",
                Metric(OURS, "canary_failures", "Sum", {"what": what}, label=what),
                3,
                "canary.md",
                why,
                people_notice=True,
            )
            for what, why in flights.items()
        ),
        Alarm(
            "canary-slow",
            of_ours("canary_ms", "p90"),
            2500,
            "canary.md",
            "The canary's command comes near the 3 s (ms) after which Discord gives up.",
            periods=2,
        ),
    ]


def _pace_alarms() -> list[Alarm]:
    """What is slower, larger or leakier than it may be, before anybody notices."""
    late = {"command": "Commands took longer than they may.", "choices": "Choices came later than people type."}
    return [
        *(
            Alarm(
                f"slow-{kind}",
                Metric(OURS, "over_budget", "Sum", {"kind": kind}, label=kind),
                20,
                "function-slow.md",
                why,
            )
            for kind, why in late.items()
        ),
        Alarm(
            "slow-statements",
            of_ours("slow_statements", "Sum"),
            20,
            "function-slow.md",
            "Statements of the database took a quarter of a second; the log names them.",
        ),
        Alarm(
            "memory-short",
            of_ours("memory_short", "Sum"),
            1,
            "function-memory.md",
            "A function has used four fifths of its memory.",
        ),
    ]


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
