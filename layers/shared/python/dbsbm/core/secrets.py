"""Secrets by the name of their setting, read when first needed and again when one may have been rotated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from dbsbm.core.clock import Clock
from dbsbm.core.errors import SettingsError
from dbsbm.core.settings import Settings

GET = "secretsmanager.GetSecretValue"
SecretsManager = Callable[[str, Mapping[str, Any]], dict[str, Any]]
"""A call of Secrets Manager: its target and its arguments."""


class Secrets:
    """The plain setting if given, else what Secrets Manager holds, kept until somebody asks anew."""

    def __init__(self, settings: Settings, clock: Clock, manager: SecretsManager) -> None:
        self._settings = settings
        self._clock = clock
        self._manager = manager
        self._kept: dict[str, tuple[str, datetime]] = {}

    def __call__(self, name: str) -> str:
        """The value of "discord_bot_token", "token_key".

        Raises
        ------
        SettingsError
            When neither the value nor the name of the secret is set.
        InvokeError
            When Secrets Manager refuses.
        """
        if name not in self._kept:
            self._kept[name] = self._read(name), self._clock.now()
        return self._kept[name][0]

    def anew(self, name: str, *, after: timedelta = timedelta(0)) -> str:
        """As above, read once more unless that was done less than ``after`` ago."""
        if name in self._kept and self._clock.now() - self._kept[name][1] >= after:
            del self._kept[name]
        return self(name)

    def _read(self, name: str) -> str:
        plain: Any = getattr(self._settings, name, None)
        if plain is not None:
            return str(plain.get_secret_value())
        stored = getattr(self._settings, f"{name}_secret", None)
        if not stored:
            raise SettingsError(f"{name.upper()} or {name.upper()}_SECRET must be set")
        return str(self._manager(GET, {"SecretId": stored})["SecretString"])
