"""What communities have the bot do by itself: when it is due (of all guilds), and the rest, always of one guild."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal

from dbsbm.audit.events import Kind, Subject
from dbsbm.audit.repository import AuditRepository
from dbsbm.community.model import CommunityPlan, Counter, CounterChannel, Holder, Posted, Routine
from dbsbm.database.session import Row, Session

Field = Literal["channel_id", "recap_hour", "reminder_hour", "top_role_id", "top_count"]

_PLAN = """SELECT channel_id, recap_hour, reminder_hour, top_role_id, top_count, notice FROM community_plans
 WHERE guild_id = %s"""
NOTICE = 160
"""Characters kept of what Discord refused."""
_SET: dict[Field, str] = {
    "channel_id": "INSERT INTO community_plans (guild_id, channel_id) VALUES (%s, %s) "
    "ON DUPLICATE KEY UPDATE channel_id = VALUES(channel_id)",
    "recap_hour": "INSERT INTO community_plans (guild_id, recap_hour) VALUES (%s, %s) "
    "ON DUPLICATE KEY UPDATE recap_hour = VALUES(recap_hour)",
    "reminder_hour": "INSERT INTO community_plans (guild_id, reminder_hour) VALUES (%s, %s) "
    "ON DUPLICATE KEY UPDATE reminder_hour = VALUES(reminder_hour)",
    "top_role_id": "INSERT INTO community_plans (guild_id, top_role_id) VALUES (%s, %s) "
    "ON DUPLICATE KEY UPDATE top_role_id = VALUES(top_role_id)",
    "top_count": "INSERT INTO community_plans (guild_id, top_count) VALUES (%s, %s) "
    "ON DUPLICATE KEY UPDATE top_count = VALUES(top_count)",
}


class DueRepository:
    """Not guild-scoped: the job asks for all guilds."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def due(self, now: datetime, limit: int) -> Sequence[tuple[int, Routine]]:
        """What is due, longest due first."""
        # By community_routines_due, in order.
        rows = self._session.all(
            "SELECT guild_id, routine FROM community_routines WHERE due_at <= %s "
            "ORDER BY due_at, guild_id, routine LIMIT %s",
            (now, limit),
        )
        return [(row["guild_id"], Routine(row["routine"])) for row in rows]


class CommunityRepository:
    """Plan, routines, posts, counters and holders of one guild."""

    def __init__(self, session: Session, guild_id: int) -> None:
        self._session = session
        self._guild_id = guild_id

    def plan(self) -> CommunityPlan:
        # By PRIMARY.
        row = self._session.one(_PLAN, (self._guild_id,))
        if row is None:
            return CommunityPlan()
        values = {name: value for name, value in row.items() if name != "notice"}
        return CommunityPlan(**values, notices=json.loads(row["notice"] or "{}"))

    def set(self, field: Field, value: int | None) -> None:
        """Change what an admin set."""
        # By PRIMARY.
        self._session.execute(_SET[field], (self._guild_id, value))
        self.chosen(field, str(value))

    def chosen(self, what: str, value: str) -> None:
        """Note for the log what an admin switched on, off or over."""
        subject = Subject(f"setting:community.{what}")
        AuditRepository(self._session, self._guild_id).append(Kind.GUILD_SETTING, subject, {"value": value[:200]})

    def notice(self, plan: CommunityPlan, about: str, refused: str) -> None:
        """Keep what Discord refused, or forget it when that is over."""
        others = {name: said for name, said in plan.notices.items() if name != about}
        # By PRIMARY.
        self._session.execute(
            "INSERT INTO community_plans (guild_id, notice) VALUES (%s, %s) "
            "ON DUPLICATE KEY UPDATE notice = VALUES(notice)",
            (self._guild_id, json.dumps(others | {about: refused[:NOTICE]} if refused else others)),
        )

    def routines(self) -> frozenset[Routine]:
        """Those that are on."""
        # By PRIMARY, a range.
        rows = self._session.all("SELECT routine FROM community_routines WHERE guild_id = %s", (self._guild_id,))
        return frozenset(Routine(row["routine"]) for row in rows)

    def take(self, routine: Routine, now: datetime) -> bool:
        """Whether a routine is due, held until the transaction ends: another run waits and finds it done."""
        # By PRIMARY.
        row = self._session.one(
            "SELECT due_at FROM community_routines WHERE guild_id = %s AND routine = %s FOR UPDATE",
            (self._guild_id, routine.value),
        )
        return row is not None and row["due_at"] <= now

    def due_at(self, routine: Routine, at: datetime) -> None:
        """Switch a routine on, or set when it is due next."""
        # By PRIMARY.
        self._session.execute(
            "INSERT INTO community_routines (guild_id, routine, due_at) VALUES (%s, %s, %s) "
            "ON DUPLICATE KEY UPDATE due_at = VALUES(due_at)",
            (self._guild_id, routine.value, at),
        )

    def off(self, routine: Routine) -> None:
        # By PRIMARY.
        self._session.execute(
            "DELETE FROM community_routines WHERE guild_id = %s AND routine = %s", (self._guild_id, routine.value)
        )

    def is_posted(self, routine: Routine, period: date) -> bool:
        # By PRIMARY.
        row = self._session.one(
            "SELECT 1 FROM community_posts WHERE guild_id = %s AND routine = %s AND period = %s",
            (self._guild_id, routine.value, period),
        )
        return row is not None

    def add_post(self, post: Posted) -> None:
        self._session.execute(
            "INSERT INTO community_posts (guild_id, routine, period, posted_at, figures, shown) "
            "VALUES (%s, %s, %s, %s, %s, %s)",
            (
                self._guild_id,
                post.routine.value,
                post.period,
                post.posted_at,
                json.dumps(post.figures),
                json.dumps(post.shown),
            ),
        )

    def posts_since(self, routine: Routine, first: date) -> Sequence[Posted]:
        """What was posted for periods from ``first`` on, oldest first."""
        # By PRIMARY, a range of periods.
        rows = self._session.all(
            "SELECT routine, period, posted_at, figures, shown, told FROM community_posts WHERE guild_id = %s "
            "AND routine = %s AND period >= %s ORDER BY period",
            (self._guild_id, routine.value, first),
        )
        return [_posted(row) for row in rows]

    def tell(self, post: Posted, told: Mapping[str, Any]) -> None:
        """Keep the figures that a post's correction says."""
        # By PRIMARY.
        self._session.execute(
            "UPDATE community_posts SET told = %s WHERE guild_id = %s AND routine = %s AND period = %s",
            (json.dumps(told), self._guild_id, post.routine.value, post.period),
        )

    def forget_posts(self, routine: Routine, before: date) -> None:
        """Remove what was posted for periods that nobody corrects any more."""
        # By PRIMARY, a range of periods.
        self._session.execute(
            "DELETE FROM community_posts WHERE guild_id = %s AND routine = %s AND period < %s",
            (self._guild_id, routine.value, before),
        )

    def counters(self) -> Sequence[CounterChannel]:
        # By PRIMARY, a range.
        rows = self._session.all(
            "SELECT counter, counter_id, shown FROM community_counters WHERE guild_id = %s", (self._guild_id,)
        )
        return [CounterChannel(Counter(row["counter"]), row["counter_id"], row["shown"]) for row in rows]

    def put_counter(self, channel: CounterChannel) -> None:
        # By PRIMARY.
        self._session.execute(
            "INSERT INTO community_counters (guild_id, counter, counter_id, shown) VALUES (%s, %s, %s, %s) "
            "ON DUPLICATE KEY UPDATE counter_id = VALUES(counter_id), shown = VALUES(shown)",
            (self._guild_id, channel.counter.value, channel.counter_id, channel.shown),
        )

    def drop_counter(self, counter: Counter) -> None:
        # By PRIMARY.
        self._session.execute(
            "DELETE FROM community_counters WHERE guild_id = %s AND counter = %s", (self._guild_id, counter.value)
        )

    def holders(self) -> Sequence[Holder]:
        # By PRIMARY, a range.
        rows = self._session.all(
            "SELECT role_id, user_id, state FROM community_top_roles WHERE guild_id = %s ORDER BY role_id, user_id",
            (self._guild_id,),
        )
        return [Holder(row["role_id"], row["user_id"], row["state"] == "leaving") for row in rows]

    def put_holders(self, holders: Iterable[Holder]) -> None:
        # By PRIMARY.
        self._session.execute_many(
            "INSERT INTO community_top_roles (guild_id, role_id, user_id, state) VALUES (%s, %s, %s, %s) "
            "ON DUPLICATE KEY UPDATE state = VALUES(state)",
            [(self._guild_id, each.role_id, each.user_id, "leaving" if each.leaving else "held") for each in holders],
        )

    def drop_holder(self, holder: Holder) -> None:
        # By PRIMARY.
        self._session.execute(
            "DELETE FROM community_top_roles WHERE guild_id = %s AND role_id = %s AND user_id = %s",
            (self._guild_id, holder.role_id, holder.user_id),
        )


def _posted(row: Row) -> Posted:
    return Posted(
        Routine(row["routine"]),
        row["period"],
        row["posted_at"],
        json.loads(row["figures"]),
        json.loads(row["shown"]),
        json.loads(row["told"]) if row["told"] else None,
    )
