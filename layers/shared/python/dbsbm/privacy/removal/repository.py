"""Takes a community out of every table once its time is over, in bounded batches. Not guild-scoped: a job's work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from dbsbm.audit.events import Kind, Subject
from dbsbm.audit.repository import AuditRepository
from dbsbm.database.session import Session
from dbsbm.guilds.model import LEAVING

REMOVING: Mapping[str, str] = {
    "community_routines": "DELETE FROM community_routines WHERE guild_id = %s LIMIT %s",
    "community_plans": "DELETE FROM community_plans WHERE guild_id = %s LIMIT %s",
    "community_posts": "DELETE FROM community_posts WHERE guild_id = %s LIMIT %s",
    "community_counters": "DELETE FROM community_counters WHERE guild_id = %s LIMIT %s",
    "community_top_roles": "DELETE FROM community_top_roles WHERE guild_id = %s LIMIT %s",
    "channel_webhooks": "DELETE FROM channel_webhooks WHERE guild_id = %s LIMIT %s",
    "unreachable_channels": "DELETE FROM unreachable_channels WHERE guild_id = %s LIMIT %s",
    "webhook_endpoints": "DELETE FROM webhook_endpoints WHERE guild_id = %s LIMIT %s",
    "webhook_events": "DELETE FROM webhook_events WHERE guild_id = %s LIMIT %s",
    "routes": "DELETE FROM routes WHERE guild_id = %s LIMIT %s",
    "role_refusals": "DELETE FROM role_refusals WHERE guild_id = %s LIMIT %s",
    "direct_members": "DELETE FROM direct_members WHERE guild_id = %s LIMIT %s",
    "tail_news": "DELETE FROM tail_news WHERE guild_id = %s LIMIT %s",
    "drafts": "DELETE FROM drafts WHERE guild_id = %s LIMIT %s",
    "imports": "DELETE FROM imports WHERE guild_id = %s LIMIT %s",
    "imported_rows": "DELETE FROM imported_rows WHERE guild_id = %s LIMIT %s",
    "bet_legs": "DELETE FROM bet_legs WHERE guild_id = %s LIMIT %s",
    "bets": "DELETE FROM bets WHERE guild_id = %s LIMIT %s",
    "bet_revisions": "DELETE FROM bet_revisions WHERE guild_id = %s LIMIT %s",
    "bet_grades": "DELETE FROM bet_grades WHERE guild_id = %s LIMIT %s",
    "bet_leg_results": "DELETE FROM bet_leg_results WHERE guild_id = %s LIMIT %s",
    "bet_proposals": "DELETE FROM bet_proposals WHERE guild_id = %s LIMIT %s",
    "capper_proposals": "DELETE FROM capper_proposals WHERE guild_id = %s LIMIT %s",
    "clv_legs": "DELETE FROM clv_legs WHERE guild_id = %s LIMIT %s",
    "clv_bets": "DELETE FROM clv_bets WHERE guild_id = %s LIMIT %s",
    "ledger_entries": "DELETE FROM ledger_entries WHERE guild_id = %s LIMIT %s",
    "capper_totals": "DELETE FROM capper_totals WHERE guild_id = %s LIMIT %s",
    "tails": "DELETE FROM tails WHERE guild_id = %s LIMIT %s",
    "sealed_words": "DELETE FROM sealed_words WHERE guild_id = %s LIMIT %s",
    "disputes": "DELETE FROM disputes WHERE guild_id = %s LIMIT %s",
    "dispute_events": "DELETE FROM dispute_events WHERE guild_id = %s LIMIT %s",
    "grade_batches": "DELETE FROM grade_batches WHERE guild_id = %s LIMIT %s",
    "grade_batch_bets": "DELETE FROM grade_batch_bets WHERE guild_id = %s LIMIT %s",
    "result_cards": "DELETE FROM result_cards WHERE guild_id = %s LIMIT %s",
    "result_card_bets": "DELETE FROM result_card_bets WHERE guild_id = %s LIMIT %s",
    "entitlements": "DELETE FROM entitlements WHERE guild_id = %s LIMIT %s",
    "cappers": "DELETE FROM cappers WHERE guild_id = %s LIMIT %s",
}
"""By the guild's part of each table's primary key. What makes new rows goes first: routines, games' bets, endpoints."""
KEPT: Mapping[str, str] = {
    "audit_events": "the log is never changed, and names nobody",
    "erasures": "keyed, so that an erasure can be done again after a restore",
    "interactions": "gone after a day in any case",
    "outbox": "goes with its target",
    "legal_holds": "which cases needed the community's rows, and which operator said so",
    "sealing_progress": "how far old texts are sealed: the number of whichever guild is next",
}
"""Tables with a community's number that are not emptied, or by another way; ``guilds`` goes last."""


class RemovalRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def due(self, gone_before: datetime, limit: int) -> Sequence[int]:
        """Guilds that the bot was gone from before a moment, longest ago first; none that a case needs."""
        # By guilds_by_removal, in order.
        rows = self._session.all(
            "SELECT guild_id FROM guilds WHERE removed_at < %s AND NOT EXISTS (SELECT 1 FROM legal_holds h "
            "WHERE h.guild_id = guilds.guild_id AND h.released_at IS NULL) ORDER BY removed_at LIMIT %s",
            (gone_before, limit),
        )
        return [int(row["guild_id"]) for row in rows]

    def begin(self, guild_id: int, gone_before: datetime) -> bool:
        """From now on nobody brings the guild back before all of it is gone; False when somebody did meanwhile."""
        # By PRIMARY.
        row = self._session.one(
            "SELECT state FROM guilds WHERE guild_id = %s AND removed_at < %s FOR UPDATE", (guild_id, gone_before)
        )
        if row is not None and row["state"] != LEAVING:
            # By PRIMARY.
            self._session.execute(
                "UPDATE guilds SET state = %s, look_due_at = NULL WHERE guild_id = %s", (LEAVING, guild_id)
            )
            self._audit(guild_id).append(Kind.GUILD_STATE, Subject("guild"), {"state": LEAVING})
        return row is not None

    def targets(self, guild_id: int, limit: int) -> int:
        """Remove what Discord was to show of the guild; returns how many targets."""
        # By outbox_targets_by_guild.
        rows = self._session.all(
            "SELECT target_key FROM outbox_targets WHERE guild_id = %s LIMIT %s", (guild_id, limit)
        )
        keys = [str(row["target_key"]) for row in rows]
        if keys:
            # By outbox_by_target.
            self._session.execute("DELETE FROM outbox WHERE target_key IN %s", (keys,))
            # By PRIMARY.
            self._session.execute("DELETE FROM outbox_targets WHERE target_key IN %s", (keys,))
        return len(keys)

    def rows(self, table: str, guild_id: int, limit: int) -> int:
        """Remove rows of one table; returns how many."""
        return self._session.execute(REMOVING[table], (guild_id, limit))

    def end(self, guild_id: int) -> None:
        """Forget the guild itself."""
        # By PRIMARY.
        self._session.execute("DELETE FROM guilds WHERE guild_id = %s", (guild_id,))
        self._audit(guild_id).append(Kind.GUILD_REMOVED, Subject("guild"))

    def _audit(self, guild_id: int) -> AuditRepository:
        return AuditRepository(self._session, guild_id)
