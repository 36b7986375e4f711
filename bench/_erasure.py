"""How long it takes to take somebody with many bets out of a community: the job's own run on a real database."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from random import Random
from typing import NamedTuple

from dbsbm.betting.profile import DEFAULT_PROFILE
from dbsbm.commands.erasing import Erasing, erase_due
from dbsbm.core.aws import Account, Credentials
from dbsbm.core.bucket import Aws, Bucket
from dbsbm.core.clock import SystemClock
from dbsbm.database.database import Database
from dbsbm.database.session import Session
from dbsbm.guilds.repository import GuildRepository
from dbsbm.keys.ring import BucketRing, Shredder
from dbsbm.keys.words import DECISION, SealedWords
from dbsbm.privacy.erasure.ledger import Ledger
from dbsbm.privacy.requests.model import Kind, Request, State, answer_by, confirm_by
from dbsbm.privacy.requests.repository import RequestRepository
from dbsbm.wiring import build
from infra.catalog import CATALOG
from local.cloud.aws import MotoInside, create_resources
from local.cloud.execution import Names

BETS = 10_000
_GUILD, _PERSON = 4001, 7_000_001
_TOKEN_KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
_FILL = (
    """INSERT INTO bets (guild_id, bet_id, capper_id, state, grade_seq, grade, starts_at, sports_day, posted_at,
       channel_id)
       SELECT %s, seq, %s, 'graded', 1, 'won', NOW(), CURDATE(), NOW(), 1 FROM seq_1_to_1000000 WHERE seq <= %s""",
    """INSERT INTO bet_revisions (guild_id, bet_id, revision, stake_mode, risk_micro, to_win_micro, odds_num, odds_den,
       odds_typed, odds_format, write_up, rule_profile_version, rule_profile, price_check, priced_at, written_at,
       written_by) SELECT %s, seq, 1, 'risk', 1000000, 909091, 21, 11, '-110', 'american', 'what I think', 1, %s,
       'verified', NOW(), NOW(), %s FROM seq_1_to_1000000 WHERE seq <= %s""",
    """INSERT INTO bet_grades (guild_id, bet_id, grade_seq, action, grade, rule, source, decided_by, decided_at,
       interaction_id) SELECT %s, seq, 1, 'grade', 'won', 'PERSON', 'own', %s, NOW(), seq
       FROM seq_1_to_1000000 WHERE seq <= %s""",
    """INSERT INTO ledger_entries (guild_id, bet_id, grade_seq, kind, capper_id, sports_day, grade, bets, risk_micro,
       return_micro, profit_micro, entered_at) SELECT %s, seq, 1, 'grade', %s, CURDATE(), 'won', 1, 1000000, 1909091,
       909091, NOW() FROM seq_1_to_1000000 WHERE seq <= %s""",
    """INSERT INTO bet_legs (guild_id, bet_id, revision, leg, league, home, away, market, side, odds_num, odds_den,
       odds_typed, odds_format, starts_at) SELECT %s, seq, 1, 0, 'nfl', 'Las Vegas Raiders', 'Kansas City Chiefs',
       'moneyline', 'away', 21, 11, '-110', 'american', NOW() FROM seq_1_to_1000000 WHERE seq <= %s""",
    """INSERT INTO outbox_targets (target_key, guild_id, last_seq, channel_id, message_id)
       SELECT CONCAT('bet:', seq), %s, 1, 1, seq FROM seq_1_to_1000000 WHERE seq <= %s""",
)


class Took(NamedTuple):
    """``wall_s`` with the database's own work, ``cpu_s`` of this process alone; in so many ``runs`` of the job.

    ``drawn`` slips in Discord are drawn anew, as far as handing them to delivery.
    """

    wall_s: float
    cpu_s: float
    runs: int
    drawn: int


def erased(url: str, bets: int) -> Took:
    """Until the keys are destroyed and read back; the wait for functions that may still hold one is not in it."""
    aws, clock = MotoInside(), SystemClock()
    create_resources(replace(CATALOG, functions=(), secrets=(), keys=(), queues=()), Names(), {}, aws)
    way = Aws(aws, Account("us-east-1", Credentials("k", "s"), {"": "http://127.0.0.1"}))
    keyring = Bucket(way, Names().of("keyring"))
    environment = build(
        {"DATABASE_URL": url, "TOKEN_KEY": _TOKEN_KEY, "INDEX_KEY": _TOKEN_KEY},
        clock=clock,
        random=Random(1),
        keyring=BucketRing(lambda: keyring, clock),
    )
    _filled(environment.database, bets, clock)
    run = Erasing(environment, Ledger(Bucket(way, Names().of("erasures"))), Shredder(keyring), lambda: True)
    began, spent = time.perf_counter(), time.process_time()
    runs = 0
    while _goes_on(environment.database):
        run.slips = 0  # as in the next run, five minutes later
        erase_due(run)
        runs += 1
    wall_s, cpu_s = time.perf_counter() - began, time.process_time() - spent
    with environment.database.read() as session:
        (left,) = session.all("SELECT COUNT(*) AS n FROM shredded_keys WHERE gone_at IS NULL")
        (still,) = session.all(
            "SELECT COUNT(*) AS n FROM bets WHERE guild_id = %s AND capper_id = %s", (_GUILD, _PERSON)
        )
        (drawn,) = session.all("SELECT COUNT(*) AS n FROM outbox WHERE id LIKE %s", ("erase:%",))
    environment.database.close()
    if left["n"] or still["n"] or drawn["n"] != bets:
        raise AssertionError("not erased")
    return Took(wall_s, cpu_s, runs, int(drawn["n"]))


def _goes_on(database: Database) -> bool:
    with database.read() as session:
        return bool(session.all("SELECT 1 FROM privacy_requests WHERE stage <> 'shred'"))


def _filled(database: Database, bets: int, clock: SystemClock) -> None:
    def written(session: Session) -> None:
        now, profile = clock.now(), json.dumps(DEFAULT_PROFILE.to_json())
        GuildRepository(session, _GUILD).revive(now)
        GuildRepository(session, _GUILD).put_capper(_PERSON, "Ann", "", 1, now)
        for sql in _FILL:
            whose = [profile, _PERSON] if "rule_profile," in sql else [_PERSON] if sql.count("%s") > 2 else []
            session.execute(sql, (_GUILD, *whose, bets))
        for bet_id in range(1, bets + 1, 20):
            SealedWords(session, _GUILD).put(DECISION, bet_id, 1, _PERSON, {"reason": "as the box score says"})
        times = now, confirm_by(now), answer_by(now), now
        RequestRepository(session).add(Request(1, "s", _PERSON, Kind.DELETE, State.WAITING, *times))

    database.run(written, statement_s=600)
