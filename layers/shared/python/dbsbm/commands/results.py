"""The result card: one message for a channel in which many bets are graded at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from dbsbm.bets.evening.repository import EveningRepository, Graded
from dbsbm.bets.model import Bet
from dbsbm.bets.repository import BetRepository
from dbsbm.commands import wording
from dbsbm.commands.slip import grade_name
from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.core.ids import Ids
from dbsbm.database.session import Session
from dbsbm.discord import components
from dbsbm.discord.definitions import Context, Post
from dbsbm.guilds.model import Guild
from dbsbm.guilds.repository import GuildRepository

WINDOW = timedelta(minutes=10)
FEW = 3
"""So many grades in a channel need no card: their slips are stamped."""
_SHOWN = 25


def result_cards(ctx: Context, guild: Guild, graded: Sequence[Bet]) -> list[Post]:
    """As ``cards``, for what a person decided."""
    return cards(ctx.session, ctx.ids, ctx.clock.now(), guild, graded)


def cards(session: Session, ids: Ids, now: datetime, guild: Guild, graded: Sequence[Bet]) -> list[Post]:
    """The cards that bets just graded, or taken back, belong on: a new message or the old one drawn anew."""
    if not guild.result_cards:
        return []
    posts: list[Post] = []
    for channel_id in sorted({bet.channel_id for bet in graded}):
        own = [bet.bet_id for bet in graded if bet.channel_id == channel_id]
        posts.extend(_card(session, ids, now, guild, channel_id, own))
    return posts


def _card(  # noqa: PLR0917 - what a card is made of
    session: Session, ids: Ids, now: datetime, guild: Guild, channel_id: int, bet_ids: Sequence[int]
) -> Iterable[Post]:
    evening = EveningRepository(session, guild.guild_id)
    card = evening.card(channel_id, now - WINDOW) or evening.open_card(channel_id, ids.new(), now)
    on_card = evening.put_on_card(card.card_id, bet_ids)
    if len(on_card) <= FEW:
        return
    shown = BetRepository(session, guild.guild_id).several(on_card[:_SHOWN])
    text = _text(session, guild, shown, evening.graded(card.card_id), more=len(on_card) - len(shown))
    data = components.message(components.text(text))
    target_key = f"results:{card.card_id}"
    if card.posted:
        yield Post("message.edit", target_key, {}, data)
        return
    evening.mark_posted(channel_id, card.card_id, now - WINDOW)
    yield Post("message.post", target_key, {"channel_id": str(guild.results_channel_id or channel_id)}, data)


def _text(session: Session, guild: Guild, bets: Sequence[Bet], graded: Graded, *, more: int) -> str:
    words = Words(guild.locale)
    names = {
        capper_id: capper.display_name
        for capper_id in {bet.capper_id for bet in bets}
        for capper in [GuildRepository(session, guild.guild_id).capper(capper_id)]
        if capper is not None
    }
    lines: list[str] = [words("results.title", count=graded.bets, profit=wording.profit(graded.profit_micro))]
    lines.extend(_line(bet, names.get(bet.capper_id, ""), guild, words) for bet in bets)
    if more:
        lines.append(words("results.more", count=more))
    return "\n".join(lines)


def _line(bet: Bet, name: str, guild: Guild, words: Words) -> Markdown:
    return words(
        "results.line",
        result=grade_name(bet.grade, words),
        pick=components.cut(wording.summary(bet.terms.ticket, guild.odds_format, words), 80),
        capper=components.cut(name, 30),
        profit=wording.profit(bet.profit_micro),
    )
