"""A delivery run out of an execution environment."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import partial
from typing import Any

from dbsbm.core.bucket import Aws, Bucket
from dbsbm.delivery.delivery import Delivery, Errand
from dbsbm.delivery.sender import Render, Sender
from dbsbm.delivery.verdict import UnsendableError
from dbsbm.delivery.webhooks import Webhooks
from dbsbm.discord.attachments import PHOTO_BYTES, AttachmentError, download
from dbsbm.environment import Environment
from dbsbm.outbox.repository import OutboxQueue


def delivery_of(
    environment: Environment,
    owner: str,
    render: Render | None = None,
    errands: Mapping[str, Errand] | None = None,
) -> Delivery:
    """A run of its own; ``owner`` names it in its leases and must be no other run's (the request id of Lambda)."""
    application_id = int(environment.settings.discord_application_id or 0)
    database, clock = environment.database, environment.clock

    def is_placed(message_id: int) -> bool:
        with database.read() as session:
            return OutboxQueue(session).is_placed(message_id)

    sender = Sender(
        environment.discord,
        Webhooks(database, environment.discord, environment.tokens, application_id, clock),
        environment.tokens,
        application_id=application_id,
        clock=clock,
        render=render or partial(_render, environment),
        is_placed=is_placed,
    )
    return Delivery(database, sender, clock, environment.random, owner, errands=errands)


def _render(environment: Environment, template: str, view: Mapping[str, Any]) -> bytes:
    if template == "attachment":
        return _fetched(environment, str(view["url"]))
    if template == "stored":
        return _stored(environment, str(view["key"]), str(view["sha256"]))
    from dbsbm.render.draw import render  # noqa: PLC0415 — resvg and fonts, paid by the first picture

    return render(template, view)


def _stored(environment: Environment, key: str, digest: str) -> bytes:
    """A report as it was made: what has another hash than was noted is not sent."""
    stored = Bucket(Aws(environment.transport, environment.account()), environment.settings.evidence_bucket)
    body = stored.get(key)
    if body is None or hashlib.sha256(body).hexdigest() != digest:
        raise UnsendableError("a report is not what it was")
    return body


def _fetched(environment: Environment, url: str) -> bytes:
    """A file that a person attached: it goes out again as it came."""
    try:
        return download(environment.transport, environment.settings.discord_cdn_base_url, url, PHOTO_BYTES)
    except AttachmentError as error:
        raise UnsendableError(f"attachment {error.code}") from error
