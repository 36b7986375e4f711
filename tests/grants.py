"""Where the suite uses each grant of the catalog; :mod:`tests.grant_observer` holds the files to it."""

from __future__ import annotations

from collections.abc import Mapping

USED_IN: Mapping[str, tuple[str, ...]] = {
    "tests/e2e/test_roles.py": (
        "api s3:GetObject objects:flags",
        "api s3:ListBucket bucket:flags",
        "api secretsmanager:GetSecretValue secret:operations-token",
        "command_games s3:GetObject objects:flags",
        "command_games s3:ListBucket bucket:flags",
        "command_guild s3:GetObject objects:flags",
        "command_guild s3:ListBucket bucket:flags",
        "command_stats lambda:InvokeFunction function:delivery",
        "command_stats s3:GetObject objects:flags",
        "command_stats s3:ListBucket bucket:flags",
        "command_stats secretsmanager:GetSecretValue secret:token-key",
        "delivery secretsmanager:GetSecretValue secret:token-key",
        "feed_api_sports s3:GetObject objects:flags",
        "feed_api_sports s3:ListBucket bucket:flags",
        "feed_api_sports s3:PutObject objects:feeds",
        "feed_api_sports secretsmanager:GetSecretValue secret:api-sports-key",
        "feed_weather s3:GetObject objects:flags",
        "feed_weather s3:ListBucket bucket:flags",
        "feed_weather secretsmanager:GetSecretValue secret:weather-api-key",
        "interactions lambda:InvokeFunction function:command_games",
        "interactions lambda:InvokeFunction function:command_guild",
        "interactions lambda:InvokeFunction function:command_stats",
        "job_audit_sign s3:GetObject objects:audit",
        "job_audit_sign s3:ListBucket bucket:audit",
    ),
    "tests/e2e/test_limits.py": (
        "command_betting lambda:InvokeFunction function:delivery",
        "command_betting s3:GetObject objects:flags",
        "command_betting s3:ListBucket bucket:flags",
        "command_betting secretsmanager:GetSecretValue secret:token-key",
        "delivery secretsmanager:GetSecretValue secret:discord-bot-token",
        "feed_espn s3:GetObject objects:flags",
        "feed_espn s3:ListBucket bucket:flags",
        "feed_espn s3:PutObject objects:feeds",
        "feed_odds_api s3:GetObject objects:flags",
        "feed_odds_api s3:ListBucket bucket:flags",
        "feed_odds_api secretsmanager:GetSecretValue secret:odds-api-key",
        "interactions lambda:InvokeFunction function:command_betting",
        "job_audit_sequence lambda:InvokeFunction function:job_audit_sign",
        "job_audit_sequence s3:PutObject objects:audit",
        "job_audit_sign kms:GetPublicKey key:audit",
        "job_audit_sign kms:Sign key:audit",
        "job_audit_sign s3:ListBucketVersions bucket:checkpoints",
        "job_audit_sign s3:PutObject objects:checkpoints",
    ),
    "tests/e2e/test_privacy.py": (
        "job_audit_sequence s3:GetObject objects:audit",
        "job_audit_sign s3:GetObject objects:checkpoints",
        "job_privacy lambda:InvokeFunction function:delivery",
        "job_privacy s3:GetObject objects:erasures",
        "job_privacy s3:ListBucket bucket:erasures",
        "job_privacy s3:PutObject objects:erasures",
        "job_privacy secretsmanager:GetSecretValue secret:token-key",
    ),
    "tests/e2e/test_audit.py": (
        "job_audit_check s3:GetObject objects:audit",
        "job_audit_check s3:GetObject objects:checkpoints",
        "job_audit_check s3:ListBucketVersions bucket:checkpoints",
    ),
    "tests/e2e/test_bet_lists.py": ("delivery s3:PutObject objects:exports",),
    "tests/e2e/test_webhooks.py": (
        "command_betting lambda:InvokeFunction function:job_webhooks",
        "command_guild lambda:InvokeFunction function:job_webhooks",
        "command_guild secretsmanager:GetSecretValue secret:token-key",
        "job_webhooks lambda:InvokeFunction function:delivery",
        "job_webhooks secretsmanager:GetSecretValue secret:token-key",
    ),
    "tests/e2e/test_games_commands.py": (
        "command_games lambda:InvokeFunction function:delivery",
        "command_games secretsmanager:GetSecretValue secret:token-key",
    ),
    "tests/e2e/test_tiers.py": ("job_tiers secretsmanager:GetSecretValue secret:discord-bot-token",),
    "tests/e2e/test_guild_life.py": ("job_guilds secretsmanager:GetSecretValue secret:discord-bot-token",),
    "tests/e2e/test_settlement.py": (
        "job_notify lambda:InvokeFunction function:delivery",
        "job_settle lambda:InvokeFunction function:delivery",
        "job_settle lambda:InvokeFunction function:feed_api_sports",
        "job_settle lambda:InvokeFunction function:feed_espn",
        "job_settle lambda:InvokeFunction function:feed_odds_api",
        "job_settle lambda:InvokeFunction function:job_settle",
    ),
    "tests/e2e/test_notify.py": ("command_guild lambda:InvokeFunction function:delivery",),
    "tests/e2e/test_recaps.py": ("job_community lambda:InvokeFunction function:delivery",),
    "tests/e2e/test_nfl_week_one.py": ("feed_odds_api s3:PutObject objects:feeds",),
}

_MISSING = "Without it S3 answers 403 for a missing object, and a hole in the log would look like a lost right."

UNUSED: Mapping[str, str] = {
    "delivery s3:GetObject objects:exports": "Whoever follows a link to a file reads it by the right of who signed it.",
    "job_audit_check s3:ListBucket bucket:audit": _MISSING,
    "job_audit_check s3:ListBucket bucket:checkpoints": _MISSING,
    "job_audit_sequence s3:ListBucket bucket:audit": _MISSING,
    "job_audit_sign s3:ListBucket bucket:checkpoints": _MISSING,
}
"""Granted for what no test brings about, and why."""
