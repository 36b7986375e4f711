"""What a control is, what evidence it is judged by, and what a judgement can be.

States follow NIST's OSCAL where it has them (satisfied, not satisfied); the other three say why there is neither.
Nothing here says that a law or a standard is met: a control is one observation about this product.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

Json = dict[str, Any]
OBSERVED_MAX = 500
UNREADABLE = (LookupError, TypeError, ValueError, ArithmeticError, AttributeError)
"""What taking something apart ends in that has another shape than was thought."""


class State(StrEnum):
    SATISFIED = "satisfied"
    NOT_SATISFIED = "not-satisfied"
    NOT_APPLICABLE = "not-applicable"
    """The evidence shows that there is nothing to judge."""
    MANUAL = "manual"
    """A person has to look; nobody has lately."""
    NOT_TESTED = "not-tested"
    """There was no evidence. Never taken for a pass."""


class Source(StrEnum):
    """Where evidence comes from."""

    TEMPLATE = "template"
    """The deployed stacks' own templates, as CloudFormation gives them back."""
    LIVE = "live API"
    DATA = "data"
    PERSON = "person"


class Priority(StrEnum):
    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Strength(StrEnum):
    """How much of a requirement the control speaks to."""

    FULL = "full"
    PARTIAL = "partial"
    SUPPORTING = "supporting"


@dataclass(frozen=True, slots=True)
class Mapped:
    """A requirement of a framework; ``framework`` is a key of ``frameworks.FRAMEWORKS``."""

    framework: str
    requirement: str
    strength: Strength


@dataclass(frozen=True, slots=True)
class Verdict:
    """``observed`` says in one sentence what the evidence shows. It names nobody but the operator who stated something,
    by the short name of the settings."""

    state: State
    observed: str


Evaluate = Callable[[Mapping[str, Any], datetime], Verdict]
"""Pure: the evidence's content and when it was collected, so that stored evidence can be judged again."""


@dataclass(frozen=True, slots=True)
class Control:
    """``evidence`` names what is collected for it, often shared by several controls."""

    control_id: str
    title: str
    expected: str
    priority: Priority
    source: Source
    evidence: str
    maps: tuple[Mapped, ...]
    evaluate: Evaluate
    fix: str = ""
    """A fix of ``remediation.FIXES`` that would mend it; none where a person has to."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """``content`` is None where it could not be collected: ``missing`` says why."""

    name: str
    collected_at: datetime
    content: Mapping[str, Any] | None
    missing: str = ""

    def body(self) -> bytes:
        """What is stored: the same content has the same bytes, so it is stored once."""
        return canonical({"v": 1, "evidence": self.name, "content": self.content})

    def digest(self) -> str:
        return hashlib.sha256(self.body()).hexdigest()


def canonical(value: Any) -> bytes:
    """The one way to write evidence and runs down."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str).encode()


def mapped(text: str) -> tuple[Mapped, ...]:
    """ "gdpr 32(1)(a) full; soc2 CC6.1 partial" → the mappings.

    Raises
    ------
    ValueError
        When a part is not framework, requirement and strength.
    """
    found = []
    for part in text.split(";"):
        framework, requirement, strength = part.split()
        found.append(Mapped(framework, requirement, Strength(strength)))
    return tuple(found)


def judge(control: Control, evidence: Evidence) -> Verdict:
    """What the control comes to. Without evidence, or with evidence of another shape, it is not tested."""
    if evidence.content is None:
        return Verdict(State.NOT_TESTED, f"No evidence: {evidence.missing}"[:OBSERVED_MAX])
    try:
        verdict = control.evaluate(evidence.content, evidence.collected_at)
    except UNREADABLE as error:
        return Verdict(State.NOT_TESTED, f"The evidence cannot be read: {type(error).__name__} {error}"[:OBSERVED_MAX])
    return Verdict(verdict.state, verdict.observed[:OBSERVED_MAX])
