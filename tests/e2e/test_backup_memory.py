"""A backup and its restore hold no more of memory for eight times the rows, in a process that is refused more."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench._bounded import LIMIT_MB, costs_in_a_process
from dbsbm.core.clock import SystemClock
from dbsbm.database.connection import connect_from_url
from dbsbm.database.database import Database
from tests.schemas import Schemas

pytestmark = pytest.mark.slow
FILES = 800
MORE = 8
SAME_MB = 16
"""What the high-water mark may differ by; 5,600 files more are 44 MB of lines, and 22 MB sealed."""
FILL = """INSERT INTO imports (guild_id, import_id, capper_id, requested_by, filename, zone, unit_cents, content,
 created_at) SELECT 1, seq, 1, 1, 'a.csv', 'UTC', 100, CONCAT(RANDOM_BYTES(1024), RANDOM_BYTES(1024),
 RANDOM_BYTES(1024), RANDOM_BYTES(1024)), '2026-01-01' FROM seq_1_to_100000 WHERE seq <= %s"""


def high_mb(schemas: Schemas, folder: Path, files: int) -> float:
    """The most that was resident, of so many files that no compression makes smaller."""
    folder.mkdir()
    with schemas.migrated() as url, schemas.blank() as empty:
        database = Database(lambda: connect_from_url(url), SystemClock())
        database.run(lambda session: session.execute(FILL, (files,)), statement_s=120)
        database.close()
        found = costs_in_a_process(url, empty, folder, 0, share=16)
    assert found["rows"] >= files
    assert found["sealed"] > files * 4096
    return float(max(found["high_mb"].values()))


def test_eight_times_the_rows_take_no_more_memory(mariadb_server: str, tmp_path: Path) -> None:
    schemas = Schemas(mariadb_server)
    few, many = (high_mb(schemas, tmp_path / str(files), files) for files in (FILES, FILES * MORE))
    schemas.close()
    assert abs(many - few) < SAME_MB
    assert many < LIMIT_MB
