"""A million straight bets of twenty communities over two years, written by the server itself."""

from __future__ import annotations

import json
from typing import Any

import pymysql

from dbsbm.bets.standings.repository import StandingsRepository
from dbsbm.betting.profile import DEFAULT_PROFILE
from dbsbm.database.database import Database
from dbsbm.guilds.repository import GuildRepository
from tests.integration.stage import ANN, NOW, Stage

GUILD = 5001
CAPPERS = 50
_PART = 100_000
_OPEN_PER_MILLE = 20
_MEASURED = 10
"""Every tenth bet is of the community that is measured."""


def fill(stage: Stage, rows: int) -> None:
    """Bets, terms, legs, grades, ledger; the newest fiftieth is open. The sums are those of the measured community."""
    connection = _connected(stage.database_url)
    with connection, connection.cursor() as cursor:
        cursor.execute("SET unique_checks = 0, foreign_key_checks = 0, max_statement_time = 0")
        for first in range(1, rows + 1, _PART):
            _part(cursor, first, min(rows, first + _PART - 1), rows)
        cursor.execute("ANALYZE TABLE bets, bet_revisions, bet_legs, bet_grades, ledger_entries")
    _sums(stage.environment.database)


def _part(cursor: Any, first: int, last: int, rows: int) -> None:
    """Ids rise with time: the last bet starts now."""
    numbers = f"seq_{first}_to_{last}"
    guild = f"IF(seq % {_MEASURED} = 0, {GUILD}, 6000 + seq % 19)"
    capper = f"IF(seq DIV {_MEASURED} % 20 = 0, {ANN.user_id}, 100 + seq DIV {_MEASURED} % {CAPPERS})"
    starts = f"'{NOW:%Y-%m-%d %H:%M:%S}' - INTERVAL ({rows} - seq) * {63_000_000 // rows} SECOND"
    opened = f"seq > {rows - rows * _OPEN_PER_MILLE // 1000}"
    won = "seq * 2654435761 % 1000 < 520"
    grade = f"IF({won}, 'won', 'lost')"
    league = "ELT(1 + seq DIV 7 % 4, 'nfl', 'nba', 'mlb', 'nhl')"
    market = "ELT(1 + seq DIV 11 % 3, 'spread', 'total', 'moneyline')"
    side = "ELT(1 + seq DIV 11 % 3, 'away', 'over', 'home')"
    terms = "'risk', 1000000, 909091, 21, 11, '-110', 'american'"
    for sql in (
        f"""INSERT INTO bets (guild_id, bet_id, capper_id, state, grade_seq, grade, starts_at, sports_day, posted_at,
            channel_id) SELECT {guild}, seq, {capper}, IF({opened}, 'open', 'graded'), IF({opened}, 0, 1),
            IF({opened}, NULL, {grade}), {starts}, DATE({starts}), {starts} - INTERVAL 2 HOUR, 7001 FROM {numbers}""",
        f"""INSERT INTO bet_revisions (guild_id, bet_id, revision, stake_mode, risk_micro, to_win_micro, odds_num,
            odds_den, odds_typed, odds_format, rule_profile_version, rule_profile, price_check, priced_at, written_at,
            written_by) SELECT {guild}, seq, 1, {terms}, 1, %s, 'verified', {starts} - INTERVAL 2 HOUR,
            {starts} - INTERVAL 2 HOUR, {capper} FROM {numbers}""",
        f"""INSERT INTO bet_legs (guild_id, bet_id, revision, leg, game_id, league, home, away, market, side, line_q,
            odds_num, odds_den, odds_typed, odds_format, starts_at) SELECT {guild}, seq, 1, 1, 1000000 + seq DIV 50,
            {league}, CONCAT('Hosts ', seq % 90), CONCAT('Guests ', seq % 90), {market}, {side},
            IF({market} = 'moneyline', 0, 14), 21, 11, '-110', 'american', {starts} FROM {numbers}""",
        f"""INSERT INTO bet_grades (guild_id, bet_id, grade_seq, action, grade, rule, source, decided_by, decided_at,
            interaction_id) SELECT {guild}, seq, 1, 'grade', {grade}, 'SPREAD-FINAL', 'auto', 1, {starts}, seq
            FROM {numbers} WHERE NOT {opened}""",
        f"""INSERT INTO ledger_entries (guild_id, bet_id, grade_seq, kind, capper_id, sports_day, grade, bets,
            risk_micro, return_micro, profit_micro, entered_at) SELECT {guild}, seq, 1, 'grade', {capper},
            DATE({starts}), {grade}, 1, 1000000, IF({won}, 1909091, 0), IF({won}, 909091, -1000000), {starts}
            FROM {numbers} WHERE NOT {opened}""",
    ):
        profile = (json.dumps(DEFAULT_PROFILE.to_json()),) if "bet_revisions" in sql else ()
        cursor.execute(sql.replace("%", "%%").replace("%%s", "%s") if profile else sql, profile or None)


def _sums(database: Database) -> None:
    for capper_id in (ANN.user_id, *range(100, 100 + CAPPERS)):
        with database.transaction(statement_s=60) as session:
            if capper_id != ANN.user_id:
                name = f"Capper {capper_id - 99}"
                GuildRepository(session, GUILD).put_capper(capper_id, name, "https://a.example/a.png", 1, NOW)
            StandingsRepository(session, GUILD).rebuild(capper_id)


def _connected(url: str) -> pymysql.Connection[Any]:
    host, schema = url.split("@")[1].split("/")
    name, port = host.split(":")
    return pymysql.connect(host=name, port=int(port), user="root", database=schema, autocommit=True)
