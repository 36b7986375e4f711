"""State as the JSON objects of Discord's API."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime
from typing import TYPE_CHECKING

from dbsbm.discord.limits import IS_COMPONENTS_V2
from local.discord_simulator import media, permissions
from local.discord_simulator.state import (
    VOICE,
    Channel,
    Command,
    Exchange,
    File,
    Guild,
    Json,
    Member,
    Message,
    Role,
    User,
    Webhook,
)

if TYPE_CHECKING:
    from local.discord_simulator.simulator import Simulator


def moment(value: datetime | None) -> str | None:
    return value.isoformat(timespec="microseconds") if value else None


def user(person: User) -> Json:
    return {
        "id": str(person.id),
        "username": person.name,
        "discriminator": "0",
        "global_name": person.global_name,
        "avatar": None,
        "public_flags": 0,
        "flags": 0,
        "banner": None,
        "accent_color": None,
        "primary_guild": None,
        "clan": None,
        "collectibles": None,
        "display_name_styles": None,
        "avatar_decoration_data": None,
        **({"bot": True} if person.bot else {}),
    }


def role(value: Role) -> Json:
    return {
        "id": str(value.id),
        "name": value.name,
        "description": None,
        "permissions": str(value.permissions),
        "position": value.position,
        "color": value.color,
        "colors": {"primary_color": value.color, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": value.managed,
        "mentionable": False,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }


def member(simulator: Simulator, value: Member, *, with_user: bool = True) -> Json:
    return {
        **({"user": user(simulator.state.users[value.user_id])} if with_user else {}),
        "nick": value.nick,
        "avatar": None,
        "banner": None,
        "avatar_decoration_data": None,
        "roles": [str(role_id) for role_id in value.role_ids],
        "joined_at": moment(value.joined_at),
        "premium_since": None,
        "communication_disabled_until": None,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "pending": False,
        "collectibles": None,
        "display_name_styles": None,
    }


def interaction_member(
    simulator: Simulator, guild: Guild, channel: Channel, user_id: int, *, with_user: bool = True
) -> Json:
    """A member with the permissions it has in the channel, as interactions carry it."""
    document = member(simulator, guild.members[user_id], with_user=with_user)
    document.pop("deaf" if not with_user else "", None)
    document.pop("mute" if not with_user else "", None)
    return document | {"permissions": str(permissions.in_channel(guild, channel, user_id))}


def channel(value: Channel, simulator: Simulator) -> Json:
    if value.guild_id is None:
        recipient = simulator.state.users[value.recipient_id] if value.recipient_id else None
        return {
            "id": str(value.id),
            "type": value.type,
            "flags": 0,
            "last_message_id": _last_message(value),
            "recipients": [user(recipient)] if recipient else [],
        }
    document: Json = {
        "id": str(value.id),
        "type": value.type,
        "flags": 0,
        "guild_id": str(value.guild_id),
        "name": value.name,
        "position": value.position,
        "parent_id": None,
        "topic": value.topic,
        "nsfw": False,
        "rate_limit_per_user": 0,
        "last_message_id": _last_message(value),
        "permission_overwrites": [
            {"id": str(item.id), "type": item.kind, "allow": str(item.allow), "deny": str(item.deny)}
            for item in value.overwrites.values()
        ],
    }
    if value.type == VOICE:
        document |= {"bitrate": 64000, "user_limit": 0, "rtc_region": None}
    return document


def _last_message(value: Channel) -> str | None:
    public = [message.id for message in value.messages.values() if message.private_to is None]
    return str(max(public)) if public else None


def resolved_channel(simulator: Simulator, guild: Guild, value: Channel, user_id: int) -> Json:
    """A channel as ``resolved.channels`` carries it, with what the person and the application may do there."""
    bits = permissions.in_channel
    return {
        "id": str(value.id),
        "type": value.type,
        "name": value.name,
        "flags": 0,
        "guild_id": str(guild.id),
        "parent_id": None,
        "position": value.position,
        "topic": value.topic,
        "nsfw": False,
        "rate_limit_per_user": 0,
        "last_message_id": _last_message(value),
        "permissions": str(bits(guild, value, user_id)),
        "app_permissions": str(bits(guild, value, simulator.application_id)),
    }


def guild_object(value: Guild) -> Json:
    return {
        "id": str(value.id),
        "name": value.name,
        "icon": None,
        "splash": None,
        "discovery_splash": None,
        "banner": None,
        "description": None,
        "home_header": None,
        "owner_id": str(value.owner_id),
        "application_id": None,
        "region": "us-east",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "widget_enabled": False,
        "widget_channel_id": None,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "max_presences": None,
        "max_members": 500000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "vanity_url_code": None,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "preferred_locale": value.locale,
        "rules_channel_id": None,
        "safety_alerts_channel_id": None,
        "public_updates_channel_id": None,
        "incidents_data": None,
        "premium_progress_bar_enabled": False,
        "nsfw": False,
        "nsfw_level": 0,
        "features": [],
        "emojis": [],
        "stickers": [],
        "roles": [role(item) for item in value.roles.values()],
    }


def webhook(simulator: Simulator, value: Webhook) -> Json:
    return {
        "id": str(value.id),
        "type": 1,
        "name": value.name,
        "avatar": None,
        "channel_id": str(value.channel_id),
        "guild_id": str(value.guild_id),
        "application_id": str(simulator.application_id),
        "token": value.token,
        "user": user(simulator.state.users[simulator.application_id]),
        "url": f"{simulator.cdn.base_url}/api/webhooks/{value.id}/{value.token}",
    }


def command(simulator: Simulator, value: Command, *, localizations: bool) -> Json:
    document = deepcopy(value.data)
    if not localizations:
        _drop_localizations(document)
    return document | {
        "id": str(value.id),
        "application_id": str(simulator.application_id),
        "version": str(value.version),
        **({"guild_id": str(value.guild_id)} if value.guild_id else {}),
    }


def _drop_localizations(document: Json) -> None:
    document.pop("name_localizations", None)
    document.pop("description_localizations", None)
    for key in ("options", "choices"):
        for inner in document.get(key) or ():
            _drop_localizations(inner)


def attachment(simulator: Simulator, file: File) -> Json:
    url = simulator.cdn.url(file, simulator.clock.now())
    document: Json = {
        "id": str(file.id),
        "filename": file.filename,
        "size": len(file.data),
        "url": url,
        "proxy_url": url,
        "content_type": file.content_type,
        **({"ephemeral": True} if file.ephemeral else {}),
    }
    if file.description:
        document["description"] = file.description
    if file.size:
        document |= {"width": file.size[0], "height": file.size[1]}
    return document


def message(simulator: Simulator, value: Message) -> Json:
    """A message; Components V2 ones carry ``attachments: []``, their files show through components alone."""
    v2 = bool(value.flags & IS_COMPONENTS_V2)
    document: Json = {
        "id": str(value.id),
        "channel_id": str(value.channel_id),
        "type": value.type,
        "author": value.author,
        "content": value.content,
        "timestamp": moment(value.created_at),
        "edited_timestamp": moment(value.edited_at),
        "tts": False,
        "mention_everyone": value.pinged_everyone,
        "mentions": [user(simulator.state.users[person]) for person in value.pinged_users],
        "mention_roles": [str(role_id) for role_id in value.pinged_roles],
        "attachments": [] if v2 else [attachment(simulator, file) for file in value.files],
        "embeds": media.embeds(simulator, value),
        "components": media.components(simulator, value),
        "pinned": False,
        "flags": value.flags,
    }
    if value.webhook_id:
        document["webhook_id"] = str(value.webhook_id)
    if value.application_id:
        document["application_id"] = str(value.application_id)
    if value.nonce is not None:
        document["nonce"] = value.nonce
    if value.interaction_id and value.interaction_id in simulator.state.exchanges:
        document["interaction_metadata"] = _metadata(simulator, simulator.state.exchanges[value.interaction_id])
    return document


def _metadata(simulator: Simulator, exchange: Exchange) -> Json:
    return {
        "id": str(exchange.id),
        "type": exchange.type,
        "user": user(simulator.state.users[exchange.user_id]),
        "authorizing_integration_owners": {"0": str(exchange.guild_id or 0)},
        **({"name": exchange.payload["data"]["name"], "command_type": 1} if exchange.type == 2 else {}),
    }
