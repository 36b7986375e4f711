"""What the job that keeps the controls notes and tells when something fails in the midst of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dbsbm.core.bucket import Bucket, BucketError
from dbsbm.outbox.repository import OutboxRepository
from local.cloud.errors import FunctionError
from local.discord_simulator import Person
from tests.e2e.test_compliance import BUCKETS, asked, finding, guarded, messages, opal, otto, world
from tests.e2e.tour import press
from tests.e2e.world import World, after

__all__ = ["opal", "otto", "world"]
pytestmark = pytest.mark.slow


def refusing(monkeypatch: pytest.MonkeyPatch, prefix: str) -> None:
    """S3 takes no object whose key begins so."""
    real = Bucket.put

    def put(self: Bucket, key: str, *args: Any, **more: Any) -> Any:
        if key.startswith(prefix):
            raise BucketError(f"{key}: status 503", 503)
        return real(self, key, *args, **more)

    monkeypatch.setattr(Bucket, "put", put)


def dying(monkeypatch: pytest.MonkeyPatch) -> None:
    """The function ends before a message is written."""

    def enqueue(*_: object) -> None:
        raise RuntimeError("gone")

    monkeypatch.setattr(OutboxRepository, "enqueue", enqueue)


def reports(world: World) -> list[str]:
    rows = world.rows("SELECT series, version FROM compliance_reports ORDER BY report_id")
    return [f"{row['series']} v{row['version']}" for row in rows]


def told(world: World, person: Person, words: str) -> int:
    return sum(words in each for each in messages(world, person))


def test_a_report_that_cannot_be_made_keeps_no_other_from_whoever_wants_it(
    world: World, opal: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    for series in ("monthly", "quarterly"):
        opal.slash("report receive", series=series, wanted=True)
    guarded(world)
    world.cloud.skip_to(world.clock.now().replace(month=10, day=2))
    for failing, made in (("reports/monthly", "quarterly"), ("reports/nothing", "monthly")):
        with monkeypatch.context() as patched:
            refusing(patched, failing)
            if made == "quarterly":
                with pytest.raises(FunctionError, match="BucketError"):
                    guarded(world)
                world.cloud.run_until_idle()
            else:
                assert guarded(world)["reports"] == 1
        assert told(world, opal, f"`{made} 2026-") == 1
    assert reports(world) == ["quarterly v1", "monthly v1"]


def test_neither_a_report_nor_a_finding_is_noted_without_its_message(
    world: World, opal: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    opal.slash("report receive", series="monthly", wanted=True)
    with monkeypatch.context() as patched:
        dying(patched)
        with pytest.raises(FunctionError):
            guarded(world)
    assert not world.rows("SELECT 1 FROM compliance_findings")
    guarded(world)
    assert told(world, opal, "new findings") == 1
    world.cloud.skip_to(world.clock.now().replace(month=10, day=2))
    with monkeypatch.context() as patched:
        dying(patched)
        with pytest.raises(FunctionError):
            guarded(world)
    assert (reports(world), finding(world, BUCKETS)["level"]) == (["quarterly v1"], 0)
    guarded(world)
    assert (reports(world), told(world, opal, "new report")) == (["quarterly v1", "monthly v1"], 1)
    assert told(world, opal, "findings are overdue") == 1


def test_evidence_that_cannot_be_kept_stops_neither_workflows_nor_findings_nor_reports(
    world: World, opal: Person, otto: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    opal.slash("report receive", series="monthly", wanted=True)
    guarded(world)
    asked(opal, BUCKETS, "compliance.fix", reason="Nobody meant these to be open")
    world.cloud.skip_to(world.clock.now().replace(month=10, day=2))
    asked(opal, "live-buckets-versioned", "compliance.fix", reason="Nor this")
    refusing(monkeypatch, "evidence/")
    with pytest.raises(FunctionError, match="BucketError"):
        guarded(world)
    world.cloud.run_until_idle()
    assert told(world, otto, "Another operator has to agree") == 1
    assert told(world, otto, "findings are overdue") == 1
    assert told(world, opal, "`monthly 2026-09 v1`") == 1


def test_an_exception_that_ends_while_another_stands_alarms_nobody(world: World, opal: Person, otto: Person) -> None:
    guarded(world)
    for reason, days in (("Until the move", "2"), ("The move is late", "30")):
        asked(opal, BUCKETS, "compliance.except", reason=reason, days=days)
        press(otto.slash("compliance workflows"), "compliance.agree")
        after(world, hours=30)
        guarded(world)
    states = [row["state"] for row in world.rows("SELECT state FROM compliance_workflows ORDER BY workflow_id")]
    assert states == ["expired", "standing"]
    assert (finding(world, BUCKETS)["state"], finding(world, BUCKETS)["level"]) == ("excepted", 0)
    assert not any("overdue" in each and BUCKETS in each for each in messages(world, otto))
    world.cloud.skip_to(world.clock.now() + timedelta(days=31))
    guarded(world)
    assert finding(world, BUCKETS)["state"] == "open"
