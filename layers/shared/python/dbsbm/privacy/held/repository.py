"""Reads what one community holds about a person, table by table, page by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dbsbm.database.session import Row, Session

Key = int | str

HELD: Mapping[str, str] = {
    "cappers": """SELECT * FROM cappers WHERE guild_id = %(guild)s AND user_id = %(user)s
 AND (%(first)s OR user_id > %(k0)s)
 ORDER BY user_id LIMIT %(limit)s""",
    "direct_members": """SELECT * FROM direct_members WHERE guild_id = %(guild)s AND user_id = %(user)s
 AND (%(first)s OR user_id > %(k0)s)
 ORDER BY user_id LIMIT %(limit)s""",
    "role_refusals": """SELECT * FROM role_refusals WHERE guild_id = %(guild)s AND user_id = %(user)s
 AND (%(first)s OR role_id > %(k0)s)
 ORDER BY role_id LIMIT %(limit)s""",
    "community_top_roles": """SELECT * FROM community_top_roles WHERE guild_id = %(guild)s AND user_id = %(user)s
 AND (%(first)s OR role_id > %(k0)s)
 ORDER BY role_id LIMIT %(limit)s""",
    "routes": """SELECT * FROM routes WHERE guild_id = %(guild)s AND (capper_id = %(user)s OR set_by = %(user)s)
 AND (%(first)s OR (capper_id, sport) > (%(k0)s, %(k1)s))
 ORDER BY capper_id, sport LIMIT %(limit)s""",
    "drafts": """SELECT * FROM drafts WHERE guild_id = %(guild)s AND capper_id = %(user)s
 AND (%(first)s OR draft_id > %(k0)s)
 ORDER BY draft_id LIMIT %(limit)s""",
    "bets": """SELECT * FROM bets WHERE guild_id = %(guild)s AND capper_id = %(user)s
 AND (%(first)s OR bet_id > %(k0)s)
 ORDER BY bet_id LIMIT %(limit)s""",
    "bet_revisions": """SELECT r.* FROM bet_revisions r WHERE r.guild_id = %(guild)s AND r.written_by = %(user)s
 AND (%(first)s OR (r.bet_id, r.revision) > (%(k0)s, %(k1)s))
 ORDER BY r.bet_id, r.revision LIMIT %(limit)s""",
    "bet_legs": """SELECT l.* FROM bets b JOIN bet_legs l ON l.guild_id = b.guild_id AND l.bet_id = b.bet_id
 WHERE b.guild_id = %(guild)s AND b.capper_id = %(user)s
 AND (%(first)s OR (l.bet_id, l.revision, l.leg) > (%(k0)s, %(k1)s, %(k2)s))
 ORDER BY l.bet_id, l.revision, l.leg LIMIT %(limit)s""",
    "bet_grades": """SELECT d.* FROM bet_grades d JOIN bets b ON b.guild_id = d.guild_id AND b.bet_id = d.bet_id
 WHERE d.guild_id = %(guild)s AND (b.capper_id = %(user)s OR d.decided_by = %(user)s)
 AND (%(first)s OR (d.bet_id, d.grade_seq) > (%(k0)s, %(k1)s))
 ORDER BY d.bet_id, d.grade_seq LIMIT %(limit)s""",
    "bet_leg_results": """SELECT d.* FROM bet_leg_results d JOIN bets b ON b.guild_id = d.guild_id
 AND b.bet_id = d.bet_id WHERE d.guild_id = %(guild)s AND (b.capper_id = %(user)s OR d.decided_by = %(user)s)
 AND (%(first)s OR (d.bet_id, d.decision) > (%(k0)s, %(k1)s))
 ORDER BY d.bet_id, d.decision LIMIT %(limit)s""",
    "bet_proposals": """SELECT p.* FROM bets b JOIN bet_proposals p ON p.guild_id = b.guild_id AND p.bet_id = b.bet_id
 WHERE b.guild_id = %(guild)s AND b.capper_id = %(user)s
 AND (%(first)s OR p.bet_id > %(k0)s)
 ORDER BY p.bet_id LIMIT %(limit)s""",
    "clv_bets": """SELECT v.* FROM bets b JOIN clv_bets v ON v.guild_id = b.guild_id AND v.bet_id = b.bet_id
 WHERE b.guild_id = %(guild)s AND b.capper_id = %(user)s
 AND (%(first)s OR (v.bet_id, v.revision) > (%(k0)s, %(k1)s))
 ORDER BY v.bet_id, v.revision LIMIT %(limit)s""",
    "clv_legs": """SELECT v.* FROM bets b JOIN clv_legs v ON v.guild_id = b.guild_id AND v.bet_id = b.bet_id
 WHERE b.guild_id = %(guild)s AND b.capper_id = %(user)s
 AND (%(first)s OR (v.bet_id, v.revision, v.leg) > (%(k0)s, %(k1)s, %(k2)s))
 ORDER BY v.bet_id, v.revision, v.leg LIMIT %(limit)s""",
    "capper_proposals": """SELECT * FROM capper_proposals WHERE guild_id = %(guild)s AND proposed_by = %(user)s
 AND (%(first)s OR bet_id > %(k0)s)
 ORDER BY bet_id LIMIT %(limit)s""",
    "ledger_entries": """SELECT * FROM ledger_entries WHERE guild_id = %(guild)s AND capper_id = %(user)s
 AND (%(first)s OR (bet_id, grade_seq, kind) > (%(k0)s, %(k1)s, %(k2)s))
 ORDER BY bet_id, grade_seq, kind LIMIT %(limit)s""",
    "capper_totals": """SELECT * FROM capper_totals WHERE guild_id = %(guild)s AND capper_id = %(user)s
 AND (%(first)s OR (category, span, league, market, since) > (%(k0)s, %(k1)s, %(k2)s, %(k3)s, %(k4)s))
 ORDER BY category, span, league, market, since LIMIT %(limit)s""",
    "grade_batches": """SELECT * FROM grade_batches WHERE guild_id = %(guild)s AND decided_by = %(user)s
 AND (%(first)s OR batch_id > %(k0)s)
 ORDER BY batch_id LIMIT %(limit)s""",
    "tails": """SELECT * FROM tails WHERE guild_id = %(guild)s AND user_id = %(user)s
 AND (%(first)s OR bet_id > %(k0)s)
 ORDER BY bet_id LIMIT %(limit)s""",
    "tail_news": """SELECT * FROM tail_news WHERE guild_id = %(guild)s AND user_id = %(user)s
 AND (%(first)s OR bet_id > %(k0)s)
 ORDER BY bet_id LIMIT %(limit)s""",
    "disputes": """SELECT * FROM disputes WHERE guild_id = %(guild)s AND opened_by = %(user)s
 AND (%(first)s OR dispute_id > %(k0)s)
 ORDER BY dispute_id LIMIT %(limit)s""",
    "dispute_events": """SELECT * FROM dispute_events WHERE guild_id = %(guild)s AND user_id = %(user)s
 AND (%(first)s OR (dispute_id, number) > (%(k0)s, %(k1)s))
 ORDER BY dispute_id, number LIMIT %(limit)s""",
    "imports": """SELECT * FROM imports WHERE guild_id = %(guild)s
 AND (capper_id = %(user)s OR requested_by = %(user)s)
 AND (%(first)s OR import_id > %(k0)s)
 ORDER BY import_id LIMIT %(limit)s""",
    "imported_rows": """SELECT * FROM imported_rows WHERE guild_id = %(guild)s AND capper_id = %(user)s
 AND (%(first)s OR row_hash > %(k0)s)
 ORDER BY row_hash LIMIT %(limit)s""",
    "webhook_endpoints": """SELECT * FROM webhook_endpoints WHERE guild_id = %(guild)s AND created_by = %(user)s
 AND (%(first)s OR endpoint_id > %(k0)s)
 ORDER BY endpoint_id LIMIT %(limit)s""",
    "sealed_words": """SELECT w.* FROM sealed_words w LEFT JOIN bets b ON w.place = 'decision'
 AND b.guild_id = w.guild_id AND b.bet_id = w.object_id
 WHERE w.guild_id = %(guild)s AND (w.owner_id = %(user)s OR b.capper_id = %(user)s)
 AND (%(first)s OR (w.place, w.object_id, w.number) > (%(k0)s, %(k1)s, %(k2)s))
 ORDER BY w.place, w.object_id, w.number LIMIT %(limit)s""",
    "audit_events": """SELECT * FROM audit_events WHERE guild_id = %(guild)s AND actor = %(actor)s
 AND (%(first)s OR event_id > %(k0)s)
 ORDER BY event_id LIMIT %(limit)s""",
}
"""By the guild's part of each table's primary key, or better."""

KEYS: Mapping[str, str] = {
    "cappers": "user_id",
    "direct_members": "user_id",
    "role_refusals": "role_id",
    "community_top_roles": "role_id",
    "routes": "capper_id sport",
    "drafts": "draft_id",
    "bets": "bet_id",
    "bet_revisions": "bet_id revision",
    "bet_legs": "bet_id revision leg",
    "bet_grades": "bet_id grade_seq",
    "bet_leg_results": "bet_id decision",
    "bet_proposals": "bet_id",
    "clv_bets": "bet_id revision",
    "clv_legs": "bet_id revision leg",
    "capper_proposals": "bet_id",
    "ledger_entries": "bet_id grade_seq kind",
    "capper_totals": "category span league market since",
    "grade_batches": "batch_id",
    "tails": "bet_id",
    "tail_news": "bet_id",
    "disputes": "dispute_id",
    "dispute_events": "dispute_id number",
    "imports": "import_id",
    "imported_rows": "row_hash",
    "webhook_endpoints": "endpoint_id",
    "sealed_words": "place object_id number",
    "audit_events": "event_id",
}
"""What each is ordered by: a page begins behind the last row of the one before, whatever went in between."""
_MOST_KEYS = max(len(each.split()) for each in KEYS.values())

NOT_COPIED: Mapping[str, str] = {
    "interactions": "your commands of the last 24 hours, kept so that a repeated delivery has one effect",
    "outbox": "what was sent to Discord, kept for days; you see it there",
    "outbox_targets": "which message in Discord shows what",
    "community_posts": "recaps of a community; they repeat figures that are here",
    "webhook_events": "what a community's own systems were told; it repeats bets and decisions that are here",
    "data_keys": "the keys under which your own words are sealed: the words themselves are here, opened",
    "audit_secrets": "the key under which your entries in the audit log stand",
    "privacy_requests": "your requests about data: /privacy status shows them",
    "erasures": "names nobody",
    "compliance_recipients": "which operators are sent reports, by the short names of the service's settings",
    "compliance_statements": "what operators stated of controls, by the short names of the service's settings",
    "compliance_workflows": "what operators asked for and decided, by the short names of the service's settings",
    "reveals": "which names of data sets operators led back for a case, by the short names of the service's settings",
    "legal_holds": "which communities operators keep for a case, by the short names of the service's settings",
    "player_names": "what operators said a source calls a player, by the short names of the service's settings",
    "source_events": "which game operators said an event of a source is, by the short names of the service's settings",
}
"""Tables with something of people of which no copy is given, each with what it is."""


class HeldRepository:
    def __init__(self, session: Session, guild_id: int) -> None:
        self._session = session
        self._guild_id = guild_id

    def of(self, table: str, user_id: int, actor: str, limit: int, after: Sequence[Key]) -> Sequence[Row]:
        """The rows behind a key, from the first one with an empty one."""
        values = {"guild": self._guild_id, "user": user_id, "actor": actor, "limit": limit, "first": not after}
        named = {f"k{at}": after[at] if at < len(after) else 0 for at in range(_MOST_KEYS)}
        return self._session.all(HELD[table], values | named)
