"""*Public picture* in ⋯: the address under which anybody sees a slip, made and taken back by the bet's own capper."""

from __future__ import annotations

from dbsbm.bets.links.address import PublicId, new_key
from dbsbm.bets.links.repository import LinkRepository
from dbsbm.commands import answers, public_slips
from dbsbm.commands.tracked import Tracked, tracked
from dbsbm.commands.words.catalogue import Markdown
from dbsbm.core.errors import ConflictError, NotAllowedError
from dbsbm.discord import components, custom_id
from dbsbm.discord.components import Style
from dbsbm.discord.definitions import Context, Json, Result, Who, component

FUNCTION = "command_betting"


def of_panel(ctx: Context, seen: Tracked) -> list[Json]:
    """The button, for the bet's own capper where the community lets slips be public."""
    if seen.bet.capper_id != ctx.person.user_id or not _is_possible(ctx, seen):
        return []
    return [components.button(seen.words.plain("link.button"), custom_id.build("link.show", seen.bet.bet_id))]


@component("link.show", args=(int,), who=Who.MEMBER, function=FUNCTION, answers="message")
def show(ctx: Context, bet_id: int) -> Result:
    """What it would mean, or the address there is."""
    seen = _own(ctx, bet_id)
    key = LinkRepository(ctx.session, seen.guild.guild_id).key(bet_id)
    if key is not None:
        return Result(answers.private(*_there(ctx, seen, key)))
    make = components.button(seen.words.plain("link.make"), custom_id.build("link.make", bet_id), Style.PRIMARY)
    return Result(answers.private(components.text(seen.words("link.ask")), components.row(make)))


@component("link.make", args=(int,), who=Who.MEMBER, function=FUNCTION)
def make(ctx: Context, bet_id: int) -> Result:
    """Pressed twice, the address stays the same."""
    seen = _own(ctx, bet_id)
    seen.bets.lock(bet_id)
    links = LinkRepository(ctx.session, seen.guild.guild_id)
    key = links.key(bet_id)
    if key is None:
        key = new_key(ctx.random)
        links.set_key(bet_id, seen.bet.capper_id, key)
    return Result(answers.redrawn(*_there(ctx, seen, key)))


@component("link.close", args=(int,), who=Who.MEMBER, function=FUNCTION)
def close(ctx: Context, bet_id: int) -> Result:
    """What is taken back stays so: a picture made public again has another address."""
    seen = _own(ctx, bet_id)
    seen.bets.lock(bet_id)
    links = LinkRepository(ctx.session, seen.guild.guild_id)
    if links.key(bet_id) is not None:
        links.set_key(bet_id, seen.bet.capper_id, None)
    return Result(answers.redrawn(components.text(seen.words("link.closed"))))


def _own(ctx: Context, bet_id: int) -> Tracked:
    seen = tracked(ctx, bet_id)
    if seen.bet.capper_id != ctx.person.user_id:
        raise NotAllowedError(seen.words("link.not_own"))
    if not _is_possible(ctx, seen):
        raise ConflictError(seen.words("link.off"))
    return seen


def _is_possible(ctx: Context, seen: Tracked) -> bool:
    return seen.guild.public_slips and seen.bet.import_id is None and bool(ctx.settings.public_url)


def _there(ctx: Context, seen: Tracked, key: str) -> list[Json]:
    bet = seen.bet
    address = public_slips.url(ctx.settings.public_url, PublicId(bet.guild_id, bet.bet_id, key))
    back = components.button(seen.words.plain("link.close"), custom_id.build("link.close", bet.bet_id), Style.DANGER)
    return [components.text(seen.words("link.there", url=Markdown(address))), components.row(back)]
