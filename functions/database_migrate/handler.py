"""Invoked by a deployment, before traffic shifts and again after: brings the tables to what the new version needs."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from dbsbm.cache.prefixes import forget_all
from dbsbm.core.errors import InvokeError
from dbsbm.core.invocation import watched
from dbsbm.database.migrate import MigrationError, migrate, migrations, version
from dbsbm.database.phases import target
from dbsbm.environment import current

logger = logging.getLogger(__name__)

BIRTH = "database_birth"
_BIRTH_S = 100.0


@watched
def handler(event: Mapping[str, Any], _context: Any) -> dict[str, Any]:
    """``{"v": 1, "phase": "expand"}`` adds; ``"contract"``, once nothing of the old version runs, also takes away."""
    environment, phase = current(), event.get("phase", "expand")
    if phase not in ("expand", "contract"):
        raise MigrationError(f"phase {phase!r}: expand or contract")
    url = environment.settings.database_url.get_secret_value()
    _birth()  # the account that migrates comes from it
    wanted = target(migrations(), version(url), phase)
    done = migrate(url, to=wanted, clock=environment.clock)
    if done:
        _birth()  # who may only read sees the new tables
    forgotten = forget_all(environment.cache)  # whatever was done: an attempt before may have ended in between
    logger.info("migrated", extra={"done": done, "version": wanted, "cache_forgotten": forgotten})
    waiting = len(migrations()) - wanted
    return {"v": 1, "done": list(done), "version": wanted, "waiting": waiting, "cache_forgotten": forgotten}


def _birth() -> None:
    if current().invoke(BIRTH, {"v": 1}, asynchronous=False, timeout_s=_BIRTH_S) is None:
        raise InvokeError(f"{BIRTH}: no answer")
