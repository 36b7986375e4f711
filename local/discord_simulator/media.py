"""Components and embeds as Discord answers them: defaults filled in, ``attachment://`` turned into addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dbsbm.discord.limits_components import (
    CONTAINER,
    FILE,
    MEDIA_GALLERY,
    SELECTS,
    SEPARATOR,
    THUMBNAIL,
    walk,
)
from local.discord_simulator.state import File, Json, Message

if TYPE_CHECKING:
    from local.discord_simulator.simulator import Simulator

_SHOWN: Json = {"description": None, "spoiler": False}
_DEFAULTS: dict[int, Json] = {
    CONTAINER: {"accent_color": None, "spoiler": False},
    FILE: {"spoiler": False},
    SEPARATOR: {"spacing": 1, "divider": True},
    THUMBNAIL: _SHOWN,
    **{kind: {"min_values": 1, "max_values": 1} for kind in SELECTS},
}


def embeds(simulator: Simulator, owner: Message) -> list[Json]:
    """The embeds of a message."""
    return [{"type": "rich", **_resolved(simulator, owner, embed)} for embed in owner.embeds]


def components(simulator: Simulator, owner: Message) -> list[Json]:
    """The components of a message."""
    copied: list[Json] = _resolved(simulator, owner, owner.components)
    for _, component in walk(copied):
        for key, value in _DEFAULTS.get(component["type"], {}).items():
            if component.get(key) is None:
                component[key] = value
        if component["type"] == FILE:
            file = next(file for file in owner.files if str(file.id) == component["file"]["id"])
            component |= {"name": file.filename, "size": len(file.data)}
        if component["type"] == MEDIA_GALLERY:
            component["items"] = [{**_SHOWN, **item} for item in component["items"]]
    return copied


def _resolved(simulator: Simulator, owner: Message, value: Any) -> Any:
    """A copy in which every ``{"url": …}`` of a medium says where it is."""
    if isinstance(value, list):
        return [_resolved(simulator, owner, item) for item in value]
    if not isinstance(value, dict):
        return value
    copied = {key: _resolved(simulator, owner, item) for key, item in value.items()}
    for key in ("media", "file", "image", "thumbnail"):
        if isinstance(value.get(key), dict) and isinstance(value[key].get("url"), str):
            copied[key] = _medium(simulator, owner, value[key])
    return copied


def _medium(simulator: Simulator, owner: Message, value: Json) -> Json:
    url = value["url"]
    file = _file(owner, url)
    if file is None:
        return {"id": str(owner.id), "url": url, "proxy_url": url, "loading_state": 2, "flags": 0}
    address = simulator.cdn.url(file, simulator.clock.now())
    return {
        "id": str(file.id),
        "url": address,
        "proxy_url": address,
        "attachment_id": str(file.id),
        "content_type": file.content_type,
        "loading_state": 2,
        "flags": 0,
        **({"width": file.size[0], "height": file.size[1]} if file.size else {}),
    }


def _file(owner: Message, url: str) -> File | None:
    return next((file for file in owner.files if f"attachment://{file.filename}" == url), None)
