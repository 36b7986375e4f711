"""Invoked by Secrets Manager: one step in changing a secret that we make ourselves."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from dbsbm.core.bucket import Aws
from dbsbm.core.invocation import watched
from dbsbm.environment import current
from dbsbm.rotation.catalogue import keeps
from dbsbm.rotation.ring import Ring
from dbsbm.rotation.steps import Request, take
from dbsbm.security.secret_store import SecretStore

logger = logging.getLogger(__name__)


@watched
def handler(event: Mapping[str, Any], _context: Any) -> None:
    """One step; done once more it changes nothing."""
    environment, request = current(), Request.of(event)
    store = SecretStore(Aws(environment.transport, environment.account()), request.secret)
    kept = keeps(environment.settings.rotation_keeps, request.secret)
    strategy = Ring(environment.random.randbytes, environment.clock.now().date(), kept)
    take(request, store, strategy)
    logger.info("rotated", extra={"step": request.step})
