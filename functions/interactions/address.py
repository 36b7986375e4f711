"""Which route a signed interaction takes."""

from __future__ import annotations

from typing import Any, NamedTuple

from dbsbm.discord.custom_id import CustomIdError, fits, split
from dbsbm.discord.routes import Route, Routes

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
_SUBCOMMAND_TYPES = (1, 2)


class Target(NamedTuple):
    """``name`` is what was asked for, for the log; ``route`` is None when it is not, or no longer, ours."""

    name: str
    route: Route | None


def find(routes: Routes, interaction_type: int, data: dict[str, Any]) -> Target:
    """The route of an interaction's ``data``."""
    if interaction_type == COMMAND:
        path, _ = _command_path(data)
        return Target(path, routes.commands.get(path))
    if interaction_type == AUTOCOMPLETE:
        path, options = _command_path(data)
        focused = next((option.get("name") for option in options if option.get("focused") is True), None)
        name = f"{path}.{focused}"
        return Target(name, routes.autocomplete.get(name))
    table = routes.components if interaction_type == COMPONENT else routes.modals
    return _by_custom_id(table, data.get("custom_id"))


def _by_custom_id(table: Any, custom_id: object) -> Target:
    if not isinstance(custom_id, str):
        return Target("?", None)
    try:
        name, args = split(custom_id)
    except CustomIdError:
        return Target("?", None)
    route = table.get(name)
    if route is None or not fits(args, route.args):
        return Target(name, None)
    return Target(name, route)


def _command_path(data: dict[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    names = [str(data.get("name", "?"))]
    options = _options(data)
    while options and options[0].get("type") in _SUBCOMMAND_TYPES and len(names) < 3:
        names.append(str(options[0].get("name", "?")))
        options = _options(options[0])
    return " ".join(names), options


def _options(holder: dict[str, Any]) -> list[dict[str, Any]]:
    options = holder.get("options")
    return [option for option in options if isinstance(option, dict)] if isinstance(options, list) else []
