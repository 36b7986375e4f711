"""All that was said, for people and for snapshots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dbsbm.discord.limits_components import walk
from local.discord_simulator.state import Channel, Json, Message

if TYPE_CHECKING:
    from local.discord_simulator.simulator import Simulator


def words(message: Message) -> str:
    """The words of a message as they read from top to bottom."""
    lines: list[str | None] = [message.content]
    for embed in message.embeds:
        lines += [embed.get("title"), embed.get("description")]
        for field in embed.get("fields") or ():
            lines += [field["name"], field["value"]]
        lines.append((embed.get("footer") or {}).get("text"))
    lines += [component["content"] for _, component in walk(message.components) if component["type"] == 10]
    return "\n".join(line for line in lines if line)


def labels(message: Message) -> list[str]:
    """Labels of the buttons and placeholders of the selects, in order."""
    controls = [component for _, component in walk(message.components) if component["type"] in (2, 3, 5, 6, 7, 8)]
    return [control.get("label") or control.get("placeholder") or control.get("custom_id", "") for control in controls]


def transcript(simulator: Simulator) -> Json:
    """JSON, and under "text" the same to read."""
    channels = []
    lines = []
    for channel in simulator.state.channels.values():
        said = [_entry(simulator, message) for message in channel.messages.values()]
        if not said:
            continue
        name = _name(simulator, channel)
        channels.append({"channel": name, "messages": said})
        lines.append(f"{name}")
        for entry in said:
            private = f" (only {entry['private_to']} sees this)" if entry["private_to"] else ""
            lines.append(f"  {entry['author']}{private}:")
            lines += [f"    {line}" for line in entry["text"].splitlines()]
            lines += [f"    [picture {name}]" for name in entry["files"]]
            if entry["controls"]:
                lines.append("    " + " ".join(f"[{label}]" for label in entry["controls"]))
    return {"channels": channels, "text": "\n".join(lines)}


def _name(simulator: Simulator, channel: Channel) -> str:
    if channel.guild_id is None:
        return f"@{simulator.state.users[channel.recipient_id or 0].name}"
    return f"{simulator.state.guilds[channel.guild_id].name} #{channel.name}"


def _entry(simulator: Simulator, message: Message) -> Json:
    return {
        "author": message.author.get("global_name") or message.author["username"],
        "private_to": simulator.state.users[message.private_to].name if message.private_to else None,
        "text": words(message),
        "files": [file.filename for file in message.files],
        "controls": labels(message),
        "edited": message.edited_at is not None,
    }
