"""One run of the job that keeps the controls: what its parts share, and how one that fails is kept apart."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from dbsbm.commands.report import file_of
from dbsbm.commands.telling import WORDS, direct, operators_but
from dbsbm.commands.words.catalogue import Markdown
from dbsbm.compliance.evidence.collecting import Collector, Places
from dbsbm.compliance.store.model import Report
from dbsbm.core.bucket import Aws, Bucket
from dbsbm.core.errors import DbsbmError
from dbsbm.database.session import Session
from dbsbm.environment import Environment

logger = logging.getLogger(__name__)

AT_ONCE = 50
_NUDGE_S = 0.5
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Guard:
    """What a run works with; ``places`` are what controls look at."""

    environment: Environment
    places: Places
    has_time: Callable[[], bool]

    @property
    def stored(self) -> Bucket:
        return Bucket(self._aws, self.environment.settings.evidence_bucket)

    @property
    def _aws(self) -> Aws:
        return Aws(self.environment.transport, self.environment.account())

    def collector(self, after: int) -> Collector:
        return Collector(self.environment.database, self._aws, self.stored, self.places, after)


@dataclass(frozen=True, slots=True)
class Round:
    """A run under way. ``keys`` wake delivery, ``failures`` are what its parts met: both grow."""

    guard: Guard
    now: datetime
    keys: list[str] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)

    @property
    def environment(self) -> Environment:
        return self.guard.environment

    def operators(self, but: str = "") -> list[int]:
        """Their numbers, without those of one of them."""
        return operators_but(self.environment.settings.operators, but)

    def apart(self, name: str, part: Callable[[], T]) -> T | None:
        """What came of a part; None where it failed, which the run says at its end."""
        try:
            return part()
        except Exception as error:  # the edge of one part: its fault must not keep the others from being done
            logger.exception("%s failed", name)
            self.failures.append(error)
            return None

    def tell(self, session: Session, people: Sequence[int], told: Markdown, report: Report | None = None) -> None:
        """Direct messages, in the transaction that notes what they are about: neither is there without the other."""
        outbox = self.environment.database.outbox
        if not people or outbox is None:
            return
        files = () if report is None else (file_of(report, "pdf", WORDS),)
        cause = self.environment.ids.new()
        posts = direct(people, cause, told, files)
        self.keys.extend(outbox.enqueue(session, f"guard:{cause}", 0, posts, self.now))

    def nudge(self) -> None:
        """Wake delivery; what is lost here is found by its sweep."""
        if not self.keys:
            return
        try:
            event = {"v": 1, "target_keys": self.keys[:AT_ONCE]}
            self.environment.invoke("delivery", event, asynchronous=True, timeout_s=_NUDGE_S)
        except DbsbmError:
            return
