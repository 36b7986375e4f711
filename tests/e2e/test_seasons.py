"""Two recorded seasons from the providers' documents to the ledger: every game found at both sources, closed, and every
market of it graded without a person. What comes out is reckoned again here, with fractions, from the recording itself.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from random import Random
from typing import Any, Self

import pytest

from dbsbm.bets.model import Selection
from dbsbm.betting.stakes import Stake, StakeMode
from dbsbm.cache.cache import LocalCache
from dbsbm.core.errors import ProviderError
from dbsbm.core.http import HttpRequest, HttpResponse, Transport, TransportError
from dbsbm.core.ids import Ids
from dbsbm.database.database import Database
from dbsbm.games.repository import GameRepository
from dbsbm.providers.espn import Espn
from dbsbm.providers.espn_feed import EspnScores
from dbsbm.providers.feed import Feed
from dbsbm.providers.odds_api import OddsApi
from dbsbm.providers.score_feed import ScoreFeed
from dbsbm.settlement.applying import Run, Settled, settle_finished
from dbsbm.settlement.closing import close_started
from dbsbm.settlement.valuing import value_closed
from local.providers.espn import PREFIX, EspnProvider
from local.providers.odds_api import OddsApiProvider
from local.providers.recording import Recording
from tests.bulk_bets import OpenBet, add_bets, add_guilds
from tests.integration.moments import HandClock, open_database

pytestmark = [pytest.mark.slow, pytest.mark.longest]
RECORDINGS = Path(__file__).resolve().parents[3] / "shared" / "data" / "feeds" / "the_odds_api_v4"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
GUILD, CAPPER, APPLICATION = 1, 9002, 4001
UNIT = 1_000_000
CLOSING_BOOKS = ("consensus", "pinnacle")

Line = tuple[str, str, str, str, int, str, int]
"""(start, home, market, side, line in quarters, grade, profit in micro-units)."""


@dataclass
class Faulty:
    """Both providers without a socket; of each hundred answers some are spoilt."""

    odds: OddsApiProvider
    espn: EspnProvider
    chance: Random
    percent: int = 0
    spoilt: dict[str, int] = field(default_factory=dict)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self.chance.randrange(100) < self.percent:
            return self._spoil(request)
        return self._answer(request)

    def _answer(self, request: HttpRequest) -> HttpResponse:
        if PREFIX in request.url:
            return self.espn.handle(self.odds.source, request)
        return self.odds.handle(request)

    def _spoil(self, request: HttpRequest) -> HttpResponse:
        kind = self.chance.choice(("429", "500", "502", "slow", "cut", "reset"))
        self.spoilt[kind] = self.spoilt.get(kind, 0) + 1
        match kind:
            case "429":
                return HttpResponse(429, {"retry-after": "7"}, b'{"message":"Too many requests"}')
            case "500":
                return HttpResponse(500, {}, b'{"message":"Internal error"}')
            case "502":
                return HttpResponse(502, {"content-type": "text/html"}, b"<html>Bad gateway</html>")
            case "cut":
                plain = HttpRequest(request.method, request.url, {})
                return HttpResponse(200, {}, self._answer(plain).body[:-9])
            case _:
                raise TransportError(f"{kind}: no answer", sent=True)


@dataclass
class Season:
    """A recording behind both providers, the feeds that read them, and what was bet."""

    database: Database
    clock: HandClock
    recording: Recording
    league: str
    outside: Faulty
    disorder: bool = False
    ids: Ids = field(init=False)

    def __post_init__(self) -> None:
        self.ids = Ids(self.clock, Random(5))
        self.outside_is(self.outside)

    def outside_is(self, transport: Transport, kept: dict[str, bytes] | None = None) -> None:
        """The feeds ask these providers, and keep the documents where they are wanted."""
        cache = LocalCache(self.clock, self.ids)
        archive = None if kept is None else lambda key, body: kept.update({key: body})
        api = OddsApi(transport, "http://odds.example", lambda: "key", self.clock)
        espn = EspnScores(Espn(transport, "http://espn.example", self.clock))
        self.first = Feed(api, self.database, cache, self.ids, self.clock, archive)
        self.second = ScoreFeed(espn, self.database, cache, self.ids, self.clock, archive)

    def played(self) -> Self:
        """From the first line to the last grade."""
        with self.database.transaction() as session:
            add_guilds(session, [GUILD], self.clock.now())
        starts = sorted({datetime.fromisoformat(event["commence_time"]) for event in self.recording._events})
        for _, day in groupby(starts, key=lambda start: (start - 5 * HOUR).date()):
            for start in day:
                self._slate(start)
            self.clock.set(start + 5 * HOUR)
            self.scores()
            self.settle()
        return self

    def _slate(self, start: datetime) -> None:
        self.clock.set(start - MINUTE)
        self._fed(self.first)
        self._bet(start)
        close_started(self.database, start + MINUTE, 400)

    def scores(self) -> None:
        once: list[Feed | ScoreFeed] = [self.first, self.second]
        for feed in [*once[::-1], *once] if self.disorder else once:
            self._fed(feed)

    def _fed(self, feed: Feed | ScoreFeed) -> None:
        """Run a feed as its schedule would, until nothing of it failed."""
        for _ in range(20):
            try:
                done = feed.run([self.league])
            except ProviderError:
                done = None
            if done is not None and not done.failures:
                return
            self.clock.move(20)
        raise AssertionError("the provider never answered")

    def _bet(self, start: datetime) -> None:
        """A unit on every side that a closing book offers of the games that start now."""
        with self.database.transaction() as session:
            rows = session.all("SELECT game_id FROM games WHERE starts_at = %s", (start,))
            games = GameRepository(session).games([row["game_id"] for row in rows])
            bets = []
            for price in GameRepository(session).prices(list(games)):
                if price.book in CLOSING_BOOKS:
                    pick = Selection.of(games[price.game_id], price.market, price.side, price.line_q, price.odds)
                    stake = Stake.of(StakeMode.RISK, UNIT, price.odds)
                    bets.append(OpenBet(GUILD, self.ids.new(), CAPPER, pick, stake))
            add_bets(session, bets, self.clock.now())

    def settle(self) -> Settled:
        return settle_finished(self.database, Run(self.clock.now(), APPLICATION, self.ids), lambda: True)

    def ledger(self) -> list[Line]:
        with self.database.read() as session:
            rows = session.all(
                "SELECT l.starts_at, l.home, l.market, l.side, l.line_q, e.grade, e.profit_micro FROM ledger_entries e "
                "JOIN bet_legs l ON l.guild_id = e.guild_id AND l.bet_id = e.bet_id"
            )
        return sorted((f"{row['starts_at']:%m-%d %H:%M}", *list(row.values())[1:]) for row in rows)

    def count(self, sql: str) -> int:
        with self.database.read() as session:
            row = session.one(sql)
        assert row is not None
        return int(next(iter(row.values())) or 0)


LEAGUES = {"nfl_2022": "nfl", "efl_championship_2019_20": "efl_championship"}


def season_of(folder: str, url: str, *, percent: int = 0, disorder: bool = False) -> Season:
    directory = RECORDINGS / folder
    if not directory.is_dir():
        pytest.skip(f"no recording {folder} in ../shared/data")
    recording = Recording.load(directory)
    clock = HandClock(recording.appearances[0].at)
    outside = Faulty(OddsApiProvider(recording, clock), EspnProvider(clock), Random(11), percent)
    return Season(open_database(url, clock), clock, recording, LEAGUES[folder], outside, disorder)


def reckoned(folder: str) -> list[Line]:
    """The same season from the files alone: what a unit on each closing side came to."""
    scores = {each["id"]: each for each in json.loads((RECORDINGS / folder / "scores.json").read_text())}
    lines: list[Line] = []
    for event in json.loads((RECORDINGS / folder / "odds_close.json").read_text()):
        points = {row["name"]: int(row["score"]) for row in scores[event["id"]]["scores"]}
        home, away = points[event["home_team"]], points[event["away_team"]]
        start = f"{datetime.fromisoformat(event['commence_time']):%m-%d %H:%M}"
        for market in event["bookmakers"][0]["markets"]:
            outcomes = market["outcomes"]
            for outcome in outcomes:
                kind, side, line = _named(market["key"], outcome, event, len(outcomes))
                won, back = _parts(kind, side, line, home, away)
                grade, profit = _graded(won, back, _decimal(outcome["price"]))
                lines.append((start, event["home_team"], kind, side, int(4 * line), grade, profit))
    return sorted(lines)


def _named(key: str, outcome: dict[str, Any], event: dict[str, Any], sides: int) -> tuple[str, str, Fraction]:
    line = Fraction(str(outcome.get("point", 0)))
    if key == "totals":
        return "total", outcome["name"].lower(), line
    side = {event["home_team"]: "home", event["away_team"]: "away"}.get(outcome["name"], "draw")
    return ("spread" if key == "spreads" else "moneyline_3way" if sides == 3 else "moneyline"), side, line


def _decimal(price: float) -> Fraction:
    if abs(price) < 100:
        return Fraction(str(price))
    return 1 + (Fraction(int(price), 100) if price > 0 else Fraction(100, -int(price)))


def _parts(kind: str, side: str, line: Fraction, home: int, away: int) -> tuple[Fraction, Fraction]:
    """Which part of the stake won, and which came back."""
    if kind == "moneyline_3way":
        happened = "home" if home > away else "away" if away > home else "draw"
        return Fraction(side == happened), Fraction(0)
    difference = Fraction(home - away if side == "home" else away - home)
    if kind == "spread":
        difference += line
    if kind == "total":
        difference = home + away - line if side == "over" else line - home - away
    halves = [difference - Fraction(1, 4), difference + Fraction(1, 4)] if (4 * line) % 2 else [difference]
    won = Fraction(sum(each > 0 for each in halves), len(halves))
    return won, Fraction(sum(each == 0 for each in halves), len(halves))


def _graded(won: Fraction, back: Fraction, price: Fraction) -> tuple[str, int]:
    grades = {(1, 0): "won", (0, 0): "lost", (0, 1): "push"}
    half = Fraction(1, 2)
    grade = grades.get((int(won), int(back))) if won.denominator == back.denominator == 1 else None
    named = grade or ("half_won" if won == half else "half_lost")
    return named, round(UNIT * (won * price + back)) - UNIT


@pytest.fixture(params=list(LEAGUES))
def folder(request: pytest.FixtureRequest) -> Iterator[str]:
    yield request.param


def test_every_market_of_every_game_is_graded_as_reckoned(
    folder: str, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    season = season_of(folder, database_url).played()
    games = len(season.recording._events)
    assert season.count("SELECT COUNT(*) FROM games") == games
    assert season.count("SELECT COUNT(*) FROM source_events WHERE game_id IS NULL") == 0
    assert season.count("SELECT COUNT(DISTINCT game_id) FROM game_closings") == games
    assert season.count("SELECT COUNT(*) FROM bets WHERE state <> 'graded'") == 0
    ledger = season.ledger()
    assert ledger == reckoned(folder)
    assert season.count("SELECT SUM(profit_micro) FROM ledger_entries") == sum(line[-1] for line in ledger)
    value_closed(season.database, season.clock.now(), lambda: True)
    assert season.count("SELECT COUNT(*) FROM clv_bets WHERE value_ppm IS NULL") == 0
    mean = season.count("SELECT AVG(value_ppm) FROM clv_bets")
    assert -100_000 < mean < 0, "the close is worth less than nothing by just its margin"
    season.database.close()
    with capsys.disabled():
        profit = sum(line[-1] for line in ledger)
        sys.stdout.write(
            f"\n  {folder}: {games} games, {len(ledger)} bets, {profit / UNIT:+.6f} u, CLV {mean / 1e6:+.4f}"
        )


def test_faults_of_every_kind_doubled_and_disordered_documents_come_to_the_same(
    folder: str, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    season = season_of(folder, database_url, percent=5, disorder=True).played()
    expected = reckoned(folder)
    assert season.ledger() == expected
    assert len(season.outside.spoilt) == 6
    assert season.settle() == Settled()
    season.database.close()
    with capsys.disabled():
        faults = sum(season.outside.spoilt.values())
        sys.stdout.write(f"\n  {folder}: {len(expected)} bets graded the same with {faults} faults of six kinds")
