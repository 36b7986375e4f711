"""The page of the local cloud: the last interactions, each with its spans and its log lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from html import escape

from local.traces.assembly import Interaction, Told
from local.traces.drawing import drawn

PATH = "/local/interactions"
MOST = 50
_STYLE = """
body { font: 14px system-ui, sans-serif; margin: 24px auto; max-width: 1000px; padding: 0 16px; color: #1d2733; }
details { border: 1px solid #d5dce4; border-radius: 6px; margin: 8px 0; padding: 8px 12px; }
summary { cursor: pointer; } summary b { display: inline-block; min-width: 220px; }
svg { max-width: 100%; height: auto; } .failed, .unusable, .not_taken { color: #c62828; }
pre { background: #f4f6f8; border-radius: 4px; padding: 6px 8px; overflow-x: auto; font-size: 12px; margin: 4px 0; }
"""


def page(interactions: Sequence[Interaction]) -> str:
    """HTML without a script."""
    content = [_shown(each, number == 0) for number, each in enumerate(interactions)]
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Interactions</title>'
        f"<style>{_STYLE}</style><h1>The last interactions</h1>"
        "<p>Newest first; reload for later ones. What a later sweep sends joins its interaction then.</p>"
        + ("".join(content) or "<p>None yet: use a command in Discord.</p>")
        + "</html>"
    )


def _shown(interaction: Interaction, first: bool) -> str:
    at = datetime.fromtimestamp(interaction.began_ms / 1000, UTC)
    took = interaction.ended_ms - interaction.began_ms
    by = " · canary" if interaction.by == "canary" else ""
    return (
        f"<details{' open' if first else ''}><summary><b>{escape(interaction.route)}</b> "
        f'<span class="{escape(interaction.outcome)}">{escape(interaction.outcome)}</span>{by} · '
        f"{at:%H:%M:%S} UTC · {took:.0f} ms in all · {escape(interaction.correlation_id)}</summary>"
        f"{drawn(interaction)}{''.join(_lines(interaction.lines))}</details>"
    )


def _lines(lines: Sequence[Told]) -> Iterator[str]:
    for told in lines:
        rest = {key: value for key, value in told.line.items() if key not in {"spans", "_aws"}}
        yield f"<pre>{escape(told.function)}  {escape(json.dumps(rest, ensure_ascii=False))}</pre>"
