"""Custom ids: what is built is what is read, and nothing else is taken."""

from __future__ import annotations

from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbsbm.core import ids
from dbsbm.discord import custom_id
from dbsbm.discord.custom_id import CustomIdError


class Grade(StrEnum):
    WON = "won"
    LOST = "lost"


IDS = st.integers(0, 2**63 - 1)


@given(bet=IDS, word=st.text(max_size=12), grade=st.sampled_from(Grade))
def test_what_is_built_is_what_is_read(bet: int, word: str, grade: Grade) -> None:
    text = custom_id.build("grade", bet, word, grade)
    assert custom_id.parse(text, {"grade": (int, str, Grade)}) == ("grade", (bet, word, grade))
    route, wire = custom_id.split(text)
    assert route == "grade"
    assert custom_id.fits(wire, [custom_id.kind_of(kind) for kind in (int, str, Grade)])


@given(IDS)
def test_ids_are_written_as_everywhere_else(number: int) -> None:
    assert custom_id.build("bet", number) == f"v1:bet:{ids.encode(number)}"


@given(st.text(alphabet="0123456789abcdefghijklmnopqrstuvwxyzABC:%", max_size=14))
def test_an_id_is_read_exactly_when_it_is_one(text: str) -> None:
    try:
        expected = ids.decode(text)
    except ValueError:
        with pytest.raises(CustomIdError):
            custom_id.parse(f"v1:bet:{text}", {"bet": (int,)})
        return
    assert custom_id.parse(f"v1:bet:{text}", {"bet": (int,)}) == ("bet", (expected,))


@given(st.text(max_size=120))
def test_no_text_is_read_as_something_that_the_front_door_would_refuse(text: str) -> None:
    kinds = {"grade": (int, Grade), "page": (str,)}
    try:
        route, wire = custom_id.split(text)
    except CustomIdError:
        with pytest.raises(CustomIdError):
            custom_id.parse(text, kinds)
        return
    known = route in kinds and custom_id.fits(wire, [custom_id.kind_of(kind) for kind in kinds[route]])
    try:
        custom_id.parse(text, kinds)
    except CustomIdError:
        assert not known
    else:
        assert known


@pytest.mark.parametrize(
    "text",
    ["", "v1", "v1:", "v2:grade:0000000000001:won", "grade", "v1:grade", "v1:grade:0000000000001:push", "v1:other:x",
     "v1:grade:0000000000001:won:more", "v1:grade:8000000000000:won", "v1:grade:000000000000é:won",
     "v1:grade:" + "0" * 99],
)  # fmt: skip
def test_old_unknown_and_malformed_ids_are_refused(text: str) -> None:
    with pytest.raises(CustomIdError):
        custom_id.parse(text, {"grade": (int, Grade)})


@pytest.mark.parametrize("args", [("a:b",), ("50%",), ("%3A",), ("",), (":", ":")])
def test_separators_inside_text_survive(args: tuple[str, ...]) -> None:
    text = custom_id.build("page", *args)
    assert custom_id.parse(text, {"page": (str,) * len(args)}) == ("page", args)


def test_what_discord_would_refuse_is_not_built() -> None:
    with pytest.raises(ValueError, match="100 allowed"):
        custom_id.build("page", "x" * 93)
    assert len(custom_id.build("page", "x" * 92)) == 100
    for route, arg in (("", 1), ("a:b", 1), ("a%", 1), ("a", -1), ("a", 2**63), ("a", True)):
        with pytest.raises(ValueError, match="not a"):
            custom_id.build(route, arg)


def test_only_types_with_a_form_on_the_wire_are_arguments() -> None:
    assert custom_id.kind_of(Grade) == ["won", "lost"]
    for kind in (float, bytes, list):
        with pytest.raises(TypeError):
            custom_id.kind_of(kind)
