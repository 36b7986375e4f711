"""The table ``entitlements``: read for one guild, written for all by events and the nightly look."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dbsbm.database.session import Row, Session
from dbsbm.tiers.model import Entitlement, EntitlementState

_TAKE = """INSERT INTO entitlements (guild_id, entitlement_id, sku_id, starts_at, ends_at, state, told_at)
 VALUES (%s, %s, %s, %s, %s, %s, %s)
 ON DUPLICATE KEY UPDATE
 state = IF(VALUES(told_at) > told_at OR (VALUES(told_at) = told_at AND state <> 'deleted'), VALUES(state), state),
 sku_id = IF(VALUES(told_at) >= told_at, VALUES(sku_id), sku_id),
 starts_at = IF(VALUES(told_at) >= told_at, VALUES(starts_at), starts_at),
 ends_at = IF(VALUES(told_at) >= told_at, VALUES(ends_at), ends_at),
 told_at = GREATEST(told_at, VALUES(told_at))"""


class GuildEntitlementRepository:
    """What one community bought."""

    def __init__(self, session: Session, guild_id: int) -> None:
        self._session = session
        self._guild_id = guild_id

    def all(self) -> Sequence[Entitlement]:
        # By PRIMARY, the guild's few rows.
        rows = self._session.all(
            """SELECT guild_id, entitlement_id, sku_id, starts_at, ends_at, state, told_at FROM entitlements
               WHERE guild_id = %s ORDER BY entitlement_id""",
            (self._guild_id,),
        )
        return [_entitlement(row) for row in rows]


class EntitlementRepository:
    """Not guild-scoped: Discord tells of every community's purchases."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def take(self, entitlements: Sequence[Entitlement]) -> None:
        """Keep what Discord said last: in any order and as often as wanted, the newest word stands."""
        # By PRIMARY.
        if entitlements:
            self._session.execute_many(_TAKE, [_values(each) for each in entitlements])

    def end_untold(self, since: datetime, limit: int) -> int:
        """End what stood and was not told of any more since a complete look began; how many were ended."""
        # By entitlements_told.
        return self._session.execute(
            """UPDATE entitlements SET state = 'ended', ends_at = LEAST(COALESCE(ends_at, %s), %s)
               WHERE state = 'live' AND told_at < %s ORDER BY told_at LIMIT %s""",
            (since, since, since, limit),
        )


def _values(each: Entitlement) -> tuple[object, ...]:
    return (
        each.guild_id,
        each.entitlement_id,
        each.sku_id,
        each.starts_at,
        each.ends_at,
        each.state.value,
        each.told_at,
    )


def _entitlement(row: Row) -> Entitlement:
    return Entitlement(
        guild_id=row["guild_id"],
        entitlement_id=row["entitlement_id"],
        sku_id=row["sku_id"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        state=EntitlementState(row["state"]),
        told_at=row["told_at"],
    )
