"""What follows for people from what became of a row, in the transaction that notes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dbsbm.bets.news.repository import NewsRepository
from dbsbm.database.exchange import Outbox
from dbsbm.database.session import Session
from dbsbm.delivery.roles import refusal_of
from dbsbm.delivery.verdict import Verdict
from dbsbm.discord.definitions import Post
from dbsbm.guilds.notices.model import DirectState, RoleRefusal
from dbsbm.guilds.notices.repository import DirectRepository, RoleRefusalRepository
from dbsbm.outbox.model import OutboxRow, RowState


def of_success(session: Session, row: OutboxRow) -> None:
    """A role that was refused before is as it was asked for."""
    if row.kind == "role.set":
        refusals = RoleRefusalRepository(session, row.guild_id)
        refusals.clear(int(row.target["user_id"]), int(row.target["role_id"]))


def of_refusal(
    session: Session, row: OutboxRow, judged: Verdict, outbox: Outbox | None, now: datetime
) -> Sequence[str]:
    """Note for the people concerned what will not be; the targets that came about by it."""
    if row.kind == "role.set" and judged.state is RowState.DEAD:
        refusal = RoleRefusal(int(row.target["role_id"]), refusal_of(judged.reason))
        RoleRefusalRepository(session, row.guild_id).mark(int(row.target["user_id"]), refusal, now)
    if row.kind == "direct.post" and judged.state is RowState.DROPPED:
        user_id = int(row.target["user_id"])
        DirectRepository(session, row.guild_id).end(user_id, DirectState.CLOSED, now)
        NewsRepository(session, row.guild_id).put_off(user_id, None)
    otherwise = row.target.get("otherwise")
    if judged.unreachable_code is None or otherwise is None or outbox is None:
        return ()
    post = Post("message.post", f"otherwise:{row.id}", {"channel_id": otherwise["channel_id"]}, otherwise["data"])
    return outbox.enqueue(session, f"otherwise:{row.id}", row.guild_id, [post], now)
