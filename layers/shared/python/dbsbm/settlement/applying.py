"""Takes results to bets: proposals for all, grades where these need no person, corrections of what was graded.

A game's standing (what every source says of it) is taken to its bets together with other games', page by page through
the guilds. Each page is one transaction that also records how far it came; so a run that is killed goes on where it
stopped, and two runs at once do not meet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from dbsbm.bets.proposals.model import ProposalStatus
from dbsbm.bets.proposals.repository import ProposalRepository
from dbsbm.core.ids import Ids
from dbsbm.database.database import Database
from dbsbm.database.session import Session
from dbsbm.settlement.correcting import correct
from dbsbm.settlement.model import Standing
from dbsbm.settlement.proposals import evidence
from dbsbm.settlement.results.repository import FRESH, LAST, Place, ResultRepository, Work
from dbsbm.settlement.straights import Found, Straights
from dbsbm.settlement.terms import terms_of
from dbsbm.settlement.tickets import Tickets

BETS_PER_TRANSACTION = 10_000
GAMES_FOR_ONE = 50
"""As many games one run settles by itself; of more, each of two takes a half, but at once no more than so many:"""
GAMES_TOGETHER = 300
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
    games = min(max(GAMES_FOR_ONE, -(-database.run(_waiting) // 2)), GAMES_TOGETHER)
    total = Settled()
    while has_time():
        done = database.run(partial(_page, run=run, games=games), statement_s=_STATEMENT_S)
        if done is None:
            break
        total += done
    return total


def _waiting(session: Session) -> int:
    return ResultRepository(session).waiting()


def _notice(session: Session, now: datetime) -> int:
    repository = ResultRepository(session)
    taken = repository.over(now)
    standings = repository.standings(taken.keys())
    repository.open_work([each for game_id, each in standings.items() if each.text != taken[game_id]], now)
    return repository.waiting()


def _page(session: Session, run: Run, games: int) -> Settled | None:
    """The next bets on so many games, of all that wait; None when no game waits."""
    repository = ResultRepository(session)
    works = _together(repository.take_work(games))
    if not works:
        return None
    after = works[0].cursor
    standings = repository.standings([work.game_id for work in works])
    anew = {work.game_id: work for work in works if after != FRESH and work.standing != standings[work.game_id].text}
    reached = {work.game_id: work for work in works if work.game_id not in anew}
    until, legs, found = LAST, 0, Found()
    if reached:
        until = repository.page_end(list(reached), after, BETS_PER_TRANSACTION)
        legs = _gone_through(session, run, _Bets(after, until, reached, standings), found)
    graded, corrected = _written(session, found, run)
    progress = [(work, standings[work.game_id].text, until, until == LAST) for work in reached.values()]
    progress += [(work, standings[work.game_id].text, FRESH, False) for work in anew.values()]
    repository.record(progress, run.now)
    return Settled(len(reached) if until == LAST else 0, legs, graded, corrected)


def _together(works: Sequence[Work]) -> Sequence[Work]:
    """The games of one page: those that are as far as the first is."""
    return [work for work in works if work.cursor == works[0].cursor]


@dataclass(frozen=True, slots=True)
class _Bets:
    """Those on these games after one place and up to another."""

    after: Place
    until: Place
    works: Mapping[int, Work]
    standings: Mapping[int, Standing]


def _gone_through(session: Session, run: Run, bets: _Bets, found: Found) -> int:
    """Find what becomes of the bets of a page; returns how many legs there are."""
    repository = ResultRepository(session)
    rows = repository.bets_on(list(bets.works), bets.after, bets.until)
    automatic = repository.automatic({row["guild_id"] for row in rows})
    said = {game_id: evidence(bets.standings[game_id]) for game_id in bets.works}
    straights, tickets = Straights(repository, run.now, automatic), Tickets(session, repository, run.now)
    for row in rows:
        guild_id, game_id = row["guild_id"], row["game_id"]
        if not said[game_id].text or guild_id not in automatic:
            continue
        terms = terms_of(row["terms"])
        if terms.plain:
            straights.take(row, terms, said[game_id], bets.works[game_id], found)
        else:
            present = terms.present(automatic[guild_id], row["known_result"], frozen=False)
            tickets.take((guild_id, row["bet_id"]), present, bets.works[game_id], found)
    return len(rows)


def _written(session: Session, found: Found, run: Run) -> tuple[int, int]:
    """Proposals kept, open bets graded in one go, the others one by one; returns how many were graded and corrected."""
    batch = run.ids.new()
    decided = [correct(session, each, run.decided_by, run.now, batch) for each in found.single]
    repository = ProposalRepository(session)
    repository.put([*found.quiet, *decided], run.now)
    graded = repository.grade(batch, found.graded, run.decided_by, run.now)
    corrected = sum(
        each.proposal.status is ProposalStatus.APPLIED and bool(asked.before)
        for each, asked in zip(decided, found.single, strict=True)
    )
    return graded + sum(each.proposal.status is ProposalStatus.APPLIED for each in decided) - corrected, corrected
