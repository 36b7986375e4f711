"""Turns errors into the private words a person reads, and replies into what the front door takes."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import Any

from dbsbm.commands.words.catalogue import Markdown, Words, escape
from dbsbm.core.errors import (
    ConflictError,
    DatabaseUnavailableError,
    DbsbmError,
    InputError,
    NotAllowedError,
    NotFoundError,
    NotReadyError,
    RateLimitedError,
    SwitchedOffError,
)
from dbsbm.discord import components, serialize
from dbsbm.discord.definitions import Json, Reply
from dbsbm.tiers.model import TABLE, TierLimitError

_TYPED_MAX = 120
_SAID = (NotAllowedError, NotReadyError, ConflictError)
"""Errors whose detail is a sentence of ours, written where the fact was known."""


def private(*content: Json) -> Reply:
    """A message that only the person sees."""
    return Reply("message", components.message(*content))


def said(sentence: str) -> Reply:
    """A private message of one sentence."""
    return private(components.text(sentence))


def redrawn(*content: Json) -> Reply:
    """The message whose button was pressed, drawn anew; pictures it had are dropped."""
    return Reply("update", {**components.message(*content), "attachments": []})


def refusal(error: DbsbmError, words: Words) -> Reply:
    """What a person reads instead of an answer: what was typed, why it cannot be taken, and what would work."""
    if isinstance(error, TierLimitError):
        return _stopped(error, words)
    return said(_sentence(error, words))


def _stopped(error: TierLimitError, words: Words) -> Reply:
    """Which limit of which tier it is, what would have room, and Discord's own button for it."""
    tier, limit = words.plain(f"tier.name.{error.standing.tier}"), error.limit.value
    sentences = [words("tier.stopped", tier=tier, limit=words(f"tier.limit.{limit}", most=error.most))]
    if error.better is None or error.sku_id is None:
        return said(sentences[0])
    most = TABLE[error.better].most(error.limit)
    room = words("tier.no_limit") if most is None else words(f"tier.limit.{limit}", most=most)
    sentences.append(words("tier.better", tier=words.plain(f"tier.name.{error.better}"), limit=room))
    button = components.row(components.premium(error.sku_id))
    return private(components.text("\n".join(sentences)), button)


def _sentence(error: DbsbmError, words: Words) -> str:
    if isinstance(error, InputError):
        return _input(error, words)
    if isinstance(error, _SAID) and error.detail:
        return error.detail if isinstance(error.detail, Markdown) else escape(error.detail)
    if isinstance(error, NotFoundError):
        return words("error.not_found")
    if isinstance(error, DatabaseUnavailableError):
        return words("error.try_again")
    if isinstance(error, SwitchedOffError):
        return words("error.partly_on" if error.partly else "error.switched_off", why=error.detail)
    if isinstance(error, RateLimitedError):
        return words(f"error.limited_{'blocked' if error.blocked else error.detail}", wait=_wait(error, words))
    return words("error.internal")


def _wait(error: RateLimitedError, words: Words) -> str:
    """ "in 20 seconds", "in 5 minutes"; never less than what is left."""
    seconds = max(2, ceil(error.retry_after_s or 0))
    if seconds < 120:
        return words("error.wait_seconds", count=seconds)
    return words("error.wait_minutes", count=ceil(seconds / 60))


def _input(error: InputError, words: Words) -> str:
    typed = words(
        "error.input", field=error.field, typed=components.cut(error.typed, _TYPED_MAX), problem=error.problem
    )
    if not error.example:
        return typed
    example = words("error.example", example=Markdown(error.example.replace("`", "")))
    return Markdown(f"{typed}\n{example}")


def wire(reply: Mapping[str, Any]) -> Json:
    """A stored reply as the front door takes it: private, and mentioning nobody."""
    data = dict(reply["data"])
    if reply["kind"] in ("message", "update"):
        data = serialize.message(data, private=reply["kind"] == "message")
    return {"v": 1, "kind": reply["kind"], "data": data, "images": list(reply.get("images", ()))}
