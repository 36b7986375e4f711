"""``./dev bench rows``: what a cached row would save: the same read from the database and through the cache.

Guild, capper, game and bet are read where a command reads them, inside a transaction that is open anyway: one statement
by primary key, a bet two. Through the cache it is the prefix's generation and the value, from a Redis that has it.
Counted is the processor time of the process, which other work on the machine does not change much. The question is of
docs/decisions.md, "Only what is computed is cached, not rows".
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench._results import Summary, report, summarize
from dbsbm.bets.repository import BetRepository
from dbsbm.cache.cache import Cache
from dbsbm.cache.client import build_cache
from dbsbm.core.clock import SystemClock
from dbsbm.core.ids import Ids
from dbsbm.database.session import Session
from dbsbm.games.repository import GameRepository
from dbsbm.guilds.repository import GuildRepository
from local.servers import THROWAWAY, MariaDB, Redis
from tests.integration.stage import ANN, Stage, open_stage
from tests.schemas import Schemas

READS, ROUNDS = 40, 60
GUILD = 5001
Read = Callable[[], Any]


def main() -> None:
    """Measure and print, in microseconds of CPU."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(MariaDB(folder / "mariadb", extra=THROWAWAY))
        redis = stack.enter_context(Redis(folder / "redis"))
        schemas = Schemas(server.url())
        with schemas.migrated() as url:
            rows = _measured(open_stage(url).ready(), redis.url())
        schemas.close()
    report("rows", rows, "µs")


def _measured(stage: Stage, redis_url: str) -> dict[str, Summary]:
    bet_id = stage.posted()
    clock = SystemClock()
    cache = build_cache(redis_url, clock, Ids(clock))
    with stage.environment.database.read() as session:
        plain = _reads(session, bet_id)
        rows: dict[str, Summary] = {}
        for what, read in plain.items():
            rows[f"{what}, database"] = _timed(read)
            rows[f"{what}, cache"] = _timed(_cached(cache, what, read))
    stage.close()
    return rows


_WHAT = ("guild", "capper", "game", "bet")


def _reads(session: Session, bet_id: int) -> dict[str, Read]:
    guilds, bets, games = GuildRepository(session, GUILD), BetRepository(session, GUILD), GameRepository(session)
    game_id = bets.bet(bet_id).terms.ticket.legs[0].game_id
    reads = (guilds.guild, lambda: guilds.capper(ANN.user_id), lambda: games.games({game_id}), lambda: bets.bet(bet_id))
    return dict(zip(_WHAT, reads, strict=True))


def _cached(cache: Cache, what: str, read: Read) -> Read:
    """What comes back is JSON's: making a guild or a bet of it would come on top."""
    stored = repr(read() if what == "game" else asdict(read()))
    return lambda: cache.get_or_load(f"{what}:{GUILD}", 600.0, lambda: stored)


def _timed(read: Read) -> Summary:
    own = []
    for number in range(ROUNDS + 3):
        began = time.process_time_ns()
        for _ in range(READS):
            read()
        if number >= 3:
            own.append((time.process_time_ns() - began) / READS / 1000)
    return summarize(own)


if __name__ == "__main__":
    main()
