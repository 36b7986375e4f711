"""Pure operations that take a person out of a value: hash, mask, generalise, perturb.

Randomness and secrets are parameters. Numbers of Discord are known and can be counted through, so nothing here is a
hash without a secret.
"""

from __future__ import annotations

import hmac
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import log
from typing import Protocol

SHORTEST_SECRET = 16


class Uniform(Protocol):
    """``random.SystemRandom`` where it counts; a seeded one in tests."""

    def random(self) -> float: ...


def hashed(secret: bytes, text: str) -> str:
    """HMAC-SHA256, 32 hexadecimal digits: the same text under the same secret is the same. Raises ValueError."""
    if len(secret) < SHORTEST_SECRET:
        raise ValueError(f"a secret has {SHORTEST_SECRET} bytes or more")
    return hmac.digest(secret, text.encode(), "sha256").hex()[:32]


def masked(text: str, shown: int = 4) -> str:
    """All but the last characters covered; a text no longer than twice these is covered whole."""
    if shown <= 0 or len(text) <= 2 * shown:
        return "•" * len(text)
    return "•" * (len(text) - shown) + text[-shown:]


def to_week(moment: datetime | date) -> date:
    """The Monday of its week."""
    day = moment.date() if isinstance(moment, datetime) else moment
    return day - timedelta(days=day.weekday())


def band(value: float, edges: Sequence[float]) -> str:
    """Between which of the rising edges it lies: "<10", "10–50", "≥50". Raises ValueError without edges."""
    if not edges or list(edges) != sorted(set(edges)):
        raise ValueError("edges rise, and there is one at least")
    at = bisect_right(edges, value)
    if at == 0:
        return f"<{edges[0]:g}"
    return f"≥{edges[-1]:g}" if at == len(edges) else f"{edges[at - 1]:g}–{edges[at]:g}"


def fits(value: float, band: str) -> bool:
    """Whether a number may stand behind what :func:`band` made of one; a plain number stands for itself alone."""
    if band.startswith("<"):
        return value < float(band[1:])
    if band.startswith("≥"):
        return value >= float(band[1:])
    least, dash, end = band.partition("–")
    return float(least) <= value < float(end) if dash else value == float(band)


def perturbed(value: float, sensitivity: float, epsilon: float, draw: Uniform) -> float:
    """With Laplace noise of scale sensitivity ÷ epsilon (Dwork and others, 2006): epsilon-differentially private.

    Raises
    ------
    ValueError
        When sensitivity or epsilon is not above 0.
    """
    if sensitivity <= 0 or epsilon <= 0:
        raise ValueError("sensitivity and epsilon are above 0")
    share = draw.random()
    while share in (0.0, 0.5):
        share = draw.random()
    side = 1 if share > 0.5 else -1
    return value - side * (sensitivity / epsilon) * log(1 - 2 * abs(share - 0.5))


@dataclass(frozen=True, slots=True)
class Budget:
    """What a data set may still tell: epsilons of its releases add up."""

    left: float

    def spent(self, epsilon: float) -> Budget:
        """Raises ValueError when there is not so much left."""
        if epsilon <= 0 or epsilon > self.left:
            raise ValueError(f"{epsilon:g} is asked for, {self.left:g} is left")
        return Budget(self.left - epsilon)
