"""Invoked by Secrets Manager: one step in changing the password of the reporting accounts, which take turns."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from dbsbm.accounts.service import as_master
from dbsbm.core.bucket import Aws
from dbsbm.core.invocation import watched
from dbsbm.environment import current
from dbsbm.rotation.accounts import TakingTurns
from dbsbm.rotation.steps import Request, take
from dbsbm.security.secret_store import SecretStore

logger = logging.getLogger(__name__)


@watched
def handler(event: Mapping[str, Any], _context: Any) -> None:
    """One step; done once more it changes nothing."""
    environment, request = current(), Request.of(event)
    url = environment.settings.database_migration_url.get_secret_value()
    strategy = TakingTurns(
        connect=environment.connect,
        clock=environment.clock,
        master_url=lambda: as_master(url, environment.secret.anew("database_master")),
        server_url=url,
        random=environment.random.randbytes,
    )
    take(request, SecretStore(Aws(environment.transport, environment.account()), request.secret), strategy)
    logger.info("rotated", extra={"step": request.step})
