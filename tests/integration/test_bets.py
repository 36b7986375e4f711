"""Bets and their ledger in a real database: whatever is decided, in whatever order, it adds up and nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dbsbm.bets.grading import Decider, MovedOnError, Ruling, grade, proposal, undo
from dbsbm.bets.leagues import catalogue_id
from dbsbm.bets.model import Pick, Selection
from dbsbm.bets.posting import Moment, NewBet, StartedError, post, revise
from dbsbm.bets.repository import BetRepository
from dbsbm.betting.catalogue import catalogue
from dbsbm.betting.markets import Market, Side
from dbsbm.betting.odds import Odds
from dbsbm.betting.settlement import Grade, settle_as
from dbsbm.betting.stakes import StakeMode
from dbsbm.core.errors import ConflictError, InputError, NotFoundError
from dbsbm.core.ids import Ids
from dbsbm.database.database import Database
from dbsbm.database.session import Session
from dbsbm.games.model import Game, GameReport, GameState
from dbsbm.games.repository import GameRepository
from dbsbm.games.service import store_games
from dbsbm.guilds.model import Guild
from dbsbm.guilds.repository import GuildRepository
from dbsbm.guilds.service import on_application_authorized
from dbsbm.providers.leagues import feed_leagues
from tests.integration.moments import MONDAY, HandClock, open_database

START = MONDAY + timedelta(days=3)
ANN = 9002


@dataclass
class World:
    """A guild with one game on the schedule."""

    database: Database
    ids: Ids
    clock: HandClock
    game_id: int = 0

    def open(self, session: Session) -> World:
        on_application_authorized(session, 5001, MONDAY)
        report = GameReport("test", "g", "nfl", "Las Vegas Raiders", "Kansas City Chiefs", START, MONDAY)
        store_games(session, self.ids, [report])
        self.game_id = GameRepository(session).find_source("test", "g") or 0
        return self

    def guild(self, session: Session) -> Guild:
        guild = GuildRepository(session, 5001).guild()
        assert guild is not None
        return guild

    def pick(self, session: Session, american: int = -110, amount: int = 2_000_000) -> Pick:
        game = GameRepository(session).game(self.game_id)
        selection = Selection.of(game, Market.SPREAD, Side.AWAY, -12, Odds.from_american(american))
        return Pick(selection, amount, StakeMode.RISK)

    def post(self, session: Session, pick: Pick | None = None) -> int:
        new = NewBet(self.ids.new(), ANN, 7001, (pick or self.pick(session)).ticket)
        return post(session, self.guild(session), new, Moment(self.clock.now(), self.clock.now())).bet_id


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    clock = HandClock()
    world = World(open_database(database_url, clock), Ids(clock, Random(1)), clock)
    with world.database.transaction() as session:
        world.open(session)
    yield world
    world.database.close()


decisions = st.lists(st.one_of(st.just("undo"), st.sampled_from(Grade)), max_size=8)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(decisions, st.sampled_from([-110, 150, -250, 1200]), st.integers(100_000, 8_000_000))
def test_the_ledger_always_adds_up_to_the_standing_grade(
    world: World, steps: list[str | Grade], american: int, amount: int
) -> None:
    with world.database.transaction() as session:
        repository = BetRepository(session, 5001)
        bet_id = world.post(session, world.pick(session, american, amount))
        stood: tuple[Grade | None, Grade | None] = (None, None)
        for step in steps:
            stood = _take(world, repository, bet_id, step, stood)
        standing = stood[0]
        bet = repository.bet(bet_id)
        sums = session.one(
            "SELECT COALESCE(SUM(bets), 0) AS bets, COALESCE(SUM(risk_micro), 0) AS risk, "
            "COALESCE(SUM(return_micro), 0) AS back, COALESCE(SUM(profit_micro), 0) AS profit "
            "FROM ledger_entries WHERE guild_id = 5001 AND bet_id = %s",
            (bet_id,),
        )
        assert sums is not None
        assert bet.grade == standing
        stake = bet.terms.stake
        returned, profit = settle_as(stake, bet.terms.selection.odds, standing) if standing else (0, 0)
        risk = stake.risk_micro if standing else 0
        expected = {"bets": int(standing is not None), "risk": risk, "back": returned, "profit": profit}
        assert {name: int(value) for name, value in sums.items()} == expected


def _take(
    world: World,
    repository: BetRepository,
    bet_id: int,
    step: str | Grade,
    stood: tuple[Grade | None, Grade | None],
) -> tuple[Grade | None, Grade | None]:
    """What stands after the step, and what it took the place of: taking a decision back changes the two about."""
    by = Decider(9001, world.clock.now(), world.ids.new())
    seen = repository.bet(bet_id).grade_seq
    standing, replaced = stood
    if isinstance(step, Grade):
        return grade(repository, bet_id, seen, Ruling(step), by).grade, standing
    if standing is None:
        with pytest.raises(ConflictError):
            undo(repository, bet_id, seen, by)
        return None, None
    return undo(repository, bet_id, seen, by).grade, standing if replaced is not None else None


def test_taking_a_regrade_back_brings_back_the_grade_and_its_rule(world: World) -> None:
    with world.database.transaction() as session:
        repository = BetRepository(session, 5001)
        bet_id = world.post(session)
        by = Decider(9001, MONDAY, 1)
        grade(repository, bet_id, 0, Ruling(Grade.WON, "SPREAD"), by)
        before = repository.bet(bet_id)
        grade(repository, bet_id, 1, Ruling(Grade.LOST), by)
        after = undo(repository, bet_id, 2, by)
        assert (after.grade, after.profit_micro) == (before.grade, before.profit_micro)
        last = repository.last_decision(bet_id)
        assert last is not None
        assert (last.action, last.grade, last.rule) == ("undo", Grade.WON, "SPREAD")


def test_a_decision_on_an_old_view_changes_nothing(world: World) -> None:
    with world.database.transaction() as session:
        repository = BetRepository(session, 5001)
        bet_id = world.post(session)
        by = Decider(9001, MONDAY, 1)
        grade(repository, bet_id, 0, Ruling(Grade.WON), by)
        with pytest.raises(MovedOnError) as moved:
            grade(repository, bet_id, 0, Ruling(Grade.LOST), by)
        assert moved.value.bet.grade is Grade.WON
        assert repository.bet(bet_id).grade_seq == 1


def test_a_bet_is_found_in_its_own_guild_alone(world: World) -> None:
    with world.database.transaction() as session:
        bet_id = world.post(session)
        with pytest.raises(NotFoundError):
            BetRepository(session, 5002).bet(bet_id)
        with pytest.raises(NotFoundError):
            BetRepository(session, 5002).lock(bet_id)


def test_every_revision_stays(world: World) -> None:
    with world.database.transaction() as session:
        bet_id = world.post(session)
        repository = BetRepository(session, 5001)
        for minutes, amount in ((1, 3_000_000), (5, 4_000_000)):
            at = MONDAY + timedelta(minutes=minutes)
            pick = world.pick(session, amount=amount)
            revise(session, world.guild(session), repository.lock(bet_id), pick.ticket, Moment(at, at))
        rows = session.all("SELECT kind, risk_micro FROM bet_revisions ORDER BY revision")
        legs = session.one("SELECT COUNT(*) AS n FROM bet_legs")
    assert [(row["kind"], row["risk_micro"]) for row in rows] == [
        ("posted", 2_000_000),
        ("correction", 3_000_000),
        ("version", 4_000_000),
    ]
    assert legs == {"n": 3}


def test_a_game_reported_as_under_way_is_locked_before_its_scheduled_start(world: World) -> None:
    with world.database.transaction() as session:
        session.execute("UPDATE games SET state = 'live'")
        with pytest.raises(StartedError):
            world.post(session)


def test_the_limit_holds_for_the_larger_of_risk_and_to_win(world: World) -> None:
    with world.database.transaction() as session:
        with pytest.raises(InputError) as refused:
            world.post(session, world.pick(session, american=+150, amount=70_000_000))
        assert refused.value.field == "stake"
        world.post(session, world.pick(session, american=-150, amount=70_000_000))


@pytest.mark.parametrize(
    ("market", "side", "line_q", "away", "home", "expected"),
    [
        (Market.SPREAD, Side.AWAY, -12, 27, 20, Grade.WON),
        (Market.SPREAD, Side.AWAY, -12, 23, 20, Grade.PUSH),
        (Market.SPREAD, Side.AWAY, -12, 20, 20, Grade.LOST),
        (Market.MONEYLINE, Side.HOME, 0, 20, 21, Grade.WON),
        (Market.MONEYLINE, Side.HOME, 0, 20, 20, Grade.PUSH),
        (Market.TOTAL, Side.OVER, 178, 27, 17, Grade.LOST),
        (Market.TOTAL, Side.UNDER, 178, 27, 17, Grade.WON),
    ],
)
@pytest.mark.parametrize("league", ["nfl", "nba"])
def test_the_result_speaks_for_every_market_through_the_rules_stored_with_the_bet(
    world: World, *, league: str, market: Market, side: Side, line_q: int, away: int, home: int, expected: Grade
) -> None:
    with world.database.transaction() as session:
        session.execute("UPDATE games SET league = %s", (league,))
        game = GameRepository(session).game(world.game_id)
        selection = Selection.of(game, market, side, line_q, Odds.from_american(-110))
        bet_id = world.post(session, Pick(selection, 1_000_000, StakeMode.RISK))
        bet = BetRepository(session, 5001).bet(bet_id)
    over = Game(game.game_id, league, game.home, game.away, game.starts_at, GameState.FINAL, home, away)
    proposed = proposal(bet, over)
    assert proposed is not None
    assert proposed.grade is expected
    assert proposal(bet, game) is None


@pytest.mark.parametrize("league", [league.league for league in feed_leagues()])
def test_a_leagues_name_is_the_catalogues_or_none(league: str) -> None:
    assert catalogue_id(league) in catalogue().leagues or league in _PROPOSED_BY_NOBODY


_PROPOSED_BY_NOBODY = {"ucl"}
"""Leagues without rules in the catalogue: graded by hand."""
