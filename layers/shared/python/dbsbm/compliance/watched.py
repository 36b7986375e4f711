"""What there is to look at in this stage, read from the settings: nothing is guessed, nothing is listed twice."""

from __future__ import annotations

from collections.abc import Mapping

from dbsbm.compliance.evidence.collecting import Places
from dbsbm.core.settings import Settings

BUCKETS: Mapping[str, str] = {
    "feeds": "feed_bucket",
    "flags": "flags_bucket",
    "audit": "audit_bucket",
    "checkpoints": "checkpoint_bucket",
    "erasures": "erasure_bucket",
    "exports": "export_bucket",
    "keyring": "keyring_bucket",
    "archive": "archive_bucket",
    "backups": "backup_bucket",
    "deployments": "deployment_bucket",
    "questions": "questions_bucket",
    "evidence": "evidence_bucket",
}
"""The setting with each bucket's full name, by its name in the catalog."""
STACKS: Mapping[str, str] = {
    "data": "data_stack",
    "records": "records_stack",
    "schema": "schema_stack",
    "functions": "functions_stack",
    "watch": "watch_stack",
}
KEYS: Mapping[str, str] = {"backups": "backup_key_id"}
"""Those that KMS can rotate; what signs is not among them."""
QUEUES: Mapping[str, str] = {"failed-invocations": "failures_queue"}
_SECRET = "_secret"  # noqa: S105 — the end of a setting's name


def buckets_of(settings: Settings) -> dict[str, str]:
    """Full names by their names in the catalog, of those that are set."""
    return _set(settings, BUCKETS)


def things_of(settings: Settings) -> dict[str, dict[str, str]]:
    """What fixes are for, by kind."""
    return {"bucket": buckets_of(settings), "key": _set(settings, KEYS), "queue": _set(settings, QUEUES)}


def places_of(settings: Settings) -> Places:
    fields = [name for name in type(settings).model_fields if name.endswith(_SECRET)]
    secrets = {name.removesuffix(_SECRET): str(getattr(settings, name)) for name in fields if getattr(settings, name)}
    return Places(
        settings.dbsbm_stage,
        buckets_of(settings),
        secrets,
        _set(settings, STACKS),
        _set(settings, KEYS),
        _set(settings, QUEUES),
    )


def _set(settings: Settings, fields: Mapping[str, str]) -> dict[str, str]:
    return {name: full for name, field in fields.items() if (full := str(getattr(settings, field)))}
