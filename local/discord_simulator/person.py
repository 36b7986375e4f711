"""A person at Discord's client: slash commands, buttons, selects, modals, each a signed interaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from local.discord_simulator import compose, exchanges, gateway, objects, options, permissions
from local.discord_simulator.errors import ClientRefusalError
from local.discord_simulator.gateway import REAL, Delivery
from local.discord_simulator.multipart import MAX_FILE, Upload
from local.discord_simulator.permissions import Permission
from local.discord_simulator.seen import Seen
from local.discord_simulator.state import Exchange, Guild, Json, Message

if TYPE_CHECKING:
    from local.discord_simulator.simulator import Simulator


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of autocomplete."""

    name: str
    value: str | int | float


@dataclass(frozen=True, slots=True)
class Person:
    """A user in one channel. ``guild_id`` None: in the direct channel with the bot."""

    simulator: Simulator
    user_id: int
    guild_id: int | None
    channel_id: int
    delivery: Delivery = REAL

    @property
    def name(self) -> str:
        return self.simulator.state.users[self.user_id].name

    @property
    def guild(self) -> Guild | None:
        return self.simulator.state.guilds[self.guild_id] if self.guild_id else None

    @property
    def permissions(self) -> int:
        """What the person may do in the channel, as bits."""
        guild = self.guild
        if guild is None:
            return permissions.ALL
        return permissions.in_channel(guild, self.simulator.state.channels[self.channel_id], self.user_id)

    def at(self, channel: str | int) -> Person:
        """The same person in another channel of the guild, by name or id.

        Raises
        ------
        ClientRefusalError
            When there is none.
        """
        for found in self.simulator.state.guild_channels(self.guild_id) if self.guild_id else ():
            if channel in (found.name, found.id):
                return replace(self, channel_id=found.id)
        raise ClientRefusalError(f"no channel {channel!r}")

    def in_direct(self) -> Person:
        """The same person in the direct channel with the bot."""
        channel = self.simulator.direct_channel(self.user_id)
        return replace(self, guild_id=None, channel_id=channel.id)

    def takes_direct_messages(self, allowed: bool) -> None:
        """Allow or forbid direct messages, in the privacy settings."""
        self.simulator.state.users[self.user_id].takes_messages = allowed

    def sending(self, delivery: Delivery) -> Person:
        """The same person, whose interactions go out in another way than Discord's: negative tests."""
        return replace(self, delivery=delivery)

    # --- verbs --------------------------------------------------------------------------------------------------

    def slash(self, name: str, /, **values: Any) -> Seen:
        """Use a slash command ("bet", "capper add") with its options.

        Raises
        ------
        ClientRefusalError
            When the client would not send it.
        """
        with self.simulator.lock:
            self._may_use_commands()
            data = options.command_data(self, options.find(self, name), name.split()[1:], values)
            exchange = self._exchange(exchanges.COMMAND, data)
        return self._send(exchange)

    def autocomplete(self, name: str, option: str, typed: str = "", /, **others: Any) -> list[Choice]:
        """What the client offers after ``typed`` in an option; empty when the answer failed or was late."""
        with self.simulator.lock:
            command = options.find(self, name)
            data = options.command_data(self, command, name.split()[1:], {**others, option: typed}, focused=option)
            _refuse_unless_completing(command.data, name.split()[1:], option)
            exchange = self._exchange(exchanges.AUTOCOMPLETE, data)
        self._send(exchange)
        return [Choice(choice["name"], choice["value"]) for choice in exchange.choices]

    def message_command(self, name: str, on: Seen | int) -> Seen:
        """Use a command of a message's context menu."""
        with self.simulator.lock:
            command = options.find(self, name, 3)
            target = on if isinstance(on, int) else on.message_id
            message = self.visible(target)
            resolved = {"messages": {str(target): objects.message(self.simulator, message)}}
            exchange = self._exchange(exchanges.COMMAND, _context(command.id, name, 3, target, resolved))
        return self._send(exchange)

    def user_command(self, name: str, on: Person) -> Seen:
        """Use a command of a user's context menu."""
        with self.simulator.lock:
            command = options.find(self, name, 2)
            resolved = options.Resolved()
            resolved.add_user(self, on.user_id)
            exchange = self._exchange(exchanges.COMMAND, _context(command.id, name, 2, on.user_id, resolved.document()))
        return self._send(exchange)

    def says(self, content: str, *files: Upload) -> Seen:
        """Write a plain message into the channel."""
        with self.simulator.lock:
            if not self.permissions & Permission.SEND_MESSAGES:
                raise ClientRefusalError("you do not have permission to send messages in this channel")
            if any(len(file.data) > MAX_FILE for file in files):
                raise ClientRefusalError("your files are too powerful: 10 MiB at most")
            channel = self.simulator.state.channels[self.channel_id]
            author = objects.user(self.simulator.state.users[self.user_id])
            message = compose.create(self.simulator, channel, author, {"content": content}, dict(enumerate(files)))
            message.application_id = None
            return Seen(self, about=message.id)

    def sees(self) -> list[Seen]:
        """The messages this person sees in the channel, oldest first."""
        return [
            Seen(self, about=message.id)
            for message in self.simulator.state.channels[self.channel_id].messages.values()
            if message.private_to in (None, self.user_id)
        ]

    # --- what Seen uses -----------------------------------------------------------------------------------------

    def visible(self, message_id: int) -> Message:
        """A message this person can see.

        Raises
        ------
        ClientRefusalError
            When it is gone or somebody else's.
        """
        message = self.simulator.state.message(message_id)
        if message is None or message.private_to not in (None, self.user_id):
            raise ClientRefusalError("the message is not there")
        return message

    def use_component(self, message_id: int, data: Json) -> Seen:
        """Send a click or a selection on a message."""
        with self.simulator.lock:
            message = self.visible(message_id)
            here = replace(self, channel_id=message.channel_id)
            exchange = here._exchange(exchanges.COMPONENT, data, source=message)
        return self._send(exchange)

    def submit(self, opened_by: Exchange, data: Json) -> Seen:
        """Send a modal."""
        with self.simulator.lock:
            source = opened_by.source_message_id
            message = self.simulator.state.message(source) if source else None
            exchange = self._exchange(exchanges.MODAL_SUBMIT, data, source=message)
        return self._send(exchange)

    def forge(self, kind: int, data: Json, on: Seen) -> Seen:
        """Send what no client would let one send: any data, as if on that message."""
        with self.simulator.lock:
            source = self.simulator.state.message(on.message_id)
            exchange = self._exchange(kind, data, source=None if kind == exchanges.COMMAND else source)
        return self._send(exchange)

    def _send(self, exchange: Exchange) -> Seen:
        request = gateway.signed(self.simulator, exchange.payload, self.delivery)
        responses = [] if self.delivery.hold else gateway.deliver(self.simulator, exchange, self.delivery)
        return Seen(self, exchange_id=exchange.id, request=request, responses=responses)

    def _may_use_commands(self) -> None:
        if self.guild_id and not self.permissions & Permission.USE_APPLICATION_COMMANDS:
            raise ClientRefusalError("you may not use application commands in this channel")

    def buy(self, sku_id: int) -> Json:
        """Pay for a subscription of this server, or for oneself outside one."""
        payer = {"user_id": str(self.user_id)}
        owner = payer if self.guild_id is None else payer | {"guild_id": str(self.guild_id)}
        with self.simulator.lock:
            return self.simulator.shop.buy(sku_id, owner)

    def _exchange(self, kind: int, data: Json, source: Message | None = None) -> Exchange:
        simulator = self.simulator
        payload: Json = {
            "application_id": str(simulator.application_id),
            "type": kind,
            "data": data,
            "version": 1,
            "locale": simulator.state.users[self.user_id].locale,
            "entitlements": self._entitlements(),
            "attachment_size_limit": MAX_FILE,
            "channel_id": str(self.channel_id),
            **self._place(),
        }
        if source is not None:
            payload["message"] = objects.message(simulator, source)
        return simulator.new_exchange(kind, self, payload, source.id if source else None)

    def _place(self) -> Json:
        simulator, guild = self.simulator, self.guild
        channel = simulator.state.channels[self.channel_id]
        if guild is None:
            return {
                "channel": objects.channel(channel, simulator),
                "user": objects.user(simulator.state.users[self.user_id]),
                "app_permissions": str(permissions.EVERYONE),
                "authorizing_integration_owners": {"0": "0"},
                "context": 1,
            }
        return {
            "guild_id": str(guild.id),
            "guild": {"id": str(guild.id), "locale": guild.locale, "features": []},
            "guild_locale": guild.locale,
            "channel": objects.resolved_channel(simulator, guild, channel, self.user_id),
            "member": objects.interaction_member(simulator, guild, channel, self.user_id),
            "app_permissions": str(permissions.in_channel(guild, channel, simulator.application_id)),
            "authorizing_integration_owners": {"0": str(guild.id)},
            "context": 0,
        }

    def _entitlements(self) -> list[Json]:
        owners = [("user_id", str(self.user_id)), ("guild_id", str(self.guild_id))]
        items = self.simulator.state.entitlements.values()
        mine = [item for item in items if any(item.get(key) == owner for key, owner in owners)]
        return [item for item in mine if self.simulator.shop.standing(item)]


def _context(command_id: int, name: str, kind: int, target: int, resolved: Mapping[str, Any]) -> Json:
    return {"id": str(command_id), "name": name, "type": kind, "target_id": str(target), "resolved": dict(resolved)}


def _refuse_unless_completing(definition: Json, path: list[str], option: str) -> None:
    found = definition.get("options") or []
    for name in path:
        found = next(item for item in found if item["name"] == name).get("options") or []
    if not any(item["name"] == option and item.get("autocomplete") for item in found):
        raise ClientRefusalError(f"option {option!r} has no autocomplete")
