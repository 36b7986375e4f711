"""The role of the month's best cappers: given and taken once a day, and what Discord says to that."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from dbsbm.bets.days import sports_day
from dbsbm.bets.standings.board import Board, board
from dbsbm.bets.standings.model import Category, Period, stretch
from dbsbm.bets.standings.repository import StandingsRepository
from dbsbm.community.model import Holder, Routine
from dbsbm.community.repository import NOTICE, CommunityRepository
from dbsbm.community.turn import Turn
from dbsbm.database.session import Session
from dbsbm.discord.definitions import Post
from dbsbm.guilds.repository import GuildRepository
from dbsbm.outbox.model import OPEN, RowState
from dbsbm.outbox.operations import in_words
from dbsbm.outbox.repository import OutboxQueue

CHECK_AFTER = timedelta(minutes=10)
_MEMBER_GONE, _ROLE_GONE = "10007", "10011"


def month_board(session: Session, guild_id: int, today: date) -> Board:
    """The main board of the month; while nobody is ranked in it, the month before's."""
    standings = StandingsRepository(session, guild_id)
    now = board(standings.board(Category.PRICED, stretch(Period.MONTH, today)))
    if now.ranked:
        return now
    before = today.replace(day=1) - timedelta(days=1)
    return board(standings.board(Category.PRICED, stretch(Period.MONTH, before)))


def given(turn: Turn) -> list[Post]:
    """The changes that bring the role to the month's best, and away from who held it."""
    role_id = turn.plan.top_role_id
    best = _best(turn) if role_id is not None else []
    known = list(turn.repository.holders())
    wanted = [Holder(role_id, user_id, leaving=False) for user_id in best if role_id is not None]
    kept = {(each.role_id, each.user_id) for each in wanted}
    held = {(each.role_id, each.user_id) for each in known if not each.leaving}
    new = [each for each in wanted if (each.role_id, each.user_id) not in held]
    gone = [
        Holder(each.role_id, each.user_id, leaving=True) for each in known if (each.role_id, each.user_id) not in kept
    ]
    turn.repository.put_holders([*new, *gone])
    return _posts(turn.repository, turn.guild.guild_id, [*new, *gone], turn)


def taken_back(session: Session, guild_id: int) -> list[Post]:
    """Take the role from everybody: it was switched off, or is another one now."""
    repository = CommunityRepository(session, guild_id)
    leaving = [Holder(each.role_id, each.user_id, leaving=True) for each in repository.holders()]
    repository.put_holders(leaving)
    return [_set(each, guild_id) for each in leaving]


def checked(turn: Turn) -> str:
    """Look what became of the changes; returns what Discord, or delivery, refused, empty if nothing.

    Who was refused is tried again with the next day's turn.
    """
    queue, refused, waiting = OutboxQueue(turn.session), "", False
    for holder in turn.repository.holders():
        state, error = queue.outcome(holder.target_key(turn.guild.guild_id)) or (RowState.SENT, "")
        if state in OPEN:
            waiting = True
        elif state is RowState.DEAD:
            refused = refused or _reason(error)[:NOTICE]
            if not holder.leaving or not _reason(error):
                turn.repository.drop_holder(holder)
        elif holder.leaving:
            turn.repository.drop_holder(holder)
    if waiting:
        turn.repository.due_at(Routine.ROLE_CHECK, turn.at + CHECK_AFTER)
    else:
        turn.repository.off(Routine.ROLE_CHECK)
    return refused


def _reason(error: str) -> str:
    """In words; nothing when there is nobody or nothing left to take a role from."""
    return "" if _MEMBER_GONE in error or _ROLE_GONE in error else in_words(error)


def _best(turn: Turn) -> Sequence[int]:
    guilds = GuildRepository(turn.session, turn.guild.guild_id)
    found = month_board(turn.session, turn.guild.guild_id, sports_day(turn.at, turn.guild.zone))
    candidates = [each.total.capper_id for each in found.ranked if each.place <= turn.plan.top_count]
    cappers = [guilds.capper(capper_id) for capper_id in candidates]
    return [capper.user_id for capper in cappers if capper is not None and capper.active]


def _posts(repository: CommunityRepository, guild_id: int, holders: Sequence[Holder], turn: Turn) -> list[Post]:
    if holders:
        repository.due_at(Routine.ROLE_CHECK, turn.at + CHECK_AFTER)
    return [_set(each, guild_id) for each in holders]


def _set(holder: Holder, guild_id: int) -> Post:
    target = {"user_id": str(holder.user_id), "role_id": str(holder.role_id), "held": not holder.leaving}
    return Post("role.set", holder.target_key(guild_id), target, {})
