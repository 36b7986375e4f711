"""Looking for a post that may already be in a channel."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from dbsbm.core.clock import to_ms
from dbsbm.core.errors import DbsbmError, DiscordError
from dbsbm.core.ids import EPOCH_MS
from dbsbm.delivery.verdict import MISSING_ACCESS, MISSING_PERMISSIONS, UNKNOWN_MESSAGE
from dbsbm.discord.rest import DiscordClient

_CLOCK_SKEW = timedelta(seconds=60)
_PAGE = 100
_PAGES = 10
_TEXT_DISPLAY = 10


class UndecidableError(DbsbmError):
    """Whether a post arrived cannot be found out; ``detail`` says why."""

    code = "undecidable"


def fingerprint(components: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """What tells a message from others: its custom ids, which carry the bet's id; without any, its texts."""
    ids: list[str] = []
    texts: list[str] = []
    for component in _walk(components):
        if component.get("custom_id"):
            ids.append(str(component["custom_id"]))
        if component.get("type") == _TEXT_DISPLAY:
            texts.append(str(component.get("content", "")))
    return tuple(ids) if ids else tuple(texts)


def find_post(
    discord: DiscordClient,
    channel_id: int,
    data: Mapping[str, Any],
    since: datetime,
    is_ours: Callable[[Mapping[str, Any]], bool],
) -> Mapping[str, Any] | None:
    """The message of ours in a channel that shows ``data`` and is not older than ``since``.

    Raises
    ------
    UndecidableError
        When the bot may not read the history, or nothing in ``data`` can be recognised.
    """
    wanted = fingerprint(data.get("components") or ())
    if not wanted:
        raise UndecidableError("nothing in the message tells it from others")
    start = (to_ms(since - _CLOCK_SKEW) - EPOCH_MS) << 22
    try:
        for message in _history(discord, channel_id, start):
            if is_ours(message) and fingerprint(message.get("components") or ()) == wanted:
                return message
    except DiscordError as error:
        if error.discord_code in {MISSING_ACCESS, MISSING_PERMISSIONS}:
            raise UndecidableError("the channel's history is not readable") from error
        raise
    return None


def _history(discord: DiscordClient, channel_id: int, start: int) -> Iterator[Mapping[str, Any]]:
    after = start
    for _ in range(_PAGES):
        page = discord.messages(channel_id, after=after, limit=_PAGE)
        if not page:
            _check_readable(discord, channel_id, after)
            return
        yield from page
        if len(page) < _PAGE:
            return
        after = max(int(message["id"]) for message in page)
    raise UndecidableError(f"not among the {_PAGE * _PAGES} messages that followed")


def _check_readable(discord: DiscordClient, channel_id: int, after: int) -> None:
    """Without Read Message History the list is empty instead of refused; asking for one message is refused."""
    try:
        discord.call("GET", f"/channels/{channel_id}/messages/{after}")
    except DiscordError as error:
        if error.discord_code != UNKNOWN_MESSAGE:
            raise


def _walk(components: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for component in components:
        yield component
        yield from _walk(component.get("components") or ())
        if component.get("accessory"):
            yield component["accessory"]
