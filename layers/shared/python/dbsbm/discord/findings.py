"""What a check found wrong with a body, and the small checks that every rule is made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

CHANNEL_TYPES = (0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15)


@dataclass(frozen=True, slots=True)
class Problem:
    """``path`` is slash-separated from the root of the body ("components/0/custom_id"); ``code`` is Discord's own."""

    path: str
    message: str
    code: str = "BASE_TYPE_INVALID"


def under(path: str, key: str | int) -> str:
    """The path of ``key`` inside ``path``."""
    return f"{path}/{key}" if path else str(key)


@dataclass(slots=True)
class Findings:
    """Collects problems. A value of None counts as absent, as it does for Discord."""

    problems: list[Problem] = field(default_factory=list)

    def add(self, path: str, message: str, code: str = "BASE_TYPE_INVALID") -> None:
        self.problems.append(Problem(path, message, code))

    def mapping(self, value: Any, path: str) -> dict[str, Any] | None:
        """The value when it is an object; otherwise a problem and None."""
        if isinstance(value, dict):
            return value
        self.add(path, "Only dictionaries may be used in a DictType", "DICT_TYPE_CONVERT")
        return None

    def items(
        self,
        data: dict[str, Any],
        path: str,
        key: str,
        low: int = 0,
        high: int | None = None,
        *,
        required: bool = False,
    ) -> list[Any]:
        """The list under ``key`` (empty when absent or wrong), its length checked."""
        value = data.get(key)
        at = under(path, key)
        if value is None:
            if required:
                self.add(at, "This field is required", "BASE_TYPE_REQUIRED")
            return []
        if not isinstance(value, list):
            self.add(at, "Only iterables may be used in a ListType", "LIST_TYPE_CONVERT")
            return []
        if len(value) < low or (high is not None and len(value) > high):
            self.add(at, _between(low, high, "in length"), "BASE_TYPE_BAD_LENGTH")
        return value

    def text(
        self,
        data: dict[str, Any],
        path: str,
        key: str,
        low: int = 0,
        high: int | None = None,
        *,
        required: bool = False,
    ) -> str | None:
        """The string under ``key``, its length in characters checked."""
        value = data.get(key)
        at = under(path, key)
        if value is None:
            if required:
                self.add(at, "This field is required", "BASE_TYPE_REQUIRED")
            return None
        if not isinstance(value, str):
            self.add(at, "Could not interpret value as string.", "STRING_TYPE_CONVERT")
            return None
        if required and low and not value:
            self.add(at, "This field is required", "BASE_TYPE_REQUIRED")
        elif len(value) < low or (high is not None and len(value) > high):
            self.add(at, _between(low, high, "in length"), "BASE_TYPE_BAD_LENGTH")
        return value

    def integer(
        self, data: dict[str, Any], path: str, key: str, low: int | None = None, high: int | None = None
    ) -> int | None:
        """The integer under ``key``, its range checked."""
        value = data.get(key)
        if value is None:
            return None
        at = under(path, key)
        if isinstance(value, bool) or not isinstance(value, int):
            self.add(at, "Value is not int.", "NUMBER_TYPE_COERCE")
            return None
        if (low is not None and value < low) or (high is not None and value > high):
            self.add(at, f"int value should be between {low} and {high}.", "NUMBER_TYPE_RANGE")
        return value

    def flag(self, data: dict[str, Any], path: str, *keys: str) -> None:
        """Each of ``keys`` is a boolean or absent."""
        for key in keys:
            if data.get(key) is not None and not isinstance(data[key], bool):
                self.add(under(path, key), "Must be either true or false.", "BOOLEAN_TYPE_CHOICES")

    def choice(
        self, data: dict[str, Any], path: str, key: str, allowed: Iterable[Any], *, required: bool = False
    ) -> None:
        """The value under ``key`` is one of ``allowed``."""
        value = data.get(key)
        if value is None:
            if required:
                self.add(under(path, key), "This field is required", "BASE_TYPE_REQUIRED")
            return
        choices = tuple(allowed)
        if isinstance(value, bool) or value not in choices:
            self.add(under(path, key), f"Value must be one of {choices}.", "BASE_TYPE_CHOICES")

    def unique(self, values: Sequence[tuple[str, Any]], message: str, code: str) -> None:
        """No two of the ``(path, value)`` pairs share a value."""
        seen: set[str] = set()
        for path, value in values:
            if repr(value) in seen:
                self.add(path, message, code)
            seen.add(repr(value))

    def snowflakes(self, data: dict[str, Any], path: str, key: str, high: int) -> list[Any]:
        """The list of ids under ``key``: strings of digits, at most ``high`` of them, none twice."""
        ids = self.items(data, path, key, 0, high)
        if any(not isinstance(value, str) or not value.isdigit() for value in ids):
            self.add(under(path, key), "Value is not snowflake.", "NUMBER_TYPE_COERCE")
        if len(ids) != len(set(map(str, ids))):
            self.add(under(path, key), "Values must be unique.", "SET_TYPE_ALREADY_CONTAINS_VALUE")
        return ids

    def channel_types(self, data: dict[str, Any], path: str) -> None:
        """``channel_types``: which sorts of channel are offered."""
        types = self.items(data, path, "channel_types")
        if any(isinstance(value, bool) or value not in CHANNEL_TYPES for value in types):
            self.add(under(path, "channel_types"), f"Value must be one of {CHANNEL_TYPES}.", "BASE_TYPE_CHOICES")
        if len(types) != len(set(map(repr, types))):
            self.add(under(path, "channel_types"), "Values must be unique.", "SET_TYPE_ALREADY_CONTAINS_VALUE")

    def web_address(self, data: dict[str, Any], path: str, key: str, schemes: Sequence[str], high: int = 2048) -> None:
        """The URL under ``key``: its length, its scheme, and that it names a host."""
        value = self.text(data, path, key, 1, high, required=True)
        if not value:
            return
        try:
            parts = urlsplit(value)
        except ValueError:
            self.add(under(path, key), "Not a well formed URL.", "URL_TYPE_INVALID_URL")
            return
        if parts.scheme not in schemes:
            expected = ", ".join(repr(scheme) for scheme in schemes)
            self.add(
                under(path, key),
                f"Scheme {parts.scheme!r} is not supported. Scheme must be one of ({expected}).",
                "URL_TYPE_INVALID_SCHEME",
            )
        elif not parts.netloc or any(character.isspace() for character in value):
            self.add(under(path, key), "Not a well formed URL.", "URL_TYPE_INVALID_URL")


def _between(low: int, high: int | None, what: str) -> str:
    if high is None:
        return f"Must be {low} or more {what}."
    return f"Must be between {low} and {high} {what}." if low else f"Must be {high} or fewer {what}."
