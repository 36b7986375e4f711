"""The slip: one design for a straight bet, a ticket of many legs, a draft and every grade."""

from __future__ import annotations

from dbsbm.render.card import WIDTH, card, foot
from dbsbm.render.palette import CARD, DRAFT, EDGE, FAINT, GRADE, MUTED, TEXT
from dbsbm.render.text import line, size_for, width, wrap
from dbsbm.render.views import LegView, SlipView

_PAD = 32
_INNER = WIDTH - 2 * _PAD
_HEAD = 92
_STRAIGHT = 148
_LEG = 76
_FOOT = 122
_GLOW = 180


def _pill(word: str, colour: str, right: float, top: float) -> tuple[str, float]:
    """A rounded label ending at ``right``; returns it and its width."""
    wide = width(word, 17, "bold") + 32
    body = (
        f'<rect x="{right - wide:.1f}" y="{top}" width="{wide:.1f}" height="34" rx="17" fill="{colour}" '
        f'fill-opacity="0.16" stroke="{colour}" stroke-opacity="0.7"/>'
    )
    return body + line(word, right - wide / 2, top + 23, size=17, style="bold", fill=colour, anchor="middle"), wide


def _colour(view: SlipView) -> str:
    """Of the slip's state."""
    return DRAFT if view.draft and not view.grade else GRADE[view.grade]


def _head(view: SlipView) -> str:
    pill, wide = _pill(view.state, _colour(view), WIDTH - _PAD, 30)
    name = line(view.capper, _PAD, 52, size=26, style="bold", room=_INNER - wide - 20)
    under = f"{view.ticket}  ·  {view.posted}" if view.posted else view.ticket
    return pill + name + line(under, _PAD, 78, size=17, fill=MUTED, room=_INNER - wide - 20)


def _straight(leg: LegView, odds: str) -> tuple[str, float]:
    room = _INNER - width(odds, 42, "bold") - 28
    size = size_for(leg.pick, (42, 38, 34, 30), "bold", room)
    first, second = wrap(leg.pick, size, "bold", room)
    body = line(first, _PAD, _HEAD + 56, size=size, style="bold")
    body += line(odds, WIDTH - _PAD, _HEAD + 56, size=42, style="bold", anchor="end")
    down = 0.0
    if second:
        down = size * 1.2
        body += line(second, _PAD, _HEAD + 56 + down, size=size, style="bold")
    body += line(
        f"{leg.market}  ·  {leg.matchup}", _PAD, _HEAD + 92 + down, size=20, style="semibold", fill=MUTED, room=_INNER
    )
    body += line(f"{leg.league}  ·  {leg.when}", _PAD, _HEAD + 120 + down, size=18, fill=FAINT, room=_INNER)
    return body, _STRAIGHT + down


_TICK = "M -4 0 L -1 3.5 L 4.5 -3.5"
_CROSS = "M -3.5 -3.5 L 3.5 3.5 M 3.5 -3.5 L -3.5 3.5"
_DASH = "M -4 0 L 4 0"
_SIGN = {"won": _TICK, "half_won": _TICK, "lost": _CROSS, "half_lost": _CROSS, "push": _DASH, "void": _DASH}


def _leg_mark(leg: LegView, y: float) -> str:
    """A ring while open, then a disc with a tick, a cross or a dash: told apart without colour too."""
    colour = GRADE[leg.grade]
    centre = f'<g transform="translate({_PAD + 10} {y:.1f})">'
    if not leg.grade:
        return f'{centre}<circle r="7.5" fill="none" stroke="{colour}" stroke-width="2.5"/></g>'
    return (
        f'{centre}<circle r="10" fill="{colour}"/><path d="{_SIGN[leg.grade]}" fill="none" stroke="{CARD}" '
        'stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round"/></g>'
    )


def _ticket_leg(leg: LegView, top: float) -> str:
    odds_wide = width(leg.odds, 24, "semibold")
    left = _PAD + 34
    under = f"{leg.market}  ·  {leg.matchup}  ·  {leg.when}"
    pick = line(leg.pick, left, top + 32, size=24, style="semibold", room=WIDTH - _PAD - left - odds_wide - 20)
    odds = line(leg.odds, WIDTH - _PAD, top + 32, size=24, style="semibold", fill=MUTED, anchor="end")
    return _leg_mark(leg, top + 24) + pick + odds + line(under, left, top + 57, size=17, fill=FAINT, room=_INNER - 34)


def _legs(view: SlipView) -> tuple[str, float]:
    """The middle of the slip and its height."""
    if len(view.legs) == 1:
        return _straight(view.legs[0], view.odds)
    total_wide = width(view.odds, 36, "bold")
    body = line(view.title, _PAD, _HEAD + 44, size=30, style="bold", room=_INNER - total_wide - 20)
    body += line(view.odds, WIDTH - _PAD, _HEAD + 44, size=36, style="bold", anchor="end")
    body += "".join(_ticket_leg(leg, _HEAD + 64 + index * _LEG) for index, leg in enumerate(view.legs))
    return body, 72 + len(view.legs) * _LEG


def _cell(cell: tuple[str, str, str], x: float, top: float, room: float) -> str:
    """An amount is never cut: it shrinks."""
    label, value, colour = cell
    size = size_for(value, (27, 24, 21, 18, 15, 12), "bold", room)
    return line(label, x, top + 34, size=15, style="semibold", fill=FAINT, room=room) + line(
        value, x, top + 65, size=size, style="bold", fill=colour
    )


def _foot(view: SlipView, top: float) -> str:
    panel = foot(top, _FOOT)
    panel += f'<line x1="1" y1="{top}" x2="{WIDTH - 1}" y2="{top}" stroke="{EDGE}" stroke-dasharray="2 7" '
    panel += 'stroke-width="3" stroke-linecap="round"/>'
    risk, to_win, profit = view.headings
    cells = [(risk, view.risk, TEXT), (to_win, view.to_win, TEXT)]
    if view.profit:
        cells.append((profit, view.profit, _colour(view)))
    wide = _INNER / 3
    body = "".join(_cell(cell, _PAD + index * wide, top, wide - 16) for index, cell in enumerate(cells))
    ref_wide = width(view.bet_ref, 15)
    note = line(view.rule, _PAD, top + 98, size=16, fill=MUTED, room=_INNER - ref_wide - 24) if view.rule else ""
    return panel + body + note + line(view.bet_ref, WIDTH - _PAD, top + 98, size=15, fill=FAINT, anchor="end")


def slip_svg(view: SlipView) -> str:
    """The slip as SVG, 680 units wide; its height grows with the legs."""
    middle, tall = _legs(view)
    foot_top = _HEAD + tall
    height = foot_top + _FOOT
    return card(height, _colour(view), f"{_head(view)}{middle}{_foot(view, foot_top)}", glow=_GLOW)
