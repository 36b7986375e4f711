"""Fixes of keys and queues: tried dry, done with what was before and is after, and put back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from infra.catalog import CATALOG
from local.cloud.aws import call, queue_url
from local.cloud.execution import Names
from tests.e2e.test_compliance import guarded, judged, stored
from tests.e2e.world import World, on_schedule, opened

pytestmark = pytest.mark.slow
NAMES = Names()
QUEUE = queue_url(NAMES.of("failed-invocations"))


def unencrypted(world: World) -> None:
    attributes = {"SqsManagedSseEnabled": "false"}
    call(world.cloud.aws, "sqs", "SetQueueAttributes", QueueUrl=QUEUE, Attributes=attributes)


def short(world: World) -> None:
    attributes = {"MessageRetentionPeriod": "345600"}
    call(world.cloud.aws, "sqs", "SetQueueAttributes", QueueUrl=QUEUE, Attributes=attributes)


def stuck(world: World) -> None:
    """The key that wraps those of backups stays the same for ever."""
    described = call(world.cloud.aws, "kms", "DescribeKey", KeyId=f"alias/{Names().of('backups')}")
    call(world.cloud.aws, "kms", "DisableKeyRotation", KeyId=described["KeyMetadata"]["KeyId"])


WRONG: dict[str, tuple[str, Callable[[World], None]]] = {
    "kms.rotation": ("live-keys-rotate", stuck),
    "sqs.encryption": ("live-queues-encrypted", unencrypted),
    "sqs.retention": ("live-failures-kept", short),
}


def remedied(world: World, fix: str, **event: Any) -> dict[str, Any]:
    done: dict[str, Any] = world.cloud.invoke("job_remedy", {"v": 1, "fix": fix, **event})
    return done


def test_each_fix_is_tried_done_shown_and_put_back(database_url: str) -> None:
    with opened(database_url, catalog=on_schedule()) as world:
        for _, break_it in WRONG.values():
            break_it(world)
        guarded(world)
        assert {judged(world, control) for control, _ in WRONG.values()} == {"not-satisfied"}
        before = {fix: remedied(world, fix) for fix in WRONG}
        for fix, tried in before.items():
            (name,) = tried["would_change"]
            assert not tried["applied"]
            assert remedied(world, fix)["before"] == tried["before"], "a dry run changes nothing"
            done = remedied(world, fix, apply=True, only=[name])
            assert (done["changed"], done["before"]) == ([name], tried["before"])
            assert done["after"] != done["before"]
            assert remedied(world, fix, apply=True)["changed"] == [], "done twice is done once"
        guarded(world, run=True)
        assert {judged(world, control) for control, _ in WRONG.values()} == {"satisfied"}
        for fix, tried in before.items():
            assert remedied(world, fix, apply=True, states=tried["before"])["after"] == tried["before"]
        sql = "SELECT evidence FROM compliance_results WHERE control = 'live-secrets-age' LIMIT 1"
        looked = json.loads(stored(world, f"evidence/{world.rows(sql)[0]['evidence']}.json"))
        held = {name.replace("_", "-") for name in looked["content"]}
        assert held == {secret.name for secret in CATALOG.secrets}, "no secret is older unseen"
