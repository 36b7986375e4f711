"""The tables ``direct_members`` and ``role_refusals``, always of one guild."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dbsbm.audit.events import Kind, person
from dbsbm.audit.repository import AuditRepository
from dbsbm.betting.odds import OddsFormat
from dbsbm.database.session import Row, Session
from dbsbm.guilds.notices.model import DirectMember, DirectState, Refusal, RoleRefusal

_MEMBER = """SELECT user_id, state, locale, odds_format, timezone, quiet_from, quiet_until
 FROM direct_members WHERE guild_id = %s AND user_id = %s"""


class DirectRepository:
    """Who of one guild wants direct messages, and how."""

    def __init__(self, session: Session, guild_id: int) -> None:
        self._session = session
        self._guild_id = guild_id

    def member(self, user_id: int) -> DirectMember:
        """How a member wants messages; not at all, unless it was said."""
        # By PRIMARY.
        row = self._session.one(_MEMBER, (self._guild_id, user_id))
        return DirectMember(user_id) if row is None else _member(row)

    def lock(self, user_id: int) -> DirectMember:
        """The same, held until the transaction ends."""
        # By PRIMARY.
        row = self._session.one(_MEMBER + " FOR UPDATE", (self._guild_id, user_id))
        return DirectMember(user_id) if row is None else _member(row)

    def put(self, member: DirectMember, now: datetime) -> None:
        said = (
            *(member.state.value, member.locale[:8], member.odds_format.value if member.odds_format else None),
            *(member.timezone, member.quiet_from, member.quiet_until, now),
        )
        # By PRIMARY.
        self._session.execute(
            """INSERT INTO direct_members (guild_id, user_id, state, locale, odds_format, timezone, quiet_from,
               quiet_until, changed_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
               ON DUPLICATE KEY UPDATE state = %s, locale = %s, odds_format = %s, timezone = %s, quiet_from = %s,
               quiet_until = %s, changed_at = %s""",
            (self._guild_id, member.user_id, *said, *said),
        )
        self._record(member.user_id, member.state)

    def end(self, user_id: int, state: DirectState, now: datetime) -> None:
        """Nothing more goes to a member who had messages; one who had none stays without a row."""
        # By PRIMARY.
        ended = self._session.execute(
            "UPDATE direct_members SET state = %s, changed_at = %s "
            "WHERE guild_id = %s AND user_id = %s AND state = 'on'",
            (state.value, now, self._guild_id, user_id),
        )
        if ended:
            self._record(user_id, state)

    def _record(self, user_id: int, state: DirectState) -> None:
        direct = {"direct": state.value}
        AuditRepository(self._session, self._guild_id).append(Kind.MEMBER_CHANGED, person(user_id), direct)


class RoleRefusalRepository:
    """Roles of one guild that were asked for and not given."""

    def __init__(self, session: Session, guild_id: int) -> None:
        self._session = session
        self._guild_id = guild_id

    def mark(self, user_id: int, refusal: RoleRefusal, now: datetime) -> None:
        # By PRIMARY.
        self._session.execute(
            """INSERT INTO role_refusals (guild_id, user_id, role_id, reason, since) VALUES (%s, %s, %s, %s, %s)
               ON DUPLICATE KEY UPDATE reason = %s, since = %s""",
            (
                *(self._guild_id, user_id, refusal.role_id, refusal.reason.value, now),
                *(refusal.reason.value, now),
            ),
        )

    def clear(self, user_id: int, role_id: int) -> None:
        """The role is as the member wants it, or nobody wants it any more."""
        # By PRIMARY.
        self._session.execute(
            "DELETE FROM role_refusals WHERE guild_id = %s AND user_id = %s AND role_id = %s",
            (self._guild_id, user_id, role_id),
        )

    def of_member(self, user_id: int) -> Sequence[RoleRefusal]:
        # By PRIMARY.
        rows = self._session.all(
            "SELECT role_id, reason FROM role_refusals WHERE guild_id = %s AND user_id = %s ORDER BY role_id LIMIT 25",
            (self._guild_id, user_id),
        )
        return [RoleRefusal(row["role_id"], Refusal(row["reason"])) for row in rows]

    def reasons(self, role_ids: Sequence[int]) -> dict[int, Refusal]:
        """Why each of these roles was refused last to somebody."""
        if not role_ids:
            return {}
        # By PRIMARY, the guild's rows.
        rows = self._session.all(
            "SELECT role_id, reason FROM role_refusals WHERE guild_id = %s AND role_id IN %s ORDER BY since",
            (self._guild_id, tuple(role_ids)),
        )
        return {row["role_id"]: Refusal(row["reason"]) for row in rows}


def _member(row: Row) -> DirectMember:
    return DirectMember(
        user_id=row["user_id"],
        state=DirectState(row["state"]),
        locale=row["locale"],
        odds_format=OddsFormat(row["odds_format"]) if row["odds_format"] else None,
        timezone=row["timezone"],
        quiet_from=row["quiet_from"],
        quiet_until=row["quiet_until"],
    )
