"""Drafts: what a capper is about to post, in the database so that any environment can redraw one."""

from __future__ import annotations

import json
from datetime import datetime

from dbsbm.bets.model import Draft, Pick, Ticket
from dbsbm.core.errors import NotFoundError
from dbsbm.database.session import Row, Session


class DraftRepository:
    """Drafts of one guild (table ``drafts``)."""

    def __init__(self, session: Session, guild_id: int) -> None:
        self._session = session
        self._guild_id = guild_id

    def add(self, draft: Draft, now: datetime) -> None:
        self._session.execute(
            """INSERT INTO drafts (guild_id, draft_id, capper_id, version, state, content, created_at, updated_at)
               VALUES (%s, %s, %s, %s, %s, %s, %s, %s)""",
            (self._guild_id, draft.draft_id, draft.capper_id, draft.version, draft.state, _content(draft), now, now),
        )

    def lock(self, draft_id: int, capper_id: int) -> Draft:
        """A capper's own draft, held until the transaction ends.

        Raises
        ------
        NotFoundError
            When there is none of this id, or it is another person's.
        """
        # By PRIMARY.
        row = self._session.one(
            """SELECT draft_id, capper_id, version, state, content, bet_id FROM drafts
               WHERE guild_id = %s AND draft_id = %s FOR UPDATE""",
            (self._guild_id, draft_id),
        )
        if row is None or row["capper_id"] != capper_id:
            raise NotFoundError(f"no draft {draft_id}")
        return _draft(row)

    def newest_open(self, capper_id: int) -> Draft | None:
        """The draft that a capper opened last and neither posted nor cancelled, held until the transaction ends."""
        # By drafts_by_capper; ids grow with time.
        row = self._session.one(
            """SELECT draft_id, capper_id, version, state, content, bet_id FROM drafts
               WHERE guild_id = %s AND capper_id = %s AND state = 'open' ORDER BY draft_id DESC LIMIT 1 FOR UPDATE""",
            (self._guild_id, capper_id),
        )
        return None if row is None else _draft(row)

    def save(self, draft: Draft, now: datetime) -> None:
        # By PRIMARY.
        self._session.execute(
            """UPDATE drafts SET version = %s, state = %s, content = %s, bet_id = %s, updated_at = %s
               WHERE guild_id = %s AND draft_id = %s""",
            (draft.version, draft.state, _content(draft), draft.bet_id, now, self._guild_id, draft.draft_id),
        )


def _draft(row: Row) -> Draft:
    content = json.loads(row["content"])
    return Draft(
        row["draft_id"],
        row["capper_id"],
        row["version"],
        row["state"],
        content["typed"],
        Ticket.from_json(content["ticket"]),
        tuple(tuple(Pick.from_json(pick) for pick in picks) for picks in content["choices"]),
        row["bet_id"],
        int(content.get("channel_id", 0)),
    )


def _content(draft: Draft) -> str:
    choices = [[pick.to_json() for pick in picks] for picks in draft.choices]
    content = {"typed": draft.typed, "ticket": draft.ticket.to_json(), "choices": choices}
    return json.dumps({**content, "channel_id": str(draft.channel_id)}, ensure_ascii=False)
