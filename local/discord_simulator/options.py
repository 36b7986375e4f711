"""Option values of a slash command, checked as Discord's client checks them, and what they resolve to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dbsbm.discord.limits_commands import (
    ATTACHMENT,
    BOOLEAN,
    CHANNEL,
    MAX_SAFE_INTEGER,
    NUMBER,
    ROLE,
    STRING,
    SUBCOMMAND,
    USER_OPTION,
)
from local.discord_simulator import objects
from local.discord_simulator.cdn import picture_size
from local.discord_simulator.errors import ClientRefusalError
from local.discord_simulator.multipart import MAX_FILE, Upload
from local.discord_simulator.state import Command, File, Guild, Json

if TYPE_CHECKING:
    from local.discord_simulator.person import Person
    from local.discord_simulator.simulator import Simulator

MAX_STRING = 6000


def find(person: Person, name: str, kind: int = 1) -> Command:
    """The command this person's client offers under a name: the guild's own before the global one.

    Raises
    ------
    ClientRefusalError
        When none is offered here.
    """
    root = name if kind != 1 else name.split(maxsplit=1)[0]
    state = person.simulator.state
    found = [
        command for command in state.commands.values() if (command.data["name"], command.data["type"]) == (root, kind)
    ]
    for command in sorted(found, key=lambda command: command.guild_id is None):
        if command.guild_id in (None, person.guild_id) and _offered(person, command):
            return command
    raise ClientRefusalError(f"no command {name!r} is offered here")


def _offered(person: Person, command: Command) -> bool:
    contexts = command.data.get("contexts")
    context = 0 if person.guild_id else 1
    if contexts is not None and context not in contexts:
        return False
    rights = command.data.get("default_member_permissions")
    if rights is None or person.guild_id is None:
        return True
    needed = int(rights)
    mine = person.permissions
    return bool(mine & 8) or (needed != 0 and mine & needed == needed)


@dataclass(slots=True)
class Resolved:
    """What ids in an interaction stand for."""

    users: dict[str, Json] = field(default_factory=dict)
    members: dict[str, Json] = field(default_factory=dict)
    roles: dict[str, Json] = field(default_factory=dict)
    channels: dict[str, Json] = field(default_factory=dict)
    messages: dict[str, Json] = field(default_factory=dict)
    attachments: dict[str, Json] = field(default_factory=dict)

    def document(self) -> Json:
        parts = {name: getattr(self, name) for name in self.__slots__}
        return {name: part for name, part in parts.items() if part}

    def add_user(self, person: Person, user_id: int) -> str:
        simulator = person.simulator
        if user_id not in simulator.state.users:
            raise ClientRefusalError(f"no user {user_id}")
        self.users[str(user_id)] = objects.user(simulator.state.users[user_id])
        guild = person.guild
        if guild is not None and user_id in guild.members:
            channel = simulator.state.channels[person.channel_id]
            self.members[str(user_id)] = objects.interaction_member(simulator, guild, channel, user_id, with_user=False)
        return str(user_id)

    def add_role(self, guild: Guild | None, role_id: int) -> str:
        if guild is None or role_id not in guild.roles:
            raise ClientRefusalError(f"no role {role_id} here")
        self.roles[str(role_id)] = objects.role(guild.roles[role_id])
        return str(role_id)

    def add_channel(self, person: Person, channel_id: int, types: Any = ()) -> str:
        guild = person.guild
        channel = person.simulator.state.channels.get(channel_id)
        if guild is None or channel is None or channel.guild_id != guild.id:
            raise ClientRefusalError(f"no channel {channel_id} here")
        if types and channel.type not in types:
            raise ClientRefusalError(f"channel {channel.name!r} is not of a type that is asked for")
        self.channels[str(channel_id)] = objects.resolved_channel(person.simulator, guild, channel, person.user_id)
        return str(channel_id)

    def add_upload(self, person: Person, upload: Upload) -> str:
        file = store_upload(person.simulator, upload, person.channel_id)
        self.attachments[str(file.id)] = objects.attachment(person.simulator, file)
        return str(file.id)


def store_upload(simulator: Simulator, upload: Upload, channel_id: int) -> File:
    """Put a person's file on the CDN for the time of an interaction.

    Raises
    ------
    ClientRefusalError
        When it is too large.
    """
    if len(upload.data) > MAX_FILE:
        raise ClientRefusalError("your files are too powerful: 10 MiB at most")
    file = File(
        id=simulator.snowflakes.new(),
        filename=upload.filename,
        data=upload.data,
        content_type=upload.content_type,
        channel_id=channel_id,
        ephemeral=True,
        size=picture_size(upload.data),
    )
    simulator.state.files[file.id] = file
    return file


def command_data(
    person: Person, command: Command, path: list[str], values: Mapping[str, Any], focused: str = ""
) -> Json:
    """``data`` of a slash command (or, with ``focused``, of an autocomplete) with options nested as typed.

    Raises
    ------
    ClientRefusalError
        For whatever the client would not send.
    """
    definitions = command.data.get("options") or []
    nesting = []
    for name in path:
        definition = next((item for item in definitions if item["name"] == name and item["type"] <= 2), None)
        if definition is None:
            raise ClientRefusalError(f"{command.data['name']} has no subcommand {name!r}")
        nesting.append(definition)
        definitions = definition.get("options") or []
    if any(item["type"] <= 2 for item in definitions) or (nesting and nesting[-1]["type"] != SUBCOMMAND):
        raise ClientRefusalError(f"{command.data['name']} needs a subcommand")
    resolved = Resolved()
    options = _options(person, definitions, values, resolved, focused)
    for definition in reversed(nesting):
        options = [{"name": definition["name"], "type": definition["type"], "options": options}]
    data: Json = {"id": str(command.id), "name": command.data["name"], "type": 1, "options": options}
    if command.guild_id:
        data["guild_id"] = str(command.guild_id)
    if resolved.document():
        data["resolved"] = resolved.document()
    return data


def _options(
    person: Person, definitions: list[Json], values: Mapping[str, Any], resolved: Resolved, focused: str
) -> list[Json]:
    names = {definition["name"] for definition in definitions}
    unknown = [name for name in values if name not in names]
    if unknown:
        raise ClientRefusalError(
            f"no option named {', '.join(unknown)}; there are {', '.join(sorted(names)) or 'none'}"
        )
    options = []
    for definition in definitions:
        name = definition["name"]
        value = values.get(name)
        if value is None:
            if definition.get("required") and not focused:
                raise ClientRefusalError(f"option {name!r} is required")
            continue
        option: Json = {"name": name, "type": definition["type"]}
        if name == focused:
            options.append(option | {"value": value, "focused": True})
            continue
        options.append(option | {"value": _value(person, definition, value, resolved)})
    return options


def _value(person: Person, definition: Json, value: Any, resolved: Resolved) -> Any:
    kind = definition["type"]
    if kind == USER_OPTION:
        return resolved.add_user(person, _id(value, "user_id"))
    if kind == CHANNEL:
        return resolved.add_channel(person, _id(value, "id"), definition.get("channel_types") or ())
    if kind == ROLE:
        return resolved.add_role(person.guild, _id(value, "id"))
    if kind == ATTACHMENT:
        if not isinstance(value, Upload):
            raise ClientRefusalError(f"option {definition['name']!r} takes a file")
        return resolved.add_upload(person, value)
    if kind == BOOLEAN:
        if not isinstance(value, bool):
            raise ClientRefusalError(f"option {definition['name']!r} is true or false")
        return value
    return _plain(definition, value)


def _id(value: Any, attribute: str) -> int:
    return int(getattr(value, attribute, value))


def _plain(definition: Json, value: Any) -> Any:
    name, kind = definition["name"], definition["type"]
    choices = definition.get("choices")
    if choices:
        for choice in choices:
            if value in (choice["value"], choice["name"]):
                return choice["value"]
        raise ClientRefusalError(f"option {name!r}: {value!r} is not one of its choices")
    if kind == STRING:
        return _string(definition, value)
    numeric = isinstance(value, int | float) and not isinstance(value, bool)
    whole = isinstance(value, int) or kind == NUMBER
    if not numeric or not whole or abs(value) > MAX_SAFE_INTEGER:
        raise ClientRefusalError(f"option {name!r} is a number")
    low, high = definition.get("min_value"), definition.get("max_value")
    if (low is not None and value < low) or (high is not None and value > high):
        raise ClientRefusalError(f"option {name!r} must be between {low} and {high}")
    return value


def _string(definition: Json, value: Any) -> str:
    if not isinstance(value, str):
        raise ClientRefusalError(f"option {definition['name']!r} is text")
    low, high = definition.get("min_length") or 0, definition.get("max_length") or MAX_STRING
    if not max(low, 1 if definition.get("required") else 0) <= len(value) <= high:
        raise ClientRefusalError(f"option {definition['name']!r} must be {low} to {high} characters")
    return value
