"""Writes what follows from definitions in the code: ``python -m local.generate``; ``--check`` fails when stale.

That is ``routes.json`` for the front door, ``docs/commands.md`` for people, of the data inventory
``docs/privacy.md``, and of the telemetry ``infra/observability/`` for Prometheus and Grafana.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from dbsbm import commands
from dbsbm.discord import routes
from dbsbm.discord.custom_id import kind_of
from dbsbm.discord.definitions import REGISTRY, ComponentRoute, ModalRoute, Option, Registry, Who
from local import fault_pages, impact_assessment, observability
from local.pictures import names

Json = dict[str, Any]
ROOT = Path(__file__).parents[1]
ROUTES = Path(routes.PATH).resolve().relative_to(ROOT.resolve())


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


_WHO = {
    Who.ANYONE: "anyone, also outside a server",
    Who.MEMBER: "every member",
    Who.CAPPER: "cappers",
    Who.GRADER: "graders: Manage Server or the admin role",
    Who.ADMIN: "admins: Manage Server or the admin role",
    Who.OPERATOR: "operators of the service, named in its settings",
}


def reference(registry: Registry) -> str:
    """``docs/commands.md``: every command with who may use it and what it takes."""
    parts = [_INTRODUCTION]
    for name, route in sorted(registry.commands.items()):
        title = f"{name}, on a message" if route.on_message else f"/{name}"
        what = f"{route.description}. " if route.description else ""
        parts.append(f"## {title}\n\n{what}For {_WHO[route.who]}.\n")
        if not names.missing([name]):
            parts.append(f"![What /{name} answers](pictures/commands/{names.of_command(name)}.png)\n")
        if route.options:
            parts.append("| option | | |\n|---|---|---|\n" + "".join(_option_row(option) for option in route.options))
    return "\n".join(parts)


_INTRODUCTION = """# Commands

Made by `python -m local.generate` from the definitions in `dbsbm/commands/`. Answers are private; what is public is
posted. The pictures are of the Discord simulator (`python -m local.pictures` takes them anew); more of them, of slips,
panels and buttons, are in [pictures/commands](pictures/commands).
"""


def _option_row(option: Option) -> str:
    need = "required" if option.required else ""
    offered = ", ".join(str(name) for name, _ in option.choices) or ("offers choices" if option.autocomplete else "")
    return f"| `{option.name}` | {need} | {option.description}{f' ({offered})' if offered else ''} |\n"


def text_of(document: Json) -> str:
    """The file's text: the same for the same definitions, whatever order they were imported in."""
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Write the files, or with ``--check`` say whether they are what would be written."""
    check = "--check" in (sys.argv[1:] if arguments is None else arguments)
    commands.load()
    wanted = {
        root / ROUTES: text_of(routes_document(REGISTRY)),
        root / "docs/commands.md": reference(REGISTRY),
        root / "docs/errors.md": fault_pages.errors(),
        root / "docs/faults.md": fault_pages.faults(),
        root / impact_assessment.DOCUMENT: impact_assessment.document(ROOT),
        **{root / path: text for path, text in observability.documents().items()},
    }
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    unseen = names.missing(list(REGISTRY.commands)) if root == ROOT else []
    if check:
        return _told(stale, unseen)
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path], encoding="utf-8")
    print(f"written: {', '.join(path.name for path in stale) or 'nothing, all was up to date'}")
    return 0


def _told(stale: list[Path], unseen: list[str]) -> int:
    """Say what is not as it should be; the exit status."""
    if stale:
        print(f"stale: {', '.join(path.name for path in stale)}: run python -m local.generate")
    if unseen:
        told = "; ".join(f"/{name}: python -m local.pictures {names.of_command(name)}" for name in unseen)
        print(f"without a picture (a new command needs a stop in tests/e2e/tour.py): {told}")
    if not stale and not unseen:
        print("routes and pages are up to date")
    return 1 if stale or unseen else 0


def _clicked(route: ComponentRoute | ModalRoute) -> Json:
    args = [kind_of(argument) for argument in route.args]
    return {"function": route.function, "mode": route.mode, "answers": route.answers, "args": args}


if __name__ == "__main__":
    raise SystemExit(main())
