"""EventBridge's rules: which functions of the catalog an event reaches.

Reference: "Creating Amazon EventBridge event patterns", exact matching: each name of the pattern has to be in the
event, with one of the values listed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from infra.catalog import Catalog, EventRule


def reached(catalog: Catalog, event: Mapping[str, Any]) -> Iterator[str]:
    """The functions one of whose rules takes the event, once for each rule."""
    for function in catalog.functions:
        for trigger in function.triggers:
            if isinstance(trigger, EventRule) and matches(trigger.pattern, event):
                yield function.name


def matches(pattern: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    for name, wanted in pattern.items():
        found = event.get(name)
        if isinstance(wanted, Mapping):
            if not isinstance(found, Mapping) or not matches(wanted, found):
                return False
        elif not set(found if isinstance(found, list) else [found]) & set(wanted):
            return False
    return True
