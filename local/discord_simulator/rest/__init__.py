"""Discord's REST API, one file per resource."""

from local.discord_simulator.rest import applications, channels, commands, guilds, interactions, messages, webhooks
from local.discord_simulator.rest.router import answer, error_response

__all__ = [
    "answer",
    "applications",
    "channels",
    "commands",
    "error_response",
    "guilds",
    "interactions",
    "messages",
    "webhooks",
]
