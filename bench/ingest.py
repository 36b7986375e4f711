"""``./dev bench ingest``: a full Saturday taken in, and 100,000 open bets settled after it.

Part 1 ingests 600 games with 12 books and 3 markets each, as one provider's documents bring them, and counts the
statements; then the same prices again, unchanged, and with every tenth one moved. Part 2 settles 100,000 open straight
bets on these games after their finals, which two sources agree on. Everything through the real repositories on a real
MariaDB with durable commits off, because the laptop's disk is not what is measured; the bets by two processes side by
side, which is what ``job_settle`` does with so many games. Beside the wall time stands the
CPU of this process and of the database, which other work on the machine changes little.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

from bench._cost import measured
from bench._results import Summary, Target, report
from dbsbm.bets.model import Selection
from dbsbm.betting.markets import Market, Side
from dbsbm.betting.odds import Odds
from dbsbm.betting.stakes import Stake, StakeMode
from dbsbm.core.ids import Ids
from dbsbm.database.connection import connect_from_url
from dbsbm.database.database import Database
from dbsbm.games.model import GameReport, Offer, ScoreReport
from dbsbm.games.repository import GameRepository
from dbsbm.games.service import store_games, store_scores
from dbsbm.settlement.applying import Run, notice, settle_noticed
from local.servers import THROWAWAY, MariaDB
from tests.bulk_bets import OpenBet, add_bets, add_guilds
from tests.schemas import Schemas

GAMES, BOOKS = 600, 12
GUILDS, BETS = 20, 100_000
INGEST_S, SETTLE_S = 5.0, 10.0
ROWS_PER_STATEMENT = 500
GAMES_PER_TRANSACTION = 100
SATURDAY = datetime(2026, 10, 3, 12, 0, tzinfo=UTC)
START = SATURDAY + timedelta(hours=4)
_CHUNK = 2_000
_TERMS = (
    (Market.SPREAD, Side.HOME, -14),
    (Market.SPREAD, Side.AWAY, 13),
    (Market.MONEYLINE, Side.HOME, 0),
    (Market.TOTAL, Side.OVER, 190),
    (Market.TOTAL, Side.UNDER, 189),
)


class Clock:
    """Stands still."""

    def now(self) -> datetime:
        return SATURDAY

    def sleep(self, seconds: float) -> None:  # noqa: ARG002
        raise AssertionError("nothing waits here")


class Counted:
    """A connection that counts the statements it carries."""

    def __init__(self, connection: Any, count: list[int]) -> None:
        self._connection = connection
        self._count = count

    def cursor(self) -> Any:
        cursor = self._connection.cursor()
        query, count = cursor._query, self._count

        def counted(sql: str) -> Any:
            count[0] += 1
            return query(sql)

        cursor._query = counted
        return cursor

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def main() -> None:
    """Measure and print, in seconds."""
    with tempfile.TemporaryDirectory() as directory:
        extra = (*THROWAWAY, "--innodb-buffer-pool-size=512M", "--innodb-log-file-size=256M")
        with MariaDB(Path(directory), extra=extra) as server:
            schemas = Schemas(server.url())
            with schemas.migrated() as url:
                _measure(url, server.pid)
            schemas.close()


def _measure(url: str, server: int) -> None:
    count = [0]
    database = Database(lambda: Counted(connect_from_url(url), count), Clock())  # type: ignore[arg-type, return-value]
    ids = Ids(Clock(), Random(1))
    first, later = _saturday(SATURDAY, 0), SATURDAY + timedelta(minutes=5)
    rows = GAMES + 2 * sum(len(each.offers) for each in first)
    take = partial(_ingest, database, ids)
    count[0] = 0
    _, fresh = measured(server, partial(take, first))
    statements = count[0]
    _, same = measured(server, partial(take, _saturday(later, 0)))
    _, moved = measured(server, partial(take, _saturday(later + timedelta(minutes=5), 10)))
    kilobytes = _storage(database)
    _bets(database)
    over = _finals(database, ids)
    count[0] = 0
    graded, settle = measured(server, partial(_settled, database, url, over))
    settle_statements = count[0]
    database.close()
    if graded != BETS:
        raise RuntimeError(f"{graded} of {BETS} bets were graded: nothing worth measuring")
    report(
        "ingest",
        {
            "a Saturday, all new": _once(fresh.wall),
            "again, nothing moved": _once(same.wall),
            "again, a tenth moved": _once(moved.wall),
            "100,000 bets settled": _once(settle.wall),
        },
        "s",
        [
            Target("ingest", fresh.wall, INGEST_S, "s"),
            Target("statements per 500 rows", statements * ROWS_PER_STATEMENT / rows, 1.0, "statements"),
            Target("settle", settle.wall, SETTLE_S, "s"),
        ],
        {
            "ingest, all new": str(fresh),
            "ingest, nothing moved": str(same),
            "ingest, a tenth moved": str(moved),
            "settling": str(settle),
            "games": GAMES,
            "prices": (rows - GAMES) // 2,
            "rows written": rows,
            "statements": statements,
            "storage KiB per 1,000 snapshots": round(kilobytes, 1),
            "settle statements": settle_statements,
            "bets": BETS,
            "guilds": GUILDS,
        },
    )


def _settled(database: Database, url: str, over: datetime) -> int:
    """What a scheduled run notices, by this process and one beside it; returns how many bets were graded."""
    notice(database, over)
    with get_context("fork").Pool(1) as beside:
        helped = beside.apply_async(_beside, (url, over))
        done = settle_noticed(database, Run(over, 1, Ids(Clock(), Random(2))), lambda: True)
        return done.graded + int(helped.get())


def _beside(url: str, over: datetime) -> int:
    database = Database(lambda: connect_from_url(url), Clock())
    try:
        return settle_noticed(database, Run(over, 1, Ids(Clock(), Random(3))), lambda: True).graded
    finally:
        database.close()


def _once(seconds: float) -> Summary:
    return Summary(1, seconds, seconds, seconds, seconds)


def _saturday(at: datetime, every: int) -> list[GameReport]:
    """Every game with every book's prices at ``at``; with ``every`` each such price has moved by a cent."""
    reports = []
    for number in range(GAMES):
        offers = list(_offers(number, at, every))
        covers = frozenset({Market.MONEYLINE, Market.SPREAD, Market.TOTAL})
        teams = f"Town {number}", f"Port {number}"
        reports.append(GameReport("bench", str(number), "ncaaf", *teams, START, at, offers, covers))
    return reports


def _offers(number: int, at: datetime, every: int) -> Iterator[Offer]:
    place = 0
    for book in range(BOOKS):
        spread, total = 2 * (number % 29) - 28, 160 + number % 60
        for market, side, line_q in (
            (Market.MONEYLINE, Side.HOME, 0),
            (Market.MONEYLINE, Side.AWAY, 0),
            (Market.SPREAD, Side.HOME, spread),
            (Market.SPREAD, Side.AWAY, -spread),
            (Market.TOTAL, Side.OVER, total),
            (Market.TOTAL, Side.UNDER, total),
        ):
            place += 1
            moved = every and place % every == 0
            price = Odds.from_american(-105 - (number + book) % 10 - (1 if moved else 0))
            yield Offer(f"book_{book}", market, side, line_q, price, at)


def _ingest(database: Database, ids: Ids, reports: Sequence[GameReport]) -> None:
    """One document of all these games, taken in as the feed does."""
    for start in range(0, len(reports), GAMES_PER_TRANSACTION):
        part = reports[start : start + GAMES_PER_TRANSACTION]
        database.run(partial(store_games, ids=ids, reports=part))


def _storage(database: Database) -> float:
    """KiB that 1,000 snapshots take in the table and its indexes."""
    with database.transaction(statement_s=60) as session:
        session.execute("ANALYZE TABLE odds_snapshots")
        table = session.one(
            "SELECT data_length + index_length AS bytes FROM information_schema.tables "
            "WHERE table_schema = DATABASE() AND table_name = 'odds_snapshots'"
        )
        rows = session.one("SELECT COUNT(*) AS n FROM odds_snapshots")
    if table is None or rows is None:
        raise RuntimeError("no odds_snapshots")
    return float(table["bytes"]) * 1000 / 1024 / int(rows["n"])


def _bets(database: Database) -> None:
    """Open straight bets, spread over games, guilds and sides."""
    chance = Random(7)
    with database.transaction(statement_s=60) as session:
        add_guilds(session, range(1, GUILDS + 1), SATURDAY)
        ids = [row["game_id"] for row in session.all("SELECT game_id FROM games ORDER BY game_id")]
        games = list(GameRepository(session).games(ids).values())
    prices = [Odds.from_american(number) for number in (-120, -115, -110, -108, -105, 100, 105, 120)]
    for first in range(0, BETS, _CHUNK):
        bets = []
        for number in range(first, first + _CHUNK):
            odds = chance.choice(prices)
            stake = Stake.of(StakeMode.RISK, 10_000 * chance.randint(10, 500), odds)
            pick = Selection.of(chance.choice(games), *chance.choice(_TERMS), odds)
            bets.append(OpenBet(1 + number % GUILDS, 1_000_000 + number, 100 + number % 50, pick, stake))
        with database.transaction(statement_s=60) as session:
            add_bets(session, bets, SATURDAY)


def _finals(database: Database, ids: Ids) -> datetime:
    """Both sources have every final, when all of it is over."""
    chance, over = Random(8), START + timedelta(hours=4)
    finals: list[ScoreReport] = []
    for number in range(GAMES):
        scores = chance.randint(3, 45), chance.randint(3, 45)
        teams = f"Town {number}", f"Port {number}"
        finals.extend(
            ScoreReport(source, str(number), "ncaaf", *teams, START, over, over, *scores, True)
            for source in ("bench", "second")
        )
    with database.transaction(statement_s=60) as session:
        session.execute("INSERT INTO game_sources SELECT 'second', provider_game_id, game_id FROM game_sources")
        store_scores(session, ids, finals)
    return over + timedelta(minutes=1)


if __name__ == "__main__":
    main()
