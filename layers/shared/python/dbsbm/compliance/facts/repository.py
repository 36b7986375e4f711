"""What the database shows of how the product is kept: counts, ages and names of kinds. Never a person, never a text.

Not guild-scoped: it is the operator's. Where communities are looked into, a few are, and the next run takes the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from dbsbm.database.session import Session

_NEWEST = 500
_TEXTS = 200
_CAPPERS = 5
_OLDEST_INTERACTION = """SELECT i.claimed_at AS at FROM interactions i LEFT JOIN legal_holds h
 ON h.guild_id = i.guild_id AND h.released_at IS NULL WHERE h.guild_id IS NULL ORDER BY i.claimed_at LIMIT 1"""
_OLDEST_DELIVERY = """SELECT o.next_attempt_at AS at FROM outbox o LEFT JOIN legal_holds h
 ON h.guild_id = o.guild_id AND h.released_at IS NULL WHERE o.state = %s AND h.guild_id IS NULL
 ORDER BY o.next_attempt_at LIMIT 1"""
_OLDEST_TOLD = """SELECT e.occurred_at AS at FROM webhook_events e LEFT JOIN legal_holds h
 ON h.guild_id = e.guild_id AND h.released_at IS NULL WHERE e.state = 'sent' AND h.guild_id IS NULL
 ORDER BY e.occurred_at LIMIT 1"""


class FactsRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def audit(self, at: datetime) -> dict[str, Any]:
        # By PRIMARY, backwards.
        newest = self._session.all("SELECT kind FROM audit_events ORDER BY event_id DESC LIMIT %s", (_NEWEST,))
        # By audit_events_by_leaf.
        waiting = self._session.one("SELECT at FROM audit_events WHERE leaf_index IS NULL ORDER BY event_id LIMIT 1")
        # By PRIMARY.
        log = self._session.one("SELECT published_size, checked_size, checked_since FROM audit_log WHERE log_id = 1")
        # Both by PRIMARY, backwards.
        signed = self._session.one("SELECT tree_size FROM audit_checkpoints ORDER BY tree_size DESC LIMIT 1")
        older = self._session.one(
            "SELECT tree_size FROM audit_checkpoints WHERE kept_at < %s ORDER BY tree_size DESC LIMIT 1",
            (at - timedelta(days=9),),
        )
        sizes = (int(signed["tree_size"]) if signed else 0, int(log["published_size"]) if log else 0)
        return {
            "events": bool(newest),
            "newest": len(newest),
            "kinds": sorted({str(row["kind"]) for row in newest}),
            "waiting_since": _text(waiting["at"]) if waiting else None,
            "published": sizes[1],
            "checked": int(log["checked_size"]) if log else 0,
            "checked_since": _text(log["checked_since"]) if log and log["checked_since"] else None,
            "signed": sizes[0],
            "unsigned_since": self._at_leaf(sizes[0]) if sizes[0] < sizes[1] else None,
            "signed_nine_days_ago": int(older["tree_size"]) if older else 0,
        }

    def _at_leaf(self, leaf: int) -> str | None:
        # By audit_events_by_leaf.
        row = self._session.one("SELECT at FROM audit_events WHERE leaf_index = %s ORDER BY event_id LIMIT 1", (leaf,))
        return _text(row["at"]) if row else None

    def privacy(self, at: datetime) -> dict[str, Any]:
        # By privacy_requests_due.
        row = self._session.one(
            """SELECT SUM(kind = 'delete') AS erasures,
               SUM(kind = 'delete' AND state IN ('waiting', 'working')) AS erasures_open,
               SUM(kind = 'delete' AND state IN ('waiting', 'working') AND answer_by < %(now)s) AS erasures_late,
               SUM(kind = 'delete' AND state = 'waiting' AND begins_at < %(day_ago)s) AS erasures_stuck,
               SUM(kind = 'delete' AND state = 'done') AS erasures_done,
               SUM(kind = 'delete' AND state = 'done' AND user_id IS NOT NULL) AS erasures_named,
               SUM(kind = 'export') AS copies,
               SUM(kind = 'export' AND JSON_EXTRACT(counts, '$.parts') IS NULL) AS copies_without_part
               FROM privacy_requests WHERE state IN ('waiting', 'working', 'done', 'withdrawn')""",
            {"now": at, "day_ago": at - timedelta(days=1)},
        )
        return {name: int(value or 0) for name, value in (row or {}).items()}

    def retention(self) -> dict[str, Any]:
        """The oldest of each kind whose time ends by itself; what a legal hold keeps is not among them."""
        # In the order of interactions_by_age, outbox_due twice, and webhook_events_due.
        interactions = self._session.one(_OLDEST_INTERACTION)
        sent = self._session.one(_OLDEST_DELIVERY, ("sent",))
        overtaken = self._session.one(_OLDEST_DELIVERY, ("overtaken",))
        told = self._session.one(_OLDEST_TOLD)
        found = {"interactions": interactions, "sent": sent, "overtaken": overtaken, "webhook events": told}
        return {name: _text(row["at"]) if row and row["at"] else None for name, row in found.items()}

    def columns(self) -> list[str]:
        # The server's own description of the schema, some hundred rows.
        rows = self._session.all(
            "SELECT CONCAT(table_name, '.', column_name) AS name FROM information_schema.columns "
            "WHERE table_schema = DATABASE()"
        )
        return sorted(str(row["name"]) for row in rows)

    def migrations(self) -> dict[int, tuple[str, bool]]:
        """Checksum, and whether it is finished, by version."""
        # By PRIMARY: a row for each migration there is.
        rows = self._session.all("SELECT version, checksum, finished_at FROM schema_migrations WHERE version > 0")
        return {int(row["version"]): (str(row["checksum"]), row["finished_at"] is not None) for row in rows}

    def delivery(self, at: datetime) -> dict[str, Any]:
        # By PRIMARY, then twice by outbox_due.
        some = self._session.one("SELECT id FROM outbox ORDER BY id LIMIT 1")
        due = self._session.one(
            "SELECT MIN(next_attempt_at) AS at FROM outbox WHERE state = 'pending' AND next_attempt_at <= %s", (at,)
        )
        given_up = self._session.one("SELECT COUNT(*) AS n FROM outbox WHERE state IN ('dead', 'unknown')")
        return {
            "rows": some is not None,
            "due_since": _text(due["at"]) if due and due["at"] else None,
            "given_up": int(given_up["n"]) if given_up else 0,
        }

    def session_facts(self) -> dict[str, Any]:
        cipher = self._session.one("SHOW SESSION STATUS LIKE 'Ssl_cipher'")
        # The server's own list, a row for each privilege.
        rows = self._session.all("SELECT privilege_type AS name FROM information_schema.user_privileges")
        return {
            "cipher": str((cipher or {}).get("Value", "")),
            "privileges": sorted({str(row["name"]) for row in rows}),
        }

    def communities(self, after: int, limit: int) -> Sequence[int]:
        """The next communities by number."""
        # By PRIMARY, a range in order.
        rows = self._session.all(
            "SELECT guild_id FROM guilds WHERE guild_id > %s ORDER BY guild_id LIMIT %s", (after, limit)
        )
        return [int(row["guild_id"]) for row in rows]

    def ledger(self, guild_id: int) -> tuple[int, int]:
        """Records of some cappers added up anew, and how many of them differ from what is kept."""
        # By the guild's part of PRIMARY.
        kept = self._session.all(
            """SELECT capper_id, SUM(bets) AS bets, SUM(profit_micro) AS profit FROM capper_totals
               WHERE guild_id = %s AND span = 'all' AND league = '' AND market = ''
               GROUP BY capper_id ORDER BY capper_id LIMIT %s""",
            (guild_id, _CAPPERS),
        )
        different = 0
        for row in kept:
            # By ledger_by_capper.
            summed = self._session.one(
                """SELECT COALESCE(SUM(IF(grade = 'void', 0, bets)), 0) AS bets,
                   COALESCE(SUM(IF(grade = 'void', 0, profit_micro)), 0) AS profit
                   FROM ledger_entries WHERE guild_id = %s AND capper_id = %s""",
                (guild_id, row["capper_id"]),
            )
            if summed is None or (summed["bets"], summed["profit"]) != (row["bets"], row["profit"]):
                different += 1
        return len(kept), different

    def texts(self, guild_id: int) -> list[str]:
        """What people wrote that stands in the open: looked at here, never kept as evidence."""
        # Each by the guild's part of PRIMARY.
        names = self._session.all("SELECT display_name FROM cappers WHERE guild_id = %s LIMIT %s", (guild_id, _TEXTS))
        plan = self._session.one("SELECT notice FROM community_plans WHERE guild_id = %s", (guild_id,))
        texts = [*(row["display_name"] for row in names), plan["notice"] if plan else ""]
        return [str(text) for text in texts if text]

    def endpoints(self, guild_id: int) -> tuple[int, int]:
        """Endpoints that are told something, and how many of them without TLS."""
        # By the guild's part of PRIMARY.
        row = self._session.one(
            "SELECT COUNT(*) AS n, COALESCE(SUM(plain_http OR url LIKE 'http:%%'), 0) AS clear "
            "FROM webhook_endpoints WHERE guild_id = %s AND state = 'live'",
            (guild_id,),
        )
        return (int(row["n"]), int(row["clear"])) if row else (0, 0)

    def workflows(self, at: datetime) -> dict[str, Any]:
        # By compliance_workflows_due and compliance_findings_due.
        decided = self._session.one(
            """SELECT COUNT(*) AS n, COALESCE(SUM(decided_by = asked_by), 0) AS same FROM compliance_workflows
               WHERE state IN ('standing', 'done', 'expired', 'failed', 'open') AND decided_by <> ''"""
        )
        exceptions = self._session.one(
            """SELECT COUNT(*) AS n, COALESCE(SUM(ends_at IS NULL OR ends_at < %s
               OR ends_at > decided_at + INTERVAL 90 DAY), 0) AS endless
               FROM compliance_workflows WHERE state = 'standing'""",
            (at - timedelta(days=1),),
        )
        findings = self._session.one(
            """SELECT COUNT(*) AS n, COALESCE(SUM(TIMESTAMPDIFF(SECOND, opened_at, %s)
               > 2 * TIMESTAMPDIFF(SECOND, opened_at, due_at)), 0) AS overdue
               FROM compliance_findings WHERE state = 'open'""",
            (at,),
        )
        return {
            "approved": int(decided["n"]) if decided else 0,
            "by_the_same": int(decided["same"]) if decided else 0,
            "exceptions": int(exceptions["n"]) if exceptions else 0,
            "endless": int(exceptions["endless"]) if exceptions else 0,
            "findings": int(findings["n"]) if findings else 0,
            "overdue_twice": int(findings["overdue"]) if findings else 0,
        }


def _text(at: datetime) -> str:
    return at.isoformat()
