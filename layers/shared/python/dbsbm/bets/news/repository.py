"""The table ``tail_news``: decisions about bets whose followers want to hear of them.

Written in the transaction of each decision; the job that tells of them serves every guild, so that part is of none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dbsbm.database.session import Session

WINDOW = timedelta(minutes=5)
"""How long the first news waits for more, so that an evening's grades are one message."""

_INTO = "INSERT INTO tail_news (guild_id, user_id, bet_id, due_at) SELECT t.guild_id, t.user_id, t.bet_id, %s "
_WANTED = (
    "STRAIGHT_JOIN direct_members d FORCE INDEX (PRIMARY) "
    "ON d.guild_id = t.guild_id AND d.user_id = t.user_id AND d.state = 'on' "
)
_AGAIN = " ON DUPLICATE KEY UPDATE due_at = COALESCE(tail_news.due_at, VALUES(due_at))"
# By PRIMARY of tails: the rows of one bet.
_OF_BET = _INTO + "FROM tails t " + _WANTED + "WHERE t.guild_id = %s AND t.bet_id = %s AND t.state = 'on'" + _AGAIN
# By bet_proposals_by_batch, then PRIMARY of tails.
_OF_BATCH = (
    _INTO
    + "FROM bet_proposals p FORCE INDEX (bet_proposals_by_batch) "
    + "STRAIGHT_JOIN tails t ON t.guild_id = p.guild_id AND t.bet_id = p.bet_id AND t.state = 'on' "
    + _WANTED
    + "WHERE p.batch = %s AND p.status = 'applied'"
    + _AGAIN
)


@dataclass(frozen=True, slots=True)
class Follower:
    """A member to whom something is due."""

    guild_id: int
    user_id: int


class NewsRepository:
    """What the followers of one guild's bets have to hear."""

    def __init__(self, session: Session, guild_id: int) -> None:
        self._session = session
        self._guild_id = guild_id

    def note(self, bet_id: int, at: datetime) -> None:
        """A decision about a bet, in the transaction that wrote it."""
        self._session.execute(_OF_BET, (at + WINDOW, self._guild_id, bet_id))

    def waiting(self, user_id: int, limit: int) -> Mapping[int, int]:
        """By bet what was told last of it, for all news of a member; held until the transaction ends."""
        # By PRIMARY, the member's rows.
        rows = self._session.all(
            "SELECT bet_id, told_seq FROM tail_news WHERE guild_id = %s AND user_id = %s AND due_at IS NOT NULL "
            "ORDER BY bet_id LIMIT %s FOR UPDATE",
            (self._guild_id, user_id, limit),
        )
        return {row["bet_id"]: row["told_seq"] for row in rows}

    def told(self, user_id: int, bet_id: int, grade_seq: int) -> None:
        # By PRIMARY.
        self._session.execute(
            "UPDATE tail_news SET told_seq = %s, due_at = NULL WHERE guild_id = %s AND user_id = %s AND bet_id = %s",
            (grade_seq, self._guild_id, user_id, bet_id),
        )

    def put_off(self, user_id: int, until: datetime | None) -> None:
        """Nothing is told before ``until``; None: what waits is not told at all."""
        # By PRIMARY, the member's rows.
        self._session.execute(
            "UPDATE tail_news SET due_at = %s WHERE guild_id = %s AND user_id = %s AND due_at IS NOT NULL",
            (until, self._guild_id, user_id),
        )


class DueNews:
    """Not guild-scoped: the job serves every guild, and the settlement grades for all of them at once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def note_batch(self, batch: int, at: datetime) -> None:
        """The bets of a batch of proposals that were just graded, in the transaction that did it."""
        self._session.execute(_OF_BATCH, (at + WINDOW, batch))

    def followers(self, now: datetime, limit: int) -> Sequence[Follower]:
        """Members to whom something is due, longest waiting first."""
        # By tail_news_due.
        rows = self._session.all(
            "SELECT guild_id, user_id FROM tail_news WHERE due_at <= %s "
            "GROUP BY guild_id, user_id ORDER BY MIN(due_at), guild_id, user_id LIMIT %s",
            (now, limit),
        )
        return [Follower(row["guild_id"], row["user_id"]) for row in rows]
