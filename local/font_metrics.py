"""Remake ``render/fonts/metrics.json`` from the font files: ``python -m local.font_metrics``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

FONTS = Path(__file__).parents[1] / "layers/shared/python/dbsbm/render/fonts"
STYLES = {"regular": "Inter-Regular.otf", "semibold": "Inter-SemiBold.otf", "bold": "Inter-Bold.otf"}


SCRIPTS = {
    "han": "NotoSansSC-Regular.ttf",
    "hangul": "NotoSansKR-Regular.ttf",
    "thai": "NotoSansThai-Regular.ttf",
    "devanagari": "NotoSansDevanagari-Regular.ttf",
}


def advances(path: Path) -> dict[str, int]:
    """Advance width by code point, in thousandths of the font size."""
    font = TTFont(path)
    units = font["head"].unitsPerEm
    widths = font["hmtx"].metrics
    return {str(code): round(widths[glyph][0] * 1000 / units) for code, glyph in sorted(font.getBestCmap().items())}


def stretches(path: Path) -> list[tuple[int, int, int]]:
    """The same as (first, last, width) of code points that follow each other and are as wide; no spaces."""
    found: list[tuple[int, int, int]] = []
    for text, width in advances(path).items():
        code = int(text)
        if code in {0x20, 0xA0, 0x3000}:
            continue
        if found and found[-1][1] == code - 1 and found[-1][2] == width:
            found[-1] = (found[-1][0], code, width)
        else:
            found.append((code, code, width))
    return found


def measured() -> dict[str, Any]:
    styles = {style: advances(FONTS / file) for style, file in STYLES.items()}
    return {**styles, "scripts": {script: stretches(FONTS / file) for script, file in SCRIPTS.items()}}


if __name__ == "__main__":
    (FONTS / "metrics.json").write_text(json.dumps(measured(), separators=(",", ":")) + "\n")
