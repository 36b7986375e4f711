"""What the functions are told of the secrets in their variables."""

from __future__ import annotations

import re

from dbsbm.core.errors import SettingsError

_OF_ARN = re.compile(r"-[A-Za-z0-9]{6}$")


def plain_name(secret: str) -> str:
    """``token-key`` of ``dbsbm/prod/token-key`` or of the ARN of it, as Secrets Manager names them."""
    name = secret.rpartition(":secret:")[2]
    return (_OF_ARN.sub("", name) if secret.startswith("arn:") else name).rpartition("/")[2]


def keeps(text: str, secret: str) -> int:
    """How many keys a ring keeps, of ``operations-token=2``; 0, which is all, for those not named.

    Raises
    ------
    SettingsError
        When the text is not of that shape.
    """
    try:
        known = {name: int(number) for name, _, number in (each.partition("=") for each in text.split(",") if each)}
    except ValueError as error:
        raise SettingsError("ROTATION_KEEPS: must look like operations-token=2,another=3") from error
    plain = plain_name(secret)
    return next((number for name, number in known.items() if plain == name or plain.endswith(f"-{name}")), 0)
