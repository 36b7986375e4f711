"""Exceptions and fixes on their way: what they change, who hears of them, and what becomes of those that go wrong."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from dbsbm.compliance import remediation
from dbsbm.compliance.cases import workflows
from dbsbm.compliance.cases.repository import WorkflowRepository
from dbsbm.compliance.cases.workflows import Asked
from dbsbm.compliance.controls import CONTROLS
from dbsbm.compliance.judging import BLOCKS
from dbsbm.compliance.store.model import Kind, Workflow
from dbsbm.core.bucket import Aws, BucketError
from dbsbm.core.http import HttpRequest
from dbsbm.database.session import Session
from dbsbm.discord import components
from local.cloud.aws import headers
from local.discord_simulator import Person
from tests.e2e.test_compliance import (
    BUCKETS,
    NAMES,
    WATCHED,
    asked,
    guarded,
    messages,
    opal,
    otto,
    public_access,
    world,
)
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


def heard(world: World, person: Person, *words: str) -> int:
    """How many messages to somebody have all these words."""
    return sum(all(word in each for word in words) for each in messages(world, person))


def test_whoever_has_to_agree_hears_of_it_and_everybody_how_it_ended(world: World, opal: Person, otto: Person) -> None:
    guarded(world)
    asked(opal, BUCKETS, "compliance.except", reason="Moved next month", days="2")
    world.cloud.run_until_idle()
    assert heard(world, otto, f"Exception for `{BUCKETS}`", "Moved next month", "Another operator has to agree") == 1
    assert heard(world, opal, "Moved next month") == 0, "whoever asked knows"
    press(otto.slash("compliance workflows"), "compliance.agree")
    world.cloud.run_until_idle()
    assert heard(world, opal, "Moved next month", "standing, holds until") == 1
    world.cloud.skip_to(world.clock.now() + timedelta(days=2))
    guarded(world)
    assert [heard(world, each, f"Exception for `{BUCKETS}` · over") for each in (opal, otto)] == [1, 1]
    asked(otto, BUCKETS, "compliance.except", reason="Once more", days="2")
    press(opal.slash("compliance workflows"), "compliance.refuse")
    world.cloud.run_until_idle()
    assert heard(world, otto, "Once more", "`opal` refused.") == 1
    asked(otto, BUCKETS, "compliance.except", reason="Please", days="2")
    world.cloud.skip_to(world.clock.now() + timedelta(hours=73))
    guarded(world)
    assert [heard(world, each, "Please", "Nobody agreed in time.") for each in (opal, otto)] == [1, 1]


def test_a_fix_tells_how_it_went_and_why_not(
    world: World, opal: Person, otto: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    guarded(world)
    agreed(world, opal, otto)
    assert heard(world, otto, "would change: `", "has to agree") == 1
    with monkeypatch.context() as patched:
        refusing(patched, allowed=1)
        guarded(world)
        assert "It did not work: `invoke" in opal.slash("compliance workflows").text
        world.cloud.skip_to(world.clock.now() + timedelta(hours=6))
        guarded(world)
    ended = opal.slash("compliance workflows").text
    assert "No exception or fix waits or stands" in ended
    seen = (f"Fix for `{BUCKETS}` · failed", f"Changed: `{WATCHED[0]}`", "It did not work: `invoke")
    assert all(words in ended for words in seen)
    assert [heard(world, each, *seen) for each in (opal, otto)] == [1, 1]
    press(otto.slash("compliance control", control=BUCKETS), "compliance.back")
    guarded(world)
    assert heard(world, opal, "Putting back a fix", "has to agree") == 1
    press(opal.slash("compliance workflows"), "compliance.agree")
    guarded(world)
    assert [heard(world, each, "Putting back a fix", "· done") for each in (opal, otto)] == [1, 1]


def test_workflows_with_long_reasons_are_listed_line_by_line_as_far_as_there_is_room(
    world: World, opal: Person, otto: Person
) -> None:
    guarded(world)
    for number, control in enumerate(list(CONTROLS)[:14]):
        flow = workflows.begun(number + 1, Asked(Kind.EXCEPTION, control, "opal", "x" * 400, 30), world.clock.now())
        over = workflows.decided(flow, "otto", world.clock.now(), agreed=False)
        world.database.run(partial(put_all, flows=[flow, replace(over, workflow_id=100 + number)]))
    for case in range(4):
        opal.slash("compliance reveal", case=f"{case}" * 40, dataset="d" * 40, pseudonym="p" * 32)
    shown = otto.slash("compliance workflows")
    assert "14 exceptions and fixes" in shown.text
    assert "… and " in shown.text
    assert len(shown.text) <= 4000
    for line in shown.text.splitlines():
        assert "xxx" not in line or line.endswith("x`"), "no line is cut"
    press(shown, "compliance.refuse")
    assert "13 exceptions and fixes" in otto.slash("compliance workflows").text


def test_an_alert_of_many_findings_is_cut_between_lines_and_says_where_to_look(
    world: World, opal: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(components, "TEXT_MAX", 400)
    guarded(world)
    [told] = [json.loads(each)["components"][0]["content"] for each in messages(world, opal)]
    first, *lines, more, hint = told.splitlines()
    assert len(told) <= 400
    assert ("new findings" in first, more.startswith("… and "), "`/compliance findings`" in hint) == (True, True, True)
    assert lines
    assert all(each.endswith("level 0") for each in lines)


def put_all(session: Session, flows: Sequence[Workflow]) -> None:
    for each in flows:
        WorkflowRepository(session).put(each)
