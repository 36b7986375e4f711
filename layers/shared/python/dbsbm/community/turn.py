"""One routine of one community, while it is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dbsbm.community.model import CommunityPlan, Routine
from dbsbm.community.repository import CommunityRepository
from dbsbm.core.ids import Ids
from dbsbm.database.session import Session
from dbsbm.guilds.model import Guild


@dataclass(frozen=True, slots=True)
class Turn:
    """``at`` is the time it counts as being done."""

    session: Session
    guild: Guild
    plan: CommunityPlan
    routine: Routine
    at: datetime
    ids: Ids

    @property
    def repository(self) -> CommunityRepository:
        return CommunityRepository(self.session, self.guild.guild_id)

    @property
    def channel_id(self) -> int:
        """Where posts go: the channel chosen for them, else where results go.

        Raises
        ------
        ValueError
            When the guild has no slip channel yet; such a guild has no turn.
        """
        chosen = self.plan.channel_id or self.guild.results_channel_id or self.guild.slip_channel_id
        if chosen is None:
            raise ValueError("a guild without a slip channel has nothing posted")
        return chosen

    @property
    def admins_channel_id(self) -> int:
        """Where those who grade read."""
        return self.guild.admin_channel_id or self.channel_id
