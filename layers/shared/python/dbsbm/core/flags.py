"""What an operator may change while everything runs: switches of commands and providers, and rate limits.

One typed document (docs/contracts.md). It is checked as a whole before it is published and again where it is read, so
that nothing ever acts on half of one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from dbsbm.core.errors import FlagsError

Json = dict[str, Any]

TIERS = ("free", "premium", "platinum")
PROVIDERS = frozenset({"the_odds_api", "espn", "api_sports", "weather_api"})
LARGEST = 64 * 1024
"""Of the document, in bytes."""
_WHY_MAX = 200
_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Switch:
    """``percent`` of the communities have it; ``why`` is what everybody else reads."""

    percent: int
    why: str

    def on_for(self, name: str, subject: int) -> bool:
        """Whether a community has it: always the same ones, and a higher percentage only adds to them."""
        digest = hashlib.sha256(f"{name}:{subject}".encode()).digest()
        return int.from_bytes(digest[:8]) % 100 < self.percent


@dataclass(frozen=True, slots=True)
class RateLimits:
    """What may be spent within ``window_s``, by tier where it depends on one. A command costs 1 unless ``costs`` says.

    ``typing`` is for suggestions while somebody types, ``address`` for requests over HTTP. ``block_after`` refusals
    within the window shut a person or address out for ``block_s``; 0: nobody is.
    """

    window_s: int = 60
    person: Mapping[str, int] = field(default_factory=lambda: {"free": 120, "premium": 180, "platinum": 240})
    guild: Mapping[str, int] = field(default_factory=lambda: {"free": 3_000, "premium": 9_000, "platinum": 30_000})
    typing: int = 600
    address: int = 120
    costs: Mapping[str, int] = field(default_factory=lambda: {"import": 20, "export": 10, "leaderboard": 2, "stats": 2})
    block_after: int = 120
    block_s: int = 300

    def cost(self, route: str) -> int:
        """By the route, else by the command it belongs to."""
        return self.costs.get(route, self.costs.get(route.partition(" ")[0], 1))


@dataclass(frozen=True, slots=True)
class Flags:
    """One version. ``limits`` None: nothing is limited (there is no bucket, so nobody could raise them)."""

    version: int = 0
    at: datetime | None = None
    by: str = ""
    reason: str = ""
    commands: Mapping[str, Switch] = field(default_factory=dict)
    providers: Mapping[str, str] = field(default_factory=dict)
    limits: RateLimits | None = field(default_factory=RateLimits)

    def shut(self, route: str, subject: int) -> Switch | None:
        """The switch that keeps a community from a route, by the route's name or its command's."""
        for name in (route, route.partition(" ")[0]):
            switch = self.commands.get(name)
            if switch is not None and not switch.on_for(name, subject):
                return switch
        return None

    def off(self, provider: str) -> str | None:
        """Why a provider is not to be asked; None when it is."""
        return self.providers.get(provider)

    def to_json(self) -> Json:
        limits = self.limits or RateLimits()
        numbers = {name: getattr(limits, name) for name in RateLimits.__dataclass_fields__}
        return {
            "v": 1,
            "version": self.version,
            "at": self.at.isoformat() if self.at else None,
            "by": self.by,
            "reason": self.reason,
            "commands": {name: {"percent": each.percent, "why": each.why} for name, each in self.commands.items()},
            "providers": dict(self.providers),
            "limits": {name: dict(each) if isinstance(each, Mapping) else each for name, each in numbers.items()},
        }

    def following(self, other: Flags, at: datetime, by: str, reason: str) -> Flags:
        """The version after this one, with the content of ``other``."""
        return replace(other, version=self.version + 1, at=at, by=by, reason=reason)


def parsed(body: bytes) -> Flags:
    """A document as stored.

    Raises
    ------
    FlagsError
        Naming everything that is wrong with it.
    """
    if len(body) > LARGEST:
        raise FlagsError(f"the document has {len(body)} bytes; {LARGEST} are the most")
    try:
        document = json.loads(body)
    except ValueError as error:
        raise FlagsError("the document is not JSON") from error
    return checked(document)


def checked(document: Any) -> Flags:
    """The same of JSON that was read already. Raises FlagsError."""
    wrong = list(_wrong(document))
    if wrong:
        raise FlagsError("; ".join(wrong))
    limits = RateLimits(**document["limits"])
    return Flags(
        version=document["version"],
        at=datetime.fromisoformat(document["at"]) if document["at"] else None,
        by=document["by"],
        reason=document["reason"],
        commands={name: Switch(each["percent"], each["why"]) for name, each in document["commands"].items()},
        providers=dict(document["providers"]),
        limits=limits,
    )


_SHAPE: Mapping[str, type | tuple[type, ...]] = {
    "v": int,
    "version": int,
    "at": (str, type(None)),
    "by": str,
    "reason": str,
    "commands": dict,
    "providers": dict,
    "limits": dict,
}


def _wrong(document: Any) -> Iterator[str]:
    if not isinstance(document, dict):
        yield "the document is no object"
        return
    shapeless = [name for name, kind in _SHAPE.items() if not isinstance(document.get(name), kind)]
    if document.get("v") != 1 or shapeless or set(document) != set(_SHAPE):
        unknown = sorted(set(document) - set(_SHAPE))
        yield f"not a document of version 1: wrong or missing {shapeless}, unknown {unknown}"
        return
    for name, switch in document["commands"].items():
        yield from _wrong_switch(name, switch)
    for name, why in document["providers"].items():
        if name not in PROVIDERS:
            yield f"providers.{name}: no such provider; there are {', '.join(sorted(PROVIDERS))}"
        if not _is_why(why):
            yield f"providers.{name}: say why it is off, in at most {_WHY_MAX} characters"
    yield from _wrong_limits(document["limits"])


def _wrong_switch(name: str, switch: Any) -> Iterator[str]:
    if not isinstance(switch, dict) or set(switch) != {"percent", "why"}:
        yield f"commands.{name}: takes percent and why"
        return
    if not _is_number(switch["percent"], 0, 100):
        yield f"commands.{name}: {switch['percent']!r} is no percentage; 0 to 100"
    if not _is_why(switch["why"]):
        yield f"commands.{name}: say why, in at most {_WHY_MAX} characters; it is what people read"


def _wrong_limits(limits: Mapping[str, Any]) -> Iterator[str]:
    names = set(RateLimits.__dataclass_fields__)
    if set(limits) != names:
        yield f"limits: unknown {sorted(set(limits) - names)}, missing {sorted(names - set(limits))}"
        return
    ranges = {"window_s": (1, 3600), "block_after": (0, _MOST), "block_s": (1, 86_400)}
    for name in ("window_s", "typing", "address", "block_after", "block_s"):
        low, high = ranges.get(name, (10, _MOST))
        if not _is_number(limits[name], low, high):
            yield f"limits.{name}: {limits[name]!r} is not between {low} and {high}"
    for name in ("person", "guild"):
        by_tier = limits[name]
        if not isinstance(by_tier, dict) or set(by_tier) != set(TIERS):
            yield f"limits.{name}: takes {', '.join(TIERS)}"
        else:
            yield from (
                f"limits.{name}.{tier}: {each!r} is not between 10 and {_MOST}"
                for tier, each in by_tier.items()
                if not _is_number(each, 10, _MOST)
            )
    if isinstance(limits["costs"], dict):
        wrong = {name: cost for name, cost in limits["costs"].items() if not _is_number(cost, 1, 100)}
        yield from (f"limits.costs.{name}: {cost!r} is not between 1 and 100" for name, cost in wrong.items())
        if not wrong and isinstance(limits["person"], dict):
            yield from _unaffordable(limits["costs"], limits["person"])
    else:
        yield "limits.costs: takes a number for each command"


def _unaffordable(costs: Mapping[str, int], person: Mapping[str, Any]) -> Iterator[str]:
    least = min((each for each in person.values() if isinstance(each, int)), default=0)
    for name, cost in costs.items():
        if cost > least:
            yield f"limits.costs.{name}: {cost} is more than a person may spend ({least}), so nobody could use it"


def _is_number(value: Any, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _is_why(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= _WHY_MAX
