"""The commands as Discord is told of them, and the sync that only speaks up when something differs.

Source: Discord, "Application Commands". Run by ``./dev commands sync`` and at deployment, never by a function: two
hundred creations a day are all there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from dbsbm.core.errors import SettingsError
from dbsbm.discord.definitions import CommandRoute, Json, Option, OptionType, Registry, Who
from dbsbm.discord.limits_commands import check_commands
from dbsbm.discord.rest import DiscordClient

MANAGE_GUILD = 1 << 5
_CHAT_INPUT, _SUBCOMMAND, _GROUP = 1, 1, 2
_MESSAGE = 3
_IN_GUILDS, _IN_DIRECT_MESSAGES = 0, 1
_GUILD_INSTALL = 0
_OPTION_TYPES = {
    OptionType.STRING: 3,
    OptionType.INTEGER: 4,
    OptionType.BOOLEAN: 5,
    OptionType.USER: 6,
    OptionType.CHANNEL: 7,
    OptionType.ROLE: 8,
    OptionType.NUMBER: 10,
    OptionType.ATTACHMENT: 11,
}
_FIELDS = (
    *("type", "name", "description", "options", "default_member_permissions", "contexts", "integration_types"),
    *("required", "choices", "value", "autocomplete", "min_value", "max_value", "min_length", "max_length"),
    *("channel_types", "name_localizations", "description_localizations", "nsfw"),
)
_DEFAULTS: tuple[Any, ...] = (None, False, "", [], {})


@dataclass(frozen=True, slots=True)
class Changes:
    """Names of commands, each sorted."""

    created: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.created or self.changed or self.removed)


Tables = Mapping[str, Mapping[str, str]]
"""By locale: words by key, ``command.capper.add.user.description``, ``command.settle.by.choice.<value>``."""


def registration(registry: Registry, locales: Tables = MappingProxyType({})) -> list[Json]:
    """The body of the bulk overwrite: one entry a command, its subcommands inside, in order of name.

    What a locale has no word for is shown by Discord as the definition has it.

    Raises
    ------
    SettingsError
        Naming each limit of Discord's that a definition breaks.
    """
    families: dict[str, list[CommandRoute]] = {}
    for name in sorted(registry.commands):
        if not registry.commands[name].on_message:
            families.setdefault(name.split(" ")[0], []).append(registry.commands[name])
    body = [_command(name, routes, registry) for name, routes in families.items()]
    body += [_message_command(name) for name in sorted(registry.commands) if registry.commands[name].on_message]
    body = [_localised(command, "command", locales) for command in body] if locales else body
    problems = check_commands(body)
    if problems:
        raise SettingsError("; ".join(f"{problem.path}: {problem.message}" for problem in problems))
    return body


def _localised(entry: Json, above: str, locales: Tables) -> Json:
    """A command, subcommand or option with its names and descriptions in other languages, and all below it."""
    key = f"{above}.{entry['name']}"
    options = [_localised(option, key, locales) for option in entry.get("options", ())]
    choices = [
        {**choice, **_said("name", f"{key}.choice.{choice['value']}", locales)} for choice in entry.get("choices", ())
    ]
    said = _said("name", f"{key}.name", locales) | _said("description", f"{key}.description", locales)
    below = ({"options": options} if options else {}) | ({"choices": choices} if choices else {})
    return {**entry, **said, **below}


def _said(field: str, key: str, locales: Tables) -> Json:
    words = {locale: table[key] for locale, table in sorted(locales.items()) if key in table}
    return {f"{field}_localizations": words} if words else {}


def sync(commands: Sequence[Json], discord: DiscordClient, application_id: int) -> Changes:
    """Make Discord's global commands equal ``commands``; sends nothing when they already are.

    Raises
    ------
    DiscordError
        When Discord refuses or cannot be reached.
    """
    path = f"/applications/{application_id}/commands"
    there = _by_name(discord.call("GET", f"{path}?with_localizations=true"))
    wanted = _by_name(commands)
    changes = Changes(
        created=tuple(sorted(name for name in wanted if name not in there)),
        changed=tuple(sorted(name for name in wanted if name in there and wanted[name] != there[name])),
        removed=tuple(sorted(name for name in there if name not in wanted)),
    )
    if changes:
        discord.call("PUT", path, list(commands))
    return changes


def _command(name: str, routes: Sequence[CommandRoute], registry: Registry) -> Json:
    anywhere = all(route.who in (Who.ANYONE, Who.OPERATOR) for route in routes)
    command: Json = {
        "type": _CHAT_INPUT,
        "name": name,
        "description": _description(name, routes),
        "contexts": [_IN_GUILDS, _IN_DIRECT_MESSAGES] if anywhere else [_IN_GUILDS],
        "integration_types": [_GUILD_INSTALL],
    }
    if all(route.who is Who.ADMIN for route in routes):
        command["default_member_permissions"] = str(MANAGE_GUILD)
    if all(route.who is Who.OPERATOR for route in routes):
        command["default_member_permissions"] = "0"  # not shown in servers but to their administrators
    options = _nested(routes, 1, registry)
    return {**command, "options": options} if options else command


def _message_command(name: str) -> Json:
    return {"type": _MESSAGE, "name": name, "contexts": [_IN_GUILDS], "integration_types": [_GUILD_INSTALL]}


def _nested(routes: Sequence[CommandRoute], depth: int, registry: Registry) -> list[Json]:
    """What stands under the first ``depth`` words of the routes' names: subcommands, groups, or plain options."""
    families: dict[str, list[CommandRoute]] = {}
    for route in routes:
        words = route.name.split(" ")
        if len(words) == depth:
            if len(routes) > 1:
                raise SettingsError(f"/{route.name}: a command with subcommands cannot be used by itself")
            return [_option(route.name, option, registry) for option in route.options]
        families.setdefault(words[depth], []).append(route)
    return [_subcommand(name, family, depth + 1, registry) for name, family in families.items()]


def _subcommand(name: str, routes: Sequence[CommandRoute], depth: int, registry: Registry) -> Json:
    is_group = len(routes[0].name.split(" ")) > depth
    entry: Json = {
        "type": _GROUP if is_group else _SUBCOMMAND,
        "name": name,
        "description": _description(name, routes),
    }
    options = _nested(routes, depth, registry)
    return {**entry, "options": options} if options else entry


def _description(name: str, routes: Sequence[CommandRoute]) -> str:
    """A route's own, or for what only holds others their last words: Discord wants one, people never see it."""
    if len(routes) == 1 and routes[0].name.split(" ")[-1] == name:
        return routes[0].description
    return f"{name.capitalize()}: {', '.join(route.name.split(' ')[-1] for route in routes)}"[:100]


def _option(command: str, option: Option, registry: Registry) -> Json:
    completes = option.autocomplete or (command, option.name) in registry.autocompletes
    extremes = {"min_value": option.min_value, "max_value": option.max_value, "max_length": option.max_length}
    entry: Json = {
        "type": _OPTION_TYPES[option.type],
        "name": option.name,
        "description": option.description,
        "required": option.required,
        "choices": [{"name": shown, "value": value} for shown, value in option.choices],
        "autocomplete": completes,
        "channel_types": list(option.channel_types),
        **extremes,
    }
    return {key: value for key, value in entry.items() if not _is_default(value)}


def _by_name(commands: Sequence[Json]) -> dict[str, Json]:
    return {command["name"]: _normal(command) for command in commands}


def _normal(value: Any) -> Any:
    """What a definition says, without Discord's own ids and without what is the same as leaving it out."""
    if isinstance(value, dict):
        kept = {key: _normal(item) for key, item in value.items() if key in _FIELDS}
        return {key: item for key, item in kept.items() if not _is_default(item)}
    if isinstance(value, list | tuple):
        return [_normal(item) for item in value]
    return value


def _is_default(value: Any) -> bool:
    # By type as well: a choice of the value 0 equals False and is none of these.
    return any(type(value) is type(default) and value == default for default in _DEFAULTS)
