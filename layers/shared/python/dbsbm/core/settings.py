"""Every environment variable the functions read, typed, in one place."""

from __future__ import annotations

import os
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from dbsbm.core.errors import SettingsError


class Settings(BaseSettings):
    """Settings of a worker function. The front door reads its own few variables without pydantic."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    dbsbm_stage: str = "local"
    dbsbm_function: str = "unnamed"
    dbsbm_function_prefix: str = "dbsbm-local-"
    """Functions are invoked as ``<prefix><catalog name>:live``."""

    database_url: SecretStr = SecretStr("mysql://root@127.0.0.1:3306/dbsbm")
    database_app_url: SecretStr = SecretStr("")
    """The accounts' addresses, as the function that makes them is told: of commands and jobs,"""
    database_migration_url: SecretStr = SecretStr("")
    """of the migrations,"""
    database_check_url: SecretStr = SecretStr("")
    """of the trial of backups, in a schema beside,"""
    database_reader_url: SecretStr = SecretStr("")
    """and of operators who look something up. ``auth=iam`` in an address makes an account that signs in with tokens."""
    database_master: SecretStr | None = None
    """``{"username", "password"}`` of the account that makes the others; RDS keeps it."""
    database_master_secret: str | None = None
    database_proxy_secret: str | None = None
    """The secret with the password that the proxy signs in with (``-c proxy=true``). Empty: there is no proxy."""
    database_reporting_secret: str | None = None
    """The secret with the password of the reporting accounts, which take turns."""
    redis_url: SecretStr | None = None

    discord_application_id: str = ""
    discord_public_key: str = ""
    """As ``discord.signature.parse_keys`` reads it: one key, or two during a change."""
    discord_api_base_url: str = "https://discord.com/api/v10"
    discord_cdn_base_url: str = "https://cdn.discordapp.com"
    """Where attached files are fetched from, and nowhere else."""
    discord_bot_token: SecretStr | None = None
    discord_bot_token_secret: str | None = None
    """Name of the Secrets Manager secret, read when ``discord_bot_token`` is not given."""
    discord_sku_premium: str = Field(default="", pattern=r"^[0-9]*$")
    """Id of the server subscription that is sold as premium (developer portal, Monetization). Neither this nor platinum
    set: everything is free and nothing is sold."""
    discord_sku_platinum: str = Field(default="", pattern=r"^[0-9]*$")
    """The same for platinum."""

    token_key: SecretStr | None = None
    """32 bytes, base64: encrypts interaction and webhook tokens at rest."""
    token_key_secret: str | None = None

    index_key: SecretStr | None = None
    """32 bytes, base64: names people where their numbers must not stand (requests about data, erasures, pseudonyms)."""
    index_key_secret: str | None = None

    webhook_loopback: bool = False
    """Whether endpoints of outbound webhooks may stand on this machine; heeded in the stage ``local`` alone."""

    canary_key: SecretStr | None = None
    """32 bytes, base64: what the canary signs with; ``CANARY_PUBLIC_KEY`` of the front door belongs to it."""
    canary_key_secret: str | None = None
    canary_guild_id: str = Field(default="", pattern=r"^[0-9]*$")
    """The guild that the canary's interactions come from. Empty: none is sent."""

    operations_token: SecretStr | None = None
    """Opens ``/health/detailed`` and ``/metrics``."""
    operations_token_secret: str | None = None

    odds_api_base_url: str = "https://api.the-odds-api.com"
    odds_api_key: SecretStr | None = None
    odds_api_key_secret: str | None = None
    odds_api_monthly_credits: int = Field(default=500, ge=0)
    """What the feed may spend in a calendar month (UTC); the free plan has 500."""
    espn_base_url: str = "https://site.api.espn.com"
    """Empty: not asked."""
    weather_api_base_url: str = ""
    """``https://api.weatherapi.com``, once a key is there. Empty: not asked."""
    weather_api_days: int = Field(default=3, ge=1, le=14)
    """How many days the operator's plan forecasts, today included; the free plan has 3."""
    weather_api_key: SecretStr | None = None
    weather_api_key_secret: str | None = None
    api_sports_base_url: str = ""
    """``https://v1.american-football.api-sports.io`` and its siblings, written ``https://{host}.api-sports.io``, once a
    key is there. Empty: not asked."""
    api_sports_key: SecretStr | None = None
    api_sports_key_secret: str | None = None
    feed_bucket: str = ""
    flags_bucket: str = ""
    """Where switches and rate limits lie (``./dev flags``). Empty: all is on, and nothing is limited."""

    public_url: str = ""
    """Where our HTTP API is, ``https://…``: how addresses of public pictures begin. Empty: none are made."""
    export_bucket: str = ""
    """Where files lie that people have a link to, for a day at most."""
    keyring_bucket: str = ""
    """Where the keys lie under which words of people are sealed; those alone have it who write or read such words."""
    archive_bucket: str = ""
    """Where rows whose time is over are kept before they are deleted, as far as they are to be kept."""
    erasure_bucket: str = ""
    """Where erasures are noted outside the database, so that they can be done again after a restore."""

    deployment_bucket: str = ""
    """Where the history of deployments is noted."""
    questions_bucket: str = ""
    """Where what operators ask the database is noted."""
    rotation_keeps: str = ""
    """How long a generated secret keeps its keys, ``operations-token=2,token-key=180d``: so many of them, or each for
    so many days after another followed it; all where it is not named."""
    secret_readers: str = ""
    """Which functions may read each secret, as JSON: whoever else does is told of."""
    dbsbm_operators: str = Field(default="", pattern=r"^([a-z][a-z0-9_-]{0,30}=[0-9]{15,20}(,|$))*$")
    """Who operates the service, ``olga=123456789012345678,pete=…``: a short name for what is kept, and the person's
    number at Discord. Empty: nobody may use ``/compliance`` and ``/report``."""
    evidence_bucket: str = ""
    """Where evidence, runs of controls and reports are kept; nobody can write over them."""
    failures_queue: str = ""
    """The address of the queue that keeps what failed for good."""
    data_stack: str = ""
    """The deployed stacks whose templates are evidence. Empty: there are none, as on a laptop."""
    records_stack: str = ""
    schema_stack: str = ""
    functions_stack: str = ""
    watch_stack: str = ""

    backup_bucket: str = ""
    """Where backups lie, locked."""
    backup_key_id: str = ""
    """The key that wraps their data keys, in KMS."""

    audit_bucket: str = ""
    """The audit log's tree and entries."""
    checkpoint_bucket: str = ""
    """Its signed checkpoints, which nobody can write over."""
    audit_key_id: str = ""
    """The key that signs them, in KMS."""

    aws_endpoint_url: str | None = None
    aws_region: str = Field(default="us-east-1")

    @property
    def operators(self) -> dict[int, str]:
        """Their short names by their numbers at Discord."""
        pairs = (each.split("=") for each in self.dbsbm_operators.split(",") if each)
        return {int(number): name for name, number in pairs}

    @property
    def audit_origin(self) -> str:
        """The name of the stage's audit log, which its checkpoints begin with."""
        return f"dbsbm-{self.dbsbm_stage}-audit"


ELSEWHERE = {
    "DISCORD_FRESHNESS_S": "How old a signed request may be, in seconds; read by the front door without pydantic.",
    "EDGE_DIGEST": "SHA-256 of what CloudFront says to the front door (-c edge=on); empty: nobody stands before it.",
    "CANARY_PUBLIC_KEY": "A second key at the front door: it opens a PING and the canary's own guild, nothing else.",
}
"""Variables with our prefixes that others read."""
_OURS = ("DATABASE_", "REDIS_", "DISCORD_", "TOKEN_KEY", "ODDS_API_", "OPERATIONS_", "WEBHOOK_", "CANARY_", "EDGE_",
         "INDEX_KEY", "ESPN_", "WEATHER_API_", "API_SPORTS_", "FLAGS_", "KEYRING_", "EVIDENCE_", "CHECKPOINT_",
         "ERASURE_", "SECRET_READERS", "ROTATION_")  # fmt: skip


class _Given(Settings):
    """Settings from given variables alone."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the process's environment, or the variables given instead of it.

    Raises
    ------
    SettingsError
        Naming each variable that is wrong, or that begins like ours and is none: a misspelt one is not ignored.
    """
    _check_names(os.environ if environ is None else environ)
    try:
        if environ is None:
            return Settings()
        given: dict[str, Any] = {name.lower(): value for name, value in environ.items()}
        return _Given(**given)
    except ValidationError as error:
        wrong = "; ".join(f"{str(item['loc'][0]).upper()}: {item['msg']}" for item in error.errors())
        raise SettingsError(wrong) from error


def _check_names(environ: Mapping[str, str]) -> None:
    known = {name.upper() for name in Settings.model_fields} | set(ELSEWHERE)
    wrong = []
    for name in sorted(environ):
        if name.startswith(_OURS) and name not in known:
            near = get_close_matches(name, known, n=1)
            wrong.append(f"{name}: no such setting{f'; {near[0]} is meant?' if near else ''}")
    if wrong:
        raise SettingsError("; ".join(wrong))
