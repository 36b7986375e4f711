"""From a settled ticket to its slip: Post on a preview, or at once for those who asked for that."""

from __future__ import annotations

from dbsbm.bets import posting
from dbsbm.bets.model import Bet, PriceCheck, Ticket
from dbsbm.bets.posting import DUPLICATE_TIME, Moment, NewBet, OpenBetsError
from dbsbm.bets.reading import Typed
from dbsbm.bets.repository import BetRepository
from dbsbm.bets.sports import sport_of
from dbsbm.commands import answers
from dbsbm.commands.photo import photo_posts
from dbsbm.commands.slip import slip_post, ticket_text
from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.core.errors import ConflictError, NotFoundError
from dbsbm.database.session import Session
from dbsbm.discord import components, custom_id
from dbsbm.discord.definitions import Context, Json, Post, Result
from dbsbm.guilds.model import Guild
from dbsbm.guilds.repository import GuildRepository
from dbsbm.guilds.routing.model import Destination, destination
from dbsbm.guilds.routing.repository import RouteRepository
from dbsbm.tiers import service as tiers
from dbsbm.tiers.model import Limit


def publish(ctx: Context, guild: Guild, ticket: Ticket, channel_id: int = 0) -> tuple[Bet, tuple[Post, ...]]:
    """The bet and its slip, with its photo below, in the channel its capper picked, or where the settings send it.

    Raises
    ------
    StartedError, InputError
        As ``posting.post``.
    ConflictError
        When the capper has as many open bets as the server allows, or the channel of the bet's route is lost.
    TierLimitError
        When that is as many as the server's tier has room for.
    """
    words = Words(ctx.person.locale)
    capper = GuildRepository(ctx.session, guild.guild_id).capper(ctx.person.user_id)
    if guild.slip_channel_id is None or capper is None:
        raise NotFoundError("the route's rights have checked both")
    there = destination_of(ctx.session, guild, ctx.person.user_id, ticket, channel_id)
    if is_lost(ctx.session, guild, there):
        raise ConflictError(words("route.unreachable", channel=Markdown(f"<#{there.channel_id}>")))
    tiers.require(ctx, Limit.OPEN_BETS, lambda: BetRepository(ctx.session, guild.guild_id).open_bets(capper.user_id))
    new = NewBet(ctx.ids.new(), ctx.person.user_id, there.channel_id, ticket, there.role_id)
    try:
        bet = posting.post(ctx.session, guild, new, Moment(ctx.interaction.created_at, ctx.clock.now()))
    except OpenBetsError as error:
        raise ConflictError(words("error.open_bets", limit=error.limit)) from error
    bet = BetRepository(ctx.session, guild.guild_id).noted(bet)
    return bet, (slip_post(bet, guild, capper), *photo_posts(bet, ticket, guild, capper))


def destination_of(session: Session, guild: Guild, capper_id: int, ticket: Ticket, channel_id: int = 0) -> Destination:
    """Where a capper's slip of this ticket goes, and whom it pings. In another channel it pings nobody."""
    routes = RouteRepository(session, guild.guild_id).fitting(capper_id, sport_of(ticket))
    there = destination(routes, guild.slip_channel_id or 0)
    return there if channel_id in (0, there.channel_id) else Destination(channel_id, None, routed=True)


def is_lost(session: Session, guild: Guild, there: Destination) -> bool:
    """Whether the channel of a route refused the last slip. It is not posted elsewhere: others may read there."""
    return there.routed and RouteRepository(session, guild.guild_id).is_unreachable(there.channel_id)


def duplicate(ctx: Context, guild: Guild, ticket: Ticket) -> tuple[int, str] | None:
    """The id of the same bet posted within ten minutes, and the question about it. Holds the capper's row."""
    GuildRepository(ctx.session, guild.guild_id).lock_capper(ctx.person.user_id)
    since = ctx.interaction.created_at - DUPLICATE_TIME
    found = BetRepository(ctx.session, guild.guild_id).posted_since(ctx.person.user_id, ticket, since)
    if found is None:
        return None
    when = Markdown(f"<t:{int(found[1].timestamp())}:R>")
    return found[0], Words(ctx.person.locale)("preview.duplicate", when=when)


def at_once(ctx: Context, found: Typed, guild: Guild) -> Result | None:
    """The bet posted without a preview: only if its capper wants that, and nothing about it is open or doubtful."""
    capper = GuildRepository(ctx.session, guild.guild_id).capper(ctx.person.user_id)
    ticket = found.ticket
    if capper is None or not capper.instant_post or not found.settled or ticket.needs_price or ticket.filled:
        return None
    at = ctx.interaction.created_at
    if posting.check_ticket(ctx.session, ticket, at) is not PriceCheck.VERIFIED:
        return None
    if duplicate(ctx, guild, ticket) is not None:
        return None
    if is_lost(ctx.session, guild, destination_of(ctx.session, guild, ctx.person.user_id, ticket)):
        return None  # the preview keeps what was typed until the channel is there again
    bet, posts = publish(ctx, guild, ticket)
    words = Words(ctx.person.locale)
    seconds = int(posting.UNDO_TIME.total_seconds())
    undo = components.button(words.plain("posted.undo", seconds=seconds), custom_id.build("bet.undo", bet.bet_id))
    return Result(answers.private(*told(bet, words, guild, undo)), posts)


def told(bet: Bet, words: Words, guild: Guild, *buttons: Json) -> list[Json]:
    """What the capper reads once a bet is posted."""
    line = ticket_text(bet.terms.ticket, guild, words)
    correct = components.button(words.plain("details.correct"), custom_id.build("bet.correct", bet.bet_id))
    channel = Markdown(f"<#{bet.channel_id}>")
    return [
        components.text(words("draft.posted", channel=channel, line=line)),
        components.row(correct, *buttons),
    ]
