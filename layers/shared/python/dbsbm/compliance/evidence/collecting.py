"""Collects what the controls are judged by. What cannot be collected says why; nothing else stops for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from dbsbm.audit.events import Kind
from dbsbm.compliance.attested import INVENTORY, STATEMENTS
from dbsbm.compliance.evidence import live
from dbsbm.compliance.evidence.cards import holds_card_number
from dbsbm.compliance.evidence.custody import custody
from dbsbm.compliance.facts.repository import FactsRepository
from dbsbm.compliance.key_facts.repository import KeyFacts
from dbsbm.compliance.model import UNREADABLE, Evidence
from dbsbm.compliance.store.repository import RunRepository, StatementRepository
from dbsbm.core.bucket import Aws, Bucket
from dbsbm.core.errors import DbsbmError
from dbsbm.database.database import Database
from dbsbm.database.migrate import migrations
from dbsbm.database.session import Session
from dbsbm.privacy.inventory import COLUMNS
from dbsbm.privacy.inventory.model import fingerprint

COMMUNITIES = 20
"""Looked into by one run; the next run takes the next."""
_HOURS = {"interactions": 26, "sent": 8 * 24, "overtaken": 8 * 24, "webhook events": 31 * 24}


@dataclass(frozen=True, slots=True)
class Places:
    """Where to look: full names by their names in the catalog. Empty: there is nothing of the kind here."""

    stage: str
    buckets: Mapping[str, str]
    secrets: Mapping[str, str]
    stacks: Mapping[str, str]
    keys: Mapping[str, str]
    queues: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Collector:
    """``after`` is the community behind which to look."""

    database: Database
    aws: Aws
    evidence: Bucket
    places: Places
    after: int

    def collect(self, names: Sequence[str], now: Callable[[], datetime]) -> dict[str, Evidence]:
        """Evidence by name. What fails has no content, and says what failed."""
        return {name: self._one(name, now()) for name in names}

    def communities(self) -> list[int]:
        with self.database.read() as session:
            return list(FactsRepository(session).communities(self.after, COMMUNITIES))

    def _one(self, name: str, at: datetime) -> Evidence:
        try:
            return Evidence(name, at, self._content(name, at))
        except DbsbmError as error:
            return Evidence(name, at, None, f"{error.code}: {error.detail}"[:300])
        except UNREADABLE as error:
            return Evidence(name, at, None, f"the answer cannot be read: {type(error).__name__} {error}"[:300])

    def _content(self, name: str, at: datetime) -> Mapping[str, Any]:
        outside: Mapping[str, Callable[[], Mapping[str, Any]]] = {
            "stacks": partial(live.stacks, self.aws, self.places.stacks),
            "buckets": partial(live.buckets, self.aws, self.places.buckets),
            "secrets": partial(live.secrets, self.aws, self.places.secrets),
            "kms": partial(live.keys, self.aws, self.places.keys),
            "queues": partial(live.queues, self.aws, self.places.queues),
            "backups": self._backups,
            "custody": partial(custody, self.database, self.evidence, at),
        }
        if name in outside:
            return outside[name]()
        with self.database.read() as session:
            return self._read(session, name, at)

    def _read(self, session: Session, name: str, at: datetime) -> Mapping[str, Any]:
        facts = FactsRepository(session)
        inside: Mapping[str, Callable[[], Mapping[str, Any]]] = {
            "audit": partial(_audit, facts, at),
            "privacy": partial(facts.privacy, at),
            "retention": lambda: {"oldest": facts.retention(), "hours": _HOURS},
            "schema": partial(_schema, facts),
            "delivery": partial(facts.delivery, at),
            "session": lambda: {"stage": self.places.stage, **facts.session_facts()},
            "ledger": lambda: _ledger(facts, self._some(facts)),
            "texts": lambda: _texts(facts, self._some(facts)),
            "endpoints": lambda: {"stage": self.places.stage, **_endpoints(facts, self._some(facts))},
            "workflows": partial(facts.workflows, at),
            "keys": partial(KeyFacts(session).all, at),
            STATEMENTS: lambda: {**StatementRepository(session).newest(), INVENTORY: fingerprint(COLUMNS)},
        }
        return inside[name]()

    def _some(self, facts: FactsRepository) -> Sequence[int]:
        return facts.communities(self.after, COMMUNITIES)

    def _backups(self) -> Mapping[str, Any]:
        """When the newest backup was made, and when one was brought back whole: names and notes alone."""
        if "backups" not in self.places.buckets:
            return {"backups": 0}
        found = live.backups(Bucket(self.aws, self.places.buckets["backups"]))
        with self.database.read() as session:
            first = RunRepository(session).oldest()
        return {**found, "since": first.at.isoformat() if first else None}


def _audit(facts: FactsRepository, at: datetime) -> dict[str, Any]:
    found = facts.audit(at)
    known = {kind.value for kind in Kind}
    return {**found, "unknown_kinds": [kind for kind in found.pop("kinds") if kind not in known]}


def _schema(facts: FactsRepository) -> dict[str, Any]:
    there, said = set(facts.columns()), {f"{column.table}.{column.name}" for column in COLUMNS}
    released = {each.version: each.checksum for each in migrations()}
    applied = facts.migrations()
    return {
        "columns": len(there),
        "unclassified": sorted(there - said),
        "vanished": sorted(said - there),
        "migrations": len(applied),
        "unfinished": [version for version, (_, finished) in sorted(applied.items()) if not finished],
        "different": sorted(
            {version for version, (checksum, _) in applied.items() if released.get(version) != checksum}
            | (released.keys() - applied.keys())
        ),
    }


def _ledger(facts: FactsRepository, communities: Sequence[int]) -> dict[str, Any]:
    found = [facts.ledger(guild_id) for guild_id in communities]
    return {
        "communities": sum(1 for cappers, _ in found if cappers),
        "cappers": sum(cappers for cappers, _ in found),
        "different": sum(different for _, different in found),
    }


def _texts(facts: FactsRepository, communities: Sequence[int]) -> dict[str, Any]:
    texts = [text for guild_id in communities for text in facts.texts(guild_id)]
    return {"texts": len(texts), "cards": sum(map(holds_card_number, texts))}


def _endpoints(facts: FactsRepository, communities: Sequence[int]) -> dict[str, Any]:
    found = [facts.endpoints(guild_id) for guild_id in communities]
    return {"endpoints": sum(n for n, _ in found), "in_the_clear": sum(clear for _, clear in found)}
