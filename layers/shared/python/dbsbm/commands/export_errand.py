"""What delivery does for a long ``/export``: makes the file, puts it where only a link reads it, and tells the link."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from dbsbm.bets.listing.repository import EVER
from dbsbm.commands import answers, export_file
from dbsbm.commands.export_file import BEHIND_A_LINK
from dbsbm.commands.words.catalogue import Markdown, Words
from dbsbm.core.bucket import Aws, Bucket, BucketError
from dbsbm.core.errors import DiscordUnavailableError
from dbsbm.core.ids import encode
from dbsbm.database.session import Session
from dbsbm.discord import components
from dbsbm.discord.definitions import Post
from dbsbm.environment import Environment
from dbsbm.outbox.model import OutboxRow
from dbsbm.outbox.repository import SEALED_TOKEN, OutboxRepository, token_context
from dbsbm.security import sealed_text

LINK_FOR = timedelta(minutes=15)
_ATTEMPTS = 4
_AGAIN_S = 30.0
_STATEMENT_S = 20.0


def errands(environment: Environment) -> Mapping[str, Callable[[OutboxRow], Sequence[str]]]:
    """By kind of outbox row."""
    return {"export.make": lambda row: _made(environment, row)}


def _made(environment: Environment, row: OutboxRow) -> Sequence[str]:
    """The same file under the same name, however often. Raises DiscordUnavailableError while it may still come."""
    words = Words(row.target["locale"])
    try:
        rows = _rows(environment, row, words)
        told = _told(environment, row, rows, words)
    except BucketError as error:
        if row.attempts < _ATTEMPTS:
            raise DiscordUnavailableError(error.detail, status=error.status, retry_after_s=_AGAIN_S) from error
        told = words("export.failed")
    return environment.database.run(lambda session: _answered(environment, session, row, told))


def _rows(environment: Environment, row: OutboxRow, words: Words) -> export_file.Rows:
    target, guild_id = row.target, row.guild_id
    since = datetime.fromisoformat(target["since"])
    rows: list[dict[str, Any]] = []
    with environment.database.read(statement_s=_STATEMENT_S) as session:
        ids = export_file.bets_of(session, guild_id, int(target["capper_id"]), int(target["most"]), since)
        for first in range(0, len(ids), export_file.AT_ONCE):
            rows.extend(export_file.rows_of(session, guild_id, ids[first : first + export_file.AT_ONCE], words))
    return rows


def _told(environment: Environment, row: OutboxRow, rows: export_file.Rows, words: Words) -> str:
    """Stores the file; the sentence with its link, which is sealed until it goes to the person."""
    kind, most = str(row.target["format"]), int(row.target["most"])
    name, key = f"bets.{kind}", f"{encode(int(row.target['reply_to']))}.{kind}"
    bucket = Bucket(Aws(environment.transport, environment.account()), environment.settings.export_bucket)
    bucket.put(key, export_file.written(kind, rows).encode())
    link = bucket.link(key, name, int(LINK_FOR.total_seconds()))
    minutes = int(LINK_FOR.total_seconds()) // 60
    sealed = Markdown(sealed_text.seal(environment.tokens, link))
    told = words("export.link", count=len(rows), name=name, link=sealed, minutes=minutes)
    if row.target["since"] == EVER.isoformat() and (len(rows) < most or most == BEHIND_A_LINK):
        return told
    return words("export.shortened", told=told, why=words("tier.shortened"))


def _answered(environment: Environment, session: Session, row: OutboxRow, told: str) -> Sequence[str]:
    """The newer state of the interaction's own message."""
    target = {
        "application_id": row.target["application_id"],
        "interaction_id": int(row.target["reply_to"]),
        "token": environment.tokens.open_text(row.target[SEALED_TOKEN], token_context(row.id)),
        "how": "edit_original",
    }
    data = answers.redrawn(components.text(told)).data
    post = Post("reply.edit", f"reply:{row.target['reply_to']}", target, data, expires_at=row.expires_at)
    cause, now = f"answer-{row.id.replace(':', '-')}", environment.clock.now()
    return OutboxRepository(environment.tokens).enqueue(session, cause, row.guild_id, [post], now)
