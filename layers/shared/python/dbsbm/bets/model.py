"""What was bet, by whom, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from dbsbm.bets.selection import Selection
from dbsbm.bets.ticket import Note, Ticket, TicketKind
from dbsbm.betting.ledger import Entry
from dbsbm.betting.odds import Odds
from dbsbm.betting.profile import RuleProfile
from dbsbm.betting.settlement import Grade
from dbsbm.betting.stakes import Stake, StakeMode

__all__ = [
    "Bet",
    "Decision",
    "Draft",
    "LedgerEntry",
    "LegDecision",
    "Note",
    "Pick",
    "PriceCheck",
    "Revision",
    "RevisionKind",
    "Selection",
    "Ticket",
    "TicketKind",
]


class PriceCheck(StrEnum):
    """How a price compares with what covered books offered at the time of posting."""

    VERIFIED = "verified"
    NEAR = "near"
    UNSEEN = "unseen"
    UNCHECKED = "unchecked"


class RevisionKind(StrEnum):
    """Why a revision was written."""

    POSTED = "posted"
    CORRECTION = "correction"
    VERSION = "version"
    IMPORTED = "imported"


@dataclass(frozen=True, slots=True)
class Pick:
    """A straight bet before it is posted: the selection, and the stake as the capper means it.

    ``filled`` names what the capper did not type ("odds", "stake", "line").
    """

    selection: Selection
    amount_micro: int
    mode: StakeMode
    filled: tuple[str, ...] = ()

    @property
    def stake(self) -> Stake:
        return Stake.of(self.mode, self.amount_micro, self.selection.odds)

    @property
    def ticket(self) -> Ticket:
        """The pick as a ticket of one leg."""
        return Ticket(TicketKind.STRAIGHT, (self.selection,), self.amount_micro, self.mode, filled=self.filled)

    def to_json(self) -> dict[str, Any]:
        return {
            "selection": self.selection.to_json(),
            "amount_micro": self.amount_micro,
            "mode": self.mode.value,
            "filled": list(self.filled),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Pick:
        return cls(
            Selection.from_json(stored["selection"]),
            stored["amount_micro"],
            StakeMode(stored["mode"]),
            tuple(stored["filled"]),
        )


@dataclass(frozen=True, slots=True)
class Draft:
    """What a capper is about to post: ``ticket``, as far as it is known, and what is still open.

    ``choices`` has the picks that each leg can mean, empty where that is settled; the ticket then has the likeliest.
    """

    draft_id: int
    capper_id: int
    version: int
    state: str
    typed: str
    ticket: Ticket
    choices: tuple[tuple[Pick, ...], ...] = ()
    bet_id: int | None = None
    channel_id: int = 0
    """Where its capper wants the slip, 0: where the server's settings send it."""

    @property
    def settled(self) -> bool:
        """Whether nothing is left to choose."""
        return not any(self.choices)


@dataclass(frozen=True, slots=True)
class Revision:
    """The terms of a bet at one time. ``stake`` is the ticket's, as it was reckoned when it was written."""

    number: int
    kind: RevisionKind
    ticket: Ticket
    stake: Stake
    rule_profile: RuleProfile
    rule_profile_version: int
    price_check: PriceCheck
    priced_at: datetime
    written_at: datetime

    @property
    def selection(self) -> Selection:
        """The only leg of a straight bet, the first of a ticket."""
        return self.ticket.legs[0]

    @property
    def odds(self) -> Odds:
        """The price of the whole."""
        return self.ticket.odds


AUTO = "auto"
"""The source of what the application decided by itself: its reasons are its own words, and nobody's secret."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One entry of a bet's grading history; ``grade`` is None for an undo."""

    grade_seq: int
    action: str
    grade: Grade | None
    rule: str
    source: str
    decided_by: int
    decided_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Bet:
    """A posted bet with its present terms. ``grade`` is None while it is open.

    ``state`` is "open", "graded", "withdrawn", or "undone" when that was within a minute. ``profit_micro`` is what
    the ledger has of it.
    """

    guild_id: int
    bet_id: int
    capper_id: int
    channel_id: int
    posted_at: datetime
    starts_at: datetime
    sports_day: date
    grade_seq: int
    grade: Grade | None
    terms: Revision
    state: str = "open"
    profit_micro: int = 0
    under_review: bool = False
    """Whether somebody disputes the grade that stands."""
    ping_role_id: int | None = None
    """Whom its slip pinged when it was posted."""
    import_id: int | None = None
    """The import it came by; None for one that was posted here."""

    @property
    def withdrawn(self) -> bool:
        """Taken back before the start: graded in the shadow, outside the ledger."""
        return self.state in {"withdrawn", "undone"}


@dataclass(frozen=True, slots=True)
class LegDecision:
    """What a person said of one leg (from 1): its grade, or the statistic in quarters that decides it."""

    number: int
    leg: int
    grade: Grade | None
    value_q: int | None
    participated: bool
    decided_by: int
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One line of the ledger, and the sports day it counts for."""

    entry: Entry
    sports_day: date
