"""Where the suite reaches each error of the tree; :mod:`tests.error_observer` holds the files to it.

``BASES`` are those that nothing raises by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping

_REACHED: Mapping[str, tuple[str, ...]] = {
    "tests/e2e/test_audit.py": ("HiddenError", "RewrittenError"),
    "tests/e2e/test_audit_rejoin.py": ("RejoinError",),
    "tests/e2e/test_backup.py": ("BackupError", "RestoreRefusedError"),
    "tests/e2e/test_compliance.py": ("EvidenceError", "FixError"),
    "tests/e2e/test_disputes.py": ("CaseMovedOnError", "RefusedError"),
    "tests/e2e/test_limits.py": ("RateLimitedError", "SwitchedOffError"),
    "tests/e2e/test_privacy_ledger.py": ("LedgerGapError",),
    "tests/e2e/test_privacy_stuck.py": ("ErasuresFailedError",),
    "tests/e2e/test_reveal.py": ("RevealError",),
    "tests/e2e/test_settings.py": ("WrongChannelError",),
    "tests/e2e/test_tiers.py": ("TierLimitError",),
    "tests/integration/test_archive.py": ("ArchiveBrokenError", "BucketError"),
    "tests/integration/test_bets.py": ("MovedOnError", "StartedError"),
    "tests/integration/test_cache.py": ("CacheSilentError",),
    "tests/integration/test_commands_guild.py": ("NotAllowedError", "NotReadyError"),
    "tests/integration/test_commands_ways_in.py": ("OpenBetsError",),
    "tests/integration/test_delivery.py": ("UndecidableError",),
    "tests/integration/test_delivery_channels_and_roles.py": ("UnsendableError",),
    "tests/integration/test_delivery_refusals.py": ("LostWebhookError",),
    "tests/integration/test_exchange_connection.py": (
        "ConnectionLostError",
        "DatabaseUnavailableError",
        "DuplicateKeyError",
    ),
    "tests/integration/test_feed_odds_api_faults.py": (
        "ArchiveError",
        "ProviderDocumentError",
        "ProviderKeyError",
        "ProviderNotFoundError",
        "ProviderQuotaError",
        "ProviderRateError",
        "ProviderRequestError",
        "ProviderUnavailableError",
        "TransportError",
    ),
    "tests/integration/test_games_repository.py": ("ContentionError",),
    "tests/integration/test_migrations.py": ("MigrationError",),
    "tests/integration/test_outbox_operations.py": ("ConflictError", "NotFoundError"),
    "tests/integration/test_rest.py": ("DiscordError", "DiscordInDoubtError", "DiscordUnavailableError"),
    "tests/integration/test_staged_secrets.py": ("InvocationFailedError", "RotationError", "UnhealthyError"),
    "tests/unit/audit/test_checkpoint.py": ("CheckpointError", "TileError"),
    "tests/unit/bets/test_slate.py": ("InputError", "NoGameError"),
    "tests/unit/betting/test_catalogue.py": ("CatalogueError",),
    "tests/unit/betting/test_odds.py": ("OddsError",),
    "tests/unit/betting/test_tickets.py": ("RepriceNeededError",),
    "tests/unit/commands/test_payload.py": ("PayloadError",),
    "tests/unit/compliance/test_cases.py": ("WorkflowError",),
    "tests/unit/test_attachments.py": ("AttachmentError",),
    "tests/unit/test_aws_signing.py": ("InvokeError", "InvokeLateError"),
    "tests/unit/test_bucket.py": ("KeyringUnavailableError",),
    "tests/unit/test_data_keys.py": ("SealBrokenError",),
    "tests/unit/test_flags.py": ("FlagsError",),
    "tests/unit/test_settings.py": ("SettingsError",),
    "tests/unit/test_token_box.py": ("TokenTamperedError",),
    "tests/unit/test_webhook_addresses.py": ("AddressError",),
}
REACHED_IN: Mapping[str, str] = {error: file for file, errors in _REACHED.items() for error in errors}
BASES = frozenset({"DbsbmError", "ProviderError"})
