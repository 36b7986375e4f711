"""The four steps in which Secrets Manager changes a secret: createSecret, setSecret, testSecret, finishSecret.

Secrets Manager invokes them one after another, and again whichever failed. Each looks first at what is there already,
so that done twice, or killed anywhere and done again, it ends the same. Until the last step nobody reads the new value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, cast, get_args

from dbsbm.rotation.errors import RotationError
from dbsbm.security.secret_store import CURRENT, PENDING, SecretStore, holder

Step = Literal["createSecret", "setSecret", "testSecret", "finishSecret"]
STEPS: tuple[Step, ...] = get_args(Step)


@dataclass(frozen=True, slots=True)
class Request:
    """What Secrets Manager asks of a rotation function; ``version`` is the id of the one that is to become current."""

    secret: str
    version: str
    step: Step

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> Request:
        """Read Secrets Manager's event.

        Raises
        ------
        RotationError
            When it is not one.
        """
        secret, version, step = (event.get(name) for name in ("SecretId", "ClientRequestToken", "Step"))
        if not isinstance(secret, str) or not isinstance(version, str) or step not in STEPS:
            raise RotationError("not an event of a rotation: SecretId, ClientRequestToken and Step are needed")
        return cls(secret, version, cast(Step, step))


class Strategy(Protocol):
    """What is particular to one kind of secret. Values are the secret's text; ``None`` is a secret without one."""

    def following(self, current: str | None) -> str:
        """The next value. Raises RotationError when it cannot be made here."""
        ...

    def establish(self, pending: str, current: str | None) -> None:
        """Make what the secret opens take the next value, beside the one in use. Raises RotationError."""
        ...

    def test(self, pending: str, current: str | None) -> None:
        """Use the next value as readers will. Raises UnhealthyError when it does not open what it should."""
        ...


def take(request: Request, store: SecretStore, strategy: Strategy) -> None:
    """Do one step.

    Raises
    ------
    RotationError
        When it cannot be done; what is current stays current.
    BucketError
        When Secrets Manager is out of reach.
    """
    carried = store.labels().get(request.version, frozenset())
    if request.step == "finishSecret":
        finish(store, request.version)
    elif CURRENT in carried and PENDING not in carried:
        return
    elif request.step == "createSecret":
        if store.value(PENDING, request.version) is None:
            store.put(request.version, strategy.following(store.value(CURRENT)), PENDING)
    else:
        pending = store.value(PENDING, request.version)
        if pending is None:
            raise RotationError(f"{request.step}: the version {request.version} is not pending")
        act = strategy.establish if request.step == "setSecret" else strategy.test
        # A secret's very first value is current from the moment it is put in; nothing came before it.
        act(pending, None if CURRENT in carried else store.value(CURRENT))


def finish(store: SecretStore, version: str) -> None:
    """Make ``version`` the current one, and no longer pending.

    Raises
    ------
    RotationError
        When it neither is nor was pending.
    """
    labels = store.labels()
    carried = labels.get(version, frozenset())
    if not carried & {CURRENT, PENDING}:
        raise RotationError(f"finishSecret: the version {version} is not pending")
    if CURRENT not in carried:
        store.move(CURRENT, to=version, off=holder(labels, CURRENT))
    if PENDING in carried:
        store.move(PENDING, off=version)
