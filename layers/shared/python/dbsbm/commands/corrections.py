"""What was posted of a day, week or month, compared with the ledger: a line below says what it is now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from dbsbm.bets.standings.model import Category, Span, Stretch, Total
from dbsbm.bets.standings.repository import StandingsRepository
from dbsbm.commands import wording
from dbsbm.commands.leaderboard import record_of
from dbsbm.commands.words.catalogue import Words
from dbsbm.community.figures import Figures, changed, figures, only_graded_since
from dbsbm.community.model import CORRECTED, Posted, Routine
from dbsbm.community.moments import last_day
from dbsbm.community.turn import Turn
from dbsbm.discord import components
from dbsbm.discord.components import cut
from dbsbm.discord.definitions import Image, Post
from dbsbm.outbox.model import RowState
from dbsbm.outbox.operations import in_words
from dbsbm.outbox.repository import OutboxQueue

WATCHED = {Routine.DAILY: timedelta(days=14), Routine.WEEKLY: timedelta(days=28), Routine.MONTHLY: timedelta(days=62)}
"""How long after its first day a post is still compared with the ledger."""
_CHANGES = 10


def target_key(turn: Turn, routine: Routine, period: date) -> str:
    """Where a post stands in the outbox."""
    if routine is Routine.MONTHLY:
        return f"standings:{turn.guild.guild_id}:{period}"
    return f"recap:{turn.guild.guild_id}:{routine.value}:{period}"


def days(turn: Turn, first: date, last: date) -> Sequence[tuple[date, Total]]:
    """What each capper's bets came to on each day, all kinds of bets together."""
    return StandingsRepository(turn.session, turn.guild.guild_id).together(Stretch(Span.DAY, first, last))


def refused(turn: Turn) -> str:
    """Why the last post of these never arrived, empty if it did."""
    queue = OutboxQueue(turn.session)
    last = [turn.repository.posts_since(routine, turn.at.date() - WATCHED[routine])[-1:] for routine in CORRECTED]
    newest = max((post for posts in last for post in posts), key=lambda post: post.posted_at, default=None)
    if newest is None:
        return ""
    key = target_key(turn, newest.routine, newest.period)
    state, error = queue.outcome(key) or (RowState.SENT, "")
    return in_words(error) if state is RowState.DEAD and queue.place(key) is None else ""


def corrections(turn: Turn) -> list[Post]:
    """The posts whose days the ledger changed since: their message with a line that says what it is now."""
    today = turn.at.date()
    posts: list[Post] = []
    for routine in CORRECTED:
        told = [each for each in turn.repository.posts_since(routine, today - WATCHED[routine]) if each.figures]
        if told:
            now = _standing(turn, told) if routine is Routine.MONTHLY else _recapped(turn, told)
            posts.extend(post for each, found in zip(told, now, strict=True) for post in _corrected(turn, each, found))
    return posts


def _recapped(turn: Turn, told: Sequence[Posted]) -> list[Figures]:
    found = days(turn, told[0].period, last_day(told[-1].routine, told[-1].period))
    return [
        figures(total for day, total in found if each.period <= day <= last_day(each.routine, each.period))
        for each in told
    ]


def _standing(turn: Turn, told: Sequence[Posted]) -> list[Figures]:
    """What the main board of each month says now."""
    standings = StandingsRepository(turn.session, turn.guild.guild_id)
    return [figures(standings.board(Category.PRICED, Stretch(Span.MONTH, each.period, each.period))) for each in told]


def _corrected(turn: Turn, post: Posted, now: Figures) -> list[Post]:
    """The message again, when its figures differ from what it says by now."""
    if not changed(Figures.from_json(post.told or post.figures), now):
        return []
    turn.repository.tell(post, now.to_json())
    said = sum(len(each.get("content", "")) for each in post.shown["data"]["components"])
    line = _line(post, now, turn, components.TEXT_MAX - said)
    data = components.message(*post.shown["data"]["components"], components.text(line))
    images = tuple(Image(**image) for image in post.shown["images"])
    return [Post("message.edit", target_key(turn, post.routine, post.period), {}, data, images)]


def _line(post: Posted, now: Figures, turn: Turn, room: int) -> str:
    """What it is now, beside what was posted; shown as long as they differ."""
    words, posted = Words(turn.guild.locale), Figures.from_json(post.figures)
    differing = changed(posted, now)
    when = wording.moment(turn.at)
    if not differing:
        return words("recap.as_posted", when=when)
    lines = [words("recap.added" if only_graded_since(posted, now) else "recap.changed", when=when)]
    if post.routine is not Routine.MONTHLY:  # standings have no line for all together
        lines.append(words("recap.now", now=_short(now.whole, words), was=_short(posted.whole, words)))
    rest = words("recap.more", count=len(differing))
    shown = 0
    for was, line in differing[:_CHANGES]:
        named = line or was
        name = named.name if named is not None else ""
        told = words("recap.capper_now", name=cut(name, 40), now=_short(line, words), was=_short(was, words))
        if len("\n".join([*lines, told, rest])) >= room:
            break
        lines.append(told)
        shown += 1
    if len(differing) > shown:
        lines.append(words("recap.more", count=len(differing) - shown))
    return "\n".join(lines)


def _short(total: Total | None, words: Words) -> str:
    if total is None:
        return "0–0–0"
    return words.number(f"{record_of(total)} · {wording.profit(total.profit_micro)}")
