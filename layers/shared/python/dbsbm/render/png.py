"""SVG to PNG with the bundled fonts alone, so that a picture is the same on every machine."""

from __future__ import annotations

import resvg_py

from dbsbm.render.text import FONTS

_INTER = [str(path) for path in sorted(FONTS.glob("Inter-*.otf"))]
_OTHERS = {
    "Noto Color Emoji": str(FONTS / "NotoColorEmoji.ttf"),
    "Noto Sans Arabic": str(FONTS / "NotoSansArabic-Regular.ttf"),
    "Noto Sans Hebrew": str(FONTS / "NotoSansHebrew-Regular.ttf"),
    "Noto Sans SC": str(FONTS / "NotoSansSC-Regular.ttf"),
    "Noto Sans KR": str(FONTS / "NotoSansKR-Regular.ttf"),
    "Noto Sans Thai": str(FONTS / "NotoSansThai-Regular.ttf"),
    "Noto Sans Devanagari": str(FONTS / "NotoSansDevanagari-Regular.ttf"),
}
"""Read only for a picture that names them: resvg reads its fonts anew each time, the emoji alone in 20 ms."""


def png(svg: str, zoom: float) -> bytes:
    """Rasterise. ``zoom`` is pixels per SVG unit.

    Raises
    ------
    ValueError
        When the SVG is malformed.
    """
    fonts = [*_INTER, *(file for family, file in _OTHERS.items() if f'"{family}"' in svg)]
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, font_files=fonts, skip_system_fonts=True, zoom=zoom))
