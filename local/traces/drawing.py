"""A trace as an SVG: a row for each span, from left to right as time went by."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from local.traces.assembly import Bar, Interaction

WIDTH, LABELS, ROW, TOP = 960, 330, 24, 58
_RIGHT = 64
_INDENT = 14
_COLOURS = ("#3b6fb6", "#2f8f6b", "#b6672b", "#8257b0", "#a8445c", "#4d7c8a")
_FAILED = "#c62828"
_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000, 600_000, 3_600_000)
_TICKS = 8


def drawn(interaction: Interaction) -> str:
    """The picture, with its own background: it stands on any page."""
    height = TOP + ROW * len(interaction.bars) + 16
    head = f"{interaction.route} · {interaction.outcome} · trace {interaction.trace_id}"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
            'font-family="system-ui, sans-serif" font-size="12" role="img">',
            f"<title>{escape(head)}</title>",
            f'<rect width="{WIDTH}" height="{height}" rx="6" fill="#ffffff"/>',
            f'<text x="12" y="22" font-size="13" font-weight="600" fill="#1d2733">{escape(head)}</text>',
            *_axis(interaction, height),
            *(line for number, bar in enumerate(interaction.bars) for line in _row(number, bar, interaction)),
            "</svg>",
            "",
        ]
    )


def _scale(interaction: Interaction) -> float:
    """Pixels for a millisecond."""
    return (WIDTH - LABELS - _RIGHT) / max(interaction.ended_ms - interaction.began_ms, 0.1)


def _axis(interaction: Interaction, height: int) -> Iterator[str]:
    whole = interaction.ended_ms - interaction.began_ms
    step = next((each for each in _STEPS if whole / each <= _TICKS), _STEPS[-1])
    for tick in range(int(whole // step) + 1):
        x = LABELS + tick * step * _scale(interaction)
        yield f'<line x1="{x:.1f}" y1="{TOP - 12}" x2="{x:.1f}" y2="{height - 12}" stroke="#e3e8ee"/>'
        yield f'<text x="{x:.1f}" y="{TOP - 17}" fill="#697786" text-anchor="middle">{tick * step} ms</text>'


def _row(number: int, bar: Bar, interaction: Interaction) -> Iterator[str]:
    functions = list(dict.fromkeys(each.function for each in interaction.bars))
    colour = _FAILED if bar.failed else _COLOURS[functions.index(bar.function) % len(_COLOURS)]
    y = TOP + number * ROW
    x = LABELS + (bar.began_ms - interaction.began_ms) * _scale(interaction)
    wide = max(bar.took_ms * _scale(interaction), 1.5)
    weight = ' font-weight="600"' if bar.name in {bar.function, "front door"} else ""
    note = f' <tspan fill="#697786" font-weight="400">{escape(bar.note[:32])}</tspan>' if bar.note else ""
    yield f'<text x="{12 + bar.depth * _INDENT}" y="{y + 15}" fill="#1d2733"{weight}>{escape(bar.name)}{note}</text>'
    yield f'<rect x="{x:.1f}" y="{y + 4}" width="{wide:.1f}" height="{ROW - 10}" rx="2" fill="{colour}"/>'
    yield f'<text x="{x + wide + 5:.1f}" y="{y + 15}" fill="#465362">{bar.took_ms:.1f}</text>'
