"""What delivery does for *Send test slip*: looks what it may do in the channel, and posts, or names what is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from dbsbm.commands import answers
from dbsbm.commands.slip_rights import missing_rights
from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.database.session import Session
from dbsbm.discord import components
from dbsbm.discord.definitions import Image, Post
from dbsbm.discord.permissions import in_channel
from dbsbm.environment import Environment
from dbsbm.outbox.model import OutboxRow
from dbsbm.outbox.repository import SEALED_TOKEN, OutboxRepository, token_context


def errands(environment: Environment) -> Mapping[str, Callable[[OutboxRow], Sequence[str]]]:
    """By kind of outbox row."""
    return {"setup.test": lambda row: _tested(environment, row)}


def _tested(environment: Environment, row: OutboxRow) -> Sequence[str]:
    words = Words(row.target["locale"])
    channel_id = int(row.target["post"]["channel_id"])
    problem = _problem(environment, row.guild_id, channel_id, words)
    if problem:
        return environment.database.run(lambda session: _told(environment, session, row, problem))
    images = tuple(Image(**image) for image in row.images)
    slip = Post("slip.post", row.target["slip_key"], row.target["post"], row.data, images)
    return environment.database.run(lambda session: _enqueued(environment, session, row, slip))


def _problem(environment: Environment, guild_id: int, channel_id: int, words: Words) -> str:
    """What is missing, in a sentence; empty when a slip can be posted."""
    discord, channel = environment.discord, Markdown(f"<#{channel_id}>")
    found = next((each for each in discord.guild_channels(guild_id) if int(each["id"]) == channel_id), None)
    if found is None:
        return words("setup.channel_gone")
    own = discord.member(guild_id, int(environment.settings.discord_application_id or 0))
    missing = missing_rights(in_channel(guild_id, discord.guild_roles(guild_id), own, found), words)
    return words("setup.cannot_post", channel=channel, rights=", ".join(missing)) if missing else ""


def _told(environment: Environment, session: Session, row: OutboxRow, problem: str) -> Sequence[str]:
    """The newer state of the answer to the button."""
    target = {
        "application_id": row.target["application_id"],
        "interaction_id": int(row.target["reply_to"]),
        "token": environment.tokens.open_text(row.target[SEALED_TOKEN], token_context(row.id)),
        "how": "edit_original",
    }
    data = answers.redrawn(components.text(problem)).data
    post = Post("reply.edit", f"reply:{row.target['reply_to']}", target, data, expires_at=row.expires_at)
    return _enqueued(environment, session, row, post)


def _enqueued(environment: Environment, session: Session, row: OutboxRow, post: Post) -> Sequence[str]:
    """Once, however often the row is done."""
    cause, now = f"tested-{row.id.replace(':', '-')}", environment.clock.now()
    return OutboxRepository(environment.tokens).enqueue(session, cause, row.guild_id, [post], now)
