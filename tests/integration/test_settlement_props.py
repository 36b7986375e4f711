"""Bets that need more than a final score: players' statistics by box scores, points by period, nine innings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from dbsbm.bets.model import Pick, Selection
from dbsbm.bets.posting import Moment, NewBet, post
from dbsbm.bets.proposals.model import ProposalStatus, Reason
from dbsbm.betting.markets import Market, Side
from dbsbm.betting.odds import Odds
from dbsbm.betting.settlement import Grade
from dbsbm.betting.stakes import StakeMode
from dbsbm.games.facts.model import BoxReport, PlayerLine
from dbsbm.games.facts.repository import FactsRepository, Named
from dbsbm.games.repository import GameRepository
from dbsbm.games.sources.repository import SourceRepository
from dbsbm.guilds.repository import GuildRepository
from tests.integration.moments import MONDAY, HandClock, open_database
from tests.integration.test_settlement_grades import ANN, GUILD, OVER, Season

MAHOMES = "Patrick Mahomes"
LATER = OVER + timedelta(hours=25)
COVERS = frozenset({"passing_yards", "receptions"})


class Props(Season):
    """A season whose bets may be on players and periods."""

    def bet_on(self, market: Market, side: Side, line_q: int, **more: Any) -> int:
        """A unit at −110; ``more`` are player, stat and period."""
        with self.database.transaction() as session:
            guild = GuildRepository(session, GUILD).guild()
            assert guild is not None
            games = GameRepository(session)
            game = games.game(games.find_source("one", "g") or 0)
            selection = replace(Selection.of(game, market, side, line_q, Odds.from_american(-110)), **more)
            new = NewBet(self.ids.new(), ANN, 7001, Pick(selection, 1_000_000, StakeMode.RISK).ticket)
            return post(session, guild, new, Moment(MONDAY, MONDAY)).bet_id

    def over_275(self) -> int:
        return self.bet_on(Market.PLAYER_PROP, Side.OVER, 4 * 275 + 2, player=MAHOMES, stat="passing_yards")

    def finals(self, away: int = 27, home: int = 20) -> None:
        for source in ("one", "two"):
            self.final(source, away, home)

    def box(self, provider: str, yards: int, at: datetime = OVER, name: str = MAHOMES, *, played: bool = True) -> None:
        line = PlayerLine(name, "Chiefs", played, played, {"passing_yards": 4 * yards})
        game_id, report = self.game_id(), BoxReport(provider, "g", at, COVERS, [line])
        self.database.run(lambda session: FactsRepository(session).keep(game_id, report))

    def periods(self, provider: str, home: str, away: str, at: datetime = OVER) -> None:
        row = (self.game_id(), provider, at, home, away)
        self.database.run(lambda session: SourceRepository(session).keep_periods([row]))

    def game_id(self) -> int:
        with self.database.read() as session:
            return GameRepository(session).find_source("one", "g") or 0

    def held(self, bet_id: int) -> tuple[Reason, str]:
        said = self.proposal(bet_id)
        assert said.status is ProposalStatus.HELD
        return said.reason, said.said

    def graded(self) -> list[tuple[str, str]]:
        return self.rows("SELECT grade, rule FROM bet_grades ORDER BY bet_id, grade_seq")


@pytest.fixture
def props(database_url: str) -> Iterator[Props]:
    clock = HandClock()
    season = Props(open_database(database_url, clock), clock)
    yield season
    season.database.close()


def test_two_box_scores_that_agree_grade_a_prop(props: Props) -> None:
    bet_id = props.opened().over_275()
    props.finals()
    props.run()
    assert props.held(bet_id) == (Reason.NO_BOX_SCORE, "")
    props.box("espn", 287)
    props.run(OVER + timedelta(minutes=5))
    said = props.proposal(bet_id)
    assert (said.status, said.reason, said.sources) == (ProposalStatus.PROPOSED, Reason.ONE_SOURCE, 1)
    assert said.settlement is not None
    assert said.settlement.grade is Grade.WON
    props.box("api_sports", 287, name="Mahomes Patrick")
    assert props.run(OVER + timedelta(minutes=10)).graded == 1
    assert props.graded() == [("won", "PROP-FINAL")]
    assert props.proposal(bet_id).result == "Patrick Mahomes 287"


def test_box_scores_that_disagree_hold_it_and_a_correction_grades_anew(props: Props) -> None:
    bet_id = props.opened().over_275()
    props.finals()
    props.box("espn", 287)
    props.box("api_sports", 271, name="P. Mahomes")
    props.run()
    assert props.held(bet_id) == (Reason.DISAGREE, "Patrick Mahomes: api_sports 271, espn 287")
    props.box("api_sports", 287, OVER + timedelta(minutes=9))
    props.run(OVER + timedelta(minutes=10))
    for provider in ("espn", "api_sports"):
        props.box(provider, 274, LATER)
    assert props.run(LATER).corrected == 1
    assert props.graded() == [("won", "PROP-FINAL"), ("lost", "PROP-FINAL")]
    assert props.rows("SELECT SUM(profit_micro) FROM ledger_entries") == [(-1_000_000,)]
    assert props.rows("SELECT reason FROM bet_grades WHERE grade_seq = 2") == [
        ("score corrected: Patrick Mahomes 287 → Patrick Mahomes 274",)
    ]


def test_who_did_not_play_voids_by_the_rule_of_taking_part(props: Props) -> None:
    props.opened().over_275()
    props.finals()
    for provider in ("espn", "api_sports"):
        props.box(provider, 0, played=False)
    props.run()
    assert props.graded() == [("void", "PROP-NO-ACTION")]


def test_a_player_whom_no_box_score_names_is_left_to_a_person_who_may_say_the_name(props: Props) -> None:
    bet_id = props.opened().over_275()
    other = props.bet_on(Market.PLAYER_PROP, Side.OVER, 2, player=MAHOMES, stat="anytime_touchdown")
    props.finals()
    for provider in ("espn", "api_sports"):
        props.box(provider, 287, name="Paddy Mahomes")
    props.run()
    assert props.held(bet_id) == (Reason.UNKNOWN_PLAYER, MAHOMES)
    assert props.held(other) == (Reason.NO_SUCH_STAT, MAHOMES)
    games = [props.game_id()]
    with props.database.transaction() as session:
        for provider in ("espn", "api_sports"):
            said = Named(provider, "nfl", MAHOMES, "Paddy Mahomes", "olga")
            FactsRepository(session).say_name(said, games, OVER)
    props.run(OVER + timedelta(minutes=5))
    assert props.graded() == [("won", "PROP-FINAL")]


def test_a_game_called_off_is_a_person_s_word_for_its_props(props: Props) -> None:
    bet_id = props.opened().over_275()
    with props.database.transaction() as session:
        session.execute("UPDATE games SET state = 'cancelled'")
    props.run()
    said = props.proposal(bet_id)
    assert (said.status, said.reason) == (ProposalStatus.PROPOSED, Reason.CALLED_OFF)
    assert said.settlement is not None
    assert said.settlement.rule == "PROP-GAME-VOID"


HALF = {"period": "1h"}


def test_periods_of_two_sources_grade_a_half(props: Props) -> None:
    bet_id = props.opened().bet_on(Market.SPREAD, Side.AWAY, -6, **HALF)
    second = props.bet_on(Market.TOTAL, Side.OVER, 98, period="2h")
    props.finals(27, 24)
    props.run()
    assert props.held(bet_id) == (Reason.NO_PERIOD_SCORE, "")
    props.periods("espn", "7,3,0,11,3", "14,0,7,0,6")
    props.run(OVER + timedelta(minutes=5))
    assert props.proposal(bet_id).reason is Reason.ONE_SOURCE
    props.periods("api_sports", "7,3,0,11,3", "14,0,7,0,6")
    props.run(OVER + timedelta(minutes=10))
    assert props.graded() == [("won", "PERIOD-SCORE"), ("won", "PERIOD-SCORE")]
    assert props.proposal(bet_id).result == "1h 14-10"
    assert props.proposal(second).result == "2h 13-14", "the second half has overtime with it"


def test_periods_that_do_not_add_up_say_nothing_and_different_ones_hold(props: Props) -> None:
    bet_id = props.opened().bet_on(Market.SPREAD, Side.AWAY, -6, **HALF)
    props.finals(27, 24)
    props.periods("espn", "7,3,0,10", "14,0,7,0")
    props.run()
    assert props.held(bet_id)[0] is Reason.NO_PERIOD_SCORE
    props.periods("espn", "7,3,0,14", "14,0,7,6", OVER + timedelta(minutes=4))
    props.periods("api_sports", "7,10,0,7", "14,0,7,6", OVER + timedelta(minutes=4))
    props.run(OVER + timedelta(minutes=5))
    assert props.held(bet_id) == (Reason.DISAGREE, "api_sports 14-17, espn 14-10")


def test_three_ways_of_hockey_end_with_normal_time(props: Props) -> None:
    props.league = "nhl"
    bet_id = props.opened().bet_on(Market.MONEYLINE_3WAY, Side.DRAW, 0)
    props.finals(3, 2)
    props.run()
    assert props.held(bet_id)[0] is Reason.NO_REGULATION_SCORE
    for provider in ("espn", "api_sports"):
        props.periods(provider, "0,2,0", "1,0,1,1")
    props.run(OVER + timedelta(minutes=5))
    assert props.graded() == [("won", "3WAY-REGULATION")]
    assert props.proposal(bet_id).result == "regulation 2-2"


@pytest.mark.parametrize(
    ("home", "rule", "grade"), [("1,0,2,0,0,0", "MLB-RL-9INN", "void"), ("1,0,2,0,0,0,0,0", "SPREAD-FINAL", "lost")]
)
def test_a_run_line_needs_nine_innings(props: Props, home: str, rule: str, grade: str) -> None:
    props.league = "mlb"
    props.opened().bet((Market.SPREAD, Side.AWAY, 6))
    props.finals(1, 3)
    innings = home.count(",") + 1
    for provider in ("espn", "api_sports"):
        props.periods(provider, home, ",".join(["1", *("0" * (5 if innings == 6 else 8))]))
    props.run()
    assert props.graded() == [(grade, rule)]
