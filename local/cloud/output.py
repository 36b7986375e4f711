"""What the functions of the in-process cloud print and log, kept per function."""

from __future__ import annotations

import io
import logging
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any

from awslambdaric.lambda_runtime_log_utils import JsonFormatter  # type: ignore[import-untyped]

from local.cloud.processes import as_record


class Output(io.TextIOBase):
    """A stream that knows whose turn it is: a logger made by one function and used by another still lands right."""

    def __init__(self, running: Callable[[], tuple[str, str]]) -> None:
        self._running = running
        self._texts: defaultdict[str, list[str]] = defaultdict(list)
        self._handler = logging.StreamHandler(self)
        self._handler.setFormatter(JsonFormatter())
        self._handler.addFilter(self._mark)

    def write(self, text: str) -> int:
        name, _ = self._running()
        self._texts[name].append(text)
        return len(text)

    def writable(self) -> bool:
        return True

    def logs(self, name: str) -> list[dict[str, Any]]:
        return [as_record(line) for line in "".join(self._texts[name]).splitlines() if line.strip()]

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Send standard output and the root logger here, as Lambda does."""
        if sys.stdout is self:
            yield
            return
        root = logging.getLogger()
        level = root.level
        root.addHandler(self._handler)
        root.setLevel(logging.INFO)
        try:
            with redirect_stdout(self):
                yield
        finally:
            root.removeHandler(self._handler)
            root.setLevel(level)

    def _mark(self, record: logging.LogRecord) -> bool:
        record.aws_request_id = self._running()[1]
        record.tenant_id = None
        return True
