"""Reports: valid OSCAL by NIST's schema and by a second tool, tables without formulas, pages and PDFs that say all."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pypdfium2  # type: ignore[import-untyped]
import pytest
import regex  # type: ignore[import-untyped]
from jsonschema import Draft7Validator
from jsonschema.validators import extend  # type: ignore[import-untyped]

from dbsbm.compliance.cases import findings, workflows
from dbsbm.compliance.cases.workflows import Asked
from dbsbm.compliance.controls import CONTROLS
from dbsbm.compliance.model import Source, State
from dbsbm.compliance.report.content import Content, Material, content_of
from dbsbm.compliance.report.document import as_pdf
from dbsbm.compliance.report.oscal import oscal
from dbsbm.compliance.report.page import as_html
from dbsbm.compliance.report.series import Series, last_period, period_of
from dbsbm.compliance.report.tables import as_csv
from dbsbm.compliance.store.model import FindingState, Kind, Result, Run, Step, WorkflowState
from tests.unit.compliance.data_cases import AT

SCHEMA = Path(__file__).parents[2] / "data/oscal_assessment-results_schema_1.2.1.json"
STATES = list(State)
EVIDENCE = {each.evidence for each in CONTROLS.values()}


def content(series: Series = Series.MONTHLY) -> Content:
    """Every state, findings that stand and one that was closed, an exception with a reason that a browser would run,
    a fix that failed, reasons in letters that the report's own font has not."""
    results = {
        name: Result(name, STATES[place % 5], f"=SUM(A1) seen {place}", hashlib.sha256(name.encode()).hexdigest())
        for place, name in enumerate(CONTROLS)
    }
    counts = {state: sum(each.state is state for each in results.values()) for state in State}
    run = Run(7, AT, counts, 700, "ab" * 32, 0)
    histories = {name: [result.state, State.NOT_SATISFIED] for name, result in results.items()}
    asked = Asked(Kind.EXCEPTION, "log-history", "opal", "<b>costs</b> more than it gives", 30)
    fix = Asked(Kind.FIX, "keys-rotate", "otto", "Moved next month ✅ 日本語 한국어 \u1234 end")
    mended = findings.opened(5, "audit-sealed", AT - timedelta(days=9))
    material = Material(
        run,
        {name: AT + timedelta(seconds=41) for name in EVIDENCE - {"audit"}},
        results,
        histories,
        [
            replace(mended, state=FindingState.CLOSED, closed_at=AT - timedelta(days=8)),
            findings.opened(3, "log-history", AT - timedelta(days=85)),
            replace(findings.opened(4, "lock-mode", AT - timedelta(days=86)), level=2),
            findings.opened(6, "database-encrypted", AT),
        ],
        [
            replace(workflows.begun(4, asked, AT), state=WorkflowState.STANDING, step=Step.STAND),
            workflows.failed(workflows.begun(7, fix, AT), "bucket: status 503", AT),
        ],
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


@pytest.mark.parametrize("series", list(Series))
def test_the_first_page_says_coverage_and_what_no_control_touches(series: Series) -> None:
    made = content(series)
    page = as_html(made).decode()
    for first in (plain(page.partition("<h2>Findings")[0].encode()), pages(series)[0]):
        for coverage in made.coverage:
            assert f"{len(coverage.touched)} of {len(coverage.framework.units)}" in first
            assert f"{coverage.by_machine} of {len(coverage.touched)}" in first
            assert all(line in first for line in coverage.missing)
    assert "<script" not in page
    assert "<b>costs" not in page
    assert not re.search(r"(src|href)=", page)


@cache
def pages(series: Series = Series.MONTHLY) -> tuple[str, ...]:
    """What a reader of the PDF sees, page by page, line breaks made spaces."""
    read = pypdfium2.PdfDocument(as_pdf(content(series)))
    return tuple(" ".join(page.get_textpage().get_text_range().replace("\ufffe", "-").split()) for page in read)


def plain(page: bytes) -> str:
    """What a reader of the page sees."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.decode())).split())


@pytest.mark.parametrize("form", ["pdf", "html"])
def test_a_reader_sees_the_period_what_came_and_went_in_it_and_when_it_was_looked_at(form: str) -> None:
    text = " ".join(pages()) if form == "pdf" else plain(as_html(content()))
    assert (
        "Period: 2026-11-01 to 2026-11-30 (UTC) (not over when this was made), runs of all controls in it: 2." in text
    )
    assert "Findings opened in the period: 2; closed: 1; standing when this was made: 3." in text
    order = [
        text.index(f"{name} {rest}")
        for name, rest in (
            ("database-encrypted", "critical 0 open"),
            ("lock-mode", "low 2 open"),
            ("log-history", "low 0 open"),
            ("audit-sealed", "critical 0 closed 2026-11-13 2026-11-14 12:00 2026-11-14"),
        )
    ]
    assert order == sorted(order)
    assert "exception log-history holds opal, 2026-11-22 <b>costs</b> more than it gives 2026-12-22" in text
    assert "fix keys-rotate failed: bucket: status 503 otto, 2026-11-22" in text
    assert "template, collected 2026-11-22 12:00:41 UTC" in text
    assert "data; the run's document, which says when it was collected, is not as it was" in text


def test_nothing_that_somebody_wrote_vanishes_from_the_pdf() -> None:
    assert "Moved next month ✅ 日本語 한국어 □ end" in " ".join(pages())


@pytest.mark.parametrize("form", ["pdf", "html"])
def test_each_requirement_stands_with_all_its_controls_and_their_states(form: str) -> None:
    made, text = content(), " ".join(pages()) if form == "pdf" else plain(as_html(content()))
    states = {line.control.control_id: line.result.state for line in made.lines}
    rows = 0
    for coverage in made.coverage:
        for each in made.required(coverage.framework):
            for line, strength in each.controls:
                control = line.control.control_id
                assert f"{control} {strength} {states[control]}" in text
                rows += 1
    keys = {coverage.framework.key for coverage in made.coverage}
    assert rows == sum(each.framework in keys for line in made.lines for each in line.control.maps)
    iso = [each.requirement for each in made.required(made.coverage[1].framework)]
    assert iso.index("A.5.9") < iso.index("A.5.17") < iso.index("A.8.2") < iso.index("A.8.10")


def words_of(made: Content) -> Mapping[str, str]:
    spoken = json.dumps(json.loads(oscal(made)), ensure_ascii=False)
    shown = " ".join(pages(made.series))
    return {"html": as_html(made).decode(), "csv": as_csv(made).decode(), "oscal": spoken, "pdf": shown}


@pytest.mark.parametrize("series", list(Series))
def test_no_report_says_that_anything_is_met(series: Series) -> None:
    for name, text in words_of(content(series)).items():
        assert not re.search(r"complian(t|ce with)|certified|guarantee", text, re.IGNORECASE), name


def test_coverage_counts_controls_of_the_baseline_and_what_a_machine_judges_apart() -> None:
    by_key = {each.framework.key: each for each in content(Series.MONTHLY).coverage}
    nist = by_key["nist"]
    assert (len(nist.touched) + len(nist.untouched), nist.share[:9]) == (423, f"{len(nist.touched)} of 423")
    assert "IA-5(7)" not in nist.touched
    counts = [re.match(r"[A-Z]{2}: (\d+) of (\d+)", line) for line in nist.missing]
    assert [sum(int(each[part]) for each in counts if each) for part in (1, 2)] == [len(nist.touched), 423]
    assert len(counts) == 20
    answered = {each.requirement for c in CONTROLS.values() if c.source is Source.PERSON for each in c.maps}
    judged = {each.requirement for c in CONTROLS.values() if c.source is not Source.PERSON for each in c.maps}
    for key in ("soc2", "iso"):
        alone = [unit for unit in by_key[key].touched if unit in answered - judged]
        assert alone
        assert by_key[key].by_machine == len(by_key[key].touched) - len(alone)


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
