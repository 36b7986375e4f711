"""Words on a picture: measured, cut to fit, and split by script, because the renderer does neither.

resvg 0.5 shapes a run well only in one font, so each run becomes a ``<text>`` of its own at a measured place. Runs of
right-to-left script stand in their own order within a line that reads from the left.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Literal
from unicodedata import category

FONTS = Path(__file__).parent / "fonts"
Style = Literal["regular", "semibold", "bold"]
Script = Literal["latin", "arabic", "hebrew", "emoji", "han", "hangul", "thai", "devanagari"]

_ELLIPSIS = "…"
_MISSING = "□"
_EMOJI_EM = 1.245  # advance of every glyph of Noto Color Emoji, in font sizes
_RTL_EM = {"arabic": 0.43, "hebrew": 0.58}  # mean advance of the script's letters: a run is placed, not set, by it
_ASCII = 0x7F
_JOINERS = frozenset({0x200D, 0xFE0F, 0x20E3, *range(0x1F3FB, 0x1F400), *range(0xE0020, 0xE0080)})
_FAMILY = {
    "arabic": "Noto Sans Arabic",
    "hebrew": "Noto Sans Hebrew",
    "emoji": "Noto Color Emoji",
    "han": "Noto Sans SC",
    "hangul": "Noto Sans KR",
    "thai": "Noto Sans Thai",
    "devanagari": "Noto Sans Devanagari",
}
_BLOCKS: tuple[tuple[int, int, Script], ...] = (
    (0x0590, 0x05FF, "hebrew"),
    (0x0600, 0x08FF, "arabic"),
    (0x0900, 0x097F, "devanagari"),
    (0x0E00, 0x0E7F, "thai"),
    (0x1100, 0x11FF, "hangul"),
    (0x2E80, 0x312F, "han"),
    (0x3130, 0x318F, "hangul"),
    (0x3190, 0x9FFF, "han"),
    (0xAC00, 0xD7AF, "hangul"),
    (0xF900, 0xFAFF, "han"),
    (0xFB1D, 0xFB4F, "hebrew"),
    (0xFB50, 0xFDFF, "arabic"),
    (0xFE30, 0xFE4F, "han"),
    (0xFE70, 0xFEFE, "arabic"),
    (0xFF00, 0xFFEF, "han"),
)
"""Unicode's blocks of each script, in order."""
_STARTS = [first for first, _, _ in _BLOCKS]
_INTER = {"regular": ("Inter", 400), "semibold": ("Inter Semi Bold", 600), "bold": ("Inter", 700)}


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of one script; ``width`` in pixels at the size it was measured for."""

    script: Script
    text: str
    width: float


@cache
def _advances() -> dict[str, dict[int, int]]:
    raw = json.loads((FONTS / "metrics.json").read_text())
    return {style: {int(code): width for code, width in raw[style].items()} for style in _INTER}


@cache
def _advances_of(script: Script) -> dict[int, int]:
    """Of a script that has a font of its own: read with the first picture that shows it."""
    raw = json.loads((FONTS / "metrics.json").read_text())["scripts"][script]
    return {code: width for first, last, width in raw for code in range(first, last + 1)}


def _script(character: str) -> Script:
    code = ord(character)
    place = bisect_right(_STARTS, code) - 1
    if place >= 0 and code <= _BLOCKS[place][1] and code not in _JOINERS:
        script = _BLOCKS[place][2]
        return script if script in _RTL_EM or code in _advances_of(script) else "latin"
    if code in _JOINERS or code >= 0x1F000 or (0x2600 <= code <= 0x27BF and code not in _advances()["regular"]):
        return "emoji"
    return "latin"


def _clean(text: str) -> str:
    """One line, without control, format-override or private-use characters."""
    kept = (" " if character.isspace() else character for character in text)
    return "".join(c for c in kept if c.isprintable() or ord(c) in _JOINERS).strip()


def _scripts(text: str) -> Iterator[tuple[Script, str]]:
    """Stretches of one script; what stands between two letters of one script may belong to it.

    So does a space between words from right to left, and a joiner within a word of Devanagari.
    """
    labelled: list[tuple[Script, str]] = [(_script(character), character) for character in text]
    for index in range(1, len(labelled) - 1):
        before, after = labelled[index - 1][0], labelled[index + 1][0]
        within = {" ": ("arabic", "hebrew"), "\u200d": ("devanagari",)}.get(labelled[index][1], ())
        if before == after and before in within:
            labelled[index] = (before, labelled[index][1])
    for script, group in groupby(labelled, key=lambda pair: pair[0]):
        yield script, "".join(character for _, character in group)


def clusters(text: str) -> list[str]:
    """Characters as a person counts them: joined emoji, skin tones, flags, and letters with their marks are one."""
    found: list[str] = []
    for character in text:
        code = ord(character)
        marks = code > _ASCII and category(character).startswith("M")
        joins = marks or code in _JOINERS or (found and found[-1].endswith("\u200d"))
        flag = 0x1F1E6 <= code <= 0x1F1FF and found and len(found[-1]) == 1 and 0x1F1E6 <= ord(found[-1]) <= 0x1F1FF
        if found and (joins or flag):
            found[-1] += character
        else:
            found.append(character)
    return found


def _width(script: Script, text: str, size: float, style: Style) -> float:
    if script == "emoji":
        return len(clusters(text)) * _EMOJI_EM * size
    if script in _RTL_EM:
        return sum(0.3 if c == " " else _RTL_EM[script] for c in text) * size
    table = _advances()[style] if script == "latin" else _advances_of(script)
    return sum(table.get(ord(character), 0) for character in text) * size / 1000


def runs(text: str, size: float, style: Style) -> list[Run]:
    """Split a line into runs; characters that no font of ours has become □."""
    table = _advances()[style]
    measured = []
    for script, part in _scripts(_clean(text)):
        shown = "".join(c if ord(c) in table else _MISSING for c in part) if script == "latin" else part
        measured.append(Run(script, shown, _width(script, shown, size, style)))
    return measured


def width(text: str, size: float, style: Style = "regular") -> float:
    """Width of a line in pixels."""
    return sum(run.width for run in runs(text, size, style))


def fit(text: str, size: float, style: Style, room: float) -> str:
    """The text, or as much of its beginning as stands in ``room`` pixels with "…"."""
    text = _clean(text)
    if width(text, size, style) <= room:
        return text
    parts = clusters(text)
    low, high = 0, len(parts)
    while low < high:
        middle = (low + high + 1) // 2
        if width("".join(parts[:middle]).rstrip() + _ELLIPSIS, size, style) <= room:
            low = middle
        else:
            high = middle - 1
    return "".join(parts[:low]).rstrip() + _ELLIPSIS


def size_for(text: str, sizes: Sequence[float], style: Style, room: float) -> float:
    """The first of the sizes (largest first) at which the text stands in ``room`` pixels, or the last."""
    return next((size for size in sizes if width(text, size, style) <= room), sizes[-1])


def wrap(text: str, size: float, style: Style, room: float) -> tuple[str, str]:
    """The text as a first and a second line, broken between words; the second is cut to fit, or empty."""
    text = _clean(text)
    if width(text, size, style) <= room:
        return text, ""
    words = text.split(" ")
    taken = 1
    while taken < len(words) and width(" ".join(words[: taken + 1]), size, style) <= room:
        taken += 1
    first, rest = " ".join(words[:taken]), " ".join(words[taken:])
    return fit(first, size, style, room), fit(rest, size, style, room) if rest else ""


def line(
    text: str,
    x: float,
    y: float,
    *,
    size: float,
    style: Style = "regular",
    fill: str = "#f2f3f5",
    room: float | None = None,
    anchor: Literal["start", "middle", "end"] = "start",
) -> str:
    """SVG of one line of text at a baseline; cut to ``room`` pixels when given."""
    shown = fit(text, size, style, room) if room is not None else text
    parts = runs(shown, size, style)
    total = sum(run.width for run in parts)
    left = x - {"start": 0.0, "middle": total / 2, "end": total}[anchor]
    drawn = []
    for run in parts:
        family, weight = _INTER[style] if run.script == "latin" else (_FAMILY[run.script], 400)
        drawn.append(
            f'<text x="{left:.1f}" y="{y:.1f}" font-family="{family}" font-weight="{weight}" font-size="{size:g}" '
            f'fill="{fill}" xml:space="preserve">{escape(run.text)}</text>'
        )
        left += run.width
    return "".join(drawn)
