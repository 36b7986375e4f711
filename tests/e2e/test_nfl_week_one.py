"""Week 1 of the 2022 NFL season, replayed on the virtual clock: every game bet at its close and graded by a click.

Each number is a literal, worked out by hand: the profit of a won bet is stake × 100 ÷ price for a favourite, stake ×
price ÷ 100 for an underdog, to the nearest micro-unit; a lost bet loses what it risked, a push nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from local.cloud import VirtualClock
from local.discord_simulator import Seen
from local.providers.odds_api import OddsApiProvider
from local.providers.recording import Recording
from tests.e2e.world import World, on_schedule, opened, providers

pytestmark = pytest.mark.slow
RECORDING = Path(__file__).resolve().parents[3] / "shared" / "data" / "feeds" / "the_odds_api_v4" / "nfl_2022"
START = datetime(2022, 9, 9, 0, 9, tzinfo=UTC)
"""The feed runs every five minutes from here: one minute after each close, one before each kick-off."""
CATALOG = on_schedule(
    delivery="rate(1 minute)",
    feed_odds_api="rate(5 minutes)",
    job_close="rate(5 minutes)",
    job_settle="rate(5 minutes)",
)
"""What a bet meets from the close to its grade; other schedules have weeks of their own."""


@dataclass(frozen=True)
class Bet:
    """A bet as typed and as its slip says it, the click that grades it and what the stamp then says; micro-units."""

    typed: str
    slip: str
    grade: str
    score: str
    stamp: str
    risk: int
    to_win: int
    profit: int


@dataclass(frozen=True)
class KickOff:
    """Games that start together, with a bet on each."""

    at: datetime
    bets: tuple[Bet, ...]


def _at(day: int, hour: int, minute: int) -> datetime:
    return datetime(2022, 9, day, hour, minute, tzinfo=UTC)


THURSDAY = KickOff(
    _at(9, 0, 20),
    (Bet("bills -1 -112 2u", "Bills −1 (−112) 2u", "Won", "31–10", "Won +1.79u", 2_000_000, 1_785_714, 1_785_714),),
)
SUNDAY_EARLY = KickOff(
    _at(11, 17, 0),
    (
        Bet(
            "falcons +6 -107 1.5u",
            "Falcons +6 (−107) 1.5u",
            "Won",
            "27–26",
            "Won +1.4u",
            1_500_000,
            1_401_869,
            1_401_869,
        ),
        Bet("browns ml +114 1u", "Browns ML (+114) 1u", "Won", "26–24", "Won +1.14u", 1_000_000, 1_140_000, 1_140_000),
        Bet(
            "bears under 38 -103 2u",
            "Under 38 (−103) 2u",
            "Won",
            "10–19",
            "Won +1.94u",
            2_000_000,
            1_941_748,
            1_941_748,
        ),
        Bet(
            "bengals ml -308 1u to win",
            "Bengals ML (−308) 1u to win",
            "Lost",
            "23–20",
            "Lost −3.08u",
            3_080_000,
            1_000_000,
            -3_080_000,
        ),
        Bet("eagles over 49 +104 .5u", "Over 49 (+104) 0.5u", "Won", "38–35", "Won +0.52u", 500_000, 520_000, 520_000),
        Bet("colts ml -290 2 units", "Colts ML (−290) 2u", "Push", "20–20", "Push 0u", 2_000_000, 689_655, 0),
        Bet(
            "patriots +3 -104 1.25u",
            "Patriots +3 (−104) 1.25u",
            "Lost",
            "7–20",
            "Lost −1.25u",
            1_250_000,
            1_201_923,
            -1_250_000,
        ),
        Bet(
            "ravens -6.5 -103 to win 1u",
            "Ravens −6.5 (−103) 1u to win",
            "Won",
            "24–9",
            "Won +1u",
            1_030_000,
            1_000_000,
            1_000_000,
        ),
        Bet(
            "jaguars over 43.5 -102 1.75u",
            "Over 43.5 (−102) 1.75u",
            "Won",
            "22–28",
            "Won +1.72u",
            1_750_000,
            1_715_686,
            1_715_686,
        ),
    ),
)
SUNDAY_LATE = KickOff(
    _at(11, 20, 25),
    (
        Bet("chiefs ml -252 2u", "Chiefs ML (−252) 2u", "Won", "44–21", "Won +0.79u", 2_000_000, 793_651, 793_651),
        Bet(
            "raiders +3.5 -106 3u",
            "Raiders +3.5 (−106) 3u",
            "Lost",
            "19–24",
            "Lost −3u",
            3_000_000,
            2_830_189,
            -3_000_000,
        ),
        Bet(
            "packers over 47 +101 1u", "Over 47 (+101) 1u", "Lost", "7–23", "Lost −1u", 1_000_000, 1_010_000, -1_000_000
        ),
        Bet(
            "giants ml +209 0.75u",
            "Giants ML (+209) 0.75u",
            "Won",
            "21–20",
            "Won +1.57u",
            750_000,
            1_567_500,
            1_567_500,
        ),
    ),
)
SUNDAY_NIGHT = KickOff(
    _at(12, 0, 20),
    (
        Bet(
            "buccaneers -2.5 -108 2.5u",
            "Buccaneers −2.5 (−108) 2.5u",
            "Won",
            "19–3",
            "Won +2.31u",
            2_500_000,
            2_314_815,
            2_314_815,
        ),
    ),
)
MONDAY = KickOff(
    _at(13, 0, 15),
    (
        Bet(
            "broncos ml -253 2u to win",
            "Broncos ML (−253) 2u to win",
            "Lost",
            "16–17",
            "Lost −5.06u",
            5_060_000,
            2_000_000,
            -5_060_000,
        ),
    ),
)
WEEK = (THURSDAY, SUNDAY_EARLY, SUNDAY_LATE, SUNDAY_NIGHT, MONDAY)
LAST_SCORE = _at(13, 3, 35)
_A_GAME, _BEFORE = timedelta(hours=4), timedelta(minutes=45)


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    if not RECORDING.is_dir():
        pytest.skip(f"no recording at {RECORDING.relative_to(RECORDING.parents[5])}")
    provider = OddsApiProvider(Recording.load(RECORDING), clock := VirtualClock(START), key="key")
    with opened(database_url, clock=clock, sources=providers(provider.handle), catalog=CATALOG) as world:
        world.olga.slash(
            "setup",
            slip_channel=world.guild.channel("slips"),
            capper_role=world.guild.role("capper"),
            admin_role=world.guild.role("grader"),
        )
        world.olga.slash("capper add", user=world.ann)
        yield world


def until(world: World, moment: datetime) -> None:
    """Let time pass; days without a game are left out but for the hours around them, as if nobody had been there."""
    if moment - world.clock.now() > _A_GAME + _BEFORE:
        world.cloud.advance(_A_GAME.total_seconds())
        world.clock.move_to(moment - _BEFORE)
    world.cloud.advance((moment - world.clock.now()).total_seconds())


def posted(world: World, bet: Bet) -> Seen:
    """Ann's bet, between the close and the kick-off; its slip as Gina sees it."""
    done = world.settled(world.ann.slash("bet", pick=bet.typed).click("Post"))
    assert bet.slip in done.text, done.text
    slip = world.slips(world.gina)[-1]
    assert bet.slip in slip.text
    return slip


def graded(world: World, bet: Bet, slip: Seen) -> None:
    """Gina's click on what the final score speaks for."""
    panel = slip.click("⋯")
    assert f"{bet.score} final → {bet.grade}" in panel.text.replace("*", ""), panel.text
    world.settled(panel.click(bet.grade))
    assert bet.stamp in slip.text.replace("*", ""), slip.text


def test_every_game_of_the_week_is_bet_at_its_close_and_graded_to_the_micro_unit(
    world: World, figure: Callable[[str], None]
) -> None:
    slips: list[tuple[Bet, Seen]] = []
    for kick_off in WEEK:
        until(world, kick_off.at - timedelta(seconds=45))
        slips += [(bet, posted(world, bet)) for bet in kick_off.bets]
        until(world, kick_off.at)
        assert "has started" in world.ann.slash("bet", pick=kick_off.bets[0].typed).text
    until(world, LAST_SCORE + timedelta(minutes=15))
    for bet, slip in slips:
        graded(world, bet, slip)

    stored = world.rows(
        """SELECT r.risk_micro, r.to_win_micro, r.price_check, l.profit_micro, l.grade
           FROM bet_revisions r JOIN ledger_entries l USING (guild_id, bet_id)"""
    )
    assert sorted((row["risk_micro"], row["to_win_micro"], row["profit_micro"], row["grade"]) for row in stored) == (
        sorted((bet.risk, bet.to_win, bet.profit, bet.grade.lower()) for bet, _ in slips)
    )
    assert {row["price_check"] for row in stored} == {"verified"}
    assert Counter(str(row["grade"]) for row in stored) == {"lost": 5, "push": 1, "won": 10}
    (total,) = world.rows(
        """SELECT SUM(bets) AS bets, SUM(risk_micro) AS risk, SUM(return_micro) AS returned, SUM(profit_micro) AS profit
           FROM ledger_entries"""
    )
    assert {name: int(value) for name, value in total.items()} == {
        "bets": 16,
        "risk": 30_420_000,
        "returned": 31_210_983,
        "profit": 790_983,
    }
    card = world.settled(world.bob.slash("stats", user=world.ann))
    assert card.text.replace("*", "").startswith("Ann the Sharp · 10–5–1 · +0.79u · ROI +2.6% · 16 graded")
    assert world.simulator.problems == []
    assert not [run for run in world.cloud.invocations("feed_odds_api") if run.failed]
    runs, sweeps = (len(world.cloud.invocations(name)) for name in ("feed_odds_api", "delivery"))
    figure(f"NFL week 1 of 2022: {len(slips)} bets, {runs} runs of the feed, {sweeps} of delivery")


def test_the_bets_are_on_sixteen_different_games() -> None:
    assert len({bet.typed.split()[0] for kick_off in WEEK for bet in kick_off.bets}) == 16
