"""Pictures in the worlds of this interpreter: each sort is drawn once and stands for those that differ in words alone.

Drawing is pure and would be the largest part of the suite. ``tests/unit/render`` draws every picture it looks at, and
``./dev test --nightly`` draws all.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch
from xml.etree import ElementTree as ET

from dbsbm.render.png import png

_WORDS = re.compile(r">[^<]+<|[-\d.]+")
"""What is written and where it stands; what is left are the elements, their colours and their fonts."""
_HEADER = 33
"""Bytes of a PNG up to the end of IHDR, after which other chunks may stand."""
_drawn: dict[tuple[str, float], bytes] = {}


def stand_in(svg: str, zoom: float) -> bytes:
    """A PNG that is another one for another SVG; its words are read all the same, since they may break it."""
    ET.fromstring(svg)
    sort = (_WORDS.sub("", svg), zoom)
    if sort not in _drawn:
        _drawn[sort] = png(svg, zoom)
    drawn = _drawn[sort]
    return (
        drawn[:_HEADER]
        + _chunk(b"tEXt", b"SVG\0" + hashlib.sha256(svg.encode()).hexdigest().encode())
        + drawn[_HEADER:]
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)


@contextmanager
def drawn_once() -> Iterator[None]:
    """Within the block pictures that differ in words alone are drawn once."""
    with patch("dbsbm.render.draw.png", stand_in):
        yield
