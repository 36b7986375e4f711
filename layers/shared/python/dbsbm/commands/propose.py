"""*Grade* pressed by a bet's own capper who may not decide: a proposal for those who do."""

from __future__ import annotations

from dbsbm.bets.capper_proposals.repository import CapperProposal, CapperProposalRepository
from dbsbm.bets.grading import ticket_grades
from dbsbm.bets.model import Bet
from dbsbm.betting.settlement import Grade
from dbsbm.commands import answers, wording
from dbsbm.commands.slip import grade_name, ticket_text
from dbsbm.commands.tracked import Tracked, tracked
from dbsbm.commands.words.catalogue import Words
from dbsbm.core.errors import ConflictError, NotAllowedError
from dbsbm.database.session import Session
from dbsbm.discord import components, custom_id
from dbsbm.discord.components import Style
from dbsbm.discord.definitions import Context, Json, Result, Who, component

FUNCTION = "command_betting"


@component("grade.propose", args=(int, int, Grade), who=Who.MEMBER, function=FUNCTION)
def propose(ctx: Context, bet_id: int, seen_seq: int, grade: Grade) -> Result:
    seen = tracked(ctx, bet_id)
    if seen.bet.capper_id != ctx.person.user_id:
        raise NotAllowedError(seen.words("propose.not_own"))
    if not seen.capper.active and not seen.capper.paused:
        raise NotAllowedError(seen.words("error.not_capper", user=wording.mention(ctx.person.user_id)))
    bet = seen.bets.lock(bet_id)
    if bet.state != "open" or bet.grade_seq != seen_seq:
        raise ConflictError(seen.words("propose.decided"))
    if grade not in ticket_grades(bet, ctx.interaction.created_at):
        raise ConflictError(seen.words("grade.not_possible", grade=grade_name(grade, seen.words)))
    proposal = CapperProposal(bet_id, seen_seq, grade, ctx.person.user_id, ctx.clock.now())
    CapperProposalRepository(ctx.session, seen.guild.guild_id).put(proposal)
    return Result(answers.redrawn(*panel(ctx, seen)))


def panel(ctx: Context, seen: Tracked) -> list[Json]:
    """What the capper sees of an own bet that somebody else decides.

    Raises
    ------
    ConflictError
        When it is decided already, or withdrawn.
    """
    words, bet = seen.words, seen.bet
    if bet.state != "open":
        raise ConflictError(words("propose.decided"))
    lines: list[str] = [ticket_text(bet.terms.ticket, seen.guild, words), words("propose.ask")]
    if ctx.interaction.created_at < bet.starts_at:
        lines.append(words("grade.before_start", when=wording.moment(bet.starts_at)))
    before = line(ctx.session, seen.guild.guild_id, bet, words)
    standing = proposed(ctx.session, seen.guild.guild_id, bet)
    buttons = [
        components.button(
            grade_name(grade, words),
            custom_id.build("grade.propose", bet.bet_id, bet.grade_seq, grade),
            Style.PRIMARY if standing is grade else Style.SECONDARY,
        )
        for grade in ticket_grades(bet, ctx.interaction.created_at)
    ]
    return [components.text("\n".join([*lines, *before])), components.row(*buttons)]


def proposed(session: Session, guild_id: int, bet: Bet) -> Grade | None:
    """The grade that the capper proposes and nobody has decided on since."""
    proposal = CapperProposalRepository(session, guild_id).of([bet]).get(bet.bet_id)
    return proposal.grade if proposal is not None else None


def line(session: Session, guild_id: int, bet: Bet, words: Words) -> list[str]:
    """Says what the capper proposes; nothing while there is no proposal."""
    proposal = CapperProposalRepository(session, guild_id).of([bet]).get(bet.bet_id)
    if proposal is None:
        return []
    return [
        words(
            "propose.line",
            user=wording.mention(proposal.proposed_by),
            grade=grade_name(proposal.grade, words),
            when=wording.moment(proposal.proposed_at),
        )
    ]
