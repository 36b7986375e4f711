"""What the bot needs in a channel to post slips there."""

from __future__ import annotations

from dbsbm.commands.words.catalogue import Words
from dbsbm.discord.permissions import ADMINISTRATOR

_NEEDED = {
    "view": 1 << 10,
    "send": 1 << 11,
    "attach": 1 << 15,
    "history": 1 << 16,
    "webhooks": 1 << 29,
}
"""Discord, "Bitwise Permission Flags"."""


def missing_rights(ours: int, words: Words) -> list[str]:
    """The names of what is missing among the bot's permissions."""
    if ours & ADMINISTRATOR:
        return []
    return [words.plain(f"right.{name}") for name, bit in _NEEDED.items() if not ours & bit]
