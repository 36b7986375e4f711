"""Controls from their evidence to a report in an operator's hands, findings, exceptions and fixes by two people."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from dbsbm.compliance import watched
from dbsbm.compliance.controls import CONTROLS
from dbsbm.compliance.evidence import custody
from dbsbm.compliance.evidence.live import MANIFESTS, NAME
from dbsbm.compliance.judging import BLOCKS
from dbsbm.compliance.store.model import Report
from dbsbm.compliance.store.repository import ReportRepository
from dbsbm.core.aws import Account, Credentials
from dbsbm.core.bucket import Aws, Bucket
from dbsbm.core.http import HttpRequest
from infra.catalog import CATALOG
from local.cloud.aws import headers
from local.cloud.errors import FunctionError
from local.cloud.execution import Names
from local.discord_simulator import Person, Seen
from tests.e2e.tour import press
from tests.e2e.world import NOW, World, after, on_schedule, opened

pytestmark = pytest.mark.slow
NAMES = Names()
BUCKETS = "live-buckets-private"
WATCHED = list(watched.BUCKETS)
TEMPLATES = {
    "data": {
        "Log": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 30}},
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"SqsManagedSseEnabled": True}},
    },
    "records": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "records"}}},
    "schema": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "schema"}}},
    "functions": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "alarms"}}},
    "watch": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "watch"}}},
}


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    more = {"FLAGS_BUCKET": NAMES.of("flags")}
    with opened(database_url, more=more, catalog=on_schedule(delivery="rate(1 hour)")) as world:
        yield world.set_up()


@pytest.fixture
def opal(world: World) -> Person:
    return world.simulator.person("opal")


@pytest.fixture
def otto(world: World) -> Person:
    return world.simulator.person("otto")


def guarded(world: World, **event: Any) -> dict[str, Any]:
    done: dict[str, Any] = world.cloud.invoke("job_compliance", {"v": 1, **event})
    world.cloud.run_until_idle()
    return done


def judged(world: World, control: str) -> str:
    """What the control came to in the newest run."""
    sql = "SELECT state FROM compliance_results WHERE control = %s ORDER BY run_id DESC LIMIT 1"
    return str(world.rows(sql, control)[0]["state"])


def unjudged(world: World) -> dict[str, float]:
    """What the newest run told CloudWatch of controls that nobody could judge for two days."""
    told = [line for line in world.cloud.logs("job_compliance") if "controls_unjudged" in line]
    return {line["why"]: line["controls_unjudged"] for line in told[-2:]}


def finding(world: World, control: str) -> dict[str, Any]:
    sql = "SELECT * FROM compliance_findings WHERE control = %s ORDER BY finding_id DESC LIMIT 1"
    return dict(world.rows(sql, control)[0])


def messages(world: World, person: Person) -> list[str]:
    """What somebody was sent directly."""
    rows = world.rows(
        "SELECT target, content FROM outbox WHERE kind = 'direct.post' AND state = 'sent' ORDER BY seq, id"
    )
    return [row["content"] for row in rows if json.loads(row["target"])["user_id"] == str(person.user_id)]


def stored(world: World, key: str) -> bytes:
    answer = world.cloud.aws(HttpRequest("GET", f"http://127.0.0.1/{NAMES.of('evidence')}/{key}", headers("s3")))
    assert answer.status == 200
    return answer.body


def public_access(world: World, bucket: str) -> int:
    url = f"http://127.0.0.1/{NAMES.of(bucket)}?publicAccessBlock="
    return world.cloud.aws(HttpRequest("GET", url, headers("s3"))).body.decode().count(">true<")


def deployed(world: World) -> None:
    """Stacks of a deployment, as small as they can be."""
    for name, resources in TEMPLATES.items():
        body = {"Action": "CreateStack", "Version": "2010-05-15", "StackName": NAMES.of(name)}
        body["TemplateBody"] = json.dumps({"Resources": resources})
        sent = headers("cloudformation") | {"content-type": "application/x-www-form-urlencoded"}
        answer = world.cloud.aws(HttpRequest("POST", "http://127.0.0.1/", sent, urlencode(body).encode()))
        assert answer.status == 200, answer.body


def put(world: World, bucket: str, key: str, body: bytes) -> None:
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    sent = headers("s3") | {"x-amz-checksum-sha256": digest, "x-amz-sdk-checksum-algorithm": "SHA256"}
    url = f"http://127.0.0.1/{NAMES.of(bucket)}/{key}"
    assert world.cloud.aws(HttpRequest("PUT", url, sent, body)).status == 200


def asked(person: Person, control: str, route: str, **typed: str) -> Seen:
    return press(person.slash("compliance control", control=control), route).submit_modal(**typed)


def test_a_run_judges_every_control_and_keeps_what_it_judged_by(world: World, opal: Person) -> None:
    assert "No control has been judged yet" in opal.slash("compliance status").text
    deployed(world)
    made = world.clock.now().strftime(NAME)
    put(world, "backups", f"{MANIFESTS}{made}.json", b"{}")
    put(world, "backups", f"checks/{made}.json", json.dumps({"whole": True, "at": NOW.isoformat()}).encode())
    done = guarded(world)
    assert (judged(world, "backups-fresh"), judged(world, "backups-verified")) == ("satisfied", "satisfied")
    assert sum(done["ran"].values()) == len(CONTROLS)
    assert guarded(world)["ran"] is None
    assert (judged(world, "log-groups-bounded"), judged(world, "database-encrypted")) == (
        "not-satisfied",
        "not-applicable",
    )
    assert (judged(world, "columns-classified"), judged(world, "incident-drill")) == ("satisfied", "manual")
    [run] = world.rows("SELECT run_id, sha256 FROM compliance_runs")
    document = stored(world, f"runs/{run['run_id']}.json")
    assert hashlib.sha256(document).hexdigest() == run["sha256"]
    for row in world.rows("SELECT DISTINCT evidence FROM compliance_results WHERE evidence <> ''"):
        assert hashlib.sha256(stored(world, f"evidence/{row['evidence']}.json")).hexdigest() == row["evidence"]
    [event] = world.rows("SELECT details FROM audit_events WHERE kind = 'compliance.run'")
    assert json.loads(event["details"])["sha256"] == run["sha256"]
    assert world.cloud.invoke("job_compliance", {"v": 1, "again": str(run["run_id"])})["differ"] == []
    shown = opal.slash("compliance status")
    assert shown.private
    assert "`ISO/IEC 27001:2022, Annex A`: 37 of 93 (28 by what a machine judges), 56 not covered" in shown.text
    assert "12 manual" in shown.text


def test_evidence_that_was_changed_is_found_and_nothing_is_judged_by_it(world: World) -> None:
    guarded(world)
    [run] = world.rows("SELECT run_id FROM compliance_runs")
    sql = "SELECT evidence FROM compliance_results WHERE control = 'columns-classified'"
    key = f"evidence/{world.rows(sql)[0]['evidence']}.json"
    put(world, "evidence", key, stored(world, key).replace(b'"unclassified":[]', b'"unclassified": []'))
    with pytest.raises(FunctionError, match="evidence"):
        world.cloud.invoke("job_compliance", {"v": 1, "again": str(run["run_id"])})
    guarded(world, run=True)
    assert judged(world, "evidence-whole") == "not-satisfied"


def test_custody_that_is_broken_anywhere_is_found_when_its_turn_comes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An old run's evidence, its results, its row together with its object, and a report: all were right at first."""
    monkeypatch.setattr(custody, "TURNS", 4)
    database, now = world.database, world.clock.now()
    evidence = Bucket(
        Aws(world.cloud.aws, Account("us-east-1", Credentials("k", "s"), {"": "http://x"})), NAMES.of("evidence")
    )
    for _ in range(6):
        guarded(world, run=True)
        world.cloud.skip_to(world.clock.now() + timedelta(days=1))
    assert (judged(world, "backups-fresh"), judged(world, "backups-verified")) == ("not-satisfied", "not-applicable")
    guarded(world, report="monthly")
    turns = [now + timedelta(days=day) for day in range(6, 6 + 2 * custody.TURNS)]

    def broken() -> set[str]:
        return {each for turn in turns for each in custody.custody(database, evidence, turn)["changed"]}

    assert broken() == set()
    oldest, second, third = world.rows("SELECT run_id, sha256 FROM compliance_runs ORDER BY run_id LIMIT 3")
    [row] = world.rows(
        "SELECT DISTINCT evidence FROM compliance_results WHERE run_id = %s AND control = 'incident-drill'",
        oldest["run_id"],
    )
    kept = f"evidence/{row['evidence']}.json"
    put(world, "evidence", kept, stored(world, kept) + b" ")
    wrong = stored(world, f"runs/{second['run_id']}.json").replace(b"not-satisfied", b"satisfied")
    put(world, "evidence", f"runs/{second['run_id']}.json", wrong)
    report = json.loads(world.rows("SELECT files FROM compliance_reports")[0]["files"])["csv"]["key"]
    put(world, "evidence", report, b"nothing to see")
    with database.transaction() as session:
        session.execute(
            "UPDATE compliance_runs SET sha256 = %s WHERE run_id = %s",
            (hashlib.sha256(wrong).hexdigest(), second["run_id"]),
        )
        session.execute("UPDATE compliance_results SET state = 'satisfied' WHERE run_id = %s", (third["run_id"],))
    found = broken()
    assert {kept, report, f"run {second['run_id']}", f"results of run {third['run_id']}"} <= found


def test_an_assessment_signed_for_another_inventory_is_signed_no_more(world: World, opal: Person) -> None:
    signing = opal.slash("compliance control", control="impact-assessment-signed")
    signing.click("As expected").submit_modal(reason="Read docs/privacy.md of today")
    guarded(world)
    assert judged(world, "impact-assessment-signed") == "satisfied"
    with world.database.transaction() as session:
        session.execute("UPDATE compliance_statements SET inventory = REPEAT('ab', 32)")
    guarded(world, run=True)
    assert judged(world, "impact-assessment-signed") == "not-satisfied"


def test_a_finding_tells_operators_climbs_while_it_stands_and_closes_when_mended(
    world: World, opal: Person, otto: Person
) -> None:
    guarded(world)
    assert finding(world, BUCKETS)["state"] == "open"
    assert "new findings" in messages(world, opal)[-1]
    assert "`live-buckets-private` · critical" in opal.slash("compliance findings").text
    before = len(messages(world, otto))
    after(world, hours=12, minutes=5)
    assert guarded(world)["climbed"] == 1
    assert "Half of the time" in messages(world, opal)[-1]
    assert len(messages(world, otto)) == before
    after(world, hours=12)
    guarded(world)
    assert "overdue" in messages(world, otto)[-1]
    assert finding(world, BUCKETS)["level"] == 2
    for bucket in WATCHED:
        told = "".join(f"<{name}>true</{name}>" for name in BLOCKS)
        body = f"<PublicAccessBlockConfiguration>{told}</PublicAccessBlockConfiguration>".encode()
        url = f"http://127.0.0.1/{NAMES.of(bucket)}?publicAccessBlock="
        world.cloud.aws(HttpRequest("PUT", url, headers("s3"), body))
    guarded(world, run=True)
    assert (judged(world, BUCKETS), finding(world, BUCKETS)["state"]) == ("satisfied", "closed")
    kinds = world.rows("SELECT COUNT(*) AS n FROM audit_events WHERE kind = 'compliance.finding'")
    assert kinds[0]["n"] >= 4


def test_a_fix_is_tried_first_agreed_to_by_another_and_can_be_put_back(
    world: World, opal: Person, otto: Person
) -> None:
    guarded(world)
    asked(opal, BUCKETS, "compliance.fix", reason="Nobody meant these to be open")
    assert "No exception" not in otto.slash("compliance workflows").text
    guarded(world)
    waiting = otto.slash("compliance workflows")
    assert f"would change: `{', '.join(WATCHED)}`" in waiting.text
    assert public_access(world, "audit") == 0
    assert "another operator has to agree" in press(opal.slash("compliance workflows"), "compliance.agree").text
    press(waiting, "compliance.agree")
    guarded(world, run=True)
    assert public_access(world, "audit") == 4
    guarded(world, run=True)
    assert judged(world, BUCKETS) == "satisfied"
    [flow] = world.rows("SELECT state, asked_by, decided_by, details FROM compliance_workflows")
    details = json.loads(flow["details"])
    assert (flow["state"], flow["asked_by"], flow["decided_by"]) == ("done", "opal", "otto")
    assert details["apply"]["before"]["audit"] != details["apply"]["after"]["audit"]
    press(otto.slash("compliance control", control=BUCKETS), "compliance.back")
    guarded(world)
    press(opal.slash("compliance workflows"), "compliance.agree")
    guarded(world)
    assert public_access(world, "audit") == 0
    assert judged(world, "two-people") == "satisfied"


def test_a_fix_nobody_agrees_to_ends_by_itself(world: World, opal: Person) -> None:
    guarded(world)
    asked(opal, "live-buckets-versioned", "compliance.fix", reason="Versions were forgotten")
    guarded(world)
    after(world, hours=73)
    guarded(world)
    [flow] = world.rows("SELECT state, decided_by FROM compliance_workflows")
    assert (flow["state"], flow["decided_by"]) == ("rejected", "")


def test_an_exception_stops_the_clock_until_it_ends(world: World, opal: Person, otto: Person) -> None:
    guarded(world)
    wrong = asked(opal, BUCKETS, "compliance.except", reason="Moved next month", days="95")
    assert "is not a number of days" in wrong.text
    asked(opal, BUCKETS, "compliance.except", reason="Moved next month", days="30")
    press(otto.slash("compliance workflows"), "compliance.agree")
    assert finding(world, BUCKETS)["state"] == "excepted"
    after(world, days=3)
    guarded(world)
    assert (finding(world, BUCKETS)["state"], finding(world, BUCKETS)["level"]) == ("excepted", 0)
    assert judged(world, "exceptions-end") == "satisfied"
    world.cloud.skip_to(world.clock.now() + timedelta(days=28))
    guarded(world)
    assert finding(world, BUCKETS)["state"] == "open"
    assert finding(world, BUCKETS)["level"] == 4
    assert world.rows("SELECT state FROM compliance_workflows")[0]["state"] == "expired"


def test_what_a_person_states_is_judged_until_its_time_is_over(world: World, opal: Person) -> None:
    guarded(world)
    shown = opal.slash("compliance control", control="deployments-approved")
    noted = shown.click("As expected").submit_modal(reason="Two reviewers on the environment, seen 2026-09-13")
    assert "The next run judges by it" in noted.text
    guarded(world, run=True)
    assert judged(world, "deployments-approved") == "satisfied"
    world.cloud.skip_to(world.clock.now() + timedelta(days=91))
    guarded(world, run=True)
    assert judged(world, "deployments-approved") == "manual"
    assert unjudged(world)["lapsed"] == 0
    world.cloud.skip_to(world.clock.now() + timedelta(days=2, hours=1))
    guarded(world)
    assert unjudged(world)["lapsed"] == 1


def test_reports_come_when_a_period_is_over_and_go_to_who_wants_them(world: World, opal: Person, otto: Person) -> None:
    opal.slash("report receive", series="monthly", wanted=True)
    guarded(world)
    assert guarded(world, report="monthly")["reports"] == 1
    world.cloud.skip_to(world.clock.now().replace(month=10, day=2))
    assert guarded(world)["reports"] == 2
    listed = opal.slash("report list").text
    assert "monthly 2026-09 v2" in listed
    assert "quarterly 2026-Q3 v1" in listed
    assert "older ones" not in listed
    assert guarded(world)["reports"] == 0
    assert sum("new report" in each for each in messages(world, opal)) == 2
    assert not any("new report" in each for each in messages(world, otto))
    chosen = opal.autocomplete("report get", "report", "quarterly")[0].value
    for name, beginning in (("pdf", b"%PDF-"), ("html", b"<!doctype html>"), ("csv", b"\xef\xbb\xbf")):
        given = world.settled(otto.slash("report get", report=chosen, format=name))
        assert given.private
        [file] = given.images
        assert file.data.startswith(beginning)
        assert name != "html" or b", collected 2026-09-" in file.data
    [row] = world.rows("SELECT files FROM compliance_reports WHERE series = 'quarterly'")
    kept = json.loads(row["files"])["oscal"]
    assert hashlib.sha256(stored(world, kept["key"])).hexdigest() == kept["sha256"]


def test_a_report_from_a_run_whose_document_was_changed_says_so(world: World) -> None:
    guarded(world)
    [run] = world.rows("SELECT run_id FROM compliance_runs")
    put(world, "evidence", f"runs/{run['run_id']}.json", b"{}")
    assert guarded(world, report="monthly")["reports"] == 1
    [row] = world.rows("SELECT files FROM compliance_reports")
    page = stored(world, json.loads(row["files"])["html"]["key"]).decode()
    assert "which says when it was collected, is not as it was" in page
    assert ", collected 2026" not in page


def test_a_report_however_old_is_found_by_a_part_of_its_name(world: World, opal: Person) -> None:
    file = {"sha256": "ab" * 32, "key": "reports/x", "bytes": 1}
    with world.database.transaction() as session:
        for number in range(1, 31):
            ReportRepository(session).add(Report(number, "monthly", "2026-08", number, NOW, 1, {"oscal": file}))
    assert [each.name for each in opal.autocomplete("report get", "report", "2026-08 v1")][-1] == "monthly 2026-08 v1"
    assert [each.name for each in opal.autocomplete("report get", "report", "Monthly 2026-08 v3 ")][-1].endswith(" v3")
    assert len(opal.autocomplete("report get", "report", "")) == 25
    assert "There are older ones" in opal.slash("report list").text


def test_what_was_published_and_is_not_signed_has_an_hour(world: World) -> None:
    world.cloud.invoke("job_audit_sequence", {})
    with world.database.transaction() as session:
        session.execute("DELETE FROM audit_checkpoints")
    guarded(world, run=True)
    assert judged(world, "audit-signed") == "satisfied"
    after(world, hours=1, minutes=1)
    guarded(world, run=True)
    assert judged(world, "audit-signed") == "not-satisfied"


def test_every_bucket_of_the_catalog_is_looked_at() -> None:
    assert set(watched.BUCKETS) == {bucket.name for bucket in CATALOG.buckets}


def test_nobody_but_operators_learns_anything(world: World) -> None:
    guarded(world)
    for person in (world.olga.in_direct(), world.bob.in_direct()):
        assert "Only operators" in person.slash("report list").text
        assert person.autocomplete("compliance control", "control", "live") == []


def test_the_function_that_sets_buckets_does_what_is_on_the_list_alone(world: World) -> None:
    with pytest.raises(FunctionError, match="fix"):
        world.cloud.invoke("job_remedy", {"v": 1, "fix": "s3.delete", "apply": True})
    with pytest.raises(FunctionError, match="fix"):
        world.cloud.invoke("job_remedy", {"v": 1, "fix": "s3.versioning", "only": ["somebody-elses"], "apply": True})
    tried = world.cloud.invoke("job_remedy", {"v": 1, "fix": "s3.versioning"})
    assert tried["applied"] is False
    assert set(tried["would_change"]) == {each.name for each in CATALOG.buckets if not each.locked_days}
    done = world.cloud.invoke("job_remedy", {"v": 1, "fix": "s3.versioning", "apply": True})
    assert done["after"] == dict.fromkeys(done["before"], "Enabled")
    assert world.cloud.invoke("job_remedy", {"v": 1, "fix": "s3.versioning", "apply": True})["changed"] == []


def test_a_source_that_cannot_be_read_stops_no_other_and_calls_somebody_after_two_days(world: World) -> None:
    put(world, "backups", f"{MANIFESTS}notes.json", b"{}")
    assert sum(guarded(world)["ran"].values()) == len(CONTROLS)
    [row] = world.rows("SELECT state, observed FROM compliance_results WHERE control = 'backups-fresh'")
    assert row["state"] == "not-tested"
    assert "ValueError" in row["observed"]
    assert "notes" in row["observed"]
    assert judged(world, "columns-classified") == "satisfied"
    assert unjudged(world) == {"no evidence": 0, "lapsed": 0}
    for _ in range(2):
        world.cloud.skip_to(world.clock.now() + timedelta(days=1))
        guarded(world)
    assert unjudged(world)["no evidence"] == 0
    after(world, hours=1)
    guarded(world)
    sql = "SELECT control FROM compliance_results WHERE state = 'not-tested' GROUP BY control HAVING COUNT(*) = 3"
    blind = {row["control"] for row in world.rows(sql)}
    assert {"backups-fresh", "backups-verified", "database-encrypted"} <= blind
    assert unjudged(world) == {"no evidence": len(blind), "lapsed": 0}
