"""The report as a page of HTML: no script, nothing from elsewhere, made to be printed as well."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from dbsbm.compliance.frameworks import Framework
from dbsbm.compliance.report.content import PURPOSE, Content, Line
from dbsbm.compliance.report.rows import (
    COVERAGE_HEAD,
    FINDINGS_HEAD,
    FLOWS_HEAD,
    collected_of,
    coverage_rows,
    finding_rows,
    flow_rows,
)

_STYLE = """body{font:14px/1.45 Inter,system-ui,sans-serif;color:#1c2430;margin:2.5em auto;padding:0 1.5em}
body{max-width:70em}
h1{font-size:24px;margin:0 0 .2em}h2{font-size:18px;margin:2em 0 .5em;border-bottom:2px solid #d8dee8}
h3{font-size:15px;margin:1.4em 0 .2em}table{border-collapse:collapse;width:100%;margin:.6em 0}
td,th{border:1px solid #d8dee8;padding:5px 8px;text-align:left;vertical-align:top}th{background:#f2f5f9}
.note{color:#5a6675}.state{font-weight:600;white-space:nowrap}.satisfied{color:#14713d}.not-satisfied{color:#b3261e}
.manual,.not-tested{color:#8a5a00}.not-applicable{color:#5a6675}code{font-size:12px;word-break:break-all}
@media print{body{margin:0;max-width:none}h2{break-before:page}h2.first{break-before:auto}tr{break-inside:avoid}}"""


def as_html(content: Content) -> bytes:
    parts = [
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(content.title)}</title>',
        f"<style>{_STYLE}</style><h1>{escape(content.title)}</h1>",
        f'<p class="note">{escape(content.stamp)}</p><p>{escape(PURPOSE)}</p>',
        *_first_page(content),
        *_findings(content),
        "<h2>Requirements and their controls</h2>",
        *(_required(content, coverage.framework) for coverage in content.coverage),
        "<h2>Controls</h2>",
        *map(_line, content.lines),
        f'<p class="note">Run {content.run.run_id}, SHA-256 <code>{content.run.sha256}</code></p></html>',
    ]
    return ("\n".join(parts) + "\n").encode()


def _first_page(content: Content) -> Iterable[str]:
    judged, satisfied = content.automated()
    yield '<h2 class="first">What was looked at</h2>'
    yield f"<p><b>{satisfied} of {judged}</b> controls that a machine could judge are satisfied.</p>"
    cells = "".join(
        f'<tr><td class="state {state.value}">{state.value}<td>{count}' for state, count in content.counted().items()
    )
    yield f"<table><tr><th>State<th>Controls{cells}</table>"
    yield _table(COVERAGE_HEAD, coverage_rows(content))
    yield "<table><tr><th>Framework<th>Not covered by any control"
    for coverage in content.coverage:
        missing = "<br>".join(map(escape, coverage.missing))
        yield f"<tr><td>{escape(coverage.framework.title)}<td>{missing}"
    yield "</table>"
    for coverage in content.coverage:
        if coverage.framework.note:
            yield f'<p class="note">{escape(coverage.framework.note)}</p>'


def _findings(content: Content) -> Iterable[str]:
    yield f"<h2>Findings, exceptions and fixes</h2><p>{content.moved}.</p>"
    if content.findings:
        yield _table(FINDINGS_HEAD, finding_rows(content))
    if content.workflows:
        yield _table(FLOWS_HEAD, flow_rows(content))


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    body = "".join("\n<tr>" + "".join(f"<td>{escape(value)}" for value in row) for row in rows)
    return f"<table><tr>{''.join(f'<th>{name}' for name in head)}{body}</table>"


def _required(content: Content, framework: Framework) -> str:
    rows = []
    for each in content.required(framework):
        first = f'<td rowspan="{len(each.controls)}">{escape(each.requirement)}'
        for line, strength in each.controls:
            state = line.result.state.value
            rows.append(f'<tr>{first}<td>{line.control.control_id}<td>{strength}<td class="state {state}">{state}')
            first = ""
    head = "<tr><th>Requirement<th>Control<th>Strength<th>State"
    return f"<h3>{escape(framework.title)}</h3><table>{head}\n{chr(10).join(rows)}</table>"


def _line(line: Line) -> str:
    control, result = line.control, line.result
    wrong = f" Not satisfied in {line.wrong_runs} of {line.runs} runs." if line.runs else ""
    return (
        f"<h3>{escape(control.title)}</h3><table>"
        f'<tr><th style="width:11em">State<td><span class="state {result.state.value}">{result.state.value}</span>'
        f"<tr><th>Observed<td>{escape(result.observed)}{escape(wrong)}"
        f"<tr><th>Expected<td>{escape(control.expected)}"
        f"<tr><th>Evidence<td>{escape(collected_of(line))}<br><code>{result.evidence}</code>"
        f"<tr><th>Control<td><code>{control.control_id}</code> · priority {control.priority.value}"
        f"<tr><th>Mapped to<td>{escape('; '.join(line.requirements))}</table>"
    )
