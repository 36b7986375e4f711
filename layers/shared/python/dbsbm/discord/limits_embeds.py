"""Limits of embeds (Discord reference, "Embed Limits")."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dbsbm.discord.findings import Findings, under

Json = dict[str, Any]

MAX_EMBEDS = 10
MAX_CHARACTERS = 6000
"""Over title, description, field names and values, footer and author of all embeds of a message."""


def check_embeds(found: Findings, body: Json) -> None:
    """The ``embeds`` of a message body."""
    size = 0
    for index, value in enumerate(found.items(body, "", "embeds", 0, MAX_EMBEDS)):
        at = under("embeds", index)
        embed = found.mapping(value, at)
        if embed is not None:
            size += sum(len(word) for word in _words(found, embed, at) if word)
            _details(found, embed, at)
    if size > MAX_CHARACTERS:
        found.add("embeds", f"Embed size exceeds maximum size of {MAX_CHARACTERS}", "MAX_EMBED_SIZE_EXCEEDED")


def _words(found: Findings, embed: Json, at: str) -> list[str | None]:
    words = [found.text(embed, at, "title", 0, 256), found.text(embed, at, "description", 0, 4096)]
    for key, part, high in (("footer", "text", 2048), ("author", "name", 256)):
        if embed.get(key) is None:
            continue
        inner = found.mapping(embed[key], under(at, key))
        if inner is not None:
            words.append(found.text(inner, under(at, key), part, 0, high))
            for address in ("url", "icon_url"):
                found.text(inner, under(at, key), address, 0, 2048)
    for number, item in enumerate(found.items(embed, at, "fields", 0, 25)):
        here = under(under(at, "fields"), number)
        field = found.mapping(item, here)
        if field is not None:
            found.flag(field, here, "inline")
            words.append(found.text(field, here, "name", 1, 256, required=True))
            words.append(found.text(field, here, "value", 1, 1024, required=True))
    return words


def _details(found: Findings, embed: Json, at: str) -> None:
    found.integer(embed, at, "color", 0, 0xFFFFFF)
    found.text(embed, at, "url", 0, 2048)
    for key in ("image", "thumbnail"):
        if embed.get(key) is None:
            continue
        picture = found.mapping(embed[key], under(at, key))
        if picture is not None:
            found.text(picture, under(at, key), "url", 0, 2048)
    timestamp = found.text(embed, at, "timestamp")
    if timestamp is not None and not _is_moment(timestamp):
        found.add(under(at, "timestamp"), "Could not parse it. Should be ISO8601.", "DATE_TIME_TYPE_PARSE")


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
