"""The longest tests first, dealt out to the workers, so that none of them is what the others wait for at the end."""

from __future__ import annotations

import os
from itertools import islice

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """xdist gives each worker a share of the list as it stands: each share begins with its part of the longest."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    longest = [item for item in items if item.get_closest_marker("longest")]
    others = iter([item for item in items if not item.get_closest_marker("longest")])
    ordered: list[pytest.Item] = []
    for worker in range(workers):
        size = (len(items) - len(ordered)) // (workers - worker)
        own = longest[worker::workers]
        ordered += [*own, *islice(others, max(0, size - len(own)))]
    items[:] = [*ordered, *others]
