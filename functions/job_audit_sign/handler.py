"""Invoked by the sequencer: signs what continues the last checkpoint, and gives it back."""

from __future__ import annotations

import base64
import logging
from typing import Any

from dbsbm.audit.signer import KmsKey, RewrittenError, Signer
from dbsbm.core import metrics
from dbsbm.core.bucket import Aws, Bucket
from dbsbm.core.invocation import watched
from dbsbm.environment import current

logger = logging.getLogger(__name__)


@watched
def handler(_event: object, _context: Any) -> dict[str, Any] | None:
    """One checkpoint; None while there is nothing to sign."""
    environment = current()
    aws, settings = Aws(environment.transport, environment.account()), environment.settings
    signer = Signer(
        tiles=Bucket(aws, settings.audit_bucket),
        locked=Bucket(aws, settings.checkpoint_bucket),
        key=KmsKey(aws, settings.audit_key_id),
        origin=settings.audit_origin,
        now=environment.clock.now,
    )
    try:
        signed = signer.sign()
    except RewrittenError as error:
        metrics.record(metrics.AUDIT_FAULTS, what="refused")
        logger.error("not signed: %s", error.detail)
        raise
    if signed is None:
        return None
    logger.info("signed", extra={"size": signed.checkpoint.size, "new": signed.new})
    return {"v": 1, "note": signed.note, "public_key": base64.b64encode(signed.public_key).decode()}
