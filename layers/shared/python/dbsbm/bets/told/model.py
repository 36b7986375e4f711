"""What the sources say of one leg that needs more than the final score: points of a period, a player's statistic."""

from __future__ import annotations

from dataclasses import dataclass

from dbsbm.bets.proposals.model import Reason
from dbsbm.betting.results import Result


@dataclass(frozen=True, slots=True)
class Told:
    """``result`` decides the leg, of ``sources`` that say so; None with the ``reason`` why nothing does.

    ``text`` is what they say, in short: it names the evidence, and a grade that rests on it rests on this text.
    """

    result: Result | None
    text: str
    sources: int = 0
    reason: Reason = Reason.NONE
