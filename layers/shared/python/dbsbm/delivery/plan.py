"""Which of a target's rows is sent next. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dbsbm.discord.serialize import PINGS
from dbsbm.outbox.model import CHANGES, POSTS, OutboxRow, RowState


@dataclass(frozen=True, slots=True)
class Ending:
    """A row that is closed without being sent."""

    row_id: str
    state: RowState
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """``send`` goes out now; else ``due`` says when something will; ``endings`` are rows that need not go out."""

    send: OutboxRow | None = None
    endings: tuple[Ending, ...] = ()
    due: datetime | None = None


def plan(rows: Sequence[OutboxRow], *, has_message: bool, now: datetime) -> Plan:
    """Choose among a target's open rows, in order of ``seq``.

    - A post in doubt goes first: what follows it needs to know whether it is there.
    - Otherwise the newest row wins. An edit never overtakes a post that was not sent: the post takes its content.
    - A target that was told to wait waits, whatever came in since.
    """
    expired = tuple(row for row in rows if row.expires_at is not None and row.expires_at <= now)
    endings = tuple(Ending(row.id, RowState.EXPIRED) for row in expired)
    alive = [row for row in rows if row not in expired]
    doubtful = next((row for row in alive if row.in_doubt), None)
    if doubtful is not None:
        if doubtful.next_attempt_at > now:
            return Plan(None, endings, due=doubtful.next_attempt_at)
        return Plan(doubtful, endings)
    due = max((row.next_attempt_at for row in alive), default=None)
    if due is None or due > now:
        return Plan(None, endings, due=due)
    newest = alive[-1]
    if newest.kind not in CHANGES:
        return Plan(newest, endings + _overtaken(alive, newest))
    unsent = next((row for row in reversed(alive) if row.kind in POSTS), None)
    if unsent is not None:
        return Plan(_merged(unsent, newest), endings + _overtaken(alive, unsent))
    if not has_message:
        nothing = Ending(newest.id, RowState.DEAD, "nothing to change: it was never posted")
        return Plan(None, (*endings, *_overtaken(alive, newest), nothing))
    return Plan(newest, endings + _overtaken(alive, newest))


def _overtaken(rows: Sequence[OutboxRow], kept: OutboxRow) -> tuple[Ending, ...]:
    return tuple(Ending(row.id, RowState.OVERTAKEN) for row in rows if row.id != kept.id)


def _merged(post: OutboxRow, newest: OutboxRow) -> OutboxRow:
    """The post with the newest content; whom it may notify stays the post's. A channel is made with its new name."""
    if post.kind == "channel.create":
        return replace(post, data={**post.data, **newest.data})
    data = {name: value for name, value in newest.data.items() if name != PINGS}
    if PINGS in post.data:
        data[PINGS] = post.data[PINGS]
    return replace(post, data=data, images=newest.images)
