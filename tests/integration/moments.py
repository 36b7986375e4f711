"""A clock the tests own, and a database over a clean schema."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from dbsbm.database.connection import connect_from_url
from dbsbm.database.database import Database
from tests.keyring import HeldRing

MONDAY = datetime(2026, 9, 7, 12, 0, tzinfo=UTC)


class HandClock:
    """Stands still until it is moved."""

    def __init__(self, moment: datetime = MONDAY) -> None:
        self._moment = moment

    def now(self) -> datetime:
        return self._moment

    def sleep(self, seconds: float) -> None:
        self.move(seconds)

    def move(self, seconds: float) -> None:
        self._moment += timedelta(seconds=seconds)

    def set(self, moment: datetime) -> None:
        self._moment = moment


def open_database(url: str, clock: HandClock) -> Database:
    return Database(lambda: connect_from_url(url), clock, keyring=HeldRing())
