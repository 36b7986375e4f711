"""Runs, findings, workflows and reports as they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from dbsbm.compliance.attested import Said
from dbsbm.compliance.model import Priority, State


@dataclass(frozen=True, slots=True)
class Result:
    """What one control came to in a run; ``evidence`` is the SHA-256 of what it was judged by, "" without any."""

    control: str
    state: State
    observed: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Run:
    run_id: int
    at: datetime
    counts: Mapping[State, int]
    took_ms: int
    sha256: str
    cursor_guild: int


@dataclass(frozen=True, slots=True)
class Statement:
    """What an operator says of a control; ``operator`` is a name of the settings.

    ``inventory`` is the fingerprint of the inventory of data that they had before them.
    """

    statement_id: int
    control: str
    said: Said
    text: str
    operator: str
    at: datetime
    inventory: str


class FindingState(StrEnum):
    OPEN = "open"
    EXCEPTED = "excepted"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Finding:
    finding_id: int
    control: str
    priority: Priority
    state: FindingState
    opened_at: datetime
    due_at: datetime
    level: int = 0
    next_at: datetime | None = None
    closed_at: datetime | None = None


class Kind(StrEnum):
    EXCEPTION = "exception"
    FIX = "fix"
    PUT_BACK = "put-back"
    """A fix undone: what it changed is set to what it was."""


class WorkflowState(StrEnum):
    OPEN = "open"
    STANDING = "standing"
    DONE = "done"
    REJECTED = "rejected"
    FAILED = "failed"
    EXPIRED = "expired"


class Step(StrEnum):
    DRY_RUN = "dry-run"
    APPROVE = "approve"
    APPLY = "apply"
    STAND = "stand"
    END = "end"


@dataclass(frozen=True, slots=True)
class Workflow:
    """``ends_at`` is an exception's end. ``details``: what was seen before and after, by step."""

    workflow_id: int
    kind: Kind
    control: str
    state: WorkflowState
    step: Step
    due_at: datetime
    asked_by: str
    asked_at: datetime
    reason: str
    decided_by: str = ""
    decided_at: datetime | None = None
    ends_at: datetime | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """``files`` by format: ``key`` in the bucket, ``sha256``, ``bytes``."""

    report_id: int
    series: str
    period: str
    version: int
    made_at: datetime
    run_id: int
    files: Mapping[str, Mapping[str, Any]]
