"""Direct messages to members with the results of their own tails and fades."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from dbsbm.bets.model import Bet, TicketKind
from dbsbm.bets.news.repository import DueNews, Follower, NewsRepository
from dbsbm.bets.repository import BetRepository
from dbsbm.bets.tails.model import Direction, Tail, profit_of
from dbsbm.bets.tails.repository import TailRepository
from dbsbm.betting.odds import OddsFormat
from dbsbm.betting.settlement import Grade
from dbsbm.commands import wording
from dbsbm.commands.slip import grade_name
from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.core import metrics
from dbsbm.core.errors import DbsbmError
from dbsbm.database.exchange import Outbox
from dbsbm.database.session import Session
from dbsbm.discord import components, custom_id
from dbsbm.discord.definitions import Json, Post
from dbsbm.environment import Environment
from dbsbm.guilds.model import Guild
from dbsbm.guilds.notices.model import DirectMember, DirectState, quiet_until
from dbsbm.guilds.notices.repository import DirectRepository
from dbsbm.guilds.repository import GuildRepository

FOLLOWERS_PER_RUN = 500
_AT_ONCE = 100
_BETS = 12
"""As many bets as one message has room for, whatever is escaped in them; what is left comes with the next run."""
_PICK = 100
_UNREACHABLE = timedelta(hours=1)
"""How long news of a guild wait that removed the bot: it may come back."""
_NUDGE_TIMEOUT_S = 0.5


@dataclass(frozen=True, slots=True)
class _Reader:
    """Whom a message is for, and how they read prices."""

    member: DirectMember
    guild: Guild
    words: Words

    @property
    def shown_as(self) -> OddsFormat:
        return self.member.odds_format or self.guild.odds_format


@dataclass(frozen=True, slots=True)
class _News:
    """One line, and what it adds to the sum."""

    line: str
    profit_micro: int = 0


def tell_followers(environment: Environment, has_time: Callable[[], bool]) -> int:
    """Queue a message for everybody to whom news are due, at most 500; returns how many messages that were.

    What is queued is noted in the same transaction, so a run that is repeated or cut short tells nothing twice.
    """
    database, outbox = environment.database, environment.database.outbox
    if outbox is None:
        raise RuntimeError("this database was built without an outbox")
    keys: list[str] = []
    seen = 0
    while seen < FOLLOWERS_PER_RUN and has_time():
        with database.read() as session:
            due = DueNews(session).followers(environment.clock.now(), _AT_ONCE)
        for follower in due:
            if not has_time():
                break
            keys.extend(database.run(partial(_told, follower=follower, outbox=outbox, environment=environment)))
        seen += len(due)
        if len(due) < _AT_ONCE:
            break
    metrics.record(metrics.DIRECT_MESSAGES, len(keys))
    _nudge(environment, keys)
    return len(keys)


def _told(session: Session, follower: Follower, outbox: Outbox, environment: Environment) -> list[str]:
    """The message of one member, if there is one to send now."""
    now = environment.clock.now()
    news = NewsRepository(session, follower.guild_id)
    member = DirectRepository(session, follower.guild_id).lock(follower.user_id)
    guild = GuildRepository(session, follower.guild_id).guild()
    if guild is None or member.state is not DirectState.ON:
        news.put_off(follower.user_id, None)
        return []
    later = quiet_until(member, guild.timezone, now) if guild.state == "active" else now + _UNREACHABLE
    if later is not None:
        news.put_off(follower.user_id, later)
        return []
    told = news.waiting(follower.user_id, _BETS)
    bets = BetRepository(session, guild.guild_id).several(list(told))
    reader = _Reader(member, guild, Words(member.locale))
    lines = [line for bet in bets if (line := _of(session, bet, told[bet.bet_id], reader)) is not None]
    for bet in bets:
        news.told(follower.user_id, bet.bet_id, bet.grade_seq)
    if not lines:
        return []
    batch = environment.ids.new()
    target = {"user_id": str(follower.user_id)}
    post = Post("direct.post", f"direct:{batch}", target, _message(lines, batch, reader))
    return list(outbox.enqueue(session, f"direct:{batch}", guild.guild_id, [post], now))


def _of(session: Session, bet: Bet, told_seq: int, reader: _Reader) -> _News | None:
    """What is new about a bet for its follower; None when they know it already, or left the bet."""
    tail = TailRepository(session, bet.guild_id).find(bet.bet_id, reader.member.user_id)
    if tail is None or not tail.standing or bet.grade_seq == told_seq:
        return None
    words = reader.words
    pick = components.cut(_pick(tail, bet, words), _PICK)
    if bet.grade is None:
        return _News(words("news.open_again", pick=pick)) if told_seq else None
    decided = profit_of(tail, bet)
    if decided is None:
        return _News(words("news.changed", pick=pick))
    return _decided(tail, decided, pick, told_seq, reader)


def _decided(tail: Tail, decided: tuple[Grade, int], pick: str, told_seq: int, reader: _Reader) -> _News:
    grade, profit = decided
    line = reader.words(
        "news.corrected" if told_seq else "news.line",
        result=grade_name(grade, reader.words),
        profit=wording.profit(profit),
        pick=pick,
        units=wording.units(tail.risk_micro),
        odds=wording.price(tail.offer.odds, reader.shown_as),
    )
    return _News(line, profit)


def _pick(tail: Tail, bet: Bet, words: Words) -> str:
    """The pick without the slip's price: the follower has one of their own."""
    ticket = bet.terms.ticket
    straight = ticket.kind is TicketKind.STRAIGHT
    pick = wording.pick_name(ticket.legs[0], words) if straight else wording.kind_name(ticket, words)
    return words.plain("news.against", pick=pick) if tail.direction is Direction.FADE else pick


def _message(news: list[_News], batch: int, reader: _Reader) -> Json:
    words, guild = reader.words, reader.guild
    slips = guild.slip_channel_id
    title = words("news.title", channel=Markdown(f"<#{slips}>")) if slips else words("news.title_plain")
    total = words("news.total", profit=wording.profit(sum(each.profit_micro for each in news)))
    stop = components.button(words.plain("news.stop"), custom_id.build("notify.stop", guild.guild_id, batch))
    lines = [title, *(each.line for each in news), f"-# {total}"]
    return components.message(components.text("\n".join(lines)), components.row(stop))


def _nudge(environment: Environment, keys: list[str]) -> None:
    """Wake delivery; what is lost here is found by its sweep."""
    if not keys:
        return
    nudge: Mapping[str, object] = {"v": 1, "target_keys": keys[:50]}
    try:
        environment.invoke("delivery", dict(nudge), asynchronous=True, timeout_s=_NUDGE_TIMEOUT_S)
    except DbsbmError:
        return
