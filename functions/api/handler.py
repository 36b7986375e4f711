"""GET /health, public pictures and the audit log's signed head for everybody.

/health/detailed and /metrics are for who holds the operations token.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from dbsbm.audit import LOG_PATH
from dbsbm.core import metrics
from dbsbm.core.errors import DbsbmError
from dbsbm.core.http_response import MINUTE, address_of, answered, drawn, has_bearer, path_of, too_many
from dbsbm.core.invocation import watched
from dbsbm.core.secrets import ring
from dbsbm.environment import Environment, current
from dbsbm.games.feed.usage import Usage
from dbsbm.health.service import Report, look
from dbsbm.resilience.rate_limit import Quota

logger = logging.getLogger(__name__)

ODDS_PROVIDER = "the_odds_api"
"""The one whose credits are counted against a budget of ours."""
_ASKED_AGAIN = timedelta(seconds=10)
_SLIPS = "/slips/"
_METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@watched
def handler(event: object, _context: object = None) -> dict[str, Any]:
    """Answer by path; 401 without the token for the two that say more than names, 429 to an address in a hurry."""
    environment = current()
    retry_after_s = _to_wait(event, environment)
    if retry_after_s:
        return too_many(event, retry_after_s)
    path = path_of(event)
    if path.startswith(_SLIPS):
        return _slip(event, path, environment)
    if path == LOG_PATH:
        return _log(event, environment)
    if path not in {"/health/detailed", "/metrics"}:
        return _health(event, look(environment))
    if not _opens(event, environment):
        answer = answered(event, {"error": "a bearer token is needed"}, status=401)
        answer["headers"]["www-authenticate"] = "Bearer"
        return answer
    return _detailed(event, environment) if path == "/health/detailed" else _metrics(event, environment)


def _slip(event: object, path: str, environment: Environment) -> dict[str, Any]:
    """The picture of a slip that was made public; 404 for all others, whether they exist or not."""
    from dbsbm.commands import public_slips  # noqa: PLC0415 — health and metrics need none of betting and drawing

    asked = public_slips.asked_for(path)
    if asked is None:
        return _no_picture(event)
    with environment.database.read() as session:
        image = public_slips.shown(session, asked)
    if image is None:
        return _no_picture(event)

    def draw() -> bytes:
        from dbsbm.render.draw import render  # noqa: PLC0415 — resvg and fonts, paid by the first picture that is drawn

        return render(image.template, image.view)

    return drawn(event, image.view, draw)


def _log(event: object, environment: Environment) -> dict[str, Any]:
    """The newest signed checkpoint and the ids of all keys, without the database; 503 where they cannot be told."""
    from dbsbm.audit.public import published  # noqa: PLC0415 — health and metrics need nothing of the log
    from dbsbm.core.bucket import Aws, Bucket  # noqa: PLC0415

    aws = Aws(environment.transport, environment.account())
    locked = Bucket(aws, environment.settings.checkpoint_bucket)
    try:
        head = published(locked, environment.settings.audit_origin, environment.clock.now())
    except DbsbmError as error:
        logger.warning("the log's head cannot be told: %s", error.detail)
        return answered(event, {"error": "the log's head cannot be told"}, status=503)
    return answered(event, head, cache_control=MINUTE)


def _no_picture(event: object) -> dict[str, Any]:
    return answered(event, {"error": "there is no public picture under this address"}, status=404)


def _to_wait(event: object, environment: Environment) -> float:
    """How many seconds an address has to wait; 0: it need not."""
    limits, address = environment.flags.current().limits, address_of(event)
    if limits is None or not address:
        return 0
    quota = Quota(limits.address, limits.window_s, limits.block_after, limits.block_s)
    verdict = environment.limiter.take(f"address:{address}", quota, str(environment.ids.new()))
    if verdict.allowed:
        return 0
    metrics.record(metrics.LIMITED, what="address")
    return verdict.retry_after_s


def _health(event: object, report: Report) -> dict[str, Any]:
    """200 ``{"status": "ok"}`` or ``degraded`` with names, or 503 with the names of what is down."""
    if report.down:
        logger.warning("down: %s", ", ".join(report.down))
        return answered(event, {"status": "down", "down": report.down}, status=503)
    if report.degraded:
        return answered(event, {"status": "degraded", "degraded": report.degraded})
    return answered(event, {"status": "ok"})


def _opens(event: object, environment: Environment) -> bool:
    """The token, or the one before it until the next change; looked up anew when it may just have been changed."""
    if has_bearer(event, ring(environment.secret("operations_token"))):
        return True
    return has_bearer(event, ring(environment.secret.anew("operations_token", after=_ASKED_AGAIN)))


def _detailed(event: object, environment: Environment) -> dict[str, Any]:
    report = look(environment)
    document = {
        "status": report.status,
        "dependencies": [each.to_json() for each in report.dependencies],
        "providers": [_cost(each, environment) for each in report.usage],
    }
    return answered(event, document, status=503 if report.down else 200, cache_control="private, no-cache")


def _cost(usage: Usage, environment: Environment) -> dict[str, Any]:
    """Requests and credits of the calendar month, its forecast, and the budget of whom has one."""
    row: dict[str, Any] = {"name": usage.provider, "requests": usage.requests}
    row |= {"credits": usage.credits, "forecast": usage.forecast}
    if usage.provider == ODDS_PROVIDER:
        row["budget"] = environment.settings.odds_api_monthly_credits
    if usage.remaining is not None:
        row["remaining"] = usage.remaining
    return row


def _metrics(event: object, environment: Environment) -> dict[str, Any]:
    """This environment's own counters, and what the database says of all of them. CloudWatch has the sums."""
    text = metrics.prometheus(look(environment).samples)
    return answered(event, text, content_type=_METRICS_TYPE, cache_control="private, max-age=15")
