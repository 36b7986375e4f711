"""Every control: satisfied, not satisfied and not applicable by evidence of each kind, and not tested without any."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dbsbm.backup import model, store
from dbsbm.compliance.attested import Said
from dbsbm.compliance.controls import CONTROLS
from dbsbm.compliance.evidence import live
from dbsbm.compliance.evidence.cards import holds_card_number
from dbsbm.compliance.frameworks import FRAMEWORKS
from dbsbm.compliance.model import Evidence, Source, State, Verdict, judge
from tests.unit.compliance import data_cases, template_cases
from tests.unit.compliance.data_cases import AT, ago

NIST = Path(__file__).parents[2] / "data/nist_800_53_rev5_high_privacy.txt"

_INVENTORY = {"inventory": "ab" * 32}


def _stated(said: Said) -> Mapping[str, Any]:
    return {"said": said.value, "text": "seen in the settings", "by": "opal", "at": ago(days=3), **_INVENTORY}


def triples() -> Iterator[tuple[str, State, Mapping[str, Any]]]:
    for control, (right, wrong) in template_cases.CASES.items():
        yield control, State.SATISFIED, {"data": right}
        yield control, State.NOT_SATISFIED, {"data": wrong, "functions": {}}
        yield control, State.NOT_APPLICABLE, {"data": template_cases.one("AWS::SNS::Topic")}
    for control, case in data_cases.CASES.items():
        states = (State.SATISFIED, State.NOT_SATISFIED, State.NOT_APPLICABLE)
        yield from ((control, state, content) for state, content in zip(states, case, strict=True))
    for control in (each.control_id for each in CONTROLS.values() if each.source is Source.PERSON):
        yield control, State.SATISFIED, {control: _stated(Said.AS_EXPECTED), **_INVENTORY}
        yield control, State.NOT_SATISFIED, {control: _stated(Said.NOT_AS_EXPECTED)}
        yield control, State.NOT_APPLICABLE, {control: _stated(Said.DOES_NOT_APPLY)}


def judged(control: str, content: Mapping[str, Any] | None) -> State:
    return judge(CONTROLS[control], Evidence("x", AT, content, "no answer")).state


@pytest.mark.parametrize(("control", "state", "content"), list(triples()))
def test_a_control_says_what_its_evidence_shows(control: str, state: State, content: Mapping[str, Any]) -> None:
    assert judged(control, content) is state


@pytest.mark.parametrize(("control", "resources"), template_cases.MISSING)
def test_what_is_without_its_protection_is_never_not_applicable(control: str, resources: Mapping[str, Any]) -> None:
    assert judged(control, {"data": resources}) is State.NOT_SATISFIED


@pytest.mark.parametrize(("control", "within"), [("backups-fresh", {"hours": 26}), ("backups-verified", {"days": 8})])
def test_no_backup_at_all_is_a_fault_once_there_was_time_for_one(control: str, within: Mapping[str, int]) -> None:
    since = AT - timedelta(**within)
    assert judged(control, {"backups": 0, "since": since.isoformat()}) is State.NOT_APPLICABLE
    assert judged(control, {"backups": 0, "since": (since - timedelta(seconds=1)).isoformat()}) is State.NOT_SATISFIED
    assert judged(control, {"backups": 0, "since": None}) is State.NOT_APPLICABLE


def test_every_control_has_its_three_cases(figure: Callable[[str], None]) -> None:
    seen = {(control, state) for control, state, _ in triples()}
    three = (State.SATISFIED, State.NOT_SATISFIED, State.NOT_APPLICABLE)
    assert {(control, state) for control in CONTROLS for state in three} == seen
    assert len(CONTROLS) >= 36
    figure(f"{len(CONTROLS)} controls, each with a case that passes, one that fails and one that does not apply")


@pytest.mark.parametrize("control", list(CONTROLS))
def test_without_evidence_or_with_another_shape_nothing_passes(control: str) -> None:
    assert judged(control, None) is State.NOT_TESTED
    shapes: tuple[Mapping[str, Any], ...] = ({"data": {"X": {}}}, {"data": None}, {control: 7}, {"oldest": 1})
    for strange in shapes:
        assert judged(control, strange) is not State.SATISFIED


@pytest.mark.parametrize("error", [IndexError, KeyError, ZeroDivisionError, OverflowError, UnicodeError])
def test_evidence_that_a_control_falls_over_is_not_tested(error: type[Exception]) -> None:
    def falls(_content: Mapping[str, Any], _at: object) -> Verdict:
        raise error

    control = replace(CONTROLS["audit-sealed"], evaluate=falls)
    assert judge(control, Evidence("x", AT, {})).state is State.NOT_TESTED


def test_what_is_published_has_an_hour_to_be_signed() -> None:
    behind = data_cases._audit(signed=8)
    assert judged("audit-signed", {**behind, "unsigned_since": ago(minutes=59)}) is State.SATISFIED
    assert judged("audit-signed", {**behind, "unsigned_since": ago(minutes=60)}) is State.NOT_SATISFIED


def test_a_release_that_takes_all_traffic_at_once_does_not_shift() -> None:
    at_once = template_cases._shift(True, "CodeDeployDefault.LambdaAllAtOnce")
    assert judged("releases-go-back", {"data": at_once}) is State.NOT_SATISFIED


def test_a_statement_holds_for_its_time_alone() -> None:
    old = {"said": "as-expected", "text": "x", "by": "opal", "at": (AT - timedelta(days=91)).isoformat()}
    assert judged("incident-drill", {"incident-drill": old}) is State.MANUAL
    assert judged("incident-drill", {}) is State.MANUAL


def test_an_impact_assessment_is_signed_for_the_inventory_of_then_alone() -> None:
    signed = {"impact-assessment-signed": _stated(Said.AS_EXPECTED)}
    assert judged("impact-assessment-signed", {**signed, **_INVENTORY}) is State.SATISFIED
    assert judged("impact-assessment-signed", {**signed, "inventory": "cd" * 32}) is State.NOT_SATISFIED
    before = {name: value for name, value in signed["impact-assessment-signed"].items() if name != "inventory"}
    assert judged("impact-assessment-signed", {"impact-assessment-signed": before}) is State.SATISFIED


def test_a_log_is_checked_by_a_whole_round_of_these_days_alone() -> None:
    audit, _, _ = data_cases.CASES["audit-checked"]
    assert judged("audit-checked", {**audit, "checked_since": ago(days=8)}) is State.SATISFIED
    assert judged("audit-checked", {**audit, "checked_since": ago(days=10)}) is State.NOT_SATISFIED
    assert judged("audit-checked", {**audit, "checked_since": None}) is State.NOT_SATISFIED
    before = {name: value for name, value in audit.items() if name != "checked_since"}
    assert judged("audit-checked", before) is State.NOT_SATISFIED


def test_every_mapping_names_a_requirement_there_is() -> None:
    nist = {*NIST.read_text().split(), *FRAMEWORKS["nist"].beyond}
    for control in CONTROLS.values():
        assert control.maps, control.control_id
        for each in control.maps:
            assert FRAMEWORKS[each.framework].unit_of(each.requirement)
            assert each.framework != "nist" or each.requirement in nist, each.requirement
    assert {each.framework for control in CONTROLS.values() for each in control.maps} == set(FRAMEWORKS)


def test_the_parts_of_the_frameworks_are_as_many_as_their_publishers_name() -> None:
    counted = {key: len(framework.units) for key, framework in FRAMEWORKS.items()}
    assert counted["iso"] == 93
    assert counted["soc2"] == 61
    assert FRAMEWORKS["nist"].units == tuple(NIST.read_text().split())
    assert counted["nist"] == 423
    assert counted["pci"] == 63
    assert all(len(set(framework.units)) == len(framework.units) for framework in FRAMEWORKS.values())
    with pytest.raises(ValueError, match="has no"):
        FRAMEWORKS["iso"].unit_of("A.5.38")


def test_what_is_printed_never_claims_that_a_law_is_met() -> None:
    said = " ".join(f"{each.title} {each.expected}" for each in CONTROLS.values()).lower()
    assert "compliant" not in said
    assert "certified" not in said


def test_backups_are_looked_for_where_they_are_written() -> None:
    assert live.NAME == model.NAME
    assert store._manifest("x", 0) == f"{live.MANIFESTS}x.json"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("paid with 4111 1111 1111 1111, thanks", True),
        ("4111-1111-1111-1111", True),
        ("378282246310005", True),
        ("4111 1111 1111 1112", False),
        ("user 123456789012345678 said +110 -105 2u", False),
        ("1234 5678 9012 3456", False),
        ("", False),
    ],
)
def test_card_numbers_are_told_from_other_numbers(text: str, found: bool) -> None:
    assert holds_card_number(text) is found
