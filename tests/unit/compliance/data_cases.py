"""For each control of data and live settings: evidence as it should be, as it should not, and where there is none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
Content = Mapping[str, Any]
Case = tuple[Content, Content, Content]


def ago(**time: float) -> str:
    return (AT - timedelta(**time)).isoformat()


def _bucket(**changed: Any) -> Content:
    block = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
    whole = {"public_access": block, "versioning": "Enabled", "encryption": "aws:kms", "locked_days": 400}
    return {**whole, **changed}


def _audit(**changed: Any) -> Content:
    whole = {"events": True, "newest": 3, "unknown_kinds": [], "waiting_since": ago(minutes=2), "published": 9}
    log = {"signed": 9, "checked": 9, "checked_since": ago(days=1), "signed_nine_days_ago": 5}
    return {**whole, **log, **changed}


def _privacy(**changed: int) -> Content:
    whole = dict.fromkeys(
        (
            *("erasures", "erasures_open", "erasures_late", "erasures_stuck", "erasures_done", "erasures_named"),
            *("copies", "copies_without_part"),
        ),
        0,
    )
    return {**whole, **changed}


def _flows(**changed: int) -> Content:
    names = ("approved", "by_the_same", "exceptions", "endless", "findings", "overdue_twice")
    return {**dict.fromkeys(names, 0), **changed}


def _schema(**changed: Any) -> Content:
    whole: dict[str, Any] = {"columns": 600, "unclassified": [], "vanished": [], "migrations": 24}
    return {**whole, "unfinished": [], "different": [], **changed}


def _keys(**changed: Any) -> Content:
    names = ("condemned", "pending", "reveals", "alone", "shown_long", "holds", "long_holds")
    whole: dict[str, Any] = {**dict.fromkeys(names, 0), "keys": 9, "overdue": [], "seen_at": ago(hours=7)}
    return {**whole, **changed}


def _backups(hours: int = 3, **changed: Any) -> Content:
    return {"backups": 9, "looked": 8, "newest_at": ago(hours=hours), "verified_at": ago(hours=20), **changed}


_OPEN = _bucket(public_access={"BlockPublicAcls": True})
_RETAINED = {"oldest": {"interactions": ago(hours=20)}, "hours": {"interactions": 26}}

CASES: Mapping[str, Case] = {
    "live-buckets-private": ({"audit": _bucket()}, {"audit": _bucket(), "feeds": _OPEN}, {}),
    "live-buckets-versioned": ({"audit": _bucket()}, {"audit": _bucket(versioning="Suspended")}, {}),
    "live-buckets-encrypted": ({"audit": _bucket()}, {"audit": _bucket(encryption="")}, {}),
    "live-lock": ({"evidence": _bucket()}, {"checkpoints": _bucket(locked_days=0)}, {"audit": _bucket()}),
    "live-keys-rotate": (
        {"backups": {"on": True, "days": 90}, "other": {"on": True, "days": None}},
        {"backups": {"on": True, "days": 365}},
        {},
    ),
    "live-queues-encrypted": ({"failed": {"encrypted": True}}, {"failed": {"encrypted": False}}, {}),
    "live-failures-kept": ({"failed": {"days": 14.0}}, {"failed": {"days": 4.0}}, {}),
    "live-secrets-age": (
        {"token-key": {"changed_at": ago(days=89)}},
        {"token-key": {"changed_at": ago(days=91)}},
        {"token-key": {"changed_at": None}},
    ),
    "audit-sealed": (_audit(), _audit(waiting_since=ago(minutes=16)), _audit(events=False)),
    "audit-signed": (_audit(), _audit(signed=8), _audit(published=0)),
    "audit-checked": (_audit(), _audit(checked=4), _audit(signed_nine_days_ago=0)),
    "audit-kinds-known": (_audit(), _audit(unknown_kinds=["bet.vanished"]), _audit(events=False)),
    "erasures-in-time": (_privacy(erasures=2, erasures_open=1), _privacy(erasures=2, erasures_late=1), _privacy()),
    "erasures-begin": (_privacy(erasures=1), _privacy(erasures=1, erasures_stuck=1), _privacy()),
    "erased-forgotten": (
        _privacy(erasures=1, erasures_done=1),
        _privacy(erasures_done=1, erasures_named=1),
        _privacy(erasures=1),
    ),
    "access-in-time": (_privacy(copies=1), _privacy(copies=1, copies_without_part=1), _privacy()),
    "retention-runs": (
        _RETAINED,
        {**_RETAINED, "oldest": {"interactions": ago(hours=27)}},
        {**_RETAINED, "oldest": {"interactions": None}},
    ),
    "columns-classified": (_schema(), _schema(unclassified=["bets.shoe_size"]), _schema(columns=0)),
    "schema-as-released": (_schema(), _schema(different=[7]), _schema(migrations=0)),
    "deliveries-flow": (
        {"rows": True, "due_since": ago(minutes=5), "given_up": 3},
        {"rows": True, "due_since": ago(hours=2), "given_up": 0},
        {"rows": False, "due_since": None, "given_up": 0},
    ),
    "ledger-agrees": (
        {"communities": 2, "cappers": 5, "different": 0},
        {"communities": 2, "cappers": 5, "different": 1},
        {"communities": 0, "cappers": 0, "different": 0},
    ),
    "connection-encrypted": (
        {"stage": "prod", "cipher": "TLS_AES_256_GCM_SHA384"},
        {"stage": "prod", "cipher": ""},
        {"stage": "local", "cipher": ""},
    ),
    "database-user-limited": (
        {"stage": "prod", "privileges": ["USAGE"]},
        {"stage": "prod", "privileges": ["SUPER", "USAGE"]},
        {"stage": "local", "privileges": ["SUPER"]},
    ),
    "two-people": (_flows(approved=2), _flows(approved=2, by_the_same=1), _flows()),
    "exceptions-end": (_flows(exceptions=1), _flows(exceptions=1, endless=1), _flows()),
    "findings-looked-after": (_flows(findings=1), _flows(findings=1, overdue_twice=1), _flows()),
    "evidence-whole": (
        {"objects": 9, "changed": []},
        {"objects": 9, "changed": ["evidence/x.json"]},
        {"objects": 0, "changed": []},
    ),
    "no-card-numbers": ({"texts": 9, "cards": 0}, {"texts": 9, "cards": 1}, {"texts": 0, "cards": 0}),
    "backups-fresh": (_backups(hours=20), _backups(hours=27), {"backups": 0}),
    "backups-verified": (_backups(verified_at=ago(days=7)), _backups(verified_at=None), {"backups": 0}),
    "keys-in-time": (_keys(), _keys(seen_at=ago(days=3)), _keys(keys=0)),
    "keys-shredded": (_keys(condemned=3), _keys(condemned=3, pending=1), _keys()),
    "reveals-by-two": (_keys(reveals=1), _keys(reveals=1, alone=1), _keys()),
    "holds-looked-at": (_keys(holds=1), _keys(holds=1, long_holds=1), _keys()),
    "webhooks-encrypted": (
        {"stage": "prod", "endpoints": 2, "in_the_clear": 0},
        {"stage": "prod", "endpoints": 2, "in_the_clear": 1},
        {"stage": "prod", "endpoints": 0, "in_the_clear": 0},
    ),
}
"""Satisfied, not satisfied, not applicable."""
