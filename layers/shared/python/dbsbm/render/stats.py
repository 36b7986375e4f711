"""The card of a capper's record."""

from __future__ import annotations

from dbsbm.render.card import WIDTH, card, foot
from dbsbm.render.palette import CARD, EDGE, FAINT, GRADE, LOST, MUTED, OPEN, TEXT, WON
from dbsbm.render.text import line, size_for, width
from dbsbm.render.views import StatsView

HEIGHT = 436
_PAD = 32
_INNER = WIDTH - 2 * _PAD
_CHART_TOP, _CHART_HEIGHT = 104, 150
_FORM_SHOWN = 10


def _tone(value: str) -> str:
    """Green above zero, red below, plain at zero."""
    if value.startswith("+") and any(digit in value for digit in "123456789"):
        return WON
    return LOST if value.startswith(("-", "−")) else TEXT


def _curve(view: StatsView, colour: str) -> str:
    """Cumulative units from zero, newest at the right; needs two points to be a line."""
    points = view.curve
    if len(points) < 2:
        return line(
            view.no_curve, WIDTH / 2, _CHART_TOP + 84, size=18, fill=FAINT, anchor="middle", room=WIDTH - 2 * _PAD
        )
    low, high = min(0.0, *points), max(0.0, *points)
    span = (high - low) or 1.0
    step = _INNER / (len(points) - 1)

    def y(value: float) -> float:
        return _CHART_TOP + 12 + (high - value) / span * (_CHART_HEIGHT - 24)

    path = " ".join(f"{_PAD + index * step:.1f},{y(value):.1f}" for index, value in enumerate(points))
    zero = y(0.0)
    return (
        f'<polygon points="{_PAD},{zero:.1f} {path} {WIDTH - _PAD},{zero:.1f}" fill="{colour}" fill-opacity="0.12"/>'
        f'<line x1="{_PAD}" y1="{zero:.1f}" x2="{WIDTH - _PAD}" y2="{zero:.1f}" stroke="{EDGE}" stroke-width="2"/>'
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="3.5" stroke-linejoin="round" '
        f'stroke-linecap="round"/><circle cx="{WIDTH - _PAD}" cy="{y(points[-1]):.1f}" r="6" fill="{colour}"/>'
    )


def _form(view: StatsView, top: float) -> str:
    """The last grades, newest at the right, each with its letter."""
    shown = view.form[-_FORM_SHOWN:]
    if not shown:
        return ""
    left = WIDTH - _PAD - len(shown) * 34 + 6
    drawn = [line(view.lately, _PAD, top + 20, size=17, fill=MUTED, room=left - _PAD - 12)]
    for index, (grade, letter) in enumerate(shown):
        x = left + index * 34
        drawn.append(f'<rect x="{x}" y="{top}" width="28" height="28" rx="7" fill="{GRADE[grade]}"/>')
        drawn.append(line(letter, x + 14, top + 20, size=16, style="bold", fill=CARD, anchor="middle"))
    return "".join(drawn)


def _cells(view: StatsView, top: float) -> str:
    cells = (
        (view.record, TEXT, 0.0, 0.27),
        (view.roi, _tone(view.roi), 0.27, 0.20),
        (view.win_rate, TEXT, 0.47, 0.19),
        (view.risked, TEXT, 0.66, 0.20),
        (view.streak, TEXT, 0.86, 0.14),
    )
    drawn = []
    for heading, (value, colour, left, share) in zip(view.headings, cells, strict=True):
        x = _PAD + left * _INNER
        size = size_for(value, (25, 22, 19, 16, 13), "bold", share * _INNER - 12)
        drawn.append(line(heading, x, top + 34, size=15, style="semibold", fill=FAINT, room=share * _INNER - 4))
        drawn.append(line(value, x, top + 64, size=size, style="bold", fill=colour))
    return "".join(drawn)


def stats_svg(view: StatsView) -> str:
    """The card as SVG, 680 × 452 units."""
    colour = _tone(view.units)
    accent = OPEN if colour == TEXT else colour
    units_size = size_for(view.units, (46, 40, 34, 28), "bold", _INNER * 0.55)
    room = _INNER - width(view.units, units_size, "bold") - 24
    top = 340
    return card(
        HEIGHT,
        accent,
        f"{line(view.capper, _PAD, 54, size=28, style='bold', room=room)}"
        f"{line(f'{view.period}  ·  {view.bets}', _PAD, 82, size=18, fill=MUTED, room=room)}"
        f"{line(view.units, WIDTH - _PAD, 70, size=units_size, style='bold', fill=colour, anchor='end')}"
        f"{_curve(view, accent)}"
        f"{_form(view, 280)}"
        f"{foot(top, HEIGHT - top)}{_cells(view, top)}",
    )
