"""``./dev commands sync``: Discord's list of our commands made equal to ours. Speaks up only when something differs."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping

from dbsbm import commands
from dbsbm.commands.words.catalogue import command_words
from dbsbm.core.transport import PooledTransport
from dbsbm.discord.definitions import REGISTRY
from dbsbm.discord.registration import Changes, registration, sync
from dbsbm.discord.rest import DiscordClient
from local.run.state import running
from local.servers import ServerError

NAMES = ("DISCORD_API_BASE_URL", "DISCORD_APPLICATION_ID", "DISCORD_BOT_TOKEN")


def run(_: argparse.Namespace) -> int:
    """Sync with the application of the environment, or with the one of the running ``./dev up``."""
    settings = os.environ if os.environ.get("DISCORD_BOT_TOKEN") else running().settings
    changes = register({"DISCORD_API_BASE_URL": "https://discord.com/api/v10", **settings})
    for word, names in (("new", changes.created), ("changed", changes.changed), ("gone", changes.removed)):
        if names:
            print(f"  {word:<8} {', '.join(f'/{name}' for name in names)}")
    if not changes:
        print("  Discord has them as they are")
    return 0


def register(settings: Mapping[str, str]) -> Changes:
    """Register the commands of this source.

    Raises
    ------
    ServerError
        When a setting is missing.
    """
    missing = [name for name in NAMES if not settings.get(name)]
    if missing:
        raise ServerError(f"{', '.join(missing)} must be set")
    commands.load()
    token = settings["DISCORD_BOT_TOKEN"]
    client = DiscordClient(PooledTransport(), settings["DISCORD_API_BASE_URL"], lambda: token)
    return sync(registration(REGISTRY, command_words()), client, int(settings["DISCORD_APPLICATION_ID"]))
