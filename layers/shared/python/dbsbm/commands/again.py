"""*Post again*: a slip that Discord refused where it was meant to go."""

from __future__ import annotations

from dbsbm.bets.placement.repository import PlacementRepository
from dbsbm.commands import answers, posted, wording
from dbsbm.commands.slip import slip_post
from dbsbm.commands.tracked import tracked
from dbsbm.commands.words.catalogue import Markdown
from dbsbm.core.errors import ConflictError, NotAllowedError
from dbsbm.discord.definitions import Context, Result, Who, component

FUNCTION = "command_betting"


@component("slip.again", args=(int,), who=Who.CAPPER, function=FUNCTION, answers="message")
def post_again(ctx: Context, bet_id: int) -> Result:
    """Post a slip that Discord refused where it was meant to go, as the routes are now."""
    seen = tracked(ctx, bet_id)
    words, guild = seen.words, seen.guild
    if seen.bet.capper_id != ctx.person.user_id:
        raise NotAllowedError(words("route.not_own", user=wording.mention(seen.bet.capper_id)))
    bet = seen.bets.lock(bet_id)
    placement = PlacementRepository(ctx.session, guild.guild_id)
    if not placement.is_lost(bet_id):
        raise ConflictError(words("route.not_lost", channel=Markdown(f"<#{bet.channel_id}>")))
    there = posted.destination_of(ctx.session, guild, bet.capper_id, bet.terms.ticket)
    channel = Markdown(f"<#{there.channel_id}>")
    if posted.is_lost(ctx.session, guild, there):
        raise ConflictError(words("route.unreachable", channel=channel))
    placement.move(bet_id, there.channel_id, there.role_id)
    bet = seen.bets.noted(seen.bets.bet(bet_id))
    post = slip_post(bet, guild, seen.capper, seen.bets.last_decision(bet_id))
    return Result(answers.said(words("route.posted_again", channel=channel)), (post,))
