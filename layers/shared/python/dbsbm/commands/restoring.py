"""Erasures done again on a database that was restored from before them."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from dbsbm.commands.erasing import Erasing
from dbsbm.database.session import Session
from dbsbm.environment import Environment
from dbsbm.privacy.erasure.ledger import Erased, LedgerGapError
from dbsbm.privacy.erasure.repository import ErasureRepository
from dbsbm.privacy.people.repository import PeopleRepository
from dbsbm.privacy.requests.model import Kind, Request, State, answer_by, confirm_by
from dbsbm.privacy.requests.repository import RequestRepository

_PAGE = 1000


def replay(run: Erasing) -> int:
    """Queue every erasure of the ledger that this database does not know as done; returns how many. Safe to repeat.

    Somebody who was erased and came back has a done request here, and is left alone. Everybody whom the database knows
    has a secret in its audit log, so these are who is looked for.

    Raises
    ------
    LedgerGapError
        When everybody is queued whom the ledger still knows.
    """
    wanted: dict[str, list[Erased]] = {}
    gap = None
    try:
        for erased in run.ledger.all():
            with run.environment.database.read() as session:
                known = RequestRepository(session).lock(erased.request_id)
            if known is None or known.state is not State.DONE:
                wanted.setdefault(erased.subject, []).append(erased)
    except LedgerGapError as missing:
        gap = missing
    found: dict[int, str] = {}
    after = 0
    while wanted:
        with run.environment.database.read() as session:
            page = PeopleRepository(session).known(after, _PAGE)
        for user_id in page:
            names = run.environment.index.keyed(f"person|{user_id}")
            found.update((user_id, name) for name in names if name in wanted)
        if len(page) < _PAGE:
            break
        after = page[-1]
    for user_id, subject in found.items():
        queued = partial(queue_again, environment=run.environment, user_id=user_id, erased=wanted[subject][-1])
        run.environment.database.run(queued)
    if gap is not None:
        raise gap
    return len(found)


def queue_again(session: Session, environment: Environment, user_id: int, erased: Erased) -> None:
    """One erasure of the ledger, to be done once more."""
    now, received = environment.clock.now(), datetime.fromisoformat(erased.received_at)
    for guild_id, number in erased.numbers.items():
        ErasureRepository(session, guild_id).remember(erased.request_id, erased.subject, number, received)
    request = Request(
        request_id=erased.request_id,
        subject=erased.subject,
        user_id=user_id,
        kind=Kind.DELETE,
        state=State.WAITING,
        received_at=received,
        confirm_by=confirm_by(received),
        answer_by=answer_by(received),
        begins_at=now,
    )
    RequestRepository(session).add(request)
