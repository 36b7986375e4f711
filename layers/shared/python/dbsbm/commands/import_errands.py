"""What delivery does for an import: fetch the file and show what is in it; take it in, or back, batch by batch."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from dbsbm.bets.imports.model import MAX_BYTES, Import, ImportState
from dbsbm.bets.imports.reading import FileError
from dbsbm.bets.imports.repository import ImportRepository
from dbsbm.bets.imports.service import apply_batch, reading_of, undo_batch
from dbsbm.commands import answers, import_preview
from dbsbm.commands.payload import TOKEN_LIFE
from dbsbm.commands.words.catalogue import Words
from dbsbm.core.errors import DiscordUnavailableError
from dbsbm.core.ids import encode, snowflake_ms
from dbsbm.database.session import Session
from dbsbm.discord import components
from dbsbm.discord.attachments import AttachmentError, download
from dbsbm.discord.definitions import Json, Post
from dbsbm.environment import Environment
from dbsbm.guilds.repository import GuildRepository
from dbsbm.outbox.model import OutboxRow
from dbsbm.outbox.repository import SEALED_TOKEN, OutboxRepository, token_context

_ATTEMPTS = 5
_STATEMENT_S = 20.0
_WORKING = (ImportState.CONFIRMED, ImportState.UNDOING)


def errands(environment: Environment) -> Mapping[str, Callable[[OutboxRow], Sequence[str]]]:
    """By kind of outbox row."""
    worker = _Worker(environment)
    return {"attachment.fetch": worker.fetch, "import.work": worker.work}


class _Worker:
    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._outbox = OutboxRepository(environment.tokens)

    def fetch(self, row: OutboxRow) -> Sequence[str]:
        """Get the file and show its preview. Raises DiscordUnavailableError while it may still come."""
        settings = self._environment.settings
        content, refused = b"", ""
        try:
            content = download(self._environment.transport, settings.discord_cdn_base_url, row.target["url"], MAX_BYTES)
        except AttachmentError as error:
            refused = error.code
        except DiscordUnavailableError:
            if row.attempts < _ATTEMPTS:
                raise
            refused = "busy"
        return self._environment.database.run(
            lambda session: self._taken(session, row, content, refused), statement_s=_STATEMENT_S
        )

    def work(self, row: OutboxRow) -> Sequence[str]:
        """One batch; the next one is a row of its own, written with it."""
        return self._environment.database.run(lambda session: self._batch(session, row), statement_s=_STATEMENT_S)

    def _taken(self, session: Session, row: OutboxRow, content: bytes, refused: str) -> Sequence[str]:
        words = Words(row.target["locale"])
        repository = ImportRepository(session, row.guild_id)
        file = repository.lock(int(row.target["import_id"]))
        if file is None or file.state is not ImportState.FETCHING:
            return (_reply_key(row),)
        shown: list[Json] | None = None
        if not refused:
            repository.keep(file, content, hashlib.sha256(content).hexdigest())
            file = repository.lock(file.import_id) or file
            try:
                shown = self._preview(repository, file, words)
            except FileError as error:
                shown = [components.text(import_preview.refused(error, words))]
        if shown is None:
            shown = [components.text(words(f"import.fetch.{refused}"))]
        if len(shown) == 1:  # nothing to confirm
            repository.move(file.import_id, ImportState.FAILED)
        return self._answer(session, row, shown)

    def _preview(self, repository: ImportRepository, file: Import, words: Words) -> list[Json]:
        reading = reading_of(file)
        known = repository.known(file.capper_id, [bet.key for bet in reading.bets])
        return import_preview.preview(file, reading, len(known), words)

    def _batch(self, session: Session, row: OutboxRow) -> Sequence[str]:
        repository = ImportRepository(session, row.guild_id)
        file = repository.lock(int(row.target["import_id"]))
        guild = GuildRepository(session, row.guild_id).guild()
        if file is None or guild is None or file.state not in _WORKING:
            return (_reply_key(row),)
        now, words = self._environment.clock.now(), Words(row.target["locale"])
        if file.state is ImportState.CONFIRMED:
            more = apply_batch(session, guild, file, self._environment.ids, now)
        else:
            more = undo_batch(session, guild, file, now)
        if more:
            return self._next(session, row, file)
        file = repository.lock(file.import_id) or file
        if file.state is ImportState.UNDONE:
            return self._answer(session, row, [components.text(words("import.state.undone"))])
        return self._answer(session, row, import_preview.done(file, words))

    def _next(self, session: Session, row: OutboxRow, file: Import) -> Sequence[str]:
        target = {**_without_token(row), "token": self._token(row), "step": int(row.target.get("step", 0)) + 1}
        cause = f"{file.state.value}-{encode(file.import_id)}-{target['step']}"
        post = Post("import.work", row.target_key, target, {})
        return self._outbox.enqueue(session, cause, row.guild_id, [post], self._environment.clock.now())

    def _answer(self, session: Session, row: OutboxRow, shown: list[Json]) -> Sequence[str]:
        """The newer state of the interaction's own message; nobody can be told any more once its token is over."""
        now = self._environment.clock.now()
        expires_at = datetime.fromtimestamp(snowflake_ms(int(row.target["reply_to"])) / 1000, UTC) + TOKEN_LIFE
        if now >= expires_at:
            return ()
        target = {
            "application_id": row.target["application_id"],
            "interaction_id": int(row.target["reply_to"]),
            "token": self._token(row),
            "how": "edit_original",
        }
        data = answers.redrawn(*shown).data
        post = Post("reply.edit", _reply_key(row), target, data, expires_at=expires_at)
        return self._outbox.enqueue(session, f"answer-{row.id.replace(':', '-')}", row.guild_id, [post], now)

    def _token(self, row: OutboxRow) -> str:
        return self._environment.tokens.open_text(row.target[SEALED_TOKEN], token_context(row.id))


def _reply_key(row: OutboxRow) -> str:
    return f"reply:{row.target['reply_to']}"


def _without_token(row: OutboxRow) -> dict[str, Any]:
    return {name: value for name, value in row.target.items() if name != SEALED_TOKEN}
