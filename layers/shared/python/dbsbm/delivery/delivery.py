"""Takes desired states from the outbox, one target at a time, and brings Discord to them."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from dbsbm.core import tracing
from dbsbm.core.clock import Clock
from dbsbm.core.errors import DatabaseUnavailableError, DiscordError
from dbsbm.database.database import Database
from dbsbm.database.session import Session
from dbsbm.delivery import consequences
from dbsbm.delivery.adoption import UndecidableError
from dbsbm.delivery.plan import Plan, plan
from dbsbm.delivery.repository import UnreachableRepository
from dbsbm.delivery.sender import Sender
from dbsbm.delivery.verdict import (
    UNKNOWN_GUILD,
    UNKNOWN_WEBHOOK,
    LostWebhookError,
    UnsendableError,
    Verdict,
    verdict,
)
from dbsbm.guilds.life.repository import GuildLifeRepository
from dbsbm.outbox.model import CHANGES, OutboxRow, Place, RowState
from dbsbm.outbox.repository import OutboxQueue
from dbsbm.security.tokens import TokenTamperedError

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=45)
"""Longer than one attempt can take (webhook look-up, creation and post at 8 s each, and pictures)."""
PATIENCE = timedelta(seconds=10)
"""A wait this short is sat out within the run instead of left to the next sweep."""
_AFTER_CRASH = timedelta(seconds=60)
_SWEEP = 50
_ROUNDS = 60
_PLACED = CHANGES | {"channel.delete"}
"""What happens where an earlier row made something."""

Errand = Callable[[OutboxRow], Sequence[str]]
"""What is done for a row that shows nothing by itself; returns the targets it made something to send for.

Found in doubt it is done again, so it must take effect once. Raises as ``Sender.send``.
"""


@dataclass(frozen=True, slots=True)
class _Taken:
    row: OutboxRow
    place: Place | None


class Delivery:
    """One run of delivery. ``owner`` names it in the leases, so that two runs never send one target at once."""

    def __init__(
        self,
        database: Database,
        sender: Sender,
        clock: Clock,
        random: Random,
        owner: str,
        *,
        errands: Mapping[str, Errand] | None = None,
    ) -> None:
        """``errands`` by kind of row."""
        self._errands = errands or {}
        self._database = database
        self._sender = sender
        self._clock = clock
        self._random = random
        self._owner = owner
        self._paused: dict[tuple[str, int], datetime] = {}
        self._raised: list[str] = []
        """Targets that came about in this run."""
        self.counts: Counter[str] = Counter()

    def run(self, target_keys: Sequence[str] | None, has_time: Callable[[], bool]) -> dict[str, int]:
        """Deliver the targets named, or sweep all that is due; returns how many rows ended in each state.

        Raises
        ------
        DatabaseUnavailableError
            What was not recorded is in doubt and looked up by a later run.
        """
        waiting: dict[str, datetime] = {}
        seen: set[str] = set()
        keys: Sequence[str] = self._due() if target_keys is None else target_keys
        while keys:
            for key in keys:
                if not has_time():
                    return dict(self.counts)
                seen.add(key)
                self._visit(key, waiting)
            keys, self._raised = self._raised, []
            if not keys and target_keys is None:
                keys = [key for key in self._due() if key not in seen]
        self._sit_out(waiting, has_time)
        return dict(self.counts)

    def deliver(self, target_key: str) -> datetime | None:
        """Send what is due for one target; when something of it is due next, if anything is left."""
        while True:
            chosen, place = self._database.run(lambda session: self._take(session, target_key))
            self.counts.update(ending.state for ending in chosen.endings)
            if chosen.send is None:
                return chosen.due
            cause, trace = tracing.cause_of(chosen.send.id), tracing.Link.read(chosen.send.traceparent)
            with tracing.bound(cause, trace), tracing.span("send", kind=chosen.send.kind):
                self._attempt(_Taken(chosen.send, place))

    def _visit(self, key: str, waiting: dict[str, datetime]) -> None:
        waiting.pop(key, None)
        try:
            due = self.deliver(key)
        except DatabaseUnavailableError:
            raise
        except Exception:  # the edge of one target: a fault in its row must not keep the others from going out
            logger.exception("delivery of %s failed", key)
            self.counts["failed"] += 1
            self._database.run(lambda session: self._set_aside(session, key))
            return
        if due is not None and due - self._clock.now() <= PATIENCE:
            waiting[key] = due

    def _sit_out(self, waiting: dict[str, datetime], has_time: Callable[[], bool]) -> None:
        """Return to targets whose wait is short; bounded, whatever the clock does."""
        for _ in range(_ROUNDS):
            if not waiting or not has_time():
                return
            key = min(waiting, key=lambda waits: waiting[waits])
            self._clock.sleep(max(0.0, (waiting[key] - self._clock.now()).total_seconds()))
            self._visit(key, waiting)

    def _due(self) -> Sequence[str]:
        with self._database.read() as session:
            return OutboxQueue(session).due_targets(self._clock.now(), _SWEEP)

    def _take(self, session: Session, target_key: str) -> tuple[Plan, Place | None]:
        """Lease the target and mark what goes out as *sending*; with nothing to send the lease is given back."""
        queue = OutboxQueue(session)
        now = self._clock.now()
        if not queue.lease(target_key, self._owner, now, now + LEASE):
            return Plan(), None
        place = queue.place(target_key)
        chosen = plan(queue.open_rows(target_key), has_message=place is not None, now=now)
        paused = self._paused_until(chosen.send, place) if chosen.send is not None else None
        if chosen.send is not None and paused is not None and paused > now:
            # Nothing is ended here: what this row overtakes is only written down when it is sent.
            queue.postpone(chosen.send.id, chosen.send.state, paused, "waits with its channel")
            queue.release(target_key, self._owner)
            return Plan(due=paused), None
        for ending in chosen.endings:
            queue.finish(ending.row_id, ending.state, ending.reason)
        if chosen.send is None:
            queue.release(target_key, self._owner)
        else:
            queue.mark_sending(chosen.send, now)
        return chosen, place

    def _attempt(self, taken: _Taken) -> None:
        row = taken.row
        try:
            place = self._done(taken)
        except UndecidableError as error:
            self._judged(taken, Verdict(RowState.UNKNOWN, error.detail))
        except LostWebhookError as error:
            self._judged(taken, Verdict(RowState.DEAD, error.detail, guild_code=UNKNOWN_WEBHOOK))
        except (UnsendableError, TokenTamperedError) as error:
            self._judged(taken, Verdict(RowState.DEAD, error.detail))
        except DiscordError as error:
            judged = verdict(error, row, self._clock.now(), self._random)
            self._pause(taken, error, judged)
            self._judged(taken, judged)
        else:
            self._database.run(lambda session: self._record(session, row, place))
            self.counts[RowState.SENT] += 1
            logger.info("sent", extra={"row": row.id, "kind": row.kind, "attempts": row.attempts + 1})

    def _done(self, taken: _Taken) -> Place | None:
        errand = self._errands.get(taken.row.kind)
        if errand is None:
            return self._sender.send(taken.row, taken.place)
        self._raised.extend(errand(taken.row))
        return None

    def _pause(self, taken: _Taken, error: DiscordError, judged: Verdict) -> None:
        """Spare Discord further requests that would meet the same limit: refused ones count towards a ban."""
        channel_id = _channel_id(taken.row, taken.place)
        if error.status == 429 and judged.at is not None and channel_id is not None:
            self._paused[taken.row.kind, channel_id] = judged.at

    def _paused_until(self, row: OutboxRow, place: Place | None) -> datetime | None:
        channel_id = _channel_id(row, place)
        return None if channel_id is None else self._paused.get((row.kind, channel_id))

    def _record(self, session: Session, row: OutboxRow, place: Place | None) -> None:
        now = self._clock.now()
        queue = OutboxQueue(session)
        queue.lease(row.target_key, self._owner, now, now + LEASE)  # locks the target first, as everybody does
        queue.record_sent(row, place, now)
        if place is not None and row.guild_id:
            UnreachableRepository(session).clear(row.guild_id, place.channel_id)
        consequences.of_success(session, row)

    def _judged(self, taken: _Taken, judged: Verdict) -> None:
        row = taken.row
        self._database.run(lambda session: self._record_verdict(session, taken, judged))
        self.counts["postponed" if judged.at else judged.state] += 1
        logger.warning(
            "not sent", extra={"row": row.id, "kind": row.kind, "state": judged.state, "reason": judged.reason}
        )

    def _record_verdict(self, session: Session, taken: _Taken, judged: Verdict) -> None:
        row, now = taken.row, self._clock.now()
        queue = OutboxQueue(session)
        queue.lease(row.target_key, self._owner, now, now + LEASE)
        if judged.at is not None:
            # What was in doubt before this attempt still is: only a look at the channel can settle it.
            state = RowState.SENDING if row.in_doubt else judged.state
            queue.postpone(row.id, state, judged.at, judged.reason)
            return
        queue.finish(row.id, judged.state, judged.reason)
        channel_id = _channel_id(row, taken.place)
        if judged.unreachable_code is not None and channel_id is not None:
            UnreachableRepository(session).mark(row.guild_id, channel_id, judged.unreachable_code, now)
        self._raised.extend(consequences.of_refusal(session, row, judged, self._database.outbox, now))
        life = GuildLifeRepository(session)
        if judged.guild_code == UNKNOWN_GUILD:
            life.unknown(row.guild_id, now)
        elif judged.guild_code is not None:
            life.doubt(row.guild_id, now)

    def _set_aside(self, session: Session, target_key: str) -> None:
        now = self._clock.now()
        queue = OutboxQueue(session)
        if not queue.lease(target_key, self._owner, now, now + LEASE):
            return
        for row in queue.open_rows(target_key):
            queue.postpone(row.id, row.state, now + _AFTER_CRASH, "failed inside delivery")
        queue.release(target_key, self._owner)


def _channel_id(row: OutboxRow, place: Place | None) -> int | None:
    if "channel_id" in row.target:
        return int(row.target["channel_id"])
    return place.channel_id if place is not None and row.kind in _PLACED else None
