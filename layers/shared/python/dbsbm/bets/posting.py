"""From a pick to a bet, and from a bet to its next revision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from dbsbm.bets.days import sports_day
from dbsbm.bets.model import Bet, Pick, PriceCheck, Revision, RevisionKind, Selection
from dbsbm.bets.price_check import WINDOW, check
from dbsbm.bets.repository import BetRepository
from dbsbm.betting.stakes import Stake, format_units
from dbsbm.core.errors import ConflictError, InputError
from dbsbm.database.session import Session
from dbsbm.games.model import Game, GameState, Price
from dbsbm.games.repository import GameRepository
from dbsbm.guilds.model import Guild

CORRECTION_TIME = timedelta(minutes=2)
"""How long a correction is free: it keeps the time and the price check of what it corrects."""


@dataclass(frozen=True, slots=True)
class NewBet:
    """What is to be posted, by whom and where."""

    bet_id: int
    capper_id: int
    channel_id: int
    pick: Pick


class StartedError(ConflictError):
    """The game has started, so nothing about a bet on it can change; ``game`` is the one."""

    code = "started"

    def __init__(self, game: Game) -> None:
        super().__init__(f"{game.away} @ {game.home} started")
        self.game = game


def check_open(game: Game, at: datetime) -> None:
    """Refuse a game that is under way or over.

    Raises
    ------
    StartedError
        At its scheduled start, or as soon as a provider reports play.
    """
    if game.state is not GameState.SCHEDULED or at >= game.starts_at:
        raise StartedError(game)


def check_stake(pick: Pick, guild: Guild) -> Stake:
    """The stake, within the guild's limit on the larger of risk and to-win.

    Raises
    ------
    InputError
        When it exceeds the limit or cannot be reckoned at this price.
    """
    stake = pick.stake
    larger, limit = max(stake.risk_micro, stake.to_win_micro), guild.max_units_micro
    if larger > limit:
        problem = f"risks or wins {format_units(larger)}, above this server's limit of {format_units(limit)}"
        raise InputError("stake", format_units(pick.amount_micro), problem, "1u")
    return stake


@dataclass(frozen=True, slots=True)
class Moment:
    """``at`` is the click's own time: it decides the lock and the price check. ``now`` is when it is written."""

    at: datetime
    now: datetime


def post(session: Session, guild: Guild, bet: NewBet, when: Moment) -> Bet:
    """Store a bet.

    Raises
    ------
    StartedError
        When the game has started.
    InputError
        When the stake exceeds the guild's limit.
    """
    selection, price_check = _checked(session, bet.pick.selection, when.at)
    terms = Revision(
        number=1,
        kind=RevisionKind.POSTED,
        selection=selection,
        stake=check_stake(bet.pick, guild),
        rule_profile=guild.rule_profile,
        rule_profile_version=guild.rule_profile_version,
        price_check=price_check,
        priced_at=when.at,
        written_at=when.now,
    )
    repository = BetRepository(session, guild.guild_id)
    repository.add(bet.bet_id, bet.capper_id, bet.channel_id, terms, sports_day(selection.starts_at, guild.zone))
    return repository.bet(bet.bet_id)


def revise(session: Session, guild: Guild, bet: Bet, pick: Pick, when: Moment) -> Bet:
    """Give a bet new terms: a free correction within two minutes, after that a version checked at its own minute.

    The caller holds the bet's lock.

    Raises
    ------
    StartedError
        When the old or the new game has started.
    ConflictError
        When the bet is graded.
    InputError
        When the stake exceeds the guild's limit.
    """
    if bet.grade is not None:
        raise ConflictError("graded")
    check_open(GameRepository(session).game(bet.terms.selection.game_id), when.at)
    free = when.now - bet.posted_at <= CORRECTION_TIME
    priced_at = bet.terms.priced_at if free else when.at
    selection, _ = _checked(session, pick.selection, when.at)
    terms = Revision(
        number=bet.terms.number + 1,
        kind=RevisionKind.CORRECTION if free else RevisionKind.VERSION,
        selection=selection,
        stake=check_stake(pick, guild),
        rule_profile=bet.terms.rule_profile,
        rule_profile_version=bet.terms.rule_profile_version,
        price_check=check(selection, offered(session, selection.game_id, priced_at), priced_at),
        priced_at=priced_at,
        written_at=when.now,
    )
    repository = BetRepository(session, guild.guild_id)
    repository.revise(bet.bet_id, bet.capper_id, terms, sports_day(selection.starts_at, guild.zone))
    return repository.bet(bet.bet_id)


def offered(session: Session, game_id: int, at: datetime) -> list[Price]:
    """What the books offer for a game, with what they took back in the five minutes before ``at``."""
    games = GameRepository(session)
    return [*games.prices([game_id]), *games.replaced(game_id, at - WINDOW, at)]


def _checked(session: Session, selection: Selection, at: datetime) -> tuple[Selection, PriceCheck]:
    """The selection as its game stands now, and how its price compares."""
    games = GameRepository(session)
    game = games.game(selection.game_id)
    check_open(game, at)
    current = Selection.of(game, selection.market, selection.side, selection.line_q, selection.odds)
    return current, check(current, offered(session, game.game_id, at), at)
