"""Messages and modals stay within Discord's limits whatever goes into them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dbsbm.discord import components
from dbsbm.discord.components import Choice


@given(st.text(min_size=1), st.text(min_size=1, max_size=100))
def test_a_button_is_cut_to_its_label(label: str, custom_id: str) -> None:
    assert len(components.button(label, custom_id)["label"]) <= 80


@given(st.lists(st.text(min_size=1), min_size=1, max_size=40))
def test_a_select_shows_at_most_twenty_five_short_options(labels: list[str]) -> None:
    choices = [Choice(label, str(number), description=label) for number, label in enumerate(labels)]
    menu = components.select("v1:x", choices, "p" * 200)["components"][0]
    assert len(menu["options"]) == min(25, len(labels))
    assert all(len(option["label"]) <= 100 and len(option["description"]) <= 100 for option in menu["options"])
    assert len(menu["placeholder"]) <= 150


def test_a_message_is_of_components_alone() -> None:
    built = components.message(components.text("x" * 5000), components.gallery("a.png", "y" * 2000))
    assert built["flags"] == 1 << 15
    assert len(built["components"][0]["content"]) == 4000
    assert len(built["components"][1]["items"][0]["description"]) == 1024


def test_a_modal_has_labelled_fields() -> None:
    form = components.modal("v1:x", "t" * 60, components.text_field("l" * 60, "odds", value="v" * 200, max_length=24))
    assert len(form["title"]) == 45
    label = form["components"][0]
    assert (label["type"], len(label["label"])) == (18, 45)
    assert len(label["component"]["value"]) == 24
    assert "label" not in label["component"]
