"""``./dev bench settlement``: straight bets and four-leg parlays through the public ``settle()``, on one core.

Every bet is settled under a rule profile, and its settlement names a rule. Bets come from a fixed pool of ordinary
shapes (favourites and underdogs, quarter lines, pushes, cancelled games) against a stream of results, so that memory
has nothing to grow with: the resident size is read at the start and the end of the stream. Figures are CPU time of this
process, because others may use the machine; wall time and what the bets came to stand in the notes.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path

from bench._results import Target, report, summarize
from dbsbm.betting.legs import Leg, Straight
from dbsbm.betting.markets import Market, Side
from dbsbm.betting.odds import Odds
from dbsbm.betting.profile import RuleProfile
from dbsbm.betting.results import GameResult, Status
from dbsbm.betting.settlement import Settlement, settle
from dbsbm.betting.stakes import MICRO, Stake, StakeMode
from dbsbm.betting.tickets import Parlay, product_odds

STREAMED = 5_000_000
PARLAYS = 500_000
CHUNK = 10_000
POOL = 4_096
STRAIGHTS_PER_S = 150_000
PARLAYS_PER_S = 80_000
_PRICES = (-240, -150, -120, -115, -110, -108, -105, 100, 105, 120, 150, 240)
_MARKETS = (Market.SPREAD, Market.SPREAD, Market.TOTAL, Market.TOTAL, Market.MONEYLINE)


def main(streamed: int = STREAMED) -> None:
    """Measure and print, in microseconds per bet."""
    chance = random.Random(20)
    profile = RuleProfile()
    straights = [_straight(chance, number) for number in range(1, POOL + 1)]
    parlays = [_parlay(chance, 4 * number) for number in range(1, POOL + 1)]
    results = [_result(chance) for _ in range(POOL - 1)]
    fours = [tuple(_result(chance) for _ in range(4)) for _ in range(POOL - 1)]
    _straight_chunk(islice(zip(cycle(straights), cycle(results), strict=False), CHUNK), profile)
    before_kb = _resident_kb()
    wall = time.perf_counter()
    stream = zip(cycle(straights), cycle(results), strict=False)
    singles = [_straight_chunk(islice(stream, CHUNK), profile) for _ in range(streamed // CHUNK)]
    wall = time.perf_counter() - wall
    after_kb = _resident_kb()
    pairs = zip(cycle(parlays), cycle(fours), strict=False)
    tickets = [_parlay_chunk(islice(pairs, CHUNK), profile) for _ in range(PARLAYS // CHUNK)]
    report(
        "settlement",
        {"straight": summarize(singles), "parlay of four": summarize(tickets)},
        "µs per bet",
        (
            Target("straight, mean", sum(singles) / len(singles), 1e6 / STRAIGHTS_PER_S, "µs"),
            Target("parlay of four, mean", sum(tickets) / len(tickets), 1e6 / PARLAYS_PER_S, "µs"),
            Target("resident size, growth", float(after_kb - before_kb), 1024, "kB"),
        ),
        {
            "straight bets per second of CPU": round(1e6 * len(singles) / sum(singles)),
            "parlays of four per second of CPU": round(1e6 * len(tickets) / sum(tickets)),
            "straight bets streamed": len(singles) * CHUNK,
            "straight bets per second of wall time": round(len(singles) * CHUNK / wall),
            "parlays settled": len(tickets) * CHUNK,
            "grades of the pool, straight": _mix(
                settle(bet, r, profile) for bet, r in zip(straights, results, strict=False)
            ),
            "grades of the pool, parlay": _mix(settle(bet, r, profile) for bet, r in zip(parlays, fours, strict=False)),
            "resident kB at the start and end of the stream": f"{before_kb} {after_kb}",
        },
    )


def _straight_chunk(pairs: Iterator[tuple[Straight, GameResult]], profile: RuleProfile) -> float:
    started = time.process_time()
    for bet, result in pairs:
        settle(bet, result, profile)
    return 1e6 * (time.process_time() - started) / CHUNK


def _parlay_chunk(pairs: Iterator[tuple[Parlay, Sequence[GameResult]]], profile: RuleProfile) -> float:
    started = time.process_time()
    for bet, results in pairs:
        settle(bet, results, profile)
    return 1e6 * (time.process_time() - started) / CHUNK


def _mix(settled: Iterable[Settlement]) -> dict[str, int]:
    """How often each grade came out, so that nobody need guess what was measured."""
    return dict(sorted(Counter(str(each.grade) for each in settled).items()))


def _straight(chance: random.Random, game_id: int) -> Straight:
    leg = _leg(chance, game_id)
    assert leg.odds is not None
    return Straight(leg, _stake(chance, leg.odds))


def _parlay(chance: random.Random, first: int) -> Parlay:
    """Legs mostly win, so that the product is reckoned and not cut short by a lost leg."""
    legs = tuple(_leg(chance, first + number, likely=True) for number in range(4))
    odds = product_odds(legs)
    return Parlay(legs, _stake(chance, odds), odds)


def _leg(chance: random.Random, game_id: int, *, likely: bool = False) -> Leg:
    price = Odds.from_american(chance.choice(_PRICES))
    market = chance.choice(_MARKETS[:-1] if likely else _MARKETS)
    if market is Market.MONEYLINE:
        return Leg(market, chance.choice((Side.HOME, Side.AWAY)), price, 0, "NFL", game_id=game_id)
    if market is Market.TOTAL:
        line_q = chance.randrange(40, 120) if likely else chance.randrange(80, 240)
        side = Side.OVER if likely else chance.choice((Side.OVER, Side.UNDER))
        return Leg(market, side, price, line_q, "NFL", game_id=game_id)
    line_q = chance.randrange(60, 120) if likely else chance.randrange(-56, 57)
    return Leg(market, chance.choice((Side.HOME, Side.AWAY)), price, line_q, "NFL", game_id=game_id)


def _result(chance: random.Random) -> GameResult:
    status = Status.CANCELLED if chance.random() < 0.02 else Status.FINAL
    return GameResult(chance.randrange(45), chance.randrange(45), status)


def _stake(chance: random.Random, odds: Odds) -> Stake:
    return Stake.of(chance.choice(tuple(StakeMode)), chance.randrange(1, 11) * MICRO // 2, odds)


def _resident_kb() -> int:
    """Resident size now; 0 where the system does not say."""
    status = Path("/proc/self/statm")
    if not status.exists():
        return 0
    return int(status.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else STREAMED)
