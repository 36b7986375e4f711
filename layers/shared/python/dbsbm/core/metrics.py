"""Every metric we emit, defined once: CloudWatch's embedded metric format and Prometheus text come from this table.

No dimension ever names a guild or a person. The front door, which imports nothing of ours, writes ``took_ms`` and
``age_ms`` itself; ``tests/integration/test_telemetry.py`` holds it to this table.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Literal

NAMESPACE = "dbsbm"

Kind = Literal["count", "gauge", "time"]


@dataclass(frozen=True, slots=True)
class Metric:
    """``unit`` as CloudWatch spells it. A count adds up, a gauge is the last value, a time is a distribution."""

    name: str
    kind: Kind
    unit: str
    help: str
    dimensions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """One value; ``values`` are those of the metric's dimensions, in their order."""

    metric: Metric
    values: tuple[str, ...]
    amount: float


TABLE: dict[str, Metric] = {}


def _metric(name: str, kind: Kind, unit: str, text: str, *dimensions: str) -> Metric:
    TABLE[name] = Metric(name, kind, unit, text, dimensions)
    return TABLE[name]


TOOK = _metric("took_ms", "time", "Milliseconds", "Time in the front door.", "function", "outcome")
AGE = _metric("age_ms", "time", "Milliseconds", "From the click to its arrival.", "function", "outcome")
INTERACTIONS = _metric("interactions", "count", "Count", "Signed interactions of people; the canary's not among them.")
CANARY = _metric("canary_ms", "time", "Milliseconds", "Time of the canary's command, as Discord would wait for it.")
CANARY_FAILURES = _metric("canary_failures", "count", "Count", "Flights of the canary that failed, by where.", "what")
INVOCATION = _metric("invocation_ms", "time", "Milliseconds", "Time in a worker function.", "function", "outcome")
MEMORY = _metric("memory_mb", "gauge", "Megabytes", "High-water mark of the environment's memory.", "function")
MEMORY_SHARE = _metric("memory_percent", "gauge", "Percent", "The same, of the function's memory.", "function")
MEMORY_SHORT = _metric("memory_short", "count", "Count", "Invocations that ended with four fifths of the memory used.")
LEAK = _metric("memory_growth", "gauge", "Count", "Blocks of memory each warm invocation leaves behind.", "function")
COMMAND = _metric("command_ms", "time", "Milliseconds", "Time of one command, button, form or completion.", "route")
COMMAND_ERRORS = _metric("command_errors", "count", "Count", "Commands that failed for our own fault.", "route")
OVER_BUDGET = _metric("over_budget", "count", "Count", "Answers that took longer than their kind may.", "kind")
SLOW_STATEMENTS = _metric("slow_statements", "count", "Count", "Statements that took a quarter of a second or more.")
ERRORS = _metric("errors", "count", "Count", "Errors told to a person or ending an invocation.", "code")
BETS_POSTED = _metric("bets_posted", "count", "Count", "Bets posted, with the commit that stored them.")
BETS_GRADED = _metric("bets_graded", "count", "Count", "Decisions of people about bets, undos included.")
TAILS = _metric("tails", "count", "Count", "Bets that members followed or faded.")
DIRECT_MESSAGES = _metric("direct_messages", "count", "Count", "Direct messages queued for followers of bets.")
ERASED = _metric("erasures", "count", "Count", "People whose data was erased at their request.")
CONTROLS = _metric("controls", "gauge", "Count", "Controls by what they came to in the last run.", "state")
CONTROLS_TOOK = _metric("controls_ms", "time", "Milliseconds", "Time of one run of all controls.")
CONTROLS_UNJUDGED = _metric(
    "controls_unjudged", "gauge", "Count", "Controls that nobody could judge for two days, by why.", "why"
)
FINDINGS_OVERDUE = _metric("findings_overdue", "gauge", "Count", "Findings that are open past their time.")
ERASURES_LATE = _metric("erasures_late", "gauge", "Count", "Requests about data past one of their legal days.")
RESIDUES = _metric("erasure_residues", "gauge", "Count", "Places where something of the erased canary was found.")
CANARY_ERASED = _metric("canary_erased", "count", "Count", "Canaries that were erased and searched for.")
KEYS_OLD = _metric("keys_old", "gauge", "Count", "Keys that are due to be changed, or overdue.", "state")
KEYS_ROTATED = _metric("key_work", "count", "Count", "Data keys and sealed words by what was done with them.", "what")
KEY_FAULTS = _metric("key_faults", "gauge", "Count", "Sealed words that do not open, data keys that are lost.", "what")
DELIVERY = _metric("delivery_rows", "count", "Count", "Outbox rows by what became of an attempt.", "state")
WEBHOOKS = _metric(
    "webhook_attempts", "count", "Count", "Attempts to tell an endpoint, by what became of them.", "outcome"
)
CACHE = _metric(
    "cache_reads", "count", "Count", "Reads of the cache; local_… without Redis, memo_… read before.", "service", "how"
)
CACHE_HITS = _metric(
    "cache_hit_percent", "time", "Percent", "Reads that found their value; the average is the hit rate.", "service"
)
BREAKER = _metric("breaker_opened", "count", "Count", "Times a dependency was left alone for a while.", "dependency")
LIMITED = _metric("limited", "count", "Count", "Refused: too much at once, or switched off.", "what")
FLAGS_UNREAD = _metric("flags_unread", "count", "Count", "Times the flags could not be read or used.")
FEED_CREDITS = _metric("feed_credits_left", "gauge", "Count", "Credits the odds provider says are left this month.")
FEED_FAILURES = _metric("feed_failures", "count", "Count", "Provider documents not fetched, stored or kept.")

SECRET_AGE = _metric("secret_age_days", "gauge", "None", "Since a secret's value was made.", "secret")
SECRETS_OVERDUE = _metric("secrets_overdue", "gauge", "Count", "Secrets as old as 90 days, or pending for two.")
SECRETS_UNHEALTHY = _metric("secrets_unhealthy", "count", "Count", "Promoted values that turned out not to work.")
SECRET_READS = _metric("secret_reads", "count", "Count", "Reads of secrets, by expected and unexpected readers.", "who")
ROTATIONS_FAILED = _metric("rotations_failed", "count", "Count", "Rotations that Secrets Manager gave up.")
QUESTIONS = _metric("questions", "count", "Count", "Statements that operators had answered by the database.")
ROUTINES = _metric("routines", "count", "Count", "Recaps, reminders, counters and roles looked at.", "routine")
AUDIT_LEAVES = _metric("audit_leaves", "count", "Count", "Events taken into the audit log's tree.")
AUDIT_LAG = _metric("audit_lag_s", "gauge", "Seconds", "How long the oldest event has waited for the audit log.")
AUDIT_FAULTS = _metric("audit_faults", "count", "Count", "Faults of the audit log, by what found them.", "what")
BACKUP_AGE = _metric("backup_age_s", "gauge", "Seconds", "How old the newest backup is.")
BACKUP_ROWS = _metric("backup_rows", "gauge", "Count", "Rows in the backup that was just made.")
BACKUP_BYTES = _metric("backup_bytes", "gauge", "Bytes", "What the backup that was just made added, sealed.")
BACKUPS_VERIFIED = _metric("backups_verified", "count", "Count", "Backups that were restored and compared row by row.")
BACKUP_FAULTS = _metric(
    "backup_faults", "count", "Count", "Backups that are not what was made, by who found it.", "what"
)
RETAINED = _metric("rows_removed", "count", "Count", "Rows removed because their time was over.", "table_name")
OUTBOX = _metric("outbox_rows", "gauge", "Count", "Outbox rows that are not finished, or need a person.", "state")
BACKLOG = _metric("outbox_backlog_s", "gauge", "Seconds", "How long the oldest due outbox row has waited.")
FEED_AGE = _metric("feed_age_s", "gauge", "Seconds", "Since a document of the odds provider was last stored.")


@dataclass
class _Totals:
    """What this environment has counted since it began."""

    count: dict[tuple[Metric, tuple[str, ...]], int] = field(default_factory=lambda: defaultdict(int))
    total: dict[tuple[Metric, tuple[str, ...]], float] = field(default_factory=lambda: defaultdict(float))
    last: dict[tuple[Metric, tuple[str, ...]], float] = field(default_factory=dict)

    def add(self, sample: Sample) -> None:
        key = sample.metric, sample.values
        self.count[key] += 1
        self.total[key] += sample.amount
        self.last[key] = sample.amount


_totals = _Totals()
_open: ContextVar[list[Sample] | None] = ContextVar("samples", default=None)


def record(metric: Metric, amount: float = 1, **dimensions: str) -> None:
    """Note a value; it is written with the invocation's end. Within :func:`held` only if the block ends well.

    Raises
    ------
    ValueError
        When the dimensions are not those of the table.
    """
    if TABLE.get(metric.name) is not metric or set(dimensions) != set(metric.dimensions):
        raise ValueError(f"{metric.name} takes {metric.dimensions}, not {sorted(dimensions)}")
    sample = Sample(metric, tuple(dimensions[name] for name in metric.dimensions), amount)
    samples = _open.get()
    if samples is None:
        _totals.add(sample)
    else:
        samples.append(sample)


@contextmanager
def held() -> Iterator[None]:
    """Keep what a transaction records until it is committed; a block that raises has recorded nothing."""
    token = _open.set([])
    try:
        yield
        samples = _open.get() or []
    finally:
        _open.reset(token)
    _pass_on(samples)


@contextmanager
def collected() -> Iterator[list[Sample]]:
    """The samples of one invocation, which also count towards :func:`totals`."""
    samples: list[Sample] = []
    token = _open.set(samples)
    try:
        yield samples
    finally:
        _open.reset(token)
        for sample in samples:
            _totals.add(sample)


def _pass_on(samples: Iterable[Sample]) -> None:
    outer = _open.get()
    for sample in samples:
        if outer is None:
            _totals.add(sample)
        else:
            outer.append(sample)


def embedded(samples: Iterable[Sample], at_ms: int) -> Iterator[str]:
    """Lines of CloudWatch's embedded metric format, one for each set of dimension values."""
    groups: defaultdict[tuple[tuple[str, str], ...], dict[Metric, list[float]]] = defaultdict(dict)
    for sample in samples:
        key = tuple(zip(sample.metric.dimensions, sample.values, strict=True))
        amounts = groups[key].setdefault(sample.metric, [])
        if sample.metric.kind == "count" and amounts:
            amounts[0] += sample.amount
        else:
            amounts.append(sample.amount)
    for dimensions, metrics in groups.items():
        described = [{"Name": metric.name, "Unit": metric.unit} for metric in metrics]
        header = {"Namespace": NAMESPACE, "Dimensions": [[name for name, _ in dimensions]], "Metrics": described}
        values = {metric.name: _values(amounts[-100:]) for metric, amounts in metrics.items()}
        document = {"_aws": {"Timestamp": at_ms, "CloudWatchMetrics": [header]}, **dict(dimensions), **values}
        yield json.dumps(document, separators=(",", ":"))


def _values(amounts: Sequence[float]) -> float | list[float]:
    rounded = [round(amount, 3) for amount in amounts]
    return rounded[0] if len(rounded) == 1 else rounded


def prometheus(measured: Sequence[Sample] = ()) -> str:
    """This environment's totals and what was ``measured`` just now, in Prometheus' text format 0.0.4."""
    lines: dict[Metric, list[str]] = {}
    for (metric, values), count in sorted(_totals.count.items(), key=lambda item: (item[0][0].name, item[0][1])):
        labels = _labels(metric, values)
        shown = lines.setdefault(metric, [])
        name, key = prometheus_name(metric), (metric, values)
        if metric.kind == "time":
            shown += [f"{name}_sum{labels} {_totals.total[key]:.15g}", f"{name}_count{labels} {count}"]
        else:
            amount = _totals.last[key] if metric.kind == "gauge" else _totals.total[key]
            shown.append(f"{name}{labels} {amount:.15g}")
    for metric in {sample.metric for sample in measured}:
        own = [sample for sample in measured if sample.metric is metric]
        lines[metric] = [f"{prometheus_name(metric)}{_labels(metric, each.values)} {each.amount:.15g}" for each in own]
    kinds: Mapping[Kind, str] = {"count": "counter", "gauge": "gauge", "time": "summary"}
    text = []
    for metric in sorted(lines, key=lambda metric: metric.name):
        name = prometheus_name(metric)
        text += [f"# HELP {name} {metric.help}", f"# TYPE {name} {kinds[metric.kind]}", *lines[metric]]
    return "\n".join(text) + "\n"


def prometheus_name(metric: Metric) -> str:
    """``dbsbm_errors_total``, ``dbsbm_command_ms``: a counter ends in ``_total``."""
    return f"{NAMESPACE}_{metric.name}{'_total' if metric.kind == 'count' else ''}"


def _labels(metric: Metric, values: Sequence[str]) -> str:
    def escaped(value: str) -> str:
        return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

    pairs = [f'{name}="{escaped(value)}"' for name, value in zip(metric.dimensions, values, strict=True)]
    return "{" + ",".join(pairs) + "}" if pairs else ""
