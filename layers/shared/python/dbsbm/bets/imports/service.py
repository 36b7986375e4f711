"""Takes a confirmed import in, and back, one bounded batch at a time: what was done stays done."""

from __future__ import annotations

import json
from datetime import datetime

from dbsbm.audit.events import Kind, Subject
from dbsbm.audit.repository import AuditRepository
from dbsbm.bets.days import sports_day
from dbsbm.bets.imports.model import Import, ImportState, Reading
from dbsbm.bets.imports.reading import read
from dbsbm.bets.imports.repository import ImportRepository
from dbsbm.bets.standings.repository import StandingsRepository
from dbsbm.core.ids import Ids
from dbsbm.database.session import Session
from dbsbm.guilds.model import Guild

BATCH = 1000
"""Bets per transaction: some 6,000 rows, a second or two."""


def reading_of(file: Import) -> Reading:
    """What a kept file holds, the same every time.

    Raises
    ------
    FileError
        As ``reading.read``.
    """
    return read(file.content or b"", file.zone, file.unit, file.created_at)


def apply_batch(session: Session, guild: Guild, file: Import, ids: Ids, now: datetime) -> bool:
    """Take the next rows of a confirmed import in; True while some are left. The caller holds the import's lock."""
    repository = ImportRepository(session, guild.guild_id)
    rows = reading_of(file).bets
    batch = rows[file.next_row : file.next_row + BATCH]
    new = repository.claim(file, [(ids.new(), bet) for bet in batch]) if batch else []
    if new:
        days = [sports_day(bet.at, guild.zone) for _, bet in new]
        profile = guild.rule_profile_version, json.dumps(guild.rule_profile.to_json())
        repository.append(file, new, days, profile, now)
        StandingsRepository(session, guild.guild_id).add_several([bet_id for bet_id, _ in new])
        sealed = {str(bet_id): bet.key for bet_id, bet in new}
        _record(session, file, Kind.BETS_IMPORTED, len(new), sealed)
    repository.advance(file.import_id, file.next_row + len(batch), len(new))
    if file.next_row + len(batch) < len(rows):
        return True
    repository.move(file.import_id, ImportState.DONE, now)
    return False


def undo_batch(session: Session, guild: Guild, file: Import, now: datetime) -> bool:
    """Take the next bets of an import back; True while some are left. The caller holds the import's lock."""
    repository = ImportRepository(session, guild.guild_id)
    bet_ids = repository.standing(file.import_id, BATCH)
    if bet_ids:
        repository.take_back(file.import_id, bet_ids, file.requested_by, now)
        StandingsRepository(session, guild.guild_id).add_several(bet_ids)
        _record(session, file, Kind.IMPORT_UNDONE, len(bet_ids), None)
    if len(bet_ids) == BATCH:
        return True
    repository.move(file.import_id, ImportState.UNDONE)
    return False


def _record(session: Session, file: Import, kind: Kind, bets: int, sealed: dict[str, str] | None) -> None:
    subject = Subject(f"import:{file.import_id}", file.capper_id)
    AuditRepository(session, file.guild_id).append(kind, subject, {"bets": bets}, sealed)
