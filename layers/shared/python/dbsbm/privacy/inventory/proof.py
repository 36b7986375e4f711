"""The audit log, requests about data, and the schema's own record."""

from __future__ import annotations

from dbsbm.privacy.inventory.model import Basis, Erase, Purpose, Table

TABLES = (
    Table(
        "audit_checkpoints",
        Purpose.PROOF,
        Basis.NONE,
        "for good",
        Erase.KEEP,
        plain="tree_size note public_key kept_at",
    ),
    Table(
        "audit_events",
        Purpose.PROOF,
        Basis.INTEREST,
        "for good: it names nobody once a secret is gone",
        Erase.KEEP,
        behavioural="at kind cause details actor object seal",
        plain="event_id leaf_index guild_id",
    ),
    Table(
        "audit_log",
        Purpose.PROOF,
        Basis.NONE,
        "for good",
        Erase.KEEP,
        plain="log_id tree_size published_size checked_size",
    ),
    Table(
        "audit_secrets",
        Purpose.PROOF,
        Basis.INTEREST,
        "until the person is erased",
        Erase.DELETE,
        identifiers="user_id",
        secrets="secret",
        plain="made_at",
    ),
    Table(
        "audit_tiles",
        Purpose.PROOF,
        Basis.NONE,
        "for good",
        Erase.KEEP,
        plain="level tile hashes",
    ),
    Table(
        "erasures",
        Purpose.RIGHTS,
        Basis.DUTY,
        "for good: keyed, to be done again after a restore",
        Erase.KEEP,
        identifiers="subject",
        behavioural="erased_at",
        plain="guild_id number request_id",
    ),
    Table(
        "privacy_requests",
        Purpose.RIGHTS,
        Basis.DUTY,
        "for good: it names nobody once an erasure is done",
        Erase.REDACT,
        identifiers="user_id subject",
        behavioural="kind state received_at begins_at done_at counts",
        content="names",
        plain="request_id confirm_by answer_by stage cursor_guild cursor_key",
    ),
    Table(
        "schema_migrations",
        Purpose.OPERATION,
        Basis.NONE,
        "for good",
        Erase.KEEP,
        plain="version name checksum statements statements_done started_at finished_at",
    ),
)
