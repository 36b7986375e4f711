"""The database side of the outbox: writing desired states, and taking them for delivery."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dbsbm.core.tracing import traceparent
from dbsbm.database.errors import DuplicateKeyError
from dbsbm.database.exchange import Claim
from dbsbm.database.session import Row, Session
from dbsbm.discord.definitions import Image, Post
from dbsbm.outbox.model import OutboxRow, Place, RowState
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
                "expires_at, created_at, traceparent) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
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
                    traceparent(),
                ),
            )
        except DuplicateKeyError:
            return  # another attempt of the same cause wrote it first; a number of the target stays unused

    def _sealed(self, row_id: str, target: dict[str, Any]) -> dict[str, Any]:
        if TOKEN not in target:
            return target
        cipher = self._tokens.seal_text(target[TOKEN], token_context(row_id))
        return {name: value for name, value in target.items() if name != TOKEN} | {SEALED_TOKEN: cipher}


class OutboxQueue:
    """The delivery side: takes rows of a leased target and records what became of them. Not guild-scoped."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def due_targets(self, now: datetime, limit: int) -> Sequence[str]:
        """Targets with something due that nobody is sending, in the order they were asked for (index outbox_due)."""
        rows = self._session.all(
            "SELECT o.target_key FROM outbox o JOIN outbox_targets t ON t.target_key = o.target_key "
            "WHERE o.state IN ('pending', 'sending') AND o.next_attempt_at <= %s "
            "AND (t.locked_until IS NULL OR t.locked_until <= %s) "
            "GROUP BY o.target_key ORDER BY MIN(o.created_at), o.target_key LIMIT %s",
            (now, now, limit),
        )
        return tuple(row["target_key"] for row in rows)

    def lease(self, target_key: str, owner: str, now: datetime, until: datetime) -> bool:
        """Take or renew the right to send a target; False while another run holds it."""
        held = self._session.execute(
            "UPDATE outbox_targets SET locked_by = %s, locked_until = %s "
            "WHERE target_key = %s AND (locked_by IS NULL OR locked_by = %s OR locked_until <= %s)",
            (owner, until, target_key, owner, now),
        )
        return held == 1

    def release(self, target_key: str, owner: str) -> None:
        self._session.execute(
            "UPDATE outbox_targets SET locked_by = NULL, locked_until = NULL WHERE target_key = %s AND locked_by = %s",
            (target_key, owner),
        )

    def open_rows(self, target_key: str) -> Sequence[OutboxRow]:
        """What is not finished, in order (index outbox_by_target). Read under the lease, which locks the target."""
        rows = self._session.all(
            "SELECT * FROM outbox WHERE target_key = %s AND state IN ('pending', 'sending') ORDER BY seq",
            (target_key,),
        )
        return tuple(_row(row) for row in rows)

    def place(self, target_key: str) -> Place | None:
        row = self._session.one(
            "SELECT channel_id, message_id, webhook_id FROM outbox_targets WHERE target_key = %s", (target_key,)
        )
        if row is None or row["message_id"] is None:
            return None
        return Place(row["channel_id"], row["message_id"], row["webhook_id"])

    def places(self, target_keys: Sequence[str]) -> Mapping[str, Place]:
        """Where the messages of some targets stand, of those that have one."""
        if not target_keys:
            return {}
        rows = self._session.all(
            "SELECT target_key, channel_id, message_id, webhook_id FROM outbox_targets WHERE target_key IN %s",
            (tuple(target_keys),),
        )
        return {
            row["target_key"]: Place(row["channel_id"], row["message_id"], row["webhook_id"])
            for row in rows
            if row["message_id"] is not None
        }

    def outcome(self, target_key: str) -> tuple[RowState, str] | None:
        """What became of a target's newest row, with Discord's last words; None where no row is left."""
        # By outbox_by_target, backwards.
        row = self._session.one(
            "SELECT state, last_error FROM outbox WHERE target_key = %s ORDER BY seq DESC LIMIT 1", (target_key,)
        )
        return None if row is None else (RowState(row["state"]), row["last_error"] or "")

    def is_placed(self, message_id: int) -> bool:
        """Whether a message is already known as some row's."""
        return self._session.one("SELECT id FROM outbox WHERE message_id = %s LIMIT 1", (message_id,)) is not None

    def mark_sending(self, row: OutboxRow, now: datetime) -> None:
        """Write down that this content is about to be sent; the first time of sending stays."""
        self._session.execute(
            "UPDATE outbox SET state = 'sending', content = %s, images = %s, attempts = attempts + 1, "
            "sending_at = COALESCE(sending_at, %s) WHERE id = %s",
            (_json(row.data), _json(list(row.images)), now, row.id),
        )

    def record_sent(self, row: OutboxRow, place: Place | None, now: datetime) -> None:
        """The row is done; the target's message stands at ``place`` when the row made or found one."""
        recorded = self._session.execute(
            "UPDATE outbox SET state = 'sent', sent_at = %s, message_id = %s, last_error = NULL "
            "WHERE id = %s AND state = 'sending'",
            (now, place.message_id if place else None, row.id),
        )
        self._forget_token(row.id)
        if place is None or not recorded:
            return
        self._session.execute(
            "UPDATE outbox_targets SET channel_id = %s, message_id = %s, webhook_id = %s WHERE target_key = %s",
            (place.channel_id, place.message_id, place.webhook_id, row.target_key),
        )

    def postpone(self, row_id: str, state: RowState, at: datetime, error: str) -> None:
        """Try again at ``at``: as pending when the attempt certainly had no effect, else still in doubt."""
        self._session.execute(
            "UPDATE outbox SET state = %s, next_attempt_at = %s, last_error = %s, "
            "sending_at = IF(%s = 'pending', NULL, sending_at) WHERE id = %s AND state IN ('pending', 'sending')",
            (state, at, error[:500], state, row_id),
        )

    def finish(self, row_id: str, state: RowState, error: str | None = None) -> None:
        """Close a row without sending it."""
        self._session.execute(
            "UPDATE outbox SET state = %s, last_error = %s WHERE id = %s AND state IN ('pending', 'sending')",
            (state, error[:500] if error else None, row_id),
        )
        self._forget_token(row_id)

    def _forget_token(self, row_id: str) -> None:
        self._session.execute(
            "UPDATE outbox SET target = JSON_REMOVE(target, '$.token_cipher') WHERE id = %s "
            "AND kind IN ('reply.edit', 'attachment.fetch', 'import.work', 'export.make', 'setup.test')",
            (row_id,),
        )


def _row(row: Row) -> OutboxRow:
    return OutboxRow(
        id=row["id"],
        guild_id=row["guild_id"],
        kind=row["kind"],
        target_key=row["target_key"],
        seq=row["seq"],
        target=json.loads(row["target"]),
        data=json.loads(row["content"]),
        images=json.loads(row["images"]),
        state=RowState(row["state"]),
        attempts=row["attempts"],
        next_attempt_at=row["next_attempt_at"],
        expires_at=row["expires_at"],
        created_at=row["created_at"],
        sending_at=row["sending_at"],
        traceparent=row["traceparent"],
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
