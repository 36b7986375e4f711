from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbsbm.render.text import FONTS, clusters, fit, line, runs, width, wrap
from local.font_metrics import measured


def test_metrics_are_those_of_the_fonts() -> None:
    assert json.loads((FONTS / "metrics.json").read_text()) == json.loads(json.dumps(measured()))


@given(st.text(max_size=80), st.integers(40, 600))
def test_a_fitted_line_never_leaves_its_room(text: str, room: int) -> None:
    assert width(fit(text, 20, "bold", room), 20, "bold") <= room


@given(st.text(alphabet=st.characters(categories=("L", "N", "Z", "P", "S")), max_size=80))
def test_a_line_that_fits_is_not_cut(text: str) -> None:
    assert "…" in text or "…" not in fit(text, 10, "regular", 100_000)


def test_joined_emoji_flags_and_skin_tones_count_as_one() -> None:
    assert clusters("👨‍👩‍👧🇺🇸👍🏽") == ["👨‍👩‍👧", "🇺🇸", "👍🏽"]


def test_cutting_never_splits_a_family_of_emoji() -> None:
    assert fit("👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧", 20, "bold", 60) == "👨‍👩‍👧…"


def test_each_script_gets_its_own_run() -> None:
    assert [(run.script, run.text) for run in runs("KC مرحبا بك 🔥", 20, "bold")] == [
        ("latin", "KC "),
        ("arabic", "مرحبا بك"),
        ("latin", " "),
        ("emoji", "🔥"),
    ]


def test_what_no_font_has_becomes_a_box() -> None:
    assert runs("ᠮᠣ", 20, "regular")[0].text == "□□"
    assert runs("\u4db6", 20, "regular")[0] == runs("□", 20, "regular")[0]


@pytest.mark.parametrize(
    ("text", "script", "em"),
    [
        ("北京国安", "han", 4),
        ("ヤクルト", "han", 4),
        ("두산", "hangul", 1.84),
        ("ก้า", "thai", 1.1),
        ("कि", "devanagari", 1.0),
    ],
)
def test_scripts_with_a_font_of_their_own_are_measured_by_it(text: str, script: str, em: float) -> None:
    (run,) = runs(text, 100, "bold")
    assert (run.script, run.text) == (script, text)
    assert run.width == pytest.approx(em * 100, rel=0.2)


def test_a_letter_is_not_cut_from_its_marks() -> None:
    assert clusters("ก้า") == ["ก้", "า"]
    assert clusters("कि") == ["कि"]
    assert clusters("e\u0301") == ["e\u0301"]


def test_a_joiner_stays_within_its_word() -> None:
    assert [run.script for run in runs("क्\u200dष", 20, "regular")] == ["devanagari"]


def test_control_characters_and_direction_overrides_are_dropped() -> None:
    assert "\u202e" not in line("a\u202eb\x00c", 0, 0, size=10)
    assert runs("a\nb", 10, "regular")[0].text == "a b"


def test_wrap_breaks_between_words() -> None:
    first, second = wrap("Borussia Mönchengladbach draw no bet", 30, "bold", 420)
    assert (first, second) == ("Borussia Mönchengladbach", "draw no bet")
