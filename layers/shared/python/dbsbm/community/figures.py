"""The figures of a recap: what each capper's bets of some days came to, exactly. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from fractions import Fraction
from typing import Any

from dbsbm.bets.standings.model import Total

_COUNTS = ("won", "half_won", "lost", "half_lost", "pushed", "voided")
SUMS = tuple(field.name for field in fields(Total) if field.name not in {"capper_id", "name"})


@dataclass(frozen=True, slots=True)
class Figures:
    """``cappers`` in the order shown: most units first."""

    cappers: tuple[Total, ...]

    @property
    def whole(self) -> Total:
        return added("", 0, self.cappers)

    def of(self, capper_id: int) -> Total | None:
        return next((each for each in self.cappers if each.capper_id == capper_id), None)

    def to_json(self) -> dict[str, Any]:
        return {"v": 1, "cappers": [asdict(each) for each in self.cappers]}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Figures:
        return cls(tuple(Total(**each) for each in document["cappers"]))


def added(name: str, capper_id: int, totals: Iterable[Total]) -> Total:
    """The sum of some totals, as one capper's."""
    every = list(totals)
    return Total(capper_id, name, *(sum(getattr(each, field) for each in every) for field in SUMS))


def figures(totals: Iterable[Total]) -> Figures:
    """One line a capper, whatever days and categories the totals are of."""
    found: dict[int, list[Total]] = {}
    for total in totals:
        found.setdefault(total.capper_id, []).append(total)
    lines = [added(own[0].name, capper_id, own) for capper_id, own in found.items()]
    counted = [line for line in lines if line.bets or line.voided]
    return Figures(tuple(sorted(counted, key=lambda line: (-line.profit_micro, -line.bets, line.capper_id))))


def roi(total: Total) -> Fraction | None:
    return Fraction(total.profit_micro, total.risk_micro) if total.risk_micro else None


def changed(before: Figures, after: Figures) -> Sequence[tuple[Total | None, Total | None]]:
    """Each capper whose sums differ: (as it was, as it is)."""
    ids = dict.fromkeys([line.capper_id for line in (*after.cappers, *before.cappers)])
    pairs = ((before.of(capper_id), after.of(capper_id)) for capper_id in ids)
    return [(was, now) for was, now in pairs if _sums(was) != _sums(now)]


def only_graded_since(before: Figures, after: Figures) -> bool:
    """Whether ``after`` is ``before`` with further bets: nothing that was said was taken back."""
    return all(
        now is not None
        and all(getattr(now, field) >= (getattr(was, field) if was else 0) for field in _COUNTS)
        and now.bets + now.voided > (was.bets + was.voided if was else 0)
        for was, now in changed(before, after)
    )


def _sums(total: Total | None) -> tuple[int, ...]:
    return tuple(getattr(total, field) if total else 0 for field in SUMS)
