"""Every list of ours is read by the index its comment names, on a table with rows of other guilds and cappers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from dbsbm.bets.evening import repository as evening
from dbsbm.bets.listing import repository as listing
from dbsbm.bets.tails import repository as tails
from dbsbm.database.connection import connect_from_url
from dbsbm.database.database import Database
from dbsbm.database.session import Session
from tests.integration.history import Written, write
from tests.integration.moments import HandClock
from tests.integration.stage import NOW

GUILD, CAPPER = 5001, 11


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(lambda: connect_from_url(database_url), HandClock(NOW))
    yield database
    database.close()


def filled(session: Session) -> None:
    session.execute(
        """INSERT INTO bets (guild_id, bet_id, capper_id, state, starts_at, sports_day, posted_at, channel_id)
           SELECT 5001 + seq %% 4, seq, 11 + seq %% 5, IF(seq %% 3, 'graded', 'open'),
           DATE_ADD(%s, INTERVAL seq MINUTE), %s, %s, 1 FROM seq_1_to_4000""",
        (NOW, NOW.date(), NOW),
    )
    session.execute(
        """INSERT INTO tails (guild_id, bet_id, user_id, version, state, direction, revision, risk_micro, odds_num,
           odds_den, source, taken_at)
           SELECT 5001 + seq %% 4, seq, 11 + seq %% 50, 1, 'on', 'tail', 1, 1, 2, 1, 'slip', %s FROM seq_1_to_4000""",
        (NOW,),
    )
    write(session, Written(GUILD, CAPPER))
    session.execute("ANALYZE TABLE bets, tails")


@pytest.mark.parametrize(
    ("sql", "params", "index"),
    [
        (evening.WAITING, (GUILD, NOW + timedelta(hours=1), 200), "bets_ungraded"),
        (evening.COUNT, (GUILD, NOW + timedelta(hours=1)), "bets_ungraded"),
        (listing.OPEN, (GUILD, CAPPER, 13, 0), "bets_by_capper"),
        (listing.GRADED, (GUILD, CAPPER, listing.EVER, 13, 26), "bets_by_capper"),
        (listing.BETWEEN, (GUILD, CAPPER, NOW, NOW + timedelta(days=1), 25), "bets_by_capper"),
        (tails.OWN, (GUILD, CAPPER, 500), "tails_by_user"),
    ],
)
def test_a_list_is_read_by_its_index(database: Database, sql: str, params: tuple[object, ...], index: str) -> None:
    def explained(session: Session) -> None:
        filled(session)
        plan = session.all(f"EXPLAIN {sql}", params)[0]
        assert plan["key"] == index
        assert "filesort" not in plan["Extra"]

    database.run(explained)
