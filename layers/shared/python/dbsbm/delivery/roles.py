"""Giving and taking roles. What a role may do can change at any time, so it is looked at before it is given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dbsbm.delivery.verdict import UnsendableError
from dbsbm.discord.rest import DiscordClient
from dbsbm.discord.roles import Unfit, unfit
from dbsbm.guilds.notices.model import Refusal
from dbsbm.outbox.model import OutboxRow

REFUSED = {
    Unfit.EVERYONE: "everybody has this role",
    Unfit.MANAGED: "the role belongs to an integration",
    Unfit.MODERATING: "the role carries moderating rights",
    Unfit.TOO_HIGH: "the role is not below the bot's own",
}
_GONE = "the role was deleted"


def refusal_of(reason: str) -> Refusal:
    """The refusal behind the reason that a row was given up for."""
    if reason == _GONE:
        return Refusal.GONE
    return next((Refusal(unfit.value) for unfit, text in REFUSED.items() if text == reason), Refusal.DISCORD)


class Roles:
    """Of one run: a guild's roles are asked for once."""

    def __init__(self, discord: DiscordClient, application_id: int) -> None:
        self._discord = discord
        self._application_id = application_id
        self._known: dict[int, tuple[Mapping[int, Mapping[str, Any]], int]] = {}

    def set(self, row: OutboxRow) -> None:
        """Bring a member to holding, or not holding, a role.

        Raises
        ------
        UnsendableError
            When the role must not be handed out.
        DiscordError
            As Discord refuses it.
        """
        user_id, role_id, held = int(row.target["user_id"]), int(row.target["role_id"]), bool(row.target["held"])
        if held:
            self._check(row.guild_id, role_id)
        self._discord.set_role(row.guild_id, user_id, role_id, held=held)

    def _check(self, guild_id: int, role_id: int) -> None:
        roles, top = self._known.get(guild_id) or self._looked(guild_id)
        role = roles.get(role_id)
        if role is None:
            raise UnsendableError(_GONE)
        reason = unfit(role, guild_id, below=top)
        if reason is not None:
            raise UnsendableError(REFUSED[reason])

    def _looked(self, guild_id: int) -> tuple[Mapping[int, Mapping[str, Any]], int]:
        roles = {int(role["id"]): role for role in self._discord.guild_roles(guild_id)}
        own = self._discord.member(guild_id, self._application_id).get("roles") or ()
        top = max((int(roles[int(each)]["position"]) for each in own if int(each) in roles), default=0)
        self._known[guild_id] = (roles, top)
        return roles, top
