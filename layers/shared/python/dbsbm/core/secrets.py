"""Secrets by the name of their setting, read when first needed and again when one may have been rotated.

What is kept is read again after five minutes, so that a new value is in use everywhere soon after its promotion while
the one before still holds; when Secrets Manager is out of reach then, the kept one goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from dbsbm.core.clock import Clock
from dbsbm.core.errors import InvokeError, SettingsError
from dbsbm.core.settings import Settings

GET = "secretsmanager.GetSecretValue"
SecretsManager = Callable[[str, Mapping[str, Any]], dict[str, Any]]
"""A call of Secrets Manager: its target and its arguments."""
KEPT = timedelta(minutes=5)


def ring(value: str) -> tuple[str, ...]:
    """What a generated secret holds: its keys, newest first. The first is used, all of them are accepted.

    Behind a key may stand the day it was made, ``…=@2026-11-22`` (:func:`made_on`).
    """
    return tuple(entry.partition("@")[0] for entry in entries(value))


def entries(value: str) -> tuple[str, ...]:
    """A ring's keys, newest first, each with what stands behind it."""
    return tuple(part.strip() for part in value.split(",") if part.strip())


def made_on(entry: str) -> date | None:
    """The day behind a key; None for one from before there were any."""
    text = entry.partition("@")[2]
    return date.fromisoformat(text) if text else None


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
        kept = self._kept.get(name)
        if kept is not None and self._clock.now() - kept[1] < KEPT:
            return kept[0]
        try:
            value = self._read(name)
        except InvokeError:
            if kept is None:
                raise
            value = kept[0]
        self._kept[name] = value, self._clock.now()
        return value

    def anew(self, name: str, *, after: timedelta = timedelta(0)) -> str:
        """As above, read once more unless that was done less than ``after`` ago."""
        if name in self._kept and self._clock.now() - self._kept[name][1] >= after:
            self._kept[name] = self._kept[name][0], self._clock.now() - KEPT
        return self(name)

    def _read(self, name: str) -> str:
        plain: Any = getattr(self._settings, name, None)
        if plain is not None:
            return str(plain.get_secret_value())
        stored = getattr(self._settings, f"{name}_secret", None)
        if not stored:
            raise SettingsError(f"{name.upper()} or {name.upper()}_SECRET must be set")
        return str(self._manager(GET, {"SecretId": stored, "VersionStage": "AWSCURRENT"})["SecretString"])
