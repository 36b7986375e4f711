"""Filling in modals and selects as the client does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dbsbm.discord.limits_components import (
    CHANNEL_SELECT,
    CHECKBOX,
    CHECKBOX_GROUP,
    FILE_UPLOAD,
    LABEL,
    RADIO_GROUP,
    ROLE_SELECT,
    ROW,
    STRING_SELECT,
    TEXT_DISPLAY,
    TEXT_INPUT,
    USER_SELECT,
)
from local.discord_simulator.errors import ClientRefusalError
from local.discord_simulator.multipart import Upload
from local.discord_simulator.options import Resolved
from local.discord_simulator.state import Json

if TYPE_CHECKING:
    from local.discord_simulator.person import Person


@dataclass(frozen=True, slots=True)
class Modal:
    """An open modal."""

    data: Json

    @property
    def title(self) -> str:
        return str(self.data["title"])

    @property
    def custom_id(self) -> str:
        return str(self.data["custom_id"])

    @property
    def labels(self) -> list[str]:
        return [label for label, _ in fields(self.data)]

    @property
    def text(self) -> str:
        """Title, texts, labels and their descriptions, from top to bottom."""
        lines = [self.title]
        for component in self.data["components"]:
            lines += [component.get("content"), component.get("label"), component.get("description")]
        return "\n".join(line for line in lines if line)


def fields(modal: Json) -> list[tuple[str, Json]]:
    """Label and component of each field."""
    found = []
    for component in modal["components"]:
        if component["type"] == LABEL:
            found.append((component["label"], component["component"]))
        elif component["type"] == ROW:
            found += [(child["label"], child) for child in component["components"]]
    return found


def submission(person: Person, modal: Json, values: Mapping[str, Any]) -> Json:
    """``data`` of the submitted modal; ``values`` by label or custom id.

    Raises
    ------
    ClientRefusalError
        For whatever the client would not send.
    """
    known = {name for label, component in fields(modal) for name in (label, component["custom_id"])}
    unknown = [name for name in values if name not in known]
    if unknown:
        raise ClientRefusalError(f"the modal has no field {', '.join(unknown)}")
    resolved = Resolved()
    components = []
    for number, component in enumerate(modal["components"], 1):
        shell: Json = {"type": component["type"], "id": component.get("id") or number}
        if component["type"] == LABEL:
            shell["component"] = _field(person, component["label"], component["component"], values, resolved)
        elif component["type"] == ROW:
            shell["components"] = [
                _field(person, child["label"], child, values, resolved) for child in component["components"]
            ]
        elif component["type"] != TEXT_DISPLAY:
            continue
        components.append(shell)
    data: Json = {"custom_id": modal["custom_id"], "components": components}
    if resolved.document():
        data["resolved"] = resolved.document()
    return data


def _field(person: Person, label: str, component: Json, values: Mapping[str, Any], resolved: Resolved) -> Json:
    given = values.get(component["custom_id"], values.get(label))
    kind = component["type"]
    field: Json = {"type": kind, "id": component.get("id") or 100 + len(label), "custom_id": component["custom_id"]}
    if kind == TEXT_INPUT:
        return field | {"value": _text(label, component, given)}
    if kind == RADIO_GROUP:
        return field | {"value": _radio(label, component, given)}
    if kind == CHECKBOX:
        return field | {"value": bool(component.get("default")) if given is None else bool(given)}
    chosen = given if isinstance(given, list | tuple) else [] if given is None else [given]
    if given is None and component.get("options"):
        chosen = [option["value"] for option in component["options"] if option.get("default")]
    if not chosen and component.get("required", True) is False:
        return field | {"values": []}
    if kind == FILE_UPLOAD:
        return field | {"values": _uploads(person, label, component, chosen, resolved)}
    return field | {"values": chosen_values(person, component, chosen, resolved)}


def _text(label: str, component: Json, given: Any) -> str:
    text = str(component.get("value") or "") if given is None else str(given)
    required = component.get("required", True) is not False
    if not text and not required:
        return text
    low = max(component.get("min_length") or 0, 1 if required else 0)
    high = component.get("max_length") or 4000
    if not low <= len(text) <= high:
        raise ClientRefusalError(f"{label!r} must be {low} to {high} characters")
    return text


def _radio(label: str, component: Json, given: Any) -> str | None:
    for option in component["options"]:
        if (given is None and option.get("default")) or (
            given is not None and given in (option["value"], option["label"])
        ):
            return str(option["value"])
    if given is None and component.get("required", True) is False:
        return None
    raise ClientRefusalError(f"{label!r}: choose one of {[option['label'] for option in component['options']]}")


def _uploads(person: Person, label: str, component: Json, chosen: Sequence[Any], resolved: Resolved) -> list[str]:
    if not all(isinstance(item, Upload) for item in chosen):
        raise ClientRefusalError(f"{label!r} takes files")
    _count(component, len(chosen))
    return [resolved.add_upload(person, item) for item in chosen]


def chosen_values(person: Person, select: Json, chosen: Sequence[Any], resolved: Resolved) -> list[str]:
    """Values of a selection, and what they resolve to.

    Raises
    ------
    ClientRefusalError
        When something cannot be chosen, or too few or too many are.
    """
    _count(select, len(chosen))
    kind = select["type"]
    if kind in (STRING_SELECT, CHECKBOX_GROUP):
        return [_option(select, item) for item in chosen]
    values = []
    for item in chosen:
        number = int(getattr(item, "user_id", getattr(item, "id", item)))
        is_role = person.guild is not None and number in person.guild.roles
        if kind == CHANNEL_SELECT:
            values.append(resolved.add_channel(person, number, select.get("channel_types") or ()))
        elif kind == ROLE_SELECT or (kind != USER_SELECT and is_role):
            values.append(resolved.add_role(person.guild, number))
        else:
            values.append(resolved.add_user(person, number))
    return values


def _count(component: Json, number: int) -> None:
    low = component.get("min_values")
    high = component.get("max_values") or (len(component["options"]) if component["type"] == CHECKBOX_GROUP else 1)
    if not (1 if low is None else low) <= number <= high:
        raise ClientRefusalError(f"{component['custom_id']!r}: choose {low or 1} to {high}, not {number}")


def _option(select: Json, wanted: Any) -> str:
    for option in select["options"]:
        if wanted in (option["value"], option["label"]):
            return str(option["value"])
    raise ClientRefusalError(f"no choice {wanted!r}; there are {[option['label'] for option in select['options']]}")
