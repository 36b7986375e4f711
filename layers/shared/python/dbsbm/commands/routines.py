"""What is due in communities: recaps, standings, reminders, roles, counters, corrections. Each takes effect once.

A routine is done in one transaction that also sets when it is due next, so a run that is killed goes on where it
stopped and two runs at once do not meet.
"""

from __future__ import annotations

import logging
from collections import Counter as Counts
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from dbsbm.bets.evening.repository import EveningRepository
from dbsbm.bets.standings.board import board
from dbsbm.bets.standings.model import Category, Period, stretch
from dbsbm.bets.standings.repository import StandingsRepository
from dbsbm.commands import corrections, counters, recaps, top_role, wording
from dbsbm.commands.leaderboard import standings_card
from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.community.figures import figures
from dbsbm.community.model import POSTS, Posted, Routine
from dbsbm.community.moments import Occurrence, following, latest
from dbsbm.community.repository import NOTICE, CommunityRepository, DueRepository
from dbsbm.community.service import CORRECTIONS_EVERY
from dbsbm.community.turn import Turn
from dbsbm.core import metrics
from dbsbm.core.errors import DatabaseUnavailableError, DbsbmError
from dbsbm.database.session import Session
from dbsbm.discord import components, custom_id
from dbsbm.discord.components import Style
from dbsbm.discord.definitions import Post
from dbsbm.environment import Environment
from dbsbm.guilds.repository import GuildRepository

logger = logging.getLogger(__name__)

AFTER_FAULT = timedelta(minutes=15)
NOT_ACTIVE = timedelta(days=1)
SETTLED = timedelta(hours=3)
"""A bet waits for a grade when its first leg started so long ago: most games are over then."""
_BATCH = 100
_NUDGE_TIMEOUT_S = 0.5
_ROLLING = {
    Routine.CORRECTIONS: CORRECTIONS_EVERY,
    Routine.COUNTERS: counters.EVERY,
    Routine.ROLE_CHECK: top_role.CHECK_AFTER,
}


def run(environment: Environment, at: datetime, has_time: Callable[[], bool]) -> dict[str, int]:
    """Do what is due by ``at``, longest due first, while there is time; returns how often each was done.

    Raises
    ------
    DatabaseUnavailableError
        What was committed stays, the rest is for the next run.
    """
    done: Counts[str] = Counts()
    seen: set[tuple[int, Routine]] = set()
    keys: list[str] = []
    while has_time():
        with environment.database.read() as session:
            due = [each for each in DueRepository(session).due(at, _BATCH) if each not in seen]
        if not due:
            break
        for guild_id, routine in due:
            if not has_time():
                break
            seen.add((guild_id, routine))
            keys.extend(_visit(environment, guild_id, routine, at))
            done[routine.value] += 1
    for name, count in done.items():
        metrics.record(metrics.ROUTINES, count, routine=name)
    _nudge(environment, keys)
    return dict(done)


def _visit(environment: Environment, guild_id: int, routine: Routine, at: datetime) -> Sequence[str]:
    try:
        return environment.database.run(
            partial(_done, environment=environment, guild_id=guild_id, routine=routine, at=at)
        )
    except DatabaseUnavailableError:
        raise
    except Exception:  # the edge of one community: a fault in its rows must not keep the others waiting
        logger.exception("%s failed", routine.value)
        environment.database.run(
            lambda session: CommunityRepository(session, guild_id).due_at(routine, at + AFTER_FAULT)
        )
        return ()


def _done(session: Session, environment: Environment, guild_id: int, routine: Routine, at: datetime) -> Sequence[str]:
    outbox = environment.database.outbox
    if outbox is None:
        raise RuntimeError("this database was built without an outbox")
    repository = CommunityRepository(session, guild_id)
    if not repository.take(routine, at):
        return ()
    guild = GuildRepository(session, guild_id).guild()
    if guild is None or guild.state != "active" or guild.slip_channel_id is None:
        repository.due_at(routine, at + NOT_ACTIVE)
        return ()
    turn = Turn(session, guild, repository.plan(), routine, at, environment.ids)
    posts = _posts(turn, int(environment.settings.discord_application_id or 0))
    cause = f"{routine.value}-{guild_id}-{int(at.timestamp())}"
    return outbox.enqueue(session, cause, guild_id, posts, at)


def _posts(turn: Turn, application_id: int) -> list[Post]:
    """What the routine comes to. When it is due next is set first, so that it can say otherwise."""
    if turn.routine in _ROLLING:
        turn.repository.due_at(turn.routine, turn.at + _ROLLING[turn.routine])
        return _rolling(turn, application_id)
    hour, zone = turn.plan.hour(turn.routine), turn.guild.zone
    turn.repository.due_at(turn.routine, following(turn.routine, hour, zone, turn.at).at)
    occurrence = latest(turn.routine, hour, zone, turn.at)
    if occurrence.too_old(turn.at):
        return []
    if turn.routine is Routine.TOP_ROLE:
        return top_role.given(turn)
    if turn.repository.is_posted(turn.routine, occurrence.first):
        return []
    return _SCHEDULED[turn.routine](turn, occurrence)


def _rolling(turn: Turn, application_id: int) -> list[Post]:
    if turn.routine is Routine.CORRECTIONS:
        told = _noticed(turn, "posts", corrections.refused(turn)[:NOTICE])
        return [*corrections.corrections(turn), *told]
    if turn.routine is Routine.ROLE_CHECK:
        return _noticed(turn, "role", top_role.checked(turn))
    posts, refused = counters.renamed(turn, application_id)
    return [*posts, *_noticed(turn, "counters", refused)]


def _noticed(turn: Turn, about: str, refused: str) -> list[Post]:
    """Tell the admins what was refused, once as long as it stays the same; forget it when it is over."""
    if refused == turn.plan.notices.get(about, ""):
        return []
    turn.repository.notice(turn.plan, about, refused)
    if not refused:
        return []
    said = components.message(components.text(Words(turn.guild.locale)(f"notice.{about}", reason=refused)))
    where = turn.guild.slip_channel_id if about == "posts" else turn.channel_id
    target = {"channel_id": str(turn.guild.admin_channel_id or where)}
    return [Post("message.post", f"notice:{turn.ids.new()}", target, said)]


def _monthly(turn: Turn, occurrence: Occurrence) -> list[Post]:
    """The standings of the month that is over: the leaderboard's own figures and picture."""
    standings = StandingsRepository(turn.session, turn.guild.guild_id)
    totals = standings.board(Category.PRICED, stretch(Period.MONTH, occurrence.last))
    found = board(totals)
    if not found.ranked and not found.waiting:
        return []
    words = Words(turn.guild.locale)
    content, image = standings_card(found, wording.month_year(occurrence.first, words), words)
    data = components.message(*content)
    shown = {"data": data, "images": [image.to_json()]}
    turn.repository.add_post(Posted(turn.routine, occurrence.first, turn.at, figures(totals).to_json(), shown))
    turn.repository.forget_posts(turn.routine, occurrence.first - recaps.KEPT)
    key = corrections.target_key(turn, turn.routine, occurrence.first)
    return [Post("message.post", key, {"channel_id": str(turn.channel_id)}, data, (image,))]


def _reminder(turn: Turn, occurrence: Occurrence) -> list[Post]:
    """How many bets wait, for those who grade; the button opens their private page."""
    waiting = EveningRepository(turn.session, turn.guild.guild_id).count(turn.at - SETTLED)
    if not waiting:
        return []
    words, role_id = Words(turn.guild.locale), turn.guild.admin_role_id
    lines = [words("reminder.text", count=waiting)]
    if role_id is not None:
        lines.insert(0, Markdown(f"<@&{role_id}>"))
    open_list = components.button(words.plain("reminder.open"), custom_id.build("ungraded.open"), Style.PRIMARY)
    data = components.message(components.text("\n".join(lines)), components.row(open_list))
    if role_id is not None:
        data["pings"] = {"roles": [str(role_id)], "users": []}
    turn.repository.add_post(Posted(turn.routine, occurrence.first, turn.at, {}, {}))
    turn.repository.forget_posts(turn.routine, occurrence.first - recaps.KEPT)
    key = f"reminder:{turn.guild.guild_id}:{occurrence.first}"
    return [Post("message.post", key, {"channel_id": str(turn.admins_channel_id)}, data)]


_SCHEDULED: dict[Routine, Callable[[Turn, Occurrence], list[Post]]] = {
    Routine.DAILY: recaps.recap,
    Routine.WEEKLY: recaps.recap,
    Routine.MONTHLY: _monthly,
    Routine.REMINDER: _reminder,
}
if set(_SCHEDULED) != set(POSTS):
    raise TypeError("every post has its maker")


def _nudge(environment: Environment, keys: list[str]) -> None:
    """Wake delivery; what is lost here is found by its sweep."""
    if not keys:
        return
    try:
        nudge = {"v": 1, "target_keys": keys[:50]}
        environment.invoke("delivery", nudge, asynchronous=True, timeout_s=_NUDGE_TIMEOUT_S)
    except DbsbmError as error:
        logger.warning("delivery was not nudged: %s", error.code)
