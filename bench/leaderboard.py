"""``./dev bench leaderboard``: ``/leaderboard`` with 10,000,000 ledger rows in one guild, warm.

The whole way inside the command function: the right, the guild, the board, the card's view, the exchange with its
outbox row. The ledger is written by the server itself, a hundred cappers over three years; the sums are taken from
it with the same keys that grading adds to, so that what is read is as large as it would be.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from statistics import quantiles

import pymysql

from bench._results import Target, report, summarize
from dbsbm.guilds.repository import GuildRepository
from local.servers import THROWAWAY, MariaDB
from tests.integration.stage import BOB, NOW, Stage, open_stage
from tests.schemas import Schemas

ROWS = 10_000_000
CAPPERS = 100
DAYS = 1095
SAMPLES = 400
P99_MS = 50.0
_GUILD = 5001
_LEAGUES = ("nfl", "nba", "mlb", "nhl", "epl", "wnba")
_MARKETS = ("spread", "total", "moneyline", "parlay")
_COLUMNS = """guild_id, category, span, league, market, since, capper_id, bets, won, half_won, lost, half_lost, pushed,
    voided, risk_micro, profit_micro, flat_micro"""
_ENTRY = """guild_id, bet_id, grade_seq, kind, capper_id, sports_day, grade, bets, risk_micro, return_micro,
    profit_micro, entered_at"""
_ASKED = (
    {"period": "week"},
    {"period": "month"},
    {"period": "season"},
    {"period": "all"},
    {"period": "season", "league": "nfl"},
    {"period": "all", "league": "mlb", "market": "total"},
    {"period": "week", "market": "parlay"},
)


def main() -> None:
    """Measure and print, in milliseconds."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as directory, _server(Path(directory)) as server:
        schemas = Schemas(server.url())
        with schemas.migrated() as url:
            stage = open_stage(url).ready()
            began = time.perf_counter()
            totals = _filled(stage, rows)
            filled_s = time.perf_counter() - began
            for asked in _ASKED:
                _timed(stage, asked)
            samples = [_timed(stage, asked) for asked in itertools.islice(itertools.cycle(_ASKED), SAMPLES)]
            stage.environment.database.close()
        schemas.close()
    p99 = quantiles(samples, n=100, method="inclusive")[-1]
    report(
        "leaderboard",
        {"/leaderboard": summarize(samples)},
        "ms",
        [Target("p99", p99, P99_MS, "ms")],
        {
            "ledger rows": rows,
            "rows of sums": totals,
            "cappers": CAPPERS,
            "p50 ms": round(summarize(samples).median, 3),
            "p99 ms": round(p99, 3),
            "filled in s": round(filled_s),
        },
    )


def _server(directory: Path) -> MariaDB:
    """Its temporary tables lie beside it: another server that starts clears what it finds in the common place."""
    sizes = ("--innodb-buffer-pool-size=1G", "--innodb-log-file-size=512M", "--max-statement-time=0")
    heap = ("--tmp-table-size=3G", "--max-heap-table-size=3G")
    return MariaDB(directory, extra=(*THROWAWAY, *sizes, *heap, f"--tmpdir={directory}"))


def _filled(stage: Stage, rows: int) -> int:
    """The ledger and its sums; returns how many sums there are."""

    def cappers(session: object) -> None:
        guilds = GuildRepository(session, _GUILD)  # type: ignore[arg-type]
        for number in range(CAPPERS):
            guilds.put_capper(100 + number, f"Capper {number}", "https://a.example/a.png", 1, NOW)

    stage.environment.database.run(cappers)
    host, schema = stage.database_url.split("@")[1].split("/")
    name, port = host.split(":")
    connection = pymysql.connect(host=name, port=int(port), user="root", database=schema, autocommit=True)
    first = date(NOW.year, NOW.month, NOW.day) - timedelta(days=DAYS - 1)
    with connection, connection.cursor() as cursor:
        cursor.execute("SET unique_checks = 0, foreign_key_checks = 0, max_statement_time = 0")
        for start in range(1, rows, 1_000_000):
            cursor.execute(
                f"""INSERT INTO ledger_entries ({_ENTRY}) SELECT %s, seq, 1, 'grade', 100 + seq %% %s,
                    DATE_ADD(%s, INTERVAL (seq DIV 97) %% %s DAY), IF(seq * 2654435761 %% 1000 < 520, 'won', 'lost'), 1,
                    1000000, IF(seq * 2654435761 %% 1000 < 520, 1909091, 0),
                    IF(seq * 2654435761 %% 1000 < 520, 909091, -1000000), %s
                    FROM seq_{start}_to_{min(rows, start + 999_999)}""",
                (_GUILD, CAPPERS, first, DAYS, NOW.replace(tzinfo=None)),
            )
        _sums(cursor)
        cursor.execute("ANALYZE TABLE capper_totals")
        cursor.execute("SELECT COUNT(*) FROM capper_totals")
        [(count,)] = cursor.fetchall()
        return int(count)


def _sums(cursor: pymysql.cursors.Cursor) -> None:
    """Days by league and market from the ledger, everything coarser from these."""
    leagues = "ELT(1 + bet_id DIV 7 %% 6, " + ", ".join(f"'{league}'" for league in _LEAGUES) + ")"
    markets = "ELT(1 + bet_id DIV 11 %% 4, " + ", ".join(f"'{market}'" for market in _MARKETS) + ")"
    cursor.execute(
        f"""INSERT INTO capper_totals ({_COLUMNS})
            SELECT {_GUILD}, 'priced', 'day', {leagues} AS l, {markets} AS m, sports_day,
            capper_id, SUM(bets), SUM(grade = 'won'), 0, SUM(grade = 'lost'), 0, 0, 0, SUM(risk_micro),
            SUM(profit_micro), SUM(profit_micro) FROM ledger_entries
            WHERE guild_id = %s GROUP BY l, m, sports_day, capper_id""",
        (_GUILD,),
    )
    sums = "SUM(bets), SUM(won), 0, SUM(lost), 0, 0, 0, SUM(risk_micro), SUM(profit_micro), SUM(flat_micro)"
    for league, market in (("''", "''"), ("league", "''"), ("''", "market")):
        cursor.execute(
            f"""INSERT INTO capper_totals ({_COLUMNS})
            SELECT {_GUILD}, 'priced', 'day', {league} AS l, {market} AS m, since,
                capper_id, {sums} FROM capper_totals WHERE span = 'day' AND league <> '' AND market <> ''
                GROUP BY l, m, since, capper_id"""
        )
    for span, since in (("month", "DATE_SUB(since, INTERVAL DAYOFMONTH(since) - 1 DAY)"), ("all", "'1970-01-01'")):
        cursor.execute(
            f"""INSERT INTO capper_totals ({_COLUMNS})
            SELECT {_GUILD}, 'priced', '{span}', league, market, {since} AS s, capper_id,
                {sums} FROM capper_totals WHERE span = 'day' GROUP BY league, market, s, capper_id"""
        )


def _timed(stage: Stage, asked: dict[str, str]) -> float:
    started = time.perf_counter()
    seen = stage.slash(BOB, "leaderboard", mode="deferred", **asked)
    took = (time.perf_counter() - started) * 1000
    if not seen.images:
        raise RuntimeError(f"no board for {asked}: {seen.text}")
    return took


if __name__ == "__main__":
    main()
