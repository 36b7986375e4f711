"""Making and changing messages: what is checked, kept, numbered and pinged."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from dbsbm.discord.limits import (
    IS_COMPONENTS_V2,
    MAX_ATTACHMENTS,
    SUPPRESS_EMBEDS,
    SUPPRESS_NOTIFICATIONS,
    Problem,
    check_message,
)
from dbsbm.discord.limits_components import text_of, walk
from local.discord_simulator.cdn import picture_size
from local.discord_simulator.errors import invalid_form, known
from local.discord_simulator.multipart import Upload
from local.discord_simulator.state import LOADING, Channel, File, Json, Message

if TYPE_CHECKING:
    from local.discord_simulator.simulator import Simulator

_KEPT_FLAGS = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | IS_COMPONENTS_V2
_USER, _ROLE = re.compile(r"<@!?(\d+)>"), re.compile(r"<@&(\d+)>")
_INTERACTION_DEFAULT: Json = {"parse": ["users"]}
_BOT_DEFAULT: Json = {"parse": ["users", "roles", "everyone"]}


def create(
    simulator: Simulator,
    channel: Channel,
    author: Json,
    data: Json,
    uploads: Mapping[int, Upload],
    *,
    private_to: int | None = None,
    as_bot: bool = False,
) -> Message:
    """Put a new message into the channel. ``as_bot``: pings everything unless told otherwise, as the bot's own do.

    Raises
    ------
    ApiError
        50035 for what Discord refuses, 50006 for an empty message.
    """
    refuse(check_message(data, has_files=bool(uploads)))
    message = Message(
        id=simulator.snowflakes.new(),
        channel_id=channel.id,
        author=author,
        created_at=simulator.clock.now(),
        application_id=simulator.application_id,
        private_to=private_to,
    )
    _fill(simulator, message, data, uploads)
    _ping(simulator, message, data.get("allowed_mentions") or (_BOT_DEFAULT if as_bot else _INTERACTION_DEFAULT))
    channel.messages[message.id] = message
    simulator.changed("message", channel_id=channel.id, message_id=message.id)
    return message


def edit(simulator: Simulator, message: Message, data: Json, uploads: Mapping[int, Upload]) -> None:
    """Change a message; only what the body names changes. Its first answer after "thinking…" counts as new.

    Raises
    ------
    ApiError
        50035 for what Discord refuses.
    """
    was_v2 = bool(message.flags & IS_COMPONENTS_V2)
    thinking = bool(message.flags & LOADING)
    refuse(check_message(data, edit=True, was_v2=was_v2))
    _check_result(message, data, uploads)
    _fill(simulator, message, data, uploads)
    message.flags &= ~LOADING
    if thinking:
        _ping(simulator, message, data.get("allowed_mentions") or _INTERACTION_DEFAULT)
    else:
        message.edited_at = simulator.clock.now()
    simulator.changed("message", channel_id=message.channel_id, message_id=message.id)


def refuse(problems: list[Problem]) -> None:
    """Raise what the linter found.

    Raises
    ------
    ApiError
        50006 when the only thing wrong is that nothing is there, else 50035.
    """
    if not problems:
        return
    if [problem.code for problem in problems] == ["MESSAGE_EMPTY"]:
        raise known(50006)
    raise invalid_form(problems)


def _check_result(message: Message, data: Json, uploads: Mapping[int, Upload]) -> None:
    """The rules on the message as it would stand after the edit."""
    turns_v2 = bool((data.get("flags") or 0) & IS_COMPONENTS_V2) and not message.flags & IS_COMPONENTS_V2
    left = [
        key for key, value in (("content", message.content), ("embeds", message.embeds)) if value and key not in data
    ]
    if turns_v2 and left:
        refuse(
            [
                Problem(
                    key,
                    "The field must be emptied to use IS_COMPONENTS_V2",
                    "MESSAGE_LEGACY_FIELDS_REMAIN",
                )
                for key in left
            ]
        )
    after = {key: data.get(key, getattr(message, key)) for key in ("content", "embeds", "components")}
    kept = message.files if data.get("attachments") is None else data["attachments"]
    if not any(after.values()) and not uploads and not kept:
        raise known(50006)


def _fill(simulator: Simulator, message: Message, data: Json, uploads: Mapping[int, Upload]) -> None:
    files = _files(simulator, message, data, uploads)
    components = data.get("components", message.components)
    embeds = data.get("embeds", message.embeds)
    _check_references(components or [], embeds or [], files)
    message.files = files
    for file in files:
        simulator.state.files[file.id] = file
    message.components = _numbered(components or [])
    message.embeds = deepcopy(embeds or [])
    if "content" in data:
        message.content = data["content"] or ""
    message.flags |= (data.get("flags") or 0) & _KEPT_FLAGS


def _files(simulator: Simulator, message: Message, data: Json, uploads: Mapping[int, Upload]) -> list[File]:
    """The files after this body: ``attachments`` names all that stay and describes new ones by their n."""
    listed = data.get("attachments")
    new = {number: _file(simulator, message, upload) for number, upload in uploads.items()}
    if listed is None:
        kept = list(message.files)
    else:
        kept = []
        mine = {file.id: file for file in message.files}
        wrong = []
        for index, item in enumerate(listed):
            number = int(item["id"])
            if number in new:
                new[number].filename = item.get("filename") or new[number].filename
                new[number].description = item.get("description")
            elif number in mine:
                mine[number].description = item.get("description", mine[number].description)
                kept.append(mine[number])
            else:
                wrong.append(Problem(f"attachments/{index}/id", "Attachment data not found", "ATTACHMENT_NOT_FOUND"))
        refuse(wrong)
    files = kept + list(new.values())
    if len(files) > MAX_ATTACHMENTS:
        refuse([Problem("attachments", "Must be 10 or fewer in length.", "BASE_TYPE_MAX_LENGTH")])
    return files


def _file(simulator: Simulator, message: Message, upload: Upload) -> File:
    guessed = mimetypes.guess_type(upload.filename)[0]
    return File(
        id=simulator.snowflakes.new(),
        filename=upload.filename,
        data=upload.data,
        content_type=guessed or upload.content_type,
        channel_id=message.channel_id,
        ephemeral=message.private_to is not None,
        size=picture_size(upload.data),
    )


def _check_references(components: list[Json], embeds: list[Json], files: list[File]) -> None:
    names = {file.filename for file in files}
    wrong = []
    for root, value in (("components", components), ("embeds", embeds)):
        for path, url in _urls(value, root):
            if url.startswith("attachment://") and url.removeprefix("attachment://") not in names:
                message = f"The referenced attachment with filename {url.removeprefix('attachment://')!r} was not found"
                wrong.append(Problem(path, message, "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND"))
    refuse(wrong)


def _urls(value: Any, path: str) -> list[tuple[str, str]]:
    if isinstance(value, list):
        return [pair for index, item in enumerate(value) for pair in _urls(item, f"{path}/{index}")]
    if not isinstance(value, dict):
        return []
    pairs = [(f"{path}/{key}", item) for key, item in value.items() if key == "url" and isinstance(item, str)]
    return pairs + [pair for key, item in value.items() for pair in _urls(item, f"{path}/{key}")]


def _numbered(components: list[Json]) -> list[Json]:
    """A copy in which every component has an id: the sender's, or the next free one."""
    copied = deepcopy(components)
    taken = {component["id"] for _, component in walk(copied) if component.get("id")}
    free = (number for number in range(1, 1000) if number not in taken)
    for _, component in walk(copied):
        if not component.get("id"):
            component["id"] = next(free)
    return copied


def _ping(simulator: Simulator, message: Message, allowed: Json) -> None:
    words = "\n".join([message.content, *text_of(message.components)])
    parse = allowed.get("parse") or []

    def chosen(pattern: re.Pattern[str], kind: str, exists: Callable[[int], bool]) -> list[int]:
        ids = [int(found) for found in dict.fromkeys(pattern.findall(words))]
        named = {int(found) for found in allowed.get(kind) or []}
        return [found for found in ids if exists(found) and (kind in parse or found in named)]

    guild_id = simulator.state.channels[message.channel_id].guild_id
    roles = simulator.state.guilds[guild_id].roles if guild_id else {}
    message.pinged_users = chosen(_USER, "users", lambda found: found in simulator.state.users)
    message.pinged_roles = chosen(_ROLE, "roles", lambda found: found in roles)
    message.pinged_everyone = "everyone" in parse and ("@everyone" in words or "@here" in words)
