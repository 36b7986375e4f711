"""A month as a data set: everything generalised, then the gate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from dbsbm.anonymity.dataset.repository import MonthRepository
from dbsbm.anonymity.gate import Record, Released, Shape, released
from dbsbm.anonymity.operations import band
from dbsbm.database.session import Session

SHAPE = Shape("person", ("community", "bets"), ("stake", "result"))
_PAGE = 500
_UNIT = 1_000_000
_PEOPLE, _BETS, _STAKE, _RESULT = (5, 20, 100), (10, 50), (1, 2, 5), (-10, 0, 10)


def month(session: Session, since: date) -> Released:
    """What may be told of a month that begins with ``since``. Raises GateError."""
    return released(list(_records(session, since)), SHAPE)


def _records(session: Session, since: date) -> Iterator[Record]:
    """One row for each person: their sums over all communities, beside the size of the largest of these."""
    repository, after = MonthRepository(session), 0
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    while page := repository.guilds(after, _PAGE):
        for guild_id in page:
            people = repository.people(guild_id, since)
            for row in people:
                known = sums[int(row["capper_id"])]
                known[0] = max(known[0], len(people))
                for at, name in enumerate(("bets", "risk", "profit"), start=1):
                    known[at] += int(row[name] or 0)
        after = page[-1]
    for person, (size, bets, risk, profit) in sums.items():
        if bets > 0:
            yield {
                "person": str(person),
                "community": band(size, _PEOPLE),
                "bets": band(bets, _BETS),
                "stake": band(risk / bets / _UNIT, _STAKE),
                "result": band(profit / _UNIT, _RESULT),
            }
