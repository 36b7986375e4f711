"""*Details* on a slip, and *Correct* for its capper until the start."""

from __future__ import annotations

from collections.abc import Mapping

from dbsbm.bets import posting
from dbsbm.bets.grading import standing
from dbsbm.bets.model import Bet, TicketKind
from dbsbm.bets.offers import offered_now
from dbsbm.bets.posting import Moment, StartedError
from dbsbm.bets.price_check import best
from dbsbm.bets.told.service import legs_told
from dbsbm.betting.markets import Market
from dbsbm.commands import answers, draft, wording
from dbsbm.commands import bet as bet_command
from dbsbm.commands.closing import value_line
from dbsbm.commands.dispute import of_details
from dbsbm.commands.game_weather import total_line, weather_lines
from dbsbm.commands.history import history_lines
from dbsbm.commands.slip import details, slip_edit
from dbsbm.commands.tail import tail_counts
from dbsbm.commands.tracked import Tracked, tracked
from dbsbm.core.errors import ConflictError, NotAllowedError
from dbsbm.discord import components, custom_id
from dbsbm.discord.components import Style
from dbsbm.discord.definitions import Context, Json, Reply, Result, Who, component, modal
from dbsbm.games.model import Game
from dbsbm.games.repository import GameRepository

FUNCTION = bet_command.FUNCTION
_STRAIGHT = TicketKind.STRAIGHT


@component("slip.details", args=(int,), who=Who.MEMBER, function=FUNCTION, answers="message")
def show(ctx: Context, bet_id: int) -> Result:
    seen = tracked(ctx, bet_id)
    ticket = seen.bet.terms.ticket
    games = GameRepository(ctx.session)
    offer = best(ticket.legs[0], offered_now(ctx.session, ticket.legs[0])) if ticket.kind is _STRAIGHT else None
    offered = ""
    if offer is not None and ctx.interaction.created_at < seen.bet.starts_at:
        offered = f"{wording.price(offer.odds, seen.guild.odds_format)} {offer.book}"
    played = games.games({leg.game_id for leg in ticket.legs if leg.game_id})
    told = legs_told(ctx.session, [seen.bet], played).get(bet_id)
    legs = standing(seen.bet, played, seen.bets.leg_decisions(bet_id), told=told).legs
    lines = details(seen.bets.noted(seen.bet), seen.guild, seen.capper, seen.words, best=offered, legs=legs)
    decided_at = len(lines) - 1
    value = value_line(ctx.session, seen.bet, seen.words)
    if value:
        lines.insert(-1, value)
    lines.extend(_weather(ctx, seen, played))
    lines.extend(tail_counts(ctx.session, seen.guild.guild_id, bet_id, seen.words))
    disputed, dispute_button = of_details(ctx, seen)
    lines[-1:-1] = disputed
    room = components.TEXT_MAX - len("\n".join(lines)) - 1
    lines[decided_at:decided_at] = history_lines(seen.bets.history(bet_id), seen.words, room)
    panel = [components.text("\n".join(lines))]
    check = components.button(seen.words.plain("verify.button"), custom_id.build("bet.verify", bet_id))
    panel.append(components.row(*dispute_button, check))
    changes = of_capper(ctx, seen)
    if changes:
        panel.append(components.row(*changes))
    return Result(answers.private(*panel))


def of_capper(ctx: Context, seen: Tracked) -> list[Json]:
    """*Correct* and *Withdraw*, for the bet's own capper until its start."""
    if not _may_correct(ctx, seen.bet):
        return []
    words, bet_id = seen.words, seen.bet.bet_id
    take_back = custom_id.build("bet.withdraw", bet_id)
    return [
        components.button(words.plain("details.correct"), custom_id.build("bet.correct", bet_id)),
        components.button(words.plain("details.withdraw"), take_back, Style.DANGER),
    ]


def _weather(ctx: Context, seen: Tracked, games: Mapping[int, Game]) -> list[str]:
    """Of a straight bet's game, and what it means where the bet is on a total."""
    ticket, now = seen.bet.terms.ticket, ctx.interaction.created_at
    game = games.get(ticket.legs[0].game_id)
    if ticket.kind is not _STRAIGHT or game is None:
        return []
    meaning = total_line(ctx.session, game, seen.words, now) if ticket.legs[0].market is Market.TOTAL else ""
    return [*weather_lines(ctx.session, [game], seen.words, now).values(), *filter(None, [meaning])]


@component("bet.correct", args=(int,), who=Who.CAPPER, function=FUNCTION, answers="modal")
def open_correction(ctx: Context, bet_id: int) -> Result:
    seen = tracked(ctx, bet_id)
    _check_own(ctx, seen)
    form = custom_id.build("bet.correct", bet_id, seen.bet.terms.number)
    ticket = seen.bet.terms.ticket
    return Result(Reply("modal", draft.editor(form, seen.words.plain("correct.title"), ticket, seen.words)))


@modal("bet.correct", args=(int, int), who=Who.CAPPER, function=FUNCTION)
def correct(ctx: Context, bet_id: int, revision: int) -> Result:
    seen = tracked(ctx, bet_id)
    _check_own(ctx, seen)
    locked = seen.bets.noted(seen.bets.lock(bet_id))
    if locked.terms.number != revision:
        raise ConflictError(seen.words("correct.moved_on"))
    typed = draft.read_editor(ctx, locked.terms.ticket, seen.guild)
    if not typed.settled:
        raise ConflictError(seen.words("correct.ambiguous", typed=ctx.interaction.options["pick"]))
    if typed.ticket.needs_price:
        raise ConflictError(seen.words("preview.needs_price"))
    try:
        changed = posting.revise(ctx.session, seen.guild, locked, typed.ticket, _moment(ctx))
    except StartedError as error:
        raise _locked(seen) from error
    said = seen.words(f"correct.{changed.terms.kind.value}", number=changed.terms.number)
    return Result(answers.said(said), (slip_edit(seen.bets.noted(changed), seen.guild, seen.capper, None),))


@component("bet.withdraw", args=(int,), who=Who.CAPPER, function=FUNCTION)
def ask_to_withdraw(ctx: Context, bet_id: int) -> Result:
    seen = tracked(ctx, bet_id)
    _check_own(ctx, seen)
    sure = components.button(
        seen.words.plain("withdraw.sure"), custom_id.build("bet.withdraw_sure", bet_id), Style.DANGER
    )
    asked = components.text(seen.words("withdraw.ask"))
    return Result(answers.redrawn(asked, components.row(sure)))


@component("bet.withdraw_sure", args=(int,), who=Who.CAPPER, function=FUNCTION)
def withdraw(ctx: Context, bet_id: int) -> Result:
    return _taken_back(ctx, bet_id)


@component("bet.undo", args=(int,), who=Who.CAPPER, function=FUNCTION)
def undo(ctx: Context, bet_id: int) -> Result:
    """The button of a bet that was posted at once: a minute to think again."""
    seen = tracked(ctx, bet_id)
    _check_own(ctx, seen)
    if ctx.clock.now() - seen.bet.posted_at > posting.UNDO_TIME:
        raise ConflictError(seen.words("posted.undo_late"))
    return _taken_back(ctx, bet_id)


def _taken_back(ctx: Context, bet_id: int) -> Result:
    seen = tracked(ctx, bet_id)
    _check_own(ctx, seen)
    locked = seen.bets.lock(bet_id)
    if locked.state != "open":
        raise _locked(seen)
    try:
        gone = posting.withdraw(ctx.session, seen.guild.guild_id, locked, _moment(ctx))
    except StartedError as error:
        raise _locked(seen) from error
    told = components.text(seen.words(f"withdraw.{gone.state}"))
    return Result(answers.redrawn(told), (slip_edit(gone, seen.guild, seen.capper, None),))


def _check_own(ctx: Context, seen: Tracked) -> None:
    if seen.bet.capper_id != ctx.person.user_id:
        raise NotAllowedError(seen.words("correct.not_own", user=wording.mention(seen.bet.capper_id)))
    if not _may_correct(ctx, seen.bet):
        raise _locked(seen)


def _may_correct(ctx: Context, bet: Bet) -> bool:
    own = bet.capper_id == ctx.person.user_id
    return own and bet.state == "open" and ctx.interaction.created_at < bet.starts_at


def _locked(seen: Tracked) -> ConflictError:
    return ConflictError(seen.words("correct.locked", when=wording.moment(seen.bet.starts_at)))


def _moment(ctx: Context) -> Moment:
    return Moment(ctx.interaction.created_at, ctx.clock.now())
