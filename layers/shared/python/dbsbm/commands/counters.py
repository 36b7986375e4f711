"""Channels whose name is a figure of the community: made, renamed when it changed, removed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from dbsbm.bets.evening.repository import EveningRepository
from dbsbm.bets.standings.model import FIRST, Span, Stretch, Total
from dbsbm.bets.standings.repository import StandingsRepository
from dbsbm.commands.leaderboard import record_of, signed
from dbsbm.commands.words.catalogue import Words
from dbsbm.community.figures import added
from dbsbm.community.model import Counter, CounterChannel, Routine
from dbsbm.community.repository import NOTICE, CommunityRepository
from dbsbm.community.turn import Turn
from dbsbm.core.ids import Ids
from dbsbm.database.session import Session
from dbsbm.discord.definitions import Json, Post
from dbsbm.outbox.model import RowState
from dbsbm.outbox.operations import in_words
from dbsbm.outbox.repository import OutboxQueue

EVERY = timedelta(minutes=10)
"""Discord takes two renames in ten minutes: one leaves room for an attempt that has to be repeated."""
AFTER_REFUSAL = timedelta(hours=6)
VIEW, CONNECT, MANAGE_CHANNELS = 1 << 10, 1 << 20, 1 << 4
NEEDED = {"view": VIEW, "connect": CONNECT, "manage_channels": MANAGE_CHANNELS}
"""What making, locking and renaming voice channels takes."""
_VOICE = 2
_ROLE, _MEMBER = 0, 1
_CHANNEL_DELETED = "10003"


def switched(
    session: Session,
    guild_id: int,
    wanted: Collection[Counter],
    *,
    words: Words,
    ids: Ids,
    application_id: int,
    now: datetime,
) -> list[Post]:
    """Make the channels that are wanted and not there, remove those that are there and not wanted."""
    repository = CommunityRepository(session, guild_id)
    repository.chosen("counters", ",".join(sorted(wanted)))
    there = {each.counter: each for each in repository.counters()}
    posts = []
    for counter, channel in there.items():
        if counter not in wanted:
            repository.drop_counter(counter)
            posts.append(Post("channel.delete", channel.target_key, {}, {}))
    new = [counter for counter in Counter if counter in wanted and counter not in there]
    names = _names(session, guild_id, words) if new else {}
    for counter in new:
        channel = CounterChannel(counter, ids.new(), names[counter])
        repository.put_counter(channel)
        posts.append(_made(channel, guild_id, application_id))
    if not wanted:
        repository.off(Routine.COUNTERS)
    elif new:
        repository.due_at(Routine.COUNTERS, now + EVERY)
    return posts


def renamed(turn: Turn, application_id: int) -> tuple[list[Post], str]:
    """The channels whose figure changed, and what Discord refused of the last changes, empty if nothing.

    A channel that somebody deleted is switched off. After another refusal the next try is hours later.
    """
    posts: list[Post] = []
    refusals: list[str] = []
    names = _names(turn.session, turn.guild.guild_id, Words(turn.guild.locale))
    queue = OutboxQueue(turn.session)
    for channel in turn.repository.counters():
        state, error = queue.outcome(channel.target_key) or (RowState.SENT, "")
        if state in (RowState.DEAD, RowState.UNKNOWN):
            if _CHANNEL_DELETED in error:
                turn.repository.drop_counter(channel.counter)
                continue
            refusals.append(in_words(error))
        elif channel.shown == names[channel.counter]:
            continue
        posts.append(_shown(turn, channel, names[channel.counter], application_id))
    if not turn.repository.counters():
        turn.repository.off(Routine.COUNTERS)
    elif refusals:
        turn.repository.due_at(Routine.COUNTERS, turn.at + AFTER_REFUSAL)
    return posts, refusals[0][:NOTICE] if refusals else ""


def _shown(turn: Turn, channel: CounterChannel, name: str, application_id: int) -> Post:
    """The channel with another name; made anew where its making was refused."""
    changed = replace(channel, shown=name)
    turn.repository.put_counter(changed)
    if OutboxQueue(turn.session).place(channel.target_key) is None and _never_made(turn, channel):
        return _made(changed, turn.guild.guild_id, application_id)
    return Post("channel.rename", channel.target_key, {}, {"name": name})


def _never_made(turn: Turn, channel: CounterChannel) -> bool:
    outcome = OutboxQueue(turn.session).outcome(channel.target_key)
    return outcome is None or outcome[0] in (RowState.DEAD, RowState.UNKNOWN)


def _made(channel: CounterChannel, guild_id: int, application_id: int) -> Post:
    """A voice channel that everybody sees and nobody but the bot may enter, which it must to rename it."""
    overwrites: Sequence[Json] = (
        {"id": str(guild_id), "type": _ROLE, "allow": str(VIEW), "deny": str(CONNECT)},
        {"id": str(application_id), "type": _MEMBER, "allow": str(VIEW | CONNECT | MANAGE_CHANNELS), "deny": "0"},
    )
    data = {"name": channel.shown, "type": _VOICE, "permission_overwrites": list(overwrites)}
    return Post("channel.create", channel.target_key, {}, data)


def _names(session: Session, guild_id: int, words: Words) -> dict[Counter, str]:
    whole = _whole(session, guild_id)
    opened = EveningRepository(session, guild_id).open()
    return {
        Counter.RECORD: words.plain("counter.record", record=record_of(whole)),
        Counter.UNITS: words.plain("counter.units", units=signed(whole.profit_micro)),
        Counter.OPEN: words.plain("counter.open", count=opened),
    }


def _whole(session: Session, guild_id: int) -> Total:
    """All that was ever graded here, of all cappers."""
    found = StandingsRepository(session, guild_id).together(Stretch(Span.ALL, FIRST, FIRST))
    return added("", 0, [total for _, total in found])
