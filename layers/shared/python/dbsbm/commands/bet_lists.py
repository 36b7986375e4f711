"""``/bets open``, ``/bets history`` and ``/card``: a capper's bets, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from fractions import Fraction

from dbsbm.bets.days import CUT_OFF, sports_day
from dbsbm.bets.listing.repository import EVER, ListingRepository
from dbsbm.bets.model import Bet
from dbsbm.bets.repository import BetRepository
from dbsbm.bets.values.repository import GuildValueRepository
from dbsbm.betting.settlement import Grade
from dbsbm.commands import answers, rights, wording
from dbsbm.commands.slip import grade_name
from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.core.errors import ConflictError
from dbsbm.discord import components, custom_id
from dbsbm.discord.components import cut
from dbsbm.discord.definitions import (
    Context,
    Json,
    Option,
    OptionType,
    Post,
    Result,
    Who,
    command,
    component,
)
from dbsbm.guilds.model import Capper, Guild
from dbsbm.guilds.repository import GuildRepository
from dbsbm.tiers import service as tiers
from dbsbm.tiers.model import Limit

FUNCTION = "command_betting"
_PAGE = 12
_CARD = 25
_DEEPEST = 400
"""Pages that can be turned to: a longer history is what `/export` is for."""
_USER = Option("user", "Whose bets, instead of your own", OptionType.USER)


class Listed(StrEnum):
    OPEN = "open"
    HISTORY = "history"


@command("bets open", "Bets that are not decided yet", who=Who.MEMBER, function=FUNCTION, options=(_USER,))
def open_bets(ctx: Context) -> Result:
    return Result(answers.private(*_page(ctx, _asked(ctx), Listed.OPEN, 0)))


@command("bets history", "Graded bets, latest first", who=Who.MEMBER, function=FUNCTION, options=(_USER,))
def history(ctx: Context) -> Result:
    return Result(answers.private(*_page(ctx, _asked(ctx), Listed.HISTORY, 0)))


@component("bets.page", args=(int, Listed, int), who=Who.MEMBER, function=FUNCTION)
def turn_page(ctx: Context, user_id: int, listed: Listed, page: int) -> Result:
    return Result(answers.redrawn(*_page(ctx, user_id, listed, min(page, _DEEPEST))))


@command("card", "Post your open bets of today in one message", who=Who.CAPPER, function=FUNCTION)
def card(ctx: Context) -> Result:
    words = Words(ctx.person.locale)
    guild, capper = _capper(ctx, ctx.person.user_id, words)
    public = Words(guild.locale)
    today = sports_day(ctx.clock.now(), guild.zone)
    first = datetime.combine(today, time(), guild.zone) + CUT_OFF
    end = datetime.combine(today + timedelta(days=1), time(), guild.zone) + CUT_OFF
    listing = ListingRepository(ctx.session, guild.guild_id)
    ids = listing.open_between(capper.user_id, first.astimezone(UTC), end.astimezone(UTC), _CARD)
    bets = BetRepository(ctx.session, guild.guild_id).several(ids)
    if not bets:
        return Result(answers.said(words("card.none")))
    title = public("card.title", capper=capper.display_name, count=len(bets))
    text = components.text("\n".join([title, *_lines(ctx, bets, guild, public)]))
    target = {"channel_id": str(guild.slip_channel_id)}
    post = Post("message.post", f"card:{ctx.interaction.id}", target, components.message(text))
    channel = Markdown(f"<#{guild.slip_channel_id}>")
    return Result(answers.said(words("card.posted", channel=channel)), (post,))


def _asked(ctx: Context) -> int:
    return int(ctx.interaction.options.get("user", ctx.person.user_id))


def _capper(ctx: Context, user_id: int, words: Words) -> tuple[Guild, Capper]:
    """The guild and somebody who has posted in it.

    Raises
    ------
    ConflictError
        When this guild has no such capper, saying where the cappers stand.
    """
    repository = GuildRepository(ctx.session, rights.guild_id_of(ctx))
    guild, capper = rights.ready(repository.guild(), words), repository.capper(user_id)
    if capper is None:
        raise ConflictError(words("stats.not_capper", user=wording.mention(user_id)))
    return guild, capper


def _page(ctx: Context, user_id: int, listed: Listed, page: int) -> list[Json]:
    words = Words(ctx.person.locale)
    guild, capper = _capper(ctx, user_id, words)
    listing = ListingRepository(ctx.session, guild.guild_id)
    if listed is Listed.OPEN:
        ids = listing.open(user_id, _PAGE + 1, page * _PAGE)
    else:
        ids = listing.graded(user_id, _PAGE + 1, page * _PAGE, tiers.history_since(ctx, EVER))
    bets = BetRepository(ctx.session, guild.guild_id).several(ids[:_PAGE])
    title = words(f"bets.title_{listed.value}", capper=capper.display_name)
    lines = _lines(ctx, bets, guild, words) or [words("bets.none")]
    days = tiers.most(ctx, Limit.HISTORY_DAYS) if listed is Listed.HISTORY else None
    note = [] if days is None else [words("tier.history", days=days)]
    panel = [components.text("\n".join([title, *lines, *note]))]
    buttons = []
    if page > 0:
        back = custom_id.build("bets.page", user_id, listed, page - 1)
        buttons.append(components.button(words.plain("page.back"), back))
    if len(ids) > _PAGE and page < _DEEPEST:
        more = custom_id.build("bets.page", user_id, listed, page + 1)
        buttons.append(components.button(words.plain("page.more"), more))
    return [*panel, components.row(*buttons)] if buttons else panel


def _lines(ctx: Context, bets: Sequence[Bet], guild: Guild, words: Words) -> list[Markdown]:
    """A line for each bet, with its closing line value once it has one."""
    values = GuildValueRepository(ctx.session, guild.guild_id)
    found = values.several({bet.bet_id: bet.terms.number for bet in bets if bet.grade is not Grade.VOID})
    lines = []
    for bet in bets:
        value = found.get(bet.bet_id)
        said = "" if value is None else words("bets.value", value=wording.gain(Fraction(value)))
        lines.append(Markdown(_line(bet, guild, words) + said))
    return lines


def _line(bet: Bet, guild: Guild, words: Words) -> Markdown:
    pick = cut(wording.summary(bet.terms.ticket, guild.odds_format, words), 120)
    if bet.grade is None:
        return words("bets.line_open", pick=pick, when=wording.moment(bet.starts_at))
    return words(
        "bets.line_imported" if bet.import_id is not None else "bets.line_graded",
        pick=pick,
        result=grade_name(bet.grade, words),
        profit=wording.profit(bet.profit_micro),
        when=wording.moment(bet.starts_at, "d"),
    )
