"""Invoked where a fix was asked for: looks, and with ``"apply": true`` sets right what two people agreed to."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from dbsbm.compliance.remediation import remedy
from dbsbm.compliance.watched import things_of
from dbsbm.core.bucket import Aws
from dbsbm.core.invocation import watched
from dbsbm.environment import current

logger = logging.getLogger(__name__)


@watched
def handler(event: Mapping[str, Any], _context: Any) -> dict[str, Any]:
    """One fix over all things of its kind, or over those that are named with their states."""
    environment = current()
    aws = Aws(environment.transport, environment.account())
    done = remedy(aws, things_of(environment.settings), event)
    logger.info("remedied", extra={"fix": str(event.get("fix"))[:40], "applied": done["applied"]})
    return done
