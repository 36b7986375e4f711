"""Every picture equals the one that was looked at and kept; ``GOLDEN=write`` keeps the new ones."""

from __future__ import annotations

import io
import json
import os
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops

from dbsbm.render.draw import TEMPLATES, render
from tests.unit.render.pictures import OPEN, PICTURES, SURE

GOLDEN = Path(__file__).parents[2] / "data/golden"


@pytest.mark.parametrize("name", PICTURES)
def test_picture_equals_the_kept_one(name: str) -> None:
    template, view = PICTURES[name]
    drawn = render(template, json.loads(json.dumps(view.to_json())))
    kept = GOLDEN / f"{name}.png"
    if os.environ.get("GOLDEN") == "write":
        kept.write_bytes(drawn)
    difference = ImageChops.difference(
        Image.open(io.BytesIO(drawn)).convert("RGB"), Image.open(kept).convert("RGB")
    ).convert("L")
    changed = sum(difference.point(lambda value: 1 if value > 24 else 0).histogram()[1:2])
    assert changed <= difference.width * difference.height // 1000


@given(st.text(max_size=300), st.text(max_size=300))
def test_anything_typed_gives_a_well_formed_slip(capper: str, pick: str) -> None:
    view = replace(OPEN, capper=capper, legs=(replace(OPEN.legs[0], pick=pick),)).to_json()
    ET.fromstring(TEMPLATES["slip"](view))


def test_markup_in_a_name_is_text() -> None:
    svg = TEMPLATES["stats"](replace(SURE, capper='<image href="x"/>&').to_json())
    assert "<image" not in svg
    assert "&lt;image" in svg


def test_a_view_with_a_missing_field_is_refused() -> None:
    with pytest.raises(TypeError):
        render("slip", {"capper": "x", "legs": []})
