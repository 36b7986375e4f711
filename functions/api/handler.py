"""GET /health: whether this deployment can serve, and if not, what is down."""

from __future__ import annotations

import json
import logging
from typing import Any

from dbsbm.core.errors import DatabaseUnavailableError
from dbsbm.core.invocation import watched
from dbsbm.environment import Environment, current

logger = logging.getLogger(__name__)


@watched
def handler(_event: object, _context: object = None) -> dict[str, Any]:
    """200 ``{"status": "ok"}``, or 503 with the names of what is down. The cache is optional and not among them."""
    down = _down(current())
    document: dict[str, Any] = {"status": "down", "down": down} if down else {"status": "ok"}
    return {
        "statusCode": 503 if down else 200,
        "headers": {"content-type": "application/json", "cache-control": "no-store"},
        "body": json.dumps(document),
    }


def _down(environment: Environment) -> list[str]:
    try:
        with environment.database.read() as session:
            session.one("SELECT 1 AS alive")
    except DatabaseUnavailableError as error:
        logger.warning("health: the database is down: %s", error.detail)
        return ["database"]
    return []
