"""The report as a page of HTML: no script, nothing from elsewhere, made to be printed as well."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from dbsbm.compliance.report.content import PURPOSE, Content, Coverage, Line

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
        f'<p class="note">{escape(_stamp(content))}</p><p>{escape(PURPOSE)}</p>',
        *_first_page(content),
        *_findings(content),
        "<h2>Controls</h2>",
        *map(_line, content.lines),
        f'<p class="note">Run {content.run.run_id}, SHA-256 <code>{content.run.sha256}</code></p></html>',
    ]
    return ("\n".join(parts) + "\n").encode()


def _stamp(content: Content) -> str:
    return (
        f"Stage {content.stage}, {content.series.value} report, version {content.version}, made "
        f"{content.made_at:%Y-%m-%d %H:%M} UTC from the run of {content.run.at:%Y-%m-%d %H:%M} UTC; "
        f"{content.runs} runs in the period."
    )


def _first_page(content: Content) -> Iterable[str]:
    judged, satisfied = content.automated()
    yield '<h2 class="first">What was looked at</h2>'
    yield f"<p><b>{satisfied} of {judged}</b> controls that a machine could judge are satisfied.</p>"
    cells = "".join(
        f'<tr><td class="state {state.value}">{state.value}<td>{count}' for state, count in content.counted().items()
    )
    yield f"<table><tr><th>State<th>Controls{cells}</table>"
    yield "<table><tr><th>Framework<th>Parts touched<th>Not covered by any control"
    for coverage in content.coverage:
        yield _covered(coverage)
    yield "</table>"
    for coverage in content.coverage:
        if coverage.framework.note:
            yield f'<p class="note">{escape(coverage.framework.note)}</p>'


def _covered(coverage: Coverage) -> str:
    framework = coverage.framework
    share = f"{len(coverage.touched)} of {len(framework.units)} {framework.unit_name} ({coverage.percent} %)"
    missing = ", ".join(coverage.untouched) or "none"
    return f"<tr><td>{escape(framework.title)}<td>{escape(share)}<td>{escape(missing)}"


def _findings(content: Content) -> Iterable[str]:
    yield "<h2>Findings and exceptions</h2>"
    if not content.findings and not content.workflows:
        yield "<p>No finding stands.</p>"
        return
    yield "<table><tr><th>Control<th>Priority<th>State<th>Open since<th>To be mended by<th>Level"
    for each in content.findings:
        yield (
            f"<tr><td>{each.control}<td>{each.priority}<td>{each.state}<td>{each.opened_at:%Y-%m-%d}"
            f"<td>{each.due_at:%Y-%m-%d %H:%M}<td>{each.level}"
        )
    yield "</table>"
    if content.workflows:
        yield "<table><tr><th>Workflow<th>Control<th>State<th>Asked by<th>Decided by<th>Reason<th>Ends"
        for flow in content.workflows:
            ends = f"{flow.ends_at:%Y-%m-%d}" if flow.ends_at else ""
            yield (
                f"<tr><td>{flow.kind}<td>{flow.control}<td>{flow.state}, {flow.step}<td>{escape(flow.asked_by)}"
                f"<td>{escape(flow.decided_by)}<td>{escape(flow.reason)}<td>{ends}"
            )
        yield "</table>"


def _line(line: Line) -> str:
    control, result = line.control, line.result
    wrong = f" Not satisfied in {line.wrong_runs} of {line.runs} runs." if line.runs else ""
    evidence = (
        f'<br><span class="note">Evidence SHA-256 <code>{result.evidence}</code></span>' if result.evidence else ""
    )
    return (
        f"<h3>{escape(control.title)}</h3><table>"
        f'<tr><th style="width:11em">State<td><span class="state {result.state.value}">{result.state.value}</span>'
        f"<tr><th>Observed<td>{escape(result.observed)}{escape(wrong)}{evidence}"
        f"<tr><th>Expected<td>{escape(control.expected)}"
        f"<tr><th>Evidence<td>{control.source.value} · priority {control.priority.value}"
        f" · <code>{control.control_id}</code>"
        f"<tr><th>Mapped to<td>{escape('; '.join(line.requirements))}</table>"
    )
