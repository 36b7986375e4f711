"""The database side of the outbox: writing desired states. Taking and sending them is ``delivery``'s."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dbsbm.database.errors import DuplicateKeyError
from dbsbm.database.exchange import Claim
from dbsbm.database.session import Session
from dbsbm.discord.definitions import Image, Post
from dbsbm.security.tokens import TokenBox

TOKEN = "token"  # noqa: S105 — a key of the target, not a token
SEALED_TOKEN = "token_cipher"  # noqa: S105


def token_context(row_id: str) -> str:
    """What the token of an outbox row is bound to."""
    return f"outbox|{row_id}"


class OutboxRepository:
    """Writes rows ``<cause id>:<n>`` inside the caller's transaction, each once however often it is called.

    Not guild-scoped: a target key belongs to one guild, and the guild id is stored with each row.
    """

    def __init__(self, tokens: TokenBox) -> None:
        self._tokens = tokens

    def enqueue(
        self, session: Session, cause_id: str, guild_id: int, posts: Sequence[Post], now: datetime
    ) -> Sequence[str]:
        """Store desired states, numbered per target; returns the target keys to nudge delivery with."""
        for number, post in enumerate(posts, start=1):
            self._add(session, f"{cause_id}:{number}", guild_id, post, now)
        return tuple(dict.fromkeys(post.target_key for post in posts))

    def enqueue_reply(self, session: Session, claim: Claim, reply: dict[str, Any], now: datetime) -> Sequence[str]:
        """Store the reply to a deferred interaction as row ``<interaction id>:reply``.

        Raises
        ------
        ValueError
            When the reply is a modal or choices, which Discord does not take after a deferral.
        """
        if claim.deferred is None:
            return ()
        if reply["kind"] not in {"message", "update"}:
            raise ValueError(f"a deferred interaction cannot be answered with {reply['kind']}")
        followup = claim.deferred.deferral == 6 and reply["kind"] == "message"
        post = Post(
            kind="reply.edit",
            target_key=f"reply:{claim.interaction_id}",
            target={
                "application_id": claim.deferred.application_id,
                "interaction_id": claim.interaction_id,
                TOKEN: claim.deferred.token,
                "how": "followup" if followup else "edit_original",
            },
            data=reply["data"],
            images=[Image(**image) for image in reply["images"]],
            expires_at=claim.deferred.expires_at,
        )
        self._add(session, f"{claim.interaction_id}:reply", claim.guild_id, post, now)
        return (post.target_key,)

    def pending_of(self, session: Session, cause_id: str) -> Sequence[str]:
        """Target keys of a cause's rows that are not sent yet (by primary key prefix)."""
        rows = session.all(
            "SELECT DISTINCT target_key FROM outbox WHERE id LIKE CONCAT(%s, ':%%') AND state = 'pending'",
            (cause_id,),
        )
        return tuple(row["target_key"] for row in rows)

    def _add(self, session: Session, row_id: str, guild_id: int, post: Post, now: datetime) -> None:
        """Take the target's next number and insert the row; a row that is there already stays as it is."""
        session.execute(
            "INSERT INTO outbox_targets (target_key, guild_id, last_seq) VALUES (%s, %s, 1) "
            "ON DUPLICATE KEY UPDATE last_seq = last_seq + 1",
            (post.target_key, guild_id),
        )
        numbered = session.one("SELECT last_seq FROM outbox_targets WHERE target_key = %s", (post.target_key,))
        if numbered is None:
            raise AssertionError("the target was written by the statement before")
        try:
            session.execute(
                "INSERT INTO outbox (id, guild_id, kind, target_key, seq, target, content, images, next_attempt_at, "
                "expires_at, created_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                (
                    row_id,
                    guild_id,
                    post.kind,
                    post.target_key,
                    numbered["last_seq"],
                    _json(self._sealed(row_id, post.target)),
                    _json(post.data),
                    _json([image.to_json() for image in post.images]),
                    now,
                    post.expires_at,
                    now,
                ),
            )
        except DuplicateKeyError:
            return  # another attempt of the same cause wrote it first; a number of the target stays unused

    def _sealed(self, row_id: str, target: dict[str, Any]) -> dict[str, Any]:
        if TOKEN not in target:
            return target
        cipher = self._tokens.seal_text(target[TOKEN], token_context(row_id))
        return {name: value for name, value in target.items() if name != TOKEN} | {SEALED_TOKEN: cipher}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
