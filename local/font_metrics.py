"""Remake ``render/fonts/metrics.json`` from the font files: ``python -m local.font_metrics``."""

from __future__ import annotations

import json
from pathlib import Path

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

FONTS = Path(__file__).parents[1] / "layers/shared/python/dbsbm/render/fonts"
STYLES = {"regular": "Inter-Regular.otf", "semibold": "Inter-SemiBold.otf", "bold": "Inter-Bold.otf"}


def advances(path: Path) -> dict[str, int]:
    """Advance width by code point, in thousandths of the font size."""
    font = TTFont(path)
    units = font["head"].unitsPerEm
    widths = font["hmtx"].metrics
    return {str(code): round(widths[glyph][0] * 1000 / units) for code, glyph in sorted(font.getBestCmap().items())}


def measured() -> dict[str, dict[str, int]]:
    return {style: advances(FONTS / file) for style, file in STYLES.items()}


if __name__ == "__main__":
    (FONTS / "metrics.json").write_text(json.dumps(measured(), separators=(",", ":")) + "\n")
