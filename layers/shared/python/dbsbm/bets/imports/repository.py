"""Imports of one guild, the rows they brought, and the many bets they become."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from dbsbm.bets.imports.model import Import, ImportedBet, ImportState
from dbsbm.database.session import Row, Session
from dbsbm.keys.words import IMPORT, SealedWords

_IMPORT = """SELECT guild_id, import_id, capper_id, requested_by, state, filename, zone, unit_cents, file_hash, content,
 next_row, imported, created_at, done_at FROM imports WHERE guild_id = %s AND import_id = %s"""
_LATEST = """SELECT guild_id, import_id, capper_id, requested_by, state, filename, zone, unit_cents, file_hash,
 NULL AS content, next_row, imported, created_at, done_at FROM imports
 WHERE guild_id = %s AND capper_id = %s AND state = 'done' AND done_at > %s ORDER BY done_at DESC LIMIT %s"""

# The driver sends many rows as one statement only where every value is a placeholder.
_ADD_BETS = """INSERT INTO bets (guild_id, bet_id, capper_id, state, grade_seq, grade, starts_at, sports_day, posted_at,
 channel_id, import_id) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"""
_ADD_REVISIONS = """INSERT INTO bet_revisions (guild_id, bet_id, revision, kind, stake_mode, risk_micro, to_win_micro,
 odds_num, odds_den, odds_typed, odds_format, book, rule_profile_version, rule_profile, priced_at, written_at,
 written_by) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"""
_ADD_LEGS = """INSERT INTO bet_legs (guild_id, bet_id, revision, leg, market, side, league, home, away, odds_num,
 odds_den, odds_typed, odds_format, starts_at, player)
 VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"""
_ADD_GRADES = """INSERT INTO bet_grades (guild_id, bet_id, grade_seq, action, rule, source, grade, decided_by,
 decided_at, interaction_id) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"""
_ADD_ENTRIES = """INSERT INTO ledger_entries (guild_id, bet_id, grade_seq, kind, imported, bets, capper_id, sports_day,
 grade, risk_micro, return_micro, profit_micro, entered_at)
 VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"""
_UNDO_GRADES = """INSERT INTO bet_grades (guild_id, bet_id, grade_seq, action, grade, rule, source, decided_by,
 decided_at, interaction_id)
 SELECT guild_id, bet_id, grade_seq + 1, 'undo', NULL, 'IMPORTED', 'import', %s, %s, import_id
 FROM bets WHERE guild_id = %s AND bet_id IN %s"""
_REVERSE = """INSERT INTO ledger_entries (guild_id, bet_id, grade_seq, kind, capper_id, sports_day, grade, bets,
 risk_micro, return_micro, profit_micro, entered_at, imported)
 SELECT e.guild_id, e.bet_id, b.grade_seq + 1, 'reversal', e.capper_id, e.sports_day, e.grade, -e.bets, -e.risk_micro,
 -e.return_micro, -e.profit_micro, %s, 1
 FROM bets b JOIN ledger_entries e ON e.guild_id = b.guild_id AND e.bet_id = b.bet_id AND e.grade_seq = b.grade_seq
 AND e.kind = 'grade' WHERE b.guild_id = %s AND b.bet_id IN %s"""


_STILL_READ = (ImportState.READY, ImportState.CONFIRMED)


class ImportRepository:
    """Everything about the imports of one guild."""

    def __init__(self, session: Session, guild_id: int) -> None:
        self._session = session
        self._guild_id = guild_id
        self._words = SealedWords(session, guild_id)

    def add(self, new: Import) -> None:
        self._session.execute(
            """INSERT INTO imports (guild_id, import_id, capper_id, requested_by, state, filename, zone, unit_cents,
               created_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)""",
            (
                self._guild_id,
                new.import_id,
                new.capper_id,
                new.requested_by,
                new.state.value,
                new.filename,
                new.zone.key,
                int(new.unit * 100),
                new.created_at,
            ),
        )

    def lock(self, import_id: int) -> Import | None:
        """An import, held until the transaction ends."""
        # By PRIMARY.
        row = self._session.one(_IMPORT + " FOR UPDATE", (self._guild_id, import_id))
        return None if row is None else self._whole(_import(row))

    def latest(self, capper_id: int, done_after: datetime, limit: int) -> list[Import]:
        """A capper's imports that were done after a time, newest first, without their files."""
        # By imports_by_capper.
        rows = self._session.all(_LATEST, (self._guild_id, capper_id, done_after, limit))
        return [_import(row) for row in rows]

    def _whole(self, of: Import) -> Import:
        """With its file, while that is still to be read."""
        if of.state not in _STILL_READ:
            return of
        words = self._words.of(IMPORT, of.import_id).get(0)
        return replace(of, content=base64.b64decode(words["content"]) if words else of.content)

    def keep(self, of: Import, content: bytes, file_hash: str) -> None:
        """The file has come and waits for a word; it is sealed under the capper's key."""
        # By PRIMARY.
        self._session.execute(
            "UPDATE imports SET state = 'ready', file_hash = %s WHERE guild_id = %s AND import_id = %s",
            (file_hash, self._guild_id, of.import_id),
        )
        words = {"content": base64.b64encode(content).decode()}
        self._words.put(IMPORT, of.import_id, 0, of.capper_id, words)

    def move(self, import_id: int, state: ImportState, done_at: datetime | None = None) -> None:
        """Bring an import to a state; the file is kept only while it is still to be read."""
        # By PRIMARY.
        self._session.execute(
            "UPDATE imports SET state = %s, done_at = COALESCE(%s, done_at) WHERE guild_id = %s AND import_id = %s",
            (state.value, done_at, self._guild_id, import_id),
        )
        if state not in _STILL_READ:
            self._words.drop(IMPORT, import_id)

    def advance(self, import_id: int, next_row: int, imported: int) -> None:
        # By PRIMARY.
        self._session.execute(
            "UPDATE imports SET next_row = %s, imported = imported + %s WHERE guild_id = %s AND import_id = %s",
            (next_row, imported, self._guild_id, import_id),
        )

    def known(self, capper_id: int, keys: Sequence[str]) -> dict[str, int]:
        """Which of these rows stand as bets already, and as which."""
        if not keys:
            return {}
        # By PRIMARY.
        rows = self._session.all(
            "SELECT row_hash, bet_id FROM imported_rows WHERE guild_id = %s AND capper_id = %s AND row_hash IN %s",
            (self._guild_id, capper_id, tuple(keys)),
        )
        return {row["row_hash"]: row["bet_id"] for row in rows}

    def claim(self, of: Import, bets: Sequence[tuple[int, ImportedBet]]) -> list[tuple[int, ImportedBet]]:
        """Of these rows those that no import had before, now this one's; two at once wait for each other."""
        self._session.execute_many(
            """INSERT IGNORE INTO imported_rows (guild_id, capper_id, row_hash, import_id, bet_id)
               VALUES (%s, %s, %s, %s, %s)""",
            [(self._guild_id, of.capper_id, bet.key, of.import_id, bet_id) for bet_id, bet in bets],
        )
        stored = self.known(of.capper_id, [bet.key for _, bet in bets])
        return [(bet_id, bet) for bet_id, bet in bets if stored[bet.key] == bet_id]

    def append(
        self,
        of: Import,
        bets: Sequence[tuple[int, ImportedBet]],
        days: Sequence[date],
        profile: tuple[int, str],
        now: datetime,
    ) -> None:
        """Bets with their terms, grades and ledger entries; ``days`` are their sports days, in order."""
        guild_id, by, source = self._guild_id, of.requested_by, of.import_id
        each = list(zip(bets, days, strict=True))
        self._session.execute_many(
            _ADD_BETS,
            [
                (guild_id, bet_id, of.capper_id, "graded", 1, bet.grade.value, bet.at, day, now, 0, source)
                for (bet_id, bet), day in each
            ],
        )
        self._session.execute_many(
            _ADD_REVISIONS,
            [
                (guild_id, bet_id, 1, "imported", *_stake(bet), *_odds(bet), bet.book, *profile, bet.at, now, by)
                for bet_id, bet in bets
            ],
        )
        self._session.execute_many(
            _ADD_LEGS,
            [
                (guild_id, bet_id, 1, 1, "manual", "yes", bet.league, bet.event, "", *_odds(bet), bet.at, bet.pick)
                for bet_id, bet in bets
            ],
        )
        self._session.execute_many(
            _ADD_GRADES,
            [
                (guild_id, bet_id, 1, "import", "IMPORTED", "import", bet.grade.value, by, now, source)
                for bet_id, bet in bets
            ],
        )
        self._session.execute_many(
            _ADD_ENTRIES,
            [
                (guild_id, bet_id, 1, "grade", 1, 1, of.capper_id, day, bet.grade.value, *_amounts(bet), now)
                for (bet_id, bet), day in each
            ],
        )

    def standing(self, import_id: int, limit: int) -> list[int]:
        """Bets of an import that have not been taken back."""
        # By imported_rows_by_import.
        rows = self._session.all(
            "SELECT bet_id FROM imported_rows WHERE guild_id = %s AND import_id = %s ORDER BY bet_id LIMIT %s",
            (self._guild_id, import_id, limit),
        )
        return [row["bet_id"] for row in rows]

    def take_back(self, import_id: int, bet_ids: Sequence[int], by: int, now: datetime) -> None:
        """Reverse bets of an import: they count nowhere, and their rows can be imported again."""
        ids = tuple(bet_ids)
        # By PRIMARY of all of them.
        self._session.execute(_UNDO_GRADES, (by, now, self._guild_id, ids))
        self._session.execute(_REVERSE, (now, self._guild_id, ids))
        self._session.execute(
            """UPDATE bets SET state = 'undone', grade = NULL, grade_seq = grade_seq + 1
               WHERE guild_id = %s AND bet_id IN %s""",
            (self._guild_id, ids),
        )
        # By imported_rows_by_import.
        self._session.execute(
            "DELETE FROM imported_rows WHERE guild_id = %s AND import_id = %s AND bet_id IN %s",
            (self._guild_id, import_id, ids),
        )


def _stake(bet: ImportedBet) -> tuple[str, int, int]:
    return bet.stake.mode.value, bet.stake.risk_micro, bet.stake.to_win_micro


def _odds(bet: ImportedBet) -> tuple[int, int, str, str]:
    return bet.odds.num, bet.odds.den, bet.odds.typed, bet.odds.format.value


def _amounts(bet: ImportedBet) -> tuple[int, int, int]:
    return bet.return_micro - bet.profit_micro, bet.return_micro, bet.profit_micro


def _import(row: Row) -> Import:
    return Import(
        guild_id=row["guild_id"],
        import_id=row["import_id"],
        capper_id=row["capper_id"],
        requested_by=row["requested_by"],
        state=ImportState(row["state"]),
        filename=row["filename"],
        zone=ZoneInfo(row["zone"]),
        unit=Fraction(row["unit_cents"], 100),
        file_hash=row["file_hash"],
        content=row["content"],
        next_row=row["next_row"],
        imported=row["imported"],
        created_at=row["created_at"],
        done_at=row["done_at"],
    )
