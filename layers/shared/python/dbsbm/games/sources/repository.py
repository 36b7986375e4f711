"""Further sources in the database: their events, what became of them, and the games they tell of."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dbsbm.audit.events import Kind, Subject
from dbsbm.audit.repository import AuditRepository
from dbsbm.core.errors import NotFoundError
from dbsbm.database.session import Row, Session
from dbsbm.games.model import EventReport, EventState, Game, GameState
from dbsbm.games.repository import chunks
from dbsbm.games.sources.identity import WINDOW, Match, Reason

GONE = (EventState.POSTPONED.value, EventState.CANCELLED.value)


@dataclass(frozen=True, slots=True)
class Unmatched:
    """An event that is no game of ours as far as we know."""

    provider: str
    provider_game_id: str
    league: str
    home: str
    away: str
    starts_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Change:
    """What a source said of a game from ``seen_at`` on."""

    provider: str
    seen_at: datetime
    state: EventState
    starts_at: datetime


class SourceRepository:
    """Events of further sources. An older document never overwrites a newer one."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def events(self, provider: str, event_ids: Collection[str]) -> dict[str, Row]:
        """The events of these ids, held until the transaction ends."""
        # PRIMARY.
        return {
            row["provider_game_id"]: row
            for chunk in chunks(event_ids)
            for row in self._session.all(
                """SELECT provider_game_id, starts_at, state, game_id, swapped, last_seen_at FROM source_events
                   WHERE provider = %s AND provider_game_id IN %s ORDER BY provider_game_id FOR UPDATE""",
                (provider, chunk),
            )
        }

    def candidates(self, provider: str, league: str, first: datetime, last: datetime) -> list[Game]:
        """Games of a league that start near, and that no event of the provider stands for already.

        An event that was put off or called off leaves its game free for the one that takes its place.
        """
        # games_by_league, one range; source_events_by_game for each.
        rows = self._session.all(
            """SELECT game_id, league, home, away, starts_at, state FROM games g
               WHERE league = %s AND starts_at BETWEEN %s AND %s AND NOT EXISTS (
                   SELECT 1 FROM source_events e
                   WHERE e.game_id = g.game_id AND e.provider = %s AND e.state NOT IN %s
               ) ORDER BY game_id""",
            (league, first - WINDOW, last + WINDOW, provider, GONE),
        )
        return [
            Game(row["game_id"], row["league"], row["home"], row["away"], row["starts_at"], GameState(row["state"]))
            for row in rows
        ]

    def keep(self, reports: Sequence[EventReport], found: Mapping[str, Match | Reason]) -> None:
        """What the source says now, with the game it is where that is known."""
        rows = []
        for report in reports:
            match = found.get(report.provider_game_id)
            game_id, swapped = (match.game_id, match.swapped) if isinstance(match, Match) else (None, False)
            reason = match.value if isinstance(match, Reason) else ""
            rows.append(
                (
                    report.provider,
                    report.provider_game_id,
                    report.league,
                    report.home[0],
                    report.away[0],
                    report.starts_at,
                    report.state.value,
                    game_id,
                    swapped,
                    reason,
                    report.reported_at,
                    report.reported_at,
                )
            )
        if rows:
            self._session.execute_many(_KEEP, rows)
        claims = [(r[0], r[1], r[7]) for r in rows if r[7] is not None]
        if claims:
            self._session.execute_many(_CLAIM, claims)

    def append_changes(self, changes: Sequence[tuple[int, EventReport]]) -> None:
        """What a source says anew of a game's start or state."""
        rows = [
            (game_id, r.provider, r.provider_game_id, r.reported_at, r.state.value, r.starts_at)
            for game_id, r in changes
        ]
        if rows:
            self._session.execute_many(_APPEND_CHANGE, rows)

    def changes(self, game_id: int) -> list[Change]:
        """Everything that sources said of a game, oldest first."""
        # PRIMARY, one range.
        rows = self._session.all(
            """SELECT provider, seen_at, state, starts_at FROM game_changes WHERE game_id = %s
               ORDER BY seen_at, provider, provider_game_id""",
            (game_id,),
        )
        return [Change(row["provider"], row["seen_at"], EventState(row["state"]), row["starts_at"]) for row in rows]

    def standing(self, game_ids: Collection[int]) -> dict[int, EventState]:
        """What the newest word of any source on each game is."""
        found: dict[int, EventState] = {}
        for chunk in chunks(game_ids):
            # source_events_by_game, a range per game, in the order read.
            rows = self._session.all(
                "SELECT game_id, state FROM source_events WHERE game_id IN %s ORDER BY game_id, last_seen_at", (chunk,)
            )
            found.update((row["game_id"], EventState(row["state"])) for row in rows)
        return found

    def starts(self, first: datetime, last: datetime) -> list[tuple[str, datetime, GameState]]:
        """League, start and state of the games in a time: what there is to ask a source for."""
        # games_upcoming, a range per state.
        rows = self._session.all(
            """SELECT league, starts_at, state FROM games
               WHERE state IN ('scheduled', 'live', 'final', 'postponed', 'cancelled') AND starts_at BETWEEN %s AND %s
               ORDER BY starts_at, league, game_id""",
            (first, last),
        )
        return [(row["league"], row["starts_at"], GameState(row["state"])) for row in rows]

    def unmatched(self, since: datetime, limit: int) -> list[Unmatched]:
        """Events nobody has matched and the source still lists, those with unknown names first."""
        # source_events_by_game: game_id IS NULL is a range; sorted after that.
        rows = self._session.all(
            """SELECT provider, provider_game_id, league, home, away, starts_at, reason FROM source_events
               WHERE game_id IS NULL AND last_seen_at >= %s
               ORDER BY reason DESC, starts_at, provider, provider_game_id LIMIT %s""",
            (since, limit),
        )
        return [Unmatched(**row) for row in rows]

    def assign(self, provider: str, event_id: str, match: Match, by: str) -> None:
        """A person's word on which game an event is. The next document brings its score.

        Raises
        ------
        NotFoundError
            When there is no such event or game.
        """
        if self._session.one("SELECT game_id FROM games WHERE game_id = %s", (match.game_id,)) is None:
            raise NotFoundError(f"no game {match.game_id}")
        assigned = self._session.execute(
            """UPDATE source_events SET game_id = %s, swapped = %s, reason = '', matched_by = %s
               WHERE provider = %s AND provider_game_id = %s""",
            (match.game_id, match.swapped, by[:64], provider, event_id),
        )
        if not assigned:
            raise NotFoundError(f"no event {event_id} of {provider}")
        self._session.execute_many(_CLAIM, [(provider, event_id, match.game_id)])
        details = {"provider": provider, "event": event_id, "swapped": int(match.swapped)}
        AuditRepository(self._session, 0).append(Kind.GAME_MATCHED, Subject(f"game:{match.game_id}"), details)

    def scores(self, provider: str, game_ids: Collection[int]) -> dict[int, Row]:
        """The provider's newest score of each game."""
        # PRIMARY, a range per game and provider.
        return {
            row["game_id"]: row
            for chunk in chunks(game_ids)
            for row in self._session.all(
                """SELECT game_id, home_score, away_score, final FROM game_scores
                   WHERE game_id IN %s AND provider = %s ORDER BY game_id, reported_at""",
                (chunk, provider),
            )
        }

    def lock_games(self, game_ids: Collection[int]) -> dict[int, Row]:
        """The games, held until the transaction ends."""
        return {
            row["game_id"]: row
            for chunk in chunks(game_ids)
            for row in self._session.all(
                """SELECT game_id, starts_at, state, home_score, away_score, score_source, score_updated_at
                   FROM games WHERE game_id IN %s ORDER BY game_id FOR UPDATE""",
                (chunk,),
            )
        }

    def append_scores(self, rows: Sequence[tuple[int, str, datetime, int, int, bool]]) -> None:
        """Game, provider, time, home and away points, final."""
        if rows:
            self._session.execute_many(_APPEND_SCORE, rows)

    def keep_periods(self, rows: Sequence[tuple[int, str, datetime, str, str]]) -> None:
        """Game, provider, time, home and away points by period."""
        if rows:
            self._session.execute_many(_KEEP_PERIODS, rows)

    def bring_scores(self, rows: Sequence[tuple[str, int, int, str, datetime, int]]) -> None:
        """State, home and away points, provider, time, game."""
        if rows:
            self._session.execute_many(_BRING_SCORE, rows)

    def set_states(self, rows: Sequence[tuple[str, int]]) -> None:
        """State and game."""
        if rows:
            self._session.execute_many("UPDATE games SET state = %s WHERE game_id = %s", rows)


# Left to right: last_seen_at, which is compared with, stands last. What a person matched stays matched.
_KEEP = """
INSERT INTO source_events (provider, provider_game_id, league, home, away, starts_at, state, game_id, swapped, reason,
    first_seen_at, last_seen_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON DUPLICATE KEY UPDATE
    swapped = IF(game_id IS NULL, VALUES(swapped), swapped),
    reason = IF(game_id IS NULL, VALUES(reason), reason),
    game_id = COALESCE(game_id, VALUES(game_id)),
    home = IF(VALUES(last_seen_at) >= last_seen_at, VALUES(home), home),
    away = IF(VALUES(last_seen_at) >= last_seen_at, VALUES(away), away),
    starts_at = IF(VALUES(last_seen_at) >= last_seen_at, VALUES(starts_at), starts_at),
    state = IF(VALUES(last_seen_at) >= last_seen_at, VALUES(state), state),
    last_seen_at = GREATEST(VALUES(last_seen_at), last_seen_at)
"""
_CLAIM = """
INSERT INTO game_sources (provider, provider_game_id, game_id) VALUES (%s, %s, %s)
ON DUPLICATE KEY UPDATE game_id = VALUES(game_id)
"""
_APPEND_CHANGE = """
INSERT INTO game_changes (game_id, provider, provider_game_id, seen_at, state, starts_at)
VALUES (%s, %s, %s, %s, %s, %s)
ON DUPLICATE KEY UPDATE state = VALUES(state), starts_at = VALUES(starts_at)
"""
_APPEND_SCORE = """
INSERT INTO game_scores (game_id, provider, reported_at, home_score, away_score, final) VALUES (%s, %s, %s, %s, %s, %s)
ON DUPLICATE KEY UPDATE home_score = VALUES(home_score), away_score = VALUES(away_score), final = VALUES(final)
"""
_KEEP_PERIODS = """
INSERT INTO game_periods (game_id, provider, reported_at, home_points, away_points) VALUES (%s, %s, %s, %s, %s)
ON DUPLICATE KEY UPDATE
    home_points = IF(VALUES(reported_at) >= reported_at, VALUES(home_points), home_points),
    away_points = IF(VALUES(reported_at) >= reported_at, VALUES(away_points), away_points),
    reported_at = GREATEST(VALUES(reported_at), reported_at)
"""
_BRING_SCORE = """
UPDATE games SET state = %s, home_score = %s, away_score = %s, score_source = %s, score_updated_at = %s
WHERE game_id = %s
"""
