"""Application commands, global and of a guild (Discord reference, "Application Commands")."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from typing import Any

from dbsbm.discord.limits import Problem, check_command, check_commands
from dbsbm.discord.limits_commands import MAX_BY_TYPE
from local.discord_simulator import compose, objects
from local.discord_simulator.errors import ApiError, invalid_form, known
from local.discord_simulator.ratelimit import COMMANDS
from local.discord_simulator.rest import access
from local.discord_simulator.rest.router import Call, Handler, route
from local.discord_simulator.state import Command, Json

_GLOBAL = "/applications/{application_id}/commands"
_GUILD = "/applications/{application_id}/guilds/{guild_id}/commands"
_DAILY_CREATES = 200


def _both(method: str, suffix: str = "") -> Callable[[Handler], Handler]:
    def add(handler: Handler) -> Handler:
        route(method, _GLOBAL + suffix, major=("application_id",), limit=COMMANDS)(handler)
        route(method, _GUILD + suffix, major=("application_id", "guild_id"), limit=COMMANDS)(handler)
        return handler

    return add


def _scope(call: Call) -> int | None:
    if call.id("application_id") != call.simulator.application_id:
        raise ApiError(403, 20012, "You are not authorized to perform this action on this application")
    if "guild_id" not in call.path:
        return None
    guild_id = call.id("guild_id")
    if guild_id not in call.simulator.state.guilds:
        raise known(50001)
    access.guild(call.simulator, guild_id)
    return guild_id


def _in_scope(call: Call, scope: int | None) -> list[Command]:
    return [command for command in call.simulator.state.commands.values() if command.guild_id == scope]


@_both("GET")
def list_commands(call: Call) -> tuple[int, Any]:
    scope = _scope(call)
    localizations = call.truth("with_localizations")
    return 200, [
        objects.command(call.simulator, command, localizations=localizations) for command in _in_scope(call, scope)
    ]


@_both("GET", "/{command_id}")
def get_command(call: Call) -> tuple[int, Any]:
    return 200, objects.command(call.simulator, _command(call, _scope(call)), localizations=True)


@_both("POST")
def create_command(call: Call) -> tuple[int, Any]:
    """An upsert: the name and type of an existing command replace it."""
    scope = _scope(call)
    _checked(call, "command", call.body, check_command(call.body, guild=scope is not None))
    existing = _same(call, scope, call.body)
    if existing is None:
        kind = call.body.get("type") or 1
        same_kind = [command for command in _in_scope(call, scope) if command.data["type"] == kind]
        if len(same_kind) >= MAX_BY_TYPE[kind]:
            raise ApiError(400, 30032, f"Maximum number of application commands reached ({MAX_BY_TYPE[kind]})")
        _count_creations(call, scope, 1)
    command = _store(call, scope, call.body)
    return 200 if existing else 201, objects.command(call.simulator, command, localizations=True)


@_both("PUT")
def overwrite_commands(call: Call) -> tuple[int, Any]:
    """Replaces all commands of the scope; those that stay keep their ids, only new ones count as creations."""
    scope = _scope(call)
    _checked(call, "commands", call.body, check_commands(call.body, guild=scope is not None))
    _count_creations(call, scope, sum(_same(call, scope, body) is None for body in call.body))
    kept = [_store(call, scope, body) for body in call.body]
    ids = {command.id for command in kept}
    for command in _in_scope(call, scope):
        if command.id not in ids:
            del call.simulator.state.commands[command.id]
    return 200, [objects.command(call.simulator, command, localizations=True) for command in kept]


@_both("PATCH", "/{command_id}")
def edit_command(call: Call) -> tuple[int, Any]:
    scope = _scope(call)
    command = _command(call, scope)
    wanted = {**command.data, **call.document(), "type": command.data["type"]}
    _checked(call, "command_edit", call.body, check_command(wanted, guild=scope is not None))
    twin = _same(call, scope, wanted)
    if twin is not None and twin.id != command.id:
        raise invalid_form(
            [Problem("name", "Application command names must be unique", "APPLICATION_COMMANDS_DUPLICATE_NAME")]
        )
    command.data = _normal(wanted)
    command.version = call.simulator.snowflakes.new()
    call.simulator.changed("commands")
    return 200, objects.command(call.simulator, command, localizations=True)


@_both("DELETE", "/{command_id}")
def delete_command(call: Call) -> tuple[int, Any]:
    command = _command(call, _scope(call))
    del call.simulator.state.commands[command.id]
    call.simulator.changed("commands")
    return 204, None


def _checked(call: Call, kind: str, body: Any, problems: list[Problem]) -> None:
    call.simulator.observe(kind, body, refused=bool(problems))
    compose.refuse(problems)


def _command(call: Call, scope: int | None) -> Command:
    command = call.simulator.state.commands.get(call.id("command_id"))
    if command is None or command.guild_id != scope:
        raise known(10063)
    return command


def _same(call: Call, scope: int | None, body: Json) -> Command | None:
    kind = body.get("type") or 1
    for command in _in_scope(call, scope):
        if (command.data["type"], command.data["name"]) == (kind, body["name"]):
            return command
    return None


def _count_creations(call: Call, scope: int | None, count: int) -> None:
    now = call.simulator.clock.now()
    state = call.simulator.state
    state.command_creations = [item for item in state.command_creations if now - item[0] < timedelta(days=1)]
    if sum(item[1] == scope for item in state.command_creations) + count > _DAILY_CREATES:
        raise known(30034)
    state.command_creations += [(now, scope)] * count


def _store(call: Call, scope: int | None, body: Json) -> Command:
    simulator = call.simulator
    command = _same(call, scope, body)
    data = _normal(body)
    if command is None:
        command_id = simulator.snowflakes.new()
        command = Command(command_id, simulator.snowflakes.new(), scope, data)
        simulator.state.commands[command_id] = command
    elif command.data != data:
        command.data = data
        command.version = simulator.snowflakes.new()
    simulator.changed("commands")
    return command


def _normal(body: Json) -> Json:
    """The definition with the defaults Discord fills in."""
    data = deepcopy(body)
    for key in ("id", "application_id", "version", "guild_id"):
        data.pop(key, None)
    rights = data.get("default_member_permissions")
    data |= {
        "type": data.get("type") or 1,
        "description": data.get("description") or "",
        "nsfw": bool(data.get("nsfw")),
        "default_member_permissions": None if rights is None else str(rights),
        "integration_types": data.get("integration_types") or [0],
        "contexts": data.get("contexts"),
        "name_localizations": data.get("name_localizations"),
        "description_localizations": data.get("description_localizations"),
    }
    data["dm_permission"] = data["contexts"] is None or 1 in data["contexts"]
    return data
