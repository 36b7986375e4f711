"""Faults a test asks for: answers with an error, slow answers, lost requests and lost answers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal


@dataclass(slots=True)
class Fault:
    """Strikes ``times`` requests whose method and path (without query) match the regular expressions.

    One of: ``status`` answers with it instead of working (429 with ``retry_after_s`` and, if given, Discord's
    ``code``; without, as Cloudflare does: no headers); ``slow_s`` sleeps on the clock first; ``drop`` loses the
    request ("before") or its answer ("after").
    """

    method: str = ".*"
    path: str = ".*"
    times: int = 1
    status: int | None = None
    code: int = 0
    retry_after_s: float | None = None
    slow_s: float = 0.0
    drop: Literal["before", "after"] | None = None
    struck: int = field(default=0, init=False)

    def strikes(self, method: str, path: str) -> bool:
        """Whether it strikes this request; counts when it does."""
        if self.struck >= self.times or not re.fullmatch(self.method, method) or not re.search(self.path, path):
            return False
        self.struck += 1
        return True
