"""Box scores and points by period in the database. Not guild-scoped: they belong to games."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from dbsbm.audit.events import Kind, Subject, fingerprint
from dbsbm.audit.repository import AuditRepository
from dbsbm.database.session import Session
from dbsbm.games.facts.model import Box, BoxReport, Facts, Periods, PlayerLine
from dbsbm.games.repository import chunks


@dataclass(frozen=True, slots=True)
class Named:
    """What a source calls one of our players, and who says so."""

    provider: str
    league: str
    player: str
    name: str
    by: str


class FactsRepository:
    """What is known of games besides their scores. An older box score never overwrites a newer one."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, game_ids: Collection[int], *, boxes: bool = True) -> dict[int, Facts]:
        """Everything that is told of these games; without ``boxes`` points by period alone."""
        periods: dict[int, list[Periods]] = {}
        for chunk in chunks(game_ids):
            for row in self._session.all(_PERIODS, (chunk,)):
                told = Periods(row["provider"], _points(row["home_points"]), _points(row["away_points"]))
                periods.setdefault(row["game_id"], []).append(told)
        kept = self._boxes(game_ids) if boxes else {}
        return {each: Facts(tuple(periods.get(each, ())), tuple(kept.get(each, ()))) for each in game_ids}

    def marks(self, game_ids: Collection[int]) -> dict[int, str]:
        """A short text for each game that changes with anything told of it; none where nothing is."""
        found: dict[int, list[str]] = {}
        for chunk in chunks(game_ids):
            for row in self._session.all(_MARKS, (chunk, chunk)):
                found.setdefault(row["game_id"], []).append(f"{row['mark']:x}")
        return {game_id: "+".join(sorted(marks)) for game_id, marks in found.items()}

    def keep(self, game_id: int, report: BoxReport) -> bool:
        """Bring the box score to this report; says whether that changed anything."""
        session = self._session
        before = session.one(
            "SELECT reported_at, digest FROM box_scores WHERE game_id = %s AND provider = %s FOR UPDATE",
            (game_id, report.provider),
        )
        if before is not None and before["reported_at"] > report.reported_at:
            return False
        covers = ",".join(sorted(report.covers))
        session.execute(_KEEP_BOX, (game_id, report.provider, report.reported_at, covers, report.digest))
        if before is not None and before["digest"] == report.digest:
            return False
        session.execute("DELETE FROM player_lines WHERE game_id = %s AND provider = %s", (game_id, report.provider))
        session.execute_many(_KEEP_LINE, [_row(game_id, report, at) for at in range(len(report.lines))])
        return True

    def say_name(self, said: Named, game_ids: Collection[int], at: datetime) -> None:
        """A person's word on what a source calls a player; the box scores of these games count as changed by it."""
        row = (said.provider, said.league, said.player[:100], said.name[:100], said.by[:64], at)
        self._session.execute(_SAY_NAME, row)
        for chunk in chunks(game_ids):
            # PRIMARY.
            self._session.execute(
                "UPDATE box_scores SET digest = (digest + 1) %% 4294967296 WHERE game_id IN %s AND provider = %s",
                (chunk, said.provider),
            )
        told = fingerprint({"player": row[2], "name": row[3]})
        details = {"league": said.league, "said": told, "games": len(game_ids)}
        AuditRepository(self._session, 0).append(Kind.PLAYER_NAMED, Subject(f"names:{said.provider}"), details)

    def _boxes(self, game_ids: Collection[int]) -> dict[int, list[Box]]:
        lines: dict[tuple[int, str], list[PlayerLine]] = {}
        names: dict[tuple[int, str], dict[str, str]] = {}
        found: dict[int, list[Box]] = {}
        for chunk in chunks(game_ids):
            for row in self._session.all(_LINES, (chunk,)):
                started = None if row["started"] is None else bool(row["started"])
                played = None if row["participated"] is None else bool(row["participated"])
                line = PlayerLine(row["name"], row["team"], played, started, json.loads(row["stats"]))
                lines.setdefault((row["game_id"], row["provider"]), []).append(line)
            for row in self._session.all(_NAMES, (chunk,)):
                names.setdefault((row["game_id"], row["provider"]), {})[row["player"]] = row["name"]
            for row in self._session.all(_BOXES, (chunk,)):
                key = (row["game_id"], row["provider"])
                covers = frozenset(filter(None, row["covers"].split(",")))
                box = Box(row["provider"], covers, tuple(lines.get(key, ())), names.get(key, {}))
                found.setdefault(row["game_id"], []).append(box)
        return found


def _points(text: str) -> tuple[int, ...]:
    return tuple(int(each) for each in text.split(",") if each)


def _row(game_id: int, report: BoxReport, at: int) -> Sequence[object]:
    line = report.lines[at]
    stats = json.dumps(dict(sorted(line.stats.items())), separators=(",", ":"))
    return game_id, report.provider, at, line.name, line.team, line.participated, line.started, stats


# PRIMARY, a range per game, of each table.
_PERIODS = """
SELECT game_id, provider, home_points, away_points FROM game_periods WHERE game_id IN %s ORDER BY game_id, provider"""
_BOXES = "SELECT game_id, provider, covers FROM box_scores WHERE game_id IN %s ORDER BY game_id, provider"
_LINES = """
SELECT game_id, provider, name, team, participated, started, stats FROM player_lines WHERE game_id IN %s
ORDER BY game_id, provider, line"""
# box_scores and games by PRIMARY, then player_names by PRIMARY (provider, league).
_NAMES = """
SELECT b.game_id, b.provider, n.player, n.name FROM box_scores b
JOIN games g ON g.game_id = b.game_id
JOIN player_names n ON n.provider = b.provider AND n.league = g.league
WHERE b.game_id IN %s"""
_MARKS = """
SELECT game_id, CRC32(CONCAT(provider, ':', home_points, '-', away_points)) AS mark FROM game_periods
WHERE game_id IN %s
UNION ALL SELECT game_id, digest AS mark FROM box_scores WHERE game_id IN %s"""
_KEEP_BOX = """
INSERT INTO box_scores (game_id, provider, reported_at, covers, digest) VALUES (%s, %s, %s, %s, %s)
ON DUPLICATE KEY UPDATE reported_at = VALUES(reported_at), covers = VALUES(covers), digest = VALUES(digest)"""
_KEEP_LINE = """
INSERT INTO player_lines (game_id, provider, line, name, team, participated, started, stats)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"""
_SAY_NAME = """
INSERT INTO player_names (provider, league, player, name, said_by, said_at) VALUES (%s, %s, %s, %s, %s, %s)
ON DUPLICATE KEY UPDATE name = VALUES(name), said_by = VALUES(said_by), said_at = VALUES(said_at)"""
