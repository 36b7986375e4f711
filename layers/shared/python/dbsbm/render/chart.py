"""How a game's lines moved: one panel per market, a step curve in each."""

from __future__ import annotations

from collections.abc import Sequence

from dbsbm.render.card import WIDTH, card
from dbsbm.render.palette import DRAFT, FAINT, MUTED, OPEN, RAISED, TEXT, WON
from dbsbm.render.text import line, width
from dbsbm.render.views import MovementView, PanelView

_PAD = 32
_INNER = WIDTH - 2 * _PAD
_HEAD = 112
_PANEL = 132
_GAP = 14
_FOOT = 44
_COLOURS = (OPEN, DRAFT, WON, TEXT)
_ROOM = (52.0, 22.0)
"""Above and below the curve within its panel."""


def _steps(points: Sequence[tuple[float, float]], top: float, colour: str) -> str:
    """A line holds until the next one, so the curve goes across and then up or down, and on to the right edge."""
    low, high = min(y for _, y in points), max(y for _, y in points)
    left, right = _PAD + 16, WIDTH - _PAD - 16
    above, below = top + _ROOM[0], top + _PANEL - _ROOM[1]

    def place(share: float) -> float:
        return left + max(0.0, min(1.0, share)) * (right - left)

    def height(value: float) -> float:
        return (above + below) / 2 if high == low else above + (high - value) / (high - low) * (below - above)

    corners = [(place(points[0][0]), height(points[0][1]))]
    for share, value in points[1:]:
        corners.append((place(share), corners[-1][1]))
        corners.append((place(share), height(value)))
    corners.append((right, corners[-1][1]))
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
    end = corners[-1]
    return (
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="3.5" stroke-linejoin="round" '
        f'stroke-linecap="round"/><circle cx="{end[0]:.1f}" cy="{end[1]:.1f}" r="6" fill="{colour}"/>'
    )


def _panel(panel: PanelView, top: float, colour: str) -> str:
    box = f'<rect x="{_PAD}" y="{top}" width="{_INNER}" height="{_PANEL}" rx="14" fill="{RAISED}"/>'
    label = line(panel.label, _PAD + 16, top + 32, size=16, style="semibold", fill=MUTED, room=_INNER * 0.45)
    moved = panel.opened != panel.now
    now = line(panel.now, WIDTH - _PAD - 16, top + 34, size=22, style="bold", fill=colour, anchor="end")
    before = ""
    if moved:
        edge = WIDTH - _PAD - 16 - width(panel.now, 22, "bold") - 10
        before = line(f"{panel.opened}  →", edge, top + 33, size=18, fill=FAINT, anchor="end")
    return box + label + now + before + _steps(panel.points, top, colour)


def movement_svg(view: MovementView) -> str:
    """The chart as SVG, 680 units wide; its height grows with the panels."""
    height = _HEAD + len(view.panels) * (_PANEL + _GAP) + _FOOT
    panels = "".join(
        _panel(panel, _HEAD + number * (_PANEL + _GAP), _COLOURS[number % len(_COLOURS)])
        for number, panel in enumerate(view.panels)
    )
    foot = height - 26
    return card(
        height,
        OPEN,
        f"{line(view.matchup, _PAD, 56, size=28, style='bold', room=_INNER)}"
        f"{line(f'{view.league}  ·  {view.when}', _PAD, 86, size=18, fill=MUTED, room=_INNER)}"
        f"{panels}"
        f"{line(view.first, _PAD, foot, size=16, fill=FAINT)}"
        f"{line(view.last, WIDTH - _PAD, foot, size=16, fill=FAINT, anchor='end')}",
    )
