"""Grades from results, on a real database: proposed by one source, applied by two, held by two that disagree, corrected
by reversal – and each score once, whoever runs when, and wherever a run is killed."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import product
from random import Random
from typing import Any, Literal, Self

import pytest

from dbsbm.bets.grading import Decider, Ruling, grade, undo
from dbsbm.bets.model import Pick, Selection, Ticket, TicketKind
from dbsbm.bets.posting import Moment, NewBet, post
from dbsbm.bets.proposals.model import Proposal, ProposalStatus, Reason
from dbsbm.bets.proposals.repository import GuildProposalRepository
from dbsbm.bets.repository import BetRepository
from dbsbm.bets.standings.repository import StandingsRepository
from dbsbm.betting.markets import Market, Side
from dbsbm.betting.odds import Odds
from dbsbm.betting.settlement import Grade
from dbsbm.betting.stakes import StakeMode
from dbsbm.core.ids import Ids
from dbsbm.database.connection import connect_from_url
from dbsbm.database.database import Database
from dbsbm.games.model import GameReport, ScoreReport
from dbsbm.games.repository import GameRepository
from dbsbm.games.service import store_games, store_scores
from dbsbm.guilds.repository import GuildRepository
from dbsbm.settlement.applying import Run, Settled, settle_finished
from tests.integration.delivery_world import CountedConnection, Crossings, Killed
from tests.integration.moments import MONDAY, HandClock, open_database

START = MONDAY + timedelta(days=3)
OVER = START + timedelta(hours=4)
GUILD, ANN, GINA, APPLICATION = 5001, 9002, 9004, 4001
AWAY_SPREAD = (Market.SPREAD, Side.AWAY, -12)


@dataclass
class Season:
    """Games, two sources for their scores, and what was bet on them."""

    database: Database
    clock: HandClock
    league: str = "nfl"
    ids: Ids = field(init=False)

    def __post_init__(self) -> None:
        self.ids = Ids(self.clock, Random(5))

    def opened(self, *, auto: bool = True, games: Sequence[str] = ("g",)) -> Self:
        reports = [GameReport("one", name, self.league, "Raiders", "Chiefs", START, MONDAY) for name in games]
        with self.database.transaction() as session:
            GuildRepository(session, GUILD).revive(MONDAY)
            session.execute("UPDATE guilds SET auto_grade = %s", (auto,))
            store_games(session, self.ids, reports)
            for name in games:
                known = GameRepository(session).find_source("one", name)
                session.execute("INSERT INTO game_sources VALUES ('two', %s, %s)", (name, known))
        return self

    def bet(self, terms: tuple[Market, Side, int] = AWAY_SPREAD, american: int = -110, game: str = "g") -> int:
        market, side, line_q = terms
        with self.database.transaction() as session:
            guild = GuildRepository(session, GUILD).guild()
            assert guild is not None
            games = GameRepository(session)
            found = games.game(games.find_source("one", game) or 0)
            selection = Selection.of(found, market, side, line_q, Odds.from_american(american))
            new = NewBet(self.ids.new(), ANN, 7001, Pick(selection, 1_000_000, StakeMode.RISK).ticket)
            return post(session, guild, new, Moment(MONDAY, MONDAY)).bet_id

    def parlay(self, *legs: tuple[str, Market, Side, int]) -> int:
        """Each leg at −110: (game, market, side, line in quarters)."""
        with self.database.transaction() as session:
            guild = GuildRepository(session, GUILD).guild()
            assert guild is not None
            games = GameRepository(session)
            picks = tuple(
                Selection.of(games.game(games.find_source("one", leg[0]) or 0), *leg[1:], Odds.from_american(-110))
                for leg in legs
            )
            new = NewBet(self.ids.new(), ANN, 7001, Ticket(TicketKind.PARLAY, picks, 1_000_000, StakeMode.RISK))
            return post(session, guild, new, Moment(MONDAY, MONDAY)).bet_id

    def final(self, provider: str, away: int, home: int, at: datetime = OVER, game: str = "g") -> None:
        report = ScoreReport(provider, game, self.league, "Raiders", "Chiefs", START, at, at, home, away, True)
        self.database.run(lambda session: store_scores(session, self.ids, [report]))

    def run(self, at: datetime = OVER, database: Database | None = None) -> Settled:
        self.clock.set(at)
        return settle_finished(database or self.database, Run(at, APPLICATION, self.ids), lambda: True)

    def proposal(self, bet_id: int) -> Proposal:
        with self.database.read() as session:
            found = GuildProposalRepository(session, GUILD).of_bet(bet_id)
        assert found is not None
        return found

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self.database.read() as session:
            return [tuple(row.values()) for row in session.all(sql)]

    def ledger(self) -> list[tuple[Any, ...]]:
        return self.rows(
            "SELECT grade_seq, kind, grade, bets, risk_micro, profit_micro FROM ledger_entries "
            "ORDER BY bet_id, grade_seq, kind DESC"
        )

    def by_hand(self, bet_id: int, seen: int, ruling: Ruling, at: datetime = OVER) -> None:
        with self.database.transaction() as session:
            grade(BetRepository(session, GUILD), bet_id, seen, ruling, Decider(GINA, at, self.ids.new()))


@pytest.fixture
def season(database_url: str) -> Iterator[Season]:
    clock = HandClock()
    season = Season(open_database(database_url, clock), clock)
    yield season
    season.database.close()


_SUMS = "SELECT * FROM capper_totals ORDER BY guild_id, category, span, league, market, since, capper_id"
WON = [(1, "grade", "won", 1, 1_000_000, 909_091)]


def test_two_sources_that_agree_grade_without_a_person(season: Season) -> None:
    bet_id = season.opened().bet()
    season.final("one", 27, 20)
    season.final("two", 27, 20)
    assert season.run() == Settled(1, 1, 1, 0)
    assert season.ledger() == WON
    assert season.rows("SELECT action, grade, rule, source, decided_by FROM bet_grades") == [
        ("grade", "won", "SPREAD-FINAL", "auto", APPLICATION)
    ]
    assert season.rows("SELECT state, grade, grade_seq FROM bets") == [("graded", "won", 1)]
    said = season.proposal(bet_id)
    assert (said.status, said.result, said.sources, said.grade_seq) == (ProposalStatus.APPLIED, "27-20", 2, 1)


def test_grades_without_a_person_count_on_the_board(season: Season) -> None:
    season.opened(games=("g", "h")).bet()
    season.bet((Market.MONEYLINE, Side.HOME, 0), 120, game="h")
    for game, source in product(("g", "h"), ("one", "two")):
        season.final(source, 27, 20, game=game)
    assert season.run().graded == 2
    added = season.rows(_SUMS)
    assert len(added) == 18
    with season.database.transaction() as session:
        StandingsRepository(session, GUILD).rebuild(ANN)
    assert season.rows(_SUMS) == added


def test_repeating_a_run_changes_nothing(season: Season) -> None:
    season.opened().bet()
    season.final("one", 27, 20)
    season.final("two", 27, 20)
    season.run()
    assert season.run() == Settled()
    season.final("two", 27, 20, at=OVER + timedelta(hours=1))
    assert season.run(OVER + timedelta(hours=1)) == Settled()
    assert season.ledger() == WON


@pytest.mark.parametrize(
    ("auto", "sources", "reason"),
    [(True, ["one"], Reason.ONE_SOURCE), (False, ["one", "two"], Reason.NOT_AUTOMATIC)],
)
def test_otherwise_the_result_is_proposed(season: Season, auto: bool, sources: list[str], reason: Reason) -> None:
    bet_id = season.opened(auto=auto).bet()
    for source in sources:
        season.final(source, 27, 20)
    season.run()
    said = season.proposal(bet_id)
    assert (said.status, said.reason, said.sources) == (ProposalStatus.PROPOSED, reason, len(sources))
    assert said.settlement is not None
    assert (said.settlement.grade, said.settlement.rule) == (Grade.WON, "SPREAD-FINAL")
    assert season.ledger() == []


def test_the_second_source_completes_the_first(season: Season) -> None:
    season.opened().bet()
    season.final("one", 27, 20)
    season.run()
    season.final("two", 27, 20, at=OVER + timedelta(minutes=4))
    season.run(OVER + timedelta(minutes=5))
    assert season.ledger() == WON


def test_sources_that_disagree_hold_the_bet_and_say_what_they_say(season: Season) -> None:
    bet_id = season.opened().bet()
    season.final("one", 27, 20)
    season.final("two", 24, 20)
    season.run()
    said = season.proposal(bet_id)
    assert (said.status, said.reason, said.settlement) == (ProposalStatus.HELD, Reason.DISAGREE, None)
    assert said.said == "one 27-20, two 24-20"
    assert season.ledger() == []
    season.final("two", 27, 20, at=OVER + timedelta(minutes=9))
    season.run(OVER + timedelta(minutes=10))
    assert season.ledger() == WON


def test_a_correction_a_day_later_reverses_and_grades_anew(season: Season) -> None:
    bet_id = season.opened().bet()
    later = OVER + timedelta(hours=24)
    for source in ("one", "two"):
        season.final(source, 27, 20)
    season.run()
    season.final("one", 22, 20, at=later)
    season.run(later)
    assert season.proposal(bet_id).reason is Reason.DISAGREE
    assert season.ledger() == WON
    season.final("two", 22, 20, at=later)
    assert season.run(later + timedelta(minutes=1)).corrected == 1
    assert season.ledger() == [
        *WON,
        (2, "reversal", "won", -1, -1_000_000, -909_091),
        (2, "grade", "lost", 1, 1_000_000, -1_000_000),
    ]
    assert season.rows("SELECT action, source, reason FROM bet_grades WHERE grade_seq = 2") == [
        ("regrade", "auto", "score corrected: 27-20 → 22-20")
    ]
    assert season.rows("SELECT stamp_due FROM bet_proposals") == [(2,)]


def test_after_three_days_a_grade_is_frozen(season: Season) -> None:
    bet_id = season.opened().bet()
    for source in ("one", "two"):
        season.final(source, 27, 20)
    season.run()
    late = OVER + timedelta(hours=72, minutes=1)
    for source in ("one", "two"):
        season.final(source, 22, 20, at=late)
    season.run(late)
    assert (season.proposal(bet_id).status, season.proposal(bet_id).reason) == (ProposalStatus.PROPOSED, Reason.FROZEN)
    assert season.ledger() == WON


def test_what_a_person_took_back_is_not_graded_again_by_the_same_score(season: Season) -> None:
    bet_id = season.opened().bet()
    for source in ("one", "two"):
        season.final(source, 27, 20)
    season.run()
    with season.database.transaction() as session:
        undo(BetRepository(session, GUILD), bet_id, 1, Decider(GINA, OVER, season.ids.new()))
        session.execute("INSERT INTO game_sources SELECT 'three', 'g', game_id FROM games")
    season.final("three", 27, 20, at=OVER + timedelta(minutes=2))
    season.run(OVER + timedelta(minutes=3))
    assert season.proposal(bet_id).reason is Reason.TAKEN_BACK
    assert [row[1] for row in season.ledger()] == ["grade", "reversal"]


def test_a_person_s_own_word_is_never_overruled(season: Season) -> None:
    bet_id = season.opened().bet()
    season.by_hand(bet_id, 0, Ruling(Grade.VOID))
    for source in ("one", "two"):
        season.final(source, 27, 20)
    season.run()
    assert season.proposal(bet_id).reason is Reason.PERSON_DECIDED
    assert [row[2] for row in season.ledger()] == ["void"]


def test_a_person_s_grade_that_a_correction_makes_wrong_is_graded_anew(season: Season) -> None:
    bet_id = season.opened().bet()
    for source in ("one", "two"):
        season.final(source, 27, 20)
    season.by_hand(bet_id, 0, Ruling(Grade.WON, "SPREAD-FINAL"))
    season.run()
    assert season.proposal(bet_id).status is ProposalStatus.AGREED
    later = OVER + timedelta(hours=2)
    for source in ("one", "two"):
        season.final(source, 22, 20, at=later)
    season.run(later)
    assert [row[2] for row in season.ledger()] == ["won", "won", "lost"]


def test_a_market_of_normal_time_is_held_where_overtime_may_have_been_played(season: Season) -> None:
    bet_id = season.opened().bet((Market.MONEYLINE_3WAY, Side.AWAY, 0))
    for source in ("one", "two"):
        season.final(source, 27, 20)
    season.run()
    assert (season.proposal(bet_id).status, season.proposal(bet_id).reason) == (
        ProposalStatus.HELD,
        Reason.NO_REGULATION_SCORE,
    )


def test_a_league_without_rules_is_held(season: Season) -> None:
    season.league = "cricket_test"
    bet_id = season.opened().bet((Market.MONEYLINE, Side.AWAY, 0))
    for source in ("one", "two"):
        season.final(source, 27, 20)
    season.run()
    assert season.proposal(bet_id).reason is Reason.NO_RULE


def test_a_game_called_off_is_proposed_as_void_and_left_to_a_person(season: Season) -> None:
    bet_id = season.opened().bet()
    with season.database.transaction() as session:
        session.execute("UPDATE games SET state = 'cancelled'")
    season.run()
    said = season.proposal(bet_id)
    assert (said.status, said.reason) == (ProposalStatus.PROPOSED, Reason.CALLED_OFF)
    assert said.settlement is not None
    assert (said.settlement.grade, said.settlement.rule) == (Grade.VOID, "GAME-CANCELLED")


BOTH_AWAY = (("g", *AWAY_SPREAD), ("h", *AWAY_SPREAD))


def test_a_parlay_waits_for_its_last_game(season: Season) -> None:
    bet_id = season.opened(games=("g", "h")).parlay(*BOTH_AWAY)
    for source in ("one", "two"):
        season.final(source, 27, 20, game="g")
    season.run()
    assert season.ledger() == []
    for source in ("one", "two"):
        season.final(source, 30, 3, game="h", at=OVER + timedelta(hours=3))
    assert season.run(OVER + timedelta(hours=3)).graded == 1
    assert season.ledger() == [(1, "grade", "won", 1, 1_000_000, 2_644_628)]  # (21/11)² − 1
    assert (season.proposal(bet_id).sources, season.proposal(bet_id).grade_seq) == (2, 1)
    assert season.run(OVER + timedelta(hours=4)) == Settled()


def test_a_parlay_is_lost_with_its_first_leg_and_corrected_with_it(season: Season) -> None:
    season.opened(games=("g", "h")).parlay(*BOTH_AWAY)
    for source in ("one", "two"):
        season.final(source, 20, 27, game="g")
    season.run()
    assert season.ledger() == [(1, "grade", "lost", 1, 1_000_000, -1_000_000)]
    later = OVER + timedelta(hours=2)
    for source, game in product(("one", "two"), ("g", "h")):
        season.final(source, 27, 20, game=game, at=later)
    assert season.run(later).corrected == 1
    assert [row[2] for row in season.ledger()] == ["lost", "lost", "won"]


def test_a_parlay_on_one_source_is_proposed(season: Season) -> None:
    bet_id = season.opened(games=("g", "h")).parlay(*BOTH_AWAY)
    season.final("one", 27, 20, game="g")
    season.final("two", 27, 20, game="g")
    season.final("one", 27, 20, game="h")
    season.run()
    assert (season.proposal(bet_id).status, season.proposal(bet_id).reason) == (
        ProposalStatus.PROPOSED,
        Reason.ONE_SOURCE,
    )


BETS: list[tuple[Market, Side, int]] = [
    (Market.SPREAD, Side.AWAY, -12),
    (Market.SPREAD, Side.HOME, 12),
    (Market.MONEYLINE, Side.HOME, 0),
    (Market.TOTAL, Side.OVER, 189),
]


def _live(season: Season, url: str, crossings: Crossings) -> list[tuple[Any, ...]]:
    """A final, a run, a correction, a run; after a killed run comes the next minute's. Returns the ledger."""
    with season.database.transaction() as session:
        for table in ("game_scores", "game_settlements", "bet_grades", "ledger_entries", "bet_proposals"):
            session.execute(f"DELETE FROM {table}")
        session.execute("UPDATE games SET state = 'scheduled', score_updated_at = NULL")
        session.execute("UPDATE bets SET state = 'open', grade = NULL, grade_seq = 0")
    for hours, away in enumerate((27, 22)):
        at = OVER + timedelta(hours=hours)
        for game, source in product(("g", "h"), ("one", "two")):
            season.final(source, away, 20, at=at, game=game)
        database = Database(lambda: counted_connection(url, crossings), season.clock)
        try:
            season.run(at, database)
        except Killed:
            season.rows("SELECT game_id FROM game_settlements FOR UPDATE")  # until the server has noticed
            season.run(at + timedelta(minutes=1))
        finally:
            database.close()
    season.run(OVER + timedelta(hours=2))
    assert season.rows("SELECT game_id FROM game_settlements WHERE state <> 'done'") == []
    return season.rows(
        "SELECT g.market, g.side, e.grade_seq, e.kind, e.grade, e.profit_micro FROM ledger_entries e "
        "JOIN bet_legs g ON g.bet_id = e.bet_id ORDER BY 1, 2, 3, 4, 5"
    )


def counted_connection(url: str, crossings: Crossings) -> Any:
    return CountedConnection(connect_from_url(url), crossings)


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_any_crossing_every_score_takes_effect_once(
    season: Season, database_url: str, when: Literal["before", "after"], capsys: pytest.CaptureFixture[str]
) -> None:
    season.opened(games=("g", "h"))
    for game, terms in product(("g", "h"), BETS):
        season.bet(terms, game=game)
    counted = Crossings()
    wanted = _live(season, database_url, counted)
    for number in range(1, counted.count + 1):
        assert _live(season, database_url, Crossings(kill_at=number, when=when)) == wanted, f"{when} {number}"
    regraded = len(BETS) - 1  # the moneyline loses by either score
    assert len(wanted) == 2 * (len(BETS) + 2 * regraded)
    assert counted.count > 20
    with capsys.disabled():
        sys.stdout.write(f"\n  killed {when} each of {counted.count} crossings")


def test_two_runs_at_once_grade_once(season: Season, database_url: str) -> None:
    """The second run comes between the first one's reading and its writing."""
    season.opened().bet()
    for source in ("one", "two"):
        season.final(source, 27, 20)
    other = open_database(database_url, season.clock)
    inner: list[Settled] = []

    class Between:
        """Lets the other run go in when the first one makes its batch's id."""

        def new(self) -> int:
            if not inner:
                inner.append(Settled())
                inner[0] = season.run(OVER, other)
            return season.ids.new()

    done = settle_finished(season.database, Run(OVER, APPLICATION, Between()), lambda: True)  # type: ignore[arg-type]
    other.close()
    assert (done.graded, inner[0].graded) == (1, 0)
    assert season.ledger() == WON
