"""The table ``routes``, and what delivery found out about channels: always of one guild."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from dbsbm.audit.events import Kind, Subject
from dbsbm.audit.repository import AuditRepository
from dbsbm.database.session import Row, Session
from dbsbm.guilds.routing.model import ANY_CAPPER, Route, Sport

_ROUTE = """SELECT r.capper_id, r.sport, r.channel_id, r.role_id, r.role_name, r.self_assign,
 COALESCE(c.display_name, '') AS name
 FROM routes r LEFT JOIN cappers c ON c.guild_id = r.guild_id AND c.user_id = r.capper_id WHERE r.guild_id = %s """


class RouteRepository:
    """What the admins of one guild set."""

    def __init__(self, session: Session, guild_id: int) -> None:
        self._session = session
        self._guild_id = guild_id

    def fitting(self, capper_id: int, sport: Sport) -> Sequence[Route]:
        """The at most four routes that fit a capper and a sport."""
        # By PRIMARY.
        rows = self._session.all(
            _ROUTE + "AND r.capper_id IN (0, %s) AND r.sport IN ('', %s)", (self._guild_id, capper_id, sport.value)
        )
        return [_route(row) for row in rows]

    def find(self, capper_id: int, sport: Sport) -> Route | None:
        # By PRIMARY.
        row = self._session.one(
            _ROUTE + "AND r.capper_id = %s AND r.sport = %s", (self._guild_id, capper_id, sport.value)
        )
        return None if row is None else _route(row)

    def count(self) -> int:
        # By PRIMARY, the guild's rows.
        row = self._session.one("SELECT COUNT(*) AS routes FROM routes WHERE guild_id = %s", (self._guild_id,))
        return 0 if row is None else int(row["routes"])

    def page(self, offset: int, limit: int) -> Sequence[Route]:
        """Routes by capper and sport, those of any first."""
        # By PRIMARY, in order.
        rows = self._session.all(
            _ROUTE + "ORDER BY r.capper_id, r.sport LIMIT %s OFFSET %s", (self._guild_id, limit, offset)
        )
        return [_route(row) for row in rows]

    def with_role(self, limit: int) -> Sequence[Route]:
        """Routes that ping somebody, by capper and sport, those of any first."""
        # By PRIMARY, in order.
        rows = self._session.all(
            _ROUTE + "AND r.role_id IS NOT NULL ORDER BY r.capper_id, r.sport LIMIT %s", (self._guild_id, limit)
        )
        return [_route(row) for row in rows]

    def put(self, route: Route, set_by: int, now: datetime) -> None:
        """Store a route as it is now."""
        said = (route.channel_id, route.role_id, route.role_name[:100], route.self_assign, set_by, now)
        # By PRIMARY.
        self._session.execute(
            """INSERT INTO routes (guild_id, capper_id, sport, channel_id, role_id, role_name, self_assign, set_by,
               set_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
               ON DUPLICATE KEY UPDATE channel_id = %s, role_id = %s, role_name = %s, self_assign = %s, set_by = %s,
               set_at = %s""",
            (self._guild_id, route.capper_id, route.sport.value, *said, *said),
        )
        told = {"channel": str(route.channel_id or 0), "role": str(route.role_id or 0)}
        self._record(route.capper_id, route.sport, told)

    def remove(self, capper_id: int, sport: Sport) -> bool:
        """Whether there was such a route."""
        # By PRIMARY.
        removed = self._session.execute(
            "DELETE FROM routes WHERE guild_id = %s AND capper_id = %s AND sport = %s",
            (self._guild_id, capper_id, sport.value),
        )
        if removed:
            self._record(capper_id, sport, {"removed": True})
        return removed == 1

    def _record(self, capper_id: int, sport: Sport, details: Mapping[str, object]) -> None:
        subject = Subject(f"setting:route:{capper_id}:{sport.value or 'any'}", capper_id or None)
        AuditRepository(self._session, self._guild_id).append(Kind.GUILD_SETTING, subject, details)

    def is_unreachable(self, channel_id: int) -> bool:
        """Whether Discord refused for good what was last posted there."""
        # By PRIMARY.
        row = self._session.one(
            "SELECT channel_id FROM unreachable_channels WHERE guild_id = %s AND channel_id = %s",
            (self._guild_id, channel_id),
        )
        return row is not None

    def reachable_again(self, channel_id: int) -> None:
        """An admin picked the channel, and Discord says that we may post there."""
        # By PRIMARY.
        self._session.execute(
            "DELETE FROM unreachable_channels WHERE guild_id = %s AND channel_id = %s", (self._guild_id, channel_id)
        )


def _route(row: Row) -> Route:
    any_capper = row["capper_id"] == ANY_CAPPER
    return Route(
        capper_id=row["capper_id"],
        sport=Sport(row["sport"]),
        channel_id=row["channel_id"],
        role_id=row["role_id"],
        role_name=row["role_name"],
        self_assign=bool(row["self_assign"]),
        capper_name="" if any_capper else row["name"],
    )
