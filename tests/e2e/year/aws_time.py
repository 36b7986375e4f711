"""AWS in the time of a world: a version of a secret, a key and an object are made when the world says it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import moto.cloudformation.models
import moto.core.utils
import moto.kms.models
import moto.s3.models
import moto.secretsmanager.models
import pytest

from dbsbm.core.clock import Clock

_NAIVE = (moto.core.utils, moto.s3.models, moto.secretsmanager.models, moto.kms.models, moto.cloudformation.models)
"""Each asks ``utcnow`` under its own name."""


@contextmanager
def living_in(clock: Clock) -> Iterator[None]:
    """Moto goes by the clock: ages of keys and secrets are those of the world, not of the machine."""
    with pytest.MonkeyPatch.context() as patch:
        for module in _NAIVE:
            patch.setattr(module, "utcnow", lambda: clock.now().replace(tzinfo=None))
        patch.setattr(moto.secretsmanager.models, "time", SimpleNamespace(time=lambda: clock.now().timestamp()))
        yield
