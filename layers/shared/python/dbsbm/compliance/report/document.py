"""The report as a PDF, with fpdf2 and the fonts that pictures are drawn with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fpdf import FPDF, FontFace, XPos, YPos
from fpdf.fonts import TTFFont

from dbsbm.compliance.model import State
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
_MORE = ("NotoSansSC-Regular.ttf", "NotoSansKR-Regular.ttf", "NotoSansThai-Regular.ttf", "NotoColorEmoji.ttf")
"""Asked in this order for what Inter has not. Scripts that have to be shaped or stand from right to left are not here:
set letter by letter they would say something else."""
_LOW = 245.0
"""Below it nothing begins that has a title."""
_MISSING = "□"
_JOINERS = frozenset("\u200d\ufe0e\ufe0f")


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
        self._asked: list[str] = []
        self.add_page()

    def shown(self, text: str) -> str:
        """The text with a box for each character that no font has: nothing that somebody wrote is left out silently."""
        spaced = (" " if each.isspace() and each != "\n" else each for each in text if each not in _JOINERS)
        return "".join(each if each == "\n" or self._has(ord(each)) else _MISSING for each in spaced)

    def _has(self, code: int) -> bool:
        """Reads a font only once there is something to be asked of it: the Chinese one alone takes 0.2 s."""
        while not any(code in font.cmap for font in self.fonts.values() if isinstance(font, TTFFont)):
            if len(self._asked) == len(_MORE):
                return False
            file = _MORE[len(self._asked)]
            self.add_font(file, "", _FONTS / file)
            self._asked.append(file)
            self.set_fallback_fonts(self._asked, exact_match=False)
        return True

    def footer(self) -> None:
        self.set_y(-13)
        self.set_font("Inter", "", 7)
        self.set_text_color(*_GREY)
        self.cell(_WIDTH - 20, 5, self._foot)
        self.cell(20, 5, f"{self.page_no()} / {{nb}}", align="R")

    def say(
        self, text: str, size: float = 9.5, *, bold: bool = False, colour: Sequence[int] = _INK, marked: bool = False
    ) -> None:
        """A paragraph over the whole width; ``marked``: what stands between two pairs of stars is bold."""
        self.set_font("Inter", "B" if bold else "", size)
        self.set_text_color(*colour)
        self.multi_cell(
            _WIDTH, size * 0.5, self.shown(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L", markdown=marked
        )

    def head(self, text: str) -> None:
        self.ln(4)
        self.say(text, 13, bold=True)
        self.line(15, self.get_y() + 0.8, 195, self.get_y() + 0.8)
        self.ln(2.5)

    def rows(self, widths: Sequence[float], head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A table; a state has its colour."""
        self.set_font("Inter", "", 8)
        self.set_text_color(*_INK)
        head_style = FontFace(emphasis="BOLD", fill_color=_HEAD)
        with self.table(
            col_widths=tuple(widths), headings_style=head_style, line_height=4.2, text_align="LEFT"
        ) as table:
            table.row(head)
            for values in rows:
                row = table.row()
                for value in values:
                    known = value in {state.value for state in State}
                    style = FontFace(color=_COLOURS[State(value)], emphasis="BOLD") if known else None
                    row.cell(self.shown(value), style=style)
        self.ln(2)


def as_pdf(content: Content) -> bytes:
    paper = _Paper(content)
    _first_page(paper, content)
    _findings(paper, content)
    _required(paper, content)
    paper.head("Controls")
    for line in content.lines:
        _line(paper, line)
    paper.say(f"Run {content.run.run_id}, SHA-256 {content.run.sha256}", 7.5, colour=_GREY)
    return bytes(paper.output())


def _first_page(paper: _Paper, content: Content) -> None:
    paper.say(content.title, 17, bold=True)
    paper.ln(1)
    paper.say(content.stamp, 8.5, colour=_GREY)
    paper.ln(2)
    paper.say(PURPOSE, 9)
    paper.head("What was looked at")
    judged, satisfied = content.automated()
    paper.say(f"{satisfied} of {judged} controls that a machine could judge are satisfied.", 10, bold=True)
    paper.ln(1.5)
    counts = [(state.value, str(count)) for state, count in content.counted().items()]
    paper.rows((60, 120), ("State", "Controls"), counts)
    paper.rows((48, 50, 30, 52), COVERAGE_HEAD, coverage_rows(content))
    paper.say("Not covered by any control", 9, bold=True)
    for each in content.coverage:
        heads = (line.partition(", not ") for line in each.missing)
        lines = [f"**{head}**{between}{rest}" if between else head for head, between, rest in heads]
        paper.say(f"**{each.framework.title}:** {'; '.join(lines)}", 6.5, marked=True)
        paper.ln(0.8)
    for each in content.coverage:
        if each.framework.note:
            paper.say(each.framework.note, 8, colour=_GREY)


def _findings(paper: _Paper, content: Content) -> None:
    paper.head("Findings, exceptions and fixes")
    paper.say(f"{content.moved}.")
    paper.ln(1.5)
    if content.findings:
        paper.rows((47, 18, 13, 20, 24, 34, 24), FINDINGS_HEAD, finding_rows(content))
    if content.workflows:
        paper.rows((20, 36, 27, 23, 23, 33, 18), FLOWS_HEAD, flow_rows(content))


def _required(paper: _Paper, content: Content) -> None:
    paper.head("Requirements and their controls")
    for coverage in content.coverage:
        if paper.get_y() > _LOW:
            paper.add_page()
        paper.say(coverage.framework.title, 10, bold=True)
        paper.ln(1)
        rows = [
            (each.requirement, line.control.control_id, strength.value, line.result.state.value)
            for each in content.required(coverage.framework)
            for line, strength in each.controls
        ]
        paper.rows((45, 65, 35, 35), ("Requirement", "Control", "Strength", "State"), rows)


def _line(paper: _Paper, line: Line) -> None:
    """One control, never torn from its title."""
    control, result = line.control, line.result
    if paper.get_y() > _LOW:
        paper.add_page()
    paper.ln(1.5)
    paper.say(control.title, 10, bold=True)
    wrong = f"; not satisfied in {line.wrong_runs} of {line.runs} runs" if line.runs else ""
    paper.say(f"{result.state.value}{wrong}", 9, bold=True, colour=_COLOURS[result.state])
    paper.say(f"Observed: {result.observed}", 8.5)
    paper.say(f"Expected: {control.expected}", 8.5)
    paper.say(f"Mapped to: {'; '.join(line.requirements)}", 8, colour=_GREY)
    evidence = f" · SHA-256 {result.evidence}" if result.evidence else ""
    paper.say(f"Evidence: {collected_of(line)}{evidence}", 7, colour=_GREY)
    paper.say(f"{control.control_id} · priority {control.priority.value}", 7, colour=_GREY)
    paper.ln(0.5)
