"""A secret is as old as the value that is in use, whoever asks, and whatever else was done to it since."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from infra.catalog import CATALOG
from local.cloud import VirtualClock
from tests.e2e.test_compliance import guarded, judged
from tests.e2e.world import NOW, World, on_schedule, opened
from tests.e2e.year.aws_time import living_in
from tests.life import manager, version

pytestmark = pytest.mark.slow


def described(world: World, secret: str) -> dict[str, Any]:
    return manager(world.cloud, "DescribeSecret", secret)


def touch(world: World) -> None:
    """Each next value is staged: AWS says that the secret was changed just now."""
    held = [each.name for each in CATALOG.secrets if "VersionIdsToStages" in described(world, each.name)]
    for number, secret in enumerate(held, 900):
        manager(
            world.cloud,
            "PutSecretValue",
            secret,
            ClientRequestToken=version(number),
            SecretString="to follow",
            VersionStages=["AWSPENDING"],
        )
        assert described(world, secret)["LastChangedDate"] == world.clock.now().timestamp()


def told(world: World) -> dict[str, set[str]]:
    """What the ledger of keys says of all secrets, and what the morning's look does."""
    states = world.cloud.invoke("job_keys", {})["states"]
    morning = world.cloud.invoke("job_secrets", {"v": 1, "status": True})["secrets"]
    held = [each for each in morning if each["age_days"] is not None]
    ledger = {state for name, state in states.items() if name.startswith("secret ")} - {"unused"}
    looks = {"overdue" if each["overdue"] else "due" if each["due"] else "fresh" for each in held}
    return {"ledger": ledger, "morning": looks}


def test_a_secret_that_was_touched_is_as_old_as_its_value(database_url: str) -> None:
    clock = VirtualClock(NOW)
    with living_in(clock), opened(database_url, clock=clock, catalog=on_schedule()) as world:
        assert told(world) == {"ledger": {"fresh"}, "morning": {"fresh"}}
        clock.sleep(timedelta(days=81).total_seconds())
        touch(world)
        assert told(world) == {"ledger": {"due"}, "morning": {"due"}}
        guarded(world, run=True)
        assert judged(world, "live-secrets-age") == "satisfied"
        clock.sleep(timedelta(days=9).total_seconds())
        assert told(world) == {"ledger": {"overdue"}, "morning": {"overdue"}}
        guarded(world, run=True)
        assert (judged(world, "live-secrets-age"), judged(world, "keys-in-time")) == ("not-satisfied",) * 2
