"""Erasures done again on a database, or a community of it, that was restored from before them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from dbsbm.commands.erasing import Erasing, taken_out
from dbsbm.database.session import Session
from dbsbm.environment import Environment
from dbsbm.privacy.erasure.ledger import Erased, LedgerGapError
from dbsbm.privacy.erasure.repository import ErasureRepository
from dbsbm.privacy.people.repository import PeopleRepository
from dbsbm.privacy.requests.model import Kind, Request, State, answer_by, confirm_by
from dbsbm.privacy.requests.repository import RequestRepository

_PAGE = 1000
_MOMENT = timedelta(seconds=1)
HELD_FOR = timedelta(days=7)
"""What waits in a restored database may have been taken back since: the person has this long to say so once more."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """``named``: requests of the ledger that are open here now. ``held``: those that wait, and that it does not name.

    ``gap``: what it lacks; everybody else whom it names is among ``named`` all the same.
    """

    named: Sequence[int]
    held: Sequence[Request]
    gap: LedgerGapError | None


def replay(run: Erasing) -> Replayed:
    """Queue every erasure of the ledger that this database does not know, for a database restored from before them.

    Somebody who was erased and came back has a done request here, and is left alone; what was begun goes on where it
    was. Everybody whom the database knows has a secret in its audit log, so these are who is looked for. What only
    waited may have been taken back since, and is held.
    """
    wanted: dict[str, list[Erased]] = {}
    named, all_named, gap = set[int](), set[int](), None
    try:
        for erased in run.ledger.all():
            all_named.add(erased.request_id)
            with run.environment.database.read() as session:
                known = RequestRepository(session).lock(erased.request_id)
            if known is None or known.state is State.WAITING:
                wanted.setdefault(erased.subject, []).append(erased)
            elif known.state is State.WORKING:
                named.add(known.request_id)
    except LedgerGapError as missing:
        gap = missing
    for user_id, subject in _found(run, wanted).items():
        erased = wanted[subject][-1]
        run.environment.database.run(partial(_queue, run.environment, user_id, erased))
        named.add(erased.request_id)
    return Replayed(sorted(named), _held(run, all_named), gap)


def _found(run: Erasing, wanted: Mapping[str, object]) -> dict[int, str]:
    """Whom the database knows of them."""
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
    return found


def _queue(environment: Environment, user_id: int, erased: Erased, session: Session) -> None:
    """One erasure of the ledger, to be done once more."""
    request = _request(environment, user_id, erased)
    for guild_id, number in erased.numbers.items():
        ErasureRepository(session, guild_id).remember(request.request_id, request.subject, number, request.received_at)
    RequestRepository(session).add(request)


def _held(run: Erasing, named: Collection[int]) -> list[Request]:
    """Every request that waits but those named begins a week from now, if nobody takes it back."""
    until = run.environment.clock.now() + HELD_FOR

    def put_off(session: Session) -> list[Request]:
        requests = RequestRepository(session)
        sooner = [each for each in requests.due(until - _MOMENT, _PAGE) if each.request_id not in named]
        locked = [requests.lock(each.request_id) for each in sooner if each.state is State.WAITING]
        waiting = [each for each in locked if each is not None and each.state is State.WAITING]
        return [requests.keep(replace(each, begins_at=until)) for each in waiting]

    held = list[Request]()
    while more := run.environment.database.run(put_off):
        held += more
    return held


def erase_in(session: Session, environment: Environment, guild_id: int, user_id: int, erased: Erased) -> None:
    """One erasure of the ledger once more, in a community that was just brought back and in no other.

    What the person has elsewhere, and their keys, is either gone since or of their coming back.
    """
    request = _request(environment, user_id, erased)
    number = erased.numbers.get(guild_id)
    if number is not None:
        ErasureRepository(session, guild_id).remember(request.request_id, request.subject, number, request.received_at)
    taken_out(session, request, guild_id)


def _request(environment: Environment, user_id: int, erased: Erased) -> Request:
    received = datetime.fromisoformat(erased.received_at)
    return Request(
        request_id=erased.request_id,
        subject=erased.subject,
        user_id=user_id,
        kind=Kind.DELETE,
        state=State.WAITING,
        received_at=received,
        confirm_by=confirm_by(received),
        answer_by=answer_by(received),
        begins_at=environment.clock.now(),
    )
