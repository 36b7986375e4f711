"""What the log is told: kinds of events, whom and what they concern, and the bytes of a leaf.

A leaf is canonical JSON, version 1: keys sorted, no white space, UTF-8, integers and texts alone. It says ``v`` (1),
``event`` (its number), ``guild``, ``at`` (UTC, milliseconds), ``kind``, ``actor``, ``object``, ``cause`` (the
interaction, "0" where a job did it), ``details`` and ``seal``.

Nothing in a leaf names a person. Actor and object are HMAC-SHA256 under the secret of the person they belong to
(``pseudonyms.py``): with the secret gone, nobody can say any more whose they were. ``details`` are codes and numbers;
what a person wrote, and the terms of a bet, are only sealed: ``seal`` is an HMAC over them, which whoever is given the
object's key and the content can check.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

VERSION = 1
SYSTEM = "system"
"""The actor where no person asked for it."""


class Kind(StrEnum):
    """Every event there is. A kind's name never changes its meaning: leaves stay."""

    BET_POSTED = "bet.posted"
    BET_REVISED = "bet.revised"
    BET_WITHDRAWN = "bet.withdrawn"
    BET_DECIDED = "bet.decided"
    """A grade, a re-grade or an undo: ``details.action`` and ``source`` say which and by whom."""
    BET_REVIEWED = "bet.reviewed"
    """Whether its grade is disputed."""
    BET_MOVED = "bet.moved"
    BET_SHARED = "bet.shared"
    """Whether its picture is public."""
    GRADE_PROPOSED = "bet.grade_proposed"
    LEG_DECIDED = "bet.leg_decided"
    BETS_PROPOSED = "bets.proposed"
    BATCH_GRADED = "batch.graded"
    BATCH_UNDONE = "batch.undone"
    BETS_IMPORTED = "bets.imported"
    """Bets of a file: which row each of them is, is sealed."""
    IMPORT_UNDONE = "bets.import_undone"
    CASE_STEP = "case.step"
    TAIL_SET = "tail.set"
    CAPPER_PUT = "capper.put"
    CAPPER_CHANGED = "capper.changed"
    CAPPER_REMOVED = "capper.removed"
    GUILD_INSTALLED = "guild.installed"
    GUILD_STATE = "guild.state"
    GUILD_REMOVED = "guild.removed"
    """What was held of a community that the bot had left is gone."""
    GUILD_SETTING = "guild.setting"
    GUILD_WEBHOOK = "guild.webhook"
    """Who is told what happens: ``details.action`` is added, removed or resumed."""
    LEGAL_HOLD = "guild.legal_hold"
    """Whether a case keeps a community's rows from going with their age."""
    IDENTITY_REVEAL = "privacy.reveal"
    """A pseudonym was asked for, approved or read by operators; of no community (0)."""
    DATA_SET = "privacy.data_set"
    """A month left, ``details.form``: named (a page of it, under pseudonyms) or released; of no community (0)."""
    GAME_MATCHED = "game.matched"
    """Somebody said which game an event of a source is; of no community (0), like the next."""
    PLAYER_NAMED = "player.named"
    """Somebody said what a source calls a player: ``details.said`` is :func:`fingerprint` of it."""
    KEY_STEP = "key.step"
    """A data key was made, condemned or destroyed, ``details.action``; of no community (0)."""
    FLAGS_PUBLISHED = "flags.published"
    """Switches and limits have a new version: its number and the SHA-256 of its document; of no community (0)."""
    GUILD_RESTORED = "guild.restored"
    """An operator brought a community back to what a backup had; ``details.backup`` names it."""
    MEMBER_CHANGED = "member.changed"
    """Whether somebody wants direct messages."""
    MEMBER_ERASED = "member.erased"
    """Somebody's data is gone from a community, their bets stand under a number."""
    PRIVACY_STEP = "privacy.step"
    """A request about one's data was received, done or withdrawn; of no community (0)."""
    RIGHT_REFUSED = "security.right_refused"
    COMPLIANCE_RUN = "compliance.run"
    """All controls were judged: the hash of the run's document, and how many came to what; of no community (0)."""
    COMPLIANCE_STATED = "compliance.stated"
    COMPLIANCE_FINDING = "compliance.finding"
    """A finding was opened, excepted, opened again or closed, or climbed a level."""
    COMPLIANCE_WORKFLOW = "compliance.workflow"
    COMPLIANCE_REPORT = "compliance.report"
    """A version of a report with the hashes of its files, or who receives them."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The object of an event. ``owner`` is the person it belongs to; None where it tells of nobody."""

    name: str
    owner: int | None = None


def bet(bet_id: int, capper_id: int) -> Subject:
    return Subject(f"bet:{bet_id}", capper_id)


def person(user_id: int) -> Subject:
    return Subject(f"user:{user_id}", user_id)


@dataclass(frozen=True, slots=True)
class Event:
    """``details`` are written as they are: codes and numbers, no names and no ids of people. ``sealed`` is not."""

    kind: Kind
    subject: Subject
    details: Mapping[str, Any] = field(default_factory=dict)
    sealed: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as it is stored. ``leaf_index`` is None until it is in the tree."""

    event_id: int
    guild_id: int
    at: datetime
    kind: str
    actor: str
    object: str
    cause: int
    details: str
    seal: str
    leaf_index: int | None = None

    def leaf(self) -> bytes:
        """The bytes that are hashed into the tree."""
        return canonical(
            {
                "v": VERSION,
                "event": str(self.event_id),
                "guild": str(self.guild_id),
                "at": moment(self.at),
                "kind": self.kind,
                "actor": self.actor,
                "object": self.object,
                "cause": str(self.cause),
                "details": json.loads(self.details),
                "seal": self.seal,
            }
        )


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical(value: Mapping[str, Any]) -> bytes:
    """The one way to write a value down: RFC 8785 for integers up to 2**53, texts, lists and objects."""
    return _ENCODER.encode(value).encode()


def fingerprint(value: Mapping[str, Any]) -> str:
    """SHA-256 of what nobody has to keep secret and what is no code either: the row can be held against it."""
    return hashlib.sha256(canonical(value)).hexdigest()


def moment(at: datetime) -> str:
    """ "2026-09-13T15:00:00.000Z"."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
