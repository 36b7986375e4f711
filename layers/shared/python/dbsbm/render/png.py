"""SVG to PNG with the bundled fonts alone, so that a picture is the same on every machine."""

from __future__ import annotations

import resvg_py

from dbsbm.render.text import FONTS

_FILES = [str(path) for path in sorted([*FONTS.glob("*.otf"), *FONTS.glob("*.ttf")])]


def png(svg: str, zoom: float = 1.5) -> bytes:
    """Rasterise. ``zoom`` is pixels per SVG unit.

    Raises
    ------
    ValueError
        When the SVG is malformed.
    """
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, font_files=_FILES, skip_system_fonts=True, zoom=zoom))
