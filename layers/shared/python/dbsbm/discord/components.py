"""Builders for Components V2 messages and modals: plain dictionaries in Discord's own shape.

Limits (Discord, "Component Reference"): 40 components in a message, 4000 characters of text, labels of 80 and
options of 100 characters, 25 options, custom ids of 100, modal titles and labels of 45.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from dbsbm.discord.definitions import Json
from dbsbm.discord.serialize import IS_COMPONENTS_V2

COMPONENTS_MAX = 40
TEXT_MAX = 4000
ALT_MAX = 1024
LABEL_MAX = 80
OPTION_MAX = 100
MODAL_LABEL_MAX = 45
TEXT_CHANNELS = (0, 5)
"""Text and announcement channels: where a message can be posted."""


class Style(IntEnum):
    """Button styles ("Button Styles"); link buttons are not used, premium ones are built by :func:`premium`."""

    PRIMARY = 1
    SECONDARY = 2
    SUCCESS = 3
    DANGER = 4


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a select."""

    label: str
    value: str
    description: str = ""
    default: bool = False


def cut(text: str, limit: int) -> str:
    """The text, shortened with an ellipsis when it is longer than ``limit`` characters."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


class TooManyComponentsError(ValueError):
    """More than Discord takes in one message: said where it is built, before anything is stored or sent."""


def message(*components: Json) -> Json:
    """The ``data`` of a message that consists of components alone.

    Raises
    ------
    TooManyComponentsError
        When there are more than 40, those within others counted too.
    """
    count = _count(components)
    if count > COMPONENTS_MAX:
        raise TooManyComponentsError(f"{count} components in one message, at most {COMPONENTS_MAX} are possible")
    return {"flags": IS_COMPONENTS_V2, "components": list(components)}


def _count(components: Sequence[Json]) -> int:
    return sum(1 + _count(each.get("components", ())) + ("accessory" in each) for each in components)


def text(content: str) -> Json:
    return {"type": 10, "content": cut(content, TEXT_MAX)}


def section(content: str, picture_url: str) -> Json:
    """Text with a small picture at its side."""
    return {
        "type": 9,
        "components": [text(content)],
        "accessory": {"type": 11, "media": {"url": picture_url}},
    }


def separator() -> Json:
    return {"type": 14, "divider": True, "spacing": 1}


def container(*components: Json, accent: int | None = None) -> Json:
    """A framed group; ``accent`` is the colour of its edge as 0xRRGGBB."""
    built: Json = {"type": 17, "components": list(components)}
    return built if accent is None else {**built, "accent_color": accent}


def gallery(file: str, alt: str) -> Json:
    """A media gallery of one attached picture with its alternative text."""
    return {"type": 12, "items": [{"media": {"url": f"attachment://{file}"}, "description": cut(alt, ALT_MAX)}]}


def row(*components: Json) -> Json:
    return {"type": 1, "components": list(components)}


def button(label: str, custom_id: str, style: Style = Style.SECONDARY, *, disabled: bool = False) -> Json:
    built: Json = {"type": 2, "style": int(style), "label": cut(label, LABEL_MAX), "custom_id": custom_id}
    return {**built, "disabled": True} if disabled else built


def premium(sku_id: int) -> Json:
    """Discord's own button that sells a SKU: it brings its label and price, and no interaction follows."""
    return {"type": 2, "style": 6, "sku_id": str(sku_id)}


def multi_select(custom_id: str, choices: Sequence[Choice], placeholder: str) -> Json:
    """A select for any of up to 25 choices, none of them too."""
    built = select(custom_id, choices, placeholder)
    built["components"][0].update(min_values=0, max_values=min(len(choices), 25))
    return built


def select(custom_id: str, choices: Sequence[Choice], placeholder: str = "") -> Json:
    """A select for one of up to 25 choices, in a row of its own."""
    options = []
    for choice in choices[:25]:
        option: Json = {"label": cut(choice.label, OPTION_MAX), "value": choice.value}
        if choice.description:
            option["description"] = cut(choice.description, OPTION_MAX)
        if choice.default:
            option["default"] = True
        options.append(option)
    built: Json = {"type": 3, "custom_id": custom_id, "options": options}
    return row({**built, "placeholder": cut(placeholder, 150)} if placeholder else built)


def channel_select(custom_id: str, placeholder: str, current: int | None, *, optional: bool = False) -> Json:
    """Discord's own select of a text channel: all of the server, searchable. ``optional``: none may be chosen."""
    return _one_of(8, "channel", custom_id, placeholder, current, optional, {"channel_types": list(TEXT_CHANNELS)})


def channels_select(custom_id: str, placeholder: str, current: Sequence[int]) -> Json:
    """The same for up to 25 channels, none of them too."""
    built = _one_of(8, "channel", custom_id, placeholder, None, True, {"channel_types": list(TEXT_CHANNELS)})
    defaults = [{"id": str(channel_id), "type": "channel"} for channel_id in current]
    built["components"][0].update(max_values=25, **({"default_values": defaults} if defaults else {}))
    return built


def role_select(custom_id: str, placeholder: str, current: int | None, *, optional: bool = False) -> Json:
    """The same for a role."""
    return _one_of(6, "role", custom_id, placeholder, current, optional, {})


def _one_of(  # noqa: PLR0917 - what the two have in common
    kind: int, named: str, custom_id: str, placeholder: str, current: int | None, optional: bool, more: Json
) -> Json:
    entry: Json = {
        "type": kind,
        "custom_id": custom_id,
        "placeholder": cut(placeholder, 150),
        "min_values": 0 if optional else 1,
        "max_values": 1,
        **more,
    }
    return row(entry if current is None else entry | {"default_values": [{"id": str(current), "type": named}]})


def modal(custom_id: str, title: str, *labels: Json) -> Json:
    """The ``data`` of a modal with one to five labelled fields."""
    return {"custom_id": custom_id, "title": cut(title, MODAL_LABEL_MAX), "components": list(labels)}


def text_field(
    label: str, field: str, *, value: str = "", description: str = "", max_length: int = 100, required: bool = True
) -> Json:
    """A one-line text input under its label, for a modal; ``field`` is the name its value comes back by."""
    return _input(label, field, 1, value, description, max_length, required)


def paragraph(
    label: str, field: str, *, value: str = "", description: str = "", max_length: int = 1000, required: bool = True
) -> Json:
    """The same for several lines."""
    return _input(label, field, 2, value, description, max_length, required)


def upload(label: str, field: str, *, description: str = "") -> Json:
    """A place for one file under its label, for a modal; it may stay empty."""
    entry: Json = {"type": 19, "custom_id": field, "min_values": 0, "max_values": 1, "required": False}
    built: Json = {"type": 18, "label": cut(label, MODAL_LABEL_MAX), "component": entry}
    return {**built, "description": cut(description, 100)} if description else built


def _input(  # noqa: PLR0917 - both kinds hand over all they have
    label: str, field: str, style: int, value: str, description: str, max_length: int, required: bool
) -> Json:
    entry: Json = {"type": 4, "custom_id": field, "style": style, "max_length": max_length, "required": required}
    if value:
        entry["value"] = cut(value, max_length)
    built: Json = {"type": 18, "label": cut(label, MODAL_LABEL_MAX), "component": entry}
    return {**built, "description": cut(description, 100)} if description else built
