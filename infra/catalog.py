"""The one list: every function, bucket, queue and secret, named once. No CDK import.

``infra/cdk/`` deploys this list, ``local/cloud/`` runs it on a laptop, the tests check it. The handler path follows
from the name: ``functions/<name>/handler.py:handler``.
"""

from __future__ import annotations

from dataclasses import replace

from infra.catalog_audit import audited
from infra.catalog_guard import EVIDENCE, EVIDENCE_BUCKET, OPERATORS, SEARCHED, SEARCHING, guards, reading_evidence
from infra.catalog_life import (
    ADDRESS,
    CHECK,
    COMMAND_FAMILIES,
    DATED,
    KEY_NAMES,
    LIFE,
    QUESTIONS,
    RARE,
    SECRETS,
    SHIFTED,
    access,
)
from infra.shapes import (
    ROTATION_DAYS,
    Bucket,
    Catalog,
    EncryptionKey,
    EventRule,
    Function,
    HttpRoute,
    Network,
    Permit,
    Queue,
    Ref,
    Schedule,
    Secret,
    SigningKey,
    invoking,
    reading,
    taking,
)

__all__ = [
    "CATALOG",
    "COMMAND_FAMILIES",
    "ROTATION_DAYS",
    "SHIFTED",
    "Bucket",
    "Catalog",
    "EncryptionKey",
    "EventRule",
    "Function",
    "HttpRoute",
    "Network",
    "Permit",
    "Queue",
    "Ref",
    "Schedule",
    "Secret",
    "SigningKey",
]

DATA = {
    "DATABASE_URL": Ref("setting", "DATABASE_URL"),
    "REDIS_URL": Ref("setting", "REDIS_URL"),
    "DISCORD_APPLICATION_ID": Ref("setting", "DISCORD_APPLICATION_ID"),
    "DISCORD_SKU_PREMIUM": Ref("setting", "DISCORD_SKU_PREMIUM"),
    "DISCORD_SKU_PLATINUM": Ref("setting", "DISCORD_SKU_PLATINUM"),
}
FLAGS = {"FLAGS_BUCKET": Ref("bucket", "flags")}
SEALED = {**DATA, "TOKEN_KEY_SECRET": Ref("secret", "token-key")}
"""For those alone that seal tokens or open them: commands, delivery, the communities' webhooks."""
NAMED = {"INDEX_KEY_SECRET": Ref("secret", "index-key")}
"""For those alone that know people by names without meaning."""
WORDS = {"KEYRING_BUCKET": Ref("bucket", "keyring")}
"""For those alone that write or read what people wrote."""
DISCORD = {
    "DISCORD_API_BASE_URL": Ref("setting", "DISCORD_API_BASE_URL"),
    "DISCORD_CDN_BASE_URL": Ref("setting", "DISCORD_CDN_BASE_URL"),
    "DISCORD_BOT_TOKEN_SECRET": Ref("secret", "discord-bot-token"),
}
_FLAGS = taking("flags")
_READ_WORDS = taking("keyring")
_WORDS = (Permit(("s3:PutObject",), Ref("bucket", "keyring")), *_READ_WORDS)
_SHRED = (
    Permit(("s3:GetObject", "s3:GetObjectVersion", "s3:DeleteObjectVersion"), Ref("bucket", "keyring")),
    Permit(("s3:ListBucket", "s3:ListBucketVersions"), Ref("bucket", "keyring")),
)


def _command(name: str, description: str, *also: str, permits: tuple[Permit, ...] = (), **more: Ref) -> Function:
    return Function(
        name,
        description,
        network="data",
        memory_mb=768,
        timeout_s=10,
        retries=2,
        concurrency=20,
        environment={**SEALED, **FLAGS, **OPERATORS, **more},
        permits=(*invoking("delivery", *also), *reading("token-key"), *_FLAGS, *permits),
    )


_CATALOG = Catalog(
    functions=(
        Function(
            "interactions",
            "Front door: verifies, routes, hands off.",
            network="edge",
            triggers=(HttpRoute("POST", "/discord/interactions"),),
            timeout_s=5,
            concurrency=50,
            environment={
                "DISCORD_PUBLIC_KEY": Ref("setting", "DISCORD_PUBLIC_KEY"),
                "DISCORD_FRESHNESS_S": Ref("setting", "DISCORD_FRESHNESS_S"),
                "EDGE_DIGEST": Ref("setting", "EDGE_DIGEST"),
                "CANARY_PUBLIC_KEY": Ref("setting", "CANARY_PUBLIC_KEY"),
                "CANARY_GUILD_ID": Ref("setting", "CANARY_GUILD_ID"),
            },
            permits=invoking(*COMMAND_FAMILIES),
        ),
        Function(
            "discord_events",
            "Discord webhook events: installs and entitlements.",
            network="data",
            triggers=(HttpRoute("POST", "/discord/events"),),
            concurrency=3,
            environment={**DATA, "DISCORD_PUBLIC_KEY": Ref("setting", "DISCORD_PUBLIC_KEY")},
        ),
        Function(
            "api",
            "Health, metrics, public pictures and the audit log's signed head over HTTP.",
            network="data",
            triggers=tuple(
                HttpRoute("GET", path)
                for path in ("/health", "/health/detailed", "/log", "/metrics", "/slips/{picture}")
            ),
            memory_mb=1024,
            environment={
                **DATA,
                **FLAGS,
                "OPERATIONS_TOKEN_SECRET": Ref("secret", "operations-token"),
                "CHECKPOINT_BUCKET": Ref("bucket", "checkpoints"),
            },
            permits=(
                *reading("operations-token"),
                *_FLAGS,
                Permit(("s3:GetObject",), Ref("bucket", "checkpoints")),
                Permit(("s3:ListBucketVersions",), Ref("bucket", "checkpoints")),
            ),
        ),
        _command("command_guild", "Set-up, cappers, settings.", "job_webhooks"),
        _command("command_betting", "Bets, drafts, grading.", "job_webhooks", permits=_WORDS, **WORDS, **ADDRESS),
        _command(
            "command_stats",
            "Records and cards.",
            permits=(*_READ_WORDS, *reading("index-key")),
            **WORDS,
            **NAMED,
            **ADDRESS,
        ),
        _command("command_games", "Schedule, odds, scores, weather."),
        Function(
            "delivery",
            "Brings Discord to the desired states of the outbox.",
            network="data",
            triggers=(Schedule("rate(1 minute)"),),
            memory_mb=1024,
            timeout_s=60,
            concurrency=5,
            retries=1,
            environment={**SEALED, **DISCORD, **WORDS, **EVIDENCE, "EXPORT_BUCKET": Ref("bucket", "exports")},
            permits=(
                *reading("token-key", "discord-bot-token"),
                Permit(("s3:PutObject", "s3:GetObject"), Ref("bucket", "exports")),
                *reading_evidence(),
                *_WORDS,
            ),
        ),
        Function(
            "feed_odds_api",
            "Games, odds and scores from The Odds API.",
            network="data",
            triggers=(Schedule("rate(5 minutes)"),),
            timeout_s=60,
            concurrency=1,
            environment={
                **DATA,
                **FLAGS,
                "ODDS_API_BASE_URL": Ref("setting", "ODDS_API_BASE_URL"),
                "ODDS_API_KEY_SECRET": Ref("secret", "odds-api-key"),
                "ODDS_API_MONTHLY_CREDITS": Ref("setting", "ODDS_API_MONTHLY_CREDITS"),
                "FEED_BUCKET": Ref("bucket", "feeds"),
            },
            permits=(*reading("odds-api-key"), Permit(("s3:PutObject",), Ref("bucket", "feeds")), *_FLAGS),
        ),
        Function(
            "job_close",
            "Freezes closing lines at the start of games and values the bets on them.",
            network="data",
            triggers=(Schedule("rate(5 minutes)"),),
            timeout_s=60,
            concurrency=1,
            environment=DATA,
        ),
        Function(
            "job_settle",
            "Takes final scores to the bets on them: proposes grades, or applies them where two sources agree.",
            network="data",
            triggers=(Schedule("rate(5 minutes)"),),
            timeout_s=60,
            concurrency=2,
            environment={**DATA, **WORDS},
            permits=(
                *invoking("job_settle", "delivery", "feed_odds_api", "feed_espn", "feed_api_sports"),
                *_READ_WORDS,
            ),
        ),
        Function(
            "job_tiers",
            "Asks Discord each night what communities have bought: what events and interactions did not tell.",
            network="data",
            triggers=(Schedule("cron(20 4 * * ? *)", max_age_s=3600),),
            timeout_s=60,
            concurrency=1,
            alarms=RARE,
            retries=1,
            environment={**DATA, **DISCORD},
            permits=reading("discord-bot-token"),
        ),
        Function(
            "job_community",
            "Recaps, standings, reminders, counters and the role of the month's best, when they are due.",
            network="data",
            triggers=(Schedule("rate(5 minutes)"),),
            timeout_s=60,
            concurrency=1,
            environment=DATA,
            permits=invoking("delivery"),
        ),
        Function(
            "job_notify",
            "Tells members the results of the bets they follow, several in one message, outside their quiet hours.",
            network="data",
            triggers=(Schedule("rate(5 minutes)"),),
            timeout_s=60,
            concurrency=1,
            environment=DATA,
            permits=invoking("delivery"),
        ),
        Function(
            "job_webhooks",
            "Tells the communities' own systems what happens, over signed HTTPS requests.",
            network="data",
            triggers=(Schedule("rate(1 minute)"),),
            timeout_s=60,
            concurrency=3,
            environment={**SEALED, "WEBHOOK_LOOPBACK": Ref("setting", "WEBHOOK_LOOPBACK")},
            permits=(*invoking("delivery"), *reading("token-key")),
        ),
        Function(
            "job_retention",
            "Removes answered interactions and finished deliveries whose time is over.",
            network="data",
            triggers=(Schedule("rate(15 minutes)", max_age_s=900),),
            timeout_s=60,
            concurrency=1,
            environment={**DATA, "ARCHIVE_BUCKET": Ref("bucket", "archive")},
            permits=(Permit(("s3:PutObject", "s3:GetObject"), Ref("bucket", "archive")),),
        ),
        Function(
            "job_privacy",
            "Erases people who asked for it, and does erasures again after a restore.",
            network="data",
            triggers=(Schedule("rate(5 minutes)"),),
            timeout_s=300,
            concurrency=1,
            environment={**DATA, **NAMED, **WORDS, **SEARCHED, "ERASURE_BUCKET": Ref("bucket", "erasures")},
            permits=(
                *invoking("delivery"),
                *reading("index-key"),
                *_SHRED,
                *SEARCHING,
                Permit(("s3:PutObject",), Ref("bucket", "keyring")),
                Permit(("s3:PutObject", "s3:GetObject"), Ref("bucket", "erasures")),
                Permit(("s3:ListBucket",), Ref("bucket", "erasures")),
            ),
        ),
        Function(
            "job_keys",
            "Renews data keys, seals anew what is under old ones, and notes how old every key is.",
            network="data",
            triggers=(Schedule("cron(10 * * * ? *)", max_age_s=3600),),
            timeout_s=300,
            concurrency=1,
            alarms=("errors",),
            environment={**DATA, **WORDS, **KEY_NAMES},
            permits=(
                *_WORDS,
                Permit(("s3:GetObjectVersion", "s3:DeleteObjectVersion"), Ref("bucket", "keyring")),
                Permit(("s3:ListBucketVersions",), Ref("bucket", "keyring")),
                *DATED,
                *reading("token-key"),
            ),
        ),
        Function(
            "reveal",
            "Gives a month to operators under pseudonyms, or without anybody in it to others.",
            network="data",
            timeout_s=60,
            concurrency=1,
            alarms=("errors",),
            environment={**DATA, **NAMED},
            permits=reading("index-key"),
        ),
        Function(
            "job_guilds",
            "Looks for guilds that may have removed the bot; forgets those that did 30 days ago.",
            network="data",
            triggers=(Schedule("rate(1 hour)", max_age_s=3600),),
            timeout_s=60,
            concurrency=1,
            alarms=RARE,
            environment={**DATA, **DISCORD},
            permits=reading("discord-bot-token"),
        ),
        Function(
            "job_canary",
            "Sends an interaction of its own by the road that people's take; looks whether Discord points at us.",
            network="edge",
            triggers=(Schedule("rate(1 minute)", max_age_s=60),),
            timeout_s=20,
            concurrency=1,
            environment={
                "DISCORD_APPLICATION_ID": Ref("setting", "DISCORD_APPLICATION_ID"),
                "DISCORD_API_BASE_URL": Ref("setting", "DISCORD_API_BASE_URL"),
                "DISCORD_BOT_TOKEN_SECRET": Ref("secret", "discord-bot-token"),
                "CANARY_GUILD_ID": Ref("setting", "CANARY_GUILD_ID"),
                "CANARY_KEY_SECRET": Ref("secret", "canary-key"),
            },
            permits=reading("discord-bot-token", "canary-key"),
        ),
        *audited(DATA),
        Function(
            "job_backup",
            "Every row of one moment, sealed, into a bucket that nobody can empty: each night, whole once a week.",
            network="data",
            triggers=(Schedule("cron(15 3 * * ? *)", max_age_s=3600),),
            memory_mb=1769,
            timeout_s=900,
            concurrency=1,
            retries=1,
            environment={
                **DATA,
                "BACKUP_BUCKET": Ref("bucket", "backups"),
                "BACKUP_KEY_ID": Ref("key", "backups"),
            },
            permits=(
                Permit(("s3:PutObject", "s3:GetObject", "s3:AbortMultipartUpload"), Ref("bucket", "backups")),
                Permit(("s3:ListBucket",), Ref("bucket", "backups")),
                Permit(("kms:GenerateDataKey", "kms:Decrypt"), Ref("key", "backups")),
            ),
        ),
        Function(
            "job_restore_check",
            "Brings the newest backup back into a schema of its own and compares every row; goes on until it is whole.",
            network="data",
            triggers=(Schedule("cron(45 3,4,5 * * ? *)", max_age_s=3600),),
            memory_mb=1769,
            timeout_s=900,
            concurrency=1,
            environment={
                **{**DATA, **NAMED},
                "DATABASE_URL": Ref("setting", "DATABASE_CHECK_URL"),
                "BACKUP_BUCKET": Ref("bucket", "backups"),
                "BACKUP_KEY_ID": Ref("key", "backups"),
            },
            permits=(
                *reading("index-key"),
                Permit(("s3:PutObject", "s3:GetObject"), Ref("bucket", "backups")),
                Permit(("s3:ListBucket",), Ref("bucket", "backups")),
                Permit(("kms:Decrypt",), Ref("key", "backups")),
            ),
        ),
        CHECK,
        Function(
            "feed_espn",
            "Scores and what becomes of games, from ESPN's public scoreboards.",
            network="data",
            triggers=(Schedule("rate(5 minutes)"),),
            timeout_s=60,
            concurrency=1,
            environment={
                **DATA,
                **FLAGS,
                "ESPN_BASE_URL": Ref("setting", "ESPN_BASE_URL"),
                "FEED_BUCKET": Ref("bucket", "feeds"),
            },
            permits=(Permit(("s3:PutObject",), Ref("bucket", "feeds")), *_FLAGS),
        ),
        Function(
            "feed_weather",
            "Forecasts for outdoor games from WeatherAPI.com; asks nobody until its address is set.",
            network="data",
            triggers=(Schedule("rate(30 minutes)"),),
            timeout_s=60,
            concurrency=1,
            environment={
                **DATA,
                **FLAGS,
                "WEATHER_API_BASE_URL": Ref("setting", "WEATHER_API_BASE_URL"),
                "WEATHER_API_DAYS": Ref("setting", "WEATHER_API_DAYS"),
                "WEATHER_API_KEY_SECRET": Ref("secret", "weather-api-key"),
            },
            permits=(*reading("weather-api-key"), *_FLAGS),
        ),
        Function(
            "feed_api_sports",
            "Scores from API-Sports; asks nobody until its address is set.",
            network="data",
            triggers=(Schedule("rate(30 minutes)"),),
            timeout_s=60,
            concurrency=1,
            environment={
                **DATA,
                **FLAGS,
                "API_SPORTS_BASE_URL": Ref("setting", "API_SPORTS_BASE_URL"),
                "API_SPORTS_KEY_SECRET": Ref("secret", "api-sports-key"),
                "FEED_BUCKET": Ref("bucket", "feeds"),
            },
            permits=(*reading("api-sports-key"), Permit(("s3:PutObject",), Ref("bucket", "feeds")), *_FLAGS),
        ),
        *LIFE,
        *guards(DATA),
    ),
    queues=(Queue("failed-invocations"),),
    buckets=(
        Bucket("feeds"),
        Bucket("flags"),
        Bucket("audit"),
        Bucket("checkpoints", locked_days=400),
        Bucket("erasures"),
        Bucket("exports", expire_days=1),
        Bucket("keyring"),
        Bucket("archive", locked_days=365),
        Bucket("backups", locked_days=42, expire_days=43),
        Bucket("deployments"),
        QUESTIONS,
        EVIDENCE_BUCKET,
    ),
    secrets=SECRETS,
    keys=(
        SigningKey("audit", "Signs the checkpoints of the audit log."),
        EncryptionKey("backups", "Wraps the data key of each backup."),
    ),
)
CATALOG = replace(_CATALOG, functions=(*_CATALOG.functions, access(_CATALOG.functions)))
"""With the function that is told what all the others may read."""
