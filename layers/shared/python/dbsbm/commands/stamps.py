"""Slips of bets that were graded without a person: drawn again, and a notice where a grade was taken back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from dbsbm.bets.model import Bet, Decision
from dbsbm.bets.proposals.repository import STAMP_AND_NOTICE, ProposalRepository
from dbsbm.bets.repository import BetRepository
from dbsbm.commands import wording
from dbsbm.commands.results import cards
from dbsbm.commands.slip import grade_name, slip_edit, ticket_text
from dbsbm.commands.words.catalogue import Words
from dbsbm.core.errors import DbsbmError
from dbsbm.database.exchange import Outbox
from dbsbm.database.session import Row, Session
from dbsbm.discord import components
from dbsbm.discord.definitions import Post
from dbsbm.environment import Environment
from dbsbm.guilds.model import Guild
from dbsbm.guilds.repository import GuildRepository

STAMPS_PER_RUN = 200
_PER_TRANSACTION = 20
_NUDGE_TIMEOUT_S = 0.5


def stamp(environment: Environment, has_time: Callable[[], bool]) -> int:
    """Queue the slips that wait for a stamp, newest first, at most 200; returns how many. Each is queued once."""
    database, outbox = environment.database, environment.database.outbox
    if outbox is None:
        raise RuntimeError("this database was built without an outbox")
    keys: list[str] = []
    with database.read() as session:
        waiting = list(ProposalRepository(session).unstamped(STAMPS_PER_RUN))
    for first in range(0, len(waiting), _PER_TRANSACTION):
        if not has_time():
            break
        part = waiting[first : first + _PER_TRANSACTION]
        keys.extend(database.run(partial(_queued, rows=part, outbox=outbox, environment=environment)))
    _nudge(environment, keys)
    return len(keys)


def _queued(session: Session, rows: list[Row], outbox: Outbox, environment: Environment) -> list[str]:
    keys: list[str] = []
    now = environment.clock.now()
    stamped: dict[int, list[int]] = {}
    for row in rows:
        guild_id, bet_id, sequence = row["guild_id"], row["bet_id"], row["grade_seq"]
        posts = _posts(session, row)
        keys.extend(outbox.enqueue(session, f"auto:{bet_id}:{sequence}", guild_id, posts, now))
        ProposalRepository(session).stamped(guild_id, bet_id, sequence)
        if posts:
            stamped.setdefault(guild_id, []).append(bet_id)
    for guild_id, bet_ids in stamped.items():
        cause = environment.ids.new()
        posts = _cards(session, environment, guild_id, bet_ids)
        keys.extend(outbox.enqueue(session, f"cards:{cause}", guild_id, posts, now))
    return keys


def _cards(session: Session, environment: Environment, guild_id: int, bet_ids: list[int]) -> list[Post]:
    """The result cards of channels in which many bets were graded: the same that people's grades come to."""
    guild = GuildRepository(session, guild_id).guild()
    if guild is None:
        return []
    bets = BetRepository(session, guild_id).several(bet_ids)
    return cards(session, environment.ids, environment.clock.now(), guild, bets)


def _posts(session: Session, row: Row) -> list[Post]:
    guilds, bets = GuildRepository(session, row["guild_id"]), BetRepository(session, row["guild_id"])
    bet = bets.noted(bets.lock(row["bet_id"]))
    guild, capper, decision = guilds.guild(), guilds.capper(bet.capper_id), bets.last_decision(bet.bet_id)
    if guild is None or capper is None or guild.state != "active":
        return []
    posts = [slip_edit(bet, guild, capper, decision)]
    if row["stamp_due"] == STAMP_AND_NOTICE and decision is not None and bet.grade is not None:
        posts.append(notice(bet, guild, decision, capper.display_name))
    return posts


def notice(bet: Bet, guild: Guild, decision: Decision, capper: str) -> Post:
    """Says in the channel that a result was corrected after the bet was graded."""
    words = Words(guild.locale)
    lines = [
        words("auto.corrected", capper=capper, reason=decision.reason),
        ticket_text(bet.terms.ticket, guild, words),
        words("auto.now", grade=grade_name(bet.grade, words), profit=wording.profit(bet.profit_micro)),
    ]
    data = components.message(components.text("\n".join(lines)))
    target = {"channel_id": str(bet.channel_id)}
    return Post("message.post", f"notice:{bet.bet_id}:{decision.grade_seq}", target, data)


def _nudge(environment: Environment, keys: list[str]) -> None:
    """Wake delivery; what is lost here is found by its sweep."""
    if not keys:
        return
    try:
        nudge = {"v": 1, "target_keys": keys[:50]}
        environment.invoke("delivery", nudge, asynchronous=True, timeout_s=_NUDGE_TIMEOUT_S)
    except DbsbmError:
        return
