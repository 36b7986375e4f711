"""Reports: valid OSCAL by NIST's schema and by a second tool, tables without formulas, pages and PDFs that say all."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import regex  # type: ignore[import-untyped]
from jsonschema import Draft7Validator
from jsonschema.validators import extend  # type: ignore[import-untyped]

from dbsbm.compliance.cases import findings, workflows
from dbsbm.compliance.cases.workflows import Asked
from dbsbm.compliance.controls import CONTROLS
from dbsbm.compliance.model import State
from dbsbm.compliance.report.content import Content, Material, content_of
from dbsbm.compliance.report.document import as_pdf
from dbsbm.compliance.report.oscal import oscal
from dbsbm.compliance.report.page import as_html
from dbsbm.compliance.report.series import Series, last_period, period_of
from dbsbm.compliance.report.tables import as_csv
from dbsbm.compliance.store.model import Kind, Result, Run
from tests.unit.compliance.data_cases import AT

SCHEMA = Path(__file__).parents[2] / "data/oscal_assessment-results_schema_1.2.1.json"
STATES = list(State)


def content(series: Series = Series.MONTHLY) -> Content:
    """Every state, a finding, an exception with a reason that a spreadsheet would run."""
    results = {
        name: Result(name, STATES[place % 5], f"=SUM(A1) seen {place}", hashlib.sha256(name.encode()).hexdigest())
        for place, name in enumerate(CONTROLS)
    }
    counts = {state: sum(each.state is state for each in results.values()) for state in State}
    run = Run(7, AT, counts, 700, "ab" * 32, 0)
    histories = {name: [result.state, State.NOT_SATISFIED] for name, result in results.items()}
    asked = Asked(Kind.EXCEPTION, "log-history", "opal", "<b>costs</b> more than it gives", 30)
    material = Material(
        run,
        results,
        histories,
        [findings.opened(3, "log-history", AT)],
        [workflows.begun(4, asked, AT)],
    )
    return content_of(material, "prod", series, period_of(series, AT), 2, AT)


@cache
def validator() -> Any:
    """NIST's schema writes its patterns with Unicode classes, which Python's own expressions do not know."""

    def pattern(_validator: Any, wanted: str, instance: Any, _schema: Any) -> Iterator[jsonschema.ValidationError]:
        if isinstance(instance, str) and not regex.search(wanted, instance):
            yield jsonschema.ValidationError(f"{instance!r} does not match {wanted!r}")

    return extend(Draft7Validator, {"pattern": pattern})(json.loads(SCHEMA.read_text(encoding="utf-8")))


@pytest.mark.parametrize("series", list(Series))
def test_oscal_is_valid_by_the_official_schema(series: Series) -> None:
    assert [error.message for error in validator().iter_errors(json.loads(oscal(content(series))))] == []


def test_the_schema_finds_what_is_wrong() -> None:
    flaws: tuple[Mapping[str, Any], ...] = ({"uuid": "no"}, {"metadata": {}}, {"results": []}, {"import-ap": {}})
    for broken in flaws:
        document = json.loads(oscal(content()))
        document["assessment-results"] |= broken
        assert list(validator().iter_errors(document)), broken


def test_oscal_is_read_by_a_second_tool_and_says_what_we_said(tmp_path: Path) -> None:
    from trestle.oscal.assessment_results import AssessmentResults  # noqa: PLC0415 — two seconds

    (tmp_path / "results.json").write_bytes(oscal(content()))
    read: Any = AssessmentResults.oscal_read(tmp_path / "results.json")
    assert read is not None
    [result] = read.results
    lines = content().lines
    assert {finding.target.target_id for finding in result.findings or ()} == {
        line.control.control_id for line in lines
    }
    stated = {finding.target.target_id: finding.target.status.state.value for finding in result.findings or ()}
    for line in lines:
        satisfied = line.result.state is State.SATISFIED
        assert stated[line.control.control_id] == ("satisfied" if satisfied else "not-satisfied")
    observed = {str(each.uuid) for each in result.observations or ()}
    named = {str(each.observation_uuid) for f in result.findings or () for each in f.related_observations or ()}
    assert named == observed


def test_the_same_content_gives_the_same_bytes() -> None:
    assert oscal(content()) == oscal(content())
    assert as_csv(content()) == as_csv(content())
    assert as_pdf(content()) == as_pdf(content())


def test_the_table_has_every_mapping_and_what_is_not_covered_and_runs_nothing() -> None:
    made = content()
    rows = list(csv.DictReader(io.StringIO(as_csv(made).decode("utf-8-sig"))))
    keys = {coverage.framework.key for coverage in made.coverage}
    mapped = sum(each.framework in keys for line in made.lines for each in line.control.maps)
    missing = sum(len(coverage.untouched) for coverage in made.coverage)
    assert len(rows) == mapped + missing
    assert sum(row["state"] == "not covered" for row in rows) == missing
    assert not [value for row in rows for value in row.values() if value.startswith(("=", "+", "-", "@"))]


def test_the_first_page_says_coverage_and_what_no_control_touches() -> None:
    made = content()
    page = as_html(made).decode()
    first = page.partition("<h2>Findings")[0]
    for coverage in made.coverage:
        assert f"{len(coverage.touched)} of {len(coverage.framework.units)}" in first
        assert ", ".join(coverage.untouched) in first
    assert "&lt;b&gt;costs&lt;/b&gt;" in page
    assert "<script" not in page
    assert not re.search(r"(src|href)=", page)


def words_of(made: Content) -> Mapping[str, str]:
    spoken = json.dumps(json.loads(oscal(made)), ensure_ascii=False)
    return {"html": as_html(made).decode(), "csv": as_csv(made).decode(), "oscal": spoken}


@pytest.mark.parametrize("series", list(Series))
def test_no_report_says_that_anything_is_met(series: Series) -> None:
    for name, text in words_of(content(series)).items():
        assert not re.search(r"complian(t|ce with)|certified|guarantee", text, re.IGNORECASE), name


def test_the_pdf_is_whole_and_numbered() -> None:
    made = as_pdf(content())
    assert made.startswith(b"%PDF-")
    assert made.rstrip().endswith(b"%%EOF")
    pages = len(re.findall(rb"/Type /Page\b", made))
    assert 3 <= pages <= 30
    assert len(made) < 400_000


def test_periods_follow_each_other_over_the_year() -> None:
    january = datetime(2027, 1, 3, tzinfo=UTC)
    assert [last_period(series, january).name for series in Series] == ["2026-12", "2026-Q4", "2026"]
    assert last_period(Series.QUARTERLY, AT).name == "2026-Q3"
    for series in Series:
        period = period_of(series, AT)
        assert period.since <= AT < period.until
        assert period_of(series, period.until).since == period.until
