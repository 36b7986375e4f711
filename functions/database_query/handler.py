"""Invoked by ``./dev sql --stage``: answers one statement that reads, after noting who asked it and why.

``{"v": 1, "sql", "why", "signed"}``: ``signed`` are the headers by which AWS knows whoever asks (accounts/identity.py).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from dbsbm.accounts.identity import proven
from dbsbm.accounts.questions import Question, answer, fingerprint, note
from dbsbm.core import metrics
from dbsbm.core.bucket import Aws, Bucket
from dbsbm.core.errors import InputError
from dbsbm.core.invocation import watched
from dbsbm.environment import current

logger = logging.getLogger(__name__)


@watched
def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """``{"v": 1, "columns": […], "rows": [[…]]}``, or ``{"v": 1, "refused": "…"}``."""
    environment = current()
    account, number = environment.account(), context.invoked_function_arn.split(":")[4]
    try:
        question = Question.of(
            event, lambda digest: proven(account, environment.transport, event.get("signed"), digest, number)
        )
    except InputError as error:
        return {"v": 1, "refused": error.detail}
    bucket = Bucket(Aws(environment.transport, account), environment.settings.questions_bucket)
    note(bucket, question, environment.clock.now(), context.aws_request_id)
    metrics.record(metrics.QUESTIONS)
    try:
        found = answer(environment.database, question)
    except InputError as error:
        logger.info("refused", extra={"statement": fingerprint(question)})
        return {"v": 1, "refused": error.problem}
    logger.info("answered", extra={"statement": fingerprint(question), "rows": len(found["rows"])})
    return {"v": 1, **found}
