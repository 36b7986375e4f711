"""Takes a person out of one community, table by table; every statement may be repeated and takes ``limit`` rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dbsbm.audit.events import Kind, Subject
from dbsbm.audit.repository import AuditRepository
from dbsbm.database.session import Row, Session

ERASING: Mapping[str, str] = {
    "drafts.capper_id": "DELETE FROM drafts WHERE guild_id = %(guild)s AND capper_id = %(user)s LIMIT %(limit)s",
    "direct_members.user_id": "DELETE FROM direct_members WHERE guild_id = %(guild)s AND user_id = %(user)s",
    "role_refusals.user_id": "DELETE FROM role_refusals WHERE guild_id = %(guild)s AND user_id = %(user)s",
    "tail_news.user_id": "DELETE FROM tail_news WHERE guild_id = %(guild)s AND user_id = %(user)s LIMIT %(limit)s",
    "tails.user_id": "DELETE FROM tails WHERE guild_id = %(guild)s AND user_id = %(user)s LIMIT %(limit)s",
    "routes.capper_id": "DELETE FROM routes WHERE guild_id = %(guild)s AND capper_id = %(user)s LIMIT %(limit)s",
    "routes.set_by": "UPDATE routes SET set_by = %(number)s WHERE guild_id = %(guild)s AND set_by = %(user)s",
    "community_top_roles.user_id": "DELETE FROM community_top_roles WHERE guild_id = %(guild)s AND user_id = %(user)s",
    "imported_rows.capper_id": """DELETE FROM imported_rows WHERE guild_id = %(guild)s AND capper_id = %(user)s
 LIMIT %(limit)s""",
    "imports.capper_id": "DELETE FROM imports WHERE guild_id = %(guild)s AND capper_id = %(user)s LIMIT %(limit)s",
    "imports.requested_by": """UPDATE imports SET requested_by = %(number)s, filename = '' WHERE guild_id = %(guild)s
 AND requested_by = %(user)s LIMIT %(limit)s""",
    "bets.capper_id": """UPDATE bets SET capper_id = %(number)s, public_key = NULL WHERE guild_id = %(guild)s
 AND capper_id = %(user)s LIMIT %(limit)s""",
    "bet_revisions.written_by": """UPDATE bet_revisions SET written_by = %(number)s, link = '', write_up = '', noted = 0
 WHERE guild_id = %(guild)s AND written_by = %(user)s LIMIT %(limit)s""",
    "bet_leg_results.decided_by": """UPDATE bet_leg_results SET decided_by = %(number)s WHERE guild_id = %(guild)s
 AND decided_by = %(user)s LIMIT %(limit)s""",
    "bet_grades.decided_by": """UPDATE bet_grades SET decided_by = %(number)s, reason = '' WHERE guild_id = %(guild)s
 AND decided_by = %(user)s LIMIT %(limit)s""",
    "ledger_entries.capper_id": """UPDATE ledger_entries SET capper_id = %(number)s WHERE guild_id = %(guild)s
 AND capper_id = %(user)s LIMIT %(limit)s""",
    "capper_totals.capper_id": """UPDATE IGNORE capper_totals SET capper_id = %(number)s WHERE guild_id = %(guild)s
 AND capper_id = %(user)s LIMIT %(limit)s""",
    "capper_proposals.proposed_by": """UPDATE capper_proposals SET proposed_by = %(number)s
 WHERE guild_id = %(guild)s AND proposed_by = %(user)s LIMIT %(limit)s""",
    "grade_batches.decided_by": """UPDATE grade_batches SET decided_by = %(number)s WHERE guild_id = %(guild)s
 AND decided_by = %(user)s LIMIT %(limit)s""",
    "disputes.opened_by": """UPDATE disputes SET opened_by = %(number)s WHERE guild_id = %(guild)s
 AND opened_by = %(user)s LIMIT %(limit)s""",
    "dispute_events.user_id": """UPDATE dispute_events SET user_id = %(number)s, said = '', proof = ''
 WHERE guild_id = %(guild)s AND user_id = %(user)s LIMIT %(limit)s""",
    "sealed_words.owner_id": """DELETE FROM sealed_words WHERE guild_id = %(guild)s AND owner_id = %(user)s
 LIMIT %(limit)s""",
    "webhook_endpoints.created_by": """UPDATE webhook_endpoints SET created_by = %(number)s
 WHERE guild_id = %(guild)s AND created_by = %(user)s""",
    "webhook_events.subject_id": """DELETE FROM webhook_events WHERE guild_id = %(guild)s AND subject_id = %(user)s
 LIMIT %(limit)s""",
    "webhook_events.body": """UPDATE webhook_events SET body = NULL WHERE guild_id = %(guild)s
 AND INSTR(body, %(user)s) > 0 AND event <> 'test' LIMIT %(limit)s""",
    "cappers.added_by": "UPDATE cappers SET added_by = %(number)s WHERE guild_id = %(guild)s AND added_by = %(user)s",
    "cappers.user_id": """UPDATE cappers SET user_id = %(number)s, display_name = %(label)s, avatar_url = %(picture)s,
 state = 'removed', instant_post = 0 WHERE guild_id = %(guild)s AND user_id = %(user)s""",
}
"""What is done to each column with a person's number. By the guild's part of each table's primary key, or better."""


class ErasureRepository:
    """One community, as far as somebody is erased from it."""

    def __init__(self, session: Session, guild_id: int) -> None:
        self._session = session
        self._guild_id = guild_id

    def number(self, request_id: int, subject: str, at: datetime) -> int:
        """What stands for the person in this community from now on: 1, 2, … in the order of erasures."""
        # By erasures_by_request.
        row = self._session.one(
            "SELECT number FROM erasures WHERE request_id = %s AND guild_id = %s", (request_id, self._guild_id)
        )
        if row is not None:
            return int(row["number"])
        # By PRIMARY; the guild's row is held, so that two erasures do not take the same number.
        self._session.one("SELECT guild_id FROM guilds WHERE guild_id = %s FOR UPDATE", (self._guild_id,))
        last = self._session.one("SELECT MAX(number) AS last FROM erasures WHERE guild_id = %s", (self._guild_id,))
        number = int((last or {}).get("last") or 0) + 1
        self.remember(request_id, subject, number, at)
        return number

    def remember(self, request_id: int, subject: str, number: int, at: datetime) -> None:
        """A row of the erasure ledger, once."""
        self._session.execute(
            "INSERT IGNORE INTO erasures (guild_id, number, subject, request_id, erased_at) "
            "VALUES (%s, %s, %s, %s, %s)",
            (self._guild_id, number, subject, request_id, at),
        )
        subject_of = Subject(f"former:{number}")
        AuditRepository(self._session, self._guild_id).append(Kind.MEMBER_ERASED, subject_of, {"number": number})

    def erase(self, column: str, values: Mapping[str, Any]) -> int:
        """One batch of what ERASING says of a column; returns how many rows it changed."""
        return self._session.execute(ERASING[column], {"guild": self._guild_id, **values})

    def merge(self, user_id: int, number: int) -> bool:
        """Whether the former capper has a row already, of somebody who came back before all was done: theirs goes."""
        # By PRIMARY, both.
        merged = self._session.execute(
            "DELETE back FROM cappers back JOIN cappers former ON former.guild_id = back.guild_id "
            "AND former.user_id = %s WHERE back.guild_id = %s AND back.user_id = %s",
            (number, self._guild_id, user_id),
        )
        if merged:
            # By capper_totals_by_capper.
            self._session.execute(
                "DELETE FROM capper_totals WHERE guild_id = %s AND capper_id = %s", (self._guild_id, user_id)
            )
        return bool(merged)

    def name(self, user_id: int) -> str:
        """What a capper is called here, "" for anybody else."""
        # By PRIMARY.
        row = self._session.one(
            "SELECT display_name FROM cappers WHERE guild_id = %s AND user_id = %s", (self._guild_id, user_id)
        )
        return "" if row is None else str(row["display_name"])

    def recaps(self) -> Sequence[Row]:
        """What recaps said: some dozens of rows (by the guild's part of PRIMARY)."""
        return self._session.all(
            "SELECT routine, period, figures, shown, told FROM community_posts WHERE guild_id = %s", (self._guild_id,)
        )

    def rewrite_recap(self, row: Row, figures: str, shown: str, told: str | None) -> None:
        # By PRIMARY.
        self._session.execute(
            "UPDATE community_posts SET figures = %s, shown = %s, told = %s "
            "WHERE guild_id = %s AND routine = %s AND period = %s",
            (figures, shown, told, self._guild_id, row["routine"], row["period"]),
        )

    def slips(self, number: int, after: int, limit: int) -> Sequence[int]:
        """Bets of a former capper that stand in Discord as a slip (by PRIMARY and the target's key)."""
        rows = self._session.all(
            "SELECT b.bet_id FROM bets b JOIN outbox_targets t ON t.target_key = CONCAT('bet:', b.bet_id) "
            "WHERE b.guild_id = %s AND b.bet_id > %s AND b.capper_id = %s AND b.state <> 'undone' "
            "AND t.message_id IS NOT NULL ORDER BY b.bet_id LIMIT %s",
            (self._guild_id, after, number, limit),
        )
        return [int(row["bet_id"]) for row in rows]


class ResidueRepository:
    """What may repeat a person's number or name outside any community's own tables, page by page."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def communities(self, request_id: int, after: int, limit: int) -> Sequence[Row]:
        """Where a request has been done (by erasures_by_request)."""
        return self._session.all(
            "SELECT guild_id, number FROM erasures WHERE request_id = %s AND guild_id > %s ORDER BY guild_id LIMIT %s",
            (request_id, after, limit),
        )

    def answers(self, after: int, limit: int) -> Sequence[Row]:
        # By PRIMARY, in order.
        return self._session.all(
            "SELECT interaction_id, guild_id, user_id, reply FROM interactions WHERE interaction_id > %s "
            "ORDER BY interaction_id LIMIT %s",
            (after, limit),
        )

    def drop_answer(self, interaction_id: int) -> None:
        self._session.execute("DELETE FROM interactions WHERE interaction_id = %s", (interaction_id,))

    def rewrite_answer(self, interaction_id: int, reply: str) -> None:
        self._session.execute("UPDATE interactions SET reply = %s WHERE interaction_id = %s", (reply, interaction_id))

    def posts(self, after: str, limit: int) -> Sequence[Row]:
        # By PRIMARY, in order.
        return self._session.all(
            "SELECT id, guild_id, target_key, target, content, images, last_error FROM outbox WHERE id > %s "
            "ORDER BY id LIMIT %s",
            (after, limit),
        )

    def drop_post(self, row_id: str) -> None:
        self._session.execute("DELETE FROM outbox WHERE id = %s", (row_id,))

    def rewrite_post(self, row_id: str, target: str, content: str, images: str, last_error: str | None) -> None:
        self._session.execute(
            "UPDATE outbox SET target = %s, content = %s, images = %s, last_error = %s WHERE id = %s",
            (target, content, images, last_error, row_id),
        )

    def targets(self, after: str, limit: int) -> Sequence[str]:
        # By PRIMARY, in order.
        rows = self._session.all(
            "SELECT target_key FROM outbox_targets WHERE target_key > %s ORDER BY target_key LIMIT %s", (after, limit)
        )
        return [str(row["target_key"]) for row in rows]

    def drop_target(self, target_key: str) -> None:
        self._session.execute("DELETE FROM outbox_targets WHERE target_key = %s", (target_key,))

    def forget(self, user_id: int) -> int:
        """Delete the secret of the audit log (by PRIMARY): from now on its entries are nobody's."""
        return self._session.execute("DELETE FROM audit_secrets WHERE user_id = %s", (user_id,))
