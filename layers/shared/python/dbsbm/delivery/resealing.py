"""What is sealed under an older token key is sealed anew, so that the ring may let that key go."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from dbsbm.database.database import Database
from dbsbm.database.session import Row, Session
from dbsbm.delivery.repository import WebhookRepository
from dbsbm.delivery.webhooks import token_place
from dbsbm.security.tokens import TokenBox, TokenTamperedError
from dbsbm.webhooks.model import secret_context
from dbsbm.webhooks.repository import WebhookQueue
from dbsbm.webhooks.sealing import address_context

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
        """Tokens of our webhooks, secrets and addresses of endpoints, all of them; how many were sealed anew.

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
                    self.database.run(partial(_replace, webhook_id, sealed, anew))
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
            for row in rows:
                done += self._endpoint(row)
            if len(rows) < BATCH:
                break
            after = rows[-1]["guild_id"], rows[-1]["endpoint_id"]
        return done

    def _endpoint(self, row: Row) -> int:
        """Its secret, and its address; one from before addresses were sealed has none here."""
        where, done = (int(row["guild_id"]), int(row["endpoint_id"])), 0
        secret = self._anew(row["secret_cipher"], secret_context(where[1]))
        if secret is not None:
            self.database.run(partial(_change_secret, where, row["secret_cipher"], secret))
            done += 1
        address = self._anew(row["url_cipher"], address_context(where[1])) if row["url_cipher"] else None
        if address is not None:
            self.database.run(partial(_change_address, where, row["url_cipher"], address))
            done += 1
        return done

    def _anew(self, sealed: bytes, place: str) -> bytes | None:
        try:
            return self.tokens.renewed(sealed, place)
        except TokenTamperedError:
            logger.warning("does not open, and stays as it is", extra={"place": place})
            return None


def _replace(webhook_id: int, before: bytes, anew: bytes, session: Session) -> None:
    WebhookRepository(session).reseal(webhook_id, before, anew)


def _change_secret(where: tuple[int, int], before: bytes, anew: bytes, session: Session) -> None:
    WebhookQueue(session).reseal_secret(*where, before, anew)


def _change_address(where: tuple[int, int], before: bytes, anew: bytes, session: Session) -> None:
    WebhookQueue(session).reseal_address(*where, before, anew)
