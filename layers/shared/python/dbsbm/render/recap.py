"""The card of a day's or week's bets, in the same family as slip, record and board."""

from __future__ import annotations

from dbsbm.render.card import WIDTH, card
from dbsbm.render.palette import FAINT, LOST, MUTED, OPEN, RAISED, TEXT, WON
from dbsbm.render.text import line, size_for, width
from dbsbm.render.views import RecapRow, RecapView

_PAD = 32
_HEAD = 108
_LABELS = 36
_ROW = 48
_FOOT = 20
_NOTE = 30
_RIGHT = (440, 550, 648)
_ROOM = (120, 100, 88)


def _tone(value: str) -> str:
    """Green above zero, red below, plain at zero."""
    if value.startswith("+") and any(digit in value for digit in "123456789"):
        return WON
    return LOST if value.startswith("−") else TEXT


def _row(row: RecapRow, top: float, *, striped: bool) -> str:
    drawn = f'<rect x="0" y="{top}" width="{WIDTH}" height="{_ROW}" fill="{RAISED}"/>' if striped else ""
    drawn += line(row.name, _PAD, top + 31, size=20, style="semibold", room=_RIGHT[0] - _ROOM[0] - _PAD - 8)
    cells = ((row.record, MUTED), (row.units, _tone(row.units)), (row.roi, _tone(row.roi)))
    for (value, colour), right, room in zip(cells, _RIGHT, _ROOM, strict=True):
        size = size_for(value, (20, 18, 16, 14, 12, 10), "semibold", room)
        drawn += line(value, right, top + 31, size=size, style="semibold", fill=colour, anchor="end")
    return drawn


def recap_svg(view: RecapView) -> str:
    """The card as SVG, 680 units wide; its height grows with the rows."""
    body = _HEAD + _LABELS
    height = body + len(view.rows) * _ROW + _FOOT + (_NOTE if view.note else 0)
    colour = _tone(view.units)
    accent = OPEN if colour == TEXT else colour
    big = size_for(view.units, (46, 40, 34, 28), "bold", 280)
    room = WIDTH - 2 * _PAD - max(width(view.units, big, "bold"), 190) - 24
    labels = "".join(
        line(heading, right, _HEAD + 22, size=13, style="semibold", fill=FAINT, anchor="end", room=100)
        for heading, right in zip(view.headings, _RIGHT, strict=True)
    )
    rows = "".join(_row(row, body + index * _ROW, striped=index % 2 == 0) for index, row in enumerate(view.rows))
    note = line(view.note, _PAD, height - 18, size=14, fill=FAINT, room=WIDTH - 2 * _PAD) if view.note else ""
    under = f"{view.record}  ·  {view.roi}"
    return card(
        height,
        accent,
        f"{line(view.title, _PAD, 56, size=30, style='bold', room=room)}"
        f"{line(view.period, _PAD, 84, size=18, fill=MUTED, room=room)}"
        f"{line(view.units, WIDTH - _PAD, 60, size=big, style='bold', fill=colour, anchor='end')}"
        f"{line(under, WIDTH - _PAD, 88, size=18, style='semibold', fill=MUTED, anchor='end', room=280)}"
        f"{labels}{rows}{note}",
    )
