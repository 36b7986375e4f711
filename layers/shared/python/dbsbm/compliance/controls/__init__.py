"""Every control, one file each."""

from __future__ import annotations

from importlib import import_module

from dbsbm.compliance.model import Control

MODULES = (
    "database_encrypted",
    "database_private",
    "database_tls",
    "database_protected",
    "database_available",
    "database_backups",
    "backup_vault",
    "cache_encrypted",
    "buckets_encrypted",
    "buckets_tls",
    "buckets_private",
    "buckets_logged",
    "checkpoints_locked",
    "lock_mode",
    "keys_rotate",
    "secrets_encrypted",
    "functions_hold_no_secret",
    "functions_supported",
    "least_privilege",
    "one_role_each",
    "log_groups_bounded",
    "log_history",
    "alarms_exist",
    "failures_kept",
    "network_closed",
    "network_watched",
    "edge_throttled",
    "releases_go_back",
    "data_outlives_stack",
    "spending_watched",
    "account_trail_on",
    "live_buckets_private",
    "live_buckets_versioned",
    "live_buckets_encrypted",
    "live_lock",
    "live_secrets_age",
    "live_keys_rotate",
    "live_queues_encrypted",
    "live_failures_kept",
    "audit_sealed",
    "audit_signed",
    "audit_checked",
    "erasures_in_time",
    "erasures_begin",
    "erased_forgotten",
    "access_in_time",
    "retention_runs",
    "columns_classified",
    "schema_as_released",
    "deliveries_flow",
    "ledger_agrees",
    "connection_encrypted",
    "database_user_limited",
    "audit_kinds_known",
    "two_people",
    "exceptions_end",
    "findings_looked_after",
    "evidence_whole",
    "no_card_numbers",
    "webhooks_encrypted",
    "backups_fresh",
    "backups_verified",
    "keys_in_time",
    "keys_shredded",
    "reveals_by_two",
    "holds_looked_at",
    "deployments_approved",
    "changes_reviewed",
    "account_access_reviewed",
    "incident_drill",
    "impact_assessment_signed",
    "processors_reviewed",
    "privacy_notice",
    "people_trained",
    "law_on_gambling",
    "scope_pci",
    "scope_hipaa",
    "scope_sox",
)


def _loaded(name: str) -> Control:
    control: Control = import_module(f"{__name__}.{name}").CONTROL
    return control


CONTROLS: dict[str, Control] = {each.control_id: each for each in map(_loaded, MODULES)}
"""By id, in the order of reports."""
