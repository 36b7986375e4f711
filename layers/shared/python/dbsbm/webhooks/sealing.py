"""Where an endpoint is, sealed as its secret is: the path and the query of an address are often a secret themselves."""

from __future__ import annotations

from dataclasses import replace

from dbsbm.database.session import Session
from dbsbm.security.tokens import TokenBox
from dbsbm.webhooks.model import Endpoint
from dbsbm.webhooks.repository import WebhookQueue

_AT_ONCE = 50


def sealed_address(tokens: TokenBox, endpoint_id: int, url: str) -> bytes:
    return tokens.seal(url, address_context(endpoint_id))


def addressed(tokens: TokenBox, endpoint: Endpoint) -> Endpoint:
    """An endpoint with its address. Raises TokenTamperedError when that does not open."""
    if not endpoint.url_cipher:
        return endpoint  # removed, or from before addresses were sealed
    return replace(endpoint, url=tokens.open(endpoint.url_cipher, address_context(endpoint.endpoint_id)))


def take_in(session: Session, tokens: TokenBox) -> int:
    """Seal addresses that stand in the clear, some at a time; returns how many there were."""
    queue = WebhookQueue(session)
    rows = queue.in_the_clear(_AT_ONCE)
    for row in rows:
        cipher = sealed_address(tokens, row["endpoint_id"], row["url"])
        queue.seal_address(row["guild_id"], row["endpoint_id"], cipher, plain=is_plain(row["url"]))
    return len(rows)


def is_plain(url: str) -> bool:
    """Whether it is reached without TLS."""
    return not url.startswith("https://")


def address_context(endpoint_id: int) -> str:
    """What a sealed address belongs to."""
    return f"webhook_endpoints|url|{endpoint_id}"
