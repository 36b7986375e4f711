"""Secrets that others make: the bot's token, the providers' keys. An operator stages a value, here it is promoted.

Staged is what carries AWSPENDING. It becomes current once it opens what it should; the value before stays AWSPREVIOUS
until the new one has been seen at work, and comes back if that one turns out not to work.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from dbsbm.rotation.errors import RotationError, UnhealthyError
from dbsbm.rotation.steps import finish
from dbsbm.security.secret_store import CURRENT, PENDING, PREVIOUS, SecretStore, holder

Check = Callable[[str], None]
"""Uses a value as its readers do. Raises UnhealthyError when it is refused, RotationError when nobody answered."""
Settled = Literal["nothing", "kept", "put back", "broken"]


@dataclass(frozen=True, slots=True)
class Promotion:
    """``tested`` is False where there is nobody yet who could be asked about the value."""

    version: str
    tested: bool


def promote(store: SecretStore, check: Check | None) -> Promotion:
    """Make what is staged current, if it works.

    Raises
    ------
    RotationError
        When nothing is staged, or nobody could be asked; UnhealthyError when the value is refused. All stays as it was.
    BucketError
        When Secrets Manager is out of reach.
    """
    labels = store.labels()
    version = holder(labels, PENDING)
    value = store.value(PENDING, version) if version else None
    if version is None or value is None:
        raise RotationError("nothing is staged")
    if check is not None and CURRENT not in labels[version]:
        check(value)
    finish(store, version)
    return Promotion(version, check is not None)


def settle(store: SecretStore, check: Check | None) -> Settled:
    """After a promotion: let the value before go once the current one works, or bring it back.

    Raises
    ------
    RotationError
        When nobody could be asked: asked again next time.
    BucketError
        When Secrets Manager is out of reach.
    """
    labels = store.labels()
    before, now = holder(labels, PREVIOUS), holder(labels, CURRENT)
    if before is None or now is None or check is None:
        return "nothing"
    if _works(store, CURRENT, check):
        store.move(PREVIOUS, off=before)
        return "kept"
    if not _works(store, PREVIOUS, check):
        return "broken"
    store.move(CURRENT, to=before, off=now)
    return "put back"


def _works(store: SecretStore, label: str, check: Check) -> bool:
    value = store.value(label)
    try:
        check(value or "")
    except UnhealthyError:
        return False
    return True
