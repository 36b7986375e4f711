"""What nobody has been able to judge for two days: without evidence, or by a statement whose time is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from dbsbm.compliance.model import State
from dbsbm.compliance.store.repository import RunRepository, StatementRepository
from dbsbm.database.session import Session

PATIENCE = timedelta(days=2)
"""One run without an answer of AWS is none to call anybody for."""


def unjudged(session: Session, now: datetime) -> Mapping[str, Sequence[str]]:
    """Controls by why: they were so in every run of two days, and in the last before these.

    What waits for its first statement is not among them: it was never judged.
    """
    runs = RunRepository(session)
    before = runs.newest(now - PATIENCE)
    found = [before, *runs.between(now - PATIENCE, now), runs.newest()] if before else []
    seen = [{name: each.state for name, each in runs.results(run.run_id).items()} for run in found if run]
    stated = StatementRepository(session).newest()
    return {
        "no evidence": _all_of(seen, State.NOT_TESTED),
        "lapsed": [name for name in _all_of(seen, State.MANUAL) if name in stated],
    }


def _all_of(seen: Sequence[Mapping[str, State]], state: State) -> list[str]:
    if not seen:
        return []
    return sorted(name for name in seen[-1] if all(each.get(name) is state for each in seen))
