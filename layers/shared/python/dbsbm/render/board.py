"""The card of a leaderboard: ten cappers at most, in the same family as slip and record."""

from __future__ import annotations

from dbsbm.render.card import WIDTH, card
from dbsbm.render.palette import CARD, DRAFT, FAINT, LOST, MUTED, OPEN, RAISED, TEXT, WON
from dbsbm.render.text import line, size_for
from dbsbm.render.views import BoardRow, BoardView

_PAD = 32
_HEAD = 104
_ROW = 52
_LABELS = 40
_FOOT = 54
_NAME = 76
_RIGHT = (352, 440, 516, 584, 648)
_ROOM = (92, 82, 70, 64, 60)
_MEDALS = {"1": DRAFT, "2": "#c0c4cc", "3": "#c98a55"}


def _tone(value: str) -> str:
    """Green above zero, red below, plain at zero."""
    if value.startswith("+") and any(digit in value for digit in "123456789"):
        return WON
    return LOST if value.startswith("−") else TEXT


def _row(row: BoardRow, top: float, *, striped: bool) -> str:
    drawn = f'<rect x="0" y="{top}" width="{WIDTH}" height="{_ROW}" fill="{RAISED}"/>' if striped else ""
    medal = _MEDALS.get(row.place)
    if medal:
        drawn += f'<circle cx="{_PAD + 15}" cy="{top + 26}" r="16" fill="{medal}"/>'
    drawn += line(row.place, _PAD + 15, top + 33, size=19, style="bold", fill=CARD if medal else MUTED, anchor="middle")
    drawn += line(row.name, _NAME, top + 33, size=20, style="semibold", room=_RIGHT[0] - _ROOM[0] - _NAME - 8)
    cells = ((row.record, MUTED), (row.units, _tone(row.units)), (row.roi, _tone(row.roi)), (row.rating, TEXT))
    for (value, colour), right, room in zip((*cells, (row.flat, _tone(row.flat))), _RIGHT, _ROOM, strict=True):
        size = size_for(value, (18, 16, 14, 12, 10), "semibold", room)
        drawn += line(value, right, top + 33, size=size, style="semibold", fill=colour, anchor="end")
    return drawn


def board_svg(view: BoardView) -> str:
    """The card as SVG, 680 units wide; its height grows with the rows."""
    body = _HEAD + _LABELS
    height = body + max(2, len(view.rows)) * _ROW + _FOOT
    labels = "".join(
        line(heading, right, _HEAD + 26, size=13, style="semibold", fill=FAINT, anchor="end", room=80)
        for heading, right in zip(view.headings, _RIGHT, strict=True)
    )
    rows = "".join(_row(row, body + index * _ROW, striped=index % 2 == 0) for index, row in enumerate(view.rows))
    if not view.rows:
        rows = line(view.empty, WIDTH / 2, body + _ROW + 6, size=18, fill=FAINT, anchor="middle", room=WIDTH - 2 * _PAD)
    return card(
        height,
        OPEN,
        f"{line(view.title, _PAD, 56, size=30, style='bold', room=WIDTH - 2 * _PAD)}"
        f"{line(view.period, _PAD, 84, size=18, fill=MUTED, room=WIDTH - 2 * _PAD)}{labels}{rows}"
        f"{line(view.note, _PAD, height - 20, size=14, fill=FAINT, room=WIDTH - 2 * _PAD)}",
    )
