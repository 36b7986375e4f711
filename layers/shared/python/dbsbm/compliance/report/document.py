"""The report as a PDF, with fpdf2 and the fonts that pictures are drawn with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fpdf import FPDF, FontFace, XPos, YPos

from dbsbm.compliance.model import State
from dbsbm.compliance.report.content import PURPOSE, Content, Line

_FONTS = Path(__file__).parents[2] / "render/fonts"
_INK, _GREY, _RULE, _HEAD = (28, 36, 48), (90, 102, 117), (216, 222, 232), (242, 245, 249)
_COLOURS: dict[State, tuple[int, int, int]] = {
    State.SATISFIED: (20, 113, 61),
    State.NOT_SATISFIED: (179, 38, 30),
    State.NOT_APPLICABLE: _GREY,
    State.MANUAL: (138, 90, 0),
    State.NOT_TESTED: (138, 90, 0),
}
_WIDTH = 180.0


class _Paper(FPDF):
    """A4 with the report's name and the page's number at the foot."""

    def __init__(self, content: Content) -> None:
        super().__init__(format="A4")
        self._foot = f"{content.title} · version {content.version} · stage {content.stage}"
        self.set_margins(15, 15, 15)
        self.set_auto_page_break(True, margin=18)
        self.add_font("Inter", "", _FONTS / "Inter-Regular.otf")
        self.add_font("Inter", "B", _FONTS / "Inter-SemiBold.otf")
        self.set_title(content.title)
        self.set_creation_date(content.made_at)
        self.set_draw_color(*_RULE)
        self.add_page()

    def footer(self) -> None:
        self.set_y(-13)
        self.set_font("Inter", "", 7)
        self.set_text_color(*_GREY)
        self.cell(_WIDTH - 20, 5, self._foot)
        self.cell(20, 5, f"{self.page_no()} / {{nb}}", align="R")

    def say(self, text: str, size: float = 9.5, *, bold: bool = False, colour: Sequence[int] = _INK) -> None:
        """A paragraph over the whole width."""
        self.set_font("Inter", "B" if bold else "", size)
        self.set_text_color(*colour)
        self.multi_cell(_WIDTH, size * 0.5, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")

    def head(self, text: str) -> None:
        self.ln(4)
        self.say(text, 13, bold=True)
        self.line(15, self.get_y() + 0.8, 195, self.get_y() + 0.8)
        self.ln(2.5)

    def rows(self, widths: Sequence[float], head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A table; a state in the first column has its colour."""
        self.set_font("Inter", "", 8)
        self.set_text_color(*_INK)
        style = FontFace(emphasis="BOLD", fill_color=_HEAD)
        with self.table(col_widths=tuple(widths), headings_style=style, line_height=4.2, text_align="LEFT") as table:
            table.row(head)
            for values in rows:
                row = table.row()
                for place, value in enumerate(values):
                    known = place == 0 and value in {state.value for state in State}
                    row.cell(value, style=FontFace(color=_COLOURS[State(value)], emphasis="BOLD") if known else None)
        self.ln(2)


def as_pdf(content: Content, *, compressed: bool = True) -> bytes:
    paper = _Paper(content)
    paper.set_compression(compressed)
    _first_page(paper, content)
    _findings(paper, content)
    paper.head("Controls")
    for line in content.lines:
        _line(paper, line)
    paper.say(f"Run {content.run.run_id}, SHA-256 {content.run.sha256}", 7.5, colour=_GREY)
    return bytes(paper.output())


def _first_page(paper: _Paper, content: Content) -> None:
    paper.say(content.title, 17, bold=True)
    paper.ln(1)
    paper.say(
        f"Stage {content.stage}, {content.series.value} report, version {content.version}, made "
        f"{content.made_at:%Y-%m-%d %H:%M} UTC from the run of {content.run.at:%Y-%m-%d %H:%M} UTC; "
        f"{content.runs} runs in the period.",
        8.5,
        colour=_GREY,
    )
    paper.ln(2)
    paper.say(PURPOSE, 9)
    paper.head("What was looked at")
    judged, satisfied = content.automated()
    paper.say(f"{satisfied} of {judged} controls that a machine could judge are satisfied.", 10, bold=True)
    paper.ln(1.5)
    counts = [(state.value, str(count)) for state, count in content.counted().items()]
    paper.rows((60, 120), ("State", "Controls"), counts)
    covered = []
    for each in content.coverage:
        share = f"{len(each.touched)} of {len(each.framework.units)} {each.framework.unit_name} ({each.percent} %)"
        covered.append((each.framework.title, share, ", ".join(each.untouched) or "none"))
    paper.rows((45, 40, 95), ("Framework", "Parts touched", "Not covered by any control"), covered)
    for each in content.coverage:
        if each.framework.note:
            paper.say(each.framework.note, 8, colour=_GREY)


def _findings(paper: _Paper, content: Content) -> None:
    paper.head("Findings and exceptions")
    if not content.findings and not content.workflows:
        paper.say("No finding stands.")
        return
    found = [
        (each.control, each.priority, each.state, f"{each.opened_at:%Y-%m-%d}", f"{each.due_at:%Y-%m-%d %H:%M}")
        for each in content.findings
    ]
    paper.rows((60, 25, 25, 30, 40), ("Control", "Priority", "State", "Open since", "To be mended by"), found)
    flows = [
        (flow.kind, flow.control, f"{flow.state}, {flow.step}", flow.asked_by, flow.decided_by, flow.reason)
        for flow in content.workflows
    ]
    if flows:
        head = ("Workflow", "Control", "State", "Asked by", "Decided by", "Reason")
        paper.rows((22, 42, 30, 20, 22, 44), head, flows)


def _line(paper: _Paper, line: Line) -> None:
    """One control, never torn from its title."""
    control, result = line.control, line.result
    if paper.get_y() > 245:
        paper.add_page()
    paper.ln(1.5)
    paper.say(control.title, 10, bold=True)
    wrong = f"; not satisfied in {line.wrong_runs} of {line.runs} runs" if line.runs else ""
    paper.say(f"{result.state.value}{wrong}", 9, bold=True, colour=_COLOURS[result.state])
    paper.say(f"Observed: {result.observed}", 8.5)
    paper.say(f"Expected: {control.expected}", 8.5)
    paper.say(f"Mapped to: {'; '.join(line.requirements)}", 8, colour=_GREY)
    evidence = f" · SHA-256 {result.evidence}" if result.evidence else ""
    paper.say(
        f"{control.control_id} · {control.source.value} · priority {control.priority.value}{evidence}", 7, colour=_GREY
    )
    paper.ln(0.5)
