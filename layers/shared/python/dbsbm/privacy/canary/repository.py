"""The canary's rows, and the search for what is left of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from dbsbm.database.session import Row, Session
from dbsbm.guilds.repository import GuildRepository
from dbsbm.keys.words import CASE, SealedWords

GUILD = 1
"""No community of Discord's has so small a number. Its state keeps every job away from it."""
SEARCHED: Mapping[str, str] = {
    "cappers": "SELECT * FROM cappers WHERE guild_id = %s LIMIT %s",
    "community_posts": "SELECT * FROM community_posts WHERE guild_id = %s LIMIT %s",
    "community_top_roles": "SELECT * FROM community_top_roles WHERE guild_id = %s LIMIT %s",
    "direct_members": "SELECT * FROM direct_members WHERE guild_id = %s LIMIT %s",
    "role_refusals": "SELECT * FROM role_refusals WHERE guild_id = %s LIMIT %s",
    "routes": "SELECT * FROM routes WHERE guild_id = %s LIMIT %s",
    "webhook_endpoints": "SELECT * FROM webhook_endpoints WHERE guild_id = %s LIMIT %s",
    "webhook_events": "SELECT * FROM webhook_events WHERE guild_id = %s LIMIT %s",
    "bet_grades": "SELECT * FROM bet_grades WHERE guild_id = %s LIMIT %s",
    "bet_leg_results": "SELECT * FROM bet_leg_results WHERE guild_id = %s LIMIT %s",
    "bet_legs": "SELECT * FROM bet_legs WHERE guild_id = %s LIMIT %s",
    "bet_proposals": "SELECT * FROM bet_proposals WHERE guild_id = %s LIMIT %s",
    "bet_revisions": "SELECT * FROM bet_revisions WHERE guild_id = %s LIMIT %s",
    "bets": "SELECT * FROM bets WHERE guild_id = %s LIMIT %s",
    "capper_proposals": "SELECT * FROM capper_proposals WHERE guild_id = %s LIMIT %s",
    "capper_totals": "SELECT * FROM capper_totals WHERE guild_id = %s LIMIT %s",
    "clv_bets": "SELECT * FROM clv_bets WHERE guild_id = %s LIMIT %s",
    "clv_legs": "SELECT * FROM clv_legs WHERE guild_id = %s LIMIT %s",
    "dispute_events": "SELECT * FROM dispute_events WHERE guild_id = %s LIMIT %s",
    "disputes": "SELECT * FROM disputes WHERE guild_id = %s LIMIT %s",
    "drafts": "SELECT * FROM drafts WHERE guild_id = %s LIMIT %s",
    "grade_batches": "SELECT * FROM grade_batches WHERE guild_id = %s LIMIT %s",
    "imported_rows": "SELECT * FROM imported_rows WHERE guild_id = %s LIMIT %s",
    "imports": "SELECT * FROM imports WHERE guild_id = %s LIMIT %s",
    "ledger_entries": "SELECT * FROM ledger_entries WHERE guild_id = %s LIMIT %s",
    "sealed_words": "SELECT * FROM sealed_words WHERE guild_id = %s LIMIT %s",
    "tail_news": "SELECT * FROM tail_news WHERE guild_id = %s LIMIT %s",
    "tails": "SELECT * FROM tails WHERE guild_id = %s LIMIT %s",
    "audit_events": "SELECT * FROM audit_events WHERE guild_id = %s LIMIT %s",
    "erasures": "SELECT * FROM erasures WHERE guild_id = %s LIMIT %s",
}
"""Every table of a community that may say something of a person: by the guild's part of a key."""
OF_NOBODY_ELSE: Mapping[str, str] = {
    "interactions": "SELECT * FROM interactions WHERE claimed_at >= %s LIMIT %s",
    "outbox": "SELECT * FROM outbox WHERE id >= %s LIMIT %s",
    "outbox_targets": "SELECT * FROM outbox_targets WHERE guild_id = 1 AND target_key >= %s LIMIT %s",
    "privacy_requests": """SELECT * FROM privacy_requests WHERE state IN ('waiting', 'working')
 AND begins_at >= %s LIMIT %s""",
    "audit_secrets": "SELECT * FROM audit_secrets WHERE user_id = %s LIMIT %s",
    "data_keys": "SELECT * FROM data_keys WHERE user_id = %s LIMIT %s",
}
_MOST = 5000


class CanaryRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def last(self) -> Row | None:
        """The newest canary (by PRIMARY)."""
        return self._session.one("SELECT day, request_id, places FROM canaries ORDER BY day DESC LIMIT 1")

    def plant(self, day: date, request_id: int, user_id: int, name: str, now: datetime) -> None:
        """Somebody with a name, words, a bet that they follow themselves, a draft and an answer."""
        guilds = GuildRepository(self._session, GUILD)
        if guilds.guild() is None:
            guilds.revive(now)
        # By PRIMARY.
        self._session.execute(
            "UPDATE guilds SET state = 'unreachable', look_due_at = NULL WHERE guild_id = %s", (GUILD,)
        )
        guilds.put_capper(user_id, name, "", user_id, now)
        SealedWords(self._session, GUILD).put(CASE, request_id, 1, user_id, {"said": name, "proof": ""})
        self._session.execute(
            """INSERT INTO drafts (guild_id, draft_id, capper_id, version, state, content, created_at, updated_at)
               VALUES (%s, %s, %s, 1, 'open', %s, %s, %s)""",
            (GUILD, request_id, user_id, name, now, now),
        )
        self._session.execute(
            "INSERT INTO direct_members (guild_id, user_id, state, changed_at) VALUES (%s, %s, 'on', %s)",
            (GUILD, user_id, now),
        )
        self._session.execute(
            "INSERT INTO interactions (interaction_id, guild_id, user_id, route, claimed_at, reply) "
            "VALUES (%s, %s, %s, 'canary', %s, %s)",
            (request_id, GUILD, user_id, now, name),
        )
        self._bet(request_id, user_id, name, now)
        self._session.execute(
            "INSERT INTO canaries (day, request_id, planted_at) VALUES (%s, %s, %s)", (day, request_id, now)
        )

    def _bet(self, bet_id: int, user_id: int, name: str, now: datetime) -> None:
        """Withdrawn, so that no sum has it; it stays when the canary goes, under a number."""
        self._session.execute(
            "INSERT INTO bets (guild_id, bet_id, capper_id, state, starts_at, sports_day, posted_at, channel_id) "
            "VALUES (%s, %s, %s, 'withdrawn', %s, %s, %s, 1)",
            (GUILD, bet_id, user_id, now, now.date(), now),
        )
        self._session.execute(
            """INSERT INTO bet_revisions (guild_id, bet_id, revision, stake_mode, risk_micro, to_win_micro, odds_num,
               odds_den, odds_typed, odds_format, rule_profile_version, rule_profile, write_up, priced_at, written_at,
               written_by) VALUES (%s, %s, 1, 'risk', 1000000, 1000000, 2, 1, '+100', 'american', 1, '{}', %s, %s, %s,
               %s)""",
            (GUILD, bet_id, name, now, now, user_id),
        )
        self._session.execute(
            """INSERT INTO tails (guild_id, bet_id, user_id, version, state, direction, revision, risk_micro, odds_num,
               odds_den, source, taken_at) VALUES (%s, %s, %s, 1, 'on', 'tail', 1, 1000000, 2, 1, 'slip', %s)""",
            (GUILD, bet_id, user_id, now),
        )

    def found(self, day: date, places: int, now: datetime) -> None:
        # By PRIMARY.
        self._session.execute("UPDATE canaries SET searched_at = %s, places = %s WHERE day = %s", (now, places, day))

    def residues(self, user_id: int, needles: tuple[str, ...], since: datetime) -> Iterator[str]:
        """Tables in which the number or the name of the canary stands still."""
        for table in SEARCHED:
            if any(_within(row, needles) for row in self._session.all(SEARCHED[table], (GUILD, _MOST))):
                yield table
        for table in OF_NOBODY_ELSE:
            low: object = since if table in ("interactions", "privacy_requests") else ""
            low = user_id if table in ("audit_secrets", "data_keys") else low
            if any(_within(row, needles) for row in self._session.all(OF_NOBODY_ELSE[table], (low, _MOST))):
                yield table


def _within(row: Row, needles: tuple[str, ...]) -> bool:
    texts = (value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value) for value in row.values())
    return any(needle in text for text in texts for needle in needles)
