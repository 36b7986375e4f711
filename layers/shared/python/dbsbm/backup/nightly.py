"""What the two nightly functions do with their environment: make a backup, prove the newest one."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

from dbsbm.backup.check import Checked, check_newest
from dbsbm.backup.dump import Order, base_of
from dbsbm.backup.dump import back_up as dump
from dbsbm.backup.model import BackupError, Manifest
from dbsbm.backup.residues import Search
from dbsbm.backup.sealing import KmsKeys
from dbsbm.backup.store import Store
from dbsbm.commands.canary import needles_of
from dbsbm.core import metrics
from dbsbm.core.bucket import Aws, Bucket
from dbsbm.environment import Environment

logger = logging.getLogger(__name__)

TIMEOUT_S = 60.0
"""Of one request: a part has 8 MiB."""


def store_of(environment: Environment) -> Store:
    """The stage's backups."""
    aws, settings = Aws(environment.transport, environment.account(), timeout_s=TIMEOUT_S), environment.settings
    return Store(Bucket(aws, settings.backup_bucket), KmsKeys(aws, settings.backup_key_id))


def back_up(environment: Environment, *, full: bool, guild_id: int, has_time: Callable[[], bool]) -> Manifest:
    """A backup of now. Raises what :func:`dbsbm.backup.dump.back_up` raises."""
    store, now = store_of(environment), environment.clock.now()
    base = None
    if not full:
        try:
            base = base_of(store, now, guild_id)
        except BackupError as error:  # a whole one stands on nothing
            metrics.record(metrics.BACKUP_FAULTS, what="base")
            logger.error("the last backup cannot be built upon: %s", error.detail)
    manifest = dump(environment.database, store, Order(now, base, guild_id, has_time))
    if not guild_id:
        metrics.record(metrics.BACKUP_ROWS, manifest.rows)
        metrics.record(metrics.BACKUP_BYTES, manifest.written)
    return manifest


def check(environment: Environment, has_time: Callable[[], bool]) -> Checked | None:
    """Go on with proving the newest backup. Raises what :func:`check_newest` raises."""
    store, url = store_of(environment), environment.settings.database_url.get_secret_value()
    try:
        checked = check_newest(
            store, url, environment.clock, partial(needles_of, environment), told=_searched, has_time=has_time
        )
    except BackupError:
        metrics.record(metrics.BACKUP_FAULTS, what="check")
        raise
    if checked is not None:
        age = (environment.clock.now() - checked.manifest.at).total_seconds()
        metrics.record(metrics.BACKUP_AGE, age)
        if checked.whole:
            metrics.record(metrics.BACKUPS_VERIFIED)
    return checked


def _searched(search: Search) -> None:
    """Told at once: a run that is cut off later is not made again from here."""
    if search.day is not None:
        metrics.record(metrics.RESIDUES, len(search.found))
