"""What can be wrong with a rotation; none of these texts ever holds a value."""

from __future__ import annotations

from dbsbm.core.errors import DbsbmError


class RotationError(DbsbmError):
    """The step cannot be done; ``detail`` says what is wrong. Nothing that was in use has changed."""

    code = "rotation"


class UnhealthyError(RotationError):
    """A value does not open what it should."""

    code = "rotation_unhealthy"
