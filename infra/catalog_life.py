"""The secrets, what changes them, who is told of their readers; and the birth and growth of the database."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from infra.shapes import Bucket, EventRule, Function, Permit, Ref, Schedule, Secret, invoking, reading

SECRETS = (
    Secret("discord-bot-token", "The bot's token, put in by the operator."),
    Secret("odds-api-key", "Key of The Odds API, put in by the operator."),
    Secret("weather-api-key", "Key of WeatherAPI.com, put in by the operator."),
    Secret("canary-key", "What the canary signs with: a PING and one guild are all it opens.", generated_bytes=32),
    Secret(
        "operations-token", "Opens /health/detailed and /metrics.", generated_bytes=32, rotated_by="rotate_generated"
    ),
    Secret("api-sports-key", "Key of API-Sports, put in by the operator."),
    Secret(
        "token-key",
        "Encrypts interaction and webhook tokens at rest.",
        generated_bytes=32,
        rotated_by="rotate_generated",
    ),
    Secret(
        "index-key",
        "Names people where their numbers must not stand: requests about data, erasures, pseudonyms.",
        generated_bytes=32,
        rotated_by="rotate_generated",
        goes_on_from="token-key",
    ),
    Secret("database-reporting", "Password of the two reporting accounts.", rotated_by="rotate_reporting"),
    Secret("database-master", "The database's master, made and rotated by RDS.", made_by_rds=True),
)
SECRET_NAMES = {f"{each.name.upper().replace('-', '_')}_SECRET": Ref("secret", each.name) for each in SECRETS}
"""The setting that each secret's full name is in, for those that look at every one there is."""
KEY_NAMES = {**SECRET_NAMES, "AUDIT_KEY_ID": Ref("key", "audit"), "BACKUP_KEY_ID": Ref("key", "backups")}
"""The same of every key whose age is noted, and what asking takes."""
DATED = (
    *(Permit(("secretsmanager:ListSecretVersionIds",), secret) for secret in SECRET_NAMES.values()),
    Permit(("kms:DescribeKey",), Ref("key", "audit")),
    Permit(("kms:DescribeKey", "kms:GetKeyRotationStatus"), Ref("key", "backups")),
)
OVERLAP_DAYS = 180
"""So long a key opens after another followed it: what it sealed is sealed anew each night, and nothing that is named by
it is looked for after half a year (backups stay for 42 days)."""
QUESTIONS = Bucket("questions", locked_days=400)
"""What operators asked the database."""

_STAGED = tuple(each.name for each in SECRETS if not each.rotated_by and not each.made_by_rds)
_CHANGES = (
    "secretsmanager:DescribeSecret",
    "secretsmanager:PutSecretValue",
    "secretsmanager:UpdateSecretVersionStage",
)
_MIGRATION_URL = {"DATABASE_MIGRATION_URL": Ref("setting", "DATABASE_MIGRATION_URL")}
_MASTER = {"DATABASE_MASTER_SECRET": Ref("secret", "database-master")}
_QUIET = ("errors",)
"""Alarms of what runs a few times a year."""


def _changing(*secrets: str) -> tuple[Permit, ...]:
    return (*reading(*secrets), *(Permit(_CHANGES, Ref("secret", name)) for name in secrets))


LIFE = (
    Function(
        "rotate_generated",
        "One step of Secrets Manager in changing a secret that we make ourselves.",
        network="edge",
        timeout_s=30,
        concurrency=1,
        environment={"ROTATION_KEEPS": f"operations-token=2,token-key={OVERLAP_DAYS}d,index-key={OVERLAP_DAYS}d"},
        permits=_changing("token-key", "operations-token", "index-key"),
        alarms=_QUIET,
    ),
    Function(
        "rotate_reporting",
        "One step of Secrets Manager in changing the password of the reporting accounts.",
        network="data",
        timeout_s=60,
        concurrency=1,
        environment={**_MIGRATION_URL, **_MASTER},
        permits=(*_changing("database-reporting"), *reading("database-master")),
        alarms=_QUIET,
    ),
    Function(
        "job_secrets",
        "Looks at the age of every secret, promotes what operators staged, takes back what does not work.",
        network="edge",
        triggers=(Schedule("cron(50 4 * * ? *)", max_age_s=3600),),
        timeout_s=60,
        concurrency=1,
        environment={
            "DISCORD_API_BASE_URL": Ref("setting", "DISCORD_API_BASE_URL"),
            "DISCORD_APPLICATION_ID": Ref("setting", "DISCORD_APPLICATION_ID"),
            "ODDS_API_BASE_URL": Ref("setting", "ODDS_API_BASE_URL"),
            "WEATHER_API_BASE_URL": Ref("setting", "WEATHER_API_BASE_URL"),
            "API_SPORTS_BASE_URL": Ref("setting", "API_SPORTS_BASE_URL"),
            **SECRET_NAMES,
        },
        permits=(
            *reading(*_STAGED),
            *(
                Permit(
                    ("secretsmanager:DescribeSecret", "secretsmanager:UpdateSecretVersionStage"), Ref("secret", name)
                )
                for name in _STAGED
            ),
            *(Permit(("secretsmanager:ListSecretVersionIds",), Ref("secret", each.name)) for each in SECRETS),
        ),
        alarms=_QUIET,
    ),
    Function(
        "database_birth",
        "Makes the database's schema and accounts, as its master.",
        network="data",
        timeout_s=120,
        concurrency=1,
        environment={
            **_MIGRATION_URL,
            **_MASTER,
            "DATABASE_APP_URL": Ref("setting", "DATABASE_APP_URL"),
            "DATABASE_CHECK_URL": Ref("setting", "DATABASE_CHECK_URL"),
            "DATABASE_READER_URL": Ref("setting", "DATABASE_READER_URL"),
        },
        permits=reading("database-master"),
        alarms=_QUIET,
        before_shift=True,
    ),
    Function(
        "database_migrate",
        "Brings the tables to what a new version needs, before and after traffic shifts.",
        network="data",
        timeout_s=900,
        concurrency=1,
        environment={
            "DATABASE_URL": Ref("setting", "DATABASE_MIGRATION_URL"),
            "REDIS_URL": Ref("setting", "REDIS_URL"),
        },
        permits=invoking("database_birth"),
        alarms=_QUIET,
        before_shift=True,
    ),
    Function(
        "database_query",
        "Answers an operator's statement that only reads, after noting who asked it and why.",
        network="data",
        timeout_s=30,
        concurrency=1,
        environment={
            "DATABASE_URL": Ref("setting", "DATABASE_READER_URL"),
            "QUESTIONS_BUCKET": Ref("bucket", "questions"),
        },
        permits=(Permit(("s3:PutObject",), Ref("bucket", "questions")),),
        alarms=_QUIET,
    ),
)


def access(functions: Iterable[Function], others: Mapping[str, Sequence[str]] | None = None) -> Function:
    """The function that is told of every read of a secret, and which functions the catalog lets read it.

    ``others`` read secrets too and are no functions: names of roles behind the stage's prefix, by secret.
    """
    readers = {secret: list(names) for secret, names in (others or {}).items()}
    for function in functions:
        for permit in function.permits:
            if "secretsmanager:GetSecretValue" in permit.actions:
                readers.setdefault(permit.resource.name, []).append(function.name)
    return Function(
        "secret_access",
        "Notes who read which secret, from CloudTrail's events, and counts whoever should not have.",
        network="edge",
        triggers=(
            EventRule(
                "secrets",
                "aws.secretsmanager",
                ("AWS API Call via CloudTrail", "AWS Service Event via CloudTrail"),
                ("GetSecretValue", "BatchGetSecretValue", "RotationFailed", "RotationAbandoned", "TestRotationFailed"),
            ),
        ),
        timeout_s=10,
        concurrency=2,
        retries=2,
        environment={"SECRET_READERS": json.dumps(readers, separators=(",", ":"))},
        alarms=_QUIET,
    )


ADDRESS = {"PUBLIC_URL": Ref("setting", "PUBLIC_URL")}
"""For who tells people where something of ours is."""
COMMAND_FAMILIES = ("command_guild", "command_betting", "command_stats", "command_games")
RARE = ("errors",)
"""Alarms of what runs seldom and never twice at once."""
SHIFTED = ("interactions", *COMMAND_FAMILIES, "delivery")
"""What people notice takes over by tenths, after a check; the others change at once."""
CHECK = Function(
    "deployment_check",
    "Asks new versions before anybody else does, and keeps them back when one is not well.",
    network="edge",
    timeout_s=120,
    concurrency=len(SHIFTED),
    alarms=RARE,
    environment={
        "CANARY_KEY_SECRET": Ref("secret", "canary-key"),
        "CANARY_GUILD_ID": Ref("setting", "CANARY_GUILD_ID"),
        "DISCORD_APPLICATION_ID": Ref("setting", "DISCORD_APPLICATION_ID"),
        **{f"VERSION_{name.upper()}": Ref("version", name) for name in SHIFTED},
    },
    permits=(
        *(Permit(("lambda:InvokeFunction",), Ref("version", name)) for name in SHIFTED),
        *reading("canary-key"),
        Permit(("codedeploy:PutLifecycleEventHookExecutionStatus",), Ref("deployment", "group")),
    ),
)
