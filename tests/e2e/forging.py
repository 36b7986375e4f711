"""Every route of the product, sent by hand: with any ids, by anybody, whether or not a client would offer it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, Literal

from dbsbm import commands
from dbsbm.commands.words.catalogue import Words
from dbsbm.discord import custom_id
from dbsbm.discord.definitions import REGISTRY, CommandRoute, OptionType, Who
from local.discord_simulator import Person, Seen
from tests.e2e.world import World

COMMAND, COMPONENT, MODAL = 2, 3, 5
_GATES = (
    "error.not_admin",
    "error.not_admin_role",
    "error.not_capper",
    "error.no_capper_role",
    "error.server_only",
    "error.not_operator",
)
_OPTION_TYPES = {
    "string": 3,
    "integer": 4,
    "boolean": 5,
    "user": 6,
    "channel": 7,
    "role": 8,
    "number": 10,
    "attachment": 11,
}
_SOURCE = Path(commands.__file__).parent


@dataclass(frozen=True, slots=True)
class Route:
    """A command, a component or a modal, and whom the runner lets pass."""

    kind: Literal["command", "component", "modal"]
    name: str
    who: Who

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def routes() -> list[Route]:
    commands.load()
    return [
        *(Route("command", name, route.who) for name, route in sorted(REGISTRY.commands.items())),
        *(Route("component", name, route.who) for name, route in sorted(REGISTRY.components.items())),
        *(Route("modal", name, route.who) for name, route in sorted(REGISTRY.modals.items())),
    ]


def sent(world: World, route: Route, person: Person, on: Seen, ids: Sequence[int]) -> Iterator[Seen]:
    """The route with each of these ids, and with each value that its other arguments can have."""
    if route.kind == "command":
        yield world.settled(person.forge(COMMAND, _command(REGISTRY.commands[route.name], ids), on))
        return
    table: Mapping[str, Any] = REGISTRY.components if route.kind == "component" else REGISTRY.modals
    for args in _arguments(table[route.name].args, ids):
        data = _clicked(route, custom_id.build(route.name, *args))
        yield world.settled(person.forge(COMPONENT if route.kind == "component" else MODAL, data, on))


def stopped_at_the_gate(seen: Seen) -> bool:
    """Whether the answer is the refusal of somebody who lacks the right."""
    return any(Words().plain(key).partition("{")[0] in seen.text for key in _GATES)


def _arguments(kinds: Sequence[type], ids: Sequence[int]) -> Iterable[tuple[Any, ...]]:
    """The first id with the first value of everything else, then every other value in its place, one at a time."""
    usual = tuple(_values(kind, ids, first=int not in kinds[:place])[0] for place, kind in enumerate(kinds))
    yield usual
    for place, kind in enumerate(kinds):
        for value in _values(kind, ids, first=int not in kinds[:place])[1:]:
            yield (*usual[:place], value, *usual[place + 1 :])


def _values(kind: type, ids: Sequence[int], *, first: bool) -> Sequence[Any]:
    if kind is int:
        return ids if first else (0, 1)
    return tuple(kind) if issubclass(kind, Enum) else ("",)


def _clicked(route: Route, wire: str) -> dict[str, Any]:
    if route.kind == "component":
        return {"custom_id": wire, "component_type": 3, "values": ["1"]}
    names = sorted(_fields())
    typed = [
        {"type": 18, "id": place, "component": {"type": 4, "id": 100 + place, "custom_id": name, "value": "1"}}
        for place, name in enumerate(names)
    ]
    return {"custom_id": wire, "components": typed}


@cache
def _fields() -> set[str]:
    """The names under which modals read what was typed."""
    texts = (file.read_text() for file in _SOURCE.glob("*.py"))
    return {name for text in texts for name in re.findall(r'options(?:\.get\(|\[)"(\w+)"', text)}


def _command(route: CommandRoute, ids: Sequence[int]) -> dict[str, Any]:
    """The command with something in each required option; users, roles and channels are nobody's."""
    if route.on_message:
        return {"id": "1", "name": route.name, "type": 3, "target_id": str(ids[0]), "resolved": {"messages": {}}}
    name, *below = route.name.split(" ")
    options: list[dict[str, Any]] = [
        {"name": option.name, "type": _OPTION_TYPES[option.type.value], "value": _value(option.type, ids)}
        for option in route.options
        if option.required
    ]
    for inner in reversed(below):
        options = [{"name": inner, "type": 1, "options": options}]
    return {"id": "1", "name": name, "type": 1, "options": options, "resolved": {}}


def _value(kind: OptionType, ids: Sequence[int]) -> bool | int | str:
    if kind is OptionType.BOOLEAN:
        return True
    return 1 if kind in (OptionType.INTEGER, OptionType.NUMBER) else str(ids[0])
