"""CodeDeploy's hook before traffic: asks each new version, then says whether the shift may begin."""

from __future__ import annotations

import base64
import logging
import os
from collections.abc import Mapping
from typing import Any

from dbsbm.core.bucket import Aws
from dbsbm.core.invocation import watched
from dbsbm.environment import current
from dbsbm.health.before_traffic import Canary, ask_version, faults, questions, report

logger = logging.getLogger(__name__)
_VERSION = "VERSION_"


@watched
def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Ask all new versions together: one that is not well keeps each of them back."""
    environment = current()
    settings = environment.settings
    versions = {
        name.removeprefix(_VERSION).lower(): number for name, number in os.environ.items() if name.startswith(_VERSION)
    }
    canary = Canary(
        seed=base64.b64decode(environment.secret("canary_key")),
        guild_id=settings.canary_guild_id,
        application_id=settings.discord_application_id or "1",
    )
    aws = Aws(environment.transport, environment.account())
    asked = questions(versions, canary, environment.ids.new, environment.clock.now())
    found = faults(asked, ask_version(aws, settings.dbsbm_function_prefix, versions))
    for fault in found:
        logger.error("not fit for traffic: %s", fault)
    status = report(aws, event, found)
    logger.info("checked before traffic", extra={"status": status, "asked": len(asked)})
    return {"v": 1, "status": status, "faults": found}
