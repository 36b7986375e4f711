"""*Share* in ⋯: a slip as it stands, in another channel, by those whose it is to give away."""

from __future__ import annotations

from dbsbm.bets.told.service import legs_so_far
from dbsbm.commands import answers, details, rights, setup, wording
from dbsbm.commands.slip import slip_copy
from dbsbm.commands.tracked import Tracked, tracked
from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.core.errors import NotAllowedError
from dbsbm.discord import components, custom_id
from dbsbm.discord.definitions import Context, Json, Post, Result, Who, component
from dbsbm.outbox.repository import OutboxQueue

FUNCTION = details.FUNCTION


def of_sharer(ctx: Context, seen: Tracked) -> list[Json]:
    """The channels to share in, for the bet's capper and for graders: a slip may stand where only some may read."""
    if not _may_share(ctx, seen):
        return []
    wire = custom_id.build("slip.share", seen.bet.bet_id)
    return [components.channel_select(wire, seen.words.plain("share.channel"), None)]


@component("slip.share", args=(int,), who=Who.MEMBER, function=FUNCTION)
def share(ctx: Context, bet_id: int) -> Result:
    seen = tracked(ctx, bet_id)
    if not _may_share(ctx, seen):
        raise NotAllowedError(seen.words("share.not_yours", user=wording.mention(seen.bet.capper_id)))
    picked = int(ctx.interaction.values[0])
    setup.check_channel(ctx, picked, seen.words)
    setup.check_own_rights(ctx, picked, seen.words)
    told = components.text(seen.words("share.done", channel=Markdown(f"<#{picked}>")))
    return Result(answers.redrawn(told), (_post(ctx, seen, picked),))


def _may_share(ctx: Context, seen: Tracked) -> bool:
    return seen.bet.capper_id == ctx.person.user_id or rights.is_grader(ctx.person, seen.guild)


def _post(ctx: Context, seen: Tracked, channel_id: int) -> Post:
    """The slip without its ping, saying who shared it, when, and where the one that is kept up to date stands."""
    bet, guild = seen.bets.noted(seen.bet), seen.guild
    words, key = Words(guild.locale), f"bet:{bet.bet_id}"
    legs = legs_so_far(ctx.session, seen.bets, bet)
    person, when = wording.mention(ctx.person.user_id), wording.moment(ctx.interaction.created_at)
    place = OutboxQueue(ctx.session).places([key]).get(key)
    line = words("share.by", user=person, when=when)
    if place is not None:
        link = wording.message_link(guild.guild_id, place.channel_id, place.message_id)
        line = words("share.by_with_link", user=person, when=when, link=link)
    data, image = slip_copy(bet, guild, seen.capper, seen.bets.last_decision(bet.bet_id), legs=legs, line=line)
    return Post("message.post", f"share:{ctx.interaction.id}", {"channel_id": str(channel_id)}, data, (image,))
