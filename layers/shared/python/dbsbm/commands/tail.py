"""*Tail* and *Fade* on a slip: one press at the default stake, then *Change stake* or *Undo*."""

from __future__ import annotations

from dataclasses import replace

from dbsbm.bets.offers import offered_now
from dbsbm.bets.repository import BetRepository
from dbsbm.bets.tails.model import Direction, Source, Tail, followed, results
from dbsbm.bets.tails.repository import TailRepository
from dbsbm.betting.stakes import MICRO
from dbsbm.commands import answers, wording
from dbsbm.commands.tracked import Tracked, tracked
from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.core import metrics
from dbsbm.core.errors import ConflictError, NotAllowedError, NotFoundError
from dbsbm.database.session import Session
from dbsbm.discord import components, custom_id
from dbsbm.discord.components import Choice, Style
from dbsbm.discord.definitions import Context, Json, Result, Who, component

FUNCTION = "command_betting"
_STAKES = tuple(MICRO * halves // 2 for halves in (1, 2, 3, 4, 6, 10, 20))
_COUNTED = 500


@component("tail.take", args=(int, Direction), who=Who.MEMBER, function=FUNCTION, answers="message")
def take(ctx: Context, bet_id: int, direction: Direction) -> Result:
    seen = tracked(ctx, bet_id)
    seen = replace(seen, bet=seen.bets.lock(bet_id))
    _check(ctx, seen)
    repository = TailRepository(ctx.session, seen.guild.guild_id)
    before = repository.find(bet_id, ctx.person.user_id)
    if before is not None and before.standing:
        return Result(answers.private(*_panel(seen, before, seen.words("tail.already"))))
    selection = seen.bet.terms.selection
    offer = followed(seen.bet, direction, offered_now(ctx.session, selection))
    if offer is None:
        raise ConflictError(seen.words("tail.no_other_side"))
    tail = Tail(
        bet_id=bet_id,
        user_id=ctx.person.user_id,
        version=before.version + 1 if before is not None else 1,
        standing=True,
        direction=direction,
        revision=seen.bet.terms.number,
        risk_micro=seen.guild.default_units_micro,
        offer=offer,
        taken_at=ctx.clock.now(),
    )
    repository.put(tail)
    metrics.record(metrics.TAILS)
    return Result(answers.private(*_panel(seen, tail)))


@component("tail.stake", args=(int, int), who=Who.MEMBER, function=FUNCTION)
def change_stake(ctx: Context, bet_id: int, version: int) -> Result:
    seen, tail, stale = _opened(ctx, bet_id, version)
    if stale is not None:
        return stale
    # The values of a select come from the client: only those that were offered are taken.
    amount = next((each for each in _STAKES if str(each) == ctx.interaction.values[0]), tail.risk_micro)
    changed = replace(tail, risk_micro=amount, version=tail.version + 1)
    TailRepository(ctx.session, seen.guild.guild_id).put(changed)
    return Result(answers.redrawn(*_panel(seen, changed)))


@component("tail.undo", args=(int, int), who=Who.MEMBER, function=FUNCTION)
def undo(ctx: Context, bet_id: int, version: int) -> Result:
    seen, tail, stale = _opened(ctx, bet_id, version)
    if stale is not None:
        return stale
    gone = replace(tail, standing=False, version=tail.version + 1)
    TailRepository(ctx.session, seen.guild.guild_id).put(gone)
    return Result(answers.redrawn(components.text(seen.words("tail.undone"))))


def tail_counts(session: Session, guild_id: int, bet_id: int, words: Words) -> list[str]:
    """The line of *Details* that says how many follow; none while nobody does."""
    counts = TailRepository(session, guild_id).counts(bet_id)
    if not counts:
        return []
    return [words("tail.counts", tails=counts.get(Direction.TAIL, 0), fades=counts.get(Direction.FADE, 0))]


def own_results(session: Session, guild_id: int, user_id: int, words: Words) -> list[Markdown]:
    """What a member's own tails and fades came to at the prices they could get; none without any."""
    tails = TailRepository(session, guild_id).own(user_id, _COUNTED)
    if not tails:
        return []
    bets = {bet.bet_id: bet for bet in BetRepository(session, guild_id).several([tail.bet_id for tail in tails])}
    found = results([(tail, bets[tail.bet_id]) for tail in tails if tail.bet_id in bets])
    return [
        words(
            "tail.results",
            record=f"{found.won}–{found.lost}–{found.pushed}",
            profit=wording.profit(found.profit_micro),
            risk=wording.units(found.risk_micro),
            open=found.open,
        )
    ]


def _check(ctx: Context, seen: Tracked) -> None:
    """Refuse what has started or is decided, and a capper's own bet.

    Raises
    ------
    NotAllowedError
        When the bet is the person's own.
    ConflictError
        When it is too late.
    """
    if seen.bet.capper_id == ctx.person.user_id:
        raise NotAllowedError(seen.words("tail.own"))
    if seen.bet.state != "open" or ctx.interaction.created_at >= seen.bet.starts_at:
        raise ConflictError(seen.words("tail.late", when=wording.moment(seen.bet.starts_at)))


def _opened(ctx: Context, bet_id: int, version: int) -> tuple[Tracked, Tail, Result | None]:
    """The person's own position behind a button; with an answer already when the button is an old one."""
    seen = tracked(ctx, bet_id)
    seen = replace(seen, bet=seen.bets.lock(bet_id))
    _check(ctx, seen)
    tail = TailRepository(ctx.session, seen.guild.guild_id).find(bet_id, ctx.person.user_id)
    if tail is None:
        raise NotFoundError(f"no position on {bet_id}")
    if not tail.standing:
        return seen, tail, Result(answers.redrawn(components.text(seen.words("tail.undone"))))
    if tail.version != version:
        return seen, tail, Result(answers.redrawn(*_panel(seen, tail, seen.words("tail.moved_on"))))
    return seen, tail, None


def _panel(seen: Tracked, tail: Tail, note: str = "") -> list[Json]:
    words, offer, shown_as = seen.words, tail.offer, seen.guild.odds_format
    price = wording.price(offer.odds, shown_as)
    line = words(
        f"tail.taken_{tail.direction.value}",
        pick=components.cut(wording.summary(seen.bet.terms.ticket, shown_as, words), 200),
        units=wording.units(tail.risk_micro),
        to_win=wording.units(tail.stake.to_win_micro),
        odds=price,
    )
    where = words("tail.source_book", book=offer.book) if offer.source is Source.BOOK else words("tail.source_slip")
    stakes = [
        Choice(wording.units(amount), str(amount), default=amount == tail.risk_micro)
        for amount in sorted({*_STAKES, tail.risk_micro})
    ]
    ids = (tail.bet_id, tail.version)
    return [
        components.text("\n".join([*filter(None, (note,)), line, where])),
        components.select(custom_id.build("tail.stake", *ids), stakes, words.plain("tail.change")),
        components.row(components.button(words.plain("tail.undo"), custom_id.build("tail.undo", *ids), Style.DANGER)),
    ]
