"""A secret inside a stored reply: sealed where it is written, opened only on its way to the person."""

from __future__ import annotations

import re
from typing import Any

from dbsbm.security.tokens import TokenBox, TokenTamperedError

_CONTEXT = "reply text"
_SEALED = re.compile(r"⟦sealed:([A-Za-z0-9+/=]+)⟧")


def seal(tokens: TokenBox, secret: str) -> str:
    """What stands in the reply instead of the secret."""
    return f"⟦sealed:{tokens.seal_text(secret, _CONTEXT)}⟧"


def opened(value: Any, tokens: TokenBox) -> Any:
    """A JSON value with every sealed secret in its texts opened; what only looks like one stays as it is."""
    if isinstance(value, str):
        return _SEALED.sub(lambda found: _open(found, tokens), value) if "⟦" in value else value
    if isinstance(value, list):
        return [opened(each, tokens) for each in value]
    if isinstance(value, dict):
        return {name: opened(each, tokens) for name, each in value.items()}
    return value


def _open(found: re.Match[str], tokens: TokenBox) -> str:
    try:
        return tokens.open_text(found[1], _CONTEXT)
    except TokenTamperedError:
        return found[0]  # a person wrote it
