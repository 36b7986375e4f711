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
    "audit_events": "SELECT * FROM audit_events WHERE guild_id = %s ORDER BY event_id DESC LIMIT %s",
    "erasures": "SELECT * FROM erasures WHERE guild_id = %s LIMIT %s",
}
"""Every table of a community that may say something of a person: by the guild's part of a key."""
OF_NOBODY_ELSE: Mapping[str, str] = {
    "interactions": "SELECT * FROM interactions WHERE interaction_id > %s ORDER BY interaction_id LIMIT %s",
    "outbox": "SELECT * FROM outbox WHERE id > %s ORDER BY id LIMIT %s",
    "outbox_targets": "SELECT * FROM outbox_targets WHERE target_key > %s ORDER BY target_key LIMIT %s",
    "privacy_requests": """SELECT * FROM privacy_requests WHERE state IN ('waiting', 'working')
 AND begins_at >= %s LIMIT %s""",
    "audit_secrets": "SELECT * FROM audit_secrets WHERE user_id = %s LIMIT %s",
    "data_keys": "SELECT * FROM data_keys WHERE user_id = %s LIMIT %s",
}
_KEYS: Mapping[str, str] = {"interactions": "interaction_id", "outbox": "id", "outbox_targets": "target_key"}
"""Tables that all communities write: gone through by their keys, however long they are."""
_NEWEST_FIRST = frozenset({"audit_events"})
"""Only added to, several rows each day: what is behind the newest is of canaries long before."""
_MOST = 5000
"""Other tables keep a row or two of each canary: thirteen years of days."""
_PAGE = 500
PLANTED: Mapping[str, str] = {
    "interactions": """INSERT INTO interactions (interaction_id, guild_id, user_id, route, claimed_at, reply)
 VALUES (%(id)s, %(guild)s, %(user)s, 'canary', %(now)s, %(name)s)""",
    "drafts": """INSERT INTO drafts (guild_id, draft_id, capper_id, version, state, content, created_at, updated_at)
 VALUES (%(guild)s, %(id)s, %(user)s, 1, 'open', %(name)s, %(now)s, %(now)s)""",
    "direct_members": """INSERT INTO direct_members (guild_id, user_id, state, changed_at)
 VALUES (%(guild)s, %(user)s, 'on', %(now)s)""",
    "role_refusals": """INSERT INTO role_refusals (guild_id, user_id, role_id, reason, since)
 VALUES (%(guild)s, %(user)s, 1, 'canary', %(now)s)""",
    "community_top_roles": """INSERT INTO community_top_roles (guild_id, role_id, user_id)
 VALUES (%(guild)s, 1, %(user)s)""",
    "routes": """INSERT INTO routes (guild_id, capper_id, set_by, set_at)
 VALUES (%(guild)s, %(user)s, %(user)s, %(now)s)""",
    "imports": """INSERT INTO imports (guild_id, import_id, capper_id, requested_by, state, filename, zone, unit_cents,
 created_at, done_at) VALUES (%(guild)s, %(id)s, %(user)s, %(user)s, 'done', %(name)s, 'UTC', 100, %(now)s, %(now)s)""",
    "imported_rows": """INSERT INTO imported_rows (guild_id, capper_id, row_hash, import_id, bet_id)
 VALUES (%(guild)s, %(user)s, 'canary', %(id)s, %(id)s)""",
    "capper_proposals": """INSERT INTO capper_proposals (guild_id, bet_id, grade_seq, grade, proposed_by, proposed_at)
 VALUES (%(guild)s, %(id)s, 0, 'won', %(user)s, %(now)s)""",
    "grade_batches": """INSERT INTO grade_batches (guild_id, batch_id, decided_by, decided_at)
 VALUES (%(guild)s, %(id)s, %(user)s, %(now)s)""",
    "dispute_events": """INSERT INTO dispute_events (guild_id, dispute_id, number, kind, user_id, at, said)
 VALUES (%(guild)s, %(id)s, 1, 'said', %(user)s, %(now)s, %(name)s)""",
    "community_posts": """INSERT INTO community_posts (guild_id, routine, period, posted_at, figures, shown, told)
 VALUES (%(guild)s, 'canary', %(now)s, %(now)s, '{}',
 JSON_ARRAY(%(name)s), JSON_ARRAY(%(user)s))""",
    "webhook_events": """INSERT INTO webhook_events (guild_id, endpoint_id, event_id, event, subject_id, seq,
 occurred_at, body, state)
 VALUES (%(guild)s, 1, %(id)s, 'bet.posted', %(user)s, 1, %(now)s, JSON_ARRAY(%(user)s), 'sent')""",
    "outbox": """INSERT INTO outbox (id, guild_id, kind, target_key, seq, target, content, images, state,
 next_attempt_at, created_at, sent_at)
 VALUES (CONCAT('canary:', %(id)s), %(guild)s, 'channel', CONCAT('canary:', %(id)s), 1, '{}',
 JSON_ARRAY(%(name)s, %(user)s), '[]', 'sent', %(now)s, %(now)s, %(now)s)""",
    "outbox_targets": """INSERT INTO outbox_targets (target_key, guild_id)
 VALUES (CONCAT('canary:', %(user)s), %(guild)s)""",
}
"""What is written of a canary beside its name, its sealed words and its bet; nothing that a sum is made of."""


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
        values = {"guild": GUILD, "id": request_id, "user": user_id, "name": name, "now": now}
        for table in PLANTED:
            self._session.execute(PLANTED[table], values)
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
            rows = self._session.all(SEARCHED[table], (GUILD, _MOST))
            if any(_within(row, needles) for row in rows):
                yield table
            elif len(rows) == _MOST and table not in _NEWEST_FIRST:
                yield f"{table}: more rows than are looked through"
        for table in OF_NOBODY_ELSE:
            if any(_within(row, needles) for row in self._rows(table, user_id, since)):
                yield table

    def _rows(self, table: str, user_id: int, since: datetime) -> Iterator[Row]:
        """All that may be somebody's: page by page in the order of the key, what is of one person at once."""
        if table not in _KEYS:
            which = since if table == "privacy_requests" else user_id
            yield from self._session.all(OF_NOBODY_ELSE[table], (which, _MOST))
            return
        after: object = 0 if table == "interactions" else ""
        while rows := self._session.all(OF_NOBODY_ELSE[table], (after, _PAGE)):
            yield from rows
            after = rows[-1][_KEYS[table]]


def _within(row: Row, needles: tuple[str, ...]) -> bool:
    texts = (value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value) for value in row.values())
    return any(needle in text for text in texts for needle in needles)
