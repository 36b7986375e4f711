"""Takes results to bets: proposals for all, grades where these need no person, corrections of what was graded.

A game's standing (what every source says of it) is taken to its bets page by page, each page one transaction that also
records how far it came; so a run that is killed goes on where it stopped, and two runs at once do not meet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import groupby
from operator import itemgetter

from dbsbm.bets.proposals.model import ProposalStatus
from dbsbm.bets.proposals.repository import ProposalRepository
from dbsbm.core.ids import Ids
from dbsbm.database.database import Database
from dbsbm.database.session import Row, Session
from dbsbm.settlement.correcting import correct
from dbsbm.settlement.proposals import evidence
from dbsbm.settlement.results.repository import FRESH, ResultRepository, Work
from dbsbm.settlement.straights import Found, Straights, is_plain
from dbsbm.settlement.tickets import Tickets

BETS_PER_TRANSACTION = 10_000
GAMES_PER_TRANSACTION = 50
"""Few enough that a second run finds games of its own."""
_STATEMENT_S = 30.0


@dataclass(frozen=True, slots=True)
class Settled:
    """What a run did: games gone through, bets looked at, graded without a person, graded anew after a correction."""

    games: int = 0
    bets: int = 0
    graded: int = 0
    corrected: int = 0

    def __add__(self, other: Settled) -> Settled:
        return Settled(
            self.games + other.games,
            self.bets + other.bets,
            self.graded + other.graded,
            self.corrected + other.corrected,
        )


@dataclass(frozen=True, slots=True)
class Run:
    """One run: when it counts as being made, and whose grades these are (the application's user id)."""

    now: datetime
    decided_by: int
    ids: Ids


def settle_finished(database: Database, run: Run, has_time: Callable[[], bool]) -> Settled:
    """Take every new standing to the bets on its game, while there is time. Repeating changes nothing.

    Raises
    ------
    DatabaseUnavailableError
        When the database is away; what was committed stays, the rest is for the next run.
    """
    notice(database, run.now)
    return settle_noticed(database, run, has_time)


def notice(database: Database, now: datetime) -> int:
    """Find games whose sources say something new; returns how many games wait for their bets to be gone through."""
    return database.run(partial(_notice, now=now), statement_s=_STATEMENT_S)


def settle_noticed(database: Database, run: Run, has_time: Callable[[], bool]) -> Settled:
    """The same for games that are noticed already; several runs side by side take different ones."""
    total = Settled()
    while has_time():
        done = database.run(partial(_page, run=run), statement_s=_STATEMENT_S)
        if done.games == 0:
            break
        total += done
    return total


def _notice(session: Session, now: datetime) -> int:
    repository = ResultRepository(session)
    taken = repository.over(now)
    standings = repository.standings(taken.keys())
    repository.open_work([each for game_id, each in standings.items() if each.text != taken[game_id]], now)
    return repository.waiting()


def _page(session: Session, run: Run) -> Settled:
    repository = ResultRepository(session)
    works = _together(repository.take_work(GAMES_PER_TRANSACTION))
    if not works:
        return Settled()
    standings = repository.standings([work.game_id for work in works])
    straights, tickets = Straights(repository, run.now), Tickets(session, repository, run.now)
    found = Found()
    rows = repository.bets_on(works, BETS_PER_TRANSACTION)
    of_game = {game_id: list(each) for game_id, each in groupby(rows, key=itemgetter("game_id"))}
    reached = _reached(works, rows)
    for work in reached:
        said = evidence(standings[work.game_id])
        for row in of_game.get(work.game_id, ()) if said.text else ():
            if is_plain(row):
                straights.take(row, said, work, found)
            else:
                tickets.take(row, work, found)
    graded, corrected = _written(session, found, run)
    progress = []
    for work in reached:
        last = of_game.get(work.game_id, ())[-1:]
        cursor = (last[0]["guild_id"], last[0]["bet_id"]) if last else work.cursor
        whole = len(rows) < BETS_PER_TRANSACTION or work is not reached[-1]
        progress.append((work, standings[work.game_id].text, cursor, whole))
    repository.record(progress, run.now)
    return Settled(len(progress), len(rows), graded, corrected)


def _together(works: Sequence[Work]) -> Sequence[Work]:
    """The games of one page: of those begun already the first alone, so that the page's end says how far all are."""
    begun = next((work for work in works[1:] if work.cursor != FRESH), None)
    return works if begun is None else [begun]


def _reached(works: Sequence[Work], rows: Sequence[Row]) -> Sequence[Work]:
    """The games that a page comes to: all of them, or up to the one in which it is full."""
    if len(rows) < BETS_PER_TRANSACTION:
        return works
    return [work for work in works if work.game_id <= rows[-1]["game_id"]]


def _written(session: Session, found: Found, run: Run) -> tuple[int, int]:
    """Proposals kept, open bets graded in one go, the others one by one; returns how many were graded and corrected."""
    batch = run.ids.new()
    decided = [correct(session, each, run.decided_by, run.now, batch) for each in found.single]
    repository = ProposalRepository(session)
    repository.put(0, [*found.quiet, *decided], run.now)
    repository.put(batch, found.graded, run.now)
    graded = repository.accept(batch, found.graded, run.decided_by, run.now) if found.graded else 0
    corrected = sum(
        each.proposal.status is ProposalStatus.APPLIED and bool(asked.before)
        for each, asked in zip(decided, found.single, strict=True)
    )
    return graded + sum(each.proposal.status is ProposalStatus.APPLIED for each in decided) - corrected, corrected
