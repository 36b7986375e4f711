"""The card every picture is drawn on: rounded, a stripe of colour at the top, a thin edge.

Corners are drawn, not clipped: a clip path over the whole card costs resvg 50 ms of the 130 a slip took.
"""

from __future__ import annotations

from dbsbm.render.palette import CARD, EDGE, RAISED

WIDTH = 680
_RADIUS = 20
_STRIPE = 6
_GLOW, _BAND = 0.20, 4
_INSET = 5.717
"""How far the rounded corner stands in at the lower edge of the stripe: 20 − √(20² − 14²)."""


def card(height: float, accent: str, inside: str, *, glow: float = 0) -> str:
    """The whole SVG. ``glow`` is how far down the accent fades out, in units; 0: not at all."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}">'
        f'<rect width="{WIDTH}" height="{height}" rx="{_RADIUS}" fill="{CARD}"/>'
        f"{_glow(accent, glow) if glow else ''}"
        f'<path d="M{_RADIUS} 0H{WIDTH - _RADIUS}A{_RADIUS} {_RADIUS} 0 0 1 {WIDTH - _INSET} {_STRIPE}'
        f'H{_INSET}A{_RADIUS} {_RADIUS} 0 0 1 {_RADIUS} 0Z" fill="{accent}"/>'
        f"{inside}"
        f'<rect x="0.75" y="0.75" width="{WIDTH - 1.5}" height="{height - 1.5}" rx="19.5" fill="none" '
        f'stroke="{EDGE}" stroke-width="1.5"/></svg>'
    )


def foot(top: float, height: float) -> str:
    """A raised panel from ``top`` down to the card's rounded end."""
    side = height - _RADIUS
    return (
        f'<path d="M0 {top}H{WIDTH}V{top + side}A{_RADIUS} {_RADIUS} 0 0 1 {WIDTH - _RADIUS} {top + height}'
        f'H{_RADIUS}A{_RADIUS} {_RADIUS} 0 0 1 0 {top + side}Z" fill="{RAISED}"/>'
    )


def _glow(accent: str, down: float) -> str:
    """The accent fading into the card, in bands too fine to be seen: a gradient costs 20 ms a picture."""
    top = (
        f'<path d="M0 {_RADIUS}A{_RADIUS} {_RADIUS} 0 0 1 {_RADIUS} 0H{WIDTH - _RADIUS}'
        f'A{_RADIUS} {_RADIUS} 0 0 1 {WIDTH} {_RADIUS}Z" fill="{_faded(accent, _RADIUS / 2 / down)}"/>'
    )
    bands = "".join(
        f'<rect y="{y}" width="{WIDTH}" height="{_BAND}" fill="{_faded(accent, (y + _BAND / 2) / down)}"/>'
        for y in range(_RADIUS, int(down), _BAND)
    )
    return f'{top}<g shape-rendering="crispEdges">{bands}</g>'


def _faded(accent: str, share: float) -> str:
    """The accent at a fifth over the card, less of it the further down."""
    weight = _GLOW * (1 - share)
    pairs = ((int(accent[at : at + 2], 16), int(CARD[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(over * weight + under * (1 - weight)):02x}" for over, under in pairs)
