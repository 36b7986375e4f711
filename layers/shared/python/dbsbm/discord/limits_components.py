"""Limits of message and modal components (Discord reference, "Component Reference"; facts of 2026-08)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from dbsbm.discord.findings import Findings, under

Json = dict[str, Any]

ROW, BUTTON, STRING_SELECT, TEXT_INPUT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT = range(1, 9)
SECTION, TEXT_DISPLAY, THUMBNAIL, MEDIA_GALLERY, FILE, SEPARATOR = range(9, 15)
CONTAINER, LABEL, FILE_UPLOAD = 17, 18, 19
RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 21, 22, 23

SELECTS = (STRING_SELECT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT)
IN_CONTAINER = (ROW, SECTION, TEXT_DISPLAY, MEDIA_GALLERY, FILE, SEPARATOR)
TOP_LEVEL_V2 = (*IN_CONTAINER, CONTAINER)
IN_LABEL = (TEXT_INPUT, *SELECTS, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX)

MAX_COMPONENTS = 40
"""Components of a message with the V2 flag, nested ones included."""
MAX_TEXT = 4000
"""Characters over all text displays of a message."""
MAX_ROWS = 5

LINK, PREMIUM = 5, 6

_DEFAULT_KINDS = {
    USER_SELECT: ("user",),
    ROLE_SELECT: ("role",),
    MENTIONABLE_SELECT: ("user", "role"),
    CHANNEL_SELECT: ("channel",),
}


def walk(components: Any, path: str = "components") -> Iterator[tuple[str, Json]]:
    """Every component with its path, parents first. Whatever is not a component is passed over."""
    for index, component in enumerate(components if isinstance(components, list) else ()):
        if not isinstance(component, dict):
            continue
        at = under(path, index)
        yield at, component
        yield from walk(component.get("components"), under(at, "components"))
        for key in ("accessory", "component"):
            if isinstance(component.get(key), dict):
                inner = under(at, key)
                for below, found in walk([component[key]], inner):
                    yield below.replace(f"{inner}/0", inner, 1), found


def text_of(components: Any) -> list[str]:
    """The contents of all text displays, in order."""
    return [
        str(component.get("content", "")) for _, component in walk(components) if component.get("type") == TEXT_DISPLAY
    ]


def check_message_components(found: Findings, data: Json, *, v2: bool) -> None:
    """The ``components`` of a message body."""
    components = found.items(data, "", "components")
    allowed = TOP_LEVEL_V2 if v2 else (ROW,)
    if not v2 and len(components) > MAX_ROWS:
        found.add("components", f"Must be {MAX_ROWS} or fewer in length.", "BASE_TYPE_MAX_LENGTH")
    for index, component in enumerate(components):
        _component(found, component, under("components", index), allowed)
    _check_whole(found, components)


def _check_whole(found: Findings, components: list[Any]) -> None:
    everything = list(walk(components))
    if len(everything) > MAX_COMPONENTS:
        found.add("components", f"The maximum number of components is {MAX_COMPONENTS}.", "COMPONENT_MAX_TOTAL")
    if sum(len(text) for text in text_of(components)) > MAX_TEXT:
        found.add(
            "components", f"Displayable text exceeds the maximum size of {MAX_TEXT}", "COMPONENT_TEXT_SIZE_EXCEEDED"
        )
    unique_custom_ids(found, everything)


def unique_custom_ids(found: Findings, everything: list[tuple[str, Json]]) -> None:
    custom_ids = [
        (under(path, "custom_id"), component["custom_id"])
        for path, component in everything
        if isinstance(component.get("custom_id"), str)
    ]
    found.unique(custom_ids, "Component custom id cannot be duplicated", "COMPONENT_CUSTOM_ID_DUPLICATED")
    numbers = [
        (under(path, "id"), component["id"])
        for path, component in everything
        if isinstance(component.get("id"), int) and component["id"] > 0
    ]
    found.unique(numbers, "Component id cannot be duplicated", "COMPONENT_ID_DUPLICATED")


def _component(found: Findings, value: Any, path: str, allowed: tuple[int, ...]) -> None:
    component = found.mapping(value, path)
    if component is None:
        return
    kind = component.get("type")
    if isinstance(kind, bool) or kind not in allowed:
        found.add(under(path, "type"), f'Value of field "type" must be one of {allowed}.', "UNION_TYPE_CHOICES")
        return
    found.integer(component, path, "id", 0, 2**31 - 1)
    _CHECKS[kind](found, component, path)


def _row(found: Findings, row: Json, path: str) -> None:
    children = found.items(row, path, "components", 1, 5, required=True)
    for index, child in enumerate(children):
        _component(found, child, under(under(path, "components"), index), (BUTTON, *SELECTS))
    selects = [child for child in children if isinstance(child, dict) and child.get("type") in SELECTS]
    if selects and len(children) > 1:
        found.add(
            under(path, "components"),
            "A select takes the whole row: it stands alone.",
            "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
        )


def _button(found: Findings, button: Json, path: str) -> None:
    found.choice(button, path, "style", range(1, 7), required=True)
    found.text(button, path, "label", 0, 80)
    found.flag(button, path, "disabled")
    _emoji(found, button, path)
    style = button.get("style")
    needed = "custom_id"
    excluded: tuple[str, ...] = ("url", "sku_id")
    if style == LINK:
        needed, excluded = "url", ("custom_id", "sku_id")
    if style == PREMIUM:
        needed, excluded = "sku_id", ("custom_id", "url", "label", "emoji")
    if style == LINK:
        found.web_address(button, path, "url", ("http", "https", "discord"), 512)
    elif style == PREMIUM:
        if not str(button.get("sku_id") or "").isdigit():
            found.add(under(path, "sku_id"), "A premium button names a SKU", "BASE_TYPE_REQUIRED")
    else:
        found.text(button, path, "custom_id", 1, 100, required=True)
    for key in excluded:
        if button.get(key) is not None:
            found.add(
                under(path, key), f"A button of style {style} takes {needed}, not {key}.", "BUTTON_COMPONENT_EXCLUSIVE"
            )
    if style != PREMIUM and not button.get("label") and not button.get("emoji"):
        found.add(path, "A button needs a label or an emoji", "BUTTON_COMPONENT_MISSING_LABEL")


def _select(found: Findings, select: Json, path: str, *, options: tuple[int, int] = (1, 25)) -> None:
    found.text(select, path, "custom_id", 1, 100, required=True)
    found.text(select, path, "placeholder", 0, 150)
    found.flag(select, path, "disabled", "required")
    low = found.integer(select, path, "min_values", 0, 25)
    high = found.integer(select, path, "max_values", 1, 25)
    _range(found, path, 1 if low is None else low, 1 if high is None else high)
    if select.get("type") == STRING_SELECT:
        _options(found, select, path, options)
        _values_fit_options(found, select, path, low, high)
        return
    _default_values(found, select, path)
    if select.get("type") == CHANNEL_SELECT:
        found.channel_types(select, path)


def _default_values(found: Findings, select: Json, path: str) -> None:
    kinds = _DEFAULT_KINDS[select["type"]]
    for index, value in enumerate(found.items(select, path, "default_values", 0, 25)):
        at = under(under(path, "default_values"), index)
        default = found.mapping(value, at)
        if default is None:
            continue
        found.choice(default, at, "type", kinds, required=True)
        if not isinstance(default.get("id"), str) or not default["id"].isdigit():
            found.add(under(at, "id"), "Value is not snowflake.", "NUMBER_TYPE_COERCE")


def _emoji(found: Findings, parent: Json, path: str) -> None:
    if parent.get("emoji") is None:
        return
    at = under(path, "emoji")
    emoji = found.mapping(parent["emoji"], at)
    if emoji is None:
        return
    found.text(emoji, at, "name", 0, 32, required=True)
    if emoji.get("id") is not None and not str(emoji["id"]).isdigit():
        found.add(under(at, "id"), "Value is not snowflake.", "NUMBER_TYPE_COERCE")


def _range(found: Findings, path: str, low: int, high: int) -> None:
    if low > high:
        found.add(under(path, "min_values"), "min_values is more than max_values", "SELECT_COMPONENT_MIN_OVER_MAX")


def _values_fit_options(found: Findings, select: Json, path: str, low: int | None, high: int | None) -> None:
    options = select.get("options")
    if not isinstance(options, list):
        return
    for key, value in (("min_values", low), ("max_values", high)):
        if value is not None and value > len(options):
            found.add(
                under(path, key), f"{key} is more than the number of options", "SELECT_COMPONENT_VALUES_OVER_OPTIONS"
            )
    chosen = [option for option in options if isinstance(option, dict) and option.get("default") is True]
    if len(chosen) > (1 if high is None else high):
        found.add(under(path, "options"), "More defaults than max_values", "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES")


def _options(found: Findings, parent: Json, path: str, count: tuple[int, int]) -> None:
    values = []
    for index, value in enumerate(found.items(parent, path, "options", *count, required=True)):
        at = under(under(path, "options"), index)
        option = found.mapping(value, at)
        if option is None:
            continue
        found.text(option, at, "label", 1, 100, required=True)
        found.text(option, at, "value", 1, 100, required=True)
        found.text(option, at, "description", 0, 100)
        found.flag(option, at, "default")
        _emoji(found, option, at)
        values.append((under(at, "value"), str(option.get("value"))))
    found.unique(values, "The specified option value is already used", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED")


def _section(found: Findings, section: Json, path: str) -> None:
    for index, child in enumerate(found.items(section, path, "components", 1, 3, required=True)):
        _component(found, child, under(under(path, "components"), index), (TEXT_DISPLAY,))
    if section.get("accessory") is None:
        found.add(under(path, "accessory"), "This field is required", "BASE_TYPE_REQUIRED")
        return
    _component(found, section["accessory"], under(path, "accessory"), (BUTTON, THUMBNAIL))


def _text_display(found: Findings, display: Json, path: str) -> None:
    found.text(display, path, "content", 1, MAX_TEXT, required=True)


def _media(
    found: Findings,
    parent: Json,
    path: str,
    key: str = "media",
    schemes: tuple[str, ...] = ("http", "https", "attachment"),
) -> None:
    found.text(parent, path, "description", 1, 1024)
    found.flag(parent, path, "spoiler")
    if parent.get(key) is None:
        found.add(under(path, key), "This field is required", "BASE_TYPE_REQUIRED")
        return
    media = found.mapping(parent[key], under(path, key))
    if media is not None:
        found.web_address(media, under(path, key), "url", schemes)


def _gallery(found: Findings, gallery: Json, path: str) -> None:
    for index, value in enumerate(found.items(gallery, path, "items", 1, 10, required=True)):
        at = under(under(path, "items"), index)
        item = found.mapping(value, at)
        if item is not None:
            _media(found, item, at)


def _file(found: Findings, component: Json, path: str) -> None:
    _media(found, component, path, "file", ("attachment",))


def _separator(found: Findings, separator: Json, path: str) -> None:
    found.flag(separator, path, "divider")
    found.choice(separator, path, "spacing", (1, 2))


def _container(found: Findings, container: Json, path: str) -> None:
    found.integer(container, path, "accent_color", 0, 0xFFFFFF)
    found.flag(container, path, "spoiler")
    for index, child in enumerate(found.items(container, path, "components", 1, MAX_COMPONENTS, required=True)):
        _component(found, child, under(under(path, "components"), index), IN_CONTAINER)


def _text_input(found: Findings, component: Json, path: str) -> None:
    found.text(component, path, "custom_id", 1, 100, required=True)
    found.choice(component, path, "style", (1, 2), required=True)
    found.text(component, path, "label", 1, 45)
    value = found.text(component, path, "value", 0, 4000)
    found.text(component, path, "placeholder", 0, 100)
    found.flag(component, path, "required")
    low = found.integer(component, path, "min_length", 0, 4000)
    high = found.integer(component, path, "max_length", 1, 4000)
    if low is not None and high is not None and low > high:
        found.add(under(path, "min_length"), "min_length is more than max_length", "TEXT_INPUT_MIN_OVER_MAX")
    if value and high is not None and len(value) > high:
        found.add(under(path, "value"), f"Must be {high} or fewer in length.", "BASE_TYPE_MAX_LENGTH")


def _file_upload(found: Findings, component: Json, path: str) -> None:
    found.text(component, path, "custom_id", 1, 100, required=True)
    found.flag(component, path, "required")
    found.items(component, path, "file_types", 0, 10)
    low = found.integer(component, path, "min_values", 0, 10)
    high = found.integer(component, path, "max_values", 1, 10)
    _range(found, path, 1 if low is None else low, 1 if high is None else high)


def _radio_group(found: Findings, component: Json, path: str) -> None:
    found.text(component, path, "custom_id", 1, 100, required=True)
    found.flag(component, path, "required")
    _options(found, component, path, (2, 10))


def _checkbox_group(found: Findings, component: Json, path: str) -> None:
    found.text(component, path, "custom_id", 1, 100, required=True)
    found.flag(component, path, "required")
    low = found.integer(component, path, "min_values", 0, 10)
    high = found.integer(component, path, "max_values", 1, 10)
    if low is not None and high is not None:
        _range(found, path, low, high)
    _options(found, component, path, (1, 10))


def _checkbox(found: Findings, component: Json, path: str) -> None:
    found.text(component, path, "custom_id", 1, 100, required=True)
    found.flag(component, path, "default")


def check_modal_component(found: Findings, value: Any, path: str) -> None:
    """One top-level component of a modal: a label, a text display, or the legacy row with a text input."""
    component = found.mapping(value, path)
    if component is None:
        return
    kind = component.get("type")
    if kind == TEXT_DISPLAY:
        _text_display(found, component, path)
    elif kind == ROW:
        _legacy_row(found, component, path)
    elif kind == LABEL:
        _label(found, component, path)
    else:
        found.add(
            under(path, "type"),
            f'Value of field "type" must be one of {(ROW, TEXT_DISPLAY, LABEL)}.',
            "UNION_TYPE_CHOICES",
        )


def _legacy_row(found: Findings, row: Json, path: str) -> None:
    for index, child in enumerate(found.items(row, path, "components", 1, 1, required=True)):
        at = under(under(path, "components"), index)
        _component(found, child, at, (TEXT_INPUT,))
        if isinstance(child, dict) and not child.get("label"):
            found.add(under(at, "label"), "This field is required", "BASE_TYPE_REQUIRED")


def _label(found: Findings, label: Json, path: str) -> None:
    found.text(label, path, "label", 1, 45, required=True)
    found.text(label, path, "description", 1, 100)
    inner = label.get("component")
    at = under(path, "component")
    if inner is None:
        found.add(at, "This field is required", "BASE_TYPE_REQUIRED")
        return
    _component(found, inner, at, IN_LABEL)
    if not isinstance(inner, dict):
        return
    if inner.get("type") == TEXT_INPUT and inner.get("label") is not None:
        found.add(
            under(at, "label"), "A text input inside a label takes no label of its own.", "TEXT_INPUT_LABEL_NOT_ALLOWED"
        )
    if inner.get("disabled"):
        found.add(under(at, "disabled"), "Nothing in a modal can be disabled.", "COMPONENT_DISABLED_IN_MODAL")
    if inner.get("min_values") == 0 and inner.get("required", True):
        found.add(
            under(at, "min_values"),
            "min_values is at least 1 when the field is required.",
            "COMPONENT_REQUIRED_MIN_VALUES",
        )


_CHECKS: dict[int, Callable[[Findings, Json, str], None]] = {
    ROW: _row,
    BUTTON: _button,
    STRING_SELECT: _select,
    TEXT_INPUT: _text_input,
    USER_SELECT: _select,
    ROLE_SELECT: _select,
    MENTIONABLE_SELECT: _select,
    CHANNEL_SELECT: _select,
    SECTION: _section,
    TEXT_DISPLAY: _text_display,
    THUMBNAIL: _media,
    MEDIA_GALLERY: _gallery,
    FILE: _file,
    SEPARATOR: _separator,
    CONTAINER: _container,
    FILE_UPLOAD: _file_upload,
    RADIO_GROUP: _radio_group,
    CHECKBOX_GROUP: _checkbox_group,
    CHECKBOX: _checkbox,
}
