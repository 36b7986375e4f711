"""One run of removing what its time is over for: by the policies, archived first where they say so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from dbsbm.core import metrics
from dbsbm.core.bucket import Bucket
from dbsbm.core.clock import Clock
from dbsbm.database.database import Database
from dbsbm.database.session import Session
from dbsbm.retention import archive
from dbsbm.retention.policies import POLICIES, Policy, Table
from dbsbm.retention.repository import RetentionRepository

BATCH = 500
"""Rows per transaction, so that no lock is held for long."""

Step = Callable[[RetentionRepository, str, datetime, int], int]
_STEPS: Mapping[Table, Step] = {
    Table.INTERACTIONS: RetentionRepository.interactions,
    Table.OUTBOX: RetentionRepository.outbox,
    Table.TOKENS: RetentionRepository.tokens,
    Table.IMPORTS: RetentionRepository.imports,
    Table.DRAFTS: RetentionRepository.drafts,
    Table.WORDS: RetentionRepository.words,
}


@dataclass(frozen=True, slots=True)
class Retention:
    """One run; what is left is for the next one, and any step may be cut off."""

    database: Database
    clock: Clock
    has_time: Callable[[], bool]
    archive: Bucket

    def run(self) -> dict[str, int]:
        """Rows removed, by table.

        Raises
        ------
        DatabaseUnavailableError, BucketError
            What was removed stays removed; what could not be archived stays.
        """
        removed: dict[str, int] = {}
        for policy in POLICIES:
            for state in policy.states:
                rows = BATCH
                while rows >= BATCH and self.has_time():
                    rows = self._batch(policy, state)
                    removed[policy.table.value] = removed.get(policy.table.value, 0) + rows
        for table, count in removed.items():
            if count:
                metrics.record(metrics.RETAINED, count, table_name=table)
        return removed

    def _batch(self, policy: Policy, state: str) -> int:
        before = self.clock.now() - policy.after
        if policy.archived:
            return archive.moved(self.database, self.archive, archive.Batch(policy.table, state, before, BATCH))
        step = _STEPS[policy.table]

        def removed(session: Session) -> int:
            return step(RetentionRepository(session), state, before, BATCH)

        return self.database.run(removed)
