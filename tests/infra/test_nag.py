"""cdk-nag: nothing unexplained in any stage, and each explanation covers its construct alone."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from infra.cdk.acknowledgements import ACKNOWLEDGEMENTS
from infra.cdk.nag import Finding, findings
from tests.infra.conftest import Assembly

pytestmark = pytest.mark.xdist_group("synth")


@pytest.fixture(scope="module")
def found(assembly: Assembly) -> list[Finding]:
    return list(findings(assembly.out))


def test_no_finding_of_any_stage_or_variant_is_unexplained(found: list[Finding]) -> None:
    assert sorted(f for f in found if not f.reason and not f.path.startswith("sibling-")) == []


def test_an_acknowledgement_leaves_the_same_flaw_of_a_sibling_in_the_report(found: list[Finding]) -> None:
    acknowledged = {(_rule(f), f.path.removeprefix("dbsbm-prod-")) for f in found if f.path.startswith("dbsbm-prod-")}
    siblings = {(_rule(f), f.path.removeprefix("sibling-")) for f in found if f.path.startswith("sibling-")}
    assert acknowledged == siblings
    assert not [f for f in found if f.path.startswith("sibling-") and f.reason]


def test_every_acknowledgement_silences_something_at_each_of_its_constructs(found: list[Finding]) -> None:
    silenced = {(_rule(f), _below_stage(f.path)) for f in found if f.reason}
    for entry in ACKNOWLEDGEMENTS:
        for path in entry.where:
            for rule in entry.rules:
                assert (rule, path) in silenced, f"{rule} at {path} is acknowledged but not found"


def test_what_is_silenced_is_what_was_acknowledged_there_for_that_reason(found: list[Finding]) -> None:
    """Nothing below or beside an acknowledged construct is silenced with it."""
    reasons: dict[tuple[str, str], set[str]] = {}
    for entry in ACKNOWLEDGEMENTS:
        for path in entry.where:
            for rule in entry.rules:
                reasons.setdefault((rule, path), set()).add(entry.reason)
    silenced = [f for f in found if f.reason]
    assert len(silenced) > len(reasons)
    for finding in silenced:
        assert finding.reason in reasons.get((_rule(finding), _below_stage(finding.path)), set()), finding


def test_no_acknowledgement_has_expired_or_lacks_its_reason_and_owner() -> None:
    today = datetime.now(tz=UTC).date()
    for entry in ACKNOWLEDGEMENTS:
        assert entry.expires > today, f"{entry.rules}: expired on {entry.expires}, ask {entry.owner}"
        assert len(entry.reason) >= 40
        assert entry.owner


def _below_stage(path: str) -> str:
    """``dbsbm-prod-data/Network/Vpc`` → ``data/Network/Vpc``."""
    stack, rest = path.split("/", 1)
    return f"{stack.rsplit('-', 1)[1]}/{rest}"


def _rule(finding: Finding) -> str:
    """The rule's name with the stacks' names taken out."""
    rule, stack = finding.rule, finding.path.split("/")[0].rsplit("-", 1)[0]
    for part in ("data", "records", "schema", "functions", "watch", "github", "copies"):
        rule = rule.replace(f"Resource::{stack}-{part}:", f"Resource::<{part}>:")
        rule = rule.replace(f":stack/{stack}-{part}/", f":stack/<{part}>/")
    rule = re.sub(r"dbsbm-\w+-(\w+)-copy-", r"dbsbm-<stage>-\1-copy-", rule)
    return re.sub(r"deploymentgroup:dbsbm-\w+/", "deploymentgroup:dbsbm-<stage>/", rule)
