"""Custom ids: ``v1:<route>:<arg>…``, at most 100 characters, never a secret, always untrusted.

On the front door's path: imports nothing of ours. The base 32 of an id is that of ``core/ids.py``; a test holds the
two together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

VERSION = "v1"
MAX_LENGTH = 100
_OURS = "0123456789abcdefghjkmnpqrstvwxyz"
_PYTHONS = "0123456789abcdefghijklmnopqrstuv"
_TO_PYTHON = str.maketrans(_OURS, _PYTHONS)
_ALPHABET = frozenset(_OURS)
_ID_LENGTH = 13


class CustomIdError(ValueError):
    """Not a custom id of this version and route: an old button, or one that was never ours."""


def build(route: str, *args: int | str) -> str:
    """The custom id of a route with its arguments; ints as ids, enum members as their value.

    Raises
    ------
    ValueError
        When it exceeds Discord's 100 characters, an int does not fit 63 bits, or the route's name holds ``:`` or ``%``.
    """
    if not route or ":" in route or "%" in route:
        raise ValueError(f"not a route name: {route!r}")
    text = ":".join((VERSION, route, *(_written(arg) for arg in args)))
    if len(text) > MAX_LENGTH:
        raise ValueError(f"custom id of {len(text)} characters, {MAX_LENGTH} allowed: {text!r}")
    return text


def split(text: str) -> tuple[str, tuple[str, ...]]:
    """The route and its arguments as they stand on the wire, still escaped.

    Raises
    ------
    CustomIdError
        When the text is not of this version.
    """
    if len(text) > MAX_LENGTH:
        raise CustomIdError("longer than Discord allows")
    version, _, rest = text.partition(":")
    if version != VERSION or not rest:
        raise CustomIdError("another version")
    route, *args = rest.split(":")
    return route, tuple(args)


def fits(args: Sequence[str], kinds: Sequence[str | Sequence[str]]) -> bool:
    """Whether wire arguments suit a route of ``routes.json``: ``"int"``, ``"str"``, or the values of an enum."""
    return len(args) == len(kinds) and all(_fits(arg, kind) for arg, kind in zip(args, kinds, strict=True))


def parse(text: str, types: Mapping[str, Sequence[type]]) -> tuple[str, tuple[Any, ...]]:
    """The route and its typed arguments; ``types`` gives each known route's argument types.

    Raises
    ------
    CustomIdError
        When the version, the route or an argument is not known.
    """
    route, wire = split(text)
    wanted = types.get(route)
    if wanted is None:
        raise CustomIdError(f"no route {route!r}")
    if len(wanted) != len(wire):
        raise CustomIdError(f"{route}: {len(wire)} arguments, {len(wanted)} expected")
    return route, tuple(_read(arg, kind) for arg, kind in zip(wire, wanted, strict=True))


def kind_of(argument: type) -> str | list[str]:
    """How ``routes.json`` writes an argument type.

    Raises
    ------
    TypeError
        When the type has no form on the wire.
    """
    if argument is int:
        return "int"
    if argument is str:
        return "str"
    if issubclass(argument, str) and issubclass(argument, Enum):
        return [str(member.value) for member in argument]
    raise TypeError(f"a custom id cannot carry {argument!r}")


def _written(arg: int | str) -> str:
    if isinstance(arg, Enum):
        arg = arg.value
    if isinstance(arg, str):
        return arg.replace("%", "%25").replace(":", "%3A")
    if isinstance(arg, bool) or not 0 <= arg < 1 << 63:
        raise ValueError(f"not a 63-bit id: {arg}")
    characters = [""] * _ID_LENGTH
    for place in range(_ID_LENGTH - 1, -1, -1):
        characters[place] = _OURS[arg & 31]
        arg >>= 5
    return "".join(characters)


def _read(arg: str, kind: type) -> Any:
    if kind is int:
        if not _is_id(arg):
            raise CustomIdError(f"not an id: {arg!r}")
        return int(arg.translate(_TO_PYTHON), 32)
    text = arg.replace("%3A", ":").replace("%25", "%")
    if kind is str:
        return text
    try:
        return kind(text)
    except ValueError as error:
        raise CustomIdError(f"not one of {kind.__name__}: {text!r}") from error


def _fits(arg: str, kind: str | Sequence[str]) -> bool:
    if kind == "int":
        return _is_id(arg)
    return kind == "str" or arg.replace("%3A", ":").replace("%25", "%") in kind


def _is_id(arg: str) -> bool:
    # 13 characters carry 65 bits; the first may only use the lowest 3 of its 5.
    return len(arg) == _ID_LENGTH and _ALPHABET.issuperset(arg) and arg[0] in "01234567"
