"""Pictures: plain values → SVG → PNG."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dbsbm.render.board import board_svg
from dbsbm.render.chart import movement_svg
from dbsbm.render.png import png
from dbsbm.render.recap import recap_svg
from dbsbm.render.slip import slip_svg
from dbsbm.render.stats import stats_svg
from dbsbm.render.views import (
    BoardRow,
    BoardView,
    LegView,
    MovementView,
    PanelView,
    RecapRow,
    RecapView,
    SlipView,
    StatsView,
)


def _slip(view: Mapping[str, Any]) -> str:
    legs = tuple(LegView(**leg) for leg in view["legs"])
    return slip_svg(SlipView(**{**view, "legs": legs}))


def _stats(view: Mapping[str, Any]) -> str:
    form = tuple((grade, letter) for grade, letter in view["form"])
    headings, curve = tuple(view["headings"]), tuple(view["curve"])
    return stats_svg(StatsView(**{**view, "headings": headings, "form": form, "curve": curve}))


def _movement(view: Mapping[str, Any]) -> str:
    panels = tuple(PanelView(**{**row, "points": tuple((x, y) for x, y in row["points"])}) for row in view["panels"])
    return movement_svg(MovementView(**{**view, "panels": panels}))


def _board(view: Mapping[str, Any]) -> str:
    rows = tuple(BoardRow(**row) for row in view["rows"])
    return board_svg(BoardView(**{**view, "headings": tuple(view["headings"]), "rows": rows}))


def _recap(view: Mapping[str, Any]) -> str:
    rows = tuple(RecapRow(**row) for row in view["rows"])
    return recap_svg(RecapView(**{**view, "headings": tuple(view["headings"]), "rows": rows}))


def _text(view: Mapping[str, Any]) -> bytes:
    """No picture: a file of text travels the same way."""
    return str(view["text"]).encode()


TEMPLATES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "slip": _slip,
    "stats": _stats,
    "board": _board,
    "movement": _movement,
    "recap": _recap,
}
_ZOOM = {"board": 1.25}
"""Pixels per unit where a picture is tall: writing the PNG of a full board is half of its time. Discord shows 550."""


def render(template: str, view: Mapping[str, Any]) -> bytes:
    """The PNG of a view, 1020 pixels wide, a board 850.

    Raises
    ------
    KeyError
        When there is no such template.
    TypeError
        When the view has not the template's fields.
    """
    return _text(view) if template == "text" else png(TEMPLATES[template](view), _ZOOM.get(template, 1.5))
