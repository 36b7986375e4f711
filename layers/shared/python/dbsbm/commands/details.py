"""*Details* on a slip, and *Correct* for its capper until the start."""

from __future__ import annotations

from dbsbm.bets import posting
from dbsbm.bets.model import Bet, Pick
from dbsbm.bets.posting import Moment, StartedError
from dbsbm.bets.price_check import best
from dbsbm.betting.stakes import typed_is_to_win
from dbsbm.commands import answers, draft, wording
from dbsbm.commands import bet as bet_command
from dbsbm.commands.grade import history_line
from dbsbm.commands.slip import details, slip_edit
from dbsbm.commands.tracked import Tracked, tracked
from dbsbm.core.errors import ConflictError, NotAllowedError
from dbsbm.discord import components, custom_id
from dbsbm.discord.definitions import Context, Reply, Result, Who, component, modal
from dbsbm.games.repository import GameRepository

FUNCTION = bet_command.FUNCTION


@component("slip.details", args=(int,), who=Who.MEMBER, function=FUNCTION, answers="message")
def show(ctx: Context, bet_id: int) -> Result:
    seen = tracked(ctx, bet_id)
    selection = seen.bet.terms.selection
    offer = best(selection, GameRepository(ctx.session).prices([selection.game_id]))
    offered = ""
    if offer is not None and ctx.interaction.created_at < seen.bet.starts_at:
        offered = f"{wording.price(offer.odds, seen.guild.odds_format)} {offer.book}"
    history = history_line(seen.bets.last_decision(bet_id), seen.words)
    lines = details(seen.bet, seen.guild, seen.capper, seen.words, best=offered, history=history)
    panel = [components.text("\n".join(lines))]
    if _may_correct(ctx, seen.bet):
        correct = components.button(seen.words.plain("details.correct"), custom_id.build("bet.correct", bet_id))
        panel.append(components.row(correct))
    return Result(answers.private(*panel))


@component("bet.correct", args=(int,), who=Who.CAPPER, function=FUNCTION, answers="modal")
def open_correction(ctx: Context, bet_id: int) -> Result:
    seen = tracked(ctx, bet_id)
    _check_own(ctx, seen)
    form = custom_id.build("bet.correct", bet_id, seen.bet.terms.number)
    pick = _pick(seen.bet)
    return Result(Reply("modal", draft.editor(form, seen.words.plain("correct.title"), pick, seen.words)))


@modal("bet.correct", args=(int, int), who=Who.CAPPER, function=FUNCTION)
def correct(ctx: Context, bet_id: int, revision: int) -> Result:
    seen = tracked(ctx, bet_id)
    _check_own(ctx, seen)
    locked = seen.bets.lock(bet_id)
    if locked.terms.number != revision:
        raise ConflictError(seen.words("correct.moved_on"))
    picks = draft.read_editor(ctx, _pick(locked), seen.guild)
    if len(picks) != 1:
        raise ConflictError(seen.words("correct.ambiguous", typed=ctx.interaction.options["pick"]))
    try:
        changed = posting.revise(
            ctx.session, seen.guild, locked, picks[0], Moment(ctx.interaction.created_at, ctx.clock.now())
        )
    except StartedError as error:
        raise _locked(seen) from error
    said = seen.words(f"correct.{changed.terms.kind.value}", number=changed.terms.number)
    return Result(answers.said(said), (slip_edit(changed, seen.guild, seen.capper, None),))


def _check_own(ctx: Context, seen: Tracked) -> None:
    if seen.bet.capper_id != ctx.person.user_id:
        raise NotAllowedError(seen.words("correct.not_own", user=wording.mention(seen.bet.capper_id)))
    if not _may_correct(ctx, seen.bet):
        raise _locked(seen)


def _may_correct(ctx: Context, bet: Bet) -> bool:
    own = bet.capper_id == ctx.person.user_id
    return own and bet.grade is None and ctx.interaction.created_at < bet.starts_at


def _locked(seen: Tracked) -> ConflictError:
    return ConflictError(seen.words("correct.locked", when=wording.moment(seen.bet.starts_at)))


def _pick(bet: Bet) -> Pick:
    stake, selection = bet.terms.stake, bet.terms.selection
    amount = stake.to_win_micro if typed_is_to_win(stake.mode, selection.odds) else stake.risk_micro
    return Pick(selection, amount, stake.mode)
