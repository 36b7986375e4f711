"""Exceptions and fixes on their way: what they change, who hears of them, and what becomes of those that go wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dbsbm.compliance import remediation
from dbsbm.compliance.evidence.live import BLOCKS
from dbsbm.core.bucket import Aws, BucketError
from dbsbm.core.http import HttpRequest
from local.cloud.aws import headers
from local.discord_simulator import Person
from tests.e2e.test_compliance import BUCKETS, NAMES, WATCHED, asked, guarded, opal, otto, public_access, world
from tests.e2e.tour import press
from tests.e2e.world import World

__all__ = ["opal", "otto", "world"]
pytestmark = pytest.mark.slow
FIX = "s3.public_access"


def set_access(world: World, bucket: str, *, closed: bool) -> None:
    told = "".join(f"<{name}>{str(closed).lower()}</{name}>" for name in BLOCKS)
    body = f"<PublicAccessBlockConfiguration>{told}</PublicAccessBlockConfiguration>".encode()
    url = f"http://127.0.0.1/{NAMES.of(bucket)}?publicAccessBlock="
    assert world.cloud.aws(HttpRequest("PUT", url, headers("s3"), body)).status == 200


def flow(world: World) -> dict[str, Any]:
    """The newest workflow."""
    [row] = world.rows("SELECT state, step, details FROM compliance_workflows ORDER BY workflow_id DESC LIMIT 1")
    return {**row, "details": json.loads(row["details"])}


def refusing(monkeypatch: pytest.MonkeyPatch, allowed: int) -> None:
    """AWS takes so many changes of buckets, then none."""
    real, calls = remediation.FIXES[FIX], list[str]()

    def put(aws: Aws, bucket: str, state: object) -> None:
        calls.append(bucket)
        if len(calls) > allowed:
            raise BucketError(f"{bucket}: status 503", 503)
        real.put(aws, bucket, state)

    monkeypatch.setattr(remediation, "FIXES", {**remediation.FIXES, FIX: replace(real, put=put)})


def agreed(world: World, opal: Person, otto: Person) -> None:
    asked(opal, BUCKETS, "compliance.fix", reason="Nobody meant these to be open")
    guarded(world)
    press(otto.slash("compliance workflows"), "compliance.agree")


def test_a_fix_that_finds_nothing_to_change_ends_before_anybody_could_agree(
    world: World, opal: Person, otto: Person
) -> None:
    guarded(world)
    for bucket in WATCHED:
        set_access(world, bucket, closed=True)
    asked(opal, BUCKETS, "compliance.fix", reason="Nobody meant these to be open")
    guarded(world)
    assert flow(world)["state"] == "done"
    assert '"compliance.agree' not in str(otto.slash("compliance workflows"))
    set_access(world, "feeds", closed=False)
    guarded(world)
    assert public_access(world, "feeds") == 0, "nobody agreed to that one"


def test_a_fix_that_aws_refuses_half_way_goes_on_and_can_be_put_back_as_it_was(
    world: World, opal: Person, otto: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    guarded(world)
    agreed(world, opal, otto)
    with monkeypatch.context() as patched:
        refusing(patched, allowed=3)
        guarded(world)
        half = flow(world)
        assert (half["state"], half["step"], half["details"]["apply"]["changed"]) == ("open", "apply", WATCHED[:3])
    guarded(world)
    done = flow(world)
    assert (done["state"], done["details"]["apply"]["changed"]) == ("done", WATCHED)
    assert not any(done["details"]["apply"]["before"]["audit"].values()), "as it was before the first attempt"
    press(otto.slash("compliance control", control=BUCKETS), "compliance.back")
    guarded(world)
    press(opal.slash("compliance workflows"), "compliance.agree")
    guarded(world)
    assert {public_access(world, bucket) for bucket in WATCHED} == {0}


def test_a_fix_that_never_worked_in_its_time_says_what_it_left_and_can_be_put_back(
    world: World, opal: Person, otto: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    guarded(world)
    agreed(world, opal, otto)
    with monkeypatch.context() as patched:
        refusing(patched, allowed=3)
        guarded(world)
        world.cloud.skip_to(world.clock.now() + timedelta(hours=6))
        guarded(world)
    failed = flow(world)
    assert (failed["state"], failed["details"]["apply"]["changed"]) == ("failed", WATCHED[:3])
    press(otto.slash("compliance control", control=BUCKETS), "compliance.back")
    guarded(world)
    assert flow(world)["details"]["dry-run"]["would_change"] == WATCHED[:3]
    press(opal.slash("compliance workflows"), "compliance.agree")
    guarded(world)
    assert (flow(world)["state"], {public_access(world, bucket) for bucket in WATCHED}) == ("done", {0})
