"""Guilds and channels as a test or a demo sets them up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from local.discord_simulator import permissions
from local.discord_simulator.person import Person
from local.discord_simulator.seen import Seen
from local.discord_simulator.state import TEXT, VOICE, Channel, Guild, Member, Overwrite, Role

if TYPE_CHECKING:
    from local.discord_simulator.simulator import Simulator

_COLOURS = (0x5865F2, 0x57F287, 0xFEE75C, 0xEB459E, 0xED4245, 0xE67E22, 0x1ABC9C)


@dataclass(frozen=True, slots=True)
class GuildPlace:
    simulator: Simulator
    id: int

    @property
    def guild(self) -> Guild:
        return self.simulator.state.guilds[self.id]

    def channel(self, name: str, *, voice: bool = False) -> ChannelPlace:
        """The channel of that name; made when it is new."""
        with self.simulator.lock:
            for known in self.simulator.state.guild_channels(self.id):
                if known.name == name:
                    return ChannelPlace(self.simulator, known.id)
            channel_id = self.simulator.snowflakes.new()
            kind = VOICE if voice else TEXT
            channel = Channel(channel_id, self.id, name, kind, position=len(self.guild.channel_ids))
            self.simulator.state.channels[channel_id] = channel
            self.guild.channel_ids.append(channel_id)
            self.simulator.changed("guild", guild_id=self.id)
            return ChannelPlace(self.simulator, channel_id)

    def role(self, name: str, *rights: str) -> Role:
        """The role of that name; made when it is new, with permissions by name. A new "admin" has MANAGE_GUILD."""
        with self.simulator.lock:
            for known in self.guild.roles.values():
                if known.name == name:
                    return known
            if name == "admin" and not rights:
                rights = ("MANAGE_GUILD",)
            position = len(self.guild.roles)
            colour = _COLOURS[position % len(_COLOURS)]
            role = Role(self.simulator.snowflakes.new(), name, permissions.parse(*rights), position, colour)
            self.guild.roles[role.id] = role
            return role

    def user(self, name: str, role: str | None = None, *, nick: str | None = None, locale: str = "en-US") -> Person:
        """The member of that name; joins when new. ``role`` is given in addition to what they have."""
        with self.simulator.lock:
            user = self.simulator.user(name)
            user.locale = locale
            member = self.guild.members.setdefault(user.id, Member(user.id, self.simulator.clock.now()))
            member.nick = nick or member.nick
            role_id = self.role(role).id if role else None
            if role_id and role_id not in member.role_ids:
                member.role_ids.append(role_id)
            self.simulator.changed("guild", guild_id=self.id)
            return Person(self.simulator, user.id, self.id, self._first_text_channel())

    def remove_bot(self) -> None:
        """Somebody kicks the bot: its webhooks go, every request for this guild fails from now on."""
        with self.simulator.lock:
            self.guild.members.pop(self.simulator.application_id, None)
            webhooks = self.simulator.state.webhooks
            for webhook in [webhook for webhook in webhooks.values() if webhook.guild_id == self.id]:
                del webhooks[webhook.id]

    def add_bot(self) -> None:
        """Somebody installs the bot again."""
        with self.simulator.lock:
            self.simulator.install(self.guild)

    def _first_text_channel(self) -> int:
        return next(channel.id for channel in self.simulator.state.guild_channels(self.id) if channel.type == TEXT)


@dataclass(frozen=True, slots=True)
class ChannelPlace:
    simulator: Simulator
    id: int

    @property
    def channel(self) -> Channel:
        return self.simulator.state.channels[self.id]

    @property
    def name(self) -> str:
        return self.channel.name

    def seen_by(self, person: Person) -> list[Seen]:
        """The messages this person sees here, oldest first."""
        with self.simulator.lock:
            if not self.may_view(person.user_id):
                return []
            here = person.at(self.name) if self.channel.guild_id else person
            return [
                Seen(here, about=message.id)
                for message in self.channel.messages.values()
                if message.private_to in (None, person.user_id)
            ]

    def may_view(self, user_id: int) -> bool:
        channel = self.channel
        if channel.guild_id is None:
            return channel.recipient_id == user_id
        guild = self.simulator.state.guilds[channel.guild_id]
        return bool(permissions.in_channel(guild, channel, user_id) & permissions.Permission.VIEW_CHANNEL)

    def overwrite(self, who: Person | Role | str, *, allow: tuple[str, ...] = (), deny: tuple[str, ...] = ()) -> None:
        """Set the channel's permissions for a person, a role, or "bot" / "@everyone"."""
        with self.simulator.lock:
            target, kind = self._target(who)
            self.channel.overwrites[target] = Overwrite(
                target, kind, permissions.parse(*allow), permissions.parse(*deny)
            )

    def _target(self, who: Person | Role | str) -> tuple[int, int]:
        if isinstance(who, Person):
            return who.user_id, 1
        if isinstance(who, Role):
            return who.id, 0
        if who == "bot":
            return self.simulator.application_id, 1
        return self.channel.guild_id or 0, 0

    def delete_message(self, message_id: int) -> None:
        """A moderator deletes a message."""
        with self.simulator.lock:
            del self.channel.messages[message_id]
            self.simulator.changed("message_delete", channel_id=self.id, message_id=message_id)

    def delete_webhooks(self) -> None:
        """Somebody deletes the channel's webhooks in its settings."""
        with self.simulator.lock:
            webhooks = self.simulator.state.webhooks
            for webhook in [webhook for webhook in webhooks.values() if webhook.channel_id == self.id]:
                del webhooks[webhook.id]

    def delete(self) -> None:
        """Somebody deletes the channel."""
        with self.simulator.lock:
            self.delete_webhooks()
            if self.channel.guild_id:
                self.simulator.state.guilds[self.channel.guild_id].channel_ids.remove(self.id)
            del self.simulator.state.channels[self.id]
