"""Fired by the Scheduler: new data keys for old, words sealed anew, and the age of every key there is.

``{"v": 1, "give_up": true}``, an operator's: keys that are lost are condemned, what they sealed is gone for good.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from dbsbm.core import metrics
from dbsbm.core.bucket import Aws, Bucket
from dbsbm.core.invocation import watched
from dbsbm.delivery.resealing import Resealing
from dbsbm.environment import Environment, current
from dbsbm.keys.ages.ledger import Watched, looked_at
from dbsbm.keys.ring import Shredder
from dbsbm.keys.rotation import FAULTS, Rotation

logger = logging.getLogger(__name__)

_RESERVE_MS = 20_000
_RESEALS_AT = 2
"""The hour, UTC, in which what stands under older token keys is looked for: a ring keeps each for half a year."""


@watched
def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """One run; what is left is for the next one."""
    environment = current()
    aws = Aws(environment.transport, environment.account())
    rotation = _rotation(environment, aws, context)
    given_up = rotation.give_up() if event.get("give_up") is True else 0
    done = {"given_up": given_up, **rotation.run()}
    if environment.clock.now().hour == _RESEALS_AT:
        done["tokens"] = Resealing(environment.database, environment.tokens, _has_time(context)).run()
    for what, count in done.items():
        if count and what not in FAULTS:
            metrics.record(metrics.KEYS_ROTATED, count, what=what)
    states = looked_at(environment.database, aws, _watched(environment), environment.clock)
    logger.info("keys", extra={"done": done, "states": states})
    return {"v": 1, "done": done, "states": states}


def _rotation(environment: Environment, aws: Aws, context: Any) -> Rotation:
    keyring = environment.database.keyring
    if keyring is None:
        raise RuntimeError("this function was built without a keyring")
    return Rotation(
        database=environment.database,
        ring=keyring,
        shredder=Shredder(Bucket(aws, environment.settings.keyring_bucket)),
        clock=environment.clock,
        has_time=_has_time(context),
    )


def _has_time(context: Any) -> Callable[[], bool]:
    return lambda: context.get_remaining_time_in_millis() > _RESERVE_MS


def _watched(environment: Environment) -> Watched:
    """Every secret whose name is set, the signing key, and the key that wraps those of backups."""
    named = environment.settings.model_dump()
    secrets = sorted(str(value) for name, value in named.items() if name.endswith("_secret") and value)
    settings = environment.settings
    return Watched(secrets, [("signer", settings.audit_key_id), ("kms", settings.backup_key_id)])
