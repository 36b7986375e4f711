"""From a ticket to a bet, and from a bet to its next revision."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction

from dbsbm.bets.days import sports_day
from dbsbm.bets.model import Bet, PriceCheck, Revision, RevisionKind
from dbsbm.bets.offers import offered_around
from dbsbm.bets.price_check import check
from dbsbm.bets.repository import BetRepository
from dbsbm.bets.selection import NO_PRICE, Selection
from dbsbm.bets.tails.repository import TailRepository
from dbsbm.bets.ticket import Ticket, TicketKind, TicketTerms
from dbsbm.betting.markets import Market, Side
from dbsbm.betting.stakes import Stake, format_units
from dbsbm.core.errors import ConflictError, InputError
from dbsbm.database.session import Session
from dbsbm.games.model import Game, GameState
from dbsbm.games.repository import GameRepository
from dbsbm.guilds.model import Guild

CORRECTION_TIME = timedelta(minutes=2)
"""How long a correction is free: it keeps the time and the price check of what it corrects."""
UNDO_TIME = timedelta(seconds=60)
DUPLICATE_TIME = timedelta(minutes=10)
"""The same sides at the same lines within this long are asked about."""
_WORST_FIRST = (PriceCheck.UNSEEN, PriceCheck.NEAR, PriceCheck.UNCHECKED, PriceCheck.VERIFIED)
_NEAR_PRICE = Fraction(102, 100)
_UNCHECKED = PriceCheck.UNCHECKED


@dataclass(frozen=True, slots=True)
class NewBet:
    """What is to be posted, by whom and where."""

    bet_id: int
    capper_id: int
    channel_id: int
    ticket: Ticket
    ping_role_id: int | None = None


class StartedError(ConflictError):
    """The event has started, so nothing about a bet on it can change; ``selection`` is the one."""

    code = "started"

    def __init__(self, selection: Selection) -> None:
        super().__init__(f"{selection.away} @ {selection.home} started")
        self.selection = selection


class OpenBetsError(ConflictError):
    """The capper has as many open bets as the guild allows: ``limit``."""

    code = "open_bets"

    def __init__(self, limit: int) -> None:
        super().__init__(f"{limit} open bets")
        self.limit = limit


def check_open(game: Game, at: datetime) -> None:
    """Refuse a game that is under way or over.

    Raises
    ------
    StartedError
        At its scheduled start, or as soon as a provider reports play.
    """
    if game.state is not GameState.SCHEDULED or at >= game.starts_at:
        raise StartedError(_named(game))


def check_stake(ticket: Ticket, guild: Guild) -> Stake:
    """The stake, within the guild's limit on the larger of risk and to-win.

    Raises
    ------
    InputError
        When it exceeds the limit or cannot be reckoned at this price.
    """
    stake = ticket.stake
    larger, limit = max(stake.risk_micro, stake.to_win_micro), guild.max_units_micro
    if larger > limit:
        problem = f"risks or wins {format_units(larger)}, above this server's limit of {format_units(limit)}"
        raise InputError("stake", format_units(ticket.amount_micro), problem, "1u")
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
        When a leg has started.
    OpenBetsError
        When the capper has as many open bets as the guild allows.
    InputError
        When the stake exceeds the guild's limit, or the ticket is none.
    """
    repository = BetRepository(session, guild.guild_id)
    if guild.max_open_bets and repository.open_bets(bet.capper_id) >= guild.max_open_bets:
        raise OpenBetsError(guild.max_open_bets)
    ticket = current(session, bet.ticket, when.at)
    ticket.check()
    terms = Revision(
        number=1,
        kind=RevisionKind.POSTED,
        ticket=_remembered(ticket),
        stake=check_stake(ticket, guild),
        rule_profile=guild.rule_profile,
        rule_profile_version=guild.rule_profile_version,
        price_check=check_ticket(session, ticket, when.at),
        priced_at=when.at,
        written_at=when.now,
    )
    day = sports_day(ticket.last_start, guild.zone)
    repository.add(bet.bet_id, bet.capper_id, bet.channel_id, terms, day, ping_role_id=bet.ping_role_id)
    return repository.bet(bet.bet_id)


def revise(session: Session, guild: Guild, bet: Bet, ticket: Ticket, when: Moment) -> Bet:
    """Give a bet new terms: a free correction within two minutes, after that a version checked at its own minute.

    The caller holds the bet's lock.

    Raises
    ------
    StartedError
        When an old or a new leg has started.
    ConflictError
        When the bet is graded or withdrawn.
    InputError
        When the stake exceeds the guild's limit, or the ticket is none.
    """
    if bet.state != "open":
        raise ConflictError(bet.state)
    _check_not_begun(bet, when.at)
    current(session, bet.terms.ticket, when.at)
    tailed = bool(TailRepository(session, guild.guild_id).counts(bet.bet_id))
    free = when.now - bet.posted_at <= CORRECTION_TIME and not tailed
    priced_at = bet.terms.priced_at if free else when.at
    changed = current(session, ticket, when.at)
    changed.check()
    terms = Revision(
        number=bet.terms.number + 1,
        kind=RevisionKind.CORRECTION if free else RevisionKind.VERSION,
        ticket=_remembered(changed),
        stake=check_stake(changed, guild),
        rule_profile=bet.terms.rule_profile,
        rule_profile_version=bet.terms.rule_profile_version,
        price_check=check_ticket(session, changed, priced_at),
        priced_at=priced_at,
        written_at=when.now,
    )
    repository = BetRepository(session, guild.guild_id)
    repository.revise(bet.bet_id, bet.capper_id, terms, sports_day(changed.last_start, guild.zone))
    return repository.bet(bet.bet_id)


def withdraw(session: Session, guild_id: int, bet: Bet, when: Moment) -> Bet:
    """Take a bet back before its start; it stays as a tombstone. The caller holds the bet's lock.

    Within a minute of posting it is undone instead, and counts nowhere.

    Raises
    ------
    StartedError
        When a leg has started.
    ConflictError
        When the bet is graded or withdrawn already.
    """
    if bet.state != "open":
        raise ConflictError(bet.state)
    _check_not_begun(bet, when.at)
    current(session, bet.terms.ticket, when.at)
    repository = BetRepository(session, guild_id)
    repository.withdraw(bet.bet_id, "undone" if when.now - bet.posted_at <= UNDO_TIME else "withdrawn")
    return repository.bet(bet.bet_id)


def _check_not_begun(bet: Bet, at: datetime) -> None:
    """A live bet is locked from its first second. Raises StartedError."""
    if any(leg.score is not None for leg in bet.terms.ticket.legs) and at >= bet.starts_at:
        raise StartedError(bet.terms.selection)


def current(session: Session, ticket: Ticket, at: datetime) -> Ticket:
    """The ticket with its games as they stand now.

    Raises
    ------
    StartedError
        When a leg has started.
    NotFoundError
        When a game is gone.
    """
    games = GameRepository(session)
    legs = []
    for leg in ticket.legs:
        if not leg.game_id:
            if at >= leg.starts_at:
                raise StartedError(leg)
            legs.append(leg)
            continue
        game = games.game(leg.game_id)
        score = None
        if leg.score is None:
            check_open(game, at)
        else:
            score = _live_score(game)
        now = replace(leg, league=game.league, home=game.home, away=game.away, starts_at=game.starts_at, score=score)
        legs.append(now)
    return replace(ticket, legs=tuple(legs))


def _live_score(game: Game) -> tuple[int, int]:
    """(home, away) as the game stands. Raises InputError when it is not being played."""
    if game.state is not GameState.LIVE or game.home_score is None or game.away_score is None:
        raise InputError("pick", f"{game.away} @ {game.home}", "is not being played now: it takes no live bet")
    return game.home_score, game.away_score


def check_ticket(session: Session, ticket: Ticket, at: datetime) -> PriceCheck:
    """How the price of the whole compares: as its worst leg, when it asks for no more than their product."""
    if any(leg.score is not None for leg in ticket.legs):
        return _UNCHECKED  # what was offered in play is not kept by the minute
    checks = {check(leg, offered_around(session, leg, at), at) for leg in ticket.legs}
    worst = next(each for each in _WORST_FIRST if each in checks)
    if ticket.kind is TicketKind.STRAIGHT or (ticket.own_odds is None and ticket.kind is not TicketKind.TEASER):
        return worst
    product = ticket.product
    if ticket.kind is TicketKind.TEASER or ticket.same_game or product is None:
        return _UNCHECKED
    if ticket.odds.price <= product.price:
        return worst
    near = ticket.odds.price <= product.price * _NEAR_PRICE and worst is PriceCheck.VERIFIED
    return PriceCheck.NEAR if near else _UNCHECKED


def _remembered(ticket: Ticket) -> Ticket:
    """A round robin keeps the stake on each parlay with its terms, an each-way bet that on each part."""
    if ticket.kind not in (TicketKind.ROUND_ROBIN, TicketKind.EACH_WAY):
        return ticket
    terms: TicketTerms = replace(ticket.terms, each_micro=ticket.amount_micro)
    return replace(ticket, terms=terms)


def _named(game: Game) -> Selection:
    return Selection.of(game, Market.MONEYLINE, Side.HOME, 0, NO_PRICE)
