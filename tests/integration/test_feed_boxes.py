"""Box scores from the source to the database: only where bets on players are, kept raw, and made again of that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from dbsbm.bets.model import Selection
from dbsbm.betting.markets import Market, Side
from dbsbm.betting.odds import Odds
from dbsbm.betting.stakes import Stake, StakeMode
from dbsbm.core.errors import InputError
from dbsbm.core.ids import Ids
from dbsbm.core.transport import PooledTransport
from dbsbm.games.feed.usage import UsageRepository
from dbsbm.providers.box_feed import BoxFeed, BoxRun
from dbsbm.providers.espn import Espn
from dbsbm.providers.espn_feed import EspnScores
from dbsbm.providers.matching import name_player, unmatched
from dbsbm.providers.rebuild import Rebuild, Rebuilt, in_order
from dbsbm.wiring import build
from local.providers.server import Fault
from tests.bulk_bets import OpenBet, add_bets, add_guilds
from tests.integration.test_feed_espn import RAIDERS, Two

MAHOMES = "Patrick Mahomes"
"""In another team than the one at home: whose he is does not matter, the game does."""


class Boxes(Two):
    """Two sources, and the second one's box scores."""

    def __init__(self, database_url: str) -> None:
        super().__init__(database_url)
        self.url = database_url
        source = EspnScores(Espn(PooledTransport(), self.server.url, self.clock))
        self.boxes = BoxFeed(source, self.database, self.clock, lambda key, body: self.kept.update({key: body}))

    def bet_on(self, player: str) -> None:
        """A unit on his passing yards."""
        game = self.game(RAIDERS)
        pick = Selection.of(game, Market.PLAYER_PROP, Side.OVER, 4 * 275 + 2, Odds.from_american(-110))
        pick = replace(pick, player=player, stat="passing_yards")
        bet = OpenBet(1, 77, 9002, pick, Stake.of(StakeMode.RISK, 1_000_000, pick.odds))
        with self.database.transaction() as session:
            add_guilds(session, [1], self.clock.now())
            add_bets(session, [bet], self.clock.now())
            session.execute("UPDATE bet_legs SET player = %s, stat = 'passing_yards'", (player,))

    def fetched(self) -> BoxRun:
        return self.boxes.run()

    def told(self) -> list[tuple[str, str]]:
        with self.database.read() as session:
            return [(row["name"], row["stats"]) for row in session.all("SELECT name, stats FROM player_lines")]


def box(yards: int, name: str = MAHOMES) -> list[dict[str, object]]:
    row = {"athlete": {"id": "1", "displayName": name}, "stats": ["24/35", str(yards)]}
    table = {"name": "passing", "keys": ["completions/passingAttempts", "passingYards"], "athletes": [row]}
    return [{"team": {"displayName": RAIDERS}, "statistics": [table]}]


@pytest.fixture
def boxes(database_url: str) -> Iterator[Boxes]:
    sources = Boxes(database_url)
    with sources.server:
        sources.both()
        sources.server.espn.order(RAIDERS, box=box(287))
        yield sources
    sources.database.close()


STATS = '{"passing_attempts":140,"passing_completions":96,"passing_yards":1148}'


def test_a_box_score_is_asked_for_where_a_bet_is_and_once_the_game_is_over(boxes: Boxes) -> None:
    boxes.both(minutes=20)
    assert boxes.fetched() == BoxRun(), "the game is over, and nobody bet on a player"
    boxes.bet_on(MAHOMES)
    assert boxes.fetched() == BoxRun(boxes=1, changed=1)
    assert boxes.told() == [(MAHOMES, STATS)]
    assert boxes.fetched() == BoxRun(), "it was just asked for"
    boxes.clock.move(900)
    assert boxes.fetched() == BoxRun(boxes=1), "and again a quarter of an hour later, with nothing new in it"
    with boxes.database.transaction() as session:
        session.execute("UPDATE bets SET state = 'graded'")
    boxes.clock.move(900)
    assert boxes.fetched() == BoxRun(), "what is graded is looked at for corrections alone"
    boxes.clock.move(timedelta(hours=6).total_seconds())
    boxes.server.espn.order(RAIDERS, box=box(271))
    assert boxes.fetched() == BoxRun(boxes=1, changed=1)
    with boxes.database.read() as session:
        assert UsageRepository(session).month("espn", boxes.clock.now()).requests >= 3


def test_a_source_that_fails_is_asked_again_and_a_player_nobody_names_is_listed(boxes: Boxes) -> None:
    boxes.both(minutes=20)
    boxes.bet_on("Mahomie")
    boxes.server.faults.append(Fault.ERROR)
    failed = boxes.fetched()
    assert (failed.boxes, len(failed.failures)) == (0, 1)
    assert boxes.fetched().boxes == 1
    environment = build({"DATABASE_URL": boxes.url}, clock=boxes.clock, random=Random(1))
    assert [(row["provider"], row["player"]) for row in unmatched(environment)["players"]] == [("espn", "Mahomie")]
    order = {"provider": "espn", "league": "nfl", "player": "Mahomie", "name": MAHOMES, "by": "olga"}
    assert name_player(environment, order)["games"] == 1
    assert unmatched(environment)["players"] == []
    with pytest.raises(InputError):
        name_player(environment, {"provider": "espn"})
    environment.database.close()


def test_the_kept_documents_make_the_same_rows_again(boxes: Boxes) -> None:
    boxes.both(minutes=20)
    boxes.bet_on(MAHOMES)
    boxes.fetched()
    rows = boxes.told()
    kept = {key: body for key, body in boxes.kept.items() if "-box" in key}
    assert len(kept) == 1
    with boxes.database.transaction() as session:
        session.execute("DELETE FROM player_lines WHERE line >= 0")
        session.execute("DELETE FROM box_scores WHERE game_id > 0")
    again, done = Rebuild(boxes.database, boxes.cache, Ids(boxes.clock, Random(2))), Rebuilt()
    for document in in_order(kept):
        again.take(document, kept[document.key], done)
    assert (done.documents, done.unread) == (1, 0)
    assert boxes.told() == rows
