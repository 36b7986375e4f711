"""Takes a person's number and names out of stored JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dbsbm.core.ids import encode

_OURS = frozenset(
    [
        "template",
        "file",
        "kind",
        "how",
        "custom_id",
        "type",
        "url",
        "league",
        "pick",
        "market",
        "matchup",
        "when",
        "odds",
        "grade",
        "ticket",
        "risk",
        "to_win",
        "profit",
        "record",
        "units",
        "roi",
        "rating",
        "flat",
        "place",
        "bet_ref",
        "state",
        "period",
    ]
)
"""Values of these keys are words of ours, of Discord's or of sports: a capper called "slip" or "Chiefs" must not break
them."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who is taken out; ``label`` and ``number`` stand instead. ``names``: also as escaped for Discord."""

    user_id: int
    names: Sequence[str]
    label: str
    number: int = 0

    def redacted(self, stored: str) -> str:
        """The same JSON without them; text that is no JSON is searched as it is."""
        try:
            value = json.loads(stored)
        except ValueError:
            return self._text(stored, named=True)
        return json.dumps(self._value(value, named=True), ensure_ascii=False, separators=(",", ":"))

    def within(self, stored: str | None) -> bool:
        """Whether a text may have them at all: the quick look before the long one."""
        if not stored:
            return False
        found = (str(self.user_id), encode(self.user_id), *self.names)
        return any(each in stored or json.dumps(each)[1:-1] in stored for each in found)

    def _value(self, value: Any, *, named: bool) -> Any:
        if isinstance(value, dict):
            return {
                self._text(key, named=False): self._value(each, named=named and key not in _OURS)
                for key, each in value.items()
            }
        if isinstance(value, list):
            return [self._value(each, named=named) for each in value]
        if isinstance(value, str):
            return self._text(value, named=named)
        return self.number if value == self.user_id and not isinstance(value, bool) else value

    def _text(self, text: str, *, named: bool) -> str:
        """Names before numbers: a name may have the number in it."""
        text = re.sub(rf"<@!?{self.user_id}>", self.label, text)
        for name in self.names if named else ():
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", lambda _: self.label, text)
        return text.replace(str(self.user_id), str(self.number)).replace(encode(self.user_id), encode(self.number))
