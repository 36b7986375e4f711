"""A month as a data set: everything generalised, then the gate; and its sums, with noise.

The operators' own has everybody, under a pseudonym and generalised alike.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from heapq import nsmallest

from dbsbm.anonymity.attack import Owned, Record, Shape
from dbsbm.anonymity.dataset.repository import MonthRepository
from dbsbm.anonymity.dataset.totals import Keyed, totals
from dbsbm.anonymity.gate import Released, released
from dbsbm.anonymity.operations import band
from dbsbm.anonymity.pseudonym import Named, pseudonym
from dbsbm.database.session import Session

SHAPE = Shape(("community", "bets"), ("stake", "result"))
_PAGE = 500
NAMED_PAGE = 20_000
"""Rows of about 150 bytes: an answer of Lambda holds 6 MB."""
_UNIT = 1_000_000
_PEOPLE, _BETS, _STAKE, _RESULT = (5, 20, 100), (10, 50), (1, 2, 5), (-10, 0, 10)


@dataclass(frozen=True, slots=True)
class Month:
    """``released``: rows of people in classes; ``totals``: sums over everybody, those held back included."""

    released: Released
    totals: Mapping[str, int]


def month(session: Session, since: date, keyed: Keyed) -> Month:
    """What may be told of a month that begins with ``since``. Raises GateError."""
    sums = _sums(session, since)
    people = [{"people": 1, "bets": bets, "units": risk / _UNIT} for _, bets, risk, _ in sums.values()]
    return Month(released(list(_owned(sums)), SHAPE), totals(people, since.isoformat(), keyed))


def named_month(session: Session, since: date, named: Named, after: str, limit: int = NAMED_PAGE) -> list[Record]:
    """Rows of a month under the pseudonyms past ``after``, in the order of these.

    The data set is named as its month is, "2026-11". A new key gives new names: pages of before do not go on after it.
    """
    dataset = since.isoformat()[:7]
    rows = (
        {"pseudonym": pseudonym(named, dataset, int(each.person)), **each.row} for each in _owned(_sums(session, since))
    )
    return nsmallest(limit, (row for row in rows if row["pseudonym"] > after), key=lambda row: row["pseudonym"])


def _sums(session: Session, since: date) -> Mapping[int, Sequence[int]]:
    """Of each person who bet: the size of their largest community, bets, risk, profit over all communities."""
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
    return {person: each for person, each in sums.items() if each[1] > 0}


def _owned(sums: Mapping[int, Sequence[int]]) -> Iterator[Owned]:
    for person, (size, bets, risk, profit) in sums.items():
        row = {
            "community": band(size, _PEOPLE),
            "bets": band(bets, _BETS),
            "stake": band(risk / bets / _UNIT, _STAKE),
            "result": band(profit / _UNIT, _RESULT),
        }
        yield Owned(str(person), {"community": size, "bets": bets}, row)
