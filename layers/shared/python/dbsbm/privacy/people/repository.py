"""Finds the communities of a person, page by page. Not guild-scoped: it serves the person, not a community."""

from __future__ import annotations

import json
from collections.abc import Sequence

from dbsbm.audit import pseudonyms
from dbsbm.database.session import Session

PAGE = 500

_PRESENT = """SELECT g.guild_id FROM guilds g WHERE g.guild_id IN %(guilds)s AND (
 EXISTS (SELECT 1 FROM cappers c WHERE c.guild_id = g.guild_id AND c.user_id = %(user)s)
 OR EXISTS (SELECT 1 FROM bets b WHERE b.guild_id = g.guild_id AND b.capper_id = %(user)s)
 OR EXISTS (SELECT 1 FROM drafts d WHERE d.guild_id = g.guild_id AND d.capper_id = %(user)s)
 OR EXISTS (SELECT 1 FROM tails t WHERE t.guild_id = g.guild_id AND t.user_id = %(user)s)
 OR EXISTS (SELECT 1 FROM direct_members m WHERE m.guild_id = g.guild_id AND m.user_id = %(user)s)
 OR EXISTS (SELECT 1 FROM role_refusals r WHERE r.guild_id = g.guild_id AND r.user_id = %(user)s)
 OR EXISTS (SELECT 1 FROM disputes x WHERE x.guild_id = g.guild_id AND x.opened_by = %(user)s)
 OR EXISTS (SELECT 1 FROM imports i WHERE i.guild_id = g.guild_id AND i.capper_id = %(user)s))"""
_ACTED = """SELECT DISTINCT e.guild_id FROM JSON_TABLE(%s, '$[*]' COLUMNS (
 guild_id BIGINT UNSIGNED PATH '$.guild', actor VARCHAR(64) PATH '$.actor')) named
 STRAIGHT_JOIN audit_events e ON e.guild_id = named.guild_id AND e.actor = named.actor"""


class PeopleRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def guilds_of(self, user_id: int, after: int) -> tuple[Sequence[int], int | None]:
        """Communities among the next 500 with something of the person, and where to look next; None at the end.

        Whoever changed anything in a community stands in its audit log, under a name that their own secret opens.
        """
        # By PRIMARY, in order.
        rows = self._session.all(
            "SELECT guild_id FROM guilds WHERE guild_id > %s ORDER BY guild_id LIMIT %s", (after, PAGE)
        )
        page = [int(row["guild_id"]) for row in rows]
        if not page:
            return [], None
        # Each by the first columns of a key of its table.
        found = {int(row["guild_id"]) for row in self._session.all(_PRESENT, {"guilds": page, "user": user_id})}
        secret = self._session.one("SELECT secret FROM audit_secrets WHERE user_id = %s", (user_id,))
        if secret is not None:
            named = [
                {"guild": str(guild_id), "actor": pseudonyms.actor(secret["secret"], guild_id, user_id)}
                for guild_id in page
            ]
            # By audit_events_by_actor.
            found |= {int(row["guild_id"]) for row in self._session.all(_ACTED, (json.dumps(named),))}
        return sorted(found), page[-1] if len(page) == PAGE else None

    def actor_in(self, user_id: int, guild_id: int) -> str:
        """Under which name the person's own events stand; "" where there is none."""
        # By PRIMARY.
        row = self._session.one("SELECT secret FROM audit_secrets WHERE user_id = %s", (user_id,))
        return "" if row is None else pseudonyms.actor(row["secret"], guild_id, user_id)

    def known(self, after: int, limit: int) -> Sequence[int]:
        """Everybody who has a secret in the audit log, which is everybody the product ever dealt with."""
        # By PRIMARY, in order.
        rows = self._session.all(
            "SELECT user_id FROM audit_secrets WHERE user_id > %s ORDER BY user_id LIMIT %s", (after, limit)
        )
        return [int(row["user_id"]) for row in rows]
