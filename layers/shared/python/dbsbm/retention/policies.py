"""How long things are kept, as data: one entry for each kind of row whose time ends by itself.

What is archived is what the inventory says is of nobody (classes none and behavioural): numbers, names and words of
people are left out, so an erasure has nothing to do there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from dbsbm.bets.imports.model import OPEN_FOR, ImportState
from dbsbm.outbox.model import RowState
from dbsbm.webhooks.model import EventState


class Table(StrEnum):
    INTERACTIONS = "interactions"
    OUTBOX = "outbox"
    TOKENS = "tokens"
    IMPORTS = "imports"
    DRAFTS = "drafts"
    WORDS = "sealed_words"
    WEBHOOK_EVENTS = "webhook_events"


@dataclass(frozen=True, slots=True)
class Policy:
    """Rows of ``table`` in one of ``states`` go when they are older than ``after``. ``why`` is for people."""

    table: Table
    after: timedelta
    why: str
    states: tuple[str, ...] = ("",)
    archived: bool = False


_OPEN = (RowState.PENDING, RowState.SENDING)
_DONE = (RowState.SENT, RowState.OVERTAKEN, RowState.EXPIRED, RowState.DROPPED)
_PERSONS = (RowState.DEAD, RowState.UNKNOWN)
_UNUSED = (ImportState.FETCHING, ImportState.READY, ImportState.FAILED, ImportState.CANCELLED)

POLICIES: tuple[Policy, ...] = (
    Policy(
        Table.INTERACTIONS,
        timedelta(hours=24),
        "A repeated delivery is answered from the stored reply. Discord and Lambda repeat for minutes, 15 at the most.",
    ),
    Policy(Table.OUTBOX, timedelta(days=7), "Sent or overtaken. Messages stay known by their target.", _DONE),
    Policy(Table.OUTBOX, timedelta(days=90), "Given up: somebody may still want to look.", _PERSONS, archived=True),
    Policy(Table.TOKENS, timedelta(0), "Tokens of answers that Discord has forgotten.", (*_OPEN, *_PERSONS)),
    Policy(Table.IMPORTS, 2 * OPEN_FOR, "A file that was not confirmed, or could not be read.", _UNUSED),
    Policy(
        Table.DRAFTS, timedelta(days=7), "What was typed and neither posted nor touched for a week, or posted since."
    ),
    Policy(Table.WORDS, timedelta(days=7), "A file that was to be read, with its import gone or long done."),
    Policy(
        Table.WEBHOOK_EVENTS,
        timedelta(days=30),
        "The log of what endpoints were told, and what is kept for one that is parked.",
        tuple(EventState),
        archived=True,
    ),
)
