"""How old each secret's value is, and what is due or overdue: as of every other key (``keys/ages/model.py``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from dbsbm.keys.ages.model import LONGEST, REMINDED
from dbsbm.security.secret_store import CURRENT, PENDING, SecretStore, Version

STUCK = timedelta(days=2)
"""A change that is pending for longer has failed, or was staged and forgotten."""


@dataclass(frozen=True, slots=True)
class Standing:
    """``age`` is None for a secret that has no value yet."""

    name: str
    age: timedelta | None
    staged: bool
    stuck: bool

    @property
    def due(self) -> bool:
        return self.age is not None and self.age >= LONGEST - REMINDED

    @property
    def overdue(self) -> bool:
        return self.age is not None and self.age >= LONGEST

    def to_json(self) -> dict[str, object]:
        days = None if self.age is None else self.age.days
        return {"name": self.name, "age_days": days, "due": self.due, "overdue": self.overdue, "staged": self.staged,
                "stuck": self.stuck}  # fmt: skip


def standings(stores: Mapping[str, SecretStore], now: datetime) -> list[Standing]:
    """Of each secret by its name. Raises BucketError when Secrets Manager is out of reach."""
    return [_standing(name, store.versions(), now) for name, store in stores.items()]


def _standing(name: str, versions: Iterable[Version], now: datetime) -> Standing:
    current = next((each for each in versions if CURRENT in each.labels), None)
    pending = next((each for each in versions if PENDING in each.labels and CURRENT not in each.labels), None)
    return Standing(
        name,
        None if current is None else max(now - current.created_at, timedelta()),  # AWS's clock may be ahead of ours
        staged=pending is not None,
        stuck=pending is not None and now - pending.created_at >= STUCK,
    )
