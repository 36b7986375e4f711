"""What the functions are told of the secrets in their variables."""

from __future__ import annotations

import re

from dbsbm.core.errors import SettingsError
from dbsbm.rotation.ring import Kept

_OF_ARN = re.compile(r"-[A-Za-z0-9]{6}$")


def plain_name(secret: str) -> str:
    """``token-key`` of ``dbsbm/prod/token-key`` or of the ARN of it, as Secrets Manager names them."""
    name = secret.rpartition(":secret:")[2]
    return (_OF_ARN.sub("", name) if secret.startswith("arn:") else name).rpartition("/")[2]


def keeps(text: str, secret: str) -> Kept:
    """How long a ring keeps its keys, of ``operations-token=2,token-key=180d``; all for those not named.

    Raises
    ------
    SettingsError
        When the text is not of that shape.
    """
    try:
        known = {name: _kept(said) for name, _, said in (each.partition("=") for each in text.split(",") if each)}
    except ValueError as error:
        raise SettingsError("ROTATION_KEEPS: must look like operations-token=2,token-key=180d") from error
    plain = plain_name(secret)
    return next((kept for name, kept in known.items() if plain == name or plain.endswith(f"-{name}")), Kept())


def _kept(said: str) -> Kept:
    return Kept(days=int(said[:-1])) if said.endswith("d") else Kept(count=int(said))
