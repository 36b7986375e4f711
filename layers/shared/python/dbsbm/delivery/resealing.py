"""What is sealed under an older token key is sealed anew, so that the ring may let that key go."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from dbsbm.database.database import Database
from dbsbm.database.session import Session
from dbsbm.delivery.repository import WebhookRepository
from dbsbm.delivery.webhooks import token_place
from dbsbm.security.tokens import TokenBox, TokenTamperedError
from dbsbm.webhooks.model import secret_context
from dbsbm.webhooks.repository import WebhookQueue

logger = logging.getLogger(__name__)

BATCH = 500
"""Rows looked at in one transaction."""


@dataclass(frozen=True, slots=True)
class Resealing:
    """Bounded, may be cut off anywhere and done again; whoever reads meanwhile opens the one or the other."""

    database: Database
    tokens: TokenBox
    has_time: Callable[[], bool]

    def run(self) -> int:
        """Tokens of our webhooks and secrets of endpoints, all of them; how many were sealed anew.

        Raises
        ------
        DatabaseUnavailableError
            What was done stays done.
        """
        return self._webhooks() + self._endpoints()

    def _webhooks(self) -> int:
        after, done = 0, 0
        while self.has_time():
            with self.database.read() as session:
                rows = WebhookRepository(session).after(after, BATCH)
            for webhook_id, sealed in rows:
                anew = self._anew(sealed, token_place(webhook_id))
                if anew is not None:
                    self.database.run(_replacing(webhook_id, sealed, anew))
                    done += 1
            if len(rows) < BATCH:
                break
            after = rows[-1][0]
        return done

    def _endpoints(self) -> int:
        after, done = (0, 0), 0
        while self.has_time():
            with self.database.read() as session:
                rows = WebhookQueue(session).sealed_after(*after, BATCH)
            for guild_id, endpoint_id, sealed in rows:
                anew = self._anew(sealed, secret_context(endpoint_id))
                if anew is not None:
                    self.database.run(_changing(guild_id, endpoint_id, sealed, anew))
                    done += 1
            if len(rows) < BATCH:
                break
            after = rows[-1][:2]
        return done

    def _anew(self, sealed: bytes, place: str) -> bytes | None:
        try:
            return self.tokens.renewed(sealed, place)
        except TokenTamperedError:
            logger.warning("does not open, and stays as it is", extra={"place": place})
            return None


def _replacing(webhook_id: int, before: bytes, anew: bytes) -> Callable[[Session], None]:
    return lambda session: WebhookRepository(session).reseal(webhook_id, before, anew)


def _changing(guild_id: int, endpoint_id: int, before: bytes, anew: bytes) -> Callable[[Session], None]:
    return lambda session: WebhookQueue(session).reseal(guild_id, endpoint_id, before, anew)
