"""Writes what follows from the commands' definitions: ``python -m local.generate``; ``--check`` fails when stale."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from dbsbm import commands
from dbsbm.discord import routes
from dbsbm.discord.custom_id import kind_of
from dbsbm.discord.definitions import REGISTRY, ComponentRoute, ModalRoute, Registry

Json = dict[str, Any]


def routes_document(registry: Registry) -> Json:
    """``routes.json`` as in docs/contracts.md.

    Raises
    ------
    ValueError
        When a static modal and a component share a name, or a route that opens a modal is deferred.
    """
    components = {name: _clicked(route) for name, route in registry.components.items()}
    for name, modal in registry.static_modals.items():
        if name in components:
            raise ValueError(f"both a component and a static modal: {name}")
        components[name] = {"mode": "static", "modal": modal}
    document = {
        "commands": {
            name: {"function": route.function, "mode": route.mode, "answers": route.answers}
            for name, route in registry.commands.items()
        },
        "components": components,
        "modals": {name: _clicked(route) for name, route in registry.modals.items()},
        "autocomplete": {
            f"{command}.{option}": {"function": route.function}
            for (command, option), route in registry.autocompletes.items()
        },
    }
    for kind, rows in document.items():
        for name, row in rows.items():
            if row.get("mode") == "deferred" and row.get("answers") == "modal":
                raise ValueError(f"{kind} {name}: what opens a modal cannot be deferred")
    return {"v": 1, **document}


def text_of(document: Json) -> str:
    """The file's text: the same for the same definitions, whatever order they were imported in."""
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Write the file, or with ``--check`` say whether it is what would be written."""
    check = "--check" in (sys.argv[1:] if arguments is None else arguments)
    commands.load()
    path = Path(routes.PATH)
    text = text_of(routes_document(REGISTRY))
    fresh = path.exists() and path.read_text(encoding="utf-8") == text
    if check:
        print("routes.json is up to date" if fresh else "routes.json is stale: run python -m local.generate")
        return 0 if fresh else 1
    if not fresh:
        path.write_text(text, encoding="utf-8")
    print(f"routes.json: {'unchanged' if fresh else 'written'}")
    return 0


def _clicked(route: ComponentRoute | ModalRoute) -> Json:
    args = [kind_of(argument) for argument in route.args]
    return {"function": route.function, "mode": route.mode, "answers": route.answers, "args": args}


if __name__ == "__main__":
    raise SystemExit(main())
