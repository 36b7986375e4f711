"""``./dev bench autocomplete``: one autocomplete of ``/bet pick:`` over 1,000 games with prices, warm.

The whole way inside the command function: the payload is read, the guild looked up, the board of games taken from
the cache, the text read against it, 25 choices written. Warm is what a person typing meets; the first call of a minute,
which parses the board anew, is printed beside it.
"""

from __future__ import annotations

import itertools
import tempfile
import time
from pathlib import Path
from statistics import quantiles

from bench._results import Target, report, summarize
from dbsbm.games.model import GameReport
from dbsbm.games.service import ingest
from local.servers import THROWAWAY, MariaDB
from tests.integration.stage import ANN, KICK_OFF, Stage, chiefs_offers, later, open_stage
from tests.schemas import Schemas

GAMES = 1000
SAMPLES = 600
WARM_MS = 50.0
_NOBODY = "zzz"
_TEXTS = (
    "",
    "chi",
    "chiefs",
    "chiefs -3",
    "chiefs -3 -110",
    "chiefs -3 -110 2u",
    "town 417 over",
    "raiders +3 1u",
    _NOBODY,
)


def main() -> None:
    """Measure and print, in milliseconds."""
    with tempfile.TemporaryDirectory() as directory, MariaDB(Path(directory), extra=THROWAWAY) as server:
        schemas = Schemas(server.url())
        with schemas.migrated() as url:
            stage = _filled(url)
            warm, first = _warm(stage), _first_of_a_minute(stage)
            stage.environment.database.close()
        schemas.close()
    p99 = quantiles(warm, n=100, method="inclusive")[-1]
    report(
        "autocomplete",
        {"warm": summarize(warm), "first of a minute": summarize(first)},
        "ms",
        [Target("warm p99", p99, WARM_MS, "ms")],
        {"games": GAMES, "p50 ms": round(summarize(warm).median, 3), "p99 ms": round(p99, 3)},
    )


def _filled(url: str) -> Stage:
    stage = open_stage(url).ready()
    at = stage.clock.now()
    reports = [
        GameReport("bench", str(n), "nfl", f"Town {n} Hosts", f"Port {n} Guests", KICK_OFF, at, chiefs_offers(at))
        for n in range(GAMES - 1)
    ]
    environment = stage.environment
    ingest(environment.database.run, environment.cache, environment.ids, games=reports)
    return stage


def _warm(stage: Stage) -> list[float]:
    for text in _TEXTS:
        if not stage.complete(ANN, text) and text != _NOBODY:
            raise RuntimeError(f"no choices for {text!r}: nothing worth measuring")
    return [_timed(stage, text) for text in itertools.islice(itertools.cycle(_TEXTS), SAMPLES)]


def _first_of_a_minute(stage: Stage) -> list[float]:
    samples = []
    for _ in range(10):
        later(stage, minutes=1)
        samples.append(_timed(stage, "chiefs -3"))
    return samples


def _timed(stage: Stage, text: str) -> float:
    started = time.perf_counter()
    stage.complete(ANN, text)
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    main()
